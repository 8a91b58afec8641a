/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { NoAnswerError, Order, RefusedError, WorkerConnection } from '../../client';
import { Arbiter } from '../../demo/arbiter';
import { createInProcessTransport } from '../../protocol/transport';
import { InferenceEngine, ProviderNode } from '../../worker/node';
import { expectTrace } from '../helpers/traces';
import { requireSubstance, settled, slashed } from './expected';
import { restarting } from './restarts';
import { BOND, COLLATERAL, describeFlow, digits, modelFile, PRICE, root, Stage, work } from './stage';

/** Up to a demand: the client's line broke before the worker could deliver. */
async function demanded(stage: Stage, worker: ProviderNode): Promise<Order> {
    const line = stage.connect(worker);
    const order = await stage.post(line);
    line.close();
    expect(await work(worker)).toEqual(['serve']);
    stage.chain.pass(60);
    expect(await work(worker)).toEqual(['submit']);
    await stage.client.demand(order);
    stage.take();
    return order;
}

describeFlow('a worker that is thrown away and made anew from its store', (play) => {
    const scene = restarting(play);

    it(
        'after a quote serves what is posted with it, and delivers to the client that asks again',
        scene(async (stage, restart) => {
            const { client, provider } = stage;
            const order = await client.requestQuote(await stage.order(), stage.connect(await restart.worker()));
            const worker = await restart.worker();
            await client.post(order);
            expect(await work(worker)).toEqual(['serve']);

            const line = stage.connect(worker);
            await client.requestQuote(order, line);
            const result = await client.receive(order, line);
            expect(result.equalsReferee).toBe(true);
            stage.take();
            await client.approveBySignature(order, result, line);
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ApproveFull', PRICE));
        }),
    );

    it(
        'after serving takes the signature for what it served before',
        scene(async (stage, restart) => {
            const { client, provider } = stage;
            const before = await restart.worker();
            const line = stage.connect(before);
            const order = await stage.post(line);
            expect(await work(before)).toEqual(['serve']);
            const result = await client.receive(order, line);

            const worker = await restart.worker();
            expect(await work(worker)).toEqual([]);
            stage.take();
            await client.approveBySignature(order, result, stage.connect(worker));
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ApproveFull', PRICE));
        }),
    );

    it(
        'after confirming a signature turns it into money without the client',
        scene(async (stage, restart) => {
            const { client, provider, chain } = stage;
            const before = await restart.worker();
            const line = stage.connect(before);
            const order = await stage.post(line);
            await work(before);
            const result = await client.receive(order, line);
            chain.pass(60);
            expect(await work(before)).toEqual(['submit']);
            await client.approveBySignature(order, result, line);
            line.close();

            const worker = await restart.worker();
            stage.take();
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ApproveSubmitted', PRICE));
        }),
    );

    it(
        'after submitting is paid at the end of the window',
        scene(async (stage, restart) => {
            const { provider, chain } = stage;
            const before = await restart.worker();
            const order = await stage.post(stage.connect(before));
            await work(before);
            chain.pass(60);
            expect(await work(before)).toEqual(['submit']);

            const worker = await restart.worker();
            expect(await work(worker)).toEqual([]);
            stage.take();
            chain.pass(order.terms.challengeWindow);
            expect(await work(worker)).toEqual(['finalize']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'FinalizeJob', PRICE));
        }),
    );

    it(
        'after a demand answers it, with the very cell that it committed to',
        scene(async (stage, restart) => {
            const { client, wallet } = stage;
            const order = await demanded(stage, await restart.worker());
            const worker = await restart.worker();
            expect(await work(worker)).toEqual(['publish']);
            const result = await client.receivePublished(order);
            expect(result.equalsReferee).toBe(true);
            stage.take();
            await client.approveByWallet(order, result);
            expectTrace(stage.take(), settled(stage, order, wallet, 'ApproveSubmitted', PRICE));
        }),
    );

    it('loses the collateral if it had no store', () =>
        play(async (stage) => {
            requireSubstance(stage);
            const { client, wallet, chain } = stage;
            const order = await demanded(stage, await stage.hire());
            const forgetful = await stage.hire();
            expect(await work(forgetful)).toEqual([]);
            chain.pass(order.terms.responseWindow);
            await client.expire(order);
            expectTrace(stage.take(), slashed(stage, order, wallet, 'ExpireDemand', COLLATERAL));
        }));

    it(
        'before each of its steps takes them all, and in the end keeps nothing',
        scene(async (stage, restart) => {
            const { client, chain } = stage;
            const order = await stage.post(stage.connect(await restart.worker()));
            for (const [step, seconds] of [
                ['serve', 60],
                ['submit', 0],
                ['publish', order.terms.challengeWindow],
                ['finalize', 600],
                ['forget', 0],
            ] as const) {
                if (step === 'publish') {
                    await client.demand(order);
                }
                const worker = await restart.worker();
                expect(worker.jobs).toHaveLength(1);
                expect(await work(worker)).toEqual([step]);
                chain.pass(seconds);
            }
            expect((await restart.worker()).jobs).toHaveLength(0);
        }),
    );

    it(
        'counts its live quotes against the limits',
        scene(async (stage, restart) => {
            const line = stage.connect(await restart.worker());
            for (let i = 0; i < 4; i++) {
                await stage.client.requestQuote(await stage.order(), line);
            }
            const again = stage.connect(await restart.worker());
            const asked = stage.client.requestQuote(await stage.order(), again);
            await expect(asked).rejects.toMatchObject({ reasons: [{ code: 'client-jobs' }] });
        }),
    );

    it(
        'stands by a quote that its new policy would refuse',
        scene(async (stage, restart) => {
            const { client, policy } = stage;
            const order = await client.requestQuote(await stage.order(), stage.connect(await restart.worker()));
            const worker = await restart.worker({ policy: { ...policy, minPrice: PRICE + 1n, arbiters: [] } });
            await client.post(order);
            expect(await work(worker)).toEqual(['serve']);
            const line = stage.connect(worker);
            // It quotes no more like this; what it has computed it hands over all the same.
            await expect(client.requestQuote(order, line)).rejects.toThrow(RefusedError);
            expect((await client.receive(order, line)).equalsReferee).toBe(true);
        }),
    );

    it(
        'says which model it lacks for a job that it owes',
        scene(async (stage, restart) => {
            await stage.post(stage.connect(await restart.worker()));
            const worker = await restart.worker({ engines: [], policy: { ...stage.policy, models: new Set() } });
            const [taken] = await worker.tick();
            expect(taken).toMatchObject({ step: 'serve', error: { code: 'not-found', field: 'engines' } });
            expect(await work(await restart.worker())).toEqual(['serve']);
        }),
    );

    it(
        'hands nothing to somebody who does not know the salt',
        scene(async (stage, restart) => {
            const { client } = stage;
            const order = await stage.post(stage.connect(await restart.worker()));
            const worker = await restart.worker();
            await work(worker);
            const [here, there] = createInProcessTransport();
            worker.connect(there);
            const nosy = new WorkerConnection(here, 2_000);
            const guess = { ...order, salt: Buffer.alloc(32, 1) };
            await expect(client.requestQuote(guess, nosy)).rejects.toThrow(RefusedError);
            await expect(client.receive(order, nosy)).rejects.toThrow(NoAnswerError);
        }),
    );

    it(
        'does not start from a job that nobody can have examined',
        scene(async (stage, restart) => {
            await stage.client.requestQuote(await stage.order(), stage.connect(await restart.worker()));
            const { jobs } = await restart.open();
            const [job] = await jobs.list(stage.provider.stake);
            await jobs.commit({ ...job!, revision: job!.revision + 1, sealedInput: Buffer.alloc(100) });
            await expect(restart.worker()).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
        }),
    );
});

