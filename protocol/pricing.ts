import { requireUint } from '../wrappers/checks';
import { MarketError } from '../wrappers/marketError';
import { Offer } from '../wrappers/profile';

/** Tokens of one request or of a whole batch. */
export interface Usage {
    /** Input tokens that were not cached. */
    prompt: number;
    /** Input tokens that the provider had already. */
    cached?: number;
    /** Output tokens. */
    completion: number;
    /** Output tokens that are not shown. */
    reasoning?: number;
}

/** Prices of one model, nanoTON per million tokens. */
export type Rates = Pick<Offer, 'prompt' | 'cached' | 'completion' | 'reasoning'>;

const TOKENS_PER_RATE = 1_000_000n;

/**
 * Price of a batch: all tokens of a kind are added up before the one rounding, up, at the end, so that no request is rounded
 * by itself.
 *
 * @returns nanoTON
 * @throws InputError for a count that is negative or no whole number
 */
export function priceOf(rates: Rates, batch: Usage | readonly Usage[]): bigint {
    const requests: readonly Usage[] = Array.isArray(batch) ? batch : [batch as Usage];
    const count = (kind: keyof Usage) =>
        requests.reduce((sum, usage) => sum + requireUint(kind, usage[kind] ?? 0, 53), 0n);
    const total =
        count('prompt') * rates.prompt +
        count('cached') * rates.cached +
        count('completion') * rates.completion +
        count('reasoning') * rates.reasoning;
    return (total + TOKENS_PER_RATE - 1n) / TOKENS_PER_RATE;
}

/**
 * The offer for a model.
 *
 * @throws MarketError `not-found` if the provider does not serve it
 */
export function offerFor(offers: readonly Offer[], modelRoot: bigint): Offer {
    const offer = offers.find((candidate) => candidate.modelRoot === modelRoot);
    if (!offer) {
        throw new MarketError(
            'not-found',
            `The profile offers no model ${modelRoot.toString(16)}; choose one of its offers`,
        );
    }
    return offer;
}

/** The most that a batch can cost by the profile: what a client may expect to be asked at most. nanoTON. */
export function ceilingPrice(offers: readonly Offer[], modelRoot: bigint, batch: Usage | readonly Usage[]): bigint {
    return priceOf(offerFor(offers, modelRoot), batch);
}

/** Whether live rates keep what the profile promises: none above its ceiling. */
export function withinCeilings(live: Rates, ceiling: Rates): boolean {
    return (
        live.prompt <= ceiling.prompt &&
        live.cached <= ceiling.cached &&
        live.completion <= ceiling.completion &&
        live.reasoning <= ceiling.reasoning
    );
}
