import { approveFullBody } from '../fixtures/jobs';
import { DAY, errorCode, PLENTY, toStake, useMarket } from '../fixtures/stakes';
import { hashNamed } from '../helpers/cells';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED, JOB_OPEN } from '../helpers/layout';
import { expectTrace } from '../helpers/traces';
import { attestation, VERIFIER } from './attested';
import { FAILURES } from './failures';

const ATTESTED = 1;

// There a revocation has to arrive. Here an attestation ends by itself and has to outlast the job, so nothing needs to be heard,
// and it ends with the keys that it is about: guarantee 8.
describe(FAILURES.dstack.noExpiry, () => {
    const m = useMarket({ params: { verifier: VERIFIER } });

    const attest = (validUntil: number) =>
        m.stepped(VERIFIER, { to: m.stake, value: PLENTY, body: attestation(m.provider, validUntil) });

    const posted = async (nonce: bigint) => {
        const job = await Job.prepare(m.provider, { nonce, terms: { tier: ATTESTED } });
        await job.post();
        return job;
    };

    async function expectRefused(job: Job): Promise<void> {
        const accept = { to: m.stake, value: PLENTY, body: await job.acceptBody() };
        expectTrace(await m.send(m.operator, accept), [
            { from: m.operator, to: m.stake, op: 'AcceptJob' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted', exitCode: errorCode('TIER_INSUFFICIENT') },
            { from: m.stake, to: m.operator, op: 'Excesses' },
            { from: job.escrow, to: m.stake, op: 'bounced JobAccepted' },
        ]);
        expect((await job.data()).state).toBe(JOB_OPEN);
        expect((await m.data()).locked).toBe(0n);
    }

    it('lets an attestation count until it expires, whatever anybody failed to hear', async () => {
        const before = await posted(1n);
        const { deliverWithin } = before.terms;
        const validUntil = m.now + deliverWithin + DAY;
        await attest(validUntil);
        await before.accept();
        expect((await before.data()).state).toBe(JOB_ACCEPTED);
        await m.send(before.client, { to: before.escrow, value: PLENTY, body: approveFullBody() });

        // Nobody sends the stake anything in between.
        m.chain.at(validUntil - deliverWithin - 1);
        const last = await posted(2n);
        await m.chain.rewinding(() => last.accept());
        m.chain.pass(1);
        await expectRefused(last);
        m.chain.at(validUntil);
        const late = await posted(3n);
        await expectRefused(late);
        await attest(m.now + deliverWithin + 1);
        await late.accept();
    });

    it('ends an attestation at once with the keys that it is about', async () => {
        const job = await posted(1n);
        await attest(m.now + 365 * DAY);
        await m.chain.rewinding(() => job.accept());
        for (const change of [{ signingKey: hashNamed('another') }, { encryptionKey: hashNamed('another') }]) {
            await m.chain.rewinding(async () => {
                const update = { to: m.stake, value: PLENTY, body: toStake.updateProfile(m.profile(change)) };
                await m.send(m.owner, update);
                expect((await m.config()).attestedUntil).toBe(0);
                await expectRefused(job);
            });
        }
        // A change of anything else leaves it.
        const update = { to: m.stake, value: PLENTY, body: toStake.updateProfile(m.profile({ offers: [] })) };
        await m.send(m.owner, update);
        await job.accept();
    });
});
