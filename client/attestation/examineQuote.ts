import { constants, QuoteVerifier } from '@phala/dcap-qvl';
import { AttestationPolicy } from '../../wrappers';
import { FailedCheck } from './attestationRefusedError';
import { plainCollateral, QuoteCollateral } from './attestationTrust';
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
    const { policy, now, root, reportData, images } = expected;
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
    failed.push(...checkByCollateral(quote, facts, certificate, expected));
    if (Buffer.compare(facts.reportData, reportData) !== 0) {
        const text = "the quote is over other keys than the profile's, or another provider's";
        failed.push({ check: 'report-data', text });
    }
    return { failed, until: verdict.until };
}

/** All that Intel says of the platform, and of who says it. */
function checkByCollateral(
    quote: Uint8Array,
    { certificates: chain, teeTcbSvn }: QuoteFacts,
    rootCertificate: Buffer,
    { collateral: brought, policy, now }: QuoteExpectation,
): FailedCheck[] {
    let collateral: QuoteCollateral;
    try {
        collateral = plainCollateral(brought);
    } catch (error) {
        return [{ check: 'collateral', text: (error as Error).message }];
    }
    const failed = checkCertificates({ chain, collateral, rootCertificate, revocations: policy.revocations, now });
    const refusal = libraryRefusal(quote, rootCertificate, collateral, now);
    if (refusal !== undefined) {
        failed.push({ check: 'library', text: refusal });
    }
    return [...failed, ...checkTdxModule(teeTcbSvn, collateral.tcb_info)];
}

/** Why the library does not take a quote; undefined if it does, and calls the platform up to date. */
function libraryRefusal(
    quote: Uint8Array,
    rootCertificate: Buffer,
    collateral: QuoteCollateral,
    now: number,
): string | undefined {
    try {
        // Certificates there would be taken for those of the quote: plainCollateral() leaves them out.
        const { status, advisory_ids } = QuoteVerifier.newWithRootCa(rootCertificate).verify(quote, collateral, now);
        return status === 'UpToDate' ? undefined : `the platform is ${status} (${advisory_ids.join(', ')})`;
    } catch (error) {
        return (error as Error).message;
    }
}
