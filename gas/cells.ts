import { Cell } from '@ton/core';

/** Cells and bits, as TON counts what is stored: equal cells once. */
export interface Size {
    cells: number;
    bits: number;
}

/** Size of everything that hangs on these roots, the roots included. */
export function sizeOf(...roots: Cell[]): Size {
    const seen = new Map<string, number>();
    const visit = (cell: Cell): void => {
        const hash = cell.hash().toString('hex');
        if (!seen.has(hash)) {
            seen.set(hash, cell.bits.length);
            cell.refs.forEach(visit);
        }
    };
    roots.forEach(visit);
    return { cells: seen.size, bits: [...seen.values()].reduce((sum, bits) => sum + bits, 0) };
}
