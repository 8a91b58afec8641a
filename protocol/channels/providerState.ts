import { ByteReader, ByteWriter } from '../wireBytes';
import { AgreedClose } from './agreedClose';
import { BookTerms } from './bookTerms';
import { refuseIf } from './channelErrors';
import { Receipt } from './receipts';
import { readAgreed, readOptional, readState, readTerms, writeAgreed, writeOptional, writeTerms } from './stateBytes';

/** A receipt without the opening that its book is of. */
export type KeptReceipt = Omit<Receipt, 'channel' | 'openedLt'>;

/** A request that a voucher was accepted for. */
export interface ServedRequest {
    readonly requestHash: bigint;
    /** nanoTON: the most that its receipt may add. */
    readonly cost: bigint;
}

/** Everything that a payee must not forget of one opening of a channel: plain values, never changed in place. */
export interface ProviderBookState {
    readonly terms: BookTerms;
    /** Seconds before closesAt from which on no voucher is taken. */
    readonly redeemMargin: number;
    /** What was claimed before this book was opened, in nanoTON: the first receipt counts on from it. */
    readonly claimedBefore: bigint;
    /** The newest accepted voucher; null before the first. Amount in nanoTON, cumulative. */
    readonly voucher: { readonly amount: bigint; readonly receiptHead: bigint; readonly signature: Buffer } | null;
    /** The newest receipt with its signature, to be sent again; null before the first. */
    readonly receipt: (Readonly<KeptReceipt> & { readonly signature: Buffer }) | null;
    /** Paid for, and not receipted yet. */
    readonly request: ServedRequest | null;
    readonly agreed: AgreedClose | null;
}

// Side and version.
const HEAD = 'P\x01';

/**
 * Writes the state of a provider's book: the one row of a store.
 *
 * @throws WireError for a value that does not fit its field
 */
export function encodeProviderState(state: ProviderBookState): Uint8Array {
    const writer = new ByteWriter().fixed(Buffer.from(HEAD, 'latin1'), HEAD.length);
    writeTerms(writer, state.terms).uint(state.redeemMargin, 4).uint(state.claimedBefore, 8);
    writeOptional(writer, state.voucher, ({ amount, receiptHead, signature }) =>
        writer.uint(amount, 8).uint(receiptHead, 32).fixed(signature, 64),
    );
    writeOptional(writer, state.receipt, (receipt) => writeReceipt(writer, receipt).fixed(receipt.signature, 64));
    writeOptional(writer, state.request, ({ requestHash, cost }) => writer.uint(requestHash, 32).uint(cost, 8));
    return writeAgreed(writer, state.agreed).bytes();
}

/**
 * Reads what {@link encodeProviderState} wrote, and nothing else: of one state there is one encoding.
 *
 * @throws ChannelError `malformed-state`
 */
export function decodeProviderState(bytes: Uint8Array): ProviderBookState {
    return readState(bytes, HEAD, (reader) =>
        requireConsistent({
            terms: readTerms(reader),
            redeemMargin: Number(reader.uint(4)),
            claimedBefore: reader.uint(8),
            voucher: readOptional(reader, () => ({
                amount: reader.uint(8),
                receiptHead: reader.uint(32),
                signature: reader.fixed(64),
            })),
            receipt: readOptional(reader, () => ({ ...readReceipt(reader), signature: reader.fixed(64) })),
            request: readOptional(reader, () => ({ requestHash: reader.uint(32), cost: reader.uint(8) })),
            agreed: readAgreed(reader),
        }),
    );
}

function writeReceipt(writer: ByteWriter, receipt: KeptReceipt): ByteWriter {
    const { seq, amount, previous, requestHash, responseHash, modelRoot, usage, traceRoot } = receipt;
    writer.uint(seq, 8).uint(amount, 8).uint(previous, 32);
    writer.uint(requestHash, 32).uint(responseHash, 32).uint(modelRoot, 32);
    writer.uint(usage.prompt, 4).uint(usage.cached, 4).uint(usage.completion, 4).uint(usage.reasoning, 4);
    return writeOptional(writer, traceRoot, (root) => writer.uint(root, 32));
}

function readReceipt(reader: ByteReader): KeptReceipt {
    return {
        seq: reader.uint(8),
        amount: reader.uint(8),
        previous: reader.uint(32),
        requestHash: reader.uint(32),
        responseHash: reader.uint(32),
        modelRoot: reader.uint(32),
        usage: {
            prompt: Number(reader.uint(4)),
            cached: Number(reader.uint(4)),
            completion: Number(reader.uint(4)),
            reasoning: Number(reader.uint(4)),
        },
        traceRoot: readOptional(reader, () => reader.uint(32)),
    };
}

/** What no sequence of operations leads to was not written by this book. */
function requireConsistent(state: ProviderBookState): ProviderBookState {
    const { terms, claimedBefore, voucher, receipt, request, agreed } = state;
    const receipted = receipt?.amount ?? claimedBefore;
    const promised = voucher?.amount ?? 0n;
    const broken = (what: boolean, message: string) => refuseIf(what, 'malformed-state', message);
    broken(claimedBefore > terms.claimed, 'More was claimed at first than now');
    broken(promised > terms.totalDeposited, 'The voucher is above the deposit');
    broken(receipt !== null && receipt.seq === 0n, 'The newest receipt has no number');
    broken(
        receipt !== null && (receipted > promised || receipted < claimedBefore),
        'The voucher does not cover receipts',
    );
    broken(request !== null && request.cost === 0n, 'A request is served for nothing');
    broken(request !== null && receipted + request.cost > promised, 'The voucher does not cover the request');
    broken(
        agreed !== null && (agreed.finalAmount < promised || agreed.finalAmount > terms.totalDeposited),
        'A close agreement is below the voucher or above the deposit',
    );
    return state;
}
