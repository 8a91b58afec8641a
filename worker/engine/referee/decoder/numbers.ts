import { RefereeError } from '../errors';
import { multiplyShiftRound } from '../integers';

/** Multipliers and shifts of one use of `rescale`, one of each for every channel. */
export interface Scale {
    /** i32 `[n]`: 0 … 2^31 − 1; of a norm −(2^31 − 1) … 2^31 − 1. */
    readonly multiplier: Int32Array;
    /** u32 `[n]`: 0 … 62; of a norm 15 … 57. */
    readonly shift: Uint32Array;
}

/** decoder.md, section 1: `min(2^15 − 1, max(−2^15, x))`. */
export function saturate16(x: number): number {
    return Math.min(2 ** 15 - 1, Math.max(-(2 ** 15), x));
}

/**
 * engine.md, section 2.3, with the range of multipliers of decoder.md, section 1: they may be negative.
 *
 * @param a - an i32
 * @param multiplier - −(2^31 − 1) … 2^31 − 1
 * @param shift - 0 … 62
 * @returns an i32
 */
export function rescaleSigned(a: number, multiplier: number, shift: number): number {
    within('the operand of rescale', a, -(2 ** 31), 2 ** 31 - 1);
    within('a multiplier', multiplier, -(2 ** 31 - 1), 2 ** 31 - 1);
    within('a shift', shift, 0, 62);
    return multiplyShiftRound(a, multiplier, shift);
}

/** decoder.md, section 2.2: the least `n` with `m < 2^n`; 0 for 0. */
export function bits(m: number): number {
    let n = 0;
    while (m >= 2 ** n) n++;
    return n;
}

/** `⌊√s⌋` of an integer below 2^32, bit by bit from the highest. */
export function integerRoot(s: number): number {
    let r = 0;
    for (let bit = 2 ** 15; bit >= 1; bit /= 2) {
        if ((r + bit) * (r + bit) <= s) r += bit;
    }
    return r;
}

/**
 * A bound of the text: throws if an integer left its range (`bound`).
 *
 * @param name - what it is, for the message
 * @returns the integer
 */
export function within(name: string, x: number, least: number, greatest: number): number {
    if (!Number.isInteger(x) || x < least || x > greatest) {
        throw new RefereeError('bound', `${name} is ${x}, not in ${least} … ${greatest}`);
    }
    return x;
}

/** An operand's shape: throws if an array has another length (`operand`). */
export function requireSize(name: string, array: { readonly length: number }, wanted: number): void {
    if (array.length !== wanted) {
        throw new RefereeError('operand', `${name} has ${array.length} elements, not ${wanted}`);
    }
}
