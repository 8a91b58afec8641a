import { allocateOrRefuse, RefereeError } from './errors';
import { multiplyShiftRound, saturate8, wrap32 } from './integers';

/** The shape of a matrix of `M` rows and `N` columns, stored row-major (section 1). */
export interface RowsByColumns {
    /** Rows, the batch: at least 1 (section 2). */
    M: number;
    /** Columns, the channels: at least 1. */
    N: number;
}

/** The shape of a product of `[M, K]` by `[N, K]` transposed (section 2.2). */
export interface ProductShape extends RowsByColumns {
    /** Inputs of every output channel: 1 … 131,071. */
    K: number;
}

/** Section 2.2: `K` is below this, so that the sum without bias never overflows. */
export const K_LIMIT = 131_072;

/** Section 2.3: the greatest shift. */
export const MAX_SHIFT = 62;

/**
 * Section 2.1, `quantise`: image bytes to int8. `quantise(X)(m, k) = X(m, k) − 128`.
 *
 * @param X - u8 `[M, K]`
 * @returns i8 `[M, K]`
 */
export function quantise(X: Uint8Array): Int8Array {
    requireNotEmpty('X', X.length);
    const out = allocateOrRefuse('the quantised input', () => new Int8Array(X.length));
    for (let i = 0; i < X.length; i++) {
        out[i] = X[i]! - 128;
    }
    return out;
}

/**
 * Section 2.2, `linear`: int8 matrix product with bias.
 * `linear(X, W, B)(m, n) = wrap32( B(n) + Σ_k X(m, k) · W(n, k) )`.
 *
 * The sum is below 2^31 in magnitude and the bias at most 2^31: a double holds every partial sum exactly, and
 * wrap-around is applied once, where the formula has it.
 *
 * @param X - i8 `[M, K]`
 * @param W - i8 `[N, K]`, one row per output channel
 * @param B - i32 `[N]`
 * @param shape - `M`, `K` and `N`
 * @returns i32 `[M, N]`
 */
export function linear(X: Int8Array, W: Int8Array, B: Int32Array, shape: ProductShape): Int32Array {
    const { M, K, N } = shape;
    requireDimension('M', M);
    requireDimension('K', K);
    requireDimension('N', N);
    if (K >= K_LIMIT) {
        throw new RefereeError('operand', `K is ${K}, but must be below ${K_LIMIT}`);
    }
    requireLength('X', X.length, M * K);
    requireLength('W', W.length, N * K);
    requireLength('B', B.length, N);
    const A = allocateOrRefuse('the accumulators', () => new Int32Array(M * N));
    for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
            let sum = 0;
            for (let k = 0; k < K; k++) {
                sum += X[m * K + k]! * W[n * K + k]!;
            }
            A[m * N + n] = wrap32(B[n]! + sum);
        }
    }
    return A;
}

/**
 * Section 2.3, `rescale`, for one element: `saturate32( ⌊ (a · multiplier + R) / 2^shift ⌋ )` with `R` half of `2^shift`, or 0
 * where `shift` is 0. To the nearest integer, ties towards +∞.
 *
 * @param a - an i32
 * @param multiplier - 0 … 2^31 − 1
 * @param shift - 0 … 62
 * @returns an i32
 */
export function rescaleElement(a: number, multiplier: number, shift: number): number {
    if (!isIntegerIn(a, -(2 ** 31), 2 ** 31 - 1)) {
        throw new RefereeError('operand', `${a} is not an i32`);
    }
    requireMultiplier(multiplier);
    requireShift(shift);
    return multiplyShiftRound(a, multiplier, shift);
}

/**
 * Section 2.3, `rescale`: multiply, shift, round, with one multiplier and one shift per channel.
 *
 * @param A - i32 `[M, N]`
 * @param multiplier - i32 `[N]`, each 0 … 2^31 − 1
 * @param shift - u32 `[N]`, each 0 … 62
 * @param shape - `M` and `N`
 * @returns i32 `[M, N]`
 */
export function rescale(A: Int32Array, multiplier: Int32Array, shift: Uint32Array, shape: RowsByColumns): Int32Array {
    const { M, N } = shape;
    requireScaling(A, multiplier, shift, shape);
    const out = allocateOrRefuse('the rescaled values', () => new Int32Array(M * N));
    for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
            out[m * N + n] = rescaleElement(A[m * N + n]!, multiplier[n]!, shift[n]!);
        }
    }
    return out;
}

