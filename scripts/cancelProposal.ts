import { pendingProposal } from './lib/proposals';
import { script } from './lib/script';

/** Drops the proposal. */
export const run = script('cancelProposal', {
    about: 'Drops the proposal that waits, as the governor.',
    example: '',
    flags: {},
    async reached({ market, now }) {
        return pendingProposal(await market.network(), now) ? null : 'Nothing is proposed.';
    },
    act: ({ registry, via, sending }) => registry.sendCancelProposal(via, sending),
});
