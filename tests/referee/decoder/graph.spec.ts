import fc from 'fast-check';
import { linear } from '../../../worker/engine/referee';
import {
    computePositions,
    type DecoderModel,
    type PositionRecord,
    readDecoder,
    withoutLogits,
} from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, type Numbers, randomDecoder } from '../../fixtures/decoder';
import { refusal } from '../support';
import { wholeGraph } from './wholeGraph';

const NUMBERS: Numbers[] = ['plausible', 'extremes', 'anything'];
const SMALL = ['plain', 'ones', 'uneven', 'oneKeyHead', 'allKeyHeads'].map((name) => DIMENSIONS[name]!);

const plainModel = readDecoder(randomDecoder(1, DIMENSIONS.plain!).file);

/** Tokens of that model, as many as `count` or as its context allows. */
function tokensFor({ config }: DecoderModel, count: number): number[] {
    return Array.from({ length: Math.min(count, config.T) }, (_, i) => (i * 37 + 5 * i * i + 3) % config.V);
}

/** The same tokens in chunks of those sizes, the last chunk with what is left. */
function inChunks(model: DecoderModel, tokens: readonly number[], sizes: readonly number[], logitsFrom: number) {
    const records: PositionRecord[] = [];
    for (let i = 0; records.length < tokens.length; i++) {
        const chunk = tokens.slice(records.length, records.length + (sizes[i] ?? tokens.length));
        records.push(...computePositions(model, records, chunk, logitsFrom));
    }
    return records;
}

describe('the graph (decoder.md, section 3)', () => {
    const cases = Object.entries(DIMENSIONS).flatMap(([name, dimensions]) =>
        NUMBERS.map((numbers) => ({ name, numbers, dimensions })),
    );

    it.each(cases)('is its formulas on unbounded integers: $name, $numbers', ({ dimensions, numbers }) => {
        const model = readDecoder(randomDecoder(3, dimensions, numbers).file);
        const tokens = tokensFor(model, dimensions.D > 500 ? 2 : 4);
        const found = computePositions(model, [], tokens, 0).map(({ operators }) => operators.map((row) => [...row]));
        const wanted = wholeGraph(model, tokens).map((record) => record.map((row) => row.map(Number)));
        expect(found).toEqual(wanted);
    });

    it('leaves no bound of the text at random models of every kind', () => {
        const options = fc.tuple(fc.nat(), fc.constantFrom(...SMALL), fc.constantFrom(...NUMBERS));
        fc.assert(
            fc.property(options, ([seed, dimensions, numbers]) => {
                const model = readDecoder(randomDecoder(seed, dimensions, numbers).file);
                expect(refusal(() => computePositions(model, [], tokensFor(model, 6), 0))).toBeNull();
            }),
            { numRuns: 20 },
        );
    });

    it('commits to 1 + 7·L outputs and two more where a token is sampled, with A of every linear', () => {
        const [first, second] = computePositions(plainModel, [], [1, 2], 1);
        const { L, V } = plainModel.config;
        expect([first!.operators.length, first!.accumulators.length, first!.logits]).toEqual([1 + 7 * L, 4 * L, null]);
        expect([second!.operators.length, second!.accumulators.length]).toEqual([3 + 7 * L, 4 * L + 1]);
        expect(second!.logits).toBe(second!.operators[2 + 7 * L]);
        expect(second!.logits).toHaveLength(V);
        expect(withoutLogits(plainModel.config, second!).operators).toEqual(second!.operators.slice(0, 1 + 7 * L));

        const inputs = [1, 3, 5, 6, 8, 10, 12, 13, 15].map((operator) => second!.operators[operator] as Int8Array);
        const projections = plainModel.layers.flatMap(({ qkv, o, gateUp, down }) => [qkv, o, gateUp, down]);
        [...projections, plainModel.head].forEach(({ weights, bias }, i) => {
            const A = linear(inputs[i]!, weights, bias, { M: 1, K: inputs[i]!.length, N: bias.length });
            expect(second!.accumulators[i]).toEqual(A);
        });
    });

    it('refuses a token that is not in the vocabulary, and positions beyond the context', () => {
        const { V, T } = plainModel.config;
        expect(refusal(() => computePositions(plainModel, [], [0, V], 0))).toBe('operand');
        expect(refusal(() => computePositions(plainModel, [], [], 0))).toBe('bound');
        const full = computePositions(plainModel, [], tokensFor(plainModel, T), T);
        expect(full).toHaveLength(T);
        expect(refusal(() => computePositions(plainModel, full, [0], T))).toBe('bound');
    });
});

describe('the key-value cache (decoder.md, section 4)', () => {
    const model = readDecoder(randomDecoder(2, DIMENSIONS.uneven!).file);

    it('gives the same bits in chunks of any sizes', () => {
        const tokens = tokensFor(model, 12);
        const whole = computePositions(model, [], tokens, 7);
        expect(new Set(whole.map(({ operators }) => operators[9]?.join())).size).toBeGreaterThan(4);
        const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 });
        fc.assert(
            fc.property(sizes, (chunks) => {
                expect(inChunks(model, tokens, chunks, 7)).toEqual(whole);
            }),
            { numRuns: 15 },
        );
        expect(inChunks(model, tokens, new Array(12).fill(1), 7)).toEqual(whole);
    });

    it('does so where numbers are at their limits too', () => {
        for (const numbers of NUMBERS) {
            const other = readDecoder(randomDecoder(9, DIMENSIONS.allKeyHeads!, numbers).file);
            const tokens = tokensFor(other, 8);
            expect(inChunks(other, tokens, [3, 1, 2], 0)).toEqual(computePositions(other, [], tokens, 0));
        }
    });

    it('lets no later token change an earlier position, and lets an earlier one change a later position', () => {
        const tokens = tokensFor(model, 8);
        const changed = tokens.with(5, (tokens[5]! + 1) % model.config.V);
        const [before, after] = [tokens, changed].map((each) => computePositions(model, [], each, 0));
        expect(after!.slice(0, 5)).toEqual(before!.slice(0, 5));
        for (const p of [5, 6, 7]) expect(after![p]!.operators).not.toEqual(before![p]!.operators);
    });

    it('depends on positions: the same token gives other keys elsewhere', () => {
        const [first, second] = computePositions(model, [], [4, 4], 2);
        expect(second!.operators.slice(0, 2)).toEqual(first!.operators.slice(0, 2));
        expect(second!.operators[2]).not.toEqual(first!.operators[2]);
    });
});
