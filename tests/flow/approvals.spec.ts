/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { CheckedResult, NoAnswerError } from '../../client';
import { resultCell } from '../../protocol';
import { refereeRun } from '../../worker/engine/referee';
import { JobState } from '../../wrappers';
import { expectTrace } from '../helpers/traces';
import { posted, settled, step, walletTransactions } from './expected';
import { COLLATERAL, describeFlow, digits, IMAGES, modelFile, PRICE, work } from './stage';

describeFlow('a job that its client pays for', (play) => {
    it('takes one transaction of the client and one of the provider', () =>
        play(async (stage) => {
            const { client, worker, wallet, provider, market } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            const posting = stage.take();
            expectTrace(posting, posted(stage, order));
            expect((await market.provider(provider.owner.address)).stake!.locked).toBe(COLLATERAL);

            expect(await work(worker)).toEqual(['serve']);
            const result = await client.receive(order, line);
            expect(result.equalsReferee).toBe(true);
            expect([...result.bytes]).toEqual([...refereeRun(modelFile, digits(), IMAGES).classes]);
            await client.approveBySignature(order, result, line);
            expect(stage.take().transactions).toHaveLength(0);

            expect(await work(worker)).toEqual(['redeem']);
            const ending = stage.take();
            expectTrace(ending, settled(stage, order, provider.operator, 'ApproveFull', PRICE));

            expect(walletTransactions(posting, wallet) + walletTransactions(ending, wallet)).toBe(1);
            expect(walletTransactions(posting, provider.operator)).toBe(0);
            expect(walletTransactions(ending, provider.operator)).toBe(1);
            const { stake, till } = await market.provider(provider.owner.address);
            expect(stake).toMatchObject({ locked: 0n, allowanceUsed: 0n, record: { settled: 1 } });
            expect(till!.feesDue).toBe((PRICE * BigInt(stage.network.params.feeBps)) / 10_000n);
            expect(await stage.chain.isGone(order.escrow)).toBe(true);
        }));

    it('is paid at once by a signature for what was submitted', () =>
        play(async (stage) => {
            const { client, worker, provider } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            await work(worker);
            stage.take();
            stage.chain.pass(60);
            expect(await work(worker)).toEqual(['submit']);
            expectTrace(stage.take(), step(provider.operator, order, 'SubmitResult'));

            await client.approveBySignature(order, await client.receive(order, line), line);
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ApproveSubmitted', PRICE));
        }));

    it.each(['before', 'after'] as const)('is paid by the wallet %s the submission', (when) =>
        play(async (stage) => {
            const { client, worker, wallet } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            await work(worker);
            if (when === 'after') {
                stage.chain.pass(60);
                await work(worker);
            }
            stage.take();
            await client.approveByWallet(order, await client.receive(order, line));
            const op = when === 'before' ? 'ApproveFull' : 'ApproveSubmitted';
            expectTrace(stage.take(), settled(stage, order, wallet, op, PRICE));
        }),
    );

    it('is not paid for by a client who found the result wrong, or submitted otherwise', () =>
        play(async (stage) => {
            const { client, worker } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            await work(worker);
            const result = await client.receive(order, line);
            const wrong: CheckedResult = { ...result, equalsReferee: false };
            await expect(client.approveByWallet(order, wrong)).rejects.toMatchObject({ code: 'wrong-state' });
            await expect(client.approveBySignature(order, wrong, line)).rejects.toMatchObject({ code: 'wrong-state' });

            stage.chain.pass(60);
            await work(worker);
            const unsealed = resultCell(result.bytes);
            const other: CheckedResult = { ...result, commitment: BigInt(`0x${unsealed.hash().toString('hex')}`) };
            await expect(client.approveByWallet(order, other)).rejects.toMatchObject({ code: 'wrong-state' });
        }));

    it('is served again, once more accepted, when the client reopens it with a quote that is still good', () =>
        play(async (stage) => {
            const { client, worker, market, provider } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            await work(worker);
            const first = await client.receive(order, line);
            const { jobKey } = (await market.job(order))!;
            await client.approveByWallet(order, first);

            await client.post(order);
            const reopened = (await market.job(order))!;
            expect(reopened).toMatchObject({ state: JobState.Accepted, termsHash: order.termsHash });
            expect(reopened.jobKey).not.toBe(jobKey);
            expect(await work(worker)).toEqual(['serve']);
            const second = await client.receive(order, line);
            expect(second.equalsReferee).toBe(true);
            expect(second.commitment).not.toBe(first.commitment);
            stage.take();
            await client.approveBySignature(order, second, line);
            await work(worker);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ApproveFull', PRICE));
        }));

    it('gets no receipt for an approval that the escrow would not take', () =>
        play(async (stage) => {
            const { worker, market, client } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            await work(worker);
            const result = await client.receive(order, line);
            const { jobKey } = (await market.job(order))!;
            const forged = { kind: 'approveFull', jobKey, signature: Buffer.alloc(64, 1) } as const;
            const unasked = { kind: 'approveFull', jobKey: jobKey + 1n, signature: Buffer.alloc(64, 1) } as const;
            const impatient = stage.connectFor(300);
            await expect(impatient.ask(forged, [`approvalReceipt:${jobKey}`])).rejects.toThrow(NoAnswerError);
            await expect(impatient.ask(unasked, [`approvalReceipt:${jobKey + 1n}`])).rejects.toThrow(NoAnswerError);
            expect(await work(worker)).toEqual([]);
            expect(result.equalsReferee).toBe(true);
        }));
});
