import { fromNano } from '@ton/core';
import { script } from './lib/script';
import { isWorthPaying } from './lib/stakes';

/** Pays the wallet's earnings to its payees. */
export const run = script('withdrawEarnings', {
    about: 'Pays what your till has earned to your payees.',
    example: '',
    flags: {},
    async reached(context) {
        const { till } = await context.tillOf();
        return isWorthPaying(till, context.chain.prices)
            ? null
            : `The till holds ${fromNano(till.withdrawable)} TON to pay, which is not worth sending.`;
    },
    act: ({ market, via, sending }) => market.withdrawEarnings(via, sending),
});
