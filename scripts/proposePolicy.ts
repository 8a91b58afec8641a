import { ProposalKind } from '../wrappers';
import { changeOf, isMade, isSameChange, policyFlags, requireLasting } from './lib/policyChanges';
import { pendingProposal, requireNoOther, waiting } from './lib/proposals';
import { script } from './lib/script';
import { verifierOf } from './lib/verifiers';

/** Puts a change of the verifier's policy behind the timelock. */
export const run = script('proposePolicy', {
    about:
        "Proposes one change of the verifier's policy, as the governor: allow an image or drop it, the least quoting enclave, the floor " +
        'of a kind of platform, or to believe a revoked certificate again. What takes trust away at once is revokeCertificate; ' +
        "Intel's own floors come by submitTcbInfo.",
    example: '--allow 5f… --name "worker 1.0" --valid-until 2027-06-30T00:00:00Z',
    flags: policyFlags,
    async reached(context) {
        const change = changeOf(context.flags);
        const { policy } = await verifierOf(context);
        const info = await context.market.network();
        const proposal = pendingProposal(info, context.now);
        if (proposal?.kind === ProposalKind.Policy && isSameChange(proposal.change, change)) {
            return waiting(proposal);
        }
        if (isMade(change, policy)) {
            return 'The policy says so.';
        }
        requireNoOther(proposal);
        requireLasting(change, info, context.now);
        return null;
    },
    act: ({ registry, via, flags, sending }) =>
        registry.sendProposePolicy(via, { ...sending, change: changeOf(flags) }),
});
