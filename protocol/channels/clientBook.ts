import { Cell } from '@ton/core';
import { Bits256, requirePositive, requireUint, toUint256 } from '../../wrappers/checks';
import { Tier } from '../../wrappers/states';
import { laterClose, requireAgreementWindow } from './agreedClose';
import { BookStep, keepTerms, requireOpening, requireOwnKey, termsOf } from './bookTerms';
import { ChannelError, refuseIf } from './channelErrors';
import { ChannelTerms } from './channelTerms';
import { signCloseAgreement } from './closeAgreements';
import { signCloseRequest as signRequest } from './closeRequests';
import { ClientBookState, MAX_ABANDONED, PaidRequest } from './clientState';
import { parseReceipt, Receipt, verifyReceipt } from './receipts';
import { cellHash, SignedCell } from './signedCells';
import { signVoucher } from './vouchers';

export { claimedOnChain, closesAtMoved, seenAlive, toppedUp } from './sightings';

// The payer's side of one opening of a channel, as a state machine without memory of its own: whoever calls commits the state
// that an operation gives before anything of its output leaves the process. What throws has changed nothing.

/** Seconds before closesAt from which on a client pays no more, unless told otherwise: nobody would serve it. */
export const PAY_MARGIN_SECONDS = 60;

/** The client's own key. */
export interface ClientSigner {
    /** 64 bytes: the secret of clientKey. */
    secretKey: Uint8Array;
}

/** A request to be paid for. */
export interface PayInput extends ClientSigner {
    /** nanoTON: the most that this very request may cost. */
    maxCost: bigint;
    /** Names the request; the provider's receipt has to name it too. */
    requestHash: Bits256;
    /** Hash of the model file that has to answer. */
    modelRoot: Bits256;
    /** Unix seconds. */
    now: number;
    /** Seconds before closesAt from which on nothing is paid; {@link PAY_MARGIN_SECONDS} by default. */
    margin?: number;
}

/** A receipt as it arrived, and the response that came with it. */
export interface ReceiptInput {
    cell: Cell;
    /** 64 bytes */
    signature: Uint8Array;
    /** Hash of the response in hand. Null if none came, which is good enough for a request that was given up. */
    responseHash: Bits256 | null;
}

/** How to end the channel at once. */
export interface ClientCloseInput extends ClientSigner {
    /** nanoTON, cumulative: what the provider gets in all. It will hardly agree to less than the newest voucher. */
    finalAmount: bigint;
    /** Unix seconds; at most 600 after now. */
    validUntil: number;
    /** Unix seconds. */
    now: number;
}

/**
 * A fresh book for an opening of a channel.
 *
 * @param tier - what the provider has to be; a book never asks for less than it did
 * @throws InputError for terms that are not those of an open channel, a weak key, or one key for both sides
 */
export function open(terms: ChannelTerms, tier: Tier = Tier.Open): ClientBookState {
    const kept = keepTerms(terms);
    return {
        terms: kept,
        tier,
        voucher: null,
        // What was claimed is spent, whoever signed for it: a voucher below it would buy nothing.
        receipt: { seq: 0n, head: 0n, amount: kept.claimed },
        request: null,
        abandoned: [],
        agreed: null,
        closeRequested: false,
    };
}

/** Asks for this tier from now on, if it is above the book's: there is no way down. */
export function raiseTier(state: ClientBookState, tier: Tier): BookStep<ClientBookState, Tier> {
    const raised = state.tier === Tier.Open ? tier : state.tier;
    return { state: raised === state.tier ? state : { ...state, tier: raised }, output: raised };
}

/** Whether a voucher can be signed at all at this time, and why not. */
function requirePaying(state: ClientBookState, now: number, margin: number): void {
    requireUint('now', now, 32);
    requireUint('margin', margin, 32);
    refuseIf(
        state.closeRequested || now >= state.terms.closesAt - margin,
        'closing',
        'The channel closes; open another one',
    );
    refuseIf(
        state.agreed !== null,
        'close-agreed',
        'A close agreement is signed; wait until validUntil has passed and the channel was seen alive',
    );
}

