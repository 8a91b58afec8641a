import { Address, Cell } from '@ton/core';
import { createQuoteCell, parseQuote, Quote } from '../wrappers';
import { ByteReader, ByteWriter, WireError } from './wireBytes';

export { WireError, type WireErrorCode } from './wireBytes';

/** First byte of every message; another layout has another number. */
export const WIRE_VERSION = 1;

/** Most bytes of each part of a message; a parser refuses what is longer before it looks at it. */
export const WIRE_LIMITS = {
    INPUT_BYTES: 4 * 1024 * 1024,
    TERMS_BYTES: 1024,
    RESULT_BYTES: 64 * 1024,
    SIGNED_CELL_BYTES: 1024,
    REASONS: 16,
    REASON_CODE_BYTES: 48,
    REASON_TEXT_BYTES: 400,
} as const;

/** Client to worker: everything that the worker needs to say yes, the input included. */
export interface QuoteRequest {
    readonly kind: 'quoteRequest';
    /** Names the answer. */
    readonly requestId: bigint;
    /** Cell of the job's terms. */
    readonly terms: Cell;
    /** Wallet that will post the job; with `nonce` it decides the escrow's address. */
    readonly client: Address;
    readonly nonce: bigint;
    /** 32 bytes; opens the terms' inputCommitment together with `input`. */
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
}

/** Worker to client: the terms are accepted, for the next seconds. */
export interface QuoteReply {
    readonly kind: 'quoteReply';
    readonly requestId: bigint;
    readonly quote: Quote;
}

/** One reason of a refusal: the code is for programs, the text for people. */
export interface RefusalReason {
    readonly code: string;
    readonly text: string;
}

/** Worker to client: no, and why. */
export interface Refusal {
    readonly kind: 'refusal';
    readonly requestId: bigint;
    /** At least one. */
    readonly reasons: readonly RefusalReason[];
}

/** Worker to client: the cell whose hash is the resultCommitment. */
export interface ResultDelivery {
    readonly kind: 'result';
    readonly jobKey: bigint;
    readonly result: Cell;
}

/** Client to worker: pays the whole price before anything is submitted. */
export interface FullApproval {
    readonly kind: 'approveFull';
    readonly jobKey: bigint;
    /** 64 bytes by clientKey. */
    readonly signature: Uint8Array;
}

/** Client to worker: pays what was submitted, at once. */
export interface SubmittedApproval {
    readonly kind: 'approveSubmitted';
    readonly jobKey: bigint;
    readonly resultCommitment: bigint;
    /** nanoTON */
    readonly amount: bigint;
    /** 64 bytes by clientKey. */
    readonly signature: Uint8Array;
}

/** Worker to client: an approval is good and kept, so the client may go. */
export interface ApprovalReceipt {
    readonly kind: 'approvalReceipt';
    readonly jobKey: bigint;
}

/** A cell of protocol/channels with its signature. */
export interface SignedBytes {
    readonly cell: Cell;
    /** 64 bytes. */
    readonly signature: Buffer;
}

/** Client to worker: serve this channel, which is open on chain. */
export interface ChannelOfferMessage {
    readonly kind: 'channelOffer';
    readonly requestId: bigint;
    readonly client: Address;
    readonly nonce: bigint;
}

/** Worker to client: the channel was examined and will be served. */
export interface ChannelAccepted {
    readonly kind: 'channelAccepted';
    readonly requestId: bigint;
}

/** Client to worker: a request with its payment. */
export interface PaidRequestMessage {
    readonly kind: 'paidRequest';
    readonly requestId: bigint;
    readonly channel: Address;
    readonly modelRoot: bigint;
    /** 32 bytes; hides the input in the request's hash, and the response in its own. */
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
    readonly voucher: SignedBytes;
}

/** Worker to client: the response, and the receipt for it. */
export interface PaidResponse {
    readonly kind: 'paidResponse';
    readonly requestId: bigint;
    readonly output: Uint8Array;
    readonly receipt: SignedBytes;
}

/** Worker to client: the voucher does not name this receipt, which is the newest; take it and pay anew. */
export interface NewestReceipt {
    readonly kind: 'newestReceipt';
    readonly requestId: bigint;
    readonly receipt: SignedBytes;
}

/** Client to worker: end the channel like this. */
export interface CloseProposal {
    readonly kind: 'closeProposal';
    readonly requestId: bigint;
    readonly channel: Address;
    readonly agreement: SignedBytes;
}

/** Worker to client: the provider's half. */
export interface CloseConsent {
    readonly kind: 'closeConsent';
    readonly requestId: bigint;
    /** 64 bytes by providerKey over the proposed agreement. */
    readonly signature: Uint8Array;
}

