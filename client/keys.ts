import { keyPairFromSeed } from '@ton/crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { toUint256 } from '../wrappers';

/** The keys of a client besides its wallet. They never leave it. */
export interface ClientKeys {
    /** Ed25519 public key, named in terms: whoever shows its signature may pay the provider. */
    readonly clientKey: bigint;
    /** 64 bytes. */
    readonly clientSecret: Buffer;
    /** X25519 public key, named in terms: results are for its holder. */
    readonly recipientKey: bigint;
    /** 32 bytes. */
    readonly recipientSecret: Buffer;
}

/** DER prefix of an X25519 private key in PKCS #8 (RFC 8410). */
const X25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * Makes a client's keys of two secrets of 32 random bytes.
 *
 * @param signingSeed - becomes the Ed25519 key
 * @param recipientSecret - becomes the X25519 key
 */
export function createClientKeys(signingSeed: Buffer, recipientSecret: Buffer): ClientKeys {
    const { publicKey, secretKey } = keyPairFromSeed(signingSeed);
    return {
        clientKey: toUint256('clientKey', publicKey),
        clientSecret: secretKey,
        recipientKey: toUint256('recipientKey', x25519PublicKey(recipientSecret)),
        recipientSecret,
    };
}

/** The X25519 public key of a secret of 32 bytes. */
export function x25519PublicKey(secret: Buffer): Buffer {
    const key = createPrivateKey({
        key: Buffer.concat([X25519_PKCS8_PREFIX, secret]),
        format: 'der',
        type: 'pkcs8',
    });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    return spki.subarray(spki.length - 32);
}
