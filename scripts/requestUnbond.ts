import { fromNano } from '@ton/core';
import { StateError } from '../wrappers';
import { asDate } from './lib/output';
import { flag, script } from './lib/script';

/** Starts to unbond. */
export const run = script('requestUnbond', {
    about: 'Takes a sum out of your stake into unbonding; withdrawStake pays it once the unbonding period is over.',
    example: '--amount 100',
    flags: { amount: flag.ton('What to unbond') },
    async reached(context) {
        const { stake } = await context.openedProvider();
        if (stake.unbonding === 0n) {
            return null;
        }
        const state = `${fromNano(stake.unbonding)} TON unbond until ${asDate(stake.unlockAt).words}`;
        if (stake.unbonding !== context.flags.amount) {
            throw new StateError('wrong-state', `${state}; withdraw them, or cancelUnbond and request the new sum`);
        }
        return `${state}.`;
    },
    act: ({ market, via, flags, sending }) => market.unbond(via, { ...sending, amount: flags.amount }),
});
