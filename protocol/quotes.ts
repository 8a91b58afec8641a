import { InputError, MarketError } from '../wrappers/marketError';
import { Quote, QUOTE_MAX_SECONDS } from '../wrappers/quote';
import { signQuote } from '../wrappers/signing';
import { AcceptedTerms, requireExamined } from './jobPolicy';

/** Seconds that a quote is good for unless told otherwise: enough to confirm a transaction, too short to shop around. */
export const QUOTE_DEFAULT_SECONDS = 60;

/** How a quote is issued. */
export interface IssueOptions {
    /** 64 bytes: the secret of the profile's signingKey. */
    secretKey: Uint8Array;
    /** Unix seconds. */
    now: number;
    /** Seconds; at most 120, {@link QUOTE_DEFAULT_SECONDS} by default. */
    validFor?: number;
}

/**
 * Signs a quote for examined terms. Until it expires its collateral counts against the allowance and the client's cap: keep
 * it in both sums.
 *
 * @throws InputError `out-of-range` for a validity of more than 120 seconds
 * @throws MarketError `policy-refused` for terms that were not examined, or whose acceptBy has come
 */
export function issueQuote(accepted: AcceptedTerms, options: IssueOptions): Quote {
    const { escrow, terms, termsHash } = requireExamined(accepted);
    const validFor = options.validFor ?? QUOTE_DEFAULT_SECONDS;
    if (!Number.isSafeInteger(validFor) || validFor <= 0 || validFor > QUOTE_MAX_SECONDS) {
        throw new InputError('out-of-range', 'validFor', `${validFor} s; pass 1 to ${QUOTE_MAX_SECONDS} whole seconds`);
    }
    const validUntil = Math.min(options.now + validFor, terms.acceptBy);
    if (validUntil <= options.now) {
        throw new MarketError('policy-refused', 'acceptBy has come since the terms were examined; ask for later terms');
    }
    return signQuote({ escrow, termsHash, collateral: terms.requiredCollateral, validUntil }, options.secretKey);
}
