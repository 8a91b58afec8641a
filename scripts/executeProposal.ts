import { Proposal, ProposalKind, StateError } from '../wrappers';
import { asDate } from './lib/output';
import { isMade } from './lib/policyChanges';
import { pendingProposal } from './lib/proposals';
import { Context, script } from './lib/script';
import { verifierOf } from './lib/verifiers';

/** Makes the proposal real. */
export const run = script('executeProposal', {
    about: 'Makes the proposal real once its timelock has ended; anybody may. Then syncParams carries parameters to the providers.',
    example: '',
    flags: {},
    async reached(context) {
        const info = await context.market.network();
        const proposal = pendingProposal(info, context.now);
        const first = context.atStart('proposal', proposal);
        if (proposal || !(await isDone(context, first))) {
            return null;
        }
        return first?.kind === ProposalKind.Policy
            ? "The verifier's policy is changed."
            : `Nothing is proposed; parameters are at version ${info.version}.`;
    },
    async act({ market, registry, via, now, sending }) {
        const { executableAt, kind } = (await market.network()).proposal!;
        if (now < executableAt) {
            throw new StateError('too-early', `The timelock ends at ${asDate(executableAt).words}; wait`);
        }
        return registry.sendExecuteProposal(via, { ...sending, kind });
    },
});

/** A policy is the verifier's to change, one message after the Registry has let go of the proposal. */
async function isDone(context: Context, proposal: Proposal | null): Promise<boolean> {
    return proposal?.kind !== ProposalKind.Policy || isMade(proposal.change, (await verifierOf(context)).policy);
}
