import { Quote, Report, utils } from '@phala/dcap-qvl';
import { createHash } from 'node:crypto';

/** What the policy on chain is about, as the library reads it from a quote: none of it is verified here. */
export interface QuoteFacts {
    /** SHA-256 of MRTD and RTMR0 to RTMR3. */
    readonly measurement: bigint;
    /** 64 bytes. */
    readonly reportData: Buffer;
    /** 8 bytes each. */
    readonly tdAttributes: Buffer;
    readonly seamAttributes: Buffer;
    /** 48 bytes. */
    readonly mrSignerSeam: Buffer;
    /** TEE_TCB_SVN, 16 bytes. */
    readonly teeTcbSvn: Buffer;
    /** Of the quoting enclave. */
    readonly qeIsvSvn: number;
    /** Kind of platform, 48 bits. */
    readonly fmspc: bigint;
    /** The PCK's 16 components. */
    readonly svns: readonly number[];
    readonly pceSvn: number;
    /** Of every certificate in the quote, PCK first. */
    readonly serials: readonly bigint[];
    /** DER of the same. */
    readonly certificates: readonly Buffer[];
}

/** Of the TCB in the SGX extension: Intel SGX PCK Certificate and CRL Specification, 1.3.5. */
const TCB_OID = '1.2.840.113741.1.13.1.2';
/** RFC 5280, 4.1.2.2. */
const SERIAL_MAX_BITS = 160;
/** Offset of ISVSVN in an enclave's report. */
const ISV_SVN_AT = 258;

/**
 * Reads a quote.
 *
 * @throws Error, of the library or of this, for bytes that are no TDX quote with its PCK chain
 */
export function readQuoteFacts(bytes: Uint8Array): QuoteFacts {
    const quote = Quote.parse(bytes);
    const td = trustDomainOf(quote.report);
    const certificates = utils.extractCerts(Buffer.from(quote.rawCertChain()));
    const extension: unknown = utils.getIntelExtension(certificates[0]!);
    const hash = createHash('sha256');
    [td.mrTd, td.rtMr0, td.rtMr1, td.rtMr2, td.rtMr3].forEach((part) => hash.update(part));
    return {
        measurement: uint(hash.digest()),
        reportData: Buffer.from(td.reportData),
        tdAttributes: Buffer.from(td.tdAttributes),
        seamAttributes: Buffer.from(td.seamAttributes),
        mrSignerSeam: Buffer.from(td.mrSignerSeam),
        teeTcbSvn: Buffer.from(td.teeTcbSvn),
        qeIsvSvn: Buffer.from(quote.authData.intoV3().qeReport).readUInt16LE(ISV_SVN_AT),
        fmspc: uint(lastBytes(utils.getFmspc(extension), 6)),
        svns: Array.from({ length: 16 }, (_, i) => componentOf(extension, i + 1)),
        pceSvn: utils.getPceSvn(extension),
        serials: certificates.map(serialOf),
        certificates,
    };
}

/** The SubjectPublicKeyInfo of a certificate with a key of P-256, as it stands in its DER: 91 bytes. */
export function publicKeyInfoOf(certificate: Uint8Array): Buffer {
    // The library's decoder leaves what follows on.
    return tbsOf(certificate).subjectPublicKeyInfo.subarray(0, 91);
}

function trustDomainOf(report: Report) {
    const td = report.asTd10();
    if (!td) {
        throw new Error('it is not a quote of a trust domain');
    }
    return td;
}

function serialOf(certificate: Uint8Array): bigint {
    const serial = BigInt(tbsOf(certificate).serialNumber.toString());
    if (serial >> BigInt(SERIAL_MAX_BITS) !== 0n) {
        throw new Error(`a certificate's serial number has more than ${SERIAL_MAX_BITS} bits`);
    }
    return serial;
}

/** A component's SVN, 1 to 16; the library has no types for the one function that finds it. */
function componentOf(extension: unknown, number: number): number {
    const { findExtension } = utils as unknown as { findExtension(path: string[], raw: unknown): Buffer };
    return lastBytes(findExtension([TCB_OID, `${TCB_OID}.${number}`], extension), 1)[0]!;
}

/** The library has no types for what its own decoder returns. */
function tbsOf(certificate: Uint8Array): { serialNumber: { toString(): string }; subjectPublicKeyInfo: Buffer } {
    return utils.Certificate.decode(Buffer.from(certificate), 'der').tbsCertificate;
}

/** Some of the library's getters leave the DER header on. */
function lastBytes(bytes: Buffer, count: number): Buffer {
    return bytes.subarray(bytes.length - count);
}

function uint(bytes: Uint8Array): bigint {
    return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