describeFlow('a client that is thrown away and made anew from its store', (play) => {
    const scene = restarting(play);

    it(
        'goes on at each step of its order, and pays',
        scene(async (stage, restart) => {
            const { worker, provider } = stage;
            const { escrow } = await (
                await restart.client()
            ).order({
                provider: provider.owner.address,
                modelRoot: root,
                input: digits(),
                price: PRICE,
                collateral: COLLATERAL,
                challengeBond: BOND,
            });
            let client = await restart.client();
            await client.requestQuote((await client.find(escrow))!, stage.connect());
            client = await restart.client();
            await client.post((await client.find(escrow))!);
            expect(await work(worker)).toEqual(['serve']);

            client = await restart.client();
            const line = stage.connect();
            const order = await client.requestQuote((await client.find(escrow))!, line);
            const result = await client.receive(order, line);
            expect(result.equalsReferee).toBe(true);
            expect((await (await restart.client()).find(escrow))!.result!.equals(result.cell)).toBe(true);
            stage.take();
            await (await restart.client()).approveBySignature(order, result, stage.connect());
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ApproveFull', PRICE));
        }),
    );

    it(
        'still proves to the arbiter what it had asked, and what it got',
        scene(async (stage, restart) => {
            requireSubstance(stage);
            const { market, network, chain, engine } = stage;
            const wrong: InferenceEngine = { ...engine, run: async (input) => (await engine.run(input)).fill(0) };
            const cheat = await stage.hire({ engines: [wrong] });
            const line = stage.connect(cheat);
            let client = await restart.client();
            const quoted = await client.requestQuote(await stage.order(), line);
            await client.post(quoted);
            await work(cheat);
            await client.receive(quoted, line);
            chain.pass(60);
            await work(cheat);

            client = await restart.client();
            await client.challenge((await client.find(quoted.escrow))!);
            stage.take();
            const proof = await (await restart.client()).evidence(quoted.escrow);
            expect(await new Arbiter(market, network.arbiter.getSender(), [modelFile]).judge(quoted, proof)).toBe(true);
            expectTrace(stage.take(), slashed(stage, quoted, network.arbiter, 'Verdict', COLLATERAL));
        }),
    );
});