/** Everything that client and worker say to each other besides the chain. */
export type WireMessage =
    | QuoteRequest
    | QuoteReply
    | Refusal
    | ResultDelivery
    | FullApproval
    | SubmittedApproval
    | ApprovalReceipt
    | ChannelOfferMessage
    | ChannelAccepted
    | PaidRequestMessage
    | PaidResponse
    | NewestReceipt
    | CloseProposal
    | CloseConsent;

/** How one kind of message lies in bytes, after version and type. */
interface Layout<M extends WireMessage> {
    readonly type: number;
    write(writer: ByteWriter, message: M): void;
    read(reader: ByteReader): Omit<M, 'kind'>;
}

type Layouts = { readonly [M in WireMessage as M['kind']]: Layout<M> };

const SALT_BYTES = 32;
const SIGNATURE_BYTES = 64;
const QUOTE_BYTES = 100;

const LAYOUTS: Layouts = {
    quoteRequest: {
        type: 1,
        write: (writer, { requestId, terms, client, nonce, salt, input }) =>
            writer
                .uint(requestId, 8)
                .cell(terms, WIRE_LIMITS.TERMS_BYTES)
                .fixed(addressBytes(client), 32)
                .uint(nonce, 8)
                .fixed(salt, SALT_BYTES)
                .variable(input, WIRE_LIMITS.INPUT_BYTES),
        read: (reader) => ({
            requestId: reader.uint(8),
            terms: reader.cell(WIRE_LIMITS.TERMS_BYTES),
            client: readAddress(reader),
            nonce: reader.uint(8),
            salt: reader.fixed(SALT_BYTES),
            input: reader.variable(WIRE_LIMITS.INPUT_BYTES),
        }),
    },
    quoteReply: {
        type: 2,
        write: (writer, { requestId, quote }) =>
            writer.uint(requestId, 8).fixed(createQuoteCell(quote).beginParse().loadBuffer(QUOTE_BYTES), QUOTE_BYTES),
        read: (reader) => ({ requestId: reader.uint(8), quote: readQuote(reader.fixed(QUOTE_BYTES)) }),
    },
    refusal: {
        type: 3,
        write: (writer, { requestId, reasons }) => {
            writer.uint(requestId, 8).uint(requireReasonCount(reasons.length), 1);
            for (const { code, text } of reasons) {
                writer.text(code, WIRE_LIMITS.REASON_CODE_BYTES).text(text, WIRE_LIMITS.REASON_TEXT_BYTES);
            }
        },
        read: (reader) => ({
            requestId: reader.uint(8),
            reasons: Array.from({ length: requireReasonCount(Number(reader.uint(1))) }, () => ({
                code: reader.text(WIRE_LIMITS.REASON_CODE_BYTES),
                text: reader.text(WIRE_LIMITS.REASON_TEXT_BYTES),
            })),
        }),
    },
    result: {
        type: 4,
        write: (writer, { jobKey, result }) => writer.uint(jobKey, 32).cell(result, WIRE_LIMITS.RESULT_BYTES),
        read: (reader) => ({ jobKey: reader.uint(32), result: reader.cell(WIRE_LIMITS.RESULT_BYTES) }),
    },
    approveFull: {
        type: 5,
        write: (writer, { jobKey, signature }) => writer.uint(jobKey, 32).fixed(signature, SIGNATURE_BYTES),
        read: (reader) => ({ jobKey: reader.uint(32), signature: reader.fixed(SIGNATURE_BYTES) }),
    },
    approveSubmitted: {
        type: 6,
        write: (writer, { jobKey, resultCommitment, amount, signature }) =>
            writer.uint(jobKey, 32).uint(resultCommitment, 32).uint(amount, 8).fixed(signature, SIGNATURE_BYTES),
        read: (reader) => ({
            jobKey: reader.uint(32),
            resultCommitment: reader.uint(32),
            amount: reader.uint(8),
            signature: reader.fixed(SIGNATURE_BYTES),
        }),
    },
    approvalReceipt: {
        type: 7,
        write: (writer, { jobKey }) => writer.uint(jobKey, 32),
        read: (reader) => ({ jobKey: reader.uint(32) }),
    },
    channelOffer: {
        type: 8,
        write: (writer, { requestId, client, nonce }) =>
            writer.uint(requestId, 8).fixed(addressBytes(client), 32).uint(nonce, 8),
        read: (reader) => ({ requestId: reader.uint(8), client: readAddress(reader), nonce: reader.uint(8) }),
    },
    channelAccepted: {
        type: 9,
        write: (writer, { requestId }) => writer.uint(requestId, 8),
        read: (reader) => ({ requestId: reader.uint(8) }),
    },
    paidRequest: {
        type: 10,
        write: (writer, { requestId, channel, modelRoot, salt, input, voucher }) =>
            writeSigned(
                writer
                    .uint(requestId, 8)
                    .fixed(addressBytes(channel), 32)
                    .uint(modelRoot, 32)
                    .fixed(salt, SALT_BYTES)
                    .variable(input, WIRE_LIMITS.INPUT_BYTES),
                voucher,
            ),
        read: (reader) => ({
            requestId: reader.uint(8),
            channel: readAddress(reader),
            modelRoot: reader.uint(32),
            salt: reader.fixed(SALT_BYTES),
            input: reader.variable(WIRE_LIMITS.INPUT_BYTES),
            voucher: readSigned(reader),
        }),
    },
    paidResponse: {
        type: 11,
        write: (writer, { requestId, output, receipt }) =>
            writeSigned(writer.uint(requestId, 8).variable(output, WIRE_LIMITS.RESULT_BYTES), receipt),
        read: (reader) => ({
            requestId: reader.uint(8),
            output: reader.variable(WIRE_LIMITS.RESULT_BYTES),
            receipt: readSigned(reader),
        }),
    },
    newestReceipt: {
        type: 12,
        write: (writer, { requestId, receipt }) => writeSigned(writer.uint(requestId, 8), receipt),
        read: (reader) => ({ requestId: reader.uint(8), receipt: readSigned(reader) }),
    },
    closeProposal: {
        type: 13,
        write: (writer, { requestId, channel, agreement }) =>
            writeSigned(writer.uint(requestId, 8).fixed(addressBytes(channel), 32), agreement),
        read: (reader) => ({
            requestId: reader.uint(8),
            channel: readAddress(reader),
            agreement: readSigned(reader),
        }),
    },
    closeConsent: {
        type: 14,
        write: (writer, { requestId, signature }) => writer.uint(requestId, 8).fixed(signature, SIGNATURE_BYTES),
        read: (reader) => ({ requestId: reader.uint(8), signature: reader.fixed(SIGNATURE_BYTES) }),
    },
};

