/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { NoAnswerError, Order } from '../../client';
import { resultBytes } from '../../protocol';
import { EncryptionKeyPair, jobResult, open } from '../../protocol/envelope';
import { settleValue } from '../../wrappers/fees';
import { expectTrace, transactionAt } from '../helpers/traces';
import { requireSubstance, settled, slashed, step } from './expected';
import { BOND, COLLATERAL, describeFlow, PRICE, root, Stage, work } from './stage';

/** Up to a demand: the line broke before the worker could deliver. */
async function demanded(stage: Stage): Promise<Order> {
    const { client, worker, chain, wallet } = stage;
    const line = stage.connect();
    const order = await stage.post(line);
    line.close();
    expect(await work(worker)).toEqual(['serve']);
    await expect(client.receive(order, stage.connectFor(100))).rejects.toThrow(NoAnswerError);
    chain.pass(60);
    expect(await work(worker)).toEqual(['submit']);
    stage.take();
    await client.demand(order);
    expectTrace(stage.take(), step(wallet, order, 'DemandResult'));
    return order;
}

describeFlow('a job whose result does not arrive', (play) => {
    it('gets it on chain, and the provider gets the bond for it', () =>
        play(async (stage) => {
            const { client, worker, wallet, provider, prices, market } = stage;
            const order = await demanded(stage);
            await expect(client.receivePublished(order)).rejects.toMatchObject({ code: 'not-found' });
            expect(await work(worker)).toEqual(['publish']);
            const answer = stage.take();
            expectTrace(answer, [
                { from: provider.operator, to: order.escrow, op: 'PublishResult' },
                { from: order.escrow, to: provider.till, op: 'Settle', value: BOND + settleValue(prices) },
                { from: order.escrow, to: provider.operator, op: 'Excesses' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
            const result = await client.receivePublished(order);
            expect(result.equalsReferee).toBe(true);
            // What lies on chain is for the client's key alone.
            const published = resultBytes(transactionAt(answer, order.escrow).inMessage!.body.refs[0]!);
            const key = await EncryptionKeyPair.fromStored(order.recipientKey);
            const { jobKey } = (await market.job(order))!;
            const binding = jobResult({
                networkId: await market.networkId(),
                escrow: order.escrow,
                jobKey,
                modelRoot: root,
            });
            expect(await open(published, { key, binding })).toEqual(Buffer.from(result.bytes));
            expect(published.includes(Buffer.from(result.bytes))).toBe(false);

            await client.approveByWallet(order, result);
            expectTrace(stage.take(), settled(stage, order, wallet, 'ApproveSubmitted', PRICE));
        }));

    it('cannot be demanded twice', () =>
        play(async (stage) => {
            const order = await demanded(stage);
            await work(stage.worker);
            stage.take();
            await stage.client.demand(order);
            expectTrace(stage.take(), [
                { from: stage.wallet, to: order.escrow, op: 'DemandResult', exitCode: 0x316 },
                { from: order.escrow, to: stage.wallet, op: 'bounced DemandResult' },
            ]);
        }));

    it('costs a provider who ignores the demand the whole collateral', () =>
        play(async (stage) => {
            requireSubstance(stage);
            const { client, worker, wallet, provider, chain, market } = stage;
            const order = await demanded(stage);
            chain.pass(order.terms.responseWindow);
            expect(await work(worker)).toEqual([]);
            await client.expire(order);
            expectTrace(stage.take(), slashed(stage, order, wallet, 'ExpireDemand', COLLATERAL));
            expect((await market.provider(provider.owner.address)).stake).toMatchObject({
                stake: provider.amount - COLLATERAL,
                record: { undelivered: 1 },
            });
        }));
});
