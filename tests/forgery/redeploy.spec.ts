import { toNano } from '@ton/core';
import { approveFullBody } from '../fixtures/jobs';
import { bouncedBody, errorCode, Message, PLENTY, toRegistry, toStake } from '../fixtures/stakes';
import { jobTermsCell } from '../helpers/cells';
import { Job } from '../helpers/jobs';
import {
    JOB_ACCEPTED,
    JOB_OPEN,
    JOB_QUOTING,
    JOB_SUBMITTED,
    STAKE_REGISTERED,
    STAKE_REGISTERING,
    STAKE_UNREGISTERED,
} from '../helpers/layout';
import { body } from '../helpers/network';
import { expectTrace } from '../helpers/traces';
import { CASES, stageCase } from './cases';
import { useScene } from './scene';
import { draftOf, messageOf, signaturesOf, ThingName, THINGS } from './signed';

// A closed account may be opened again at the same address. Nothing that was signed, locked, sent or on its way before reaches the
// new opening.

const held = useScene();

const messageOfCase = async (name: string) =>
    (
        await stageCase(
            held.scene,
            CASES.find((one) => one.name === name)!,
        )
    ).message;

/** Ends the job of the scene with the whole price paid; the escrow is gone. */
async function settle(): Promise<void> {
    const { market, job } = held.scene;
    const { client } = job;
    expectTrace(await market.send(client, { to: job.escrow, value: PLENTY, body: approveFullBody() }), [
        { from: client, to: job.escrow, op: 'ApproveFull', destroyed: true },
        { from: job.escrow, to: market.provider.till, op: 'Settle' },
        { from: job.escrow, to: market.stake, op: 'ReleaseCollateral' },
        { from: job.escrow, to: client, op: 'JobClosed' },
        { from: market.provider.till, to: market.owner, op: 'Payout' },
    ]);
    expect(await market.chain.isGone(job.escrow)).toBe(true);
}

describe('A job that is posted again', () => {
    it('has another key, and knows nothing that was signed or sent for the one before', async () => {
        const { scene } = held;
        const { market, job } = scene;
        const things = Object.fromEntries(THINGS.map((thing) => [thing.name, thing]));

        // All that the first opening leaves behind.
        const accepted = await messageOfCase('JobAccepted');
        const submit = await messageOfCase('SubmitResult');
        await scene.enter('accepted');
        const first = await job.data();
        const full = signaturesOf(scene, await draftOf(scene, things['approveFull']!));
        const submitted = signaturesOf(scene, await draftOf(scene, things['approveSubmitted']!));
        const release = toStake.release(first.lockId, first.slot, toNano(10));
        const loss = { amount: toNano(20), client: job.client.address, toClientBps: 5000 };
        const slash = toStake.slash(first.lockId, first.slot, loss);
        const refused = bouncedBody(body('JobAccepted', first.lockId).storeUint(first.slot, 8).endCell());
        await settle();

        await job.post();
        const second = await job.data();
        expect(second).toMatchObject({ state: JOB_OPEN, lockId: 0n });
        expect(second.openedLt).toBeGreaterThan(first.openedLt);
        await market.refused(market.stake, accepted, 'JOB_KEY_MISMATCH');

        await job.accept();
        const third = await job.data();
        expect(third).toMatchObject({ state: JOB_ACCEPTED, slot: first.slot });
        expect(third.lockId).toBeGreaterThan(first.lockId);
        await market.refused(market.operator.address, submit, 'JOB_KEY_MISMATCH');
        const stranger = market.stranger.address;
        const approveFull = await draftOf(scene, things['approveFull']!);
        await market.refused(stranger, messageOf(scene, approveFull, full), 'BAD_APPROVAL_SIGNATURE');

        // The same slot, the same escrow, the lock of before.
        for (const message of [release, slash]) {
            await market.ignored(job.escrow, { to: market.stake, value: PLENTY, body: message });
        }
        await market.ignored(job.escrow, { to: market.stake, value: PLENTY, body: refused, bounced: true });
        expect((await market.data()).locks.get(third.slot)).toMatchObject({ lockId: third.lockId });

        await job.submit();
        const approveSubmitted = await draftOf(scene, things['approveSubmitted']!);
        await market.refused(stranger, messageOf(scene, approveSubmitted, submitted), 'BAD_APPROVAL_SIGNATURE');
        expect((await job.data()).state).toBe(JOB_SUBMITTED);

        // What is signed for this opening ends it.
        const trace = await market.send(stranger, messageOf(scene, approveSubmitted));
        expect(trace.transactions[0]!.description).toMatchObject({ destroyed: true });
        expect((await market.data()).locks.size).toBe(0);
    });

    it('is not refunded by the answer to the quote of the one before', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('quoting');
        const bounceOf = (openedLt: bigint): Message => ({
            to: job.escrow,
            value: toNano('0.1'),
            body: bouncedBody(body('AcceptQuote', openedLt).storeUint(job.terms.requiredCollateral, 64).endCell()),
            bounced: true,
        });
        const refunded = [
            { to: job.escrow, op: 'bounced AcceptQuote', destroyed: true },
            { from: job.escrow, to: job.client, op: 'JobClosed' },
        ];
        const first = bounceOf((await job.data()).openedLt);
        expectTrace(await market.send(market.stake, first), refunded);

        const value = job.terms.price + PLENTY;
        const posting = job.postBody(job.quote());
        const next = await market.step(job.client, { to: job.escrow, value, init: job.init, body: posting });
        await next();
        expect((await job.data()).state).toBe(JOB_QUOTING);
        await market.ignored(market.stake, first);
        expect((await job.data()).state).toBe(JOB_QUOTING);
        expectTrace(await market.send(market.stake, bounceOf((await job.data()).openedLt)), refunded);
    });

    it('with other terms is not accepted on the quote for the ones before, and that frees the slot', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('channel');
        await job.postQuoted();
        const quote = job.quote();
        await settle();
        const cheaper = { ...job.terms, price: toNano(9) };
        const posting = body('PostJob').storeRef(jobTermsCell(cheaper)).storeMaybeRef(quote).endCell();
        const value = cheaper.price + PLENTY;
        expectTrace(await market.send(job.client, { to: job.escrow, value, init: job.init, body: posting }), [
            { to: job.escrow, op: 'PostJob' },
            { from: job.escrow, to: market.stake, op: 'AcceptQuote' },
            { from: market.stake, to: job.escrow, op: 'JobAccepted', exitCode: errorCode('JOB_KEY_MISMATCH') },
            { from: job.escrow, to: market.stake, op: 'bounced JobAccepted' },
        ]);
        expect(await market.data()).toMatchObject({ locked: 0n, hotLocked: 0n, usedSlots: 0n });
    });

    it('with the same terms is, while the quote lasts: one acceptance at a time', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('channel');
        const quote = job.quote();
        const value = job.terms.price + PLENTY;
        const posting = { to: job.escrow, value, init: job.init, body: job.postBody(quote) };
        await market.send(job.client, posting);
        const first = await job.data();
        await settle();
        await market.send(job.client, posting);
        const second = await job.data();
        expect(second.state).toBe(JOB_ACCEPTED);
        expect(second.lockId).toBeGreaterThan(first.lockId);
        expect((await market.data()).locks.size).toBe(1);
        await settle();
        market.chain.pass(60);
        expectTrace(await market.send(job.client, posting), [
            { to: job.escrow, op: 'PostJob' },
            { to: market.stake, op: 'AcceptQuote', exitCode: errorCode('QUOTE_WINDOW') },
            { to: job.escrow, op: 'bounced AcceptQuote', destroyed: true },
            { to: job.client, op: 'JobClosed' },
        ]);
    });

    it('at another nonce is another job', async () => {
        const { scene } = held;
        const { market, job } = scene;
        await scene.enter('accepted');
        const { lockId, slot } = await job.data();
        const other = await Job.prepare(market.provider, { nonce: 2n });
        await other.postQuoted();
        const release = { to: market.stake, value: PLENTY, body: toStake.release(lockId, slot) };
        await market.ignored(other.escrow, release);
        const swapped = toStake.release((await other.data()).lockId, slot);
        await market.ignored(job.escrow, { ...release, body: swapped });
        expect((await market.data()).locks.size).toBe(2);
    });
});

