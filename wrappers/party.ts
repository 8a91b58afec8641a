import { Address, beginCell, Cell } from '@ton/core';
import { requireAddress, requireShape } from './checks';

/** The provider's side of an accepted job, as its stake named it. */
export interface Party {
    /** The till that is paid. */
    settlement: Address;
    /** The provider's operator; the owner in a job that the owner accepted. */
    operator: Address;
    owner: Address;
}

const PARTY_CELL_BITS = 801;

/**
 * Packs a party.
 *
 * @throws InputError for an address that is missing or outside the basechain
 */
export function createPartyCell(party: Party): Cell {
    return beginCell()
        .storeAddress(requireAddress('settlement', party.settlement))
        .storeAddress(requireAddress('operator', party.operator))
        .storeAddress(requireAddress('owner', party.owner))
        .endCell();
}

/**
 * Reads a party.
 *
 * @throws InputError `malformed-cell`
 */
export function parseParty(cell: Cell): Party {
    requireShape('party', cell, PARTY_CELL_BITS, 0);
    const slice = cell.beginParse();
    return { settlement: slice.loadAddress(), operator: slice.loadAddress(), owner: slice.loadAddress() };
}
