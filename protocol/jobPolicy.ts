import { Address, Cell } from '@ton/core';
import { codeHashes, escrowAddress, stakeAddress } from '../wrappers/addresses';
import { Bits256, toUint256 } from '../wrappers/checks';
import { AcceptJobOptions } from '../wrappers/ProviderStake';
import { MarketError } from '../wrappers/marketError';
import { jobKey } from '../wrappers/signing';
import { JobState, Tier } from '../wrappers/states';
import { JobTerms, lockUntilOf, parseJobTerms, requireSoundTerms, termsHashOf } from '../wrappers/terms';
import { inputCommitment } from './commitments';

/** The shortest lock that a stake takes, in seconds. */
const LOCK_MIN_SECONDS = 691_200;

/** What a worker is willing to take on. Amounts in nanoTON, times in seconds, shares in basis points. */
export interface JobPolicy {
    /** Whose verdicts the worker trusts; usually the network's default arbiter alone. */
    arbiters: readonly Address[];
    /** Models that the worker has. */
    models: ReadonlySet<bigint>;
    /** The key that inputs are sealed to, as the profile names it. */
    encryptionKey: Bits256;
    /** The tier that the stake has. */
    tier: Tier;
    /** The least price of any job. */
    minPrice: bigint;
    /** What this very job must bring, where that depends on it. */
    priceOf?: (terms: JobTerms, input: Uint8Array) => bigint;
    /** The most collateral of one job. */
    maxCollateral: bigint;
    /** The least time to deliver in. */
    minDeliverWithin: number;
    /** The longest wait for the money. */
    maxChallengeWindow: number;
    /** The least time to answer a demand in. */
    minResponseWindow: number;
    /** The longest dispute. */
    maxArbitrationWindow: number;
    /** What a demand or a challenge must cost the client at least. */
    minChallengeBond: bigint;
    maxLateSlashBps: number;
    /** What of a slash may go to the client: who earns by slashing challenges more. */
    maxToClientBps: number;
    /** How far ahead acceptBy may lie. */
    maxAcceptAhead: number;
    /** Longest input, in bytes. */
    maxInputBytes: number;
    /** Open jobs and live quotes of one client, this one included. */
    maxJobsPerClient: number;
    /** Their collateral together, this one included. */
    maxCollateralPerClient: bigint;
}

/** An escrow that exists already, as the chain shows it: what an acceptance by hand needs besides. */
export interface Opening {
    state: JobState;
    /** Hash of the escrow account's code. */
    codeHash: bigint;
    openedLt: bigint;
    jobKey: bigint;
    termsHash: bigint;
}

/** A client's request for a quote, or a posted job. */
export interface JobRequest {
    registry: Address;
    /** Owner of this worker's stake. */
    provider: Address;
    client: Address;
    nonce: bigint;
    /** Where the client says the job is, or will be. */
    escrow: Address;
    /** The very cell: it is its hash that is signed. */
    terms: Cell;
    /** The opened input with its salt: accepting is the receipt for it. */
    input: { salt: Uint8Array; bytes: Uint8Array } | null;
    /** Of a job that is posted already; without it the terms can be quoted, not accepted by hand. */
    opening?: Opening;
    /** Other open jobs and live quotes of this client. */
    clientJobs: number;
    /** Their collateral together, in nanoTON. */
    clientCollateral: bigint;
    /** Unix seconds. */
    now: number;
}

/** Why a worker does not take a job; stable, for programs and for the client's message. */
export type JobRefusalCode =
    | 'malformed-terms'
    | 'input-missing'
    | 'input-mismatch'
    | 'input-too-long'
    | 'unknown-model'
    | 'foreign-encryption-key'
    | 'foreign-arbiter'
    | 'tier'
    | 'price'
    | 'collateral'
    | 'deliver-within'
    | 'challenge-window'
    | 'response-window'
    | 'arbitration-window'
    | 'challenge-bond'
    | 'late-slash'
    | 'to-client'
    | 'accept-by'
    | 'lock-window'
    | 'foreign-escrow'
    | 'foreign-code'
    | 'job-state'
    | 'job-key'
    | 'client-jobs'
    | 'client-collateral';

/** One reason, with the sentence for the client. */
export interface JobRefusal {
    code: JobRefusalCode;
    message: string;
}

declare const examined: unique symbol;

