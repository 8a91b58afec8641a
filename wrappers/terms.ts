import { Address, beginCell, Cell } from '@ton/core';
import { requireAddress, requireBps, requirePositive, requireSeconds, requireShape, requireUint } from './checks';
import { requireEncryptionKey, requireSigningKey } from './keys';
import { InputError } from './marketError';
import { Tier } from './states';

/** Bounds of a job's terms. Source: contracts/escrow/terms.tact. */
export const TERMS_BOUNDS = {
    DELIVER_WITHIN_MIN_SECONDS: 120,
    DELIVER_WITHIN_MAX_SECONDS: 2_592_000,
    CHALLENGE_WINDOW_MIN_SECONDS: 600,
    CHALLENGE_WINDOW_MAX_SECONDS: 1_209_600,
    RESPONSE_WINDOW_MIN_SECONDS: 3_600,
    RESPONSE_WINDOW_MAX_SECONDS: 1_209_600,
    ARBITRATION_WINDOW_MIN_SECONDS: 86_400,
    ARBITRATION_WINDOW_MAX_SECONDS: 2_592_000,
    LATE_SLASH_MAX_BPS: 2_500,
    TO_CLIENT_MAX_BPS: 5_000,
    /** Between the last possible deadline and the lock's end. */
    LOCK_MARGIN_SECONDS: 604_800,
    /** From opening to the lock's end. */
    LOCK_MAX_SECONDS: 10_368_000,
    /** A client may cancel a quoted job that nobody answered after this long. */
    QUOTING_PATIENCE_SECONDS: 600,
} as const;

const TERMS_BITS = 915;
const PAIR_BITS = 512;

/** What client and provider agree on; nobody can change it once the job is posted. */
export interface JobTerms {
    /** nanoTON, held by the escrow: the most the provider can get. */
    price: bigint;
    /** nanoTON that the provider's stake locks; 0, or above dust. */
    requiredCollateral: bigint;
    /** What the provider must be. At Tier.Open whoever runs its worker can read input and result. */
    tier: Tier;
    /** Unix seconds until which the provider may accept. */
    acceptBy: number;
    /** Seconds from acceptance to the result; 2 minutes to 30 days. */
    deliverWithin: number;
    /** Seconds in which the client may demand or challenge; 10 minutes to 14 days. */
    challengeWindow: number;
    /** Seconds to answer a demand; 1 hour to 14 days. */
    responseWindow: number;
    /** Seconds for the arbiter; 1 to 30 days. */
    arbitrationWindow: number;
    /** nanoTON that a demand or a challenge costs whoever turns out wrong. */
    challengeBond: bigint;
    /** Basis points of the collateral that lateness costs; at most 2500. */
    lateSlashBps: number;
    /** Basis points of a slash that go to the client; at most 5000. */
    toClientBps: number;
    /** Ed25519 public key of the client's approvals. */
    clientKey: bigint;
    /** Whose verdict ends a dispute; never the client. */
    arbiter: Address;
    /** Hash of the model file. */
    modelRoot: bigint;
    /** Salted hash of the input; see protocol/commitments. */
    inputCommitment: bigint;
    /** Key of the provider that the input is sealed to, as its profile names it. */
    encryptionKey: bigint;
    /** Key of the client that the result is sealed to, named likewise. */
    resultRecipientKey: bigint;
}

/** What the check of terms needs to know besides them; what is left out is not checked. */
export interface TermsContext {
    /** Poster of the job: the arbiter must be somebody else. */
    client?: Address;
    /** Unix seconds: acceptBy must lie ahead, and the lock must end within 120 days. */
    now?: number;
}

/**
 * Packs terms within the field widths only; what an escrow would refuse passes. For tests and simulations.
 *
 * @throws InputError if a value does not fit its field
 */
export function packJobTerms(terms: JobTerms): Cell {
    return beginCell()
        .storeUint(requireUint('price', terms.price, 64), 64)
        .storeUint(requireUint('requiredCollateral', terms.requiredCollateral, 64), 64)
        .storeUint(requireUint('tier', terms.tier, 8), 8)
        .storeUint(requireUint('acceptBy', terms.acceptBy, 32), 32)
        .storeUint(requireUint('deliverWithin', terms.deliverWithin, 32), 32)
        .storeUint(requireUint('challengeWindow', terms.challengeWindow, 32), 32)
        .storeUint(requireUint('responseWindow', terms.responseWindow, 32), 32)
        .storeUint(requireUint('arbitrationWindow', terms.arbitrationWindow, 32), 32)
        .storeUint(requireUint('challengeBond', terms.challengeBond, 64), 64)
        .storeUint(requireUint('lateSlashBps', terms.lateSlashBps, 16), 16)
        .storeUint(requireUint('toClientBps', terms.toClientBps, 16), 16)
        .storeUint(requireUint('clientKey', terms.clientKey, 256), 256)
        .storeAddress(terms.arbiter)
        .storeRef(pair('modelRoot', terms.modelRoot, 'inputCommitment', terms.inputCommitment))
        .storeRef(pair('encryptionKey', terms.encryptionKey, 'resultRecipientKey', terms.resultRecipientKey))
        .endCell();
}

/**
 * Packs terms that an escrow accepts, as far as the context allows to say so.
 *
 * @throws InputError for whatever {@link requireSoundTerms} refuses
 */
export function createJobTermsCell(terms: JobTerms, context: TermsContext = {}): Cell {
    requireSoundTerms(terms, context);
    return packJobTerms(terms);
}

