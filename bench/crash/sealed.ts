import { refereeOpen, secretOf } from '../../tests/helpers/hpke';

// What is sealed in a channel's messages, opened by hand: docs/confidentiality.md.

/** What an envelope of a channel is bound to. */
export interface SealedPlace {
    readonly networkId: number;
    readonly channel: bigint;
    readonly openedLt: bigint;
    readonly seq: bigint;
    readonly modelRoot: bigint;
}

const TAG = Buffer.from('ton-compute-market/envelope/v1', 'ascii');
const DIRECTIONS = { request: 3, response: 4 } as const;

/** The content of an envelope by X25519; null if it is none for this place. */
export function unseal(
    what: keyof typeof DIRECTIONS,
    seed: Buffer,
    place: SealedPlace,
    envelope: Buffer,
): Buffer | null {
    const { networkId, channel, openedLt, seq, modelRoot } = place;
    const number = Buffer.alloc(4);
    number.writeInt32BE(networkId);
    const of = (openedLt << 64n) | seq;
    const fields = [channel, of, modelRoot].map((value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
    const final = Buffer.of(1);
    const aad = Buffer.concat([TAG, Buffer.of(DIRECTIONS[what]), number, ...fields, final]);
    const aead = envelope.readUInt16BE(2);
    try {
        return refereeOpen(
            secretOf(seed),
            envelope.subarray(4, 36),
            { aead, info: TAG, aad, seq: 0 },
            envelope.subarray(37),
        );
    } catch {
        return null;
    }
}

/** Salt and input of a request: behind the KEM's number and the key of the response. */
export function readRequest(payload: Buffer): { salt: Buffer; input: Buffer } {
    return { salt: payload.subarray(34, 66), input: payload.subarray(66) };
}
