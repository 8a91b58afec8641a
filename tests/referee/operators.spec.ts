import fc from 'fast-check';
import {
    argmax,
    linear,
    quantise,
    relu,
    requantise,
    requantiseElement,
    rescale,
    rescaleElement,
    saturate32,
    saturate8,
    wrap32,
} from '../../worker/engine/referee';
import { refusal } from './support';

const MIN = -(2 ** 31);
const MAX = 2 ** 31 - 1;

const i32 = fc.oneof(fc.integer({ min: MIN, max: MAX }), fc.constantFrom(MIN, MIN + 1, -1, 0, 1, MAX - 1, MAX));
const multipliers = fc.oneof(fc.integer({ min: 0, max: MAX }), fc.constantFrom(0, 1, 2 ** 30, MAX - 1, MAX));
const shifts = fc.integer({ min: 0, max: 62 });

/** Section 2.7: a, multiplier, shift, P, rescale, requantise, relu. */
const VALUES: [number, number, number, bigint, number, number, number][] = [
    [5, 1, 1, 5n, 3, 3, 3],
    [-5, 1, 1, -5n, -2, -2, 0],
    [3, 1073741824, 31, 3221225472n, 2, 2, 2],
    [-3, 1073741824, 31, -3221225472n, -1, -1, 0],
    [1000, 1518500250, 34, 1518500250000n, 88, 88, 88],
    [-1000, 1518500250, 34, -1518500250000n, -88, -88, 0],
    [7, 3, 0, 21n, 21, 21, 21],
    [-7, 3, 0, -21n, -21, -21, 0],
    [2147483647, 2147483647, 0, 4611686014132420609n, 2147483647, 127, 127],
    [-2147483648, 2147483647, 0, -4611686016279904256n, -2147483648, -128, 0],
    [2147483647, 2147483647, 62, 4611686014132420609n, 1, 1, 1],
    [-2147483648, 2147483647, 62, -4611686016279904256n, -1, -1, 0],
    [-2147483648, 1073741824, 61, -2305843009213693952n, -1, -1, 0],
    [-2147483648, 1073741824, 62, -2305843009213693952n, 0, 0, 0],
    [2147483647, 0, 0, 0n, 0, 0, 0],
    [1, 1073741824, 31, 1073741824n, 1, 1, 1],
    [-1, 1073741824, 31, -1073741824n, 0, 0, 0],
    [-1, 1073741825, 31, -1073741825n, -1, -1, 0],
    [127, 1073741824, 30, 136365211648n, 127, 127, 127],
    [128, 1073741824, 30, 137438953472n, 128, 127, 127],
    [-129, 1073741824, 30, -138512695296n, -129, -128, 0],
];

describe('integers (section 1)', () => {
    it('wraps to i32', () => {
        const cases: [number, number][] = [
            [0, 0],
            [MAX, MAX],
            [MIN, MIN],
            [2 ** 31, MIN],
            [MIN - 1, MAX],
            [2 ** 32, 0],
            [-(2 ** 32), 0],
            [2 ** 32 - 1, -1],
            [3 * 2 ** 31 - 1, MAX],
        ];
        for (const [x, wanted] of cases) {
            expect([x, wrap32(x)]).toEqual([x, wanted]);
        }
    });

    it('wraps like two’s complement', () => {
        const wide = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
        fc.assert(fc.property(wide, (x) => wrap32(x) === Number(BigInt.asIntN(32, BigInt(x)))));
    });

    it('saturates', () => {
        expect([-1000, -129, -128, -1, 0, 127, 128, MAX].map(saturate8)).toEqual([
            -128, -128, -128, -1, 0, 127, 127, 127,
        ]);
        const wide = [-(2n ** 62n), -(2n ** 31n) - 1n, -(2n ** 31n), 0n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 62n];
        expect(wide.map(saturate32)).toEqual([MIN, MIN, MIN, 0, MAX, MAX, MAX]);
    });
});

