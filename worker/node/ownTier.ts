import { Address } from '@ton/core';
import { Market, Tier } from '../../wrappers';

/** Whose tier is asked for. */
export interface OwnTierOptions {
    market: Market;
    /** Owner of the stake. */
    owner: Address;
    /** Unix seconds by the chain's clock. */
    now: () => number;
}

/** So long what the chain showed is believed: reading it for every request would take longer than the request. Seconds. */
export const OWN_TIER_SECONDS = 60;

/** The tier of a worker's own provider, by the chain. */
export class OwnTier {
    /** Unix seconds. */
    private seen = { attestedUntil: 0, at: -Infinity };

    constructor(private readonly options: OwnTierOptions) {}

    /**
     * Why this worker cannot be what a client asks for: its attestation ends before that, or it has none.
     *
     * @param until - unix seconds: what is asked for lasts until then
     * @returns undefined if there is nothing against it
     */
    async lacks(tier: Tier, until: number): Promise<{ code: 'tier'; message: string } | undefined> {
        if (tier === Tier.Open || (await this.attestedUntil(until)) > until) {
            return undefined;
        }
        return {
            code: 'tier',
            message: 'this worker is not attested, or not for that long: its operator can read inputs',
        };
    }

    private async attestedUntil(until: number): Promise<number> {
        const { market, owner, now } = this.options;
        const age = now() - this.seen.at;
        // What would lead to a refusal may have changed for the better.
        if (age < 0 || age >= OWN_TIER_SECONDS || this.seen.attestedUntil <= until) {
            const { stake } = await market.provider(owner);
            this.seen = { attestedUntil: stake?.attestedUntil ?? 0, at: now() };
        }
        return this.seen.attestedUntil;
    }
}