/**
 * Pays for a request, before it is sent. Its voucher's amount is what the newest receipt says, and maxCost on top, or the newest
 * voucher's where that is more: it was promised already. The same request again gives the same voucher again, over the newest
 * receipt. One request at a time.
 *
 * @returns the voucher to send with the request
 * @throws InputError for an amount that is not above 0, or a value that does not fit its field
 * @throws ChannelError `closing`, `close-agreed`, `receipt-gap` while another request is under way, `request-changed`,
 * `too-many-abandoned`, `above-deposit` or `foreign-key`
 */
export function pay(state: ClientBookState, input: PayInput): BookStep<ClientBookState, SignedCell> {
    const { terms, receipt } = state;
    const request: PaidRequest = {
        requestHash: toUint256('requestHash', input.requestHash),
        modelRoot: toUint256('modelRoot', input.modelRoot),
        maxCost: requirePositive('maxCost', input.maxCost),
    };
    requirePaying(state, input.now, input.margin ?? PAY_MARGIN_SECONDS);
    requireOwnKey(input.secretKey, terms.clientKey);
    refuseIf(
        state.request !== null && state.request.requestHash !== request.requestHash,
        'receipt-gap',
        'Another request is under way; wait for its receipt, or give it up',
    );
    const known = state.request ?? state.abandoned.find(({ requestHash }) => requestHash === request.requestHash);
    refuseIf(
        known !== undefined && (known.modelRoot !== request.modelRoot || known.maxCost !== request.maxCost),
        'request-changed',
        'This request was paid for with another model or maximum; ask the same again, or change the request',
    );
    // The list must have room for this one too: its receipt may come after it was given up.
    refuseIf(
        known === undefined && state.abandoned.length >= MAX_ABANDONED,
        'too-many-abandoned',
        'The provider answered none of the last requests; ask for its newest receipt, or close the channel',
    );
    const needed = receipt.amount + request.maxCost;
    const promised = state.voucher?.amount ?? 0n;
    const amount = needed > promised ? needed : promised;
    refuseIf(
        amount > terms.totalDeposited,
        'above-deposit',
        'The deposit does not cover this request; top the channel up',
    );

    const { channel, openedLt } = termsOf(state);
    const voucher = signVoucher({ channel, openedLt, amount, receiptHead: receipt.head }, input.secretKey);
    return {
        state: {
            ...state,
            voucher: { amount, receiptHead: receipt.head, signature: Buffer.from(voucher.signature) },
            request,
            abandoned: state.abandoned.filter(({ requestHash }) => requestHash !== request.requestHash),
        },
        output: voucher,
    };
}

/**
 * Takes the receipt for the request under way, or for one that was given up. The newest receipt again changes nothing.
 *
 * @returns the receipt, to be kept in a log
 * @throws InputError `malformed-cell` or `malformed-signature`
 * @throws ChannelError `foreign-channel`, `foreign-opening`, `bad-signature`, `stale-receipt`, `forked-receipt` (keep it: it
 * proves that the provider signed two of one number), `receipt-gap`, `wrong-link`, `unknown-request`, `falling-amount`,
 * `above-voucher`, `above-agreed`, `model-mismatch`, `response-missing` or `response-mismatch`
 */
