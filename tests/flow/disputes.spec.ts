/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { CheckedResult, Order } from '../../client';
import { Arbiter } from '../../demo/arbiter';
import { InferenceEngine } from '../../worker/node';
import { JobState } from '../../wrappers';
import { expectTrace } from '../helpers/traces';
import { requireSubstance, settled, slashed, step } from './expected';
import { BOND, COLLATERAL, describeFlow, digits, modelFile, PRICE, Stage, work } from './stage';

const arbiterOf = ({ market, network }: Stage) => new Arbiter(market, network.arbiter.getSender(), [modelFile]);

/** Up to a challenge of what an engine computed. */
async function challenged(stage: Stage, engine: InferenceEngine): Promise<{ order: Order; result: CheckedResult }> {
    const { client, chain, wallet } = stage;
    const worker = await stage.hire({ engines: [engine] });
    const line = stage.connect(worker);
    const order = await stage.post(line);
    await work(worker);
    const result = await client.receive(order, line);
    chain.pass(60);
    expect(await work(worker)).toEqual(['submit']);
    stage.take();
    await client.challenge(order);
    expectTrace(stage.take(), step(wallet, order, 'Challenge'));
    return { order: (await client.find(order.escrow))!, result };
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
            const { order, result } = await challenged(stage, off(stage.engine));
            expect(result.equalsReferee).toBe(false);
            expect(await arbiterOf(stage).judge(order)).toBe(true);
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
            const { order, result } = await challenged(stage, stage.engine);
            expect(result.equalsReferee).toBe(true);
            expect(await arbiterOf(stage).judge(order)).toBe(false);
            expectTrace(stage.take(), settled(stage, order, network.arbiter, 'Verdict', PRICE + BOND));
            expect((await market.provider(provider.owner.address)).stake).toMatchObject({
                stake: provider.amount,
                locked: 0n,
                record: { disputesWon: 1 },
            });
        }));

    it('is not judged by an input, a salt or a result that is not the one on chain', () =>
        play(async (stage) => {
            const { order } = await challenged(stage, off(stage.engine));
            const arbiter = arbiterOf(stage);
            const forgeries: Partial<Order>[] = [
                { input: digits(1) },
                { salt: Buffer.alloc(32) },
                { result: undefined },
            ];
            for (const forged of forgeries) {
                await expect(arbiter.judge({ ...order, ...forged })).rejects.toMatchObject({ code: 'not-found' });
            }
            expect((await stage.market.job(order))!.state).toBe(JobState.Disputed);
        }));
});
