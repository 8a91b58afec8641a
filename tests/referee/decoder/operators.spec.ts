import fc from 'fast-check';
import {
    add,
    attention,
    bits,
    embedding,
    gated,
    integerRoot,
    norm,
    requantise16,
    rescaleSigned,
    rope,
    type Scale,
} from '../../../worker/engine/referee/decoder';
import { expTable, sigmoidTable } from '../../fixtures/decoderFile';
import { refusal } from '../support';
import * as formulas from './formulas';
import { integers, section, table } from './page';

const MAX = 2 ** 31 - 1;
const EXAMPLES = '1. Single operators';
const LIMIT = 16_384;

/** Integers of a range, its ends and what is next to zero more often than by chance. */
function between(least: number, greatest: number): fc.Arbitrary<number> {
    const edges = [least, least + 1, -1, 0, 1, greatest - 1, greatest].filter((x) => x >= least && x <= greatest);
    return fc.oneof(fc.integer({ min: least, max: greatest }), fc.constantFrom(...edges));
}

const i8 = between(-128, 127);
const i16 = between(-32_768, 32_767);
const i32 = between(-MAX - 1, MAX);
const factor = fc.tuple(between(0, MAX), between(0, 62));
const normFactor = fc.tuple(between(-MAX, MAX), between(15, 57));
/** Factors that bring accumulators of so many bits to about 8, so that outputs are not all 0 or saturated. */
const fitting = (from: number): fc.Arbitrary<[number, number]> =>
    fc.oneof(factor, fc.tuple(between(2 ** 30, MAX), fc.integer({ min: from + 22, max: from + 26 })));

