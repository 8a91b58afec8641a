import { AttestationError } from './attestationError';
import { childrenOf, contentOf, elementAt } from './der';
import { Point } from './p256';
import { EcdsaSignature } from './shiftedSignature';

/** An X.509 certificate with key and signature of P-256, as far as attestation needs it. */
export interface Certificate {
    /** DER of the TBSCertificate: what the issuer signed. */
    readonly tbs: Buffer;
    readonly serial: bigint;
    readonly key: Point;
    readonly signature: EcdsaSignature;
    /** Unix seconds. */
    readonly notBefore: number;
    /** Unix seconds. */
    readonly notAfter: number;
    /** Where in `tbs` the issuer's name, the validity, the subject's name, the key and the extensions begin. */
    readonly starts: readonly [issuer: number, validity: number, subject: number, key: number, extensions: number];
}

/** Bytes that end in an uncompressed key of P-256: 65 of them. */
const KEY_BYTES = 65;

/**
 * Reads a certificate.
 *
 * @param der - the whole certificate
 * @throws AttestationError `malformed-certificate` for one that is not of version 3, with a P-256 key and an ECDSA signature
 */
export function readCertificate(der: Buffer): Certificate {
    const [tbsElement, , signatureElement] = childrenOf(der, elementAt(der, 0));
    if (tbsElement === undefined || signatureElement === undefined) {
        throw new AttestationError('malformed-certificate', 'Not a certificate: pass its DER, one certificate only');
    }
    const tbs = der.subarray(tbsElement.start, tbsElement.end);
    const fields = childrenOf(tbs, elementAt(tbs, 0));
    const [version, serial, , issuer, validity, subject, keyInfo, extensions] = fields;
    if (fields.length !== 8 || version!.tag !== 0xa0 || extensions!.tag !== 0xa3) {
        throw new AttestationError(
            'malformed-certificate',
            'Not of X.509 version 3 with extensions; Intel issues no other',
        );
    }
    const point = tbs.subarray(keyInfo!.end - KEY_BYTES, keyInfo!.end);
    if (keyInfo!.end - keyInfo!.start !== 91 || point[0] !== 4) {
        throw new AttestationError(
            'malformed-certificate',
            'The key is not an uncompressed one of P-256; Intel uses no other',
        );
    }
    const [notBefore, notAfter] = childrenOf(tbs, validity!).map((date) =>
        unixTime(contentOf(tbs, date).toString('latin1')),
    );
    return {
        tbs,
        serial: uint(contentOf(tbs, serial!)),
        key: { x: uint(point.subarray(1, 33)), y: uint(point.subarray(33)) },
        // A BIT STRING, with no bits unused.
        signature: readSignature(contentOf(der, signatureElement).subarray(1)),
        notBefore: notBefore!,
        notAfter: notAfter!,
        starts: [issuer!.start, validity!.start, subject!.start, keyInfo!.start, extensions!.start],
    };
}

/** Certificates of a PEM text, in its order. */
export function certificatesOfPem(pem: string): Certificate[] {
    return [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)].map(([, base64]) =>
        readCertificate(Buffer.from(base64!, 'base64')),
    );
}

/** SEQUENCE of the INTEGERs r and s. */
function readSignature(der: Buffer): EcdsaSignature {
    const [r, s] = childrenOf(der, elementAt(der, 0));
    if (r === undefined || s === undefined) {
        throw new AttestationError('malformed-certificate', 'The signature is not one of ECDSA; Intel uses no other');
    }
    return { r: uint(contentOf(der, r)), s: uint(contentOf(der, s)) };
}

/** UTCTime, YYMMDDHHMMSSZ of this century. */
function unixTime(text: string): number {
    const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
    if (match === null) {
        throw new AttestationError('malformed-certificate', `${text} is not a date of the years 2000 to 2049`);
    }
    const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
    return Date.UTC(2000 + year!, month! - 1, day, hour, minute, second) / 1000;
}

/** Big-endian. */
export function uint(bytes: Uint8Array): bigint {
    return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}
