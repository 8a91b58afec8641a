import { Address, Cell } from '@ton/core';
import { acceptJobTerms, AcceptedTerms, JobPolicy, resultCommitment } from '../../protocol';
import { PublicEncryptionKey } from '../../protocol/envelope';
import { ByteTransport } from '../../protocol/transport';
import { FullApproval, QuoteRequest, SubmittedApproval } from '../../protocol/wire';
import { jobName, JobRecord, JobStore, OpeningRecord } from '../../store/jobStore';
import { StoreError } from '../../store/storeError';
import { escrowAddress, InputError, packJobTerms, termsHashOf } from '../../wrappers';
import { EncryptionKeys, OpenedInput, openJobInput } from './sealedInputs';

/** A job that this worker signed a quote for, whether or not its client ever posts it. Only {@link ServedJobs} changes one. */
export interface ServedJob {
    readonly accepted: AcceptedTerms;
    readonly sealed: SealedInput;
    /** Unix seconds: until then the client may post the job, also a second time. */
    quotedUntil: number;
    /** The opening that was accepted on chain; undefined before, and again after its end. */
    opening?: Opening;
    /** Of what is stored; 0 before the first commit. */
    revision: number;
    /** Where the client asked last, and where its result goes; a line does not survive a restart. */
    client?: ByteTransport;
    /** The last message to the chain for this job. Not stored: after a restart it may be sent twice, and is refused once. */
    sent?: { readonly step: Step; readonly at: number };
}

/** How a job's input came, and who its result is for. */
export interface SealedInput {
    /** The envelope: what is stored in place of the input. */
    readonly input: Uint8Array;
    /** 32 bytes, out of the envelope; shows that the input is what the terms commit to. */
    readonly salt: Uint8Array;
    readonly recipient: PublicEncryptionKey;
}

/** A quote that is to be kept. */
export interface NewQuote {
    readonly accepted: AcceptedTerms;
    readonly sealed: SealedInput;
    /** Unix seconds. */
    readonly until: number;
    /** Where the request came from. */
    readonly client: ByteTransport;
}

/** One acceptance of a job on chain, and what became of it here. */
export interface Opening {
    readonly jobKey: bigint;
    /** Unix seconds of the computation's end. */
    readonly servedAt: number;
    /** The cell that is committed to: an envelope to the client. */
    readonly result: Cell;
    /** 32 bytes of the salt that it was sealed with: see `sealSeedOf()`. */
    readonly sealSalt: Uint8Array;
    readonly commitment: bigint;
    /** The client's signature, once it is here and good. */
    readonly approval?: FullApproval | SubmittedApproval;
}

/** What a worker can do for a job; each but the first three is one transaction. */
export type Step =
    | 'wait'
    | 'forget'
    /** Compute, and deliver to the client. */
    | 'serve'
    /** Turn the client's signature into money. */
    | 'redeem'
    | 'submit'
    | 'finalize'
    /** Answer a demand on chain. */
    | 'publish'
    /** End a dispute that the arbiter did not. */
    | 'expireDispute';

/** Whose jobs, and where they are kept. */
export interface ServedJobsOptions {
    store: JobStore;
    registry: Address;
    /** Owner of the stake. */
    owner: Address;
    /** Address of the stake. */
    stake: Address;
    encryptionKeys: EncryptionKeys;
    /** The chain's global id. */
    networkId: number;
}

/** The stored part of a job that changes. */
type Progress = Pick<ServedJob, 'quotedUntil' | 'opening'>;

/**
 * The jobs of a worker. Every change is committed before it shows here, so what a worker says or sends on the ground of a job is
 * never ahead of what it knows after a restart.
 */
export class ServedJobs {
    private readonly known = new Map<string, ServedJob>();
    private writing: Promise<unknown> = Promise.resolve();

    private constructor(private readonly options: ServedJobsOptions) {}

    /**
     * Takes up the jobs that are stored.
     *
     * @throws StoreError, `corrupt` for a job that was never examined like this
     */
    static async resume(options: ServedJobsOptions): Promise<ServedJobs> {
        const jobs = new ServedJobs(options);
        for (const record of await options.store.list(options.stake)) {
            jobs.remember(await resumed(record, options));
        }
        return jobs;
    }

    get all(): readonly ServedJob[] {
        return [...this.known.values()];
    }

    /** The job whose accepted opening has this key. */
    byJobKey(jobKey: bigint): ServedJob | undefined {
        return this.all.find(({ opening }) => opening?.jobKey === jobKey);
    }

    /** The job that a request is about, if whoever asks knows its salt, as nobody but its client does. */
    async asked(request: QuoteRequest): Promise<ServedJob | undefined> {
        const { stake, encryptionKeys, networkId } = this.options;
        const escrow = await escrowAddress(request.client, stake, request.nonce);
        const job = this.known.get(jobName({ escrow, termsHash: termsHashOf(request.terms) }));
        const opened = job && (await openJobInput({ ...request, escrow }, encryptionKeys, networkId).catch(() => null));
        return opened && Buffer.compare(job.sealed.salt, opened.salt) === 0 ? job : undefined;
    }

    /**
     * Keeps a quote. Resolves once the worker is bound by it for good.
     *
     * @throws StoreError, and then the quote must not leave
     */
    async quoted({ accepted, sealed, until, client }: NewQuote): Promise<void> {
        const job = this.known.get(jobName(accepted)) ?? { accepted, sealed, quotedUntil: 0, revision: 0 };
        job.client = client;
        await this.change(job, ({ quotedUntil }) => (quotedUntil < until ? { quotedUntil: until } : undefined));
    }

