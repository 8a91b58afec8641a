import { ProviderStake, StateError } from '../wrappers';
import { asDate } from './lib/output';
import { Context, flag, ownerFlag, script } from './lib/script';

/** Frees collateral whose job never came back. */
export const run = script('releaseStaleLock', {
    about: 'Frees the collateral of a job whose escrow never came back, once its lock has ended; anybody may.',
    example: '--slot 3',
    flags: { slot: flag.count('Slot of the lock, as inspectProvider lists it'), owner: ownerFlag },
    async reached(context) {
        return (await lockOf(context)) ? null : `No lock is in slot ${context.flags.slot}.`;
    },
    async act(context) {
        const { market, via, flags, sending, now } = context;
        const { lockUntil } = (await lockOf(context))!;
        if (now < lockUntil) {
            throw new StateError('too-early', `The lock ends at ${asDate(lockUntil).words}; wait`);
        }
        return market.releaseStaleLock(via, { ...sending, owner: flags.owner ?? context.me, slot: flags.slot });
    },
});

async function lockOf(context: Context<{ slot: number; owner?: Context['me'] }>) {
    const { stakeAddress } = await context.openedProvider(context.flags.owner);
    return context.connection.open(ProviderStake.createFromAddress(stakeAddress)).getLockAt(context.flags.slot);
}
