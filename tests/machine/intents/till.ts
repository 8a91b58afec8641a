import { toNano } from '@ton/core';
import { idOf } from '../actors';
import { Id, TillAccount } from '../model/types';
import { anybody, bare, Makers, queryId, Scene } from './scene';

const tillOwner = ({ account, chance }: Scene<TillAccount>): Id => account.owner ?? anybody(chance);

export const TILL: Makers<TillAccount> = {
    TillParams: ({ chance, account }) => ({
        message: {
            ...{ op: 'TillParams', queryId, version: account.version + 1, feeBps: 500, owner: anybody(chance) },
            ...{ treasury: anybody(chance), excessesTo: anybody(chance) },
        },
        from: anybody(chance),
    }),
    Settle: ({ chance }) => ({
        message: {
            ...{ op: 'Settle', queryId, source: anybody(chance) },
            amount: chance.of([0n, 1n, toNano('0.5'), toNano(100), 2n ** 64n - 1n]),
        },
        from: anybody(chance),
    }),
    Withdraw: bare('Withdraw', tillOwner),
    SetPayees: (scene) => {
        const { chance, wild } = scene;
        const lists = wild
            ? [[9999], [5000, 5001], [2500, 2500, 2500, 2000, 500], [10000, 0]]
            : [[], [10000], [3333, 6667], [1, 2, 3, 9994]];
        const payees = chance.of(lists).map((bps, at) => ({ address: idOf(at === 0 ? 'payee' : 'p.owner'), bps }));
        return {
            message: { op: 'SetPayees', queryId, threshold: chance.of([0n, toNano(1), toNano(50)]), payees },
            from: tillOwner(scene),
        };
    },
    FlushFees: bare('FlushFees', ({ chance }: Scene<TillAccount>) => anybody(chance)),
};
