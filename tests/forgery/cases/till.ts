import { beginCell, toNano } from '@ton/core';
import { payeesCell } from '../../helpers/cells';
import { body } from '../../helpers/network';
import { Scene } from '../scene';
import { bare, Case, owner, stake, toTillOf } from './case';

/** The till holds its fee of 500 TON, and 10 TON of its provider's. */
const earn = async ({ market, till }: Scene) => {
    const { address } = market.stranger;
    const settle = body('Settle').storeUint(toNano(500), 64).storeAddress(address).endCell();
    await market.send(address, { to: till, value: toNano(501), body: settle });
    await market.send(address, { to: till, value: toNano(10), body: beginCell().endCell() });
};

export const tillCases: Case[] = [
    toTillOf('Settle', 'registered', 'anyone', ({ market }) =>
        body('Settle').storeUint(toNano(4), 64).storeAddress(market.stranger.address).endCell(),
    ),
    toTillOf('TillParams', 'registered', stake, ({ market }) =>
        body('TillParams')
            .storeUint(9, 32)
            .storeUint(500, 16)
            .storeAddress(market.owner.address)
            .storeRef(
                beginCell()
                    .storeAddress(market.network.treasury.address)
                    .storeAddress(market.stranger.address)
                    .endCell(),
            )
            .endCell(),
    ),
    toTillOf('Withdraw', 'registered', owner, bare('Withdraw'), { prepare: earn }),
    ...[true, false].map((split) =>
        toTillOf(
            'SetPayees',
            'registered',
            owner,
            ({ market }) => {
                const { owner: first, client: second } = market;
                const payees = [
                    { address: first.address, bps: 6000 },
                    { address: second.address, bps: 4000 },
                ];
                return body('SetPayees')
                    .storeUint(toNano(1), 64)
                    .storeMaybeRef(split ? payeesCell(payees) : null)
                    .endCell();
            },
            { prepare: earn, variant: split ? 'that splits' : undefined },
        ),
    ),
    toTillOf('FlushFees', 'registered', 'anyone', bare('FlushFees'), { prepare: earn }),
];
