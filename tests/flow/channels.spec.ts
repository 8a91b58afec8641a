/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { toNano } from '@ton/core';
import { OpenOptions, PaidResult, PayingChannel, RefusedError, WorkerConnection } from '../../client';
import { priceOf, termsOf, verifyReceiptChain } from '../../protocol';
import { ByteTransport, createInProcessTransport } from '../../protocol/transport';
import { decodeMessage, encodeMessage, WireMessage } from '../../protocol/wire';
import { MemoryChannelStore } from '../../store';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';
import { createRefereeEngine, ProviderNode } from '../../worker/node';
import { redeemingValue, settleValue } from '../../wrappers/fees';
import { label } from '../helpers/labels';
import { expectTrace } from '../helpers/traces';
import { ask, COST, digit, meter, payer, RATES, Served, serving } from './channelStage';
import { describeFlow, digits, modelFile, root, Stage, work } from './stage';

const DAY = 86_400;

async function opened(stage: Stage, served: Served, options: Partial<OpenOptions> = {}): Promise<PayingChannel> {
    const channel = await PayingChannel.open({ ...payer(stage), ...options }, stage.connect(served.worker));
    label(channel.address, 'PaymentChannel');
    return channel;
}

/** A line whose worker's messages of one kind get lost until it is mended. */
function leakyLine(worker: ProviderNode, lost: WireMessage['kind']): { line: WorkerConnection; mend: () => void } {
    const [here, there] = createInProcessTransport();
    let broken = true;
    const leaky: ByteTransport = {
        send: (bytes) => {
            if (!broken || decodeMessage(bytes).kind !== lost) {
                there.send(bytes);
            }
        },
        listen: (listener) => there.listen(listener),
        close: () => there.close(),
    };
    worker.connect(leaky);
    return { line: new WorkerConnection(here, 2_000), mend: () => (broken = false) };
}

