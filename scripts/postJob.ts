import { escrowAddress, JobState, JobTerms, StateError, stakeAddress, termsHashOf } from '../wrappers';
import { createHash } from 'node:crypto';
import { written } from './lib/deployments';
import { TermsFile, termsFile, termsOf } from './lib/files';
import { standing } from './lib/jobs';
import { Context, flag, optional, script } from './lib/script';

/** Posts a job to a provider. */
export const run = script('postJob', {
    about:
        'Posts an open job to a provider and waits until it stands. Its nonce follows from the file, so that the same file is ' +
        'the same job; --nonce posts it once more. At the tier "open" whoever runs the worker of the provider can read input and result.',
    example: '--provider EQ… --terms job.json',
    flags: {
        provider: flag.address("Owner of the provider's stake"),
        terms: flag.json(termsFile, 'The terms as JSON (see deployments/README.md)'),
        nonce: optional(flag.whole('64 bits of your choice')),
        trustArbiter: flag.on("Posts with an arbiter other than the network's"),
    },
    async reached(context) {
        const { client, provider, nonce, escrow } = await nameOf(context);
        if (!(await context.exists('jobEscrow', escrow))) {
            if (!context.hasSent && context.deployment.jobs[written(escrow)]) {
                return 'The job was posted before and has ended; --nonce posts it once more.';
            }
            return null;
        }
        const job = await context.market.job({ client, provider, nonce });
        if (!job || job.state === JobState.Uninit) {
            return null;
        }
        const wanted = await termsFrom(context, job.terms!.acceptBy);
        if (termsHashOf(wanted) !== job.termsHash) {
            throw new StateError('wrong-state', `${standing(job)} It has other terms than yours; pass another --nonce`);
        }
        context.enterJob(job);
        return `${standing(job)} Its nonce is ${nonce}.`;
    },
    async act(context) {
        const { market, via, flags, sending } = context;
        const { provider, nonce } = await nameOf(context);
        const terms = await termsFrom(context);
        const arbiters = flags.trustArbiter ? [terms.arbiter] : [];
        return market.postJob(via, { ...sending, provider, nonce, terms, arbiters });
    },
});

type Posting = Context<{ provider: Context['me']; terms: TermsFile; nonce?: bigint }>;

async function nameOf({ market, me, flags: { provider, terms, nonce } }: Posting) {
    const stake = await stakeAddress(market.registry, provider);
    const digest = createHash('sha256').update(stake.hash).update(terms.digest).digest();
    const chosen = nonce ?? digest.readBigUInt64BE();
    return { client: me, provider, nonce: chosen, escrow: await escrowAddress(me, stake, chosen) };
}

/** With what was left out as network, provider and clock have it; `acceptBy` for comparison with a job that was posted earlier. */
async function termsFrom(context: Posting, acceptBy?: number): Promise<JobTerms> {
    const { market, flags, now } = context;
    const { stake } = await context.openedProvider(flags.provider);
    const { params } = await market.network();
    const terms = { ...flags.terms, acceptBy: flags.terms.acceptBy ?? acceptBy };
    return termsOf(terms, { now, arbiter: params!.arbiter, encryptionKey: stake.profile!.encryptionKey });
}
