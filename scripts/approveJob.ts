import { JobState, StateError } from '../wrappers';
import { aliveJob, ended } from './lib/jobs';
import { flag, jobFlags, optional, script } from './lib/script';

/** Pays a job before the challenge window ends. */
export const run = script('approveJob', {
    about:
        'Pays what was submitted before the challenge window ends, from the wallet that posted the job, or from any wallet with ' +
        "clientKey's signature. With --full it pays the whole price of a job without a submission.",
    example: '--job EQ… --result 5f… --amount 9.5',
    flags: {
        ...jobFlags,
        result: optional(flag.bytes32('The commitment that you checked; anything else is not paid')),
        amount: optional(flag.ton('The amount that you checked; anything else is not paid')),
        full: flag.on('Pays the whole price although nothing was submitted'),
        signature: optional(flag.signature("clientKey's, for a wallet other than the client's")),
    },
    reached: ended,
    async act(context) {
        const { market, via, flags, sending } = context;
        const { state, submission } = await aliveJob(context);
        if (state === JobState.Accepted && !flags.full) {
            throw new StateError('wrong-state', 'Nothing was submitted yet; --full pays the whole price all the same');
        }
        const expected = submission && {
            resultCommitment: flags.result ?? submission.resultCommitment,
            amount: flags.amount ?? submission.amount,
        };
        return market.approve(via, context.jobReference(flags), {
            ...sending,
            signature: flags.signature,
            ...(expected ? { expected } : {}),
        });
    },
});
