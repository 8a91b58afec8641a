import { utils } from '@phala/dcap-qvl';
import { revocationKey } from '../../wrappers';
import { FailedCheck } from './attestationRefusedError';
import { QuoteCollateral } from './attestationTrust';
import { isSignedBy, nameText, readRevocationList, readX509, RevocationList, Signed, X509Certificate } from './x509';

/** Whose certificates are looked at. */
export interface CertificatesToCheck {
    /** DER of those in the quote, PCK first. */
    readonly chain: readonly Uint8Array[];
    readonly collateral: QuoteCollateral;
    /** DER of the root that is believed. */
    readonly rootCertificate: Uint8Array;
    /** The network's, by {@link revocationKey}. */
    readonly revocations: ReadonlySet<bigint>;
    /** Unix seconds. */
    readonly now: number;
}

/** Names of Intel's: SGX PCK Certificate and CRL Specification, 1.3 and 1.4. */
const intelName = (commonName: string) =>
    nameText([
        ['2.5.4.3', commonName],
        ['2.5.4.10', 'Intel Corporation'],
        ['2.5.4.7', 'Santa Clara'],
        ['2.5.4.8', 'CA'],
        ['2.5.4.6', 'US'],
    ]);
const ROOT = intelName('Intel SGX Root CA');
const PCK = intelName('Intel SGX PCK Certificate');
const PCK_ISSUERS = [intelName('Intel SGX PCK Platform CA'), intelName('Intel SGX PCK Processor CA')];
const TCB_SIGNER = intelName('Intel SGX TCB Signing');

/**
 * Walks every path to the root, and every revocation list, by Intel's rules: the library, which verifies what the certificates signed,
 * looks at no name, takes any certificate for an authority, and believes any list.
 *
 * @returns what fails of `certificates`, those in the quote, and of `collateral`
 */
export function checkCertificates(input: CertificatesToCheck): FailedCheck[] {
    return [
        ...failing('certificates', () => requirePckChain(input)),
        ...failing('collateral', () => requireCollateral(input)),
    ];
}

function failing(check: 'certificates' | 'collateral', require: () => void): FailedCheck[] {
    try {
        require();
        return [];
    } catch (error) {
        return [{ check, text: (error as Error).message }];
    }
}

function requirePckChain({ chain, rootCertificate, now }: CertificatesToCheck): void {
    const [pck, issuer, top] = chain.map(readX509);
    if (!pck || !issuer || !top || chain.length !== 3) {
        throw new Error(`the quote has ${chain.length} certificates, not PCK, CA and root`);
    }
    const root = readX509(rootCertificate);
    requireRoot(top, root, now);
    requireThat(
        PCK_ISSUERS.includes(issuer.subject),
        'the second certificate is neither the platform nor the processor CA',
    );
    requireThat(issuer.isAuthority, "the PCK's issuer is no authority");
    requireSigned("the PCK's issuer", issuer, root, now);
    requireThat(pck.subject === PCK && !pck.isAuthority, 'the first certificate is no PCK');
    requireSigned('the PCK', pck, issuer, now);
}

function requireCollateral(input: CertificatesToCheck): void {
    const { chain, collateral, rootCertificate, revocations, now } = input;
    const root = readX509(rootCertificate);
    const [pck, issuer] = chain.map(readX509);
    const signers = [collateral.tcb_info_issuer_chain, collateral.qe_identity_issuer_chain].map((pem) =>
        requireSigner(pem, root, now),
    );
    const rootList = requireList("the root's revocation list", collateral.root_ca_crl, root, now);
    const pckList = requireList("the revocation list of the PCK's issuer", collateral.pck_crl, issuer!, now);
    requireThat(!pckList.revoked.has(pck!.serial), 'the PCK is revoked');
    requireThat(!rootList.revoked.has(issuer!.serial), "the PCK's issuer is revoked");
    for (const { serial } of signers) {
        requireThat(!rootList.revoked.has(serial), 'a signer of the collateral is revoked');
        requireThat(!revocations.has(revocationKey(serial)), 'the network has revoked a signer of the collateral');
    }
}

/** Who signed TCB info or identity. */
function requireSigner(pem: string, root: X509Certificate, now: number): X509Certificate {
    const certificates = utils.extractCerts(Buffer.from(pem)).map(readX509);
    const [signer, top] = certificates;
    if (!signer || !top || certificates.length !== 2) {
        throw new Error(`a chain has ${certificates.length} certificates, not signer and root`);
    }
    requireRoot(top, root, now);
    requireThat(
        signer.subject === TCB_SIGNER && !signer.isAuthority,
        'it was signed by another than Intel SGX TCB Signing',
    );
    requireSigned('the signer', signer, root, now);
    return signer;
}

/** The list of an issuer, in DER: bytes, or hexadecimal digits, as the library takes it. */
function requireList(name: string, encoded: number[] | string, issuer: X509Certificate, now: number): RevocationList {
    const der = typeof encoded === 'string' ? Buffer.from(encoded, 'hex') : Buffer.from(encoded);
    let list: RevocationList;
    try {
        list = readRevocationList(der);
    } catch (error) {
        throw new Error(`${name} cannot be read: ${(error as Error).message}`, { cause: error });
    }
    requireSigned(name, list, issuer, now);
    return list;
}

/** A chain's last certificate: of the root's key, though it may have been issued anew. */
function requireRoot(top: X509Certificate, root: X509Certificate, now: number): void {
    requireThat(top.subject === ROOT && top.isAuthority, 'a chain does not end in the root');
    requireThat(Buffer.compare(top.key, root.key) === 0, 'a chain ends in another root');
    requireSigned('the root', top, top, now);
}

function requireSigned(name: string, signed: Signed, issuer: X509Certificate, now: number): void {
    requireThat(signed.issuer === issuer.subject, `${name} names another issuer`);
    requireThat(isSignedBy(signed, issuer), `${name} was not signed by its issuer`);
    requireThat(
        signed.from <= now && now <= signed.until,
        `${name} is good from ${signed.from} to ${signed.until} (unix seconds)`,
    );
}

function requireThat(holds: boolean, otherwise: string): void {
    if (!holds) {
        throw new Error(otherwise);
    }
}