describeFlow('a channel', (play) => {
    it('carries paid requests, each with a receipt, and ends by agreement', () =>
        play(async (stage) => {
            const { provider, wallet, prices } = stage;
            const served = await serving(stage);
            const channel = await opened(stage, served);
            expectTrace(stage.take(), [
                { from: wallet, to: channel.address, op: 'OpenChannel' },
                { from: channel.address, to: wallet, op: 'Excesses' },
            ]);
            const results: PaidResult[] = [];
            for (let index = 0; index < 5; index++) {
                results.push(await ask(channel, index));
            }
            const right = createRefereeEngine(modelFile);
            for (const [index, { output, cost, receipt }] of results.entries()) {
                expect(cost).toBe(COST);
                expect(receipt).toMatchObject({ seq: BigInt(index + 1), modelRoot: root, usage: { completion: 1 } });
                expect(Buffer.from(output)).toEqual(Buffer.from(await right.run(digit(index))));
            }
            expect(
                verifyReceiptChain(
                    results.map(({ signed }) => signed),
                    termsOf(channel.state),
                ),
            ).toMatchObject({ ok: true, count: 5, amount: 5n * COST });
            await channel.close();
            expectTrace(stage.take(), [
                { from: wallet, to: channel.address, op: 'CloseChannel', destroyed: true },
                { from: channel.address, to: provider.till, op: 'Settle', value: 5n * COST + settleValue(prices) },
                { from: channel.address, to: wallet, op: 'ChannelClosed' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
            expect(await work(served.worker)).toEqual([]);
            stage.chain.pass(600);
            expect(await work(served.worker)).toEqual(['forget']);
            expect(await served.store.list('provider')).toEqual([]);
        }));

    it('is redeemed when enough is due, and before it closes', () =>
        play(async (stage) => {
            const { provider, chain, prices } = stage;
            const served = await serving(stage);
            const channel = await opened(stage, served);
            for (let index = 0; index < 16; index++) {
                await ask(channel, index);
            }
            expect(await work(served.worker)).toEqual([]);
            const more = { modelRoot: root, input: digits().subarray(0, 4 * IMAGE_BYTES), maxCost: 4n * COST };
            await channel.request(more);
            stage.take();
            expect(await work(served.worker)).toEqual(['redeem']);
            expectTrace(stage.take(), [
                { from: provider.operator, to: channel.address, op: 'Redeem', value: redeemingValue(prices) },
                { from: channel.address, to: provider.till, op: 'Settle' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
            expect(await work(served.worker)).toEqual([]);
            await channel.request(more);
            chain.at((await channel.refresh()).closesAt - 7_200);
            stage.take();
            expect(await work(served.worker)).toEqual(['redeem']);
            expect((await channel.refresh()).claimed).toBe(24n * COST);
        }));

    it('pays once for a request whose answer was lost, on either end', () =>
        play(async (stage) => {
            const served = await serving(stage);
            const { line, mend } = leakyLine(served.worker, 'paidResponse');
            const channel = await PayingChannel.open(payer(stage), line);
            const salt = Buffer.alloc(32, 5);
            await expect(ask(channel, 0, salt)).rejects.toMatchObject({ name: 'NoAnswerError' });
            mend();
            const { receipt, cost } = await ask(channel, 0, salt);
            expect([receipt.seq, receipt.amount, cost]).toEqual([1n, COST, COST]);
        }));

    it('goes on after a receipt that the client missed and gave up', () =>
        play(async (stage) => {
            const served = await serving(stage);
            const { line, mend } = leakyLine(served.worker, 'paidResponse');
            const channel = await PayingChannel.open(payer(stage), line);
            await expect(ask(channel, 0)).rejects.toMatchObject({ name: 'NoAnswerError' });
            await channel.giveUp();
            mend();
            const { receipt } = await ask(channel, 1);
            expect([receipt.seq, receipt.amount]).toEqual([2n, 2n * COST]);
        }));

    it('is not kept sealing by a worker that answers with a receipt that is here', () =>
        play(async (stage) => {
            const served = await serving(stage);
            const store = new MemoryChannelStore();
            const { signed } = await ask(await opened(stage, served, { store }), 0);
            const [here, there] = createInProcessTransport();
            let asked = 0;
            there.listen((bytes) => {
                const message = decodeMessage(bytes);
                if (message.kind === 'channelOffer') {
                    const { requestId } = message;
                    there.send(encodeMessage({ kind: 'channelAccepted', requestId }));
                } else if (message.kind === 'paidRequest' && ++asked < 50) {
                    const { requestId } = message;
                    const receipt = { ...signed, signature: Buffer.from(signed.signature) };
                    there.send(encodeMessage({ kind: 'newestReceipt', requestId, receipt }));
                }
            });
            const line = new WorkerConnection(here, 2_000);
            const [channel] = await PayingChannel.resume(stage.provider.owner.address, payer(stage, store), line);
            await expect(ask(channel!, 1)).rejects.toMatchObject({ reasons: [{ code: 'stale-receipt' }] });
            expect(asked).toBe(1);
            // The request was given up, so the next one is asked.
            await expect(ask(channel!, 2)).rejects.toMatchObject({ reasons: [{ code: 'stale-receipt' }] });
            expect(asked).toBe(2);
        }));

    it('goes on after either side was started anew from its store', () =>
        play(async (stage) => {
            const served = await serving(stage);
            const store = new MemoryChannelStore();
            await (await opened(stage, served, { store })).request({ modelRoot: root, input: digit(0), maxCost: COST });
            const again = await serving(stage, { store: served.store });
            const [channel] = await PayingChannel.resume(
                stage.provider.owner.address,
                payer(stage, store),
                stage.connect(again.worker),
            );
            const { receipt } = await ask(channel!, 1);
            expect(receipt).toMatchObject({ seq: 2n, amount: 2n * COST });
            stage.chain.at((await channel!.refresh()).closesAt - 7_200);
            expect(await work(again.worker)).toEqual(['redeem']);
            expect((await channel!.refresh()).claimed).toBe(2n * COST);
        }));

    it('takes more once it was topped up', () =>
        play(async (stage) => {
            const served = await serving(stage);
            const channel = await opened(stage, served, { deposit: toNano(1) });
            const batch = { modelRoot: root, input: digits().subarray(0, 10 * IMAGE_BYTES), maxCost: 10n * COST };
            await channel.request(batch);
            await expect(ask(channel, 0)).rejects.toMatchObject({ code: 'above-deposit' });
            await channel.topUp(toNano(1));
            // The worker looks at the chain at its next tick; until then it knows of no more.
            await expect(ask(channel, 0)).rejects.toMatchObject({ reasons: [{ code: 'above-deposit' }] });
            expect(await work(served.worker)).toEqual([]);
            expect((await ask(channel, 0)).receipt.amount).toBe(11n * COST);
        }));

    it('ends without the worker: the client waits, the provider keeps what was vouched for', () =>
        play(async (stage) => {
            const { market, provider, wallet, chain } = stage;
            const served = await serving(stage);
            const channel = await opened(stage, served);
            await ask(channel, 0);
            await channel.requestClose();
            await expect(ask(channel, 1)).rejects.toMatchObject({ code: 'closing' });
            await expect(market.channels.finalize(wallet.getSender(), channel.name)).rejects.toMatchObject({
                code: 'too-early',
            });
            chain.at((await channel.refresh()).closesAt - 7_200);
            expect(await work(served.worker)).toEqual(['redeem']);
            chain.pass(7_200);
            stage.take();
            const before = await chain.balance(wallet);
            await market.channels.finalize(wallet.getSender(), channel.name);
            expectTrace(stage.take(), [
                { from: wallet, to: channel.address, op: 'FinalizeChannel', destroyed: true },
                { from: channel.address, to: wallet, op: 'ChannelClosed' },
            ]);
            expect((await chain.balance(wallet)) - before).toBeGreaterThan(toNano('4.88'));
            expect(await work(served.worker)).toEqual([]);
            chain.pass(600);
            expect(await work(served.worker)).toEqual(['forget']);
            expect((await market.provider(provider.owner.address)).till!.feesDue).toBe(COST / 50n);
        }));

    it('shares its line with another one', () =>
        play(async (stage) => {
            const served = await serving(stage, { policy: { maxChannelsPerClient: 2 } });
            const line = stage.connect(served.worker);
            const channels = [
                await PayingChannel.open(payer(stage), line),
                await PayingChannel.open({ ...payer(stage), nonce: 8n }, line),
            ];
            const results = await Promise.all(channels.map((channel, index) => ask(channel, index)));
            const right = createRefereeEngine(modelFile);
            for (const [index, { output, receipt }] of results.entries()) {
                expect(receipt.channel).toEqualAddress(channels[index]!.address);
                expect(Buffer.from(output)).toEqual(Buffer.from(await right.run(digit(index))));
            }
        }));

    it('is refused with every reason at once, and its deposit comes back', () =>
        play(async (stage) => {
            const strict = { minDeposit: toNano(6), minRemaining: 40 * DAY, minCloseDelay: 2 * DAY };
            const served = await serving(stage, { policy: strict });
            const refused = await PayingChannel.open(payer(stage), stage.connect(served.worker)).catch(
                (error: RefusedError) => error.reasons.map(({ code }) => code).sort(),
            );
            expect(refused).toEqual(['close-delay', 'closes-at', 'deposit']);
            const name = { client: stage.wallet.address, provider: stage.provider.owner.address, nonce: 7n };
            await stage.market.channels.requestClose(stage.wallet.getSender(), name);
            stage.chain.pass(DAY);
            await stage.market.channels.finalize(stage.wallet.getSender(), name);
            expect(await stage.market.channels.find(name)).toBeNull();
        }));

    it('is not served by a worker without channels, nor a model that has no price', () =>
        play(async (stage) => {
            await expect(PayingChannel.open(payer(stage), stage.connect())).rejects.toMatchObject({
                reasons: [{ code: 'no-channels' }],
            });
            const served = await serving(stage);
            const channel = await opened(stage, served, { nonce: 8n });
            await expect(channel.request({ modelRoot: 5n, input: digit(0), maxCost: COST })).rejects.toMatchObject({
                reasons: [{ code: 'unknown-model' }],
            });
            const second = PayingChannel.open({ ...payer(stage), nonce: 9n }, stage.connect(served.worker));
            await expect(second).rejects.toMatchObject({ reasons: [{ code: 'client-channels' }] });
        }));

    it('costs what the rates say, and a worker does not serve for less', () =>
        play(async (stage) => {
            const served = await serving(stage);
            const channel = await opened(stage, served);
            expect(priceOf(RATES, meter(root, digit(0)))).toBe(COST);
            await expect(
                channel.request({ modelRoot: root, input: digit(0), maxCost: COST - 1n }),
            ).rejects.toMatchObject({ reasons: [{ code: 'not-covering' }] });
        }));
});
