import { ended } from './lib/jobs';
import { jobFlags, script } from './lib/script';

/** Takes back a job that nobody accepted. */
export const run = script('cancelJob', {
    about:
        'Takes back a job that nobody accepted: as its client at once (with a quote: ten minutes after posting), as anybody once ' +
        'acceptBy has passed.',
    example: '--job EQ…',
    flags: jobFlags,
    reached: ended,
    act: (context) => context.market.cancel(context.via, context.jobReference(context.flags), { ...context.sending }),
});
