import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { EnvelopeError } from './envelopeError';

/** Key encapsulation, by its number in the HPKE registry (RFC 9180, section 7.1; X-Wing: draft-connolly-cfrg-xwing-kem). */
export enum Kem {
    /** DHKEM(X25519, HKDF-SHA256). */
    X25519 = 0x0020,
    /** X25519 with ML-KEM-768: also safe from an attacker who stores today and has a quantum computer later. */
    XWing = 0x647a,
}

/** Encryption of the content, by its number in the HPKE registry (RFC 9180, section 7.3). */
export enum Aead {
    Aes256Gcm = 0x0002,
    ChaCha20Poly1305 = 0x0003,
}

/** Bytes that a KEM's public keys and encapsulations have. */
export const KEM_SIZES: Readonly<Record<Kem, { readonly publicKey: number; readonly encapsulation: number }>> = {
    [Kem.X25519]: { publicKey: 32, encapsulation: 32 },
    [Kem.XWing]: { publicKey: 1216, encapsulation: 1120 },
};

/** Bytes that every AEAD here adds to a chunk. */
export const TAG_BYTES = 16;

const X25519_KEM = new DhkemX25519HkdfSha256();
const XWING_KEM = new XWing();

/** The KEM itself. */
export function kemOf(kem: Kem): DhkemX25519HkdfSha256 | XWing {
    return requireKem(kem) === Kem.XWing ? XWING_KEM : X25519_KEM;
}

/**
 * The suite of HPKE; the key derivation is HKDF-SHA256 in all of them.
 *
 * @throws EnvelopeError `unknown-suite`
 */
export function suiteOf(kem: Kem, aead: Aead): CipherSuite {
    const cipher = requireAead(aead) === Aead.Aes256Gcm ? new Aes256Gcm() : new Chacha20Poly1305();
    return new CipherSuite({ kem: kemOf(kem), kdf: new HkdfSha256(), aead: cipher });
}

/** @throws EnvelopeError `unknown-suite` */
export function requireKem(id: number): Kem {
    if (id !== Kem.X25519 && id !== Kem.XWing) {
        throw new EnvelopeError('unknown-suite', `There is no KEM ${hex(id)} here; use X25519 or X-Wing`);
    }
    return id;
}

/** @throws EnvelopeError `unknown-suite` */
export function requireAead(id: number): Aead {
    if (id !== Aead.Aes256Gcm && id !== Aead.ChaCha20Poly1305) {
        throw new EnvelopeError(
            'unknown-suite',
            `There is no AEAD ${hex(id)} here; use AES-256-GCM or ChaCha20-Poly1305`,
        );
    }
    return id;
}

function hex(id: number): string {
    return `0x${id.toString(16).padStart(4, '0')}`;
}
