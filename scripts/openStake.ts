import { StakeState, StateError } from '../wrappers';
import { profileFile } from './lib/files';
import { flag, script } from './lib/script';
import { reasonOf, registration } from './lib/stakes';

/** Opens the wallet's stake and waits for its registration. */
export const run = script('openStake', {
    about: 'Opens your stake, asks the Registry for admission and waits for the answer; your till is deployed with it.',
    example: '--amount 100 --profile profile.json',
    flags: {
        amount: flag.ton('What to stake'),
        profile: flag.json(profileFile, 'Your profile as JSON (see deployments/README.md)'),
    },
    reached: registration,
    async act(context) {
        const { stake } = await context.provider();
        if (stake && stake.state !== StakeState.Uninit) {
            throw new StateError('wrong-state', `The stake is open but was refused: ${reasonOf(stake)}`);
        }
        const { market, via, flags, sending } = context;
        return market.openStake(via, { ...sending, amount: flags.amount, profile: flags.profile });
    },
});
