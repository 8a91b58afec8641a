import fc from 'fast-check';
import {
    computePositions,
    type DecoderModel,
    generate,
    nextNumber,
    nextToken,
    readDecoder,
    readRequest,
    resultBytes,
    seedGenerator,
    stopAfter,
    textOf,
} from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, randomDecoder, randomRequest } from '../../fixtures/decoder';
import { refusal } from '../support';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** Tokens 0 … 5: `a`, `b`, `cab`, nothing, `bc`, and the end token with text. */
const vocabulary = ['a', 'b', 'cab', '', 'bc', '<end>'].map(bytes);
const toy = { vocabulary, config: { endTokens: [5] } } as unknown as Pick<DecoderModel, 'config' | 'vocabulary'>;

function stop(completion: number[], stops: { tokens?: number[][]; bytes?: string[]; maxTokens?: number }) {
    const request = {
        tokenStops: stops.tokens ?? [],
        byteStops: (stops.bytes ?? []).map(bytes),
        maxTokens: stops.maxTokens ?? 99,
    };
    return stopAfter(toy, request, completion);
}

describe('stopping (generation.md, section 4)', () => {
    it('joins the bytes of tokens', () => {
        expect(Buffer.from(textOf(toy, [2, 3, 4, 5])).toString()).toBe('cabbc<end>');
    });

    it('ends with an end token, without its bytes', () => {
        expect(stop([0, 2, 5], {})).toEqual({ reason: 1, visibleBytes: 4 });
        expect(stop([5], {})).toEqual({ reason: 1, visibleBytes: 0 });
        expect(stop([0, 2, 5], { tokens: [[5]], bytes: ['<end>'], maxTokens: 3 })).toEqual({
            reason: 1,
            visibleBytes: 4,
        });
        expect(stop([0, 2], {})).toBeNull();
    });

    it('ends with a sequence of tokens, before the longest', () => {
        expect(stop([0, 2, 4], { tokens: [[4]] })).toEqual({ reason: 2, visibleBytes: 4 });
        expect(stop([0, 2, 4], { tokens: [[4], [2, 4], [0, 2]] })).toEqual({ reason: 2, visibleBytes: 1 });
        expect(stop([0, 2, 4], { tokens: [[0, 2, 4]], bytes: ['c'], maxTokens: 3 })).toEqual({
            reason: 2,
            visibleBytes: 0,
        });
        expect(stop([2, 4], { tokens: [[0, 2, 4], [2], [4, 2]] })).toBeNull();
    });

    it('ends with a sequence of bytes, before the occurrence that starts first, inside and across tokens', () => {
        expect(stop([0, 2], { bytes: ['ab'] })).toEqual({ reason: 3, visibleBytes: 2 });
        expect(stop([0, 1], { bytes: ['ab'] })).toEqual({ reason: 3, visibleBytes: 0 });
        expect(stop([0, 3, 1], { bytes: ['ab'] })).toEqual({ reason: 3, visibleBytes: 0 });
        expect(stop([0, 2], { bytes: ['b', 'ca'], maxTokens: 2 })).toEqual({ reason: 3, visibleBytes: 1 });
        expect(stop([0, 2], { bytes: ['cab', 'aca'] })).toEqual({ reason: 3, visibleBytes: 0 });
        expect(stop([0, 2], { bytes: ['abc', 'ba'] })).toBeNull();
    });

    it('ends with the last token asked for', () => {
        expect(stop([0, 2], { maxTokens: 2 })).toEqual({ reason: 4, visibleBytes: 4 });
        expect(stop([0, 2], { maxTokens: 3 })).toBeNull();
    });

    it('writes results', () => {
        expect(resultBytes({ reason: 2, visibleBytes: 300 }, [7, 65_536])).toEqual(
            Uint8Array.of(2, 0, 0, 0, 2, 0, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 0),
        );
    });
});

