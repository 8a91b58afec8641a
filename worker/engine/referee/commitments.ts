import { createHash } from 'node:crypto';
import { RefereeError } from './errors';

const SALT_BYTES = 32;

/**
 * Section 5: `SHA-256( "ton-compute-market/model/v1" ‖ model file )`. Any bytes are hashed; whether they are a model is for
 * `readModel` to say.
 *
 * @param modelFile - the whole model file
 * @returns the digest, 64 lower-case hexadecimal digits
 */
export function modelRoot(modelFile: Uint8Array): string {
    return sha256('ton-compute-market/model/v1', modelFile);
}

/**
 * Section 5: `SHA-256( "ton-compute-market/input/v1" ‖ salt ‖ input bytes )`.
 *
 * @param salt - 32 bytes
 * @param inputBytes - any bytes, also none
 * @returns the digest, 64 lower-case hexadecimal digits
 */
export function inputCommitment(salt: Uint8Array, inputBytes: Uint8Array): string {
    requireSalt(salt);
    return sha256('ton-compute-market/input/v1', salt, inputBytes);
}

/**
 * Section 5: `SHA-256( "ton-compute-market/result/v1" ‖ salt ‖ result bytes )`.
 *
 * @param salt - 32 bytes
 * @param resultBytes - any bytes, also none
 * @returns the digest, 64 lower-case hexadecimal digits
 */
export function resultCommitment(salt: Uint8Array, resultBytes: Uint8Array): string {
    requireSalt(salt);
    return sha256('ton-compute-market/result/v1', salt, resultBytes);
}

function requireSalt(salt: Uint8Array): void {
    if (salt.length !== SALT_BYTES) {
        throw new RefereeError('salt', `a salt has ${SALT_BYTES} bytes, not ${salt.length}`);
    }
}

/** No length, no separator, no terminating zero between tag and parts. */
function sha256(tag: string, ...parts: Uint8Array[]): string {
    const hash = createHash('sha256');
    hash.update(tag, 'ascii');
    for (const part of parts) {
        hash.update(part);
    }
    return hash.digest('hex');
}
