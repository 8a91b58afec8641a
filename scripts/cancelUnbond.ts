import { fromNano } from '@ton/core';
import { script } from './lib/script';

/** Takes what unbonds back into the stake. */
export const run = script('cancelUnbond', {
    about: 'Takes everything that unbonds back into your stake.',
    example: '',
    flags: {},
    async reached(context) {
        const { stake } = await context.openedProvider();
        return stake.unbonding === 0n ? `Nothing unbonds, the stake holds ${fromNano(stake.stake)} TON.` : null;
    },
    act: ({ market, via, sending }) => market.cancelUnbond(via, sending),
});