describe('a run (generation.md, section 2)', () => {
    const { shape, file } = randomDecoder(4, DIMENSIONS.uneven!);
    const model = readDecoder(file);

    /** Every token again from the whole text before it: without a cache, and with a generator for the run. */
    function replay(of: DecoderModel, request: Uint8Array): number[] {
        const asked = readRequest(request, of.config);
        const tokens: number[] = [];
        let state = seedGenerator(asked.seed);
        do {
            const drawn = nextNumber(state);
            state = drawn.state;
            const all = [...asked.prompt, ...tokens];
            const logits = computePositions(of, [], all, all.length - 1).at(-1)!.logits!;
            tokens.push(nextToken(logits, asked, of.exp, drawn.r));
        } while (stopAfter(of, asked, tokens) === null);
        return tokens;
    }

    it('gives the tokens of a recomputation from nothing, for every reason to end', () => {
        const none = { tokenStops: [], byteStops: [], maxTokens: 6 };
        for (let seed = 0; seed < 2; seed++) {
            const { tokens } = generate(model, randomRequest(seed, shape, none));
            const text = textOf(model, tokens);
            const ending = (endTokens: number[]): DecoderModel => ({
                ...model,
                config: { ...model.config, endTokens },
            });
            const cases = [
                { reason: 1, of: ending([tokens[3]!]), change: {} },
                { reason: 2, of: ending([]), change: { tokenStops: [tokens.slice(2, 4)] } },
                { reason: 3, of: ending([]), change: { byteStops: [text.slice(-2)] } },
                { reason: 4, of: ending([]), change: {} },
            ];
            for (const { reason, of, change } of cases) {
                const request = randomRequest(seed, shape, { ...none, ...change });
                const run = generate(of, request);
                expect([seed, run.reason, run.tokens]).toEqual([seed, reason, replay(of, request)]);
                const P = readRequest(request, of.config).prompt.length;
                expect(run.records).toHaveLength(P + run.tokens.length - 1);
                expect(run.records.map(({ logits }) => logits !== null)).toEqual(run.records.map((_, p) => p >= P - 1));
                expect(run.records.map(({ position }) => position)).toEqual(run.records.map((_, p) => p));
            }
        }
    });

    it('fills the context to its end', () => {
        const { T } = model.config;
        const fixed = {
            prompt: [1, 2],
            maxTokens: T - 2,
            tokenStops: [],
            byteStops: [],
            temperature: 20_000,
            topK: 0,
            topP: 10_000,
        };
        const whole = Array.from({ length: 6 }, (_, seed) => generate(model, randomRequest(seed, shape, fixed)));
        const longest = whole.reduce((best, run) => (run.tokens.length > best.tokens.length ? run : best));
        expect([longest.reason, longest.tokens.length, longest.records.length]).toEqual([4, T - 2, T - 1]);
    });

    it('gives the same with a prefix of an earlier run, its records and its counts, but for the class of tokens', () => {
        const prompt = [1, 2, 3, 4, 5, 6];
        const request = randomRequest(1, shape, { prompt, maxTokens: 4 });
        const plain = generate(model, request);
        expect(plain.counts).toEqual({ prompt: 6, cached: 0, completion: plain.tokens.length, reasoning: 0 });
        const others = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });
        const cachedCounts = new Set<number>();
        fc.assert(
            fc.property(others, fc.nat(6), ([...tail], common) => {
                const earlier = computePositions(model, [], [...prompt.slice(0, common), ...tail], 0);
                const again = generate(model, request, earlier);
                const expected = { ...again.counts, prompt: 6 - again.counts.cached, completion: plain.tokens.length };
                cachedCounts.add(again.counts.cached);
                expect(again.counts).toEqual(expected);
                expect(again.counts.cached).toBeGreaterThanOrEqual(Math.min(common, 5));
                expect({ ...again, counts: null }).toEqual({ ...plain, counts: null });
            }),
            { numRuns: 15 },
        );
        expect(Math.max(...cachedCounts)).toBe(5); // never the last token of the prompt
        expect(generate(model, request, plain.records).counts.cached).toBe(5);
    });

    it('draws another number for each token, and other numbers for another seed', () => {
        const fixed = {
            prompt: [3],
            maxTokens: 6,
            temperature: 20_000,
            topK: 0,
            topP: 10_000,
            tokenStops: [],
            byteStops: [],
        };
        const runs = Array.from({ length: 6 }, (_, seed) =>
            generate(model, randomRequest(0, shape, { ...fixed, seed: BigInt(seed) })),
        );
        expect(new Set(runs.map(({ tokens }) => tokens.join())).size).toBeGreaterThan(3);
    });

    it('refuses what is not a request to the model', () => {
        expect(refusal(() => generate(model, new Uint8Array(39)))).toBe('request');
    });
});
