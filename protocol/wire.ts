import { Address, Cell } from '@ton/core';
import { Quote, Tier } from '../wrappers';
import { ByteReader, ByteWriter, WireError } from './wireBytes';
import { Layout, LAYOUTS } from './wireLayouts';

export { WireError, type WireErrorCode } from './wireBytes';
export { WIRE_LIMITS } from './wireLimits';

/** First byte of every message; another layout has another number. */
export const WIRE_VERSION = 3;

/** Client to worker: the key itself that the profile names by its hash. */
export interface EncryptionKeyRequest {
    readonly kind: 'encryptionKeyRequest';
    readonly requestId: bigint;
    /** The profile's encryptionKey. */
    readonly name: bigint;
}

/** Worker to client: that key. Nobody is believed: it has to be the one that is named. */
export interface EncryptionKeyReply {
    readonly kind: 'encryptionKeyReply';
    readonly requestId: bigint;
    readonly publicKey: Uint8Array;
}

/** Client to worker: show the quote that attests to your keys. */
export interface AttestationRequest {
    readonly kind: 'attestationRequest';
    readonly requestId: bigint;
}

/** Worker to client: the newest quote, raw. Nobody is believed: the client verifies it. */
export interface AttestationReply {
    readonly kind: 'attestationReply';
    readonly requestId: bigint;
    readonly quote: Uint8Array;
}

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
    /** Envelope to the terms' encryptionKey: the salt of the inputCommitment, then the input. */
    readonly sealedInput: Uint8Array;
    /** The key itself that the terms name as resultRecipientKey. */
    readonly recipientKey: Uint8Array;
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

/** Worker to client: the cell whose hash is the resultCommitment: an envelope to the terms' resultRecipientKey. */
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
    /** What the client asks the worker to be. */
    readonly tier: Tier;
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
    /** Number that the receipt for it gets. */
    readonly seq: bigint;
    /** What the client asks the worker to be now. */
    readonly tier: Tier;
    /** Envelope to the profile's encryptionKey: a payload of protocol/envelope, with salt and input. */
    readonly sealedInput: Uint8Array;
    readonly voucher: SignedBytes;
}

/** Worker to client: the response, and the receipt for it. */
export interface PaidResponse {
    readonly kind: 'paidResponse';
    readonly requestId: bigint;
    /** Envelope to the key that the request names: the output. */
    readonly sealedOutput: Uint8Array;
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
    | EncryptionKeyRequest
    | EncryptionKeyReply
    | AttestationRequest
    | AttestationReply
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