const list = <T>(element: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
    fc.array(element, { minLength: length, maxLength: length });

function scaleOf(factors: readonly (readonly [number, number])[]): Scale {
    return {
        multiplier: Int32Array.from(factors, ([multiplier]) => multiplier),
        shift: Uint32Array.from(factors, ([, shift]) => shift),
    };
}

const big = (values: ArrayLike<number>): bigint[] => Array.from(values, BigInt);
const bigFactor = ([multiplier, shift]: readonly [number, number]): formulas.Factor => [
    BigInt(multiplier),
    BigInt(shift),
];
const numbers = (values: readonly bigint[]): number[] => values.map(Number);
const rep = (multiplier: number, shift: number, n: number): Scale =>
    scaleOf(Array.from({ length: n }, () => [multiplier, shift]));

describe('values of the text (examples.md, section 1)', () => {
    it('requantises to 16 bits, and rescales with negative multipliers', () => {
        for (const [a, multiplier, shift, wanted] of [
            [1_000_000, 1073741824, 31, 32_767],
            [-65_536, 1073741824, 31, -32_768],
            [-3, 1073741824, 31, -1],
        ] as const) {
            expect([...requantise16(Int32Array.of(a), scaleOf([[multiplier, shift]]))]).toEqual([wanted]);
        }
        expect(rescaleSigned(5, -1, 1)).toBe(-2);
        expect(rescaleSigned(-5, -1, 1)).toBe(3);
        expect(rescaleSigned(3, -1073741824, 31)).toBe(-1);
    });

    it('has every norm of the table', () => {
        const rows = table(EXAMPLES, ['`X`', '`E`', '`m`', '`b`', '`x`', '`S`', '`e`', '`s`', '`r`', '`u`', '`Y`']);
        expect(rows).toHaveLength(6);
        for (const row of rows) {
            const X = Int32Array.from(integers(row['`X`']!));
            const found = norm(X, integers(row['`E`']!)[0]!, rep(2 ** 30, 54, X.length));
            const { m, b, x, S, e, s, r, u, Y } = found;
            const wanted = Object.values(row).slice(2).flatMap(integers);
            expect([m, b, ...x, S, e, s, r, u, ...Y]).toEqual(wanted);
        }
    });

    it('has every rotation of the table', () => {
        const rows = table(EXAMPLES, ['`X`', 'cosine, sine', '`A`', '`Y`']);
        expect(rows).toHaveLength(4);
        for (const row of rows) {
            const [X, C] = [row['`X`']!, row['cosine, sine']!].map((text) => Int16Array.from(integers(text)));
            const { A, Y } = rope(X!, C!, 2 ** 30, 46);
            expect([[...A], [...Y]]).toEqual([integers(row['`A`']!), integers(row['`Y`']!)]);
        }
    });

    it('has both attentions of the table', () => {
        const [first, second] = table(EXAMPLES, ['`a`', '`z`', '`i`', '`w`', '`W`', '`P`', '`O`', '`Y`']);
        const text = section(EXAMPLES);
        const [, ...texts] = /`q = (.*?), K = (.*?), V = (.*?)`/.exec(text)!;
        const [q, K, V] = texts.map(integers);
        expect(q).toEqual([100, -50]);
        const otherK = integers(/second row has `K = (.*?)`/.exec(text)![1]!);
        for (const [row, keys] of [
            [first!, K!],
            [second!, otherK],
        ] as const) {
            const found = attention(
                ...([Int8Array.from(q!), Int8Array.from(keys), Int8Array.from(V!)] as const),
                ...([expTable(), rep(2 ** 30, 33, 1), rep(2 ** 30, 46, 2)] as const),
            );
            const { a, z, i, w, W, P, O, Y } = found;
            expect([...a, z, ...i, ...w, W, ...P, ...O, ...Y]).toEqual(Object.values(row).flatMap(integers));
        }
    });

    it('has every gated product of the table', () => {
        const rows = table(EXAMPLES, ['`gate`', '`up`', '`i`', '`sigmoid(i)`', '`a`', '`a·up`', '`Y`']);
        expect(rows).toHaveLength(7);
        const column = (title: string): number[] => rows.map((row) => integers(row[title]!)[0]!);
        const found = gated(
            ...([Int16Array.from(column('`gate`')), Int16Array.from(column('`up`'))] as const),
            ...([sigmoidTable(), rep(2 ** 30, 34, 1), rep(2 ** 30, 52, 7)] as const),
        );
        expect([...found.i]).toEqual(column('`i`'));
        expect(Array.from(found.i, (i) => sigmoidTable()[i])).toEqual(column('`sigmoid(i)`'));
        expect([...found.a]).toEqual(column('`a`'));
        expect([...found.product]).toEqual(column('`a·up`'));
        expect([...found.Y]).toEqual(column('`Y`'));
    });
});

describe('each operator is its formula on unbounded integers', () => {
    it('rescale with a multiplier of either sign', () => {
        fc.assert(
            fc.property(i32, between(-MAX, MAX), between(0, 62), (a, multiplier, shift) => {
                const wanted = formulas.rescale(BigInt(a), [BigInt(multiplier), BigInt(shift)]);
                expect(rescaleSigned(a, multiplier, shift)).toBe(Number(wanted));
            }),
            { numRuns: 2_000 },
        );
    });

    it('embedding', () => {
        const shape = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 5 }));
        const tables = shape.chain(([V, D]) => fc.tuple(list(i8, V * D), list(factor, V), fc.nat(V - 1)));
        fc.assert(
            fc.property(tables, ([W, factors, token]) => {
                const D = W.length / factors.length;
                const row = W.slice(token * D, (token + 1) * D);
                const wanted = big(row).map((w) => formulas.rescale(w, bigFactor(factors[token]!)));
                expect([...embedding(token, Int8Array.from(W), scaleOf(factors))]).toEqual(numbers(wanted));
            }),
        );
    });

    it('norm', () => {
        // rows of any magnitude: of 32 bits, of few, and with one huge channel
        const magnitude = fc.integer({ min: 0, max: 31 });
        const row = magnitude.chain((size) =>
            fc.array(fc.oneof({ weight: 9, arbitrary: between(-(2 ** size), 2 ** size - 1) }, i32), {
                minLength: 1,
                maxLength: 40,
            }),
        );
        const wide = row.chain((X) =>
            fc.tuple(
                fc.constant(X),
                list(fc.oneof(normFactor, fc.tuple(between(2 ** 30, MAX), between(52, 56))), X.length),
            ),
        );
        const E = fc.oneof(between(1, 2 ** 32 - 1), fc.constantFrom(1, 7, 1_000));
        fc.assert(
            fc.property(wide, E, ([X, factors], epsilon) => {
                const wanted = formulas.norm(big(X), BigInt(epsilon), factors.map(bigFactor));
                expect([...norm(Int32Array.from(X), epsilon, scaleOf(factors)).Y]).toEqual(numbers(wanted));
            }),
            { numRuns: 1_000 },
        );
    });

    it('rope', () => {
        const heads = fc
            .constantFrom(2, 4, 10, 64)
            .chain((d) => fc.tuple(list(i16, d), list(between(-LIMIT, LIMIT), d)));
        fc.assert(
            fc.property(heads, fitting(30), ([X, C], by) => {
                const wanted = formulas.rope(big(X), big(C), bigFactor(by));
                expect([...rope(Int16Array.from(X), Int16Array.from(C), ...by).Y]).toEqual(numbers(wanted));
            }),
            { numRuns: 500 },
        );
    });

    it('attention', () => {
        const shape = fc.tuple(fc.constantFrom(2, 4, 6), fc.integer({ min: 1, max: 20 }));
        const rows = shape.chain(([d, n]) =>
            fc.tuple(list(i8, d), list(list(i8, d), n), list(list(i8, d), n), list(fitting(23), d)),
        );
        const tables = fc.constantFrom(
            expTable(),
            new Uint16Array(4_096).fill(32_768),
            Uint16Array.from({ length: 4_096 }, (_, i) => (i === 0 ? 32_768 : 0)),
            Uint16Array.from({ length: 4_096 }, (_, i) => 32_768 - 8 * i),
        );
        const score = fc.oneof(factor, fc.tuple(between(2 ** 30, MAX), between(30, 36)));
        fc.assert(
            fc.property(rows, tables, score, ([q, K, V, output], exp, by) => {
                const wanted = formulas.attention(
                    ...([big(q), K.map(big), V.map(big)] as const),
                    ...([(i: bigint) => BigInt(exp[Number(i)]!), bigFactor(by), output.map(bigFactor)] as const),
                );
                const found = attention(
                    ...([Int8Array.from(q), Int8Array.from(K.flat()), Int8Array.from(V.flat())] as const),
                    ...([exp, scaleOf([by]), scaleOf(output)] as const),
                );
                expect([...found.Y]).toEqual(numbers(wanted));
            }),
            { numRuns: 500 },
        );
    });

    it('gated', () => {
        const rows = fc
            .integer({ min: 1, max: 20 })
            .chain((F) => fc.tuple(list(i16, F), list(i16, F), list(fitting(30), F)));
        const tables = fc.constantFrom(
            sigmoidTable(),
            new Uint16Array(4_096).fill(32_768),
            new Uint16Array(4_096),
            Uint16Array.from({ length: 4_096 }, (_, i) => 8 * i),
        );
        const index = fc.oneof(factor, fc.tuple(between(2 ** 30, MAX), between(33, 36)));
        fc.assert(
            fc.property(rows, tables, index, ([gate, up, output], sigmoid, by) => {
                const at = (i: bigint): bigint => BigInt(sigmoid[Number(i)]!);
                const wanted = gate.map((value, k) =>
                    formulas.gated(BigInt(value), BigInt(up[k]!), at, bigFactor(by), bigFactor(output[k]!)),
                );
                const found = gated(
                    Int16Array.from(gate),
                    Int16Array.from(up),
                    sigmoid,
                    scaleOf([by]),
                    scaleOf(output),
                );
                expect([...found.Y]).toEqual(numbers(wanted));
            }),
            { numRuns: 500 },
        );
    });

    it('add and requantise16', () => {
        fc.assert(
            fc.property(i32, i32, factor, (R, x, by) => {
                expect([...add(Int32Array.of(R), Int32Array.of(x))]).toEqual([
                    Number(formulas.add(BigInt(R), BigInt(x))),
                ]);
                const wanted = Number(formulas.to16(BigInt(x), bigFactor(by)));
                expect([...requantise16(Int32Array.of(x), scaleOf([by]))]).toEqual([wanted]);
            }),
            { numRuns: 1_000 },
        );
    });
});

