import { fromNano } from '@ton/core';
import { flag, ownerFlag, script } from './lib/script';

/** Adds to a stake until it holds as much as is said. */
export const run = script('topUpStake', {
    about: 'Adds to a stake what it lacks of the given sum (what unbonds does not count); anybody may.',
    example: '--to 500',
    flags: { to: flag.ton('What the stake shall hold'), owner: ownerFlag },
    async reached(context) {
        const { stake } = await context.openedProvider(context.flags.owner);
        return stake.stake >= context.flags.to ? `The stake holds ${fromNano(stake.stake)} TON.` : null;
    },
    async act(context) {
        const { market, via, flags, sending } = context;
        const { owner, stake } = await context.openedProvider(flags.owner);
        return market.topUpStake(via, { ...sending, owner, amount: flags.to - stake.stake });
    },
});
