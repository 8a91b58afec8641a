import { Address } from '@ton/core';
import {
    Binding,
    channelRequest,
    channelResponse,
    EncryptionKeyPair,
    EnvelopeError,
    jobInput,
    jobResult,
    Kem,
} from '../../../protocol/envelope';

export const hex = (text: string) => Buffer.from(text, 'hex');
export const KEMS = [
    ['X25519', Kem.X25519],
    ['X-Wing', Kem.XWing],
] as const;

/** The code of the EnvelopeError (or InputError) that a promise rejects with; undefined if it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
    try {
        await promise;
        return undefined;
    } catch (error) {
        if (error instanceof EnvelopeError || (error as Error).name === 'InputError') {
            return (error as EnvelopeError).code;
        }
        throw error;
    }
}

export const keyPair = (kem: Kem, fill = 1) => EncryptionKeyPair.fromSeed(kem, Buffer.alloc(32, fill));

const escrow = new Address(0, Buffer.alloc(32, 0xaa));
export const PLACE = { networkId: -3, escrow, jobKey: 5n, modelRoot: 6n };
export const REQUEST = { networkId: -3, channel: escrow, openedLt: 7n, seq: 8n, modelRoot: 6n };
export const BINDING: Binding = jobResult(PLACE);

/** Bindings that differ from {@link BINDING} in one field each. */
export const OTHER_BINDINGS: readonly (readonly [string, Binding])[] = [
    ['network', jobResult({ ...PLACE, networkId: -239 })],
    ['escrow', jobResult({ ...PLACE, escrow: new Address(0, Buffer.alloc(32, 0xab)) })],
    ['jobKey', jobResult({ ...PLACE, jobKey: 4n })],
    ['model', jobResult({ ...PLACE, modelRoot: 7n })],
    ['direction', jobInput({ ...PLACE, termsHash: PLACE.jobKey })],
    ['kind', channelResponse({ ...PLACE, channel: escrow, openedLt: 0n, seq: PLACE.jobKey })],
];
/** The same of a channel's request. */
export const OTHER_REQUESTS: readonly (readonly [string, Binding])[] = [
    ['network', channelRequest({ ...REQUEST, networkId: 3 })],
    ['channel', channelRequest({ ...REQUEST, channel: new Address(0, Buffer.alloc(32)) })],
    ['opening', channelRequest({ ...REQUEST, openedLt: 8n })],
    ['sequence number', channelRequest({ ...REQUEST, seq: 9n })],
    ['model', channelRequest({ ...REQUEST, modelRoot: 0n })],
    ['direction', channelResponse(REQUEST)],
    ['kind', jobInput({ ...REQUEST, escrow, termsHash: (REQUEST.openedLt << 64n) | REQUEST.seq })],
];
