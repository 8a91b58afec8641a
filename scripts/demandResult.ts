import { ENDED, standing } from './lib/jobs';
import { jobFlags, script } from './lib/script';

/** Asks for the ciphertext on chain. */
export const run = script('demandResult', {
    about: 'Asks the provider to publish the ciphertext, as the client and once per job; your bond pays for it.',
    example: '--job EQ…',
    flags: jobFlags,
    async reached(context) {
        const job = await context.job(context.flags);
        return job === null ? ENDED : job.submission?.demanded ? `The result was demanded. ${standing(job)}` : null;
    },
    act: (context) =>
        context.market.demandResult(context.via, context.jobReference(context.flags), { ...context.sending }),
});
