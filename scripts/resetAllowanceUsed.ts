import { fromNano } from '@ton/core';
import { script } from './lib/script';

/** Forgives the allowance what slashes took of it. */
export const run = script('resetAllowanceUsed', {
    about: "Gives your worker's keys back what slashes took of their allowance; what open jobs use of it stays used.",
    example: '',
    flags: {},
    async reached(context) {
        const { stake } = await context.openedProvider();
        return stake.allowanceUsed === stake.hotLocked
            ? `Open jobs alone use the allowance: ${fromNano(stake.hotLocked)} TON.`
            : null;
    },
    act: ({ market, via, sending }) => market.resetAllowanceUsed(via, sending),
});
