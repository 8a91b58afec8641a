import { flag, script } from './lib/script';

/** Names the next governor. */
export const run = script('proposeGovernor', {
    about: 'Names the next governor, as the present one; the office passes when he runs acceptGovernor.',
    example: '--governor EQ…',
    flags: { governor: flag.address('Who shall be the governor') },
    async reached({ market, flags }) {
        const { governor, pendingGovernor } = await market.network();
        if (governor.equals(flags.governor)) {
            return 'He is the governor.';
        }
        return pendingGovernor?.equals(flags.governor) ? 'He is named, and has to accept.' : null;
    },
    act: ({ registry, via, flags, sending }) =>
        registry.sendProposeGovernor(via, { ...sending, governor: flags.governor }),
});
