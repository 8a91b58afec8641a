import { createPrivateKey, KeyObject, sign } from 'node:crypto';
import { Address, beginCell, Cell } from '@ton/core';
import { keyPairOf, packedHash, tagBits, uint256Of } from '../helpers/cells';
import { sha256_sync } from '@ton/crypto';
import { Id, Signature, Signed, Uint256 } from './model/types';

/** Everybody who sends messages. A thief is whoever sends from another's wallet or signs with another's key. */
export const ACTORS = [
    'governor',
    'heir', // may become the next governor
    'treasury',
    'arbiter',
    'verifier',
    'p.owner',
    'p.operator',
    'q.owner',
    'q.operator',
    'a.client',
    'b.client',
    'payee',
    'stranger',
] as const;
export type Actor = (typeof ACTORS)[number];

/** Every key that signs. */
export const KEYS = ['p.signing', 'q.signing', 'a.key', 'b.key', 'stranger.key'] as const;
export type Key = (typeof KEYS)[number];

const ids = new Map<Actor, Id>(ACTORS.map((name) => [name, `0:${sha256_sync(`actor ${name}`).toString('hex')}`]));
const names = new Map([...ids].map(([name, id]) => [id, name]));

export function idOf(actor: Actor): Id {
    return ids.get(actor)!;
}

export function actorOf(id: Id): Actor | undefined {
    return names.get(id);
}

export function addressFrom(id: Id): Address {
    return Address.parseRaw(id);
}

/** The account id alone, as signed data and locks hold it. */
export function accountIdOf(id: Id): Uint256 {
    return BigInt(`0x${id.slice(2)}`);
}

/** RFC 8410: an Ed25519 private key is this prefix and the seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const keys = new Map<Uint256, KeyObject>();
const publicKeys = new Map<Key, Uint256>(
    KEYS.map((name) => {
        const pair = keyPairOf(`machine ${name}`);
        const seed = pair.secretKey.subarray(0, 32);
        const key = uint256Of(pair.publicKey);
        keys.set(key, createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' }));
        return [name, key];
    }),
);

export function publicKeyOf(key: Key): Uint256 {
    return publicKeys.get(key)!;
}

const signatures = new Map<string, Buffer>();

/** The 64 bytes of a signature. */
export function signatureBytes({ by, over }: Signature): Buffer {
    const hash = hashToSign(over);
    const key = `${by} ${hash.toString('hex')}`;
    let bytes = signatures.get(key);
    if (bytes === undefined) {
        bytes = sign(null, hash, keys.get(by)!);
        signatures.set(key, bytes);
    }
    return bytes;
}

/** What Ed25519 signs: SHA-256 of packed fields, or the hash of a cell. */
export function hashToSign(signed: Signed): Buffer {
    switch (signed.tag) {
        case 'quote':
            return packedHash(
                'quote',
                [accountIdOf(signed.escrow), 256],
                [signed.termsHash, 256],
                [signed.collateral, 64],
                [BigInt(signed.validUntil), 32],
            );
        case 'approveFull':
            return packedHash('approveFull', [signed.jobKey, 256]);
        case 'approveSubmitted':
            return packedHash(
                'approveSubmitted',
                [signed.jobKey, 256],
                [signed.resultCommitment, 256],
                [signed.amount, 64],
            );
        case 'requestClose':
            return packedHash('requestClose', [accountIdOf(signed.channel), 256], [signed.openedLt, 64]);
        case 'voucher':
        case 'closeAgreement':
            return signedCell(signed).hash();
    }
}

/** The cell of a voucher or of a close agreement, as schemas/channel.tlb has them. */
export function signedCell(signed: Signed): Cell {
    const { tag } = signed;
    if (tag !== 'voucher' && tag !== 'closeAgreement') {
        throw new Error(`A ${tag} is signed as bytes`);
    }
    const head = beginCell()
        .storeUint(tagBits(tag), 64)
        .storeUint(accountIdOf(signed.channel), 256)
        .storeUint(signed.openedLt, 64);
    return tag === 'voucher'
        ? head.storeUint(signed.amount, 64).storeUint(signed.receiptHead, 256).endCell()
        : head.storeUint(signed.finalAmount, 64).storeUint(signed.validUntil, 32).endCell();
}
