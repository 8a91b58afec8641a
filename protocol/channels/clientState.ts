import { Tier } from '../../wrappers/states';
import { ByteReader, ByteWriter } from '../wireBytes';
import { AgreedClose } from './agreedClose';
import { BookTerms } from './bookTerms';
import { refuseIf } from './channelErrors';
import {
    readAgreed,
    readFlag,
    readOptional,
    readState,
    readTerms,
    writeAgreed,
    writeOptional,
    writeTerms,
} from './stateBytes';

/**
 * Requests that a client may give up between two receipts: the provider may still send a receipt for any one of them, so all
 * of them are kept. Whoever gave up so many has no reason to trust the next attempt.
 */
export const MAX_ABANDONED = 8;

/** A request that was paid for. */
export interface PaidRequest {
    readonly requestHash: bigint;
    /** Hash of the model file that must answer it. */
    readonly modelRoot: bigint;
    /** nanoTON: the most that it may cost. */
    readonly maxCost: bigint;
}

/** Everything that a payer must not forget of one opening of a channel: plain values, never changed in place. */
export interface ClientBookState {
    readonly terms: BookTerms;
    /** What the provider has to be before it is sent anything. */
    readonly tier: Tier;
    /** The newest signed voucher; null before the first. Amount in nanoTON, cumulative. */
    readonly voucher: { readonly amount: bigint; readonly receiptHead: bigint; readonly signature: Buffer } | null;
    /** The newest receipt: 0 and 0 before the first, with what was claimed already as the amount. nanoTON, cumulative. */
    readonly receipt: { readonly seq: bigint; readonly head: bigint; readonly amount: bigint };
    /** Paid for, and its receipt has not come. */
    readonly request: PaidRequest | null;
    /** Given up since the newest receipt, the oldest first. */
    readonly abandoned: readonly PaidRequest[];
    readonly agreed: AgreedClose | null;
    /** Whether a request to close was signed, which anybody may send. */
    readonly closeRequested: boolean;
}

// Side and version. A book of the first version has no tier: it is Open.
const HEAD = 'C\x02';
const HEAD_WITHOUT_TIER = 'C\x01';

/**
 * Writes the state of a client's book: the one row of a store.
 *
 * @throws WireError for a value that does not fit its field
 */
export function encodeClientState(state: ClientBookState): Uint8Array {
    const writer = new ByteWriter().fixed(Buffer.from(HEAD, 'latin1'), HEAD.length);
    writeTerms(writer, state.terms);
    writeOptional(writer, state.voucher, ({ amount, receiptHead, signature }) =>
        writer.uint(amount, 8).uint(receiptHead, 32).fixed(signature, 64),
    );
    writer.uint(state.receipt.seq, 8).uint(state.receipt.head, 32).uint(state.receipt.amount, 8);
    writeOptional(writer, state.request, (request) => writeRequest(writer, request));
    writer.uint(state.abandoned.length, 1);
    state.abandoned.forEach((request) => writeRequest(writer, request));
    writeAgreed(writer, state.agreed);
    return writer
        .uint(state.closeRequested ? 1 : 0, 1)
        .uint(state.tier, 1)
        .bytes();
}

/**
 * Reads what {@link encodeClientState} wrote, or the version before it, and nothing else: of one state there is one encoding in each.
 *
 * @throws ChannelError `malformed-state`
 */
export function decodeClientState(bytes: Uint8Array): ClientBookState {
    const head = Buffer.from(bytes.subarray(0, HEAD.length)).toString('latin1');
    const hasTier = head !== HEAD_WITHOUT_TIER;
    return readState(bytes, hasTier ? HEAD : head, (reader) =>
        requireConsistent({
            terms: readTerms(reader),
            voucher: readOptional(reader, () => ({
                amount: reader.uint(8),
                receiptHead: reader.uint(32),
                signature: reader.fixed(64),
            })),
            receipt: { seq: reader.uint(8), head: reader.uint(32), amount: reader.uint(8) },
            request: readOptional(reader, () => readRequest(reader)),
            abandoned: Array.from({ length: Number(reader.uint(1)) }, () => readRequest(reader)),
            agreed: readAgreed(reader),
            closeRequested: readFlag(reader),
            tier: hasTier && readFlag(reader) ? Tier.Attested : Tier.Open,
        }),
    );
}

function writeRequest(writer: ByteWriter, { requestHash, modelRoot, maxCost }: PaidRequest): ByteWriter {
    return writer.uint(requestHash, 32).uint(modelRoot, 32).uint(maxCost, 8);
}

function readRequest(reader: ByteReader): PaidRequest {
    return { requestHash: reader.uint(32), modelRoot: reader.uint(32), maxCost: reader.uint(8) };
}

/** What no sequence of operations leads to was not written by this book. */
function requireConsistent(state: ClientBookState): ClientBookState {
    const { terms, voucher, receipt, request, abandoned, agreed } = state;
    const paid = request ? [...abandoned, request] : abandoned;
    const broken = (what: boolean, message: string) => refuseIf(what, 'malformed-state', message);
    broken(voucher !== null && voucher.amount > terms.totalDeposited, 'The voucher is above the deposit');
    broken(
        (receipt.seq === 0n) !== (receipt.head === 0n),
        'The newest receipt has a number without a hash, or a hash alone',
    );
    broken(receipt.seq > 0n && (voucher === null || receipt.amount > voucher.amount), 'A receipt is above the voucher');
    broken(receipt.amount > terms.totalDeposited, 'A receipt is above the deposit');
    broken(abandoned.length > MAX_ABANDONED, 'Too many requests were given up');
    broken(new Set(paid.map(({ requestHash }) => requestHash)).size !== paid.length, 'A request is there twice');
    // Not receipt.amount + maxCost: a late receipt of a request that was given up raises the first before the next voucher.
    const unpaid = paid.some(({ maxCost }) => maxCost === 0n || voucher === null || voucher.amount < maxCost);
    broken(unpaid, 'A request is there that no voucher pays for');
    broken(agreed !== null && agreed.finalAmount > terms.totalDeposited, 'A close agreement is above the deposit');
    return state;
}
