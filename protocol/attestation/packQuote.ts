import { beginCell, Cell } from '@ton/core';
import { sha256_sync } from '@ton/crypto';
import { Certificate, uint } from './certificate';
import { Point } from './p256';
import { chainOf, cutAround } from './parts';
import { pckFactsCell, readPckExtension } from './pckFacts';
import { attestationKeyOf, RawQuote, readRawQuote } from './rawQuote';
import { EcdsaSignature, shiftedSignature } from './shiftedSignature';

/** A quote as the chain takes it. */
export interface PackedQuote {
    /** `Quote` of schemas/attestation.tlb. */
    readonly quote: Cell;
    /** `PckChain`: what a remembered certificate makes superfluous. */
    readonly chain: Cell;
    /** `PckFacts`: where the certificate is remembered follows from it. */
    readonly facts: Cell;
    /** SHA-256 of MRTD and RTMR0 to RTMR3: what the policy allows or does not. */
    readonly measurement: bigint;
    /** 64 bytes. */
    readonly reportData: Buffer;
}

/** Sizes of the parts of a report behind the first. */
const REPORT_PARTS = [120, 96, 96, 96, 112];
const QE_REPORT_PARTS = [96, 96, 100, 92];

/**
 * Cuts a quote into cells and computes the hints with which the chain checks its signatures. Nothing is verified here.
 *
 * @param bytes - a raw TDX quote of version 4 or 5 with its PCK chain
 * @param root - the key of the root that the chain trusts; default: that of the quote's own last certificate
 * @throws AttestationError what readRawQuote and shiftHints refuse
 */
export function packQuote(bytes: Uint8Array, root?: Point): PackedQuote {
    const raw = readRawQuote(bytes);
    const [leaf, issuer] = raw.certificates as [Certificate, Certificate];
    const firstPart = raw.version === 4 ? 112 : 118;
    const body = raw.report.subarray(firstPart);
    const mrtd = body.subarray(72, 120);
    const rtmrs = body.subarray(264, 456);
    return {
        quote: quoteCell(raw, leaf.key),
        chain: beginCell()
            .storeRef(pckCell(leaf))
            .storeRef(signedBy(issuer.key, leaf.tbs, leaf.signature))
            .storeRef(certificateCell(issuer))
            .storeRef(signedBy(root ?? raw.certificates.at(-1)!.key, issuer.tbs, issuer.signature))
            .endCell(),
        facts: pckFactsCell(leaf, issuer),
        measurement: uint(sha256_sync(Buffer.concat([mrtd, rtmrs]))),
        reportData: body.subarray(456, 520),
    };
}

/** `Quote` of schemas/attestation.tlb, with hints for the PCK's key. */
export function quoteCell(raw: RawQuote, pckKey: Point): Cell {
    const firstPart = raw.version === 4 ? 112 : 118;
    return beginCell()
        .storeBuffer(raw.attestationKey)
        .storeBuffer(raw.authData)
        .storeRef(chainOf(cutAt(raw.report, [firstPart, ...REPORT_PARTS])))
        .storeRef(signedBy(attestationKeyOf(raw), raw.report, raw.signature))
        .storeRef(chainOf(cutAt(raw.qeReport, QE_REPORT_PARTS)))
        .storeRef(signedBy(pckKey, raw.qeReport, raw.qeSignature))
        .endCell();
}

/** A TBSCertificate in cells; behind the key they end anywhere. */
export function certificateCell(certificate: Certificate): Cell {
    const { tbs, starts } = certificate;
    const [issuer, validity, subject, key, extensions] = starts;
    const tail = cutAround(tbs.subarray(key), [[0, extensions - key]]);
    return chainOf([...cutAt(tbs.subarray(0, key), [issuer, validity - issuer, subject - validity]), ...tail]);
}

/** A PCK certificate's TBSCertificate in cells. */
export function pckCell(certificate: Certificate): Cell {
    const { tbs, starts } = certificate;
    const [issuer, validity, subject, key] = starts;
    const { runs, cuts } = readPckExtension(certificate);
    const sections = [key, ...cuts, tbs.length];
    const tail = sections.slice(0, -1).flatMap((start, i) =>
        cutAround(
            tbs.subarray(start, sections[i + 1]),
            runs.map(([from, to]) => [from - start, to - start] as const).filter(([from]) => from >= 0),
        ),
    );
    return chainOf([...cutAt(tbs.subarray(0, key), [issuer, validity - issuer, subject - validity]), ...tail]);
}

/** `ShiftedSignature` over SHA-256 of a message. */
export function signedBy(key: Point, message: Uint8Array, signature: EcdsaSignature): Cell {
    return shiftedSignature(uint(sha256_sync(Buffer.from(message))), key, signature);
}

/** Parts of these sizes, and what is left if there is anything. */
function cutAt(bytes: Buffer, sizes: readonly number[]): Buffer[] {
    const parts: Buffer[] = [];
    let start = 0;
    for (const size of sizes) {
        parts.push(bytes.subarray(start, start + size));
        start += size;
    }
    return start < bytes.length ? [...parts, bytes.subarray(start)] : parts;
}
