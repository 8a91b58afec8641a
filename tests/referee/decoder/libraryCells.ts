import { createHash } from 'node:crypto';
import { beginCell, Cell } from '@ton/core';
import type { PlainCell } from '../../../worker/engine/referee/decoder';

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const digest = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** The cell of the library with the same data and references: it hashes by its own code. */
export function toCell(cell: PlainCell): Cell {
    const builder = beginCell().storeBuffer(Buffer.from(cell.data));
    cell.references.forEach((below) => builder.storeRef(toCell(below)));
    return builder.endCell();
}

/** What stands at the end of a path below a Merkle proof, if the proof is for that hash. */
export function openProof(proof: Cell, hash: Uint8Array, path: readonly number[]): Cell {
    const parsed = Cell.fromBoc(proof.toBoc())[0]!; // the library checks hash and depth of a proof as it reads it
    expect([parsed.isExotic, parsed.beginParse(true).loadUint(8)]).toEqual([true, 3]);
    expect(hexOf(parsed.refs[0]!.hash(0))).toBe(hexOf(hash));
    return path.reduce((cell, reference) => cell.refs[reference]!, parsed.refs[0]!);
}

/** Data of a chain of cells, joined. */
export function joined(cell: Cell): Buffer {
    const data = cell.beginParse().loadBuffer(cell.bits.length / 8);
    return cell.refs.length === 0 ? data : Buffer.concat([data, joined(cell.refs[0]!)]);
}
