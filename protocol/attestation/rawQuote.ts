import { AttestationError } from './attestationError';
import { Certificate, certificatesOfPem, uint } from './certificate';
import { Point } from './p256';
import { EcdsaSignature } from './shiftedSignature';

/** A TDX quote, taken apart but not verified. */
export interface RawQuote {
    readonly version: 4 | 5;
    /** Header and TD report: what the attestation key signed. 632 bytes, 638 or 702 in version 5. */
    readonly report: Buffer;
    readonly signature: EcdsaSignature;
    /** x and y, 64 bytes. */
    readonly attestationKey: Buffer;
    /** Of the quoting enclave, 384 bytes. */
    readonly qeReport: Buffer;
    readonly qeSignature: EcdsaSignature;
    /** What the quoting enclave's report binds besides the key. */
    readonly authData: Buffer;
    /** PCK, platform or processor CA, root. */
    readonly certificates: readonly Certificate[];
}

const HEADER_BYTES = 48;
const TD_REPORT_BYTES = { 2: 584, 3: 648 } as const;
const QE_REPORT_BYTES = 384;
const CERTIFICATION_QE_REPORT = 6;
const CERTIFICATION_PCK_CHAIN = 5;
const AUTH_DATA_MAX_BYTES = 63;

/**
 * Takes a quote apart (Intel TDX DCAP Quoting Library API, appendix A). All numbers are little-endian.
 *
 * @param bytes - as the quoting library returns it; anything behind the quote is ignored
 * @throws AttestationError `too-short`, `unsupported` (not a TDX quote of version 4 or 5 with its PCK chain) or `malformed-certificate`
 */
export function readRawQuote(bytes: Uint8Array): RawQuote {
    const reader = new Reader(Buffer.from(bytes));
    const version = reader.peekUint16();
    if (version !== 4 && version !== 5) {
        throw new AttestationError(
            'unsupported',
            `Version ${version} is not one of TDX quotes with four or five; have it made by DCAP 1.19+`,
        );
    }
    const bodyStart = version === 4 ? HEADER_BYTES : HEADER_BYTES + 6;
    const bodyType = version === 4 ? 2 : reader.uint16At(HEADER_BYTES);
    if (bodyType !== 2 && bodyType !== 3) {
        throw new AttestationError(
            'unsupported',
            `Body type ${bodyType} is no TD report; only TDX 1.0 and 1.5 are verified on chain`,
        );
    }
    const report = reader.take(bodyStart + TD_REPORT_BYTES[bodyType]);
    reader.take(4);
    const signature = signatureOf(reader.take(64));
    const attestationKey = reader.take(64);
    reader.expectType(CERTIFICATION_QE_REPORT);
    const qeReport = reader.take(QE_REPORT_BYTES);
    const qeSignature = signatureOf(reader.take(64));
    const authData = reader.take(reader.uint16());
    if (authData.length > AUTH_DATA_MAX_BYTES) {
        throw new AttestationError(
            'unsupported',
            `${authData.length} bytes of authentication data do not fit a cell; Intel's enclave has 32`,
        );
    }
    const chainBytes = reader.expectType(CERTIFICATION_PCK_CHAIN);
    const certificates = certificatesOfPem(reader.take(chainBytes).toString('latin1'));
    if (certificates.length < 2) {
        throw new AttestationError(
            'unsupported',
            'The quote has no PCK chain; have it made with certification data of type 5',
        );
    }
    return { version, report, signature, attestationKey, qeReport, qeSignature, authData, certificates };
}

/** The attestation key as a point. */
export function attestationKeyOf({ attestationKey }: RawQuote): Point {
    return { x: uint(attestationKey.subarray(0, 32)), y: uint(attestationKey.subarray(32)) };
}

function signatureOf(bytes: Buffer): EcdsaSignature {
    return { r: uint(bytes.subarray(0, 32)), s: uint(bytes.subarray(32)) };
}

class Reader {
    private at = 0;

    constructor(private readonly bytes: Buffer) {}

    take(length: number): Buffer {
        if (this.at + length > this.bytes.length) {
            throw new AttestationError('too-short', `The quote ends at byte ${this.bytes.length}; pass all of it`);
        }
        this.at += length;
        return this.bytes.subarray(this.at - length, this.at);
    }

    uint16(): number {
        return this.take(2).readUInt16LE();
    }

    peekUint16(): number {
        return this.uint16At(0);
    }

    uint16At(offset: number): number {
        if (offset + 2 > this.bytes.length) {
            throw new AttestationError('too-short', `The quote ends at byte ${this.bytes.length}; pass all of it`);
        }
        return this.bytes.readUInt16LE(offset);
    }

    /** Type and size of certification data; the size. */
    expectType(expected: number): number {
        const type = this.uint16();
        if (type !== expected) {
            throw new AttestationError(
                'unsupported',
                `Certification data of type ${type} where ${expected} belongs; have it made with type 5`,
            );
        }
        return this.take(4).readUInt32LE();
    }
}
