/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { InferenceEngine } from '../../worker/node';
import { restarting } from './restarts';
import { describeFlow, work } from './stage';

describeFlow('two workers on one store', (play) => {
    const scene = restarting(play);

    it(
        'compute one result between them, which both can submit and publish',
        scene(async (stage, restart) => {
            const { client, chain, market } = stage;
            const one = await restart.worker();
            const order = await client.requestQuote(await stage.order(), stage.connect(one));
            const other = await stage.hire({ store: (await restart.open()).jobs });
            await client.post(order);
            expect(await work(one)).toEqual(['serve']);
            expect(await work(other)).toEqual(['serve']);
            const { commitment } = one.jobs[0]!.opening!;
            expect(other.jobs[0]!.opening!.commitment).toBe(commitment);

            chain.pass(60);
            expect(await work(other)).toEqual(['submit']);
            expect((await market.job(order))!.submission!.resultCommitment).toBe(commitment);
            await client.demand(order);
            expect(await work(one)).toEqual(['publish']);
            expect((await client.receivePublished(order)).commitment).toBe(commitment);
        }),
    );

    it(
        'do not take each other for mad when one of them was slower',
        scene(async (stage, restart) => {
            const { client, engine } = stage;
            let finish = () => {};
            const slow: InferenceEngine = {
                ...engine,
                run: async (input) => {
                    await new Promise<void>((resolve) => (finish = resolve));
                    return await engine.run(input);
                },
            };
            const quick = await restart.worker();
            const line = stage.connect(quick);
            const quoted = await client.requestQuote(await stage.order(), line);
            const late = await stage.hire({ store: (await restart.open()).jobs, engines: [slow] });
            await client.post(quoted);
            const ticking = late.tick();
            await new Promise((resolve) => setTimeout(resolve, 50));
            expect(await work(quick)).toEqual(['serve']);
            // The client asks the slow one, too, which so learns of the result that there is, and then finishes its own.
            await client.requestQuote(quoted, stage.connect(late));
            finish();
            expect(await ticking).toMatchObject([{ step: 'serve' }]);
            expect(late.jobs[0]!.opening!.commitment).toBe(quick.jobs[0]!.opening!.commitment);
        }),
    );
});