/** Terms that passed {@link acceptJobTerms}; nothing else makes one, so nobody can quote, accept or serve unexamined terms. */
export interface AcceptedTerms {
    readonly [examined]: true;
    readonly client: Address;
    readonly nonce: bigint;
    readonly stake: Address;
    readonly escrow: Address;
    readonly terms: JobTerms;
    readonly termsHash: bigint;
    /** Unix seconds. */
    readonly lockUntil: number;
    /** Of a job that is posted already; null where the terms are only to be quoted. */
    readonly jobKey: bigint | null;
    readonly input: Buffer;
}

/** The answer of {@link acceptJobTerms}. */
export type JobDecision = { ok: true; accepted: AcceptedTerms } | { ok: false; reasons: JobRefusal[] };

// The type keeps honest programs from skipping the examination, this set the others.
const issued = new WeakSet<AcceptedTerms>();

/**
 * Throws for anything that {@link acceptJobTerms} did not make.
 *
 * @throws MarketError `policy-refused`
 */
export function requireExamined(accepted: AcceptedTerms): AcceptedTerms {
    if (!issued.has(accepted)) {
        throw new MarketError('policy-refused', 'These terms were not examined; take what acceptJobTerms returned');
    }
    return accepted;
}

/**
 * Examines a job: everything a provider can lose money by. All reasons are listed, not the first alone.
 *
 * @returns the terms to quote, accept and serve, or every reason against them
 */
export async function acceptJobTerms(request: JobRequest, policy: JobPolicy): Promise<JobDecision> {
    const reasons: JobRefusal[] = [];
    const refuseIf = (refused: boolean, code: JobRefusalCode, message: string) => {
        if (refused) {
            reasons.push({ code, message });
        }
    };
    let terms: JobTerms;
    try {
        terms = parseJobTerms(request.terms);
        requireSoundTerms(terms, { client: request.client });
    } catch (error) {
        return { ok: false, reasons: [{ code: 'malformed-terms', message: (error as Error).message }] };
    }
    const { now, input } = request;

    // Work
    refuseIf(!policy.models.has(terms.modelRoot), 'unknown-model', 'this worker does not have the model');
    refuseIf(
        terms.encryptionKey !== toUint256('encryptionKey', policy.encryptionKey),
        'foreign-encryption-key',
        "the terms name another encryption key than this worker's",
    );
    if (!input) {
        refuseIf(true, 'input-missing', 'the input is not here; send it before asking');
    } else {
        const matches = input.salt.length === 32 && inputCommitment(input.salt, input.bytes) === terms.inputCommitment;
        refuseIf(!matches, 'input-mismatch', 'the input is not what the terms commit to');
        refuseIf(
            input.bytes.length > policy.maxInputBytes,
            'input-too-long',
            `the input has more than ${policy.maxInputBytes} bytes`,
        );
    }

    // Risk
    refuseIf(
        !policy.arbiters.some((arbiter) => arbiter.equals(terms.arbiter)),
        'foreign-arbiter',
        "the arbiter is not on this worker's list",
    );
    refuseIf(terms.tier > policy.tier, 'tier', 'the terms ask for an attested worker');
    refuseIf(
        terms.requiredCollateral > policy.maxCollateral,
        'collateral',
        `at most ${policy.maxCollateral} nanoTON of collateral`,
    );
    refuseIf(
        terms.lateSlashBps > policy.maxLateSlashBps,
        'late-slash',
        `at most ${policy.maxLateSlashBps} basis points for lateness`,
    );
    refuseIf(
        terms.toClientBps > policy.maxToClientBps,
        'to-client',
        `at most ${policy.maxToClientBps} basis points of a slash to the client`,
    );
    refuseIf(
        terms.challengeBond < policy.minChallengeBond,
        'challenge-bond',
        `a bond of at least ${policy.minChallengeBond} nanoTON`,
    );

    // Price
    const least = input && policy.priceOf ? policy.priceOf(terms, input.bytes) : 0n;
    const asked = least > policy.minPrice ? least : policy.minPrice;
    refuseIf(terms.price < asked, 'price', `this job costs at least ${asked} nanoTON`);

    // Time
    refuseIf(
        terms.deliverWithin < policy.minDeliverWithin,
        'deliver-within',
        `at least ${policy.minDeliverWithin} s to deliver`,
    );
    refuseIf(
        terms.challengeWindow > policy.maxChallengeWindow,
        'challenge-window',
        `a challenge window of at most ${policy.maxChallengeWindow} s`,
    );
    refuseIf(
        terms.responseWindow < policy.minResponseWindow,
        'response-window',
        `at least ${policy.minResponseWindow} s to answer a demand`,
    );
    refuseIf(
        terms.arbitrationWindow > policy.maxArbitrationWindow,
        'arbitration-window',
        `an arbitration window of at most ${policy.maxArbitrationWindow} s`,
    );
    refuseIf(
        terms.acceptBy <= now || terms.acceptBy > now + policy.maxAcceptAhead,
        'accept-by',
        `acceptBy within the next ${policy.maxAcceptAhead} s`,
    );
    const lockUntil = lockUntilOf(terms);
    refuseIf(
        lockUntil < now + LOCK_MIN_SECONDS || lockUntil > now + 120 * 86_400,
        'lock-window',
        'a lock that ends in 8 to 120 days',
    );

    // Place
    const stake = await stakeAddress(request.registry, request.provider);
    const escrow = await escrowAddress(request.client, stake, request.nonce);
    refuseIf(
        !escrow.equals(request.escrow),
        'foreign-escrow',
        'the escrow does not follow from client, stake and nonce',
    );
    const termsHash = termsHashOf(request.terms);
    const { opening } = request;
    if (opening) {
        refuseIf(
            opening.codeHash !== (await codeHashes()).jobEscrow,
            'foreign-code',
            "the escrow's code is not this market's",
        );
        refuseIf(opening.state !== JobState.Open, 'job-state', 'the job is not open');
        refuseIf(
            opening.termsHash !== termsHash || opening.jobKey !== jobKey(escrow, termsHash, opening.openedLt),
            'job-key',
            'the job on chain has other terms than these',
        );
    }

    // Client
    refuseIf(
        request.clientJobs + 1 > policy.maxJobsPerClient,
        'client-jobs',
        `at most ${policy.maxJobsPerClient} jobs and quotes of one client at a time`,
    );
    refuseIf(
        request.clientCollateral + terms.requiredCollateral > policy.maxCollateralPerClient,
        'client-collateral',
        `at most ${policy.maxCollateralPerClient} nanoTON of collateral for one client at a time`,
    );

    if (reasons.length > 0 || !input) {
        return { ok: false, reasons };
    }
    const accepted = Object.freeze({
        client: request.client,
        nonce: request.nonce,
        stake,
        escrow,
        terms: Object.freeze(terms),
        termsHash,
        lockUntil,
        jobKey: opening ? opening.jobKey : null,
        input: Buffer.from(input.bytes),
    }) as AcceptedTerms;
    issued.add(accepted);
    return { ok: true, accepted };
}

