import { beginCell, Cell } from '@ton/core';
import { requireShape, requireSignature, requireUint } from './checks';

/** Longest validity of a quote that a stake accepts, in seconds. */
export const QUOTE_MAX_SECONDS = 120;

const QUOTE_BITS = 800;

/** A provider's signed promise to take one job; made by `signQuote`, spent by `PostJob`. */
export interface Quote {
    /** Hash of the cell of the job's terms. */
    termsHash: bigint;
    /** Unix seconds; the stake wants now \< validUntil ≤ now + 120. */
    validUntil: number;
    /** 64 bytes, by the signingKey of the provider's profile. */
    signature: Buffer;
}

/**
 * Packs a quote.
 *
 * @throws InputError if a value does not fit its field or the signature has not 64 bytes
 */
export function createQuoteCell(quote: Quote): Cell {
    return beginCell()
        .storeUint(requireUint('termsHash', quote.termsHash, 256), 256)
        .storeUint(requireUint('validUntil', quote.validUntil, 32), 32)
        .storeBuffer(requireSignature('signature', quote.signature))
        .endCell();
}

/**
 * Reads a quote.
 *
 * @throws InputError `malformed-cell`
 */
export function parseQuote(cell: Cell): Quote {
    requireShape('quote', cell, QUOTE_BITS, 0);
    const slice = cell.beginParse();
    return { termsHash: slice.loadUintBig(256), validUntil: slice.loadUint(32), signature: slice.loadBuffer(64) };
}
