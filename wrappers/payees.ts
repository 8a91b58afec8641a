import { Address, beginCell, Cell } from '@ton/core';
import { requireAddress, requireBps } from './checks';
import { InputError } from './marketError';

/** Most payees of one till. */
export const MAX_PAYEES = 4;

const PAYEE_BITS = 284;

/** One share of every payout. */
export interface Payee {
    address: Address;
    /** Basis points; the whole list adds up to 10000, rounding goes to the first. */
    bps: number;
}

/**
 * Packs a list of payees; an empty list is null and means the owner.
 *
 * @throws InputError for more than four payees, a share of zero, a sum other than 10000 or an address outside the basechain
 */
export function createPayeesCell(payees: readonly Payee[]): Cell | null {
    if (payees.length === 0) {
        return null;
    }
    if (payees.length > MAX_PAYEES) {
        throw new InputError('too-many', 'payees', `has ${payees.length} entries; list at most ${MAX_PAYEES}`);
    }
    payees.forEach((payee, i) => {
        requireAddress(`payees[${i}].address`, payee.address);
        requireBps(`payees[${i}].bps`, payee.bps);
        if (payee.bps === 0) {
            throw new InputError('zero-amount', `payees[${i}].bps`, 'is zero; leave the payee out instead');
        }
    });
    const sum = payees.reduce((total, payee) => total + payee.bps, 0);
    if (sum !== 10_000) {
        throw new InputError('bps-sum', 'payees', `shares add up to ${sum} basis points; make them add up to 10000`);
    }
    return packPayees(payees);
}

/** Packs payees within the field widths only; what the till would refuse passes. For tests. */
export function packPayees(payees: readonly Payee[]): Cell | null {
    return payees.reduceRight<Cell | null>(
        (next, payee) => beginCell().storeAddress(payee.address).storeUint(payee.bps, 16).storeMaybeRef(next).endCell(),
        null,
    );
}

/**
 * Reads a list of payees; null is the empty list.
 *
 * @throws InputError `malformed-cell`
 */
export function parsePayees(cell: Cell | null): Payee[] {
    const payees: Payee[] = [];
    let next = cell;
    while (next) {
        if (next.bits.length !== PAYEE_BITS || payees.length === MAX_PAYEES) {
            throw new InputError('malformed-cell', 'payees', 'is not a list of at most four payees');
        }
        const slice = next.beginParse();
        payees.push({ address: slice.loadAddress(), bps: slice.loadUint(16) });
        next = slice.loadMaybeRef();
        slice.endParse();
    }
    return payees;
}
