import type { webcrypto } from 'node:crypto';
import { Kem, kemOf, requireKem } from './suites';
import { EnvelopeError } from './envelopeError';
import { nameOfKey, PublicEncryptionKey } from './publicKeys';

/** Bytes of the secret that a key pair of either KEM follows from. */
export const SEED_BYTES = 32;
/** Bytes of a key pair's stored form. */
export const STORED_KEY_BYTES = 2 + SEED_BYTES;

/**
 * A pair of keys to open envelopes with. Its secret shows neither in logs nor in JSON: it leaves by {@link EncryptionKeyPair.stored}
 * alone.
 */
export class EncryptionKeyPair {
    readonly #seed: Buffer;
    readonly #pair: webcrypto.CryptoKeyPair;

    private constructor(
        readonly publicKey: PublicEncryptionKey,
        seed: Buffer,
        pair: webcrypto.CryptoKeyPair,
    ) {
        this.#seed = seed;
        this.#pair = pair;
    }

    /** A fresh pair from the platform's cryptographic random source. Store it before its public half goes anywhere. */
    static async create(kem: Kem = Kem.X25519): Promise<EncryptionKeyPair> {
        return await EncryptionKeyPair.fromSeed(kem, globalThis.crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
    }

    /**
     * The pair that follows from a seed: by DeriveKeyPair of RFC 9180 for X25519; for X-Wing the seed is the decapsulation key.
     *
     * @param seed - 32 bytes from a cryptographic random source
     * @throws EnvelopeError `unknown-suite`, or `bad-key` for a seed of another length
     */
    static async fromSeed(kem: Kem, seed: Uint8Array): Promise<EncryptionKeyPair> {
        if (seed.length !== SEED_BYTES) {
            throw new EnvelopeError('bad-key', `A seed has ${seed.length} bytes; pass exactly ${SEED_BYTES}`);
        }
        const secret = Uint8Array.from(seed);
        const suite = kemOf(requireKem(kem));
        const pair = await ('generateKeyPairDerand' in suite
            ? suite.generateKeyPairDerand(secret)
            : suite.deriveKeyPair(secret.buffer));
        const bytes = Buffer.from(await suite.serializePublicKey(pair.publicKey));
        return new EncryptionKeyPair({ kem, bytes, name: nameOfKey(kem, bytes) }, Buffer.from(secret), pair);
    }

    /**
     * The reverse of {@link EncryptionKeyPair.stored}.
     *
     * @throws EnvelopeError `bad-key`
     */
    static async fromStored(stored: Uint8Array): Promise<EncryptionKeyPair> {
        if (stored.length !== STORED_KEY_BYTES) {
            throw new EnvelopeError('bad-key', `A stored key pair has ${STORED_KEY_BYTES} bytes, not ${stored.length}`);
        }
        return await EncryptionKeyPair.fromSeed(requireKem(Buffer.from(stored).readUInt16BE()), stored.subarray(2));
    }

    /** The whole secret, to be kept where nobody else reads: number of the KEM in two bytes, seed in 32. */
    stored(): Buffer {
        const kem = Buffer.alloc(2);
        kem.writeUInt16BE(this.publicKey.kem);
        return Buffer.concat([kem, this.#seed]);
    }

    /**
     * 32 secret bytes that follow from this pair's secret, and tell nothing of it: HKDF (RFC 5869) with SHA-256, by Web Crypto.
     *
     * @param salt - may be public; another salt gives other bytes
     * @param info - what they are for
     */
    async derive(salt: Uint8Array, info: Uint8Array): Promise<Buffer> {
        const { subtle } = globalThis.crypto;
        const secret = await subtle.importKey('raw', this.#seed, 'HKDF', false, ['deriveBits']);
        return Buffer.from(
            await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, secret, 8 * SEED_BYTES),
        );
    }

    /** For the code that opens envelopes. */
    get pair(): webcrypto.CryptoKeyPair {
        return this.#pair;
    }

    /** What `JSON.stringify` shows: the public half. */
    toJSON(): object {
        const { kem, name } = this.publicKey;
        return { kem: Kem[kem], name: name.toString(16).padStart(64, '0') };
    }
}
