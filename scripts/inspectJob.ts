import { JobState, Tier } from '../wrappers';
import { ENDED } from './lib/jobs';
import { asDate, asDuration, asHex, inPercent, inTon } from './lib/output';
import { inspection, jobFlags } from './lib/script';

/** Shows a job. */
export const run = inspection('inspectJob', {
    about: 'Shows a job: its state and deadline, its terms, and what was submitted.',
    example: '--job EQ…',
    flags: jobFlags,
    async read(context) {
        const job = await context.job(context.flags);
        if (!job) {
            return { job: { state: ENDED } };
        }
        const { terms, submission, party } = job;
        return {
            job: {
                escrow: job.escrow,
                state: JobState[job.state],
                deadline: asDate(job.deadline),
                client: job.client,
                provider: job.provider,
                stake: job.stake,
                nonce: job.nonce,
                jobKey: asHex(job.jobKey),
                slot: job.slot,
                lockUntil: asDate(job.lockUntil),
            },
            terms: terms && {
                price: inTon(terms.price),
                requiredCollateral: inTon(terms.requiredCollateral),
                tier: Tier[terms.tier],
                acceptBy: asDate(terms.acceptBy),
                deliverWithin: asDuration(terms.deliverWithin),
                challengeWindow: asDuration(terms.challengeWindow),
                responseWindow: asDuration(terms.responseWindow),
                arbitrationWindow: asDuration(terms.arbitrationWindow),
                challengeBond: inTon(terms.challengeBond),
                lateSlash: inPercent(terms.lateSlashBps),
                toClient: inPercent(terms.toClientBps),
                arbiter: terms.arbiter,
                modelRoot: asHex(terms.modelRoot),
                inputCommitment: asHex(terms.inputCommitment),
                clientKey: asHex(terms.clientKey),
                encryptionKey: asHex(terms.encryptionKey),
                resultRecipientKey: asHex(terms.resultRecipientKey),
            },
            party,
            submission: submission && {
                amount: inTon(submission.amount),
                bond: inTon(submission.bond),
                demanded: submission.demanded,
                resultCommitment: asHex(submission.resultCommitment),
                traceRoot: asHex(submission.traceRoot),
            },
        };
    },
});
