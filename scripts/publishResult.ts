import { Cell } from '@ton/core';
import { JobState, StateError } from '../wrappers';
import { ENDED, standing } from './lib/jobs';
import { flag, jobFlags, optional, script, ScriptError } from './lib/script';

/** Answers a demand. */
export const run = script('publishResult', {
    about: 'Answers a demand: with the ciphertext (anybody, up to 4 KiB), or as operator or owner with the place where it lies.',
    example: '--job EQ… --ciphertext result.boc',
    flags: {
        ...jobFlags,
        ciphertext: optional(flag.bytes('Bag of cells with the very cell that was committed to')),
        storageId: optional(flag.text('Where the ciphertext lies, at most 127 bytes')),
    },
    async reached(context) {
        const job = await context.job(context.flags);
        if (!job) {
            return ENDED;
        }
        if (job.state !== JobState.Demanded && !job.submission?.demanded) {
            throw new StateError('wrong-state', `${standing(job)} Nobody has demanded the result`);
        }
        return job.state === JobState.Demanded ? null : `The demand was answered. ${standing(job)}`;
    },
    async act(context) {
        const { market, via, flags, sending } = context;
        const { ciphertext, storageId } = flags;
        if (!ciphertext === !storageId) {
            throw new ScriptError('missing-argument', 'Pass either --ciphertext <file> or --storage-id <text>');
        }
        return market.publishResult(via, context.jobReference(flags), {
            ...sending,
            ...(ciphertext ? { ciphertext: Cell.fromBoc(ciphertext)[0]! } : { storageId: storageId! }),
        });
    },
});
