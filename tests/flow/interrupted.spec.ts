/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { PayingChannel } from '../../client';
import { MemoryChannelStore } from '../../store';
import { InferenceEngine } from '../../worker/node';
import { ask, COST, payer, serving } from './channelStage';
import { describeFlow } from './stage';

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
            const line = stage.connect((await serving(stage, { store: books, engine: dying })).worker);
            const lost = ask(await PayingChannel.open(options, line), 0);
            lost.catch(() => undefined);
            await begun;

            const again = stage.connect((await serving(stage, { store: books })).worker);
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
            const line = stage.connect((await serving(stage)).worker);
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
