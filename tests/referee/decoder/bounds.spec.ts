import {
    add,
    attention,
    embedding,
    gated,
    norm,
    requantise16,
    rope,
    type Scale,
} from '../../../worker/engine/referee/decoder';
import { expTable, sigmoidTable } from '../../fixtures/decoderFile';
import { refusal } from '../support';
import { rep } from './scales';

const MAX = 2 ** 31 - 1;
const LIMIT = 16_384;

describe('bounds (decoder.md, section 5) at their limits', () => {
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

    it('rounds probabilities by half of the sum, rounded down', () => {
        // W = 65,535: 32,768·2^16 + 32,767 = 32,769·W, and 32,767·2^16 + 32,767 = 32,768·W − 1
        const exp = Uint16Array.from({ length: 4_096 }, (_, i) => (i === 0 ? 32_768 : i === 1 ? 32_767 : 0));
        const heads = Int8Array.of(1, 0, 0, 0);
        const { w, W, P } = attention(Int8Array.of(1, 0), heads, heads, exp, rep(1, 0, 1), rep(1, 0, 2));
        expect([[...w], W, [...P]]).toEqual([[32_768, 32_767], 65_535, [32_769, 32_767]]);
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