const KINDS = new Map(Object.entries(LAYOUTS).map(([kind, { type }]) => [type, kind as WireMessage['kind']]));

/**
 * Writes a message.
 *
 * @throws WireError for a part that is too long or does not fit its field
 */
export function encodeMessage(message: WireMessage): Uint8Array {
    const layout = LAYOUTS[message.kind] as Layout<WireMessage>;
    const writer = new ByteWriter().uint(BigInt(WIRE_VERSION), 1).uint(BigInt(layout.type), 1);
    layout.write(writer, message);
    return writer.bytes();
}

/**
 * Reads a message to its last byte; whatever is not exactly one message of this version is refused.
 *
 * @throws WireError
 */
export function decodeMessage(bytes: Uint8Array): WireMessage {
    const reader = new ByteReader(bytes);
    const version = reader.uint(1);
    if (version !== BigInt(WIRE_VERSION)) {
        throw new WireError('unknown-version', `Version ${version} is not spoken here, only ${WIRE_VERSION}`);
    }
    const type = Number(reader.uint(1));
    const kind = KINDS.get(type);
    if (kind === undefined) {
        throw new WireError('unknown-type', `There is no message of type ${type}`);
    }
    const fields = LAYOUTS[kind].read(reader);
    reader.end();
    return { kind, ...fields } as WireMessage;
}

function addressBytes(address: Address): Uint8Array {
    if (address.workChain !== 0) {
        throw new WireError('out-of-range', `${address.toRawString()} is not in the basechain`);
    }
    return address.hash;
}

function readAddress(reader: ByteReader): Address {
    return new Address(0, reader.fixed(32));
}

function writeSigned(writer: ByteWriter, { cell, signature }: SignedBytes): ByteWriter {
    return writer.cell(cell, WIRE_LIMITS.SIGNED_CELL_BYTES).fixed(signature, SIGNATURE_BYTES);
}

function readSigned(reader: ByteReader): SignedBytes {
    return { cell: reader.cell(WIRE_LIMITS.SIGNED_CELL_BYTES), signature: reader.fixed(SIGNATURE_BYTES) };
}

function readQuote(bytes: Buffer): Quote {
    // The bytes of a quote's cell, which has no references.
    return parseQuote(ByteReader.cellOf(bytes));
}

function requireReasonCount(count: number): number {
    if (count < 1 || count > WIRE_LIMITS.REASONS) {
        throw new WireError('out-of-range', `A refusal has 1 to ${WIRE_LIMITS.REASONS} reasons, not ${count}`);
    }
    return count;
}
