/** SHA-256 (FIPS 180-4) of bytes in one call: 32 bytes that nobody else changes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** The native implementation of Node, or the one in plain JavaScript where there is none (browsers: WebCrypto's does not answer at once). */
export async function findSha256(): Promise<Sha256> {
    if (typeof process !== 'undefined' && process.versions?.node !== undefined) {
        const { createHash } = await import('node:crypto');
        // A plain array, as elsewhere: a Buffer behaves differently here and there.
        return (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());
    }
    const { sha256 } = await import('@noble/hashes/sha2');
    return sha256;
}