describe('quantise (section 2.1)', () => {
    it('gives the values of section 2.8', () => {
        expect(quantise(Uint8Array.of(0, 1, 127, 128, 255))).toEqual(Int8Array.of(-128, -127, -1, 0, 127));
    });

    it('is a bijection of all 256 bytes', () => {
        const all = quantise(Uint8Array.from({ length: 256 }, (_, i) => i));
        expect(all).toEqual(Int8Array.from({ length: 256 }, (_, i) => i - 128));
    });

    it('refuses an empty batch', () => {
        expect(refusal(() => quantise(new Uint8Array(0)))).toBe('operand');
    });
});

describe('linear (section 2.2)', () => {
    it('gives the values of section 2.8', () => {
        const X = Int8Array.of(-128, 127, 3);
        const W = Int8Array.of(-128, -128, 1, 1, 2, 3, 127, -128, 0);
        const shape = { M: 1, K: 3, N: 3 };
        expect(linear(X, W, Int32Array.of(0, 0, 0), shape)).toEqual(Int32Array.of(131, 135, -32512));
        expect(linear(X, W, Int32Array.of(10, MAX, MIN), shape)).toEqual(Int32Array.of(141, -2147483514, 2147451136));
    });

    it('multiplies by the transpose, for a batch with M, K and N all different', () => {
        const X = Int8Array.of(1, 2, 3, -4, 5, -6); // [2, 3]
        const W = Int8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1); // [4, 3]
        const B = Int32Array.of(0, 10, 20, 30);
        expect(linear(X, W, B, { M: 2, K: 3, N: 4 })).toEqual(Int32Array.of(1, 12, 23, 36, -4, 15, 14, 25));
    });

    it('multiplies the extreme values of i8', () => {
        const X = Int8Array.of(-128, -128, 127, 127);
        const W = Int8Array.of(-128, 127, -128, 127);
        const products = Array.from(X, (x, i) =>
            linear(Int8Array.of(x), Int8Array.of(W[i]!), Int32Array.of(0), { M: 1, K: 1, N: 1 }),
        );
        expect(products.map((p) => p[0])).toEqual([16384, -16256, -16256, 16129]);
    });

    it('holds the greatest sum exactly and wraps with the bias only', () => {
        const K = 131_071;
        const X = new Int8Array(K).fill(-128);
        const W = new Int8Array(4 * K).fill(-128);
        W.fill(127, 3 * K);
        const B = Int32Array.of(0, 16383, 16384, MIN);
        // K · 2^14 = 2^31 − 2^14; with 16383 the greatest i32, with one more it wraps.
        expect(linear(X, W, B, { M: 1, K, N: 4 })).toEqual(
            Int32Array.of(2147467264, MAX, MIN, K * -128 * 127 + MIN + 2 ** 32),
        );
    });

    it('wraps from the most negative bias', () => {
        const A = linear(Int8Array.of(-1), Int8Array.of(1), Int32Array.of(MIN), { M: 1, K: 1, N: 1 });
        expect(A).toEqual(Int32Array.of(MAX));
    });

    it('gives the same for wrapping 32-bit arithmetic in any order', () => {
        const shape = fc.record({ M: fc.integer({ min: 1, max: 3 }), K: fc.integer({ min: 1, max: 9 }) });
        const N = 2;
        const problem = shape.chain(({ M, K }) =>
            fc.record({
                M: fc.constant(M),
                K: fc.constant(K),
                X: fc.int8Array({ minLength: M * K, maxLength: M * K }),
                W: fc.int8Array({ minLength: N * K, maxLength: N * K }),
                B: fc.array(i32, { minLength: N, maxLength: N }),
            }),
        );
        fc.assert(
            fc.property(problem, ({ M, K, X, W, B }) => {
                const A = linear(X, W, Int32Array.from(B), { M, K, N });
                for (let m = 0; m < M; m++) {
                    for (let n = 0; n < N; n++) {
                        let acc = 0;
                        for (let k = K - 1; k >= 0; k--) {
                            acc = (acc + Math.imul(X[m * K + k]!, W[n * K + k]!)) | 0;
                        }
                        expect(A[m * N + n]).toBe((acc + B[n]!) | 0);
                    }
                }
            }),
        );
    });

    it('refuses shapes outside the text', () => {
        const one = Int8Array.of(1);
        const bias = Int32Array.of(0);
        expect(refusal(() => linear(one, one, bias, { M: 1, K: 1, N: 1 }))).toBeNull();
        expect(refusal(() => linear(one, one, bias, { M: 2, K: 1, N: 1 }))).toBe('operand');
        expect(refusal(() => linear(one, one, bias, { M: 1, K: 1, N: 2 }))).toBe('operand');
        expect(refusal(() => linear(one, one, Int32Array.of(0, 0), { M: 1, K: 1, N: 1 }))).toBe('operand');
        const none = new Int8Array(0);
        expect(refusal(() => linear(none, one, bias, { M: 0, K: 1, N: 1 }))).toBe('operand');
        expect(refusal(() => linear(none, none, bias, { M: 1, K: 0, N: 1 }))).toBe('operand');
        expect(refusal(() => linear(one, none, new Int32Array(0), { M: 1, K: 1, N: 0 }))).toBe('operand');
        expect(refusal(() => linear(one, one, bias, { M: 1.5, K: 1, N: 1 }))).toBe('operand');
        const long = new Int8Array(131_072);
        expect(refusal(() => linear(long, long, bias, { M: 1, K: 131_072, N: 1 }))).toBe('operand');
        const longest = new Int8Array(131_071);
        expect(refusal(() => linear(longest, longest, bias, { M: 1, K: 131_071, N: 1 }))).toBeNull();
    });
});

