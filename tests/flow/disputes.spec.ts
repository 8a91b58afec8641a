/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { beginCell } from '@ton/core';
import { CheckedResult, Order, OrderRequest } from '../../client';
import { Arbiter } from '../../demo/arbiter';
import { Evidence, resultCell, resultCommitment } from '../../protocol';
import { EncryptionKeyPair, jobResult, seal } from '../../protocol/envelope';
import { InferenceEngine, ProviderNode } from '../../worker/node';
import { JobState } from '../../wrappers';
import { expectTrace } from '../helpers/traces';
import { requireSubstance, settled, slashed, step } from './expected';
import { BOND, COLLATERAL, describeFlow, digits, modelFile, PRICE, root, Stage, work } from './stage';

const arbiterOf = ({ market, network }: Stage) => new Arbiter(market, network.arbiter.getSender(), [modelFile]);

interface Challenged {
    readonly order: Order;
    readonly result: CheckedResult;
    /** What the client shows. */
    readonly evidence: Evidence;
    readonly worker: ProviderNode;
}

/** Up to a challenge of what an engine computed. */
async function challenged(
    stage: Stage,
    engine: InferenceEngine,
    request: Partial<OrderRequest> = {},
): Promise<Challenged> {
    const { client, chain, wallet } = stage;
    const worker = await stage.hire({ engines: [engine] });
    const line = stage.connect(worker);
    const order = await stage.post(line, request);
    await work(worker);
    const result = await client.receive(order, line);
    chain.pass(60);
    expect(await work(worker)).toEqual(['submit']);
    stage.take();
    await client.challenge(order);
    expectTrace(stage.take(), step(wallet, order, 'Challenge'));
    return { order, result, evidence: await client.evidence(order.escrow), worker };
}

/** One class of the batch is another one's. */
function off(engine: InferenceEngine): InferenceEngine {
    return {
        ...engine,
        run: async (input) => {
            const classes = await engine.run(input);
            classes[7] = (classes[7]! + 1) % 10;
            return classes;
        },
    };
}

