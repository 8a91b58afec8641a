import { ProposalKind } from '../wrappers';
import { pendingProposal, requireNoOther, waiting } from './lib/proposals';
import { flag, optional, script } from './lib/script';

/** Puts a change of the model catalogue behind the timelock. */
export const run = script('proposeModel', {
    about: 'Proposes to list or rename a model of the catalogue, as the governor; without --descriptor to remove it.',
    example: '--model-root 5f… --descriptor "digits 1.0"',
    flags: {
        modelRoot: flag.bytes32('Hash of the model file'),
        descriptor: optional(flag.text('1 to 127 bytes')),
    },
    async reached({ market, flags, now }) {
        const info = await market.network();
        const { modelRoot, descriptor = null } = flags;
        const proposal = pendingProposal(info, now);
        if (
            proposal?.kind === ProposalKind.Model &&
            proposal.modelRoot === modelRoot &&
            proposal.descriptor === descriptor
        ) {
            return waiting(proposal);
        }
        if ((info.models.get(modelRoot) ?? null) === descriptor) {
            return descriptor === null ? 'The model is not listed.' : 'The model is listed so.';
        }
        requireNoOther(proposal);
        return null;
    },
    act: ({ registry, via, flags: { modelRoot, descriptor = null }, sending }) =>
        registry.sendProposeModel(via, { ...sending, modelRoot, descriptor }),
});
