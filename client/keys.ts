import { keyPairFromSeed } from '@ton/crypto';
import { toUint256 } from '../wrappers';

/**
 * The key of a client besides its wallet; it never leaves it. (Results are sealed to another key for each job, which the order
 * holds.)
 */
export interface ClientKeys {
    /** Ed25519 public key, named in terms: whoever shows its signature may pay the provider. */
    readonly clientKey: bigint;
    /** 64 bytes. */
    readonly clientSecret: Buffer;
}

/** Makes a client's key of a secret of 32 random bytes. */
export function createClientKeys(signingSeed: Buffer): ClientKeys {
    const { publicKey, secretKey } = keyPairFromSeed(signingSeed);
    return { clientKey: toUint256('clientKey', publicKey), clientSecret: secretKey };
}
