import { sign, signVerify } from '@ton/crypto';

// One answer wherever it runs, and the chain's: TVM's CHKSIGNU is OpenSSL's Ed25519, which wants S below the group's order and compares
// R without the cofactor. What is accepted here and refused there would be a payment that never comes.

/** The order of the group that S must be below (RFC 8032, section 5.1.7). */
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

type NodeCrypto = typeof import('node:crypto');

// OpenSSL itself, where there is Node: forty times as fast as JavaScript. Not imported, so that bundlers for browsers have nothing to resolve.
const native = (globalThis as { process?: NodeJS.Process }).process?.getBuiltinModule?.('node:crypto') as
    NodeCrypto | undefined;

/**
 * Signs a message.
 *
 * @param secretKey - 64 bytes: seed and public key
 * @returns 64 bytes
 */
export function signEd25519(message: Uint8Array, secretKey: Uint8Array, crypto = native): Buffer {
    if (!crypto) {
        return sign(Buffer.from(message), Buffer.from(secretKey));
    }
    const key = Buffer.concat([PKCS8_PREFIX, secretKey.subarray(0, 32)]);
    return crypto.sign(null, message, crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/**
 * Whether the chain would accept a signature.
 *
 * @param signature - 64 bytes
 * @param publicKey - 32 bytes
 */
export function verifyEd25519(
    message: Uint8Array,
    signature: Uint8Array,
    publicKey: Uint8Array,
    crypto = native,
): boolean {
    if (!crypto) {
        const s = BigInt('0x' + Buffer.from(signature.subarray(32)).reverse().toString('hex'));
        return s < ORDER && signVerify(Buffer.from(message), Buffer.from(signature), Buffer.from(publicKey));
    }
    const key = Buffer.concat([SPKI_PREFIX, publicKey]);
    return crypto.verify(null, message, crypto.createPublicKey({ key, format: 'der', type: 'spki' }), signature);
}
