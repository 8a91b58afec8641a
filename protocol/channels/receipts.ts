import { beginCell, Cell } from '@ton/core';
import { Bits256, requireShape, requireUint } from '../../wrappers/checks';
import { InputError } from '../../wrappers/marketError';
import { Usage } from '../pricing';
import {
    beginSigned,
    cellHash,
    ChannelOpening,
    ChannelTag,
    loadSigned,
    SignedCell,
    signCell,
    verifyCell,
} from './signedCells';

const RECEIPT_BITS = 768;
const WORK_BITS = 768;
const USAGE_BITS = 129;
const USAGE_BITS_WITH_TRACE = 385;

/** What a provider answers for: one request, its response, and what all requests so far cost. Protocol, section 6. */
export interface Receipt extends ChannelOpening {
    /** 1, 2, 3, … within one opening. */
    seq: bigint;
    /** nanoTON, cumulative: what all requests up to this one cost. */
    amount: bigint;
    /** Hash of the receipt before it, 0 for the first. */
    previous: bigint;
    requestHash: bigint;
    responseHash: bigint;
    /** Hash of the model file. */
    modelRoot: bigint;
    /** Tokens; each count below 2^32. */
    usage: Required<Usage>;
    /** Root of the trace of the computation; null where none was recorded. */
    traceRoot: bigint | null;
}

/**
 * Packs a receipt: three cells in a row.
 *
 * @throws InputError for a value that does not fit its field, or a channel outside the basechain
 */
export function createReceiptCell(receipt: Receipt): Cell {
    const work = beginCell()
        .storeUint(requireUint('requestHash', receipt.requestHash, 256), 256)
        .storeUint(requireUint('responseHash', receipt.responseHash, 256), 256)
        .storeUint(requireUint('modelRoot', receipt.modelRoot, 256), 256)
        .storeRef(usageCell(receipt))
        .endCell();
    return beginSigned(ChannelTag.Receipt, receipt)
        .storeUint(requireUint('seq', receipt.seq, 64), 64)
        .storeUint(requireUint('amount', receipt.amount, 64), 64)
        .storeUint(requireUint('previous', receipt.previous, 256), 256)
        .storeRef(work)
        .endCell();
}

function usageCell({ usage, traceRoot }: Receipt): Cell {
    const counts = beginCell()
        .storeUint(requireUint('prompt', usage.prompt, 32), 32)
        .storeUint(requireUint('cached', usage.cached, 32), 32)
        .storeUint(requireUint('completion', usage.completion, 32), 32)
        .storeUint(requireUint('reasoning', usage.reasoning, 32), 32)
        .storeBit(traceRoot !== null);
    return (traceRoot === null ? counts : counts.storeUint(requireUint('traceRoot', traceRoot, 256), 256)).endCell();
}

/**
 * Reads a receipt, all three cells to their last bit.
 *
 * @throws InputError `malformed-cell`
 */
export function parseReceipt(cell: Cell): Receipt {
    requireShape('receipt', cell, RECEIPT_BITS, 1);
    const slice = cell.beginParse();
    const head = {
        ...loadSigned('receipt', ChannelTag.Receipt, slice),
        seq: slice.loadUintBig(64),
        amount: slice.loadUintBig(64),
        previous: slice.loadUintBig(256),
    };
    const workCell = slice.loadRef();
    requireShape('receipt work', workCell, WORK_BITS, 1);
    const work = workCell.beginParse();
    return {
        ...head,
        requestHash: work.loadUintBig(256),
        responseHash: work.loadUintBig(256),
        modelRoot: work.loadUintBig(256),
        ...parseUsage(work.loadRef()),
    };
}

function parseUsage(cell: Cell): Pick<Receipt, 'usage' | 'traceRoot'> {
    const traced = cell.bits.length === USAGE_BITS_WITH_TRACE;
    requireShape('receipt usage', cell, traced ? USAGE_BITS_WITH_TRACE : USAGE_BITS, 0);
    const slice = cell.beginParse();
    const usage = {
        prompt: slice.loadUint(32),
        cached: slice.loadUint(32),
        completion: slice.loadUint(32),
        reasoning: slice.loadUint(32),
    };
    if (slice.loadBit() !== traced) {
        throw new InputError(
            'malformed-cell',
            'receipt usage',
            'has not the length that its mark of a trace root says',
        );
    }
    return { usage, traceRoot: traced ? slice.loadUintBig(256) : null };
}

/** What the next receipt and the next voucher name this one by: the hash of its cell. */
export function receiptHash(receipt: Receipt): bigint {
    return cellHash(createReceiptCell(receipt));
}

/**
 * Signs a receipt with providerKey. Workers do not call this by hand but through `providerBook.issueReceipt`: two receipts
 * of one number prove a fraud.
 *
 * @param secretKey - 64 bytes
 * @throws InputError as {@link createReceiptCell}, or `malformed-signature` for a secret key of another length
 */
export function signReceipt(receipt: Receipt, secretKey: Uint8Array): SignedCell {
    return signCell(createReceiptCell(receipt), secretKey);
}

/**
 * Whether a cell is a receipt that this provider signed.
 *
 * @throws InputError `malformed-cell`, `malformed-signature`, or `weak-key` for a key with which everything would verify
 */
export function verifyReceipt(cell: Cell, signature: Uint8Array, providerKey: Bits256): boolean {
    parseReceipt(cell);
    return verifyCell(cell, signature, providerKey);
}
