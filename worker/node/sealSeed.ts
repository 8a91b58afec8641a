import { InputError } from '../../wrappers';
import { EncryptionKeys, keyNamed } from './sealedInputs';

const PURPOSE = Buffer.from('ton-compute-market/seal-seed/v1');

/**
 * The 32 secret bytes that the result of a job is sealed from. An arbiter who is shown them seals again, and compares; anybody else who
 * had them could open the result. So a store holds the salt, and not these.
 *
 * @param keys - the worker's
 * @param encryptionKey - the key's name in the terms
 * @param salt - 32 bytes, fresh for each result
 * @throws InputError `not-found` without that key
 */
export async function sealSeedOf(
    keys: EncryptionKeys,
    encryptionKey: bigint,
    jobKey: bigint,
    salt: Uint8Array,
): Promise<Buffer> {
    const key = keyNamed(keys, encryptionKey);
    if (!key) {
        throw new InputError(
            'not-found',
            'encryptionKeys',
            'has not the key that the terms of this job name; keep a key until its jobs have ended',
        );
    }
    const [name, job] = [encryptionKey, jobKey].map((hash) => Buffer.from(hash.toString(16).padStart(64, '0'), 'hex'));
    return await key.derive(salt, Buffer.concat([PURPOSE, name!, job!]));
}
