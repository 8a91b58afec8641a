import { ended } from './lib/jobs';
import { jobFlags, script } from './lib/script';

/** Ends a job whose deadline nobody met. */
export const run = script('expireJob', {
    about:
        'Ends a job whose deadline has passed, by its state: accepted and nothing submitted, demanded and nothing published, ' +
        'disputed and no verdict; anybody may.',
    example: '--job EQ…',
    flags: jobFlags,
    reached: ended,
    act: (context) => context.market.expire(context.via, context.jobReference(context.flags), { ...context.sending }),
});
