import { JobState, KnownJob } from '../../wrappers';
import type { Context, JobFlagValues } from './context';

/** What every script says of a job whose account is gone. */
export const ENDED = 'The job has ended, its account is gone.';

/** How a job stands, in words. */
export function standing({ state, escrow }: Pick<KnownJob, 'state' | 'escrow'>): string {
    return `The job ${escrow.toString()} is ${JobState[state].toLowerCase()}.`;
}

/** The goal of every script that ends a job. */
export async function ended(context: Context<JobFlagValues>): Promise<string | null> {
    return (await context.job(context.flags)) === null ? ENDED : null;
}

/** The job to act on; there is one, as the goal was not reached. */
export async function aliveJob(context: Context<JobFlagValues>): Promise<KnownJob> {
    return (await context.job(context.flags))!;
}
