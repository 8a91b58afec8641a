import { RefereeError } from '../errors';
import { saturate32, saturate8 } from '../integers';
import { bits, integerRoot, requireSize, rescaleSigned, saturate16, type Scale, within } from './numbers';

/** Every value of `norm` of one row (decoder.md, section 2.2). */
export interface NormRow {
    /** Greatest magnitude, 0 … 2^31. */
    readonly m: number;
    /** Bits dropped from the row, 0 … 18. */
    readonly b: number;
    /** The row without them: `[D]`, magnitude at most 2^14. */
    readonly x: Int32Array;
    /** Sum of squares with epsilon, below 2^42. */
    readonly S: number;
    /** Exponent that brings `S` to 32 bits, −15 … 5. */
    readonly e: number;
    /** `⌊S / 4^e⌋`, 2^30 … 2^32 − 1. */
    readonly s: number;
    /** Its root, 2^15 … 2^16 − 1. */
    readonly r: number;
    /** `⌊2^31 / r⌋`, 2^15 … 2^16. */
    readonly u: number;
    /** The output: i8 `[D]`. */
    readonly Y: Int8Array;
}

/** Every value of `rope` of one head (section 2.3). */
export interface RotatedHead {
    /** i32 `[d]`, magnitude at most 2^30. */
    readonly A: Int32Array;
    /** The output: i8 `[d]`. */
    readonly Y: Int8Array;
}

/** Every value of `attention` of one query head at position `p` (section 2.4). */
export interface AttentionHead {
    /** Scores `[p + 1]`, magnitude at most 2^22. */
    readonly a: Int32Array;
    /** The greatest score. */
    readonly z: number;
    /** Indices into the table `[p + 1]`, 0 … 4095. */
    readonly i: Int32Array;
    /** Weights `[p + 1]`, 0 … 32,768. */
    readonly w: Int32Array;
    /** Their sum, 2^15 … 2^31. */
    readonly W: number;
    /** Probabilities `[p + 1]`, 0 … 65,536. */
    readonly P: Int32Array;
    /** i32 `[d]`, magnitude at most 12,582,912. */
    readonly O: Int32Array;
    /** The output: i8 `[d]`. */
    readonly Y: Int8Array;
}

/** Every value of `gated` of one row (section 2.5). */
export interface GatedRow {
    /** Indices into the table `[F]`, 0 … 4095. */
    readonly i: Int32Array;
    /** Gates after their function: i16 `[F]`. */
    readonly a: Int32Array;
    /** `a · up`: `[F]`, magnitude at most 2^30. */
    readonly product: Int32Array;
    /** The output: i8 `[F]`. */
    readonly Y: Int8Array;
}

/**
 * Section 2.1, `embedding`: a token's row of the table, in units of the residual stream.
 *
 * @param token - below `V`, else `operand`
 * @param W - i8 `[V, D]`
 * @param scale - one multiplier and shift for each token
 * @returns i32 `[D]`
 */
export function embedding(token: number, W: Int8Array, scale: Scale): Int32Array {
    const V = scale.multiplier.length;
    if (!Number.isInteger(token) || token < 0 || token >= V) {
        throw new RefereeError('operand', `token ${token} is not one of ${V}`);
    }
    const D = W.length / V;
    const multiplier = scale.multiplier[token]!;
    const shift = scale.shift[token]!;
    return Int32Array.from(W.subarray(token * D, (token + 1) * D), (w) => rescaleSigned(w, multiplier, shift));
}

/**
 * Section 2.2, `norm`: RMSNorm by an integer root.
 *
 * @param X - i32 `[D]`, 1 … 8,192 of them
 * @param E - epsilon in squares of the residual unit, 1 … 2^32 − 1
 * @param scale - one multiplier and shift for each channel; shifts 15 … 57
 */
