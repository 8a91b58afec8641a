import { Address } from '@ton/core';
import { Market, Tier } from '../../wrappers';

/** Whose tier is asked for. */
export interface OwnTierOptions {
    market: Market;
    /** Owner of the stake. */
    owner: Address;
}

/**
 * Why a worker cannot be what a client asks for: the chain has its own stake's attestation end before that, or has none.
 *
 * @param until - unix seconds: what is asked for lasts until then
 * @returns undefined if there is nothing against it
 */
export async function lacksTier(
    { market, owner }: OwnTierOptions,
    tier: Tier,
    until: number,
): Promise<{ code: 'tier'; message: string } | undefined> {
    if (tier === Tier.Open) {
        return undefined;
    }
    const { stake } = await market.provider(owner);
    return stake && stake.attestedUntil > until
        ? undefined
        : { code: 'tier', message: 'this worker is not attested, or not for that long: its operator can read inputs' };
}
