import { SALT_BYTES } from '../commitments';
import { EnvelopeError } from './envelopeError';
import { nameOfKey, PublicEncryptionKey, publicKeyNamed } from './publicKeys';
import { Kem, KEM_SIZES, requireKem } from './suites';

/** What a client seals in a request of a channel. */
export interface RequestPayload {
    /** Who the response is sealed to. */
    readonly recipient: PublicEncryptionKey;
    /** 32 bytes; hides the input in the request's hash, and the response in its own. */
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
}

/** Number of the KEM, the recipient's public key, salt, input. */
export function packRequest({ recipient, salt, input }: RequestPayload): Buffer {
    const kem = Buffer.alloc(2);
    kem.writeUInt16BE(recipient.kem);
    return Buffer.concat([kem, recipient.bytes, salt, input]);
}

/** Bytes that {@link packRequest} adds to an input. */
export function requestOverhead(kem: Kem): number {
    return 2 + KEM_SIZES[kem].publicKey + SALT_BYTES;
}

/**
 * The reverse of {@link packRequest}.
 *
 * @throws EnvelopeError `malformed`, `unknown-suite` or `bad-key`
 * @throws InputError `weak-key`
 */
export async function unpackRequest(payload: Buffer): Promise<RequestPayload> {
    const kem = requireKem(payload.length < 2 ? 0 : payload.readUInt16BE());
    const keyEnd = 2 + KEM_SIZES[kem].publicKey;
    if (payload.length < requestOverhead(kem)) {
        throw new EnvelopeError('malformed', `A request's payload has only ${payload.length} bytes`);
    }
    const key = payload.subarray(2, keyEnd);
    return {
        recipient: await publicKeyNamed(nameOfKey(kem, key), key),
        salt: payload.subarray(keyEnd, keyEnd + SALT_BYTES),
        input: payload.subarray(keyEnd + SALT_BYTES),
    };
}
