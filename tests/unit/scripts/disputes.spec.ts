import { beginCell, toNano } from '@ton/core';
import { run as acceptJob } from '../../../scripts/acceptJob';
import { run as approveJob } from '../../../scripts/approveJob';
import { run as cancelJob } from '../../../scripts/cancelJob';
import { run as challengeJob } from '../../../scripts/challengeJob';
import { run as demandResult } from '../../../scripts/demandResult';
import { run as expireJob } from '../../../scripts/expireJob';
import { run as finalizeJob } from '../../../scripts/finalizeJob';
import { run as giveVerdict } from '../../../scripts/giveVerdict';
import { run as inspectJob } from '../../../scripts/inspectJob';
import { run as inspectTill } from '../../../scripts/inspectTill';
import { run as postJob } from '../../../scripts/postJob';
import { run as publishResult } from '../../../scripts/publishResult';
import { run as submitResult } from '../../../scripts/submitResult';
import { hexNamed, rolesWithProvider, useRoles } from './roles';

const DAY = 86_400;
const CIPHERTEXT = beginCell().storeStringTail('an encrypted result').endCell();

describe('a job', () => {
    const all = useRoles(async () => {
        const roles = await rolesWithProvider();
        const { desk, client, owner, operator, termsFile } = roles;
        const provider = owner.address.toString();
        const posted = await desk.run(postJob, client, '--provider', provider, '--terms', termsFile);
        const escrow = posted.result.contracts.JobEscrow!.address;
        const { result } = await desk.run(inspectJob, operator, '--job', escrow);
        return { ...roles, escrow, jobKey: (result as { job: { jobKey: string } }).job.jobKey };
    });

    async function accept(): Promise<void> {
        const { desk, operator, escrow, jobKey } = all();
        await desk.run(acceptJob, operator, '--job', escrow, '--job-key', jobKey);
    }
    async function submit(): Promise<void> {
        await accept();
        const { desk, operator, escrow } = all();
        await desk.run(submitResult, operator, '--job', escrow, '--result', CIPHERTEXT.hash().toString('hex'));
    }

    it('that nobody took is cancelled by its client', async () => {
        const { desk, client, escrow } = all();
        await desk.twice(cancelJob, client, '--job', escrow);
        const { shim } = await desk.run(inspectJob, client, '--job', escrow);
        expect(shim.output[0]).toContain('The job has ended');
    });

    it('is not taken by a worker who examined another opening', async () => {
        const { desk, operator, escrow } = all();
        await expect(
            desk.run(acceptJob, operator, '--job', escrow, '--job-key', hexNamed('other')),
        ).rejects.toMatchObject({ name: 'StateError', code: 'wrong-state' });
    });

    it('without a result is paid with --full only', async () => {
        const { desk, client, escrow } = all();
        await accept();
        await expect(desk.run(approveJob, client, '--job', escrow)).rejects.toMatchObject({
            code: 'wrong-state',
            message: expect.stringContaining('--full'),
        });
        await desk.twice(approveJob, client, '--job', escrow, '--full');
    });

    it('is not paid for another result than the client checked', async () => {
        const { desk, client, escrow } = all();
        await submit();
        await expect(
            desk.run(approveJob, client, '--job', escrow, '--result', hexNamed('other')),
        ).rejects.toMatchObject({ code: 'wrong-state' });
    });

    it('takes one result', async () => {
        const { desk, operator, escrow } = all();
        await submit();
        await expect(
            desk.run(submitResult, operator, '--job', escrow, '--result', hexNamed('other')),
        ).rejects.toMatchObject({ code: 'wrong-state', message: expect.stringContaining('one result only') });
    });

    it('that nobody challenged is finalized by anyone, after the window', async () => {
        const { desk, chain, owner, stranger, escrow } = all();
        await submit();
        await expect(desk.run(finalizeJob, stranger, '--job', escrow)).rejects.toMatchObject({ code: 'too-early' });
        chain.pass(DAY);
        await desk.twice(finalizeJob, stranger, '--job', escrow);
        const { shim } = await desk.run(inspectTill, stranger, '--owner', owner.address.toString(), '--json');
        expect(BigInt(JSON.parse(shim.output[0]!).till.feesDue)).toBe(toNano('0.2'));
    });

    it('whose result was demanded is answered with the ciphertext', async () => {
        const { desk, client, stranger, escrow } = all();
        await submit();
        await expect(desk.run(publishResult, stranger, '--job', escrow, '--storage-id', 'x')).rejects.toMatchObject({
            code: 'wrong-state',
        });
        await desk.twice(demandResult, client, '--job', escrow);
        await expect(desk.run(publishResult, stranger, '--job', escrow)).rejects.toMatchObject({
            code: 'missing-argument',
        });
        const file = desk.write('result.boc', CIPHERTEXT.toBoc());
        await desk.twice(publishResult, stranger, '--job', escrow, '--ciphertext', file);
    });

    it('whose demand went unanswered expires with a full slash', async () => {
        const { desk, chain, client, stranger, escrow } = all();
        await submit();
        await desk.run(demandResult, client, '--job', escrow);
        chain.pass(DAY);
        const { result } = await desk.run(expireJob, stranger, '--job', escrow);
        expect(result).toMatchObject({ status: 'done', message: 'The job has ended, its account is gone.' });
    });

    it.each(['right', 'wrong'])('in dispute ends with the verdict that the provider was %s', async (verdict) => {
        const { desk, client, arbiter, chain, stranger, escrow } = all();
        await submit();
        await desk.twice(challengeJob, client, '--job', escrow);
        await expect(desk.run(giveVerdict, stranger, '--job', escrow, '--provider-was', verdict)).rejects.toMatchObject(
            {
                code: 'refused',
                message: expect.stringContaining('ERROR_WRONG_SENDER'),
            },
        );
        const before = await chain.balance(client);
        await desk.twice(giveVerdict, arbiter, '--job', escrow, '--provider-was', verdict);
        const refund = (await chain.balance(client)) - before;
        expect(refund > toNano(12)).toBe(verdict === 'wrong');
    });

    it('in dispute ends by time if the arbiter is silent', async () => {
        const { desk, client, chain, stranger, escrow } = all();
        await submit();
        await desk.run(challengeJob, client, '--job', escrow);
        await expect(desk.run(expireJob, stranger, '--job', escrow)).rejects.toMatchObject({ code: 'too-early' });
        chain.pass(7 * DAY);
        await desk.twice(expireJob, stranger, '--job', escrow);
    });

    it('that was never posted is told from one that has ended', async () => {
        const { desk, client, owner } = all();
        await expect(
            desk.run(cancelJob, client, '--provider', owner.address.toString(), '--nonce', '99'),
        ).rejects.toMatchObject({ name: 'StateError', code: 'not-found' });
        await expect(desk.run(cancelJob, client)).rejects.toMatchObject({ code: 'missing-argument' });
    });

    it('is not posted over another one', async () => {
        const { desk, client, owner, terms, escrow } = all();
        const provider = owner.address.toString();
        const nonce = desk.read().jobs[escrow].nonce;
        const other = desk.write('other.json', { ...terms, price: '11' });
        await expect(
            desk.run(postJob, client, '--provider', provider, '--terms', other, '--nonce', nonce),
        ).rejects.toMatchObject({ code: 'wrong-state', message: expect.stringContaining('other terms') });
        const foreign = desk.write('foreign.json', { ...terms, arbiter: owner.address.toString() });
        await expect(desk.run(postJob, client, '--provider', provider, '--terms', foreign)).rejects.toMatchObject({
            code: 'foreign-arbiter',
        });
        await desk.twice(postJob, client, '--provider', provider, '--terms', foreign, '--trust-arbiter');
    });
});
