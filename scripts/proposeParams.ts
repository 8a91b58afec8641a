import { createNetworkParamsCell, NetworkParams, ProposalKind } from '../wrappers';
import { paramsFlags, paramsWith } from './lib/files';
import { pendingProposal, requireNoOther, waiting } from './lib/proposals';
import { script } from './lib/script';
import { verifierAt } from './lib/verifiers';

/** Puts new parameters behind the timelock. */
export const run = script('proposeParams', {
    about: 'Puts new network parameters behind the timelock, as the governor. What no flag names stays as it is.',
    example: '--fee-bps 150',
    flags: paramsFlags,
    async reached(context) {
        const { market, flags, now } = context;
        const info = await market.network();
        const proposal = pendingProposal(info, now);
        const wanted = paramsWith(flags, info.params!);
        if (proposal?.kind === ProposalKind.Params && same(proposal.params, wanted)) {
            return waiting(proposal);
        }
        if (same(info.params!, wanted)) {
            return 'The network has these parameters.';
        }
        requireNoOther(proposal);
        if (flags.verifier !== undefined && wanted.verifier) {
            await verifierAt(context, wanted.verifier);
        }
        return null;
    },
    async act({ market, registry, via, flags, sending }) {
        const { params } = await market.network();
        return registry.sendProposeParams(via, { ...sending, params: paramsWith(flags, params!) });
    },
});

function same(one: NetworkParams, other: NetworkParams): boolean {
    return createNetworkParamsCell(one).equals(createNetworkParamsCell(other));
}