describe('rescale, requantise and relu (sections 2.3 to 2.5)', () => {
    it.each(VALUES)('%i · %i, shift %i', (a, multiplier, shift, product, rescaled, requantised, rectified) => {
        expect(BigInt(a) * BigInt(multiplier)).toBe(product);
        expect(rescaleElement(a, multiplier, shift)).toBe(rescaled);
        expect(requantiseElement(a, multiplier, shift)).toBe(requantised);
        const A = Int32Array.of(a);
        const m = Int32Array.of(multiplier);
        const s = Uint32Array.of(shift);
        expect(rescale(A, m, s, { M: 1, N: 1 })).toEqual(Int32Array.of(rescaled));
        expect(requantise(A, m, s, { M: 1, N: 1 })).toEqual(Int8Array.of(requantised));
        expect(relu(requantise(A, m, s, { M: 1, N: 1 }))).toEqual(Int8Array.of(rectified));
    });

    it('rounds every tie towards +∞, at every shift that has one', () => {
        for (let shift = 1; shift <= 31; shift++) {
            // 2^(shift−1) and its odd multiples are ties.
            const half = Math.min(2 ** (shift - 1), 2 ** 30);
            expect(rescaleElement(half, 1, shift)).toBe(1);
            expect(rescaleElement(-half, 1, shift)).toBe(0);
            if (3 * half <= MAX) {
                expect(rescaleElement(3 * half, 1, shift)).toBe(2);
                expect(rescaleElement(-3 * half, 1, shift)).toBe(-1);
            }
        }
        expect(rescaleElement(-(2 ** 31), 1, 32)).toBe(0);
        expect(rescaleElement(2 ** 30, 2 ** 30, 61)).toBe(1);
        expect(rescaleElement(-(2 ** 30), 2 ** 30, 61)).toBe(0);
        expect(rescaleElement(2 ** 30, 2 ** 30, 62)).toBe(0);
        expect(rescaleElement(-(2 ** 30), 2 ** 30 + 1, 61)).toBe(-1);
    });

    it('is the nearest integer, ties up, by the definition of nearest', () => {
        fc.assert(
            fc.property(i32, multipliers, shifts, (a, multiplier, shift) => {
                // r − 1/2 <= P / 2^shift < r + 1/2, doubled and multiplied out
                const P = BigInt(a) * BigInt(multiplier);
                const unit = 1n << BigInt(shift);
                const r = rescaleElement(a, multiplier, shift);
                const low = unit * (2n * BigInt(r) - 1n) <= 2n * P;
                const high = 2n * P < unit * (2n * BigInt(r) + 1n);
                return (low || r === MIN) && (high || r === MAX) && (low || high);
            }),
            { numRuns: 5000 },
        );
    });

    it('equals 32-bit arithmetic on 16-bit halves with a two-word negation', () => {
        fc.assert(
            fc.property(i32, multipliers, shifts, (a, multiplier, shift) => {
                expect(rescaleElement(a, multiplier, shift)).toBe(rescaleInHalves(a, multiplier, shift));
            }),
            { numRuns: 5000 },
        );
        for (const [a, multiplier, shift, , rescaled] of VALUES) {
            expect(rescaleInHalves(a, multiplier, shift)).toBe(rescaled);
        }
    });

    it('uses one multiplier and one shift per channel, for every row', () => {
        const A = Int32Array.of(100, 100, 100, -100, -100, -100);
        const multiplier = Int32Array.of(1, 3, 0);
        const shift = Uint32Array.of(0, 3, 62);
        const shape = { M: 2, N: 3 };
        expect(rescale(A, multiplier, shift, shape)).toEqual(Int32Array.of(100, 38, 0, -100, -37, 0));
        expect(requantise(A, multiplier, shift, shape)).toEqual(Int8Array.of(100, 38, 0, -100, -37, 0));
    });

    it('rectifies all 256 values', () => {
        const all = Int8Array.from({ length: 256 }, (_, i) => i - 128);
        expect(relu(all)).toEqual(Int8Array.from({ length: 256 }, (_, i) => (i < 128 ? 0 : i - 128)));
        expect(refusal(() => relu(new Int8Array(0)))).toBe('operand');
    });

    it('may be fused: min(127, max(0, rescale))', () => {
        fc.assert(
            fc.property(i32, multipliers, shifts, (a, multiplier, shift) => {
                const fused = Math.min(127, Math.max(0, rescaleElement(a, multiplier, shift)));
                return relu(Int8Array.of(requantiseElement(a, multiplier, shift)))[0] === fused;
            }),
        );
    });

    it('refuses operands outside the text', () => {
        expect(refusal(() => rescaleElement(1, -1, 0))).toBe('multiplier');
        expect(refusal(() => rescaleElement(1, 2 ** 31, 0))).toBe('multiplier');
        expect(refusal(() => rescaleElement(1, 0.5, 0))).toBe('multiplier');
        expect(refusal(() => rescaleElement(1, 1, 63))).toBe('shift');
        expect(refusal(() => rescaleElement(1, 1, -1))).toBe('shift');
        expect(refusal(() => rescaleElement(2 ** 31, 1, 0))).toBe('operand');
        expect(refusal(() => rescaleElement(MIN - 1, 1, 0))).toBe('operand');
        expect(refusal(() => rescaleElement(NaN, 1, 0))).toBe('operand');
        const A = Int32Array.of(1, 2);
        const good = Int32Array.of(1, 1);
        const zero = Uint32Array.of(0, 0);
        for (const operator of [rescale, requantise]) {
            expect(refusal(() => operator(A, good, zero, { M: 1, N: 2 }))).toBeNull();
            expect(refusal(() => operator(A, good, zero, { M: 2, N: 1 }))).toBe('operand');
            expect(refusal(() => operator(A, good, zero, { M: 2, N: 2 }))).toBe('operand');
            expect(refusal(() => operator(A, good, Uint32Array.of(0), { M: 1, N: 2 }))).toBe('operand');
            expect(refusal(() => operator(A, Int32Array.of(1, -1), zero, { M: 1, N: 2 }))).toBe('multiplier');
            expect(refusal(() => operator(A, good, Uint32Array.of(0, 63), { M: 1, N: 2 }))).toBe('shift');
            expect(refusal(() => operator(new Int32Array(0), good, zero, { M: 0, N: 2 }))).toBe('operand');
        }
    });
});