    /**
     * Changes a job, one change after another.
     *
     * @param change - says what is to change of the job as it is when its turn comes; undefined if nothing is
     * @throws StoreError, and then nothing of it may show outside
     */
    change(job: ServedJob, change: (current: Progress) => Partial<Progress> | undefined): Promise<void> {
        return this.inTurn(async () => {
            const changed = change(job);
            if (!changed) {
                return;
            }
            const next = { ...job, ...changed, revision: job.revision + 1 };
            try {
                await this.options.store.commit(recordOf(next));
            } catch (error) {
                await this.reread(job);
                if (change(job)) {
                    throw error;
                }
                return;
            }
            Object.assign(job, changed, { revision: next.revision });
            this.remember(job);
        });
    }

    /**
     * Forgets a job, unless something has changed about it meanwhile.
     *
     * @throws StoreError, and then the job is still there
     */
    forget(job: ServedJob): Promise<void> {
        const { revision } = job;
        return this.inTurn(async () => {
            if (job.revision !== revision) {
                return;
            }
            try {
                await this.options.store.remove({ ...job.accepted, revision });
            } catch (error) {
                await this.reread(job);
                throw error;
            }
            this.known.delete(jobName(job.accepted));
            job.revision = 0;
        });
    }

    /**
     * A commit that failed may have happened all the same, or another worker with this store was first: what is stored counts.
     * While the store does not answer nothing changes here, and the next commit comes to the same point.
     */
    private async reread(job: ServedJob): Promise<void> {
        const stored = await this.options.store.load(job.accepted).catch(() => undefined);
        if (stored) {
            const { quotedUntil, opening, revision } = stored;
            Object.assign(job, { quotedUntil, opening: opening && openingOf(opening), revision });
            this.remember(job);
        } else if (stored === null) {
            job.revision = 0;
        }
    }

    private remember(job: ServedJob): void {
        this.known.set(jobName(job.accepted), job);
    }

    private inTurn<T>(write: () => Promise<T>): Promise<T> {
        const turn = this.writing.then(write);
        this.writing = turn.catch(() => undefined);
        return turn;
    }
}

function recordOf({ accepted, sealed, quotedUntil, opening, revision }: ServedJob): JobRecord {
    const { stake, escrow, client, nonce, terms } = accepted;
    const { input: sealedInput, recipient } = sealed;
    const recipientKey = recipient.bytes;
    return { stake, escrow, client, nonce, terms, sealedInput, recipientKey, quotedUntil, opening, revision };
}

function openingOf(stored: OpeningRecord): Opening {
    return { ...stored, commitment: resultCommitment(stored.result) };
}

/**
 * A stored job as this worker's. It is examined again, so that no row can make a worker serve what it never examined; but only by
 * its own measure: a policy that has changed since does not undo a quote that was signed.
 */
async function resumed(record: JobRecord, options: ServedJobsOptions): Promise<ServedJob> {
    const { client, nonce, escrow, terms, sealedInput, quotedUntil, opening, revision } = record;
    const input = await reopened(record, options);
    const decision = await acceptJobTerms(
        {
            registry: options.registry,
            provider: options.owner,
            client,
            nonce,
            escrow,
            terms: packJobTerms(terms),
            input,
            clientJobs: 0,
            clientCollateral: 0n,
            // The last second in which it could be accepted.
            now: terms.acceptBy - 1,
        },
        policyOf(record, input.bytes.length),
    );
    if (!decision.ok) {
        throw noJob(escrow, decision.reasons.map(({ message }) => message).join('; '));
    }
    const sealed = { input: sealedInput, salt: input.salt, recipient: input.recipient };
    return { accepted: decision.accepted, sealed, quotedUntil, opening: opening && openingOf(opening), revision };
}

async function reopened(record: JobRecord, { encryptionKeys, networkId }: ServedJobsOptions): Promise<OpenedInput> {
    const { escrow, terms } = record;
    let input: OpenedInput | null;
    try {
        input = await openJobInput({ ...record, terms: packJobTerms(terms) }, encryptionKeys, networkId);
    } catch (error) {
        throw noJob(escrow, (error as Error).message);
    }
    if (!input) {
        const missing = `lacks the key of the stored job ${escrow.toRawString()}; load it again, also if the profile names another now`;
        throw new InputError('not-found', 'encryptionKeys', missing);
    }
    return input;
}

function noJob(escrow: Address, why: string): StoreError {
    return new StoreError('corrupt', `The stored job ${escrow.toRawString()} is none: ${why}; restore the file`);
}

/** The policy that allows exactly this job. */
function policyOf({ terms }: JobRecord, inputBytes: number): JobPolicy {
    return {
        arbiters: [terms.arbiter],
        models: new Set([terms.modelRoot]),
        encryptionKey: terms.encryptionKey,
        tier: terms.tier,
        minPrice: terms.price,
        maxCollateral: terms.requiredCollateral,
        minDeliverWithin: terms.deliverWithin,
        maxChallengeWindow: terms.challengeWindow,
        minResponseWindow: terms.responseWindow,
        maxArbitrationWindow: terms.arbitrationWindow,
        minChallengeBond: terms.challengeBond,
        maxLateSlashBps: terms.lateSlashBps,
        maxToClientBps: terms.toClientBps,
        maxAcceptAhead: 1,
        maxInputBytes: inputBytes,
        maxJobsPerClient: 1,
        maxCollateralPerClient: terms.requiredCollateral,
    };
}