/**
 * Section 2.4, `requantise`, for one element: `saturate8( rescale(a, multiplier, shift) )`.
 *
 * @param a - an i32
 * @param multiplier - 0 … 2^31 − 1
 * @param shift - 0 … 62
 * @returns an i8
 */
export function requantiseElement(a: number, multiplier: number, shift: number): number {
    return saturate8(rescaleElement(a, multiplier, shift));
}

/**
 * Section 2.4, `requantise`: int32 to int8.
 *
 * @param A - i32 `[M, N]`
 * @param multiplier - i32 `[N]`, each 0 … 2^31 − 1
 * @param shift - u32 `[N]`, each 0 … 62
 * @param shape - `M` and `N`
 * @returns i8 `[M, N]`
 */
export function requantise(A: Int32Array, multiplier: Int32Array, shift: Uint32Array, shape: RowsByColumns): Int8Array {
    const { M, N } = shape;
    requireScaling(A, multiplier, shift, shape);
    const out = allocateOrRefuse('the requantised values', () => new Int8Array(M * N));
    for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
            out[m * N + n] = requantiseElement(A[m * N + n]!, multiplier[n]!, shift[n]!);
        }
    }
    return out;
}

/**
 * Section 2.5, `relu`: `max(0, x)`.
 *
 * @param X - i8 `[M, N]`
 * @returns i8 `[M, N]`
 */
export function relu(X: Int8Array): Int8Array {
    requireNotEmpty('X', X.length);
    const out = allocateOrRefuse('the rectified values', () => new Int8Array(X.length));
    for (let i = 0; i < X.length; i++) {
        out[i] = Math.max(0, X[i]!);
    }
    return out;
}

/**
 * Section 2.6, `argmax`: in every row, the least index that holds the row's greatest value.
 *
 * @param X - i32 `[M, N]`
 * @param shape - `M` and `N`
 * @returns u32 `[M]`
 */
export function argmax(X: Int32Array, shape: RowsByColumns): Uint32Array {
    const { M, N } = shape;
    requireDimension('M', M);
    requireDimension('N', N);
    requireLength('X', X.length, M * N);
    const out = allocateOrRefuse('the classes', () => new Uint32Array(M));
    for (let m = 0; m < M; m++) {
        let best = 0;
        for (let n = 1; n < N; n++) {
            if (X[m * N + n]! > X[m * N + best]!) {
                best = n; // only a strictly greater value moves it: the first of equal maxima stays
            }
        }
        out[m] = best;
    }
    return out;
}

function isIntegerIn(x: number, least: number, greatest: number): boolean {
    return Number.isInteger(x) && x >= least && x <= greatest;
}

function requireDimension(name: string, size: number): void {
    if (!Number.isSafeInteger(size) || size < 1) {
        throw new RefereeError('operand', `${name} is ${size}, but must be an integer that is at least 1`);
    }
}

function requireNotEmpty(name: string, length: number): void {
    if (length === 0) {
        throw new RefereeError('operand', `${name} is empty, but a batch has at least one row`);
    }
}

function requireLength(name: string, length: number, wanted: number): void {
    if (length !== wanted) {
        throw new RefereeError('operand', `${name} has ${length} elements, but its shape has ${wanted}`);
    }
}

function requireMultiplier(multiplier: number): void {
    if (!isIntegerIn(multiplier, 0, 2 ** 31 - 1)) {
        throw new RefereeError('multiplier', `multiplier ${multiplier} is not in 0 … 2^31 − 1`);
    }
}

function requireShift(shift: number): void {
    if (!isIntegerIn(shift, 0, MAX_SHIFT)) {
        throw new RefereeError('shift', `shift ${shift} is not in 0 … ${MAX_SHIFT}`);
    }
}

/** The operands that `rescale` and `requantise` share (section 2.3). */
function requireScaling(A: Int32Array, multiplier: Int32Array, shift: Uint32Array, { M, N }: RowsByColumns): void {
    requireDimension('M', M);
    requireDimension('N', N);
    requireLength('A', A.length, M * N);
    requireLength('multiplier', multiplier.length, N);
    requireLength('shift', shift.length, N);
    for (let n = 0; n < N; n++) {
        requireMultiplier(multiplier[n]!);
        requireShift(shift[n]!);
    }
}
