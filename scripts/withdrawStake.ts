import { fromNano } from '@ton/core';
import { StakeState, StateError } from '../wrappers';
import { asDate } from './lib/output';
import { script } from './lib/script';
import { withdrawableOf } from './lib/stakes';

/** Withdraws what has unbonded, or closes a stake that was never registered. */
export const run = script('withdrawStake', {
    about: 'Pays out what has unbonded, as far as no open job needs it; a stake that is not registered is paid out and closed.',
    example: '',
    flags: {},
    async reached(context) {
        const { stake } = await context.provider();
        if (!stake) {
            return 'There is no stake, so nothing to withdraw.';
        }
        if (stake.state !== StakeState.Registered) {
            return null;
        }
        if (stake.unbonding === 0n) {
            return 'Nothing unbonds: it was withdrawn, or never requested (requestUnbond).';
        }
        return withdrawableOf(stake) > 0n ? null : `Open jobs need the ${fromNano(stake.unbonding)} TON that unbond.`;
    },
    async act(context) {
        const { market, via, sending, now } = context;
        const { stake } = await context.openedProvider();
        if (stake.state !== StakeState.Registered) {
            return market.withdrawUnregistered(via, sending);
        }
        if (now < stake.unlockAt) {
            throw new StateError('too-early', `The unbonding period ends at ${asDate(stake.unlockAt).words}; wait`);
        }
        return market.withdrawStake(via, sending);
    },
});
