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
    /** CPUSVN of the PCK, 16 bytes. */
    readonly cpuSvn: Buffer;
    readonly pceSvn: number;
    /** Of every certificate in the quote, PCK first. */
    readonly serials: readonly bigint[];
}

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
        cpuSvn: lastBytes(utils.getCpuSvn(extension), 16),
        pceSvn: utils.getPceSvn(extension),
        serials: certificates.map(serialOf),
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
    return BigInt(tbsOf(certificate).serialNumber.toString());
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