/**
 * What `AcceptJob` must say to take an examined open job by hand.
 *
 * @throws MarketError `policy-refused` for terms that were not examined, or examined for a quote only
 */
export function acceptOptions(accepted: AcceptedTerms): AcceptJobOptions {
    const { client, nonce, terms, lockUntil, jobKey: key } = requireExamined(accepted);
    if (key === null) {
        throw new MarketError(
            'policy-refused',
            'These terms were examined for a quote; examine the posted job with its opening',
        );
    }
    return { client, nonce, lockUntil, jobKey: key, collateral: terms.requiredCollateral };
}

declare const servable: unique symbol;

/** A job that the worker may, and has to, compute now. */
export interface ServableJob {
    readonly [servable]: true;
    readonly accepted: AcceptedTerms;
    /** Of the opening that was accepted; what `SubmitResult` must name. */
    readonly jobKey: bigint;
    /** Unix seconds. */
    readonly deliverBy: number;
}

/** An accepted escrow as the chain shows it. */
export interface AcceptedOnChain {
    state: JobState;
    codeHash: bigint;
    openedLt: bigint;
    jobKey: bigint;
    termsHash: bigint | null;
    deadline: number;
}

/**
 * Lets a job be served once its escrow says Accepted, and not before: an acceptance that never reached the escrow locks
 * nothing and pays nothing. A client who settles, reopens the escrow and spends a quote again is served again.
 *
 * @throws MarketError `policy-refused` for terms that were not examined, or an escrow that does not hold them
 */
export async function serveAccepted(accepted: AcceptedTerms, job: AcceptedOnChain): Promise<ServableJob> {
    const { escrow, termsHash } = requireExamined(accepted);
    const refuse = (why: string): never => {
        throw new MarketError('policy-refused', `${why}; do not serve it`);
    };
    if (job.codeHash !== (await codeHashes()).jobEscrow) {
        refuse("The escrow's code is not this market's");
    }
    if (job.state !== JobState.Accepted) {
        refuse(`The job is ${JobState[job.state]}, not Accepted`);
    }
    if (job.termsHash !== termsHash || job.jobKey !== jobKey(escrow, termsHash, job.openedLt)) {
        refuse('The escrow holds other terms than those examined');
    }
    return Object.freeze({ accepted, jobKey: job.jobKey, deliverBy: job.deadline }) as ServableJob;
}
