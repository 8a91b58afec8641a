import { Proposal, RegistryInfo, StateError } from '../../wrappers';

/** Seconds from the end of a proposal's timelock to its expiry. Source: contracts/registry/registry.tact. */
export const PROPOSAL_LIFETIME_SECONDS = 1_209_600;

/** The proposal that waits; one that has expired gives way. */
export function pendingProposal({ proposal }: RegistryInfo, now: number): Proposal | null {
    return proposal && now < proposal.executableAt + PROPOSAL_LIFETIME_SECONDS ? proposal : null;
}

/**
 * Refuses to propose while something else waits.
 *
 * @throws StateError `wrong-state`
 */
export function requireNoOther(proposal: Proposal | null): void {
    if (proposal) {
        throw new StateError('wrong-state', 'Another proposal waits; executeProposal or cancelProposal comes first');
    }
}

/** When a proposal can be executed, in words. */
export function waiting({ executableAt }: Proposal): string {
    return `The proposal waits until ${new Date(executableAt * 1000).toISOString()}; then run executeProposal.`;
}
