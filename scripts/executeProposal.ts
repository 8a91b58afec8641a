import { StateError } from '../wrappers';
import { asDate } from './lib/output';
import { pendingProposal } from './lib/proposals';
import { script } from './lib/script';

/** Makes the proposal real. */
export const run = script('executeProposal', {
    about: 'Makes the proposal real once its timelock has ended; anybody may. Then syncParams carries it to the providers.',
    example: '',
    flags: {},
    async reached({ market, now }) {
        const info = await market.network();
        return pendingProposal(info, now) ? null : `Nothing is proposed; parameters are at version ${info.version}.`;
    },
    async act({ market, registry, via, now, sending }) {
        const { executableAt } = (await market.network()).proposal!;
        if (now < executableAt) {
            throw new StateError('too-early', `The timelock ends at ${asDate(executableAt).words}; wait`);
        }
        return registry.sendExecuteProposal(via, sending);
    },
});