describe('A channel that is opened again', () => {
    const SIGNED: [ThingName, string][] = [
        ['voucher', 'SIGNED_FOR_ANOTHER'],
        ['closeAgreement', 'SIGNED_FOR_ANOTHER'],
        ['requestClose', 'BAD_CLIENT_SIGNATURE'],
    ];
    it.each(SIGNED)('does not know a %s of the one before', async (name, error) => {
        const { scene } = held;
        const { market, channel } = scene;
        const thing = THINGS.find((one) => one.name === name)!;
        await scene.enter('channel');
        const old = messageOf(scene, await draftOf(scene, thing));
        const close = channel.closeBody(await channel.agreement(0n));
        await market.send(market.stranger.address, { to: channel.address, value: PLENTY, body: close });
        expect(await market.chain.isGone(channel.address)).toBe(true);
        await channel.open();
        await market.refused(market.stranger.address, old, error);
        const fresh = messageOf(scene, await draftOf(scene, thing));
        const taken = await market.send(market.stranger.address, fresh);
        expect(taken.transactions[0]!.description).toMatchObject({ computePhase: { exitCode: 0 } });
    });
});

describe('A stake that is opened again', () => {
    it('takes no answer to the attempt of the one before', async () => {
        const { scene } = held;
        const { market } = scene;
        const { registry, stake, owner, provider, network } = market;
        await scene.enter('registering');
        const first = (await market.opening()).attemptLt;
        const answers = (attemptLt: bigint): Message[] => [
            { to: stake, value: PLENTY, body: toStake.initialise(attemptLt, network.params) },
            { to: stake, value: PLENTY, body: toStake.refuse(attemptLt, 1) },
            {
                to: stake,
                value: PLENTY,
                body: bouncedBody(toRegistry.register(attemptLt, provider.amount, owner.address)),
                bounced: true,
            },
        ];
        const leave = { to: stake, value: PLENTY, body: toStake.withdrawUnregistered() };
        expectTrace(await market.send(owner, leave), [
            { from: owner, to: stake, op: 'WithdrawUnregistered', destroyed: true },
            { from: stake, to: owner, op: 'Excesses' },
        ]);
        const value = provider.amount + PLENTY;
        const open = toStake.open(provider.amount, market.profile());
        const next = await market.step(owner, { to: stake, value, init: provider.stakeInit, body: open });
        await next();
        const second = (await market.opening()).attemptLt;
        expect(second).toBeGreaterThan(first);

        const [admitted, refused, bounced] = answers(first);
        await market.refused(registry, admitted!, 'STALE_ATTEMPT');
        await market.ignored(registry, refused!);
        await market.ignored(registry, bounced!);
        expect((await market.data()).state).toBe(STAKE_REGISTERING);

        const states: [Message, number][] = [
            [answers(second)[0]!, STAKE_REGISTERED],
            [answers(second)[1]!, STAKE_UNREGISTERED],
            [answers(second)[2]!, STAKE_UNREGISTERED],
        ];
        for (const [answer, state] of states) {
            await market.chain.rewinding(async () => {
                await market.send(registry, answer);
                expect((await market.data()).state).toBe(state);
            });
        }
    });
});