describe('argmax (section 2.6)', () => {
    it('gives the values of section 2.8', () => {
        const X = Int32Array.of(3, 9, 9, -1, -5, -5, -7, -6, MIN, MAX, 0, 0);
        expect(argmax(X, { M: 3, N: 4 })).toEqual(Uint32Array.of(1, 0, 1));
    });

    it('takes the lowest index of equal maxima, wherever they are', () => {
        expect(argmax(Int32Array.of(7, 7, 7), { M: 1, N: 3 })).toEqual(Uint32Array.of(0));
        expect(argmax(Int32Array.of(MIN, MIN), { M: 1, N: 2 })).toEqual(Uint32Array.of(0));
        expect(argmax(Int32Array.of(MIN, MAX, 1, MAX), { M: 1, N: 4 })).toEqual(Uint32Array.of(1));
        expect(argmax(Int32Array.of(-1, 0), { M: 1, N: 2 })).toEqual(Uint32Array.of(1));
        expect(argmax(Int32Array.of(-3, 4), { M: 2, N: 1 })).toEqual(Uint32Array.of(0, 0));
    });

    it('refuses shapes outside the text', () => {
        expect(refusal(() => argmax(new Int32Array(0), { M: 0, N: 1 }))).toBe('operand');
        expect(refusal(() => argmax(new Int32Array(0), { M: 1, N: 0 }))).toBe('operand');
        expect(refusal(() => argmax(Int32Array.of(1, 2, 3), { M: 1, N: 2 }))).toBe('operand');
    });
});

