import { beginCell, Cell } from '@ton/core';

/**
 * How an account holds its code: all of it (`full`), or as a reference to a public library of the masterchain (`library`). The two
 * have different addresses.
 */
export type CodeForm = 'full' | 'library';

/** Every form, the one that needs nothing but its account first. */
export const CODE_FORMS: readonly CodeForm[] = ['full', 'library'];

/** Tag of a library reference among exotic cells. */
const LIBRARY_TAG = 2;

/**
 * The exotic cell that stands for a library: TVM runs the library's code where an account holds this. Source: TON's TVM whitepaper, 3.1.7.
 *
 * @param library - what is published: a contract's code
 */
export function libraryReference(library: Cell): Cell {
    return beginCell().storeUint(LIBRARY_TAG, 8).storeBuffer(library.hash()).endCell({ exotic: true });
}
