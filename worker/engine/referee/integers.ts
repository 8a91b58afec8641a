const MAX = 2n ** 31n - 1n;
const MIN = -(2n ** 31n);

/**
 * Section 1: two's complement wrap-around to i32, `((x + 2^31) mod 2^32) − 2^31`.
 *
 * @param x - an integer whose magnitude is below 2^52, so that every step is exact in a double
 */
export function wrap32(x: number): number {
    const shifted = x + 2 ** 31;
    const modulo = shifted - Math.floor(shifted / 2 ** 32) * 2 ** 32; // a result in 0 … 2^32 − 1, also when x is negative
    return modulo - 2 ** 31;
}

/**
 * Section 1: `min(127, max(−128, x))`.
 *
 * @param x - an integer
 */
export function saturate8(x: number): number {
    return Math.min(127, Math.max(-128, x));
}

/**
 * Section 1: `min(2^31 − 1, max(−2^31, x))`. A `bigint` goes in because the value before saturation needs up to 63 bits.
 *
 * @param x - an integer
 */
export function saturate32(x: bigint): number {
    return Number(x > MAX ? MAX : x < MIN ? MIN : x);
}

/**
 * Section 2.3: `saturate32( ⌊ (a · multiplier + R) / 2^shift ⌋ )` with `R` half of `2^shift`, or 0 where `shift` is 0. To the nearest
 * integer, ties towards +∞, for multipliers of either sign (the norms of a decoder have negative ones).
 *
 * @param a - an i32
 * @param multiplier - an integer of at most 31 bits and a sign
 * @param shift - 0 … 62
 */
export function multiplyShiftRound(a: number, multiplier: number, shift: number): number {
    const P = BigInt(a) * BigInt(multiplier);
    const R = shift === 0 ? 0n : 1n << BigInt(shift - 1);
    return saturate32((P + R) >> BigInt(shift)); // `>>` of a `bigint` is `⌊ / 2^shift⌋`, of a negative one too
}
