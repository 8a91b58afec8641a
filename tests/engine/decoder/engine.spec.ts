/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { GenerationResult, TokenEvent } from '../../../worker/engine/decoder/generation';
import { GenerationRequest, parseRequest, serialiseRequest } from '../../../worker/engine/decoder/request';
import { EngineDevice } from '../../../worker/engine/device';
import { DIMENSIONS, randomDecoder } from '../../fixtures/decoder';
import { openTestDevice } from '../support';
import { EXAMPLE_SALT, hex, withDecoder } from './support';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

const { file: MODEL } = randomDecoder(7, DIMENSIONS.larger!);
const REQUEST: GenerationRequest = {
    prompt: Uint32Array.from({ length: 20 }, (_, i) => (i * 37) % 260),
    maxTokens: 10,
    temperature: 12_000,
    topK: 50,
    topP: 9_800,
    seed: 2n ** 63n + 5n,
    stopTokens: [],
    stopBytes: [],
};

/** What a result says but for where its prompt came from. */
function said({ reason, bytes, traceRoot, counts }: GenerationResult): unknown[] {
    return [reason, hex(bytes), traceRoot && hex(traceRoot), counts.prompt + counts.cached, counts.completion];
}

const traced = { traceSalt: EXAMPLE_SALT };

describe('DecoderEngine', () => {
    it('gives the same bits however the prompt is split', async () => {
        const results = [];
        for (const maxRows of [1, 2, 7, 19, 20, 64]) {
            const result = withDecoder(device, MODEL, (engine) => engine.generate(REQUEST, traced).result, { maxRows });
            results.push(said(await result));
        }
        expect(results[0]![2]).toMatch(/^[0-9a-f]{64}$/);
        for (const other of results) expect(other).toEqual(results[0]);
    });

    it('gives the same result with and without a trace, and with memory for none', async () => {
        const [withTrace, without] = await withDecoder(device, MODEL, async (engine) => [
            await engine.generate(REQUEST, traced).result,
            await engine.generate(REQUEST).result,
        ]);
        expect(without!.traceRoot).toBeUndefined();
        expect(hex(without!.bytes)).toBe(hex(withTrace!.bytes));
        await withDecoder(
            device,
            MODEL,
            async (engine) => {
                expect(hex((await engine.generate(REQUEST).result).bytes)).toBe(hex(withTrace!.bytes));
                expect(() => engine.generate(REQUEST, traced)).toThrow(RangeError);
            },
            { traces: false },
        );
    });

    it('takes a known prefix from its cache, computes only the rest, and changes nothing by it', async () => {
        const longer = { ...REQUEST, prompt: Uint32Array.of(...REQUEST.prompt, 3, 1, 4) };
        const fresh = await withDecoder(device, MODEL, (engine) => engine.generate(longer, traced).result);
        await withDecoder(device, MODEL, async (engine) => {
            const first = await engine.generate(REQUEST, traced).result;
            expect(first.counts).toEqual({ prompt: 20, cached: 0, completion: first.tokens.length });
            const computed: number[] = [];
            const onRecord = (position: number): number => computed.push(position);
            const second = await engine.generate(longer, { ...traced, onRecord }).result;
            expect(second.counts).toMatchObject({ prompt: 3, cached: 20 });
            // Cached positions were not computed again.
            expect(computed[0]).toBe(20);
            expect(computed).toHaveLength(3 + second.tokens.length - 1);
            expect(said(second)).toEqual(said(fresh));
            // The same once more: all but the prompt's last token, whose logits are needed.
            const third = await engine.generate(longer, traced).result;
            expect(third.counts).toMatchObject({ prompt: 1, cached: 22 });
            expect(said(third)).toEqual(said(fresh));
        });
    });

    it('does not take a prefix without digests for a trace, nor one that differs', async () => {
        await withDecoder(device, MODEL, async (engine) => {
            const plain = await engine.generate(REQUEST).result;
            const withTrace = await engine.generate(REQUEST, traced).result;
            expect(withTrace.counts.cached).toBe(0);
            expect(hex(withTrace.bytes)).toBe(hex(plain.bytes));
            const other = { ...REQUEST, prompt: REQUEST.prompt.map((token, i) => (i === 4 ? token + 1 : token)) };
            expect((await engine.generate(other).result).counts.cached).toBe(4);
        });
    });

    it('keeps no more than the bytes it may, the ones used last', async () => {
        // A position of this model takes 2 layers · 64 bytes, and 4 for its token; 29 positions of a run take 3,828.
        const options = { prefixCacheBytes: 8_000 };
        const starting = (token: number): GenerationRequest => ({
            ...REQUEST,
            prompt: REQUEST.prompt.with(0, token),
        });
        const cachedOf = await withDecoder(
            device,
            MODEL,
            async (engine) => {
                const counts: number[] = [];
                for (const token of [1, 2, 1, 3, 1, 2]) {
                    counts.push((await engine.generate(starting(token)).result).counts.cached);
                }
                return counts;
            },
            options,
        );
        // 3 pushed 2 out, because 1 had been used after it.
        expect(cachedOf).toEqual([0, 0, 19, 0, 19, 0]);
        await withDecoder(
            device,
            MODEL,
            async (engine) => {
                await engine.generate(REQUEST).result;
                expect((await engine.generate(REQUEST).result).counts.cached).toBe(0);
            },
            { prefixCacheBytes: 0 },
        );
    });

    it('streams the tokens and the text that the result has', async () => {
        await withDecoder(device, MODEL, async (engine) => {
            const request = { ...REQUEST, stopBytes: [Uint8Array.of(0x61, 0x61, 0x62)] };
            const run = engine.generate(request);
            const events: TokenEvent[] = [];
            for await (const event of run) events.push(event);
            const { tokens, text } = await run.result;
            expect(events.map(({ token }) => token)).toEqual([...tokens]);
            expect(events.map(({ index }) => index)).toEqual(events.map((_, i) => i));
            expect(hex(Buffer.concat(events.map((event) => event.text)))).toBe(hex(text));
        });
    });

    it('computes runs one after another, and goes on after one that was given up', async () => {
        await withDecoder(device, MODEL, async (engine) => {
            const expected = await engine.generate(REQUEST).result;
            const abandoned = engine.generate(REQUEST);
            const [next, another] = [engine.generate(REQUEST), engine.generate({ ...REQUEST, seed: 1n })];
            for await (const { index } of abandoned) if (index === 2) break;
            await expect(abandoned.result).rejects.toMatchObject({ code: 'cancelled' });
            expect(hex((await next.result).bytes)).toBe(hex(expected.bytes));
            expect(hex((await another.result).bytes)).not.toBe(hex(expected.bytes));
        });
    });

    it('gives a request back as it was, and refuses what is none', async () => {
        await withDecoder(device, MODEL, async (engine) => {
            const { shape } = engine.model;
            const request = { ...REQUEST, stopTokens: [Uint32Array.of(1, 2)], stopBytes: [Uint8Array.of(7)] };
            const bytes = serialiseRequest(request);
            expect(parseRequest(bytes, shape)).toEqual(request);
            for (let length = 0; length < bytes.length; length++) {
                expect(() => parseRequest(bytes.subarray(0, length), shape)).toThrow(/request ends|is 0, not 1/);
            }
            expect(() => parseRequest(Uint8Array.of(...bytes, 0), shape)).toThrow('1 bytes follow');
            expect(() => engine.generate({ ...REQUEST, prompt: Uint32Array.of(260) })).toThrow('Token 260');
            expect(() => engine.generate({ ...REQUEST, maxTokens: 29 })).toThrow('not 1 … 28');
            expect(() => engine.generate({ ...REQUEST, temperature: 20_001 })).toThrow('temperature');
            expect(() => engine.generate({ ...REQUEST, topP: 0 })).toThrow('top-p');
        });
    });

    it('refuses a request that needs more positions than there is room for', async () => {
        await withDecoder(
            device,
            MODEL,
            async (engine) => {
                expect(() => engine.generate(REQUEST)).toThrow('needs 29 positions, there is room for 25');
                const { counts } = await engine.generate({ ...REQUEST, maxTokens: 6 }).result;
                expect(counts.prompt).toBe(20);
            },
            { positions: 25 },
        );
    });

    it('fails with a typed error when it is destroyed or its device is closed', async () => {
        const other = await openTestDevice();
        const destroyed = await withDecoder(other, MODEL, async (engine) => engine);
        await expect(destroyed.generate(REQUEST).result).rejects.toMatchObject({ code: 'destroyed' });
        await withDecoder(other, MODEL, async (engine) => {
            other.close();
            await expect(engine.generate(REQUEST).result).rejects.toMatchObject({ code: 'device-failure' });
        });
    });
});
