/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { ComputeClient, RefusedError } from '../../client';
import { JobState } from '../../wrappers';
import { strayAddress } from '../helpers/chain';
import { keyPairOf } from '../helpers/cells';
import { expectTrace } from '../helpers/traces';
import { COLLATERAL, describeFlow, digits, modelFile, PRICE, Stage, work } from './stage';

async function refusalCodes(stage: Stage, request: Parameters<Stage['order']>[0]): Promise<string[]> {
    const asked = stage.client.requestQuote(await stage.order(request), stage.connect());
    const error = await asked.then(
        () => undefined,
        (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RefusedError);
    return (error as RefusedError).reasons.map(({ code }) => code);
}

describeFlow('a quote', (play) => {
    it('is refused with every reason at once', () =>
        play(async (stage) => {
            const codes = await refusalCodes(stage, {
                arbiter: strayAddress(7),
                modelRoot: 1n,
                price: 1n,
                challengeBond: 1n,
            });
            expect(codes.sort()).toEqual(['challenge-bond', 'foreign-arbiter', 'price', 'unknown-model']);
            expect(stage.worker.jobs).toHaveLength(0);
        }));

    it('is refused for an input that is not what the terms commit to', () =>
        play(async (stage) => {
            const order = await stage.order();
            const forged = { ...order, input: digits(1) };
            await expect(stage.client.requestQuote(forged, stage.connect())).rejects.toMatchObject({
                reasons: [{ code: 'input-mismatch' }],
            });
        }));

    it('is refused for an input that the model cannot read: nobody could serve it, and the collateral would be lost', () =>
        play(async (stage) => {
            for (const input of [digits(1).subarray(1), new Uint8Array(0)]) {
                const asked = stage.client.requestQuote(await stage.order({ input }), stage.connect());
                await expect(asked).rejects.toMatchObject({ reasons: [{ code: 'input-unreadable' }] });
            }
            expect(stage.worker.jobs).toHaveLength(0);
        }));

    it('is refused once the client, or the stake, has no room left', () =>
        play(async (stage) => {
            const line = stage.connect();
            for (let i = 0; i < 4; i++) {
                await stage.client.requestQuote(await stage.order(), line);
            }
            expect(await refusalCodes(stage, {})).toEqual(['client-jobs']);

            // The allowance of the helpers' provider is 500 TON.
            const generous = { ...stage.policy, maxJobsPerClient: 100, maxCollateralPerClient: COLLATERAL * 100n };
            const busy = await stage.hire({ policy: generous });
            const other = stage.connect(busy);
            for (let i = 0; i < 25; i++) {
                await stage.client.requestQuote(await stage.order(), other);
            }
            await expect(stage.client.requestQuote(await stage.order(), other)).rejects.toMatchObject({
                reasons: [{ code: 'capacity' }],
            });
        }));

    it('is not posted when somebody else signed it', () =>
        play(async (stage) => {
            const { secretKey } = keyPairOf('impostor');
            const impostor = await stage.hire({ signingSecret: secretKey });
            const asked = stage.client.requestQuote(await stage.order(), stage.connect(impostor));
            await expect(asked).rejects.toMatchObject({ code: 'malformed-signature' });
            expect(stage.take().transactions).toHaveLength(0);
        }));

    it('that has expired on the way bounces: everything returns, nothing stays locked', () =>
        play(async (stage) => {
            const { client, worker, wallet, provider, chain, market } = stage;
            const order = await client.requestQuote(await stage.order(), stage.connect());
            // The wallet's owner thinks for three minutes before confirming.
            const hesitant = new ComputeClient({
                market,
                connection: stage.connection,
                wallet: {
                    address: wallet.address,
                    send: async (args) => {
                        chain.pass(180);
                        await wallet.getSender().send(args);
                    },
                },
                keys: stage.keys,
                now: () => chain.now,
                models: [modelFile],
            });
            const before = await chain.balance(wallet);
            await hesitant.post(order);
            expectTrace(stage.take(), [
                { from: wallet, to: order.escrow, op: 'PostJob' },
                { from: order.escrow, to: provider.stake, op: 'AcceptQuote', exitCode: 0x208 },
                { from: provider.stake, to: order.escrow, op: 'bounced AcceptQuote', destroyed: true },
                { from: order.escrow, to: wallet, op: 'JobClosed' },
            ]);
            expect(before - (await chain.balance(wallet))).toBeLessThan(PRICE / 50n);
            expect((await market.provider(provider.owner.address)).stake!.locked).toBe(0n);

            expect(await work(worker)).toEqual([]);
            chain.pass(600);
            expect(await work(worker)).toEqual(['forget']);
            expect(worker.jobs).toHaveLength(0);
        }));

    it('is not needed to post: the job waits, and the client may take it back', () =>
        play(async (stage) => {
            const { client, worker, wallet, market } = stage;
            const order = await stage.order();
            await client.post(order);
            expectTrace(stage.take(), [{ from: wallet, to: order.escrow, op: 'PostJob' }]);
            expect((await market.job(order))!.state).toBe(JobState.Open);
            expect(await work(worker)).toEqual([]);
            await client.cancel(order);
            expectTrace(stage.take(), [
                { from: wallet, to: order.escrow, op: 'CancelJob', destroyed: true },
                { from: order.escrow, to: wallet, op: 'JobClosed' },
            ]);
        }));

    it('does not let a worker compute before the chain says Accepted', () =>
        play(async (stage) => {
            const { client, worker, chain, engine } = stage;
            const run = jest.fn(engine.run);
            const watched = await stage.hire({ engines: [{ ...engine, run }] });
            const order = await client.requestQuote(await stage.order(), stage.connect(watched));
            await work(watched);
            await client.post({ ...order, quote: undefined });
            await work(watched);
            chain.pass(30);
            await work(watched);
            expect(run).not.toHaveBeenCalled();
            expect(worker.jobs).toHaveLength(0);
        }));
});
