import { beginCell, toNano } from '@ton/core';
import { tillStepValue } from '../../wrappers/fees';
import { internalFrom, Market } from '../fixtures/jobs';
import { payeesCell } from '../helpers/cells';
import { strayAddress } from '../helpers/chain';
import { parseTillData } from '../helpers/layout';
import { body } from '../helpers/network';
import { expectTrace, received } from '../helpers/traces';

let market: Market;

beforeAll(async () => {
    market = await Market.open();
});

beforeEach(() => market.enter('uninit'));

const till = () => market.provider.till;
const data = async () => parseTillData((await market.chain.data(till()))!);

describe('What the till sends does not come back', () => {
    it('Payees and a treasury without an account keep what they are sent', async () => {
        const payees = [1, 2, 3, 4].map((seed) => ({ address: strayAddress(30 + seed), bps: 2500 }));
        await market.tell(
            'owner',
            body('SetPayees')
                .storeUint((1n << 64n) - 1n, 64)
                .storeMaybeRef(payeesCell(payees))
                .endCell(),
            {
                to: till(),
            },
        );
        await market.tell('stranger', beginCell().endCell(), { to: till(), value: toNano(4) });
        const result = await market.tell('owner', body('Withdraw').endCell(), { to: till() });
        expectTrace(result, [
            { to: till(), op: 'Withdraw', messagesOut: 5 },
            ...[1, 2, 3, 0].map((index) => ({
                to: payees[index]!.address,
                op: 'Payout',
                exitCode: 'skipped' as const,
                messagesOut: 0,
            })),
            { to: market.provider.owner, op: 'Excesses' },
        ]);
        for (const { address } of payees) {
            expect(await market.chain.balance(address)).toBe(received(result, address));
        }
    });
});

describe('A bounced message at the till', () => {
    it.each([0x50530006, 0xd53276db, 0x50530001, 0])(
        'of opcode %i changes nothing, and its value stays the provider’s',
        async (opcode) => {
            const before = (await market.chain.data(till()))!;
            const balance = await market.chain.balance(till());
            const cell = beginCell().storeUint(0xffffffff, 32).storeUint(opcode, 32).storeUint(0, 64).endCell();
            for (const from of [market.provider.stake, market.stranger.address]) {
                const result = await market.chain.blockchain.sendMessage(
                    internalFrom(from, till(), toNano(1), cell, false, null, true),
                );
                expect(result.transactions).toHaveLength(1);
                expect(result.transactions).toHaveTransaction({ to: till(), success: true });
            }
            expect(await market.chain.data(till())).toEqualCell(before);
            expect(await market.chain.balance(till())).toBeGreaterThan(balance + toNano('1.9'));
        },
    );
});

describe('A refused message to the till', () => {
    it('Withdraw with nothing to pay brings the value back and leaves the till as it was', async () => {
        await market.payRent(till());
        await market.expectRefused('owner', body('Withdraw').endCell(), 'NOTHING_TO_PAY', { to: till() });
        await market.expectRefused('stranger', body('FlushFees').endCell(), 'NOTHING_TO_PAY', {
            to: till(),
            value: tillStepValue(market.prices),
        });
    });

    it('A settlement that cannot run at all still leaves its value to the provider', async () => {
        await market.payRent(till());
        const balance = await market.chain.balance(till());
        const settle = body('Settle').storeUint(1, 63).endCell(); // a bit too short: cell underflow
        const result = await market.tell(market.escrow, settle, { to: till(), value: toNano(1), bounce: false });
        expectTrace(result, [{ to: till(), op: 'Settle', exitCode: 9, messagesOut: 0 }]);
        expect(await market.chain.balance(till())).toBeGreaterThan(balance + toNano('0.99'));
        expect((await data()).feesDue).toBe(0n);
    });
});
