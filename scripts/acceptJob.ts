import { JobState } from '../wrappers';
import { ENDED, standing } from './lib/jobs';
import { flag, jobFlags, script } from './lib/script';

/** Takes an open job by hand. */
export const run = script('acceptJob', {
    about:
        'Takes an open job by hand, as operator or owner: your collateral is locked. Examine the job with inspectJob first, and ' +
        'have its input in hand: to accept is to say so.',
    example: '--job EQ… --job-key 5f…',
    flags: { ...jobFlags, jobKey: flag.bytes32('Of the opening that you examined, as inspectJob shows it') },
    async reached(context) {
        const job = await context.job(context.flags);
        return job === null ? ENDED : job.state === JobState.Open ? null : standing(job);
    },
    act: (context) =>
        context.market.acceptJob(context.via, context.jobReference(context.flags), {
            ...context.sending,
            jobKey: context.flags.jobKey,
        }),
});