/** The route that section 2.3 gives to machines with 32-bit words only: nothing here is wider than 32 bits. */
function rescaleInHalves(a: number, multiplier: number, shift: number): number {
    const magnitude = (a < 0 ? -a : a) >>> 0;
    const add = (x: number, y: number): [number, number] => {
        const sum = (x + y) >>> 0;
        return [sum, sum < x ? 1 : 0];
    };
    const a0 = magnitude & 0xffff;
    const a1 = magnitude >>> 16;
    const b0 = multiplier & 0xffff;
    const b1 = multiplier >>> 16;
    const [middle, middleCarry] = add(Math.imul(a0, b1) >>> 0, Math.imul(a1, b0) >>> 0);
    let [lo, carry] = add(Math.imul(a0, b0) >>> 0, (middle << 16) >>> 0);
    let hi = (Math.imul(a1, b1) + (middle >>> 16) + (middleCarry << 16) + carry) >>> 0;
    if (a < 0) {
        [lo, carry] = add(~lo >>> 0, 1);
        hi = (~hi + carry) >>> 0;
    }
    if (shift >= 1) {
        [lo, carry] = add(lo, shift <= 32 ? (1 << (shift - 1)) >>> 0 : 0);
        hi = (hi + (shift > 32 ? 1 << (shift - 33) : 0) + carry) >>> 0;
    }
    let high = hi | 0; // signed from here on
    if (shift >= 32) {
        lo = (high >> (shift - 32)) >>> 0;
        high = high >> 31;
    } else if (shift >= 1) {
        lo = ((lo >>> shift) | (high << (32 - shift))) >>> 0;
        high = high >> shift;
    }
    const low = lo | 0;
    if (high === low >> 31) return low;
    return high < 0 ? MIN : MAX;
}