export function acceptReceipt(state: ClientBookState, input: ReceiptInput): BookStep<ClientBookState, Receipt> {
    const { receipt: last } = state;
    const receipt = parseReceipt(input.cell);
    requireOpening(termsOf(state), receipt);
    refuseIf(
        !verifyReceipt(input.cell, input.signature, state.terms.providerKey),
        'bad-signature',
        'The receipt was not signed by the providerKey',
    );
    const responseHash = input.responseHash === null ? null : toUint256('responseHash', input.responseHash);
    const answersOther = responseHash !== null && responseHash !== receipt.responseHash;
    refuseIf(answersOther, 'response-mismatch', 'The receipt is for another response than the one that came');
    const hash = cellHash(input.cell);
    if (receipt.seq === last.seq && hash === last.head) {
        return { state, output: receipt };
    }
    refuseIf(receipt.seq === 0n || receipt.seq < last.seq, 'stale-receipt', 'An older receipt came again');
    refuseIf(receipt.seq === last.seq, 'forked-receipt', 'The provider signed two receipts of one number; keep both');
    refuseIf(receipt.seq > last.seq + 1n, 'receipt-gap', 'Receipts are missing before this one; ask for them');
    refuseIf(receipt.previous !== last.head, 'wrong-link', 'The receipt does not follow from the newest one');

    const underWay = state.request?.requestHash === receipt.requestHash;
    const request = underWay
        ? state.request
        : state.abandoned.find(({ requestHash }) => requestHash === receipt.requestHash);
    if (!request) {
        throw new ChannelError('unknown-request', 'The receipt is for a request that was not paid for');
    }
    refuseIf(receipt.amount < last.amount, 'falling-amount', 'The receipt says less than the one before it');
    refuseIf(receipt.amount > (state.voucher?.amount ?? 0n), 'above-voucher', 'The receipt says more than was paid');
    refuseIf(receipt.amount - last.amount > request.maxCost, 'above-agreed', 'The request cost more than was agreed');
    refuseIf(receipt.modelRoot !== request.modelRoot, 'model-mismatch', 'Another model answered than was asked for');
    refuseIf(
        underWay && responseHash === null,
        'response-missing',
        'The response has not come; ask for it again, or give the request up first',
    );
    return {
        state: {
            ...state,
            receipt: { seq: receipt.seq, head: hash, amount: receipt.amount },
            request: underWay ? null : state.request,
            // Their vouchers name an older receipt now, so no provider can answer them with the next one.
            abandoned: [],
        },
        output: receipt,
    };
}

/**
 * Gives up the request under way. Its voucher stays out: the provider may redeem it, and its receipt is still taken if it comes.
 *
 * @throws ChannelError `no-request`
 */
export function abandon(state: ClientBookState): BookStep<ClientBookState, null> {
    if (!state.request) {
        throw new ChannelError('no-request', 'No request is under way');
    }
    return { state: { ...state, request: null, abandoned: [...state.abandoned, state.request] }, output: null };
}

/**
 * Signs the client's half of an agreement to close at once. Nothing is paid until it is void: see `seenAlive`.
 *
 * @throws InputError for a value that does not fit its field
 * @throws ChannelError `final-amount` below the newest receipt or what was claimed, `above-deposit`, `valid-until` or
 * `foreign-key`
 */
export function signClose(state: ClientBookState, input: ClientCloseInput): BookStep<ClientBookState, SignedCell> {
    const { terms, receipt } = state;
    const finalAmount = requireUint('finalAmount', input.finalAmount, 64);
    refuseIf(
        finalAmount < receipt.amount || finalAmount < terms.claimed,
        'final-amount',
        'The provider has earned, or claimed, more than that',
    );
    refuseIf(finalAmount > terms.totalDeposited, 'above-deposit', 'The channel holds less than that');
    requireAgreementWindow(input.validUntil, input.now);
    requireOwnKey(input.secretKey, terms.clientKey);
    const { channel, openedLt } = termsOf(state);
    const agreement = { channel, openedLt, finalAmount, validUntil: input.validUntil };
    return {
        state: { ...state, agreed: laterClose(state.agreed, agreement) },
        output: signCloseAgreement(agreement, input.secretKey),
    };
}

/**
 * Signs a request to close, which anybody may send at any time. Nothing is paid from then on.
 *
 * @returns 64 bytes over `closeRequestHash`
 * @throws ChannelError `foreign-key`
 */
export function signCloseRequest(state: ClientBookState, input: ClientSigner): BookStep<ClientBookState, Buffer> {
    requireOwnKey(input.secretKey, state.terms.clientKey);
    return { state: { ...state, closeRequested: true }, output: signRequest(termsOf(state), input.secretKey) };
}