export function norm(X: Int32Array, E: number, scale: Scale): NormRow {
    within('D', X.length, 1, 8_192);
    within('E', E, 1, 2 ** 32 - 1);
    requireSize('the multipliers of a norm', scale.multiplier, X.length);
    requireSize('the shifts of a norm', scale.shift, X.length);

    const m = within(
        'm',
        X.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
        0,
        2 ** 31,
    );
    const b = within('b', Math.max(0, bits(m) - 14), 0, 18);
    const x = X.map((value) => within('x', rescaleSigned(value, 1, b), -(2 ** 14), 2 ** 14));
    const squares = x.reduce((sum, value) => sum + value * value, 0);
    const S = within('S', squares + Math.floor(E / 4 ** b), 1, 2 ** 42 - 1);
    const e = within('e', Math.floor((bits(S) - 1) / 2) - 15, -15, 5);
    const s = within('s', Math.floor(S / 4 ** e), 2 ** 30, 2 ** 32 - 1);
    const r = within('r', integerRoot(s), 2 ** 15, 2 ** 16 - 1);
    const u = within('u', Math.floor(2 ** 31 / r), 2 ** 15, 2 ** 16);
    const Y = new Int8Array(X.length);
    for (let k = 0; k < X.length; k++) {
        const product = within('x·u', x[k]! * u, -(2 ** 30), 2 ** 30);
        const shift = within('the shift of a norm', scale.shift[k]!, 15, 57) + e;
        Y[k] = saturate8(rescaleSigned(product, scale.multiplier[k]!, shift));
    }
    return { m, b, x, S, e, s, r, u, Y };
}

/**
 * Section 2.3, `rope`: rotates the pairs `(j, j + d/2)` of one head.
 *
 * @param X - i16 `[d]`, `d` even
 * @param C - the table's row of the position: i16 `[d]`, cosines, then sines, each −16,384 … 16,384
 * @param multiplier - of the head, 0 … 2^31 − 1
 * @param shift - of the head, 0 … 62
 */
export function rope(X: Int16Array, C: Int16Array, multiplier: number, shift: number): RotatedHead {
    const d = X.length;
    within('d', d, 2, 256);
    within('d mod 2', d % 2, 0, 0);
    requireSize('a row of the rope table', C, d);
    const A = new Int32Array(d);
    for (let j = 0; j < d / 2; j++) {
        const c = within('a cosine', C[j]!, -16_384, 16_384);
        const n = within('a sine', C[d / 2 + j]!, -16_384, 16_384);
        const first = X[j]!;
        const second = X[j + d / 2]!;
        A[j] = within('A', first * c - second * n, -(2 ** 30), 2 ** 30);
        A[j + d / 2] = within('A', second * c + first * n, -(2 ** 30), 2 ** 30);
    }
    return { A, Y: Int8Array.from(A, (value) => saturate8(rescaleSigned(value, multiplier, shift))) };
}

/**
 * Section 2.4, `attention` of one query head over positions 0 … `p`.
 *
 * @param q - i8 `[d]`
 * @param K - keys, i8 `[p + 1, d]`
 * @param V - values, i8 `[p + 1, d]`
 * @param exp - the table, u16 `[4096]`
 * @param score - multiplier and shift of the head's scores, `[1]` each
 * @param output - multipliers and shifts of its outputs, `[d]` each
 */
