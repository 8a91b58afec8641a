import { Cell } from '@ton/core';
import { Bits256, requireShape, requireUint } from '../../wrappers/checks';
import { beginSigned, ChannelOpening, ChannelTag, loadSigned, SignedCell, signCell, verifyCell } from './signedCells';

const VOUCHER_BITS = 704;

/** What a client has paid so far in one opening of a channel; the newest replaces all before it. Protocol, section 6. */
export interface Voucher extends ChannelOpening {
    /** nanoTON, cumulative since the opening. */
    amount: bigint;
    /** Hash of the newest receipt that the client holds, 0 before the first. */
    receiptHead: bigint;
}

/**
 * Packs a voucher: 704 bits, no references.
 *
 * @throws InputError for a value that does not fit its field, or a channel outside the basechain
 */
export function createVoucherCell(voucher: Voucher): Cell {
    return beginSigned(ChannelTag.Voucher, voucher)
        .storeUint(requireUint('amount', voucher.amount, 64), 64)
        .storeUint(requireUint('receiptHead', voucher.receiptHead, 256), 256)
        .endCell();
}

/**
 * Reads a voucher; whose signature it carries is {@link verifyVoucher}'s matter.
 *
 * @throws InputError `malformed-cell`
 */
export function parseVoucher(cell: Cell): Voucher {
    requireShape('voucher', cell, VOUCHER_BITS, 0);
    const slice = cell.beginParse();
    return {
        ...loadSigned('voucher', ChannelTag.Voucher, slice),
        amount: slice.loadUintBig(64),
        receiptHead: slice.loadUintBig(256),
    };
}

/**
 * Signs a voucher with clientKey. From then on the provider may redeem it, so clients do not call this by hand but through
 * `clientBook.pay`, which keeps count.
 *
 * @param secretKey - 64 bytes
 * @throws InputError as {@link createVoucherCell}, or `malformed-signature` for a secret key of another length
 */
export function signVoucher(voucher: Voucher, secretKey: Uint8Array): SignedCell {
    return signCell(createVoucherCell(voucher), secretKey);
}

/**
 * Whether a cell is a voucher that this client signed, and that the channel would redeem.
 *
 * @throws InputError `malformed-cell`, `malformed-signature`, or `weak-key` for a key with which everything would verify
 */
export function verifyVoucher(cell: Cell, signature: Uint8Array, clientKey: Bits256): boolean {
    parseVoucher(cell);
    return verifyCell(cell, signature, clientKey);
}
