import { Address } from '@ton/core';
import { createQuoteCell, parseQuote, Quote, Tier } from '../wrappers';
import type { SignedBytes, WireMessage } from './wire';
import { ByteReader, ByteWriter, WireError } from './wireBytes';
import { WIRE_LIMITS } from './wireLimits';

/** How one kind of message lies in bytes, after version and type. */
export interface Layout<M extends WireMessage> {
    readonly type: number;
    write(writer: ByteWriter, message: M): void;
    read(reader: ByteReader): Omit<M, 'kind'>;
}

type Layouts = { readonly [M in WireMessage as M['kind']]: Layout<M> };

const SIGNATURE_BYTES = 64;
const QUOTE_BYTES = 100;

/** Every kind of message: its number, and its fields in their order. */
export const LAYOUTS: Layouts = {
    quoteRequest: {
        type: 1,
        write: (writer, { requestId, terms, client, nonce, sealedInput, recipientKey }) =>
            writer
                .uint(requestId, 8)
                .cell(terms, WIRE_LIMITS.TERMS_BYTES)
                .fixed(addressBytes(client), 32)
                .uint(nonce, 8)
                .variable(sealedInput, WIRE_LIMITS.INPUT_BYTES)
                .variable(recipientKey, WIRE_LIMITS.ENCRYPTION_KEY_BYTES),
        read: (reader) => ({
            requestId: reader.uint(8),
            terms: reader.cell(WIRE_LIMITS.TERMS_BYTES),
            client: readAddress(reader),
            nonce: reader.uint(8),
            sealedInput: reader.variable(WIRE_LIMITS.INPUT_BYTES),
            recipientKey: reader.variable(WIRE_LIMITS.ENCRYPTION_KEY_BYTES),
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
        write: (writer, { requestId, client, nonce, tier }) =>
            writer.uint(requestId, 8).fixed(addressBytes(client), 32).uint(nonce, 8).uint(BigInt(tier), 1),
        read: (reader) => ({
            requestId: reader.uint(8),
            client: readAddress(reader),
            nonce: reader.uint(8),
            tier: readTier(reader),
        }),
    },
    channelAccepted: {
        type: 9,
        write: (writer, { requestId }) => writer.uint(requestId, 8),
        read: (reader) => ({ requestId: reader.uint(8) }),
    },
    paidRequest: {
        type: 10,
        write: (writer, { requestId, channel, modelRoot, seq, tier, sealedInput, voucher }) =>
            writeSigned(
                writer
                    .uint(requestId, 8)
                    .fixed(addressBytes(channel), 32)
                    .uint(modelRoot, 32)
                    .uint(seq, 8)
                    .uint(BigInt(tier), 1)
                    .variable(sealedInput, WIRE_LIMITS.INPUT_BYTES),
                voucher,
            ),
        read: (reader) => ({
            requestId: reader.uint(8),
            channel: readAddress(reader),
            modelRoot: reader.uint(32),
            seq: reader.uint(8),
            tier: readTier(reader),
            sealedInput: reader.variable(WIRE_LIMITS.INPUT_BYTES),
            voucher: readSigned(reader),
        }),
    },
    paidResponse: {
        type: 11,
        write: (writer, { requestId, sealedOutput, receipt }) =>
            writeSigned(writer.uint(requestId, 8).variable(sealedOutput, WIRE_LIMITS.RESULT_BYTES), receipt),
        read: (reader) => ({
            requestId: reader.uint(8),
            sealedOutput: reader.variable(WIRE_LIMITS.RESULT_BYTES),
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
    encryptionKeyRequest: {
        type: 15,
        write: (writer, { requestId, name }) => writer.uint(requestId, 8).uint(name, 32),
        read: (reader) => ({ requestId: reader.uint(8), name: reader.uint(32) }),
    },
    encryptionKeyReply: {
        type: 16,
        write: (writer, { requestId, publicKey }) =>
            writer.uint(requestId, 8).variable(publicKey, WIRE_LIMITS.ENCRYPTION_KEY_BYTES),
        read: (reader) => ({
            requestId: reader.uint(8),
            publicKey: reader.variable(WIRE_LIMITS.ENCRYPTION_KEY_BYTES),
        }),
    },
    attestationRequest: {
        type: 17,
        write: (writer, { requestId }) => writer.uint(requestId, 8),
        read: (reader) => ({ requestId: reader.uint(8) }),
    },
    attestationReply: {
        type: 18,
        write: (writer, { requestId, quote }) =>
            writer.uint(requestId, 8).variable(quote, WIRE_LIMITS.ATTESTATION_BYTES),
        read: (reader) => ({ requestId: reader.uint(8), quote: reader.variable(WIRE_LIMITS.ATTESTATION_BYTES) }),
    },
};

function readTier(reader: ByteReader): Tier {
    const tier = Number(reader.uint(1));
    if (tier !== Number(Tier.Open) && tier !== Number(Tier.Attested)) {
        throw new WireError('out-of-range', `There is no tier ${tier}`);
    }
    return tier;
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
