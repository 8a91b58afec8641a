import { MarketError, Quote, QUOTE_MAX_SECONDS, quoteHash, verifyHash } from '../wrappers';
import { Order } from './store';

/**
 * Whether a quote is the provider's, for this very order and for now. The price needs no look of its own: the hash of the terms
 * covers it, so a quote for another price is a quote for another order.
 *
 * @param signingKey - of the provider's profile on chain
 * @throws MarketError `malformed-signature` or `out-of-range`
 */
export function requireGoodQuote(order: Order, quote: Quote, signingKey: bigint, now: number): void {
    const { escrow, termsHash, terms } = order;
    const { validUntil, signature } = quote;
    if (validUntil <= now || validUntil > now + QUOTE_MAX_SECONDS) {
        throw new MarketError('out-of-range', `The quote is valid until ${validUntil}, now is ${now}; ask for another`);
    }
    const hash = quoteHash({ escrow, termsHash, collateral: terms.requiredCollateral, validUntil });
    if (quote.termsHash !== termsHash || !verifyHash(hash, signature, signingKey)) {
        throw new MarketError('malformed-signature', "The quote is not the provider's for this order; do not post it");
    }
}
