/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { ComputeClient, Order, refereeResult } from '../../client';
import { Arbiter } from '../../demo/arbiter';
import { InferenceEngine, openWebgpuEngine, ProviderNode } from '../../worker/node';
import { dumpAfter } from '../engine/decoder/support';
import { DIMENSIONS, randomDecoder, randomRequest } from '../fixtures/decoder';
import { exampleDecoder } from '../fixtures/decoderExample';
import { StateError } from '../../wrappers';
import { expectTrace } from '../helpers/traces';
import { posted, settled, slashed } from './expected';
import { COLLATERAL, describeFlow, modelFile, PRICE, Stage, work } from './stage';

/** `modelRoot` of the model in docs/engine/examples.md. */
const EXAMPLE_ROOT = 0xb72535abf2c6f7ef942c1a944ee673096634899a17cfec43c9f545814f765cddn;
const REQUEST = dumpAfter('## 3. A request');
const RESULT = dumpAfter('The text after five tokens');

const random = randomDecoder(21, DIMENSIONS.plain!);
const files = [modelFile, exampleDecoder(), random.file];

let example: InferenceEngine;
let other: InferenceEngine;
beforeAll(async () => {
    example = await openWebgpuEngine(exampleDecoder());
    other = await openWebgpuEngine(random.file);
});
afterAll(() => {
    example.close();
    other.close();
});

/** A client that has the files, with a job that a worker of both decoders has computed and delivered. */
async function delivered(stage: Stage, of: InferenceEngine, input: Uint8Array, served = of) {
    const { market, connection, wallet, keys, chain, policy } = stage;
    const client = new ComputeClient({
        ...{ market, connection, keys, models: files },
        wallet: wallet.getSender(),
        now: () => chain.now,
    });
    const models = new Set([example.modelRoot, other.modelRoot]);
    const engines = [example, other].map((engine) => (engine === of ? served : engine));
    const worker: ProviderNode = await stage.hire({ engines, policy: { ...policy, models } });
    const line = stage.connect(worker);
    const order: Order = await client.requestQuote(await stage.order({ modelRoot: of.modelRoot, input }), line);
    await client.post(order);
    expectTrace(stage.take(), posted(stage, order));
    expect(await work(worker)).toEqual(['serve']);
    return { client, worker, line, order, result: await client.receive(order, line) };
}

/** Its last token is another one. */
function off(engine: InferenceEngine): InferenceEngine {
    return {
        ...engine,
        run: async (input) => {
            const result = (await engine.run(input)).slice();
            result[result.length - 4]! ^= 1;
            return result;
        },
    };
}

describeFlow('a job of a decoder', (play) => {
    it("is served, sealed, checked by re-execution and paid for: the specification's own request", () =>
        play(async (stage) => {
            expect(example.modelRoot).toBe(EXAMPLE_ROOT);
            const { client, worker, line, order, result } = await delivered(stage, example, REQUEST);
            expect(result.equalsReferee).toBe(true);
            expect(Buffer.from(result.bytes)).toEqual(Buffer.from(RESULT));
            await client.approveBySignature(order, result, line);
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), settled(stage, order, stage.provider.operator, 'ApproveFull', PRICE));
            expect(await stage.chain.isGone(order.escrow)).toBe(true);
        }));

    it.each([1, 2, 3])('of a random model is checked, with request %d', (seed) =>
        play(async (stage) => {
            const request = randomRequest(seed, random.shape);
            const { client, order, result } = await delivered(stage, other, request);
            expect(result.equalsReferee).toBe(true);
            await client.approveByWallet(order, result);
            expectTrace(stage.take(), settled(stage, order, stage.wallet, 'ApproveFull', PRICE));
        }),
    );

    it('is not paid for when one token is wrong, and costs the provider his collateral', () =>
        play(async (stage) => {
            const { chain, market, network } = stage;
            const { client, worker, order, result } = await delivered(stage, example, REQUEST, off(example));
            expect(result.equalsReferee).toBe(false);
            expect(result.bytes).toHaveLength(RESULT.length);
            await expect(client.approveByWallet(order, result)).rejects.toThrow(StateError);
            chain.pass(60);
            expect(await work(worker)).toEqual(['submit']);
            await client.challenge(order);
            stage.take();
            const arbiter = new Arbiter(market, network.arbiter.getSender(), files);
            expect(await arbiter.judge(order, await client.evidence(order.escrow))).toBe(true);
            expectTrace(stage.take(), slashed(stage, order, network.arbiter, 'Verdict', COLLATERAL));
        }));

    it('cannot be checked without the file', () =>
        play(async (stage) => {
            const order = await stage.order({ modelRoot: example.modelRoot, input: REQUEST });
            expect(refereeResult(order, files)).toEqual(new Uint8Array(RESULT));
            expect(() => refereeResult(order, [modelFile, random.file])).toThrow(
                expect.objectContaining({ code: 'not-found' }),
            );
        }));
});
