import { NetworkParams, Proposal, ProposalKind } from '../wrappers';
import { hexOf, written } from './lib/deployments';
import { shownLibrary } from './lib/libraries';
import { asDate, asDuration, asHex, inPercent, inTon } from './lib/output';
import { shownChange } from './lib/policies';
import { inspection } from './lib/script';
import { shownVerifier } from './lib/verifiers';

/** Shows a network. */
export const run = inspection('inspectNetwork', {
    about:
        'Shows the network: governor, parameters, proposal, models; its verifier with root and policy; the library with the code of ' +
        'channels; and the code hashes of its contracts.',
    example: '--json',
    flags: {},
    async read(context) {
        const { market, chain, hashes } = context;
        const { params, proposal, models, pausedUntil, pausableFrom, ...info } = await market.network();
        return {
            network: {
                registry: market.registry,
                chain: chain.globalId,
                governor: info.governor,
                pendingGovernor: info.pendingGovernor,
                version: info.version,
                pausedUntil: asDate(pausedUntil),
                pausableFrom: asDate(pausableFrom),
            },
            params: params && described(params),
            proposal: proposal && { executableAt: asDate(proposal.executableAt), ...proposed(proposal) },
            models: Object.fromEntries([...models].map(([root, descriptor]) => [asHex(root), descriptor])),
            attestation: await shownVerifier(context),
            codeLibrary: await shownLibrary(context),
            codeHashes: Object.fromEntries(Object.entries(hashes).map(([name, hash]) => [name, hexOf(hash)])),
        };
    },
});

function described({ feeBps, minStake, unbondingPeriod, timelockDelay, ...params }: NetworkParams) {
    return {
        fee: inPercent(feeBps),
        minStake: inTon(minStake),
        unbondingPeriod: asDuration(unbondingPeriod),
        timelockDelay: asDuration(timelockDelay),
        treasury: written(params.treasury),
        arbiter: written(params.arbiter),
        verifier: params.verifier,
    };
}

function proposed(proposal: Proposal): object {
    switch (proposal.kind) {
        case ProposalKind.Params:
            return described(proposal.params);
        case ProposalKind.Model:
            return { modelRoot: asHex(proposal.modelRoot), descriptor: proposal.descriptor };
        case ProposalKind.Policy:
            return shownChange(proposal.change);
    }
}
