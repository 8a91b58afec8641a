/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { expectTrace } from '../helpers/traces';
import { posted, requireSubstance, settled, slashed, step } from './expected';
import { BOND, COLLATERAL, describeFlow, PRICE, work } from './stage';

describeFlow('a job in which somebody is silent', (play) => {
    it('pays the provider after the window when the client says nothing', () =>
        play(async (stage) => {
            const { client, worker, provider, chain } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            expect(await work(worker)).toEqual(['serve']);
            expect((await client.receive(order, line)).equalsReferee).toBe(true);
            chain.pass(59);
            expect(await work(worker)).toEqual([]);
            chain.pass(1);
            expect(await work(worker)).toEqual(['submit']);
            expectTrace(stage.take(), [...posted(stage, order), ...step(provider.operator, order, 'SubmitResult')]);

            chain.pass(order.terms.challengeWindow - 1);
            expect(await work(worker)).toEqual([]);
            chain.pass(1);
            expect(await work(worker)).toEqual(['finalize']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'FinalizeJob', PRICE));
            expect((await stage.market.provider(provider.owner.address)).stake).toMatchObject({
                locked: 0n,
                record: { settled: 1, late: 0 },
            });
        }));

    it('submits in time however patient the worker is', () =>
        play(async (stage) => {
            const patient = await stage.hire({ timing: { approvalPatience: 1_000_000 } });
            const order = await stage.post(stage.connect(patient));
            await work(patient);
            stage.chain.pass(order.terms.deliverWithin - 61);
            expect(await work(patient)).toEqual([]);
            stage.chain.pass(1);
            expect(await work(patient)).toEqual(['submit']);
        }));

    it('gives the client the price back, and half of a tenth of the collateral, when the provider is late', () =>
        play(async (stage) => {
            requireSubstance(stage);
            const { client, worker, wallet, provider, chain, market } = stage;
            const order = await stage.post(stage.connect());
            stage.take();
            chain.pass(order.terms.deliverWithin - 1);
            await expect(client.expire(order)).rejects.toMatchObject({ code: 'too-early' });
            chain.pass(1);
            expect(await work(worker)).toEqual([]);
            await client.expire(order);
            const slash = (COLLATERAL * BigInt(order.terms.lateSlashBps)) / 10_000n;
            expectTrace(stage.take(), slashed(stage, order, wallet, 'ExpireJob', slash));
            expect((await market.provider(provider.owner.address)).stake).toMatchObject({
                stake: provider.amount - slash,
                locked: 0n,
                allowanceUsed: slash,
                record: { settled: 0, late: 1 },
            });
        }));

    it('pays the provider and halves the bond when the arbiter says nothing', () =>
        play(async (stage) => {
            const { client, worker, wallet, provider, chain } = stage;
            const order = await stage.post(stage.connect());
            await work(worker);
            chain.pass(60);
            await work(worker);
            stage.take();
            await client.challenge(order);
            expectTrace(stage.take(), step(wallet, order, 'Challenge'));
            chain.pass(order.terms.arbitrationWindow - 1);
            expect(await work(worker)).toEqual([]);
            chain.pass(1);
            expect(await work(worker)).toEqual(['expireDispute']);
            expectTrace(stage.take(), settled(stage, order, provider.operator, 'ExpireDispute', PRICE + BOND / 2n));
            const { stake, till } = await stage.market.provider(provider.owner.address);
            expect(stake!.record).toMatchObject({ arbiterSilent: 1 });
            // The bond is no income of the network's.
            expect(till!.feesDue).toBe((PRICE * BigInt(stage.network.params.feeBps)) / 10_000n);
        }));
});
