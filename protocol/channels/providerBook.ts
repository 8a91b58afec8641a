import { Cell } from '@ton/core';
import { Bits256, requirePositive, requireUint, toUint256 } from '../../wrappers/checks';
import { Usage } from '../pricing';
import { laterClose, requireAgreementWindow } from './agreedClose';
import { BookStep, keepTerms, requireOpening, requireOwnKey, termsOf } from './bookTerms';
import { ChannelError, ReceiptGapError, refuseIf } from './channelErrors';
import { AcceptedChannel, requireExaminedChannel } from './channelPolicy';
import { parseCloseAgreement, signCloseAgreement } from './closeAgreements';
import { ProviderBookState } from './providerState';
import { createReceiptCell, signReceipt } from './receipts';
import { cellHash, ChannelOpening, SignedCell } from './signedCells';
import { createVoucherCell, parseVoucher, verifyVoucher, Voucher } from './vouchers';

export { claimedOnChain, closesAtMoved, seenAlive, toppedUp } from './sightings';

// The payee's side of one opening of a channel, as a state machine without memory of its own: whoever calls commits the state
// that an operation gives before anything of its output, or a response, is released. What throws has changed nothing.

/** The worker's own key. */
export interface ProviderSigner {
    /** 64 bytes: the secret of providerKey. */
    secretKey: Uint8Array;
}

/** A voucher as it arrived, with the request that it is to pay for. */
export interface VoucherInput {
    cell: Cell;
    /** 64 bytes */
    signature: Uint8Array;
    requestHash: Bits256;
    /** nanoTON: the most that this request will cost, as it was quoted. */
    cost: bigint;
    /** Unix seconds. */
    now: number;
}

/** What was served. */
export interface IssueInput extends ProviderSigner {
    /** nanoTON: what the request cost in the end, at most what was quoted. */
    cost: bigint;
    requestHash: Bits256;
    responseHash: Bits256;
    /** Hash of the model file. */
    modelRoot: Bits256;
    /** Tokens. */
    usage: Usage;
    traceRoot?: Bits256;
}

/** A client's close agreement, to be signed by the provider too. */
export interface ProviderCloseInput extends ProviderSigner {
    agreement: Cell;
    /** Unix seconds. */
    now: number;
}

/** A voucher that is worth redeeming. */
export interface Redeemable {
    readonly voucher: SignedCell;
    /** nanoTON that `Redeem` would pay now. */
    readonly due: bigint;
}

/** When a worker redeems. */
export interface RedeemPolicy {
    /** nanoTON that are worth a transaction. */
    minDue: bigint;
    /** Seconds before closesAt from which on any amount is redeemed. */
    beforeClosing: number;
}

/**
 * A fresh book for an examined channel; there is no other way to serve one.
 *
 * @throws MarketError `policy-refused` for a channel that {@link acceptChannel} did not return
 */
export function open(accepted: AcceptedChannel): ProviderBookState {
    const { terms, redeemMargin } = requireExaminedChannel(accepted);
    return {
        terms: keepTerms(terms),
        redeemMargin,
        // A voucher below it pays nothing any more, so it must not pay for anything either.
        claimedBefore: terms.claimed,
        voucher: null,
        receipt: null,
        request: null,
        agreed: null,
    };
}

/** What all requests so far cost, in nanoTON. */
function receipted(state: ProviderBookState): bigint {
    return state.receipt?.amount ?? state.claimedBefore;
}

function openingOf(state: ProviderBookState): ChannelOpening {
    const { channel, openedLt } = termsOf(state);
    return { channel, openedLt };
}

/** What the next voucher and the next receipt have to name. */
function newestHash(state: ProviderBookState): bigint {
    const newest = newestReceipt(state);
    return newest ? cellHash(newest.cell) : 0n;
}

/** The newest receipt, to be sent again; null before the first. */
export function newestReceipt(state: ProviderBookState): SignedCell | null {
    if (!state.receipt) {
        return null;
    }
    const { signature, ...receipt } = state.receipt;
    return { cell: createReceiptCell({ ...receipt, ...openingOf(state) }), signature: Buffer.from(signature) };
}

/**
 * Takes a voucher for a request; only then may the request be served. The same voucher for the same request again changes
 * nothing. One request at a time: otherwise one voucher would pay for many.
 *
 * @returns the voucher
 * @throws InputError `malformed-cell`, `malformed-signature`, or a cost that is not above 0
 * @throws ChannelError `foreign-channel`, `foreign-opening`, `bad-signature`, `closing`, `close-agreed`, `stale-voucher`,
 * `above-deposit`, `request-under-way` or `not-covering`
 * @throws ReceiptGapError `receipt-gap`, with the receipt to send again
 */
