/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { createHash } from 'node:crypto';
import { parseRequest } from '../../../worker/engine/decoder/request';
import { Generator } from '../../../worker/engine/decoder/sampler';
import { findSha256 } from '../../../worker/engine/decoder/sha256';
import { StopReason } from '../../../worker/engine/decoder/stopping';
import { Trace } from '../../../worker/engine/decoder/trace';
import { EngineDevice } from '../../../worker/engine/device';
import { exampleDecoder } from '../../fixtures/decoderExample';
import { openTestDevice } from '../support';
import { dumpAfter, EXAMPLE_SALT, hex, withDecoder } from './support';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

const REQUEST = dumpAfter('## 3. A request');
const GREEDY = { temperature: 0, stopTokens: [], stopBytes: [] };

describe('the example of docs/engine/examples.md', () => {
    it('has the file and the root that the page says', async () => {
        const file = exampleDecoder();
        expect(createHash('sha256').update(file).digest('hex')).toBe(
            '066730da287007644ec2c69c30f24facd334bed9faca1e765ebe1fbcf14c3cf1',
        );
        await withDecoder(device, file, async (engine) => {
            expect(hex(engine.modelRoot())).toBe('b72535abf2c6f7ef942c1a944ee673096634899a17cfec43c9f545814f765cdd');
        });
        await withDecoder(device, exampleDecoder(true), async (engine) => {
            expect(hex(engine.modelRoot())).toBe('c7120609c24557aec4e90fd6d867ac5119c087d60bc46543e4ee6928f337a6c6');
        });
    });

    it('gives the result and the trace that the page says', async () => {
        await withDecoder(device, exampleDecoder(), async (engine) => {
            let trace: Trace | undefined;
            const records: Buffer[][] = [];
            const run = engine.generate(parseRequest(REQUEST, engine.model.shape), {
                traceSalt: EXAMPLE_SALT,
                onTrace: (made) => (trace = made),
                onRecord: (_, record) => records.push(record.map((row) => Buffer.from(row))),
            });
            const { tokens, text, reason, bytes, counts, traceRoot } = await run.result;
            expect([...tokens]).toEqual([8, 5, 3, 3, 11]);
            expect(Buffer.from(text).toString()).toBe('ifd');
            expect(reason).toBe(StopReason.StopBytes);
            expect(hex(bytes)).toBe(hex(dumpAfter('The text after five tokens')));
            expect(counts).toEqual({ prompt: 3, cached: 0, completion: 5 });

            // Position 0, as the page's table has it.
            expect(records.map((record) => record.length)).toEqual([15, 15, 17, 17, 17, 17, 17]);
            const [first] = records;
            expect([...new Int32Array(new Uint8Array(first![0]!).buffer)]).toEqual([
                0, 0, 0, 88159, 2666809, 2137855, 1675020, -749351,
            ]);
            expect([...new Int8Array(first![6]!)]).toEqual([0, 29, 26, -16, -10, -17, 1, 2, -4, 5, -12, 7]);
            expect([...new Int32Array(new Uint8Array(first![14]!).buffer)]).toEqual([
                -3066669, 1535663, 3441771, 763067, 5306266, 2484232, 1621856, 891609,
            ]);
            const positions = trace!.levels(0).positions[0]!.map(({ hash }) => hex(hash));
            expect(positions).toEqual([
                '04cb3c5a839d7a4b7ce7af87ae34b855a2757e1e6818c3604d1299f7c7d4f77f',
                '34d42a783a791575028846278c349d66448fdba0e40b67dfb4172f83605952be',
                '7da139b90169f7562bb7e030b0bf8a8b1e198f62ccacf187d1dd02f467eab282',
                '6b52558555d9311e30b1b5bb5a70db7c62d63ba4f6f27a136a3e507690e6fb88',
                '4f1dd4d609a7e982ba0b6b8c9eff777154998ff7a9307a3af1ca2dd3a4b38746',
                'a54a612369a9a9340623ecbad8b01b6984ab499cdd1fed768fc4b54d4cad667d',
                '4d2216195f32981dee2744adc0af01470bb4d15a0c996519f57cf3677c0fbc3b',
            ]);
            expect(hex(traceRoot!)).toBe('ec3f9c8d6c3fec53e0dfaeaac275e983a6d8489e20236102e72f16b64479461f');
        });
    });

    it('gives the greedy results that the page says', async () => {
        await withDecoder(device, exampleDecoder(), async (engine) => {
            const request = { ...parseRequest(REQUEST, engine.model.shape), ...GREEDY };
            const { tokens, reason, traceRoot } = await engine.generate(request, { traceSalt: EXAMPLE_SALT }).result;
            expect([...tokens]).toEqual([8, 5, 3, 5, 3, 11]);
            expect(reason).toBe(StopReason.MaxTokens);
            expect(hex(traceRoot!)).toBe('127719e42d8f0f495369542f70f4d188bf07b4a1c96948ec2b6cdc981652c7a9');
        });
        await withDecoder(device, exampleDecoder(true), async (engine) => {
            const request = { ...parseRequest(REQUEST, engine.model.shape), ...GREEDY };
            const { tokens } = await engine.generate(request).result;
            expect([...tokens]).toEqual([12, 1, 3, 0, 9, 0]);
        });
    });

    it('draws the numbers that the page says', async () => {
        const counted = new Generator([1, 2, 3, 4]);
        expect(Array.from({ length: 6 }, () => counted.next())).toEqual([
            11520, 0, 5927040, 70819200, 2031721883, 1637235492,
        ]);
        const seeded = Generator.ofSeed(42n, await findSha256());
        expect(Array.from({ length: 5 }, () => seeded.next())).toEqual([
            1022849368, 169486119, 905035337, 3127015260, 763748998,
        ]);
    });
});
