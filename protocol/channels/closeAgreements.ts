import { Cell } from '@ton/core';
import { Bits256, requireShape, requireUint } from '../../wrappers/checks';
import { beginSigned, ChannelOpening, ChannelTag, loadSigned, SignedCell, signCell, verifyCell } from './signedCells';

const CLOSE_AGREEMENT_BITS = 480;

/** How both sides end a channel at once, once both have signed it. */
export interface CloseAgreement extends ChannelOpening {
    /** nanoTON, cumulative: what the provider gets in all; the client gets the rest of the deposit. */
    finalAmount: bigint;
    /** Unix seconds; the channel wants now \< validUntil ≤ now + 600. */
    validUntil: number;
}

/**
 * Packs a close agreement: 480 bits, no references. Its tag keeps it from ever passing as a voucher.
 *
 * @throws InputError for a value that does not fit its field, or a channel outside the basechain
 */
export function createCloseAgreementCell(agreement: CloseAgreement): Cell {
    return beginSigned(ChannelTag.CloseAgreement, agreement)
        .storeUint(requireUint('finalAmount', agreement.finalAmount, 64), 64)
        .storeUint(requireUint('validUntil', agreement.validUntil, 32), 32)
        .endCell();
}

/**
 * Reads a close agreement.
 *
 * @throws InputError `malformed-cell`
 */
export function parseCloseAgreement(cell: Cell): CloseAgreement {
    requireShape('close agreement', cell, CLOSE_AGREEMENT_BITS, 0);
    const slice = cell.beginParse();
    return {
        ...loadSigned('close agreement', ChannelTag.CloseAgreement, slice),
        finalAmount: slice.loadUintBig(64),
        validUntil: slice.loadUint(32),
    };
}

/**
 * Signs a close agreement with clientKey or with providerKey; both sign the same cell. Neither side calls this by hand but
 * through `signClose` of its book, which stops paying and serving until the agreement is void.
 *
 * @param secretKey - 64 bytes
 * @throws InputError as {@link createCloseAgreementCell}, or `malformed-signature` for a secret key of another length
 */
export function signCloseAgreement(agreement: CloseAgreement, secretKey: Uint8Array): SignedCell {
    return signCell(createCloseAgreementCell(agreement), secretKey);
}

/**
 * Whether a cell is a close agreement that this side signed.
 *
 * @throws InputError `malformed-cell`, `malformed-signature`, or `weak-key` for a key with which everything would verify
 */
export function verifyCloseAgreement(cell: Cell, signature: Uint8Array, publicKey: Bits256): boolean {
    parseCloseAgreement(cell);
    return verifyCell(cell, signature, publicKey);
}
