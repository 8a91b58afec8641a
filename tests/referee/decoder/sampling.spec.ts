import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { nextNumber, nextToken, sample, seedGenerator, startingState } from '../../../worker/engine/referee/decoder';
import { expTable } from '../../fixtures/decoderFile';
import { refusal } from '../support';

const exp = expTable();
const MAX = 2 ** 31 - 1;

/** generation.md, 3.1 to 3.4, a second time: on unbounded integers, and by counting instead of sorting and adding up. */
function formula(
    logits: readonly number[],
    tau: bigint,
    topK: number,
    topP: bigint,
    table: Uint16Array,
    r: bigint,
): number {
    const beats = (v: number, w: number): boolean => logits[v]! > logits[w]! || (logits[v] === logits[w] && v < w);
    const rank = logits.map((_, v) => logits.filter((_other, w) => beats(w, v)).length);
    const kept = topK === 0 ? logits.length : Math.min(topK, logits.length);
    const order = Array.from({ length: kept }, (_, place) => rank.indexOf(place));
    const z = BigInt(logits[order[0]!]!);
    const weight = (v: number): bigint => {
        const delta = z - BigInt(logits[v]!);
        const index = ((delta < 2n ** 21n ? delta : 2n ** 21n) * 625n + 8n * tau) / (16n * tau);
        return BigInt(table[index > 4_095n ? 4_095 : Number(index)]!);
    };
    const upTo = (m: number): bigint => order.slice(0, m).reduce((sum, v) => sum + weight(v), 0n);
    const threshold = (topP * upTo(kept) + 9_999n) / 10_000n;
    const m = order.findIndex((_, i) => upTo(i + 1) >= threshold) + 1;
    const x = (r * upTo(m)) / 2n ** 32n;
    return order[order.findIndex((_, i) => upTo(i + 1) > x)]!;
}

describe('the generator (generation.md, section 3.5)', () => {
    it('is its formula on unbounded integers', () => {
        const u32 = (x: bigint): bigint => BigInt.asUintN(32, x);
        const rotl = (x: bigint, by: bigint): bigint => u32(x << by) | (x >> (32n - by));
        const word = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1));
        fc.assert(
            fc.property(word, word, word, word, (...state) => {
                let [s0, s1, s2, s3] = state.map(BigInt) as [bigint, bigint, bigint, bigint];
                const r = u32(rotl(u32(s1 * 5n), 7n) * 9n);
                const t = u32(s1 << 9n);
                s2 ^= s0;
                s3 ^= s1;
                s1 ^= s2;
                s0 ^= s3;
                s2 ^= t;
                s3 = rotl(s3, 11n);
                expect(nextNumber(state)).toEqual({ r: Number(r), state: [s0, s1, s2, s3].map(Number) });
            }),
        );
    });

    it('starts from all 64 bits of the seed, little-endian', () => {
        const seed = 0x0102030405060708n;
        const digest = createHash('sha256')
            .update(Buffer.concat([Buffer.from('ton-compute-market/seed/v1'), Buffer.from('0807060504030201', 'hex')]))
            .digest();
        expect(seedGenerator(seed)).toEqual([0, 4, 8, 12].map((at) => digest.readUInt32LE(at)));
        expect(seedGenerator(2n ** 63n)).not.toEqual(seedGenerator(0n));
    });

    it('never starts from zeros', () => {
        expect(startingState([0, 0, 0, 0])).toEqual([1, 0, 0, 0]);
        expect(startingState([0, 0, 0, 5])).toEqual([0, 0, 0, 5]);
    });
});

