import { JobState, StateError } from '../wrappers';
import { aliveJob, ENDED, standing } from './lib/jobs';
import { flag, jobFlags, optional, script } from './lib/script';

/** Commits to the result of a job. */
export const run = script('submitResult', {
    about: 'Commits to the result of an accepted job, as its operator or owner. Once per job; the result itself goes off chain.',
    example: '--job EQ… --result 5f… --amount 9.5',
    flags: {
        ...jobFlags,
        result: flag.bytes32('Hash of the cell that holds the ciphertext'),
        amount: optional(flag.ton('To be paid; the whole price by default')),
        traceRoot: optional(flag.bytes32("Root of the computation's trace")),
    },
    async reached(context) {
        const { flags } = context;
        const job = await context.job(flags);
        if (!job) {
            return ENDED;
        }
        if (job.state < JobState.Submitted) {
            return null;
        }
        const { amount, resultCommitment } = job.submission!;
        if (resultCommitment !== flags.result || amount !== (flags.amount ?? job.terms!.price)) {
            throw new StateError('wrong-state', 'Another result or amount was submitted; a job takes one result only');
        }
        return standing(job);
    },
    async act(context) {
        const { market, via, flags, sending } = context;
        const job = await aliveJob(context);
        return market.submitResult(via, context.jobReference(flags), {
            ...sending,
            jobKey: job.jobKey,
            amount: flags.amount ?? job.terms!.price,
            resultCommitment: flags.result,
            traceRoot: flags.traceRoot,
        });
    },
});
