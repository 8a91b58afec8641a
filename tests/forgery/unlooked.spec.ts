import { toNano } from '@ton/core';
import { inMasterchain, PLENTY, toRegistry, toStake } from '../fixtures/stakes';
import { body } from '../helpers/network';
import { expectTrace, withoutWallets } from '../helpers/traces';
import { CASES, stageCase } from './cases';
import { useScene } from './scene';

// Addresses of the masterchain that a contract does not look at: what comes of it, and why nobody can use it.

const held = useScene();

describe('Where a contract does not look again', () => {
    it('a slash for a client there frees the lock and cannot fail', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('accepted');
        const { lockId, slot } = await job.data();
        const client = inMasterchain(market.client.address);
        const slash = toStake.slash(lockId, slot, { amount: toNano(20), client, toClientBps: 5000 });
        const [taken] = withoutWallets(
            await market.send(job.escrow, { to: market.stake, value: PLENTY, body: slash, bounce: false }),
        );
        expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 }, actionPhase: { resultCode: 0 } });
        expect((await market.data()).locks.size).toBe(0);
    });

    it('a sync asked for from there is refused, so no excess goes there', async () => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('registered');
        const message = { to: market.registry, value: PLENTY, body: toRegistry.sync(market.owner.address) };
        await market.refused(inMasterchain(market.stranger.address), message, 'NOT_BASECHAIN');
        expectTrace(await market.send(market.stranger.address, message), [
            { op: 'SyncParams' },
            { op: 'UpdateParams' },
            { op: 'Excesses' },
            { op: 'TillParams' },
            { op: 'Excesses' },
        ]);
    });

    it('a certificate’s namesake would be believed, and never has anything to say', async () => {
        const { scene } = held;
        const { market, certificate, verifier } = scene;
        const named = (name: string) => CASES.find((one) => one.name === name)!;
        const said = await stageCase(scene, named('AttestRemembered'));
        const there = inMasterchain(certificate.address);
        const [taken] = withoutWallets(await market.send(there, said.message));
        expect(taken!.description).toMatchObject({ computePhase: { exitCode: 0 } });

        // The same StateInit there: nobody can have it remember anything, so it passes nothing on.
        const sending = { to: there, init: certificate.init, value: 4n * PLENTY };
        const remember = { ...sending, body: body('RememberPck').endCell() };
        for (const from of [...scene.accounts, inMasterchain(verifier.address), market.client.address]) {
            if (!from.equals(verifier.address)) {
                await market.refused(from, remember, 'WRONG_SENDER');
            }
        }
        const passed = await stageCase(scene, named('AttestWithPck'));
        await market.refused(passed.from, { ...sending, body: passed.message.body }, 'WRONG_STATE');
        // The one that it would listen to speaks to accounts of the basechain alone, and listens to nobody from there.
        const quote = await stageCase(
            scene,
            CASES.find((one) => one.variant === 'that remembers')!,
        );
        const trace = withoutWallets(await market.send(market.client.address, quote.message));
        const told = trace.filter(
            ({ inMessage }) => inMessage!.info.dest!.toString() === certificate.address.toString(),
        );
        expect(told).toHaveLength(1);
        await market.refused(inMasterchain(market.client.address), quote.message, 'NOT_BASECHAIN');
    });

    it('a payment whose source is there is a payment', async () => {
        const { scene } = held;
        const { market, till } = scene;
        await scene.enter('registered');
        const source = inMasterchain(market.stranger.address);
        const settle = body('Settle').storeUint(toNano(4), 64).storeAddress(source).endCell();
        expectTrace(await market.send(market.stranger.address, { to: till, value: PLENTY, body: settle }), [
            { to: till, op: 'Settle' },
            { from: till, to: market.owner, op: 'Payout' },
        ]);
    });
});
