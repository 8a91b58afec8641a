import { Collateral, constants, QuoteVerifier } from '@phala/dcap-qvl';
import { AttestationPolicy } from '../../wrappers';
import { FailedCheck } from './attestationRefusedError';
import { checkPolicy } from './policyChecks';
import { publicKeyInfoOf, QuoteFacts, readQuoteFacts } from './quoteFacts';

/** What Intel says of a platform: as its service, or a cache of it, returns it. */
export type QuoteCollateral = Collateral;

/** Whom a client believes about machines. */
export interface AttestationTrust {
    /**
     * Brings Intel's word on the platform of a quote: TCB info, identity of the quoting enclave, revocation lists. Ask a service that
     * is not the provider's: the library does not check who signed a revocation list.
     */
    collateral: (quote: Uint8Array) => Promise<QuoteCollateral>;
    /** DER of the root certificate; Intel's SGX root CA by default. Its key has to be the one that the network's verifier pins. */
    rootCertificate?: Uint8Array;
}

/** What a quote is held against. */
export interface QuoteExpectation {
    /** DER. */
    readonly rootCertificate?: Uint8Array;
    readonly collateral: QuoteCollateral;
    /** The verifier's root key, from the chain. */
    readonly root: { readonly x: bigint; readonly y: bigint };
    /** The verifier's, from the chain. */
    readonly policy: AttestationPolicy;
    /** 64 bytes: what the keys on chain ask for. */
    readonly reportData: Uint8Array;
    /** Unix seconds. */
    readonly now: number;
}

/** DER of a SubjectPublicKeyInfo of P-256 up to x: RFC 5480. */
const P256_KEY_INFO = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';

/**
 * Verifies a quote with `@phala/dcap-qvl`, which shares nothing with the contract, and holds it against policy, root and keys on chain.
 *
 * @returns every check that failed, and until when image and floor are good: unix seconds
 */
export function examineQuote(
    quote: Uint8Array,
    expected: QuoteExpectation,
): { failed: readonly FailedCheck[]; until: number } {
    let facts: QuoteFacts;
    try {
        facts = readQuoteFacts(quote);
    } catch (error) {
        const text = `it cannot be read: ${(error as Error).message}`;
        return { failed: [{ check: 'quote', text }], until: 0 };
    }
    const { policy, now, root, reportData } = expected;
    const verdict = checkPolicy(facts, policy, now);
    const failed = [...verdict.failed];
    const certificate = Buffer.from(expected.rootCertificate ?? constants.TRUSTED_ROOT_CA_DER);
    const pinned = P256_KEY_INFO + [root.x, root.y].map((half) => half.toString(16).padStart(64, '0')).join('');
    if (publicKeyInfoOf(certificate).toString('hex') !== pinned) {
        const text = "the root certificate here has not the key that the network's verifier pins; pass the network's";
        failed.push({ check: 'root', text });
    }
    const refusal = libraryRefusal(quote, certificate, expected);
    if (refusal !== undefined) {
        failed.push({ check: 'library', text: refusal });
    }
    if (Buffer.compare(facts.reportData, reportData) !== 0) {
        const text = "the quote is over other keys than the profile's, or another provider's";
        failed.push({ check: 'report-data', text });
    }
    return { failed, until: verdict.until };
}

/** Why the library does not take a quote; undefined if it does, and calls the platform up to date. */
function libraryRefusal(
    quote: Uint8Array,
    rootCertificate: Buffer,
    { collateral, now }: QuoteExpectation,
): string | undefined {
    try {
        const { status, advisory_ids } = QuoteVerifier.newWithRootCa(rootCertificate).verify(quote, collateral, now);
        return status === 'UpToDate' ? undefined : `the platform is ${status} (${advisory_ids.join(', ')})`;
    } catch (error) {
        return (error as Error).message;
    }
}