/**
 * Checks terms as `PostJob` does, and the keys besides, which no contract can.
 *
 * @throws InputError for a value outside {@link TERMS_BOUNDS}, a zero price, an unknown tier, a weak key, an arbiter that is
 * the client or outside the basechain, an acceptBy that has passed, or a lock of more than 120 days
 */
export function requireSoundTerms(terms: JobTerms, context: TermsContext = {}): void {
    requirePositive('price', terms.price);
    requireUint('requiredCollateral', terms.requiredCollateral, 64);
    requireUint('challengeBond', terms.challengeBond, 64);
    if (terms.tier !== Tier.Open && terms.tier !== Tier.Attested) {
        throw new InputError('out-of-range', 'tier', `${terms.tier} is unknown; pass Tier.Open or Tier.Attested`);
    }
    requireUint('acceptBy', terms.acceptBy, 32);
    requireSeconds(
        'deliverWithin',
        terms.deliverWithin,
        TERMS_BOUNDS.DELIVER_WITHIN_MIN_SECONDS,
        TERMS_BOUNDS.DELIVER_WITHIN_MAX_SECONDS,
    );
    requireSeconds(
        'challengeWindow',
        terms.challengeWindow,
        TERMS_BOUNDS.CHALLENGE_WINDOW_MIN_SECONDS,
        TERMS_BOUNDS.CHALLENGE_WINDOW_MAX_SECONDS,
    );
    requireSeconds(
        'responseWindow',
        terms.responseWindow,
        TERMS_BOUNDS.RESPONSE_WINDOW_MIN_SECONDS,
        TERMS_BOUNDS.RESPONSE_WINDOW_MAX_SECONDS,
    );
    requireSeconds(
        'arbitrationWindow',
        terms.arbitrationWindow,
        TERMS_BOUNDS.ARBITRATION_WINDOW_MIN_SECONDS,
        TERMS_BOUNDS.ARBITRATION_WINDOW_MAX_SECONDS,
    );
    requireBps('lateSlashBps', terms.lateSlashBps, TERMS_BOUNDS.LATE_SLASH_MAX_BPS);
    requireBps('toClientBps', terms.toClientBps, TERMS_BOUNDS.TO_CLIENT_MAX_BPS);
    requireSigningKey('clientKey', terms.clientKey);
    requireEncryptionKey('encryptionKey', terms.encryptionKey);
    requireEncryptionKey('resultRecipientKey', terms.resultRecipientKey);
    requireAddress('arbiter', terms.arbiter);
    if (context.client && context.client.equals(terms.arbiter)) {
        throw new InputError(
            'foreign-arbiter',
            'arbiter',
            'is the client; name somebody that the provider can trust too',
        );
    }
    if (context.now !== undefined) {
        if (terms.acceptBy <= context.now) {
            throw new InputError(
                'out-of-range',
                'acceptBy',
                `${terms.acceptBy} has passed (now ${context.now}); pass a later time in unix seconds`,
            );
        }
        if (lockUntilOf(terms) > context.now + TERMS_BOUNDS.LOCK_MAX_SECONDS) {
            throw new InputError(
                'out-of-range',
                'acceptBy',
                'together with the windows locks the collateral for more than 120 days; shorten them',
            );
        }
    }
}

/** Unix seconds when the provider's lock ends: the last second a slash can become due, plus seven days. */
export function lockUntilOf(
    terms: Pick<JobTerms, 'acceptBy' | 'deliverWithin' | 'challengeWindow' | 'responseWindow' | 'arbitrationWindow'>,
): number {
    return (
        terms.acceptBy +
        terms.deliverWithin +
        2 * terms.challengeWindow +
        terms.responseWindow +
        terms.arbitrationWindow +
        TERMS_BOUNDS.LOCK_MARGIN_SECONDS
    );
}

/**
 * Reads terms; their bounds are {@link requireSoundTerms}'s to check.
 *
 * @throws InputError `malformed-cell`
 */
export function parseJobTerms(cell: Cell): JobTerms {
    requireShape('terms', cell, TERMS_BITS, 2);
    requireShape('terms.work', cell.refs[0]!, PAIR_BITS, 0);
    requireShape('terms.keys', cell.refs[1]!, PAIR_BITS, 0);
    const slice = cell.beginParse();
    const work = cell.refs[0]!.beginParse();
    const keys = cell.refs[1]!.beginParse();
    return {
        price: slice.loadUintBig(64),
        requiredCollateral: slice.loadUintBig(64),
        tier: slice.loadUint(8),
        acceptBy: slice.loadUint(32),
        deliverWithin: slice.loadUint(32),
        challengeWindow: slice.loadUint(32),
        responseWindow: slice.loadUint(32),
        arbitrationWindow: slice.loadUint(32),
        challengeBond: slice.loadUintBig(64),
        lateSlashBps: slice.loadUint(16),
        toClientBps: slice.loadUint(16),
        clientKey: slice.loadUintBig(256),
        arbiter: slice.loadAddress(),
        modelRoot: work.loadUintBig(256),
        inputCommitment: work.loadUintBig(256),
        encryptionKey: keys.loadUintBig(256),
        resultRecipientKey: keys.loadUintBig(256),
    };
}

/** Hash of the cell of the terms: what quotes and job keys commit to. */
export function termsHashOf(terms: JobTerms | Cell): bigint {
    const cell = terms instanceof Cell ? terms : packJobTerms(terms);
    return BigInt('0x' + cell.hash().toString('hex'));
}

function pair(firstName: string, first: bigint, secondName: string, second: bigint): Cell {
    return beginCell()
        .storeUint(requireUint(firstName, first, 256), 256)
        .storeUint(requireUint(secondName, second, 256), 256)
        .endCell();
}