describeFlow('a disputed job', (play) => {
    it('refunds the client and slashes the collateral when one class of the batch is wrong', () =>
        play(async (stage) => {
            requireSubstance(stage);
            const { provider, network, market } = stage;
            const { order, result, evidence } = await challenged(stage, off(stage.engine));
            expect(result.equalsReferee).toBe(false);
            expect(await arbiterOf(stage).judge(order, evidence)).toBe(true);
            expectTrace(stage.take(), slashed(stage, order, network.arbiter, 'Verdict', COLLATERAL));
            expect((await market.provider(provider.owner.address)).stake).toMatchObject({
                stake: provider.amount - COLLATERAL,
                locked: 0n,
                record: { wrong: 1, settled: 0 },
            });
        }));

    it('pays the provider price and bond when the result is right', () =>
        play(async (stage) => {
            const { provider, network, market } = stage;
            const { order, result, evidence } = await challenged(stage, stage.engine);
            expect(result.equalsReferee).toBe(true);
            expect(await arbiterOf(stage).judge(order, evidence)).toBe(false);
            expectTrace(stage.take(), settled(stage, order, network.arbiter, 'Verdict', PRICE + BOND));
            expect((await market.provider(provider.owner.address)).stake).toMatchObject({
                stake: provider.amount,
                locked: 0n,
                record: { disputesWon: 1 },
            });
        }));

    it('is lost by a provider who took an input that is none of the model’s', () =>
        play(async (stage) => {
            const { network } = stage;
            const greedy: InferenceEngine = { ...stage.engine, reads: () => true, run: async () => Buffer.from([7]) };
            const { order, result, evidence } = await challenged(stage, greedy, { input: digits().subarray(1) });
            expect(result.equalsReferee).toBe(false);
            expect(await arbiterOf(stage).judge(order, evidence)).toBe(true);
            expectTrace(stage.take(), slashed(stage, order, network.arbiter, 'Verdict', COLLATERAL));
        }));

    it('is judged by what the provider shows when the client shows nothing', () =>
        play(async (stage) => {
            const { network, market } = stage;
            const { order, worker } = await challenged(stage, stage.engine);
            const shown = await worker.evidence((await market.job(order))!.jobKey);
            expect(await arbiterOf(stage).judge(order, shown)).toBe(false);
            expectTrace(stage.take(), settled(stage, order, network.arbiter, 'Verdict', PRICE + BOND));
            await expect(worker.evidence(1n)).rejects.toMatchObject({ code: 'not-found' });
        }));

    it('is not lost by evidence that does not hold: the worker does not show it', () =>
        play(async (stage) => {
            const { market, engine } = stage;
            let output = (bytes: Uint8Array) => bytes;
            const forgetful: InferenceEngine = { ...engine, run: async (input) => output(await engine.run(input)) };
            const { order, worker } = await challenged(stage, forgetful);
            const { jobKey } = (await market.job(order))!;
            await worker.evidence(jobKey);
            output = (bytes) => bytes.slice().reverse();
            await expect(worker.evidence(jobKey)).rejects.toMatchObject({ code: 'not-found' });
        }));

    it('is not judged by an input, a salt, a result or a key that is not the one on chain', () =>
        play(async (stage) => {
            const { market, client } = stage;
            const { order, evidence, worker } = await challenged(stage, off(stage.engine));
            const arbiter = arbiterOf(stage);
            const other = await EncryptionKeyPair.create();
            const provided = await worker.evidence((await market.job(order))!.jobKey);
            if (!('seed' in provided.opening)) {
                throw new Error('A provider has no key to show');
            }
            // What the honest engine says is not what was sealed.
            const output = await stage.engine.run(order.input);
            const forgeries: Evidence[] = [
                { ...evidence, input: digits(1) },
                { ...evidence, salt: Buffer.alloc(32) },
                { ...evidence, salt: Buffer.alloc(31) },
                { ...evidence, result: beginCell().endCell() },
                { ...evidence, opening: { recipientKey: other.stored() } },
                { ...evidence, opening: { recipientKey: Buffer.alloc(3) } },
                { ...provided, opening: { ...provided.opening, output } },
                { ...provided, opening: { ...provided.opening, seed: Buffer.alloc(32) } },
                { ...provided, opening: { ...provided.opening, recipient: other.publicKey.bytes } },
            ];
            for (const forged of forgeries) {
                await expect(arbiter.judge(order, forged)).rejects.toMatchObject({ code: 'not-found' });
            }
            expect((await market.job(order))!.state).toBe(JobState.Disputed);
            expect(await arbiter.judge(order, provided)).toBe(true);
            await client.forget(order);
            await expect(client.evidence(order.escrow)).rejects.toMatchObject({ code: 'not-found' });
        }));

    it('is lost by a provider whose result does not open', () =>
        play(async (stage) => {
            const { market, network, provider, client, wallet } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            const { jobKey } = (await market.job(order))!;
            // Sealed to the client, but for another job.
            const binding = jobResult({
                networkId: await market.networkId(),
                escrow: order.escrow,
                jobKey: 1n,
                modelRoot: root,
            });
            const recipient = (await EncryptionKeyPair.fromStored(order.recipientKey)).publicKey;
            const result = resultCell(await seal(await stage.engine.run(order.input), { recipient, binding }));
            const operator = provider.operator.getSender();
            await market.submitResult(operator, order, {
                jobKey,
                amount: PRICE,
                resultCommitment: resultCommitment(result),
            });
            await client.demand(order);
            await market.publishResult(operator, order, { ciphertext: result });
            expect((await client.receivePublished(order)).equalsReferee).toBe(false);
            stage.take();
            await client.challenge(order);
            expectTrace(stage.take(), step(wallet, order, 'Challenge'));
            await expect(client.forget(order)).rejects.toMatchObject({ code: 'wrong-state' });
            expect(await arbiterOf(stage).judge(order, await client.evidence(order.escrow))).toBe(true);
            expectTrace(stage.take(), slashed(stage, order, network.arbiter, 'Verdict', COLLATERAL));
        }));
});
