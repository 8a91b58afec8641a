import { p256 } from '@noble/curves/nist';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
    BasicConstraints,
    Certificate as CertificateAsn,
    CertificateList,
    Extension,
    id_ce_basicConstraints,
    id_ce_keyUsage,
    Name,
} from '@peculiar/asn1-x509';

/** What an authority signed: RFC 5280, 4.1 and 5.1. */
export interface Signed {
    /** As {@link nameOf} writes it. */
    readonly issuer: string;
    /** DER of the part that is signed. */
    readonly signedPart: Uint8Array;
    /** DER of r and s. */
    readonly signature: Uint8Array;
    /** Unix seconds. */
    readonly from: number;
    /** Unix seconds. */
    readonly until: number;
}

/** A certificate, taken apart but not verified. */
export interface X509Certificate extends Signed {
    readonly subject: string;
    readonly serial: bigint;
    /** A point of P-256, as the certificate encodes it. */
    readonly key: Uint8Array;
    /** Whether it may issue certificates. */
    readonly isAuthority: boolean;
}

/** A revocation list, taken apart but not verified. */
export interface RevocationList extends Signed {
    /** Serial numbers. */
    readonly revoked: ReadonlySet<bigint>;
}

/** Parts of a list: room for some hundred thousand certificates. */
const MAX_LIST_NODES = 1_000_000;

/** Extensions that may be critical: what they say is looked at, or follows from where a certificate stands. */
const UNDERSTOOD = [id_ce_basicConstraints, id_ce_keyUsage];

/**
 * Reads a certificate.
 *
 * @param der - the whole certificate
 * @throws Error for what is none, or has a critical extension that is not understood
 */
export function readX509(der: Uint8Array): X509Certificate {
    const { tbsCertificate, tbsCertificateRaw, signatureValue } = AsnConvert.parse(der, CertificateAsn);
    const { issuer, subject, validity, serialNumber, subjectPublicKeyInfo } = tbsCertificate;
    const extensions = tbsCertificate.extensions ?? [];
    requireUnderstood(extensions);
    const constraints = extensions.find(({ extnID }) => extnID === id_ce_basicConstraints);
    return {
        issuer: nameOf(issuer),
        subject: nameOf(subject),
        signedPart: new Uint8Array(tbsCertificateRaw!),
        signature: new Uint8Array(signatureValue),
        from: unixTime(validity.notBefore.getTime()),
        until: unixTime(validity.notAfter.getTime()),
        serial: integerOf(serialNumber),
        key: new Uint8Array(subjectPublicKeyInfo.subjectPublicKey),
        isAuthority: constraints !== undefined && AsnConvert.parse(constraints.extnValue, BasicConstraints).cA,
    };
}

/**
 * Reads a revocation list.
 *
 * @param der - the whole list
 * @throws Error for what is none, does not say when it ends, or has a critical extension: it would be a part of a list
 */
export function readRevocationList(der: Uint8Array): RevocationList {
    const { tbsCertList, tbsCertListRaw, signature } = AsnConvert.parse(der, CertificateList, {
        berOptions: { maxNodes: MAX_LIST_NODES },
    });
    const { issuer, thisUpdate, nextUpdate, revokedCertificates = [], crlExtensions = [] } = tbsCertList;
    requireUnderstood(crlExtensions);
    if (!nextUpdate) {
        throw new Error('it does not say until when it is good');
    }
    return {
        issuer: nameOf(issuer),
        signedPart: new Uint8Array(tbsCertListRaw!),
        signature: new Uint8Array(signature),
        from: unixTime(thisUpdate.getTime()),
        until: unixTime(nextUpdate.getTime()),
        revoked: new Set(revokedCertificates.map(({ userCertificate }) => integerOf(userCertificate))),
    };
}

/** Whether a key of P-256 signed it, over SHA-256. */
export function isSignedBy({ signedPart, signature }: Signed, { key }: Pick<X509Certificate, 'key'>): boolean {
    try {
        return p256.verify(signature, signedPart, key, { prehash: true, lowS: false, format: 'der' });
    } catch {
        // Neither a point nor a signature: the library throws.
        return false;
    }
}

/** A name as text that only the same name has. */
export function nameText(attributes: readonly (readonly [type: string, value: string])[]): string {
    return JSON.stringify(attributes);
}

function nameOf(name: Name): string {
    return nameText(name.flatMap((set) => set.map(({ type, value }) => [type, value.toString()] as const)));
}

function requireUnderstood(extensions: readonly Extension[]): void {
    const foreign = extensions.find(({ extnID, critical }) => critical && !UNDERSTOOD.includes(extnID));
    if (foreign) {
        throw new Error(`its critical extension ${foreign.extnID} is not understood`);
    }
}

function integerOf(bytes: ArrayBuffer): bigint {
    return BigInt.asIntN(8 * bytes.byteLength, BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`));
}

function unixTime(date: Date): number {
    return date.getTime() / 1000;
}
