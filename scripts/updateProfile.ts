import { createProfileCell, StakeState, StateError } from '../wrappers';
import { profileFile } from './lib/files';
import { flag, script } from './lib/script';

/** Replaces the wallet's profile. */
export const run = script('updateProfile', {
    about: 'Replaces your whole profile: operator, allowance, keys, endpoint, offers. A changed key is no longer attested.',
    example: '--profile profile.json',
    flags: { profile: flag.json(profileFile, 'Your profile as JSON (see deployments/README.md)') },
    async reached(context) {
        const { stake } = await context.openedProvider();
        if (stake.state !== StakeState.Registered) {
            throw new StateError('wrong-state', 'The stake is not registered; a profile can be changed once it is');
        }
        const wanted = createProfileCell(context.flags.profile);
        return createProfileCell(stake.profile!).equals(wanted) ? 'The profile is as your file says.' : null;
    },
    act: ({ market, via, flags, sending }) => market.updateProfile(via, { ...sending, profile: flags.profile }),
});
