import { Address, BitString, Cell } from '@ton/core';
import { requireShape } from './checks';
import { InputError } from './marketError';

/** Domain tags of what is signed in a channel: eight ASCII bytes before everything else. Source: schemas/channel.tlb. */
export const ChannelTag = {
    Voucher: 'CM.vch.1',
    CloseAgreement: 'CM.cls.1',
    Receipt: 'CM.rcp.1',
    RequestClose: 'CM.rcl.1',
} as const;

const TAG_BITS = 64;
const CHANNEL_BITS = 256;

/** Bits of the cells that messages carry the fields of; neither has references. */
const SIGNED_BITS = { Voucher: 704, CloseAgreement: 480 } as const;

/**
 * What a message carries of a signed cell: everything behind tag and channel, which the channel puts before it.
 *
 * @param field - names the cell in errors
 * @throws InputError `malformed-cell` for a cell of another layout or with another tag
 */
export function carriedFields(field: string, kind: keyof typeof SIGNED_BITS, cell: Cell): BitString {
    requireShape(field, cell, SIGNED_BITS[kind], 0);
    const tag = cell.bits.subbuffer(0, TAG_BITS)!.toString('latin1');
    if (tag !== ChannelTag[kind]) {
        throw new InputError('malformed-cell', field, `begins with another tag than ${ChannelTag[kind]}`);
    }
    const known = TAG_BITS + CHANNEL_BITS;
    return cell.bits.substring(known, cell.bits.length - known);
}

/**
 * Refuses a cell that was signed for another channel, which the chain could only call a bad signature.
 *
 * @throws InputError `malformed-cell`
 */
export function requireSignedFor(field: string, cell: Cell, channel: Address): void {
    if (!cell.bits.subbuffer(TAG_BITS, CHANNEL_BITS)?.equals(channel.hash)) {
        throw new InputError(
            'malformed-cell',
            field,
            `is signed for another channel than ${channel.toString()}; send it to the channel that it names`,
        );
    }
}