export function attention(
    q: Int8Array,
    K: Int8Array,
    V: Int8Array,
    exp: Uint16Array,
    score: Scale,
    output: Scale,
): AttentionHead {
    const d = within('d', q.length, 2, 256);
    const count = within('positions', K.length / d, 1, 65_536);
    requireSize('the values', V, K.length);
    requireSize('the exp table', exp, 4_096);
    requireSize('the multiplier of a score', score.multiplier, 1);
    requireSize('the multipliers of an attention', output.multiplier, d);

    const a = new Int32Array(count);
    for (let t = 0; t < count; t++) {
        let sum = 0;
        for (let j = 0; j < d; j++) sum += q[j]! * K[t * d + j]!;
        a[t] = within('a', sum, -(2 ** 22), 2 ** 22);
    }
    const z = a.reduce((most, value) => Math.max(most, value), -Infinity);
    const i = a.map((value) => {
        const below = within('z − a', z - value, 0, 2 ** 23);
        const scaled = rescaleSigned(below, score.multiplier[0]!, score.shift[0]!);
        return within('i', Math.min(4_095, scaled), 0, 4_095);
    });
    const w = i.map((index) => within('w', exp[index]!, 0, 32_768));
    const W = within(
        'W',
        w.reduce((sum, value) => sum + value, 0),
        2 ** 15,
        count * 2 ** 15,
    );
    const P = w.map((value) => {
        const dividend = within('the dividend', value * 2 ** 16 + Math.floor(W / 2), 0, 2 ** 32 - 1);
        return within('P', Math.floor(dividend / W), 0, 65_536);
    });
    within(
        'the sum of P',
        P.reduce((sum, value) => sum + value, 0),
        0,
        65_536 + Math.floor(count / 2),
    );
    const O = new Int32Array(d);
    const Y = new Int8Array(d);
    for (let j = 0; j < d; j++) {
        let sum = 0;
        for (let t = 0; t < count; t++) sum += P[t]! * V[t * d + j]!;
        O[j] = within('O', sum, -12_582_912, 12_582_912);
        Y[j] = saturate8(rescaleSigned(O[j]!, output.multiplier[j]!, output.shift[j]!));
    }
    return { a, z, i, w, W, P, O, Y };
}

/**
 * Section 2.5, `gated`: the product of SwiGLU.
 *
 * @param gate - i16 `[F]`
 * @param up - i16 `[F]`
 * @param sigmoid - the table, u16 `[4096]`, each 0 … 32,768
 * @param index - multiplier and shift of the table's index, `[1]` each
 * @param output - multipliers and shifts of the products, `[F]` each
 */
export function gated(gate: Int16Array, up: Int16Array, sigmoid: Uint16Array, index: Scale, output: Scale): GatedRow {
    const F = gate.length;
    requireSize('the ups', up, F);
    requireSize('the sigmoid table', sigmoid, 4_096);
    requireSize('the multiplier of an index', index.multiplier, 1);
    requireSize('the multipliers of a product', output.multiplier, F);
    const i = new Int32Array(F);
    const a = new Int32Array(F);
    const product = new Int32Array(F);
    const Y = new Int8Array(F);
    for (let k = 0; k < F; k++) {
        const scaled = rescaleSigned(gate[k]!, index.multiplier[0]!, index.shift[0]!);
        i[k] = within('i', Math.min(2_047, Math.max(-2_048, scaled)) + 2_048, 0, 4_095);
        const factor = within('sigmoid', sigmoid[i[k]!]!, 0, 32_768);
        const raw = within('gate·sigmoid', gate[k]! * factor, -(2 ** 30), 2 ** 30);
        a[k] = within('a', rescaleSigned(raw, 1, 15), -(2 ** 15), 2 ** 15 - 1);
        product[k] = within('a·up', a[k]! * up[k]!, -(2 ** 30), 2 ** 30);
        Y[k] = saturate8(rescaleSigned(product[k]!, output.multiplier[k]!, output.shift[k]!));
    }
    return { i, a, product, Y };
}

/**
 * Section 2.6, `add`: residual sum, saturating.
 *
 * @param R - i32 `[D]`
 * @param x - i32 `[D]`
 * @returns i32 `[D]`
 */
export function add(R: Int32Array, x: Int32Array): Int32Array {
    requireSize('the summand', x, R.length);
    return R.map((value, k) => saturate32(BigInt(within('R + x', value + x[k]!, -(2 ** 32), 2 ** 32))));
}

/**
 * Section 1, `requantise16` of a row: accumulators to 16 bits.
 *
 * @param A - i32 `[n]`
 * @param scale - `[n]` each
 * @returns i16 `[n]`
 */
export function requantise16(A: Int32Array, scale: Scale): Int16Array {
    requireSize('the multipliers', scale.multiplier, A.length);
    return Int16Array.from(A, (a, n) => saturate16(rescaleSigned(a, scale.multiplier[n]!, scale.shift[n]!)));
}
