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
} from '../../../worker/engine/referee/decoder';
import { expTable, sigmoidTable } from '../../fixtures/decoderFile';
import * as formulas from './formulas';
import { integers, section, table } from './page';
import { rep, scaleOf } from './scales';

const MAX = 2 ** 31 - 1;
const EXAMPLES = '1. Single operators';

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

const big = (values: ArrayLike<number>): bigint[] => Array.from(values, BigInt);
const bigFactor = ([multiplier, shift]: readonly [number, number]): formulas.Factor => [
    BigInt(multiplier),
    BigInt(shift),
];
const numbers = (values: readonly bigint[]): number[] => values.map(Number);

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
        const [q, K, V] = [/`q = (.*?)`/, /`K = (.*?)`/, /`V = (.*?)`/].map((each) => integers(each.exec(text)![1]!));
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
            .chain((d) => fc.tuple(list(i16, d), list(between(-16_384, 16_384), d)));
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
        expect([1, 2 ** 30, 2 ** 32 - 1].map(integerRoot)).toEqual([1, 2 ** 15, 2 ** 16 - 1]);
        expect([0, 1, 2, 3, 4, 2 ** 14 - 1, 2 ** 14, 2 ** 31, 2 ** 42 - 1].map(bits)).toEqual([
            0, 1, 2, 2, 3, 14, 15, 32, 42,
        ]);
        fc.assert(
            fc.property(between(2 ** 15, 2 ** 16 - 2), (r) => {
                const found = [r * r - 1, r * r, r * r + 2 * r, r * r + 2 * r + 1].map(integerRoot);
                expect(found).toEqual([r - 1, r, r, r + 1]);
            }),
        );
    });
});
