import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, createHmac } from 'node:crypto';

// HPKE in base mode by the text of RFC 9180, sections 4 to 5, on the primitives of the runtime: shares nothing with what it judges.

const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

const bytes16 = (number: number) => Buffer.from(number.toString(16).padStart(4, '0'), 'hex');
const extract = (salt: Buffer, ikm: Buffer) => createHmac('sha256', salt).update(ikm).digest();

function expand(prk: Buffer, info: Buffer, length: number): Buffer {
    let block = Buffer.alloc(0);
    let out = Buffer.alloc(0);
    for (let counter = 1; out.length < length; counter++) {
        block = createHmac('sha256', prk)
            .update(Buffer.concat([block, info, Buffer.of(counter)]))
            .digest();
        out = Buffer.concat([out, block]);
    }
    return out.subarray(0, length);
}

const labeledExtract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer) =>
    extract(salt, Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]));
const labeledExpand = (suite: Buffer, prk: Buffer, label: string, info: Buffer, length: number) =>
    expand(prk, Buffer.concat([bytes16(length), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info]), length);

const privateKey = (raw: Buffer) =>
    createPrivateKey({ key: Buffer.concat([PKCS8, raw]), format: 'der', type: 'pkcs8' });
const publicKey = (raw: Buffer) => createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });

/** DeriveKeyPair of X25519: section 7.1.3. */
export function secretOf(ikm: Buffer): Buffer {
    const suite = Buffer.concat([Buffer.from('KEM'), bytes16(0x20)]);
    const prk = labeledExtract(suite, Buffer.alloc(0), 'dkp_prk', ikm);
    return labeledExpand(suite, prk, 'sk', Buffer.alloc(0), 32);
}

/** The public key of a secret. */
export function publicOf(secret: Buffer): Buffer {
    return createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** Opens one ciphertext of a context whose KEM is X25519. */
export function refereeOpen(
    secret: Buffer,
    enc: Buffer,
    context: { aead: number; info: Buffer; aad: Buffer; seq: number },
    ciphertext: Buffer,
): Buffer {
    const kem = Buffer.concat([Buffer.from('KEM'), bytes16(0x20)]);
    const dh = diffieHellman({ privateKey: privateKey(secret), publicKey: publicKey(enc) });
    const eae = labeledExtract(kem, Buffer.alloc(0), 'eae_prk', dh);
    const shared = labeledExpand(kem, eae, 'shared_secret', Buffer.concat([enc, publicOf(secret)]), 32);

    const { aead, info, aad, seq } = context;
    const suite = Buffer.concat([Buffer.from('HPKE'), bytes16(0x20), bytes16(1), bytes16(aead)]);
    const none = Buffer.alloc(0);
    const schedule = Buffer.concat([
        Buffer.of(0),
        labeledExtract(suite, none, 'psk_id_hash', none),
        labeledExtract(suite, none, 'info_hash', info),
    ]);
    const prk = labeledExtract(suite, shared, 'secret', none);
    const key = labeledExpand(suite, prk, 'key', schedule, 32);
    const nonce = Buffer.from(labeledExpand(suite, prk, 'base_nonce', schedule, 12));
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ seq) >>> 0, 8);

    const tag = ciphertext.subarray(ciphertext.length - 16);
    const body = ciphertext.subarray(0, ciphertext.length - 16);
    const decipher =
        aead === 2
            ? createDecipheriv('aes-256-gcm', key, nonce)
            : createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(tag);
    decipher.setAAD(aad, { plaintextLength: body.length });
    return Buffer.concat([decipher.update(body), decipher.final()]);
}
