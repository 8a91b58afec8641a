/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { toNano } from '@ton/core';
import { OpenOptions, PayingChannel } from '../../client';
import { Rates } from '../../protocol';
import { ChannelStore, MemoryChannelStore } from '../../store';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';
import { ChannelDesk, InferenceEngine, ProviderNode } from '../../worker/node';
import { describeFlow, digits, root, Stage } from './stage';

/** nanoTON per million tokens: a digit costs 0.1 TON. */
const RATES: Rates = { prompt: 0n, cached: 0n, completion: toNano(100_000), reasoning: 0n };
const COST = toNano('0.1');

/** A worker whose books are in this store, as one that was started anew. */
async function workerOn(stage: Stage, store: ChannelStore, engine: InferenceEngine): Promise<ProviderNode> {
    const { market, connection, provider } = stage;
    const channels = new ChannelDesk({
        market,
        connection,
        owner: provider.owner.address,
        operator: provider.operator.getSender(),
        signingSecret: provider.signing.secretKey,
        engines: [engine],
        store,
        policy: {
            settlement: provider.till,
            signingKey: provider.profile.signingKey,
            minDeposit: toNano(1),
            minRemaining: 86_400,
            minCloseDelay: 3_600,
            redeemMargin: 1_800,
            maxChannelsPerClient: 1,
        },
        redeeming: { minDue: toNano(2), beforeClosing: 7_200 },
        rates: new Map([[root, RATES]]),
        meter: (_, input) => ({ prompt: 0, completion: input.length / IMAGE_BYTES }),
        now: () => stage.chain.now,
    });
    await channels.resume();
    return await stage.hire({ channels });
}

function payer(stage: Stage, store: ChannelStore = new MemoryChannelStore()): OpenOptions {
    const { market, wallet, keys, provider } = stage;
    return {
        market,
        wallet: wallet.getSender(),
        clientSecret: keys.clientSecret,
        store,
        now: () => stage.chain.now,
        provider: provider.owner.address,
        deposit: toNano(5),
        nonce: 7n,
    };
}

const ask = (channel: PayingChannel, index: number, salt?: Uint8Array) =>
    channel.request({
        modelRoot: root,
        input: digits().subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES),
        maxCost: COST,
        salt,
    });

// Both were found by npm run crash:channels.
describeFlow('a channel after a crash', (play) => {
    it('serves another request than the one that the worker was computing', () =>
        play(async (stage) => {
            const [books, kept] = [new MemoryChannelStore(), new MemoryChannelStore()];
            let fail: (error: Error) => void = () => {};
            let dying: InferenceEngine = stage.engine;
            const begun = new Promise<void>((resolve) => {
                const run = () => {
                    resolve();
                    return new Promise<never>((_, reject) => (fail = reject));
                };
                dying = { ...stage.engine, run };
            });
            const options = payer(stage, kept);
            const line = stage.connect(await workerOn(stage, books, dying));
            const lost = ask(await PayingChannel.open(options, line), 0);
            lost.catch(() => undefined);
            await begun;

            const again = stage.connect(await workerOn(stage, books, stage.engine));
            const [channel] = await PayingChannel.resume(options.provider, options, again);
            const { receipt, cost } = await ask(channel!, 1);
            expect([receipt.seq, receipt.amount, cost]).toEqual([1n, COST, COST]);
            // What the lost request was paid with pays for this one: nothing was promised twice.
            expect(channel!.state.voucher!.amount).toBe(COST);
            // Had the first worker only been slow, the store would not let it write over the second one's book.
            fail(new Error('stopped'));
            await expect(lost).rejects.toMatchObject({ code: 'conflict' });
            expect(channel!.state.receipt.seq).toBe(1n);
        }));

    it('goes on when the client asks again for what it has a receipt of', () =>
        play(async (stage) => {
            const options = payer(stage);
            const line = stage.connect(await workerOn(stage, new MemoryChannelStore(), stage.engine));
            const salt = Buffer.alloc(32, 5);
            const { receipt: first, output } = await ask(await PayingChannel.open(options, line), 0, salt);

            const [channel] = await PayingChannel.resume(options.provider, options, line);
            const again = await ask(channel!, 0, salt);
            expect([again.receipt.seq, again.receipt.requestHash, again.cost]).toEqual([1n, first.requestHash, 0n]);
            expect(Buffer.from(again.output)).toEqual(Buffer.from(output));
            expect(channel!.state.request).toBeNull();
            const { receipt } = await ask(channel!, 1);
            expect([receipt.seq, receipt.amount]).toEqual([2n, 2n * COST]);
            expect(channel!.state.voucher!.amount).toBe(2n * COST);
        }));
});
