import { ended } from './lib/jobs';
import { jobFlags, script } from './lib/script';

/** Pays a job that nobody challenged. */
export const run = script('finalizeJob', {
    about: 'Pays a submitted result to its provider, once the challenge window has ended; anybody may.',
    example: '--job EQ…',
    flags: jobFlags,
    reached: ended,
    act: (context) => context.market.finalize(context.via, context.jobReference(context.flags), { ...context.sending }),
});
