import { constants, QuoteVerifier } from '@phala/dcap-qvl';
import { AttestationPolicy } from '../../wrappers';
import { FailedCheck } from './attestationRefusedError';
import { QuoteCollateral } from './attestationTrust';
import { checkCertificates } from './intelCertificates';
import { checkPolicy } from './policyChecks';
import { publicKeyInfoOf, QuoteFacts, readQuoteFacts } from './quoteFacts';
import { checkTdxModule } from './tdxModule';

/** What a quote is held against. */
export interface QuoteExpectation {
    /** DER. */
    readonly rootCertificate?: Uint8Array;
    readonly collateral: QuoteCollateral;
    /** The verifier's root key, from the chain. */
    readonly root: { readonly x: bigint; readonly y: bigint };
    /** The verifier's, from the chain. */
    readonly policy: AttestationPolicy;
    /** Of the network's images, those that the client accepts; all of them by default. */
    readonly images?: ReadonlySet<bigint>;
    /** 64 bytes: what the keys on chain ask for. */
    readonly reportData: Uint8Array;
    /** Unix seconds. */
    readonly now: number;
}

/** DER of a SubjectPublicKeyInfo of P-256 up to x: RFC 5480. */
const P256_KEY_INFO = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';

/**
 * Verifies a quote with `@phala/dcap-qvl`, which shares nothing with the contract, the certificates by Intel's rules, and holds it against
 * policy, root and keys on chain.
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
    const { policy, now, root, reportData, collateral, images } = expected;
    const verdict = checkPolicy(facts, policy, now);
    const failed = [...verdict.failed];
    if (images && !images.has(facts.measurement)) {
        const text = `this client does not accept the image ${facts.measurement.toString(16)}`;
        failed.push({ check: 'measurement', text });
    }
    const certificate = Buffer.from(expected.rootCertificate ?? constants.TRUSTED_ROOT_CA_DER);
    const pinned = P256_KEY_INFO + [root.x, root.y].map((half) => half.toString(16).padStart(64, '0')).join('');
    if (publicKeyInfoOf(certificate).toString('hex') !== pinned) {
        const text = "the root certificate here has not the key that the network's verifier pins; pass the network's";
        failed.push({ check: 'root', text });
    }
    const { certificates: chain, teeTcbSvn } = facts;
    failed.push(...checkCertificates({ chain, collateral, rootCertificate: certificate, now }));
    const refusal = libraryRefusal(quote, certificate, expected);
    if (refusal !== undefined) {
        failed.push({ check: 'library', text: refusal });
    }
    failed.push(...checkTdxModule(teeTcbSvn, collateral.tcb_info));
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
        // It would take certificates there for those of the quote.
        const known = { ...collateral, pck_certificate_chain: undefined };
        const { status, advisory_ids } = QuoteVerifier.newWithRootCa(rootCertificate).verify(quote, known, now);
        return status === 'UpToDate' ? undefined : `the platform is ${status} (${advisory_ids.join(', ')})`;
    } catch (error) {
        return (error as Error).message;
    }
}