export function acceptVoucher(state: ProviderBookState, input: VoucherInput): BookStep<ProviderBookState, Voucher> {
    const { terms } = state;
    const requestHash = toUint256('requestHash', input.requestHash);
    const cost = requirePositive('cost', input.cost);
    requireUint('now', input.now, 32);
    const voucher = parseVoucher(input.cell);
    requireOpening(termsOf(state), voucher);
    refuseIf(
        !verifyVoucher(input.cell, input.signature, terms.clientKey),
        'bad-signature',
        'The voucher was not signed by the clientKey',
    );
    refuseIf(
        input.now >= terms.closesAt - state.redeemMargin,
        'closing',
        'The channel closes too soon for this voucher to be redeemed',
    );
    refuseIf(
        state.agreed !== null,
        'close-agreed',
        'A close agreement is signed; wait until validUntil has passed and the channel was seen alive',
    );
    refuseIf(
        state.request !== null && state.request.requestHash !== requestHash,
        'request-under-way',
        'Another request of this channel is served; wait for its receipt',
    );
    if (voucher.receiptHead !== newestHash(state)) {
        throw new ReceiptGapError(newestReceipt(state));
    }
    refuseIf(
        voucher.amount < (state.voucher?.amount ?? 0n),
        'stale-voucher',
        'The voucher says less than an older one',
    );
    refuseIf(voucher.amount > terms.totalDeposited, 'above-deposit', 'The voucher says more than the channel holds');
    refuseIf(
        voucher.amount < receipted(state) + cost,
        'not-covering',
        `The voucher does not cover the request; sign for at least ${receipted(state) + cost} nanoTON`,
    );
    const { amount, receiptHead } = voucher;
    return {
        state: {
            ...state,
            voucher: { amount, receiptHead, signature: Buffer.from(input.signature) },
            request: { requestHash, cost },
        },
        output: voucher,
    };
}

/**
 * Lets go of a request that could not be served, so that another one can be. Its voucher stays good.
 *
 * @throws ChannelError `no-request`
 */
export function releaseRequest(state: ProviderBookState): BookStep<ProviderBookState, null> {
    refuseIf(state.request === null, 'no-request', 'No request is under way');
    return { state: { ...state, request: null }, output: null };
}

/**
 * Signs the receipt for the request that was served. Commit the state before the response or the receipt is released: after a
 * crash {@link newestReceipt} gives the same receipt again.
 *
 * @throws InputError for a value that does not fit its field
 * @throws ChannelError `no-request`, `unknown-request`, `above-agreed` or `foreign-key`
 */
export function issueReceipt(state: ProviderBookState, input: IssueInput): BookStep<ProviderBookState, SignedCell> {
    const cost = requireUint('cost', input.cost, 64);
    const requestHash = toUint256('requestHash', input.requestHash);
    if (!state.request) {
        throw new ChannelError('no-request', 'No request is under way; a receipt that was issued is in newestReceipt');
    }
    refuseIf(state.request.requestHash !== requestHash, 'unknown-request', 'Another request is the one under way');
    refuseIf(cost > state.request.cost, 'above-agreed', 'The request cost more than was quoted; nobody paid for that');
    requireOwnKey(input.secretKey, state.terms.providerKey);
    const { prompt, cached = 0, completion, reasoning = 0 } = input.usage;
    const receipt = {
        seq: (state.receipt?.seq ?? 0n) + 1n,
        amount: receipted(state) + cost,
        previous: newestHash(state),
        requestHash,
        responseHash: toUint256('responseHash', input.responseHash),
        modelRoot: toUint256('modelRoot', input.modelRoot),
        usage: { prompt, cached, completion, reasoning },
        traceRoot: input.traceRoot === undefined ? null : toUint256('traceRoot', input.traceRoot),
    };
    const signed = signReceipt({ ...receipt, ...openingOf(state) }, input.secretKey);
    return {
        state: { ...state, receipt: { ...receipt, signature: Buffer.from(signed.signature) }, request: null },
        output: signed,
    };
}

/**
 * Signs the provider's half of a close agreement, if it pays for every voucher. Nothing is served until it is void: see
 * `seenAlive`. The request under way may still get its receipt, which the agreement covers.
 *
 * @throws InputError `malformed-cell`
 * @throws ChannelError `foreign-channel`, `foreign-opening`, `final-amount`, `above-deposit`, `valid-until` or `foreign-key`
 */
export function signClose(
    state: ProviderBookState,
    input: ProviderCloseInput,
): BookStep<ProviderBookState, SignedCell> {
    const { terms } = state;
    const agreement = parseCloseAgreement(input.agreement);
    requireOpening(termsOf(state), agreement);
    const least = [state.voucher?.amount ?? 0n, receipted(state), terms.claimed].reduce((a, b) => (a > b ? a : b));
    refuseIf(agreement.finalAmount < least, 'final-amount', `The provider is owed ${least} nanoTON in all`);
    refuseIf(agreement.finalAmount > terms.totalDeposited, 'above-deposit', 'The channel holds less than that');
    requireAgreementWindow(agreement.validUntil, input.now);
    requireOwnKey(input.secretKey, terms.providerKey);
    return {
        state: { ...state, agreed: laterClose(state.agreed, agreement) },
        output: signCloseAgreement(agreement, input.secretKey),
    };
}

/** The newest voucher with what it would bring; null if that is nothing. Needs no key: any watchtower can send it. */
export function redeemable(state: ProviderBookState): Redeemable | null {
    const { terms, voucher } = state;
    if (!voucher) {
        return null;
    }
    const { amount, receiptHead, signature } = voucher;
    const payable = amount < terms.totalDeposited ? amount : terms.totalDeposited;
    const due = payable - terms.claimed;
    const cell = createVoucherCell({ ...openingOf(state), amount, receiptHead });
    return due > 0n ? { voucher: { cell, signature: Buffer.from(signature) }, due } : null;
}

/**
 * Whether it is time to redeem: enough is due, or the channel closes soon, or could have been closed already.
 *
 * @param now - unix seconds
 */
export function shouldRedeem(state: ProviderBookState, now: number, policy: RedeemPolicy): boolean {
    requireUint('now', now, 32);
    requireUint('beforeClosing', policy.beforeClosing, 32);
    const due = redeemable(state)?.due ?? 0n;
    return due > 0n && (due >= policy.minDue || now >= state.terms.closesAt - policy.beforeClosing);
}
