import { sha256_sync } from '@ton/crypto';
import { Bits256, toBytes32, toUint256 } from '../../wrappers/checks';
import { requireEncryptionKey } from '../../wrappers/keys';
import { EnvelopeError } from './envelopeError';
import { Kem, KEM_SIZES, kemOf, suiteOf, Aead } from './suites';

/** A key that can be sealed to; only {@link publicKeyNamed} and key pairs make one, so it was checked. */
export interface PublicEncryptionKey {
    readonly kem: Kem;
    /** 32 bytes of X25519, 1216 of X-Wing. */
    readonly bytes: Buffer;
    /** How a profile (encryptionKey) or terms (encryptionKey, resultRecipientKey) name it, in 256 bits. */
    readonly name: bigint;
}

const PIN_TAG = 'ton-compute-market/encryption-key/v1';
/** The bit that RFC 7748 leaves unused in a public key of X25519: the highest of the last byte. */
const PIN_BIT = 0x80;

/**
 * Whether 256 bits name their key by its hash. An X25519 key stands there itself; RFC 7748 never sets the highest bit of its last
 * byte. A longer key is pinned: a SHA-256 whose last byte has that bit set.
 */
export function isPinned(name: Bits256): boolean {
    return (toBytes32('encryptionKey', name)[31]! & PIN_BIT) !== 0;
}

/**
 * How 256 bits name a key: see {@link isPinned}.
 *
 * @throws EnvelopeError `bad-key` for an X25519 key that RFC 7748 does not make
 */
export function nameOfKey(kem: Kem, bytes: Uint8Array): bigint {
    requireLength(kem, bytes);
    if (kem === Kem.X25519) {
        if (isPinned(bytes)) {
            throw new EnvelopeError(
                'bad-key',
                'The highest bit of an X25519 public key is set; mask it (RFC 7748, section 5)',
            );
        }
        return toUint256('publicKey', bytes);
    }
    const hash = sha256_sync(Buffer.concat([Buffer.from(PIN_TAG, 'ascii'), bytes]));
    hash[31]! |= PIN_BIT;
    return toUint256('publicKey', hash);
}

/**
 * The key that a profile or terms name.
 *
 * @param name - 256 bits as they stand there
 * @param served - the key itself, as its owner serves it; may be left out where the name is the key
 * @throws EnvelopeError `key-needed` without `served` for a pinned key, `foreign-key` if it is not the one that is named,
 * `bad-key` for one that nothing can be sealed to
 * @throws InputError `weak-key` for X25519 keys of small order, also in a hybrid
 */
export async function publicKeyNamed(name: Bits256, served?: Uint8Array): Promise<PublicEncryptionKey> {
    const kem = isPinned(name) ? Kem.XWing : Kem.X25519;
    const bytes = served ?? (kem === Kem.X25519 ? toBytes32('encryptionKey', name) : undefined);
    if (!bytes) {
        throw new EnvelopeError('key-needed', 'The key is pinned by its hash; ask its owner for the key itself');
    }
    const wanted = toUint256('encryptionKey', name);
    if (bytes.length !== KEM_SIZES[kem].publicKey || nameOfKey(kem, bytes) !== wanted) {
        throw new EnvelopeError(
            'foreign-key',
            'The key is not the one that is named on chain; do not seal anything to it',
        );
    }
    await requireSound(kem, bytes);
    return { kem, bytes: Buffer.from(bytes), name: wanted };
}

/** Points of small order give everybody the shared secret; a malformed ML-KEM key gives none, to be noticed now rather than later. */
async function requireSound(kem: Kem, bytes: Uint8Array): Promise<void> {
    const curvePoint = bytes.subarray(bytes.length - 32);
    requireEncryptionKey('encryptionKey', curvePoint);
    if (kem === Kem.XWing) {
        try {
            const recipientPublicKey = await kemOf(kem).deserializePublicKey(Uint8Array.from(bytes));
            await suiteOf(kem, Aead.Aes256Gcm).createSenderContext({ recipientPublicKey });
        } catch {
            throw new EnvelopeError('bad-key', 'Nothing can be sealed to this X-Wing key; make a fresh one');
        }
    }
}

function requireLength(kem: Kem, bytes: Uint8Array): void {
    const { publicKey } = KEM_SIZES[kem];
    if (bytes.length !== publicKey) {
        throw new EnvelopeError('bad-key', `A public key has ${bytes.length} bytes instead of ${publicKey}`);
    }
}
