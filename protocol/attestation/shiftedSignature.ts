import { beginCell, Cell } from '@ton/core';
import { AttestationError } from './attestationError';
import { inverse, isOnCurve, mod, multiply, P256_G, P256_N, Point, slopeOf } from './p256';

/** SHA-256 of the 256-bit operand 0, which the chain's opcode takes for the digest. */
export const DIGEST_OF_ZERO = 0x66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925n;

/** An ECDSA signature as two numbers below the curve's order. */
export interface EcdsaSignature {
    readonly r: bigint;
    readonly s: bigint;
}

/** What the chain asks for besides a signature; it believes none of it. docs/attestation.md says why it suffices. */
export interface ShiftHints {
    /** (digest − SHA-256(0)) / r modulo the curve's order. */
    readonly delta: bigint;
    /** delta · G. */
    readonly shift: Point;
    /** Of the chord through the key and `shift`. */
    readonly slope: bigint;
}

/**
 * The hints with which the chain checks a signature over a digest that its own opcode cannot be given.
 *
 * @param digest - SHA-256 of what was signed, 256 bits
 * @throws AttestationError `malformed-signature` for r or s out of range or a key off the curve, `no-hint` in the cases, which nobody
 * meets by chance, in which the shift has the key's own x coordinate or is the neutral element
 */
export function shiftHints(digest: bigint, key: Point, { r, s }: EcdsaSignature): ShiftHints {
    if (r <= 0n || r >= P256_N || s <= 0n || s >= P256_N) {
        throw new AttestationError(
            'malformed-signature',
            'r or s is outside of [1, n); take the signature as it was made',
        );
    }
    if (!isOnCurve(key)) {
        throw new AttestationError(
            'malformed-signature',
            'The key is not a point of P-256; take it from its certificate',
        );
    }
    const delta = mod((digest - DIGEST_OF_ZERO) * inverse(r, P256_N), P256_N);
    const shift = multiply(delta, P256_G);
    if (shift === undefined || shift.x === key.x) {
        throw new AttestationError(
            'no-hint',
            'The chain cannot check this signature; have the message signed once more',
        );
    }
    return { delta, shift, slope: slopeOf(key, shift) };
}

/** `ShiftedSignature` of schemas/attestation.tlb. */
export function storeShiftedSignature({ r, s }: EcdsaSignature, { delta, shift, slope }: ShiftHints): Cell {
    return beginCell()
        .storeUint(r, 256)
        .storeUint(s, 256)
        .storeUint(delta, 256)
        .storeRef(beginCell().storeUint(shift.x, 256).storeUint(shift.y, 256).storeUint(slope, 256).endCell())
        .endCell();
}

/** Signature and hints in one cell; see {@link shiftHints} for the errors. */
export function shiftedSignature(digest: bigint, key: Point, signature: EcdsaSignature): Cell {
    return storeShiftedSignature(signature, shiftHints(digest, key, signature));
}
