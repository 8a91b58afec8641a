import { NetworkParams, ProposalKind } from '../wrappers';
import { hexOf, written } from './lib/deployments';
import { asDate, asDuration, asHex, inPercent, inTon } from './lib/output';
import { inspection } from './lib/script';

/** Shows a network. */
export const run = inspection('inspectNetwork', {
    about: 'Shows the network: governor, parameters, proposal, models, and the code hashes of its contracts.',
    example: '--json',
    flags: {},
    async read({ market, chain, hashes }) {
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
            proposal:
                proposal &&
                (proposal.kind === ProposalKind.Params
                    ? { executableAt: asDate(proposal.executableAt), ...described(proposal.params) }
                    : proposal.kind === ProposalKind.Policy
                      ? { executableAt: asDate(proposal.executableAt), policy: proposal.change.kind }
                      : {
                            executableAt: asDate(proposal.executableAt),
                            modelRoot: asHex(proposal.modelRoot),
                            descriptor: proposal.descriptor,
                        }),
            models: Object.fromEntries([...models].map(([root, descriptor]) => [asHex(root), descriptor])),
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
