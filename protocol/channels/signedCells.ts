import { Address, beginCell, Builder, Cell, Slice } from '@ton/core';
import { ChannelTag } from '../../wrappers/channelCells';
import { Bits256, requireAddress, requireUint } from '../../wrappers/checks';
import { InputError } from '../../wrappers/marketError';
import { signHash, verifyHash } from '../../wrappers/signing';

export { ChannelTag };

/** One opening of one channel: the same address can be deployed again after its end, at another logical time. */
export interface ChannelOpening {
    channel: Address;
    /** Logical time of the opening. */
    openedLt: bigint;
}

/** A cell with one party's signature over its hash, as it goes over the wire and into a message. */
export interface SignedCell {
    readonly cell: Cell;
    /** 64 bytes, Ed25519. */
    readonly signature: Buffer;
}

/** The hash of a cell as the number that other cells hold. */
export function cellHash(cell: Cell): bigint {
    return BigInt(`0x${cell.hash().toString('hex')}`);
}

/**
 * Signs a cell's hash.
 *
 * @param secretKey - 64 bytes, as `@ton/crypto`'s key pairs have them
 * @throws InputError `malformed-signature` for a secret key of another length
 */
export function signCell(cell: Cell, secretKey: Uint8Array): SignedCell {
    return { cell, signature: signHash(cell.hash(), secretKey) };
}

/**
 * Whether a signature over a cell's hash is of this key, by the chain's rules.
 *
 * @throws InputError `weak-key`, or `malformed-signature` for one that has not 64 bytes
 */
export function verifyCell(cell: Cell, signature: Uint8Array, publicKey: Bits256): boolean {
    return verifyHash(cell.hash(), signature, publicKey);
}

/** Begins a signed cell: tag, account id and opening. */
export function beginSigned(tag: string, opening: ChannelOpening): Builder {
    return beginCell()
        .storeBuffer(Buffer.from(tag, 'ascii'))
        .storeBuffer(requireAddress('channel', opening.channel).hash)
        .storeUint(requireUint('openedLt', opening.openedLt, 64), 64);
}

/**
 * Reads what {@link beginSigned} wrote. The account id names a basechain account.
 *
 * @throws InputError `malformed-cell` for another tag
 */
export function loadSigned(field: string, tag: string, slice: Slice): ChannelOpening {
    const found = slice.loadBuffer(8).toString('latin1');
    if (found !== tag) {
        throw new InputError('malformed-cell', field, `begins with another tag than ${tag}; it is no ${field}`);
    }
    return { channel: new Address(0, slice.loadBuffer(32)), openedLt: slice.loadUintBig(64) };
}
