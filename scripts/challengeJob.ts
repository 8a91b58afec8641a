import { JobState } from '../wrappers';
import { ENDED, standing } from './lib/jobs';
import { jobFlags, script } from './lib/script';

/** Disputes a result. */
export const run = script('challengeJob', {
    about: 'Disputes a submitted result, as the client and before the challenge window ends; your bond is at stake.',
    example: '--job EQ…',
    flags: jobFlags,
    async reached(context) {
        const job = await context.job(context.flags);
        return job === null ? ENDED : job.state === JobState.Disputed ? standing(job) : null;
    },
    act: (context) =>
        context.market.challenge(context.via, context.jobReference(context.flags), { ...context.sending }),
});