describe('numbers', () => {
    it('counts bits and takes roots', () => {
        expect([0, 1, 2, 3, 4, 2 ** 14 - 1, 2 ** 14, 2 ** 31, 2 ** 42 - 1].map(bits)).toEqual([
            0, 1, 2, 2, 3, 14, 15, 32, 42,
        ]);
        fc.assert(
            fc.property(between(2 ** 15, 2 ** 16 - 1), (r) => {
                const found = [r * r - 1, r * r, r * r + 2 * r, r * r + 2 * r + 1].map(integerRoot);
                expect(found).toEqual([r - 1, r, r, r + 1]);
            }),
        );
    });
});

describe('bounds at their limits', () => {
    it('holds the widest norm and the smallest', () => {
        const wide = norm(new Int32Array(8_192).fill(-MAX - 1), 2 ** 32 - 1, rep(-MAX, 57, 8_192));
        expect([wide.m, wide.b, wide.x[0], wide.S, wide.e]).toEqual([2 ** 31, 18, -(2 ** 13), 8_192 * 2 ** 26, 4]);
        // x reaches 2^14 where the greatest magnitude rounds up to it
        const rounded = norm(new Int32Array(8_192).fill(MAX), 1, rep(MAX, 15, 8_192));
        expect([rounded.b, rounded.x[0], rounded.S, rounded.e]).toEqual([17, 2 ** 14, 2 ** 41, 5]);
        const small = norm(Int32Array.of(0), 1, rep(MAX, 15, 1));
        expect([small.S, small.e, small.s, small.u, small.Y[0]]).toEqual([1, -15, 2 ** 30, 2 ** 16, 0]);
        const epsilon = norm(new Int32Array(8_192).fill(16_383), 2 ** 32 - 1, rep(2 ** 30, 54, 8_192));
        expect([epsilon.b, epsilon.S]).toEqual([0, 8_192 * 16_383 ** 2 + 2 ** 32 - 1]);
    });

    it('holds the widest attention and the longest', () => {
        const d = 256;
        const least = new Int8Array(d).fill(-128);
        const most = new Int8Array(d).fill(127);
        const output = rep(2 ** 30, 47, d);
        const keys = Int8Array.from([...least, ...most]);
        const { a, z, i, Y } = attention(least, keys, keys, expTable(), rep(MAX, 0, 1), output);
        expect([[...a], z, [...i], Y[0]]).toEqual([[2 ** 22, -128 * 127 * 256], 2 ** 22, [0, 4_095], -64]);

        const T = 65_536;
        const ends = new Int8Array(T * 2).fill(-128);
        const flat = new Uint16Array(4_096).fill(32_768);
        const long = attention(Int8Array.of(-128, -128), ends, ends, flat, rep(MAX, 0, 1), rep(2 ** 30, 47, 2));
        expect([long.W, long.P[0], long.O[0]]).toEqual([2 ** 31, 1, -128 * T]);
    });

    it('holds the widest rotation and product', () => {
        const rotated = rope(Int16Array.of(-32_768, -32_768), Int16Array.of(LIMIT, -LIMIT), 0, 62);
        expect([...rotated.A]).toEqual([-(2 ** 30), 0]);
        const both = gated(
            ...([Int16Array.of(-32_768), Int16Array.of(-32_768)] as const),
            ...([new Uint16Array(4_096).fill(32_768), rep(0, 0, 1), rep(1, 30, 1)] as const),
        );
        expect([both.a[0], both.product[0], both.Y[0]]).toEqual([-32_768, 2 ** 30, 1]);
    });

    it('refuses operands that would leave a bound', () => {
        const wide = Uint16Array.from(expTable());
        wide[1] = 40_000;
        const one = Int8Array.of(1, 1);
        const heads = Int8Array.of(1, 1, 0, 0);
        const two = rep(1, 0, 2);
        const attend = (exp: Uint16Array, score: Scale) => () => attention(one, heads, heads, exp, score, two);
        expect(refusal(attend(expTable(), rep(1, 0, 1)))).toBeNull();
        expect(refusal(attend(wide.fill(40_000, 0, 3), rep(1, 0, 1)))).toBe('bound');
        expect(refusal(attend(new Uint16Array(4_096), rep(1, 0, 1)))).toBe('bound'); // a sum of 0
        expect(refusal(attend(expTable(), rep(-1, 0, 1)))).toBe('bound'); // a negative index
        expect(refusal(attend(expTable().slice(1), rep(1, 0, 1)))).toBe('operand');
        expect(refusal(() => attention(one, heads.slice(1), heads, expTable(), two, two))).toBe('bound');
        expect(refusal(() => attention(one, heads, one, expTable(), rep(1, 0, 1), two))).toBe('operand');

        const X = Int16Array.of(1, 2);
        expect(refusal(() => rope(X, Int16Array.of(LIMIT, LIMIT), 1, 0))).toBeNull();
        expect(refusal(() => rope(X, Int16Array.of(LIMIT + 1, 0), 1, 0))).toBe('bound');
        expect(refusal(() => rope(X, Int16Array.of(0, -LIMIT - 1), 1, 0))).toBe('bound');
        expect(refusal(() => rope(X, Int16Array.of(0, 0), 1, 63))).toBe('bound');
        expect(refusal(() => rope(Int16Array.of(1, 2, 3), new Int16Array(3), 1, 0))).toBe('bound');
        expect(refusal(() => rope(X, new Int16Array(4), 1, 0))).toBe('operand');

        const gate = Int16Array.of(5);
        expect(refusal(() => gated(gate, gate, new Uint16Array(4_096).fill(32_769), rep(1, 0, 1), rep(1, 0, 1)))).toBe(
            'bound',
        );
        expect(refusal(() => gated(gate, Int16Array.of(), sigmoidTable(), rep(1, 0, 1), rep(1, 0, 1)))).toBe('operand');

        const row = Int32Array.of(1, 2);
        expect(refusal(() => norm(row, 0, rep(1, 15, 2)))).toBe('bound');
        expect(refusal(() => norm(row, 2 ** 32, rep(1, 15, 2)))).toBe('bound');
        expect(refusal(() => norm(row, 1, rep(1, 14, 2)))).toBe('bound');
        expect(refusal(() => norm(row, 1, rep(1, 58, 2)))).toBe('bound');
        expect(refusal(() => norm(row, 1, rep(-MAX - 1, 15, 2)))).toBe('bound');
        expect(refusal(() => norm(row, 1, rep(1, 15, 1)))).toBe('operand');
        expect(refusal(() => norm(new Int32Array(8_193), 1, rep(1, 15, 8_193)))).toBe('bound');
        expect(refusal(() => embedding(2, Int8Array.of(1, 2), rep(1, 0, 2)))).toBe('operand');
        expect(refusal(() => add(row, Int32Array.of(1)))).toBe('operand');
        expect(refusal(() => requantise16(row, rep(1, 0, 1)))).toBe('operand');
    });
});
