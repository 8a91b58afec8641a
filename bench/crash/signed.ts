import { createHash, createPublicKey, KeyObject, verify } from 'node:crypto';
import { beginCell, Cell } from '@ton/core';

// What schemas/channel.tlb and docs/engine.md say, read by hand: the checks share nothing with the books that they check.

/** A voucher's fields. */
export interface SeenVoucher {
    readonly channel: bigint;
    readonly openedLt: bigint;
    readonly amount: bigint;
    readonly receiptHead: bigint;
}

/** A receipt's fields that the checks look at. */
export interface SeenReceipt {
    readonly hash: bigint;
    readonly channel: bigint;
    readonly openedLt: bigint;
    readonly seq: bigint;
    readonly amount: bigint;
    readonly previous: bigint;
    readonly requestHash: bigint;
    readonly responseHash: bigint;
}

const VOUCHER_TAG = 0x434d2e7663682e31n;
const RECEIPT_TAG = 0x434d2e7263702e31n;

/** The hash of a cell as a number. */
export function hashOf(cell: Cell): bigint {
    return numberOf(cell.hash());
}

/** Bytes as a big-endian number. */
export function numberOf(bytes: Uint8Array): bigint {
    return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** @throws Error for a cell that is no voucher */
export function readVoucher(cell: Cell): SeenVoucher {
    const slice = cell.beginParse();
    if (cell.bits.length !== 704 || cell.refs.length !== 0 || slice.loadUintBig(64) !== VOUCHER_TAG) {
        throw new Error('no voucher');
    }
    return {
        channel: slice.loadUintBig(256),
        openedLt: slice.loadUintBig(64),
        amount: slice.loadUintBig(64),
        receiptHead: slice.loadUintBig(256),
    };
}

/** The cell of a voucher. */
export function voucherCell({ channel, openedLt, amount, receiptHead }: SeenVoucher): Cell {
    return beginCell()
        .storeUint(VOUCHER_TAG, 64)
        .storeUint(channel, 256)
        .storeUint(openedLt, 64)
        .storeUint(amount, 64)
        .storeUint(receiptHead, 256)
        .endCell();
}

/** @throws Error for a cell that is no receipt */
export function readReceipt(cell: Cell): SeenReceipt {
    const slice = cell.beginParse();
    if (cell.bits.length !== 768 || cell.refs.length !== 1 || slice.loadUintBig(64) !== RECEIPT_TAG) {
        throw new Error('no receipt');
    }
    const head = {
        channel: slice.loadUintBig(256),
        openedLt: slice.loadUintBig(64),
        seq: slice.loadUintBig(64),
        amount: slice.loadUintBig(64),
        previous: slice.loadUintBig(256),
    };
    const work = slice.loadRef().beginParse();
    return {
        hash: hashOf(cell),
        ...head,
        requestHash: work.loadUintBig(256),
        responseHash: work.loadUintBig(256),
    };
}

/** A raw Ed25519 public key for {@link signedBy}. */
export function publicKey(raw: bigint): KeyObject {
    const bytes = Buffer.from(raw.toString(16).padStart(64, '0'), 'hex');
    const key = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
    return createPublicKey({ format: 'jwk', key });
}

/** Whether a cell's hash was signed with this key. */
export function signedBy(key: KeyObject, cell: Cell, signature: Uint8Array): boolean {
    return verify(null, cell.hash(), key, signature);
}

/** What names a request, or a response: a tag, the salt, and the bytes. */
export function commitment(what: 'input' | 'result', salt: Uint8Array, bytes: Uint8Array): bigint {
    const hash = createHash('sha256').update(`ton-compute-market/${what}/v1`, 'ascii').update(salt).update(bytes);
    return numberOf(hash.digest());
}