describe('sampling (generation.md, section 3)', () => {
    const logit = fc.oneof(
        fc.integer({ min: -200_000, max: 200_000 }),
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: -MAX - 1, max: MAX }),
        fc.constantFrom(-MAX - 1, MAX),
    );
    const u32 = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 32 - 1));
    const temperature = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(1, 10_000, 20_000));
    const tables = fc.constantFrom(
        exp,
        new Uint16Array(4_096).fill(32_768),
        Uint16Array.from(exp, (_, i) => (i === 0 ? 32_768 : 0)),
    );

    it('is its formula on unbounded integers', () => {
        const logits = fc.array(logit, { minLength: 2, maxLength: 30 });
        const topK = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 }));
        const topP = fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(1, 9_999, 10_000));
        fc.assert(
            fc.property(logits, temperature, topK, topP, tables, u32, (row, tau, k, p, table, r) => {
                const found = sample(Int32Array.from(row), { temperature: tau, topK: k, topP: p }, table, r);
                expect(found.token).toBe(formula(row, BigInt(tau), k, BigInt(p), table, BigInt(r)));
            }),
            { numRuns: 2_000 },
        );
    });

    const asked = { temperature: 10_000, topK: 0, topP: 10_000 };

    it('takes the greatest logit at temperature 0, the lowest index among equals, whatever else is asked', () => {
        const logits = Int32Array.of(-5, 7, 7, 3);
        for (const r of [0, 2 ** 32 - 1]) {
            expect(nextToken(logits, { temperature: 0, topK: 1, topP: 1 }, exp, r)).toBe(1);
            expect(nextToken(logits, { ...asked, temperature: 0 }, exp, r)).toBe(1);
        }
        expect(nextToken(logits, asked, exp, 2 ** 32 - 1)).toBe(0);
    });

    it('keeps the lower index of equal logits in top-k', () => {
        const { candidates } = sample(Int32Array.of(1, 9, 5, 5, 5), { ...asked, topK: 3 }, exp, 0);
        expect(candidates).toEqual([1, 2, 3]);
    });

    it('draws every kept token as often as its weight says', () => {
        const logits = Int32Array.of(0, -65_536, 20_000);
        const { weights, S, candidates } = sample(logits, asked, exp, 0);
        const steps = 3_000;
        const counts = [0, 0, 0];
        for (let i = 0; i < steps; i++) counts[nextToken(logits, asked, exp, Math.floor((i / steps) * 2 ** 32))]!++;
        candidates.forEach((token, j) => expect(Math.abs(counts[token]! - (steps * weights[j]!) / S)).toBeLessThan(2));
    });

    it('changes to the next token where the number reaches the weights before it', () => {
        const equal = Int32Array.of(5, 5);
        const draw = (r: number) => sample(equal, asked, exp, r);
        expect([draw(2 ** 31 - 1), draw(2 ** 31)].map(({ x, token }) => [x, token])).toEqual([
            [32_767, 0],
            [32_768, 1],
        ]);
    });

    it('never chooses a token of weight 0, not even the last number of the generator', () => {
        const far = Int32Array.of(0, -(2 ** 31), MAX);
        expect(sample(far, asked, exp, 2 ** 32 - 1)).toMatchObject({ weights: [32_768, 0, 0], m: 1, token: 2 });
    });

    it('has the last index for differences over 2^21 at every temperature', () => {
        for (const tau of [1, 10_000, 20_000]) {
            const { indices } = sample(Int32Array.of(2 ** 21, 0, -1, -MAX), { ...asked, temperature: tau }, exp, 0);
            expect(indices).toEqual([0, 4_095, 4_095, 4_095]);
        }
    });

    it('holds the largest vocabulary', () => {
        const flat = new Int32Array(131_071);
        const { S, threshold, token } = sample(flat, { ...asked, topP: 9_999 }, exp, 2 ** 32 - 1);
        expect([S, threshold]).toEqual([131_071 * 2 ** 15, Number((9_999n * 131_071n * 2n ** 15n + 9_999n) / 10_000n)]);
        expect(token).toBe(Math.ceil(threshold / 2 ** 15) - 1);
    });

    it('refuses what no request has', () => {
        expect(refusal(() => sample(Int32Array.of(1, 2), { ...asked, temperature: 0 }, exp, 0))).toBe('bound');
        expect(refusal(() => sample(Int32Array.of(1, 2), { ...asked, topP: 10_001 }, exp, 0))).toBe('bound');
        expect(refusal(() => sample(Int32Array.of(1, 2), asked, exp, 2 ** 32))).toBe('bound');
    });
});
