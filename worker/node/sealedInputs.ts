import { Address, Cell } from '@ton/core';
import { openPayload } from '../../protocol';
import {
    Binding,
    channelRequest,
    channelResponse,
    EncryptionKeyPair,
    EnvelopeError,
    jobInput,
    open,
    PublicEncryptionKey,
    publicKeyNamed,
    RequestPayload,
    seal,
    unpackRequest,
} from '../../protocol/envelope';
import { PaidRequestMessage, PaidResponse, Refusal, SignedBytes } from '../../protocol/wire';
import { MarketError, parseJobTerms, termsHashOf } from '../../wrappers';
import { refusal } from './refusal';

/** An input that came sealed, with who its result is for. */
export interface OpenedInput {
    /** 32 bytes */
    readonly salt: Buffer;
    readonly bytes: Buffer;
    readonly recipient: PublicEncryptionKey;
}

/** What a client sends of a job. */
export interface SealedJob {
    readonly escrow: Address;
    /** Cell of the job's terms. */
    readonly terms: Cell;
    readonly sealedInput: Uint8Array;
    readonly recipientKey: Uint8Array;
}

/** The keys of a worker: that of the profile, and older ones that clients may still use. */
export type EncryptionKeys = readonly EncryptionKeyPair[];

/** The key that a profile or terms name. */
export function keyNamed(keys: EncryptionKeys, name: bigint): EncryptionKeyPair | undefined {
    return keys.find(({ publicKey }) => publicKey.name === name);
}

/**
 * Opens a job's input.
 *
 * @returns null for terms that are none, or that name a key which this worker does not have: `acceptJobTerms` says so
 * @throws EnvelopeError, or MarketError, for what is not sealed to that key for this job, or a client's key that no result can be
 * sealed to: better noticed now than when the result is due
 */
export async function openJobInput(
    job: SealedJob,
    keys: EncryptionKeys,
    networkId: number,
): Promise<OpenedInput | null> {
    const { escrow, sealedInput, recipientKey } = job;
    const terms = parsed(job.terms);
    const key = terms && keyNamed(keys, terms.encryptionKey);
    if (!key) {
        return null;
    }
    const recipient = await publicKeyNamed(terms.resultRecipientKey, recipientKey);
    const { modelRoot } = terms;
    const binding = jobInput({ networkId, escrow, termsHash: termsHashOf(job.terms), modelRoot });
    return { ...openPayload(await open(sealedInput, { key, binding })), recipient };
}

/** A request that was opened. */
export interface OpenedRequest extends RequestPayload {
    /** The response as it leaves: sealed to the key that the request named. */
    respond(output: Uint8Array, receipt: SignedBytes): Promise<PaidResponse>;
}

/**
 * Opens a request of a channel by whichever key it was sealed to.
 *
 * @param opening - the chain's global id, and the logical time of the channel's opening
 * @throws EnvelopeError, or MarketError, for what is not sealed for this place in this channel
 */
export async function openRequest(
    { requestId, channel, modelRoot, seq, sealedInput }: PaidRequestMessage,
    keys: EncryptionKeys,
    opening: { networkId: number; openedLt: bigint },
): Promise<OpenedRequest> {
    const place = { ...opening, channel, modelRoot, seq };
    const payload = await unpackRequest(await openWithAny(sealedInput, keys, channelRequest(place)));
    return {
        ...payload,
        respond: async (output, receipt) => {
            const sealedOutput = await seal(output, { recipient: payload.recipient, binding: channelResponse(place) });
            return { kind: 'paidResponse', requestId, sealedOutput, receipt };
        },
    };
}

/** What came sealed, opened; or the refusal of what does not open. */
export async function openedOrRefused<T>(requestId: bigint, opening: Promise<T>): Promise<{ opened: T } | Refusal> {
    try {
        return { opened: await opening };
    } catch (error) {
        if (error instanceof EnvelopeError || error instanceof MarketError) {
            return refusal(requestId, [{ code: 'unreadable-input', message: error.message }]);
        }
        throw error;
    }
}

async function openWithAny(sealed: Uint8Array, keys: EncryptionKeys, binding: Binding): Promise<Buffer> {
    let refused: EnvelopeError | undefined;
    for (const key of keys) {
        try {
            return await open(sealed, { key, binding });
        } catch (error) {
            if (!(error instanceof EnvelopeError)) {
                throw error;
            }
            refused = error;
        }
    }
    throw refused ?? new EnvelopeError('foreign-key', 'This worker has no encryption key; give it that of the profile');
}

function parsed(cell: Cell) {
    try {
        return parseJobTerms(cell);
    } catch (error) {
        if (error instanceof MarketError) {
            return null;
        }
        throw error;
    }
}
