import { Cell, toNano } from '@ton/core';
import { sign } from '@ton/crypto';
import { ChannelStage } from '../fixtures/channelStage';
import { approveFullBody } from '../fixtures/jobs';
import { PLENTY, toStake, useMarket } from '../fixtures/stakes';
import { hashNamed, packedHash } from '../helpers/cells';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED, JOB_SUBMITTED } from '../helpers/layout';
import { body } from '../helpers/network';
import { FAILURES } from './failures';

const COLLATERAL = toNano(20);

// There a commitment hangs on a slot and outlives whoever made it. Here slots and addresses are reused too, but whatever acts names
// the logical time of its own acceptance or opening as well: guarantee 7.
describe(FAILURES.bittensor.inheritedSlot, () => {
    const m = useMarket();

    const finish = (job: Job) => m.send(job.client, { to: job.escrow, value: PLENTY, body: approveFullBody() });
    const slashing = (job: Job, lockId: bigint, slot: number) => ({
        to: m.stake,
        value: PLENTY,
        body: toStake.slash(lockId, slot, { amount: COLLATERAL, client: job.client.address, toClientBps: 5000 }),
    });
    const releasing = (lockId: bigint, slot: number) => ({
        to: m.stake,
        value: PLENTY,
        body: toStake.release(lockId, slot, toNano(1_000_000)),
    });

    it('gives the escrow that had a slot before no power over the lock that has it now', async () => {
        const former = await Job.prepare(m.provider, { client: 'former' });
        await former.postQuoted();
        const old = await former.data();
        await finish(former);
        const holder = await Job.prepare(m.provider, { client: 'holder' });
        await holder.postQuoted();
        const { lockId, slot } = await holder.data();
        expect(slot).toBe(old.slot);
        expect(lockId).not.toBe(old.lockId);

        for (const id of [old.lockId, lockId]) {
            await m.ignored(former.escrow, slashing(former, id, slot));
            await m.ignored(former.escrow, releasing(id, slot));
        }
        await m.ignored(holder.escrow, slashing(holder, old.lockId, slot));
        await m.ignored(holder.escrow, releasing(lockId, slot + 1));

        m.chain.pass(holder.terms.deliverWithin);
        await m.send(m.stranger, { to: holder.escrow, value: PLENTY, body: body('ExpireJob').endCell() });
        expect(await m.data()).toMatchObject({
            stake: m.provider.amount - COLLATERAL / 10n,
            locked: 0n,
            usedSlots: 0n,
        });
    });

    it('gives the next job at the same address neither result nor approval nor lock of the one before', async () => {
        const job = await Job.prepare(m.provider);
        const { escrow, clientKey } = job;
        await job.postQuoted();
        const first = { key: await job.jobKey(), ...(await job.data()) };
        await finish(job);
        expect(await m.chain.isGone(escrow)).toBe(true);
        await job.postQuoted();
        const { state, slot, lockId } = await job.data();
        expect([state, slot]).toEqual([JOB_ACCEPTED, first.slot]);

        const tell = (message: Cell) => ({ to: escrow, value: PLENTY, body: message });
        const approval = (key: bigint) =>
            approveFullBody(sign(packedHash('approveFull', [key, 256]), clientKey.secretKey));
        const submission = (key: bigint) =>
            body('SubmitResult')
                .storeUint(job.terms.price, 64)
                .storeUint(key, 256)
                .storeUint(job.resultCommitment, 256)
                .storeUint(hashNamed('trace'), 256)
                .endCell();
        await m.refused(m.operator, tell(approval(first.key)), 'BAD_APPROVAL_SIGNATURE');
        await m.refused(m.operator, tell(submission(first.key)), 'JOB_KEY_MISMATCH');
        await m.ignored(escrow, slashing(job, first.lockId, slot));
        expect((await m.data()).locks.get(slot)).toMatchObject({ lockId, collateral: COLLATERAL });

        const key = await job.jobKey();
        await m.chain.rewinding(async () => {
            await m.stepped(m.operator, tell(submission(key)));
            expect((await job.data()).state).toBe(JOB_SUBMITTED);
        });
        await m.send(m.operator, tell(approval(key)));
        expect(await m.chain.isGone(escrow)).toBe(true);
        expect(await m.data()).toMatchObject({ stake: m.provider.amount, locked: 0n });
    });

    it('gives the next channel at the same address no voucher, agreement or request of the one before', async () => {
        const stage = await ChannelStage.open();
        const { channel, chain } = stage;
        const voucher = channel.redeemBody(await channel.voucher(toNano(4)));
        const agreement = channel.closeBody(await channel.agreement(toNano(4), { validUntil: chain.now + 300 }));
        const request = channel.requestCloseBody(await channel.closeRequest());
        await stage.expectClosed('client', channel.closeBody(await channel.agreement(0n)), 0n);
        const openedLt = await stage.expectOpened();

        await stage.expectRefused('operator', voucher, 'SIGNED_FOR_ANOTHER');
        await stage.expectRefused('operator', agreement, 'SIGNED_FOR_ANOTHER');
        await stage.expectRefused('operator', request, 'BAD_CLIENT_SIGNATURE');
        expect((await channel.terms()).openedLt).toBe(openedLt);
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(toNano(4))), toNano(4));
        await stage.expectStep('operator', channel.requestCloseBody(await channel.closeRequest()), 0n);
        await stage.expectClosed('operator', channel.closeBody(await channel.agreement(toNano(5))), toNano(1));
    });
});
