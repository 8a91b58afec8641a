import { Cell } from '@ton/core';
import { cellOf, pathOf, treeOf } from './cells';
import { Configuration, sha256 } from './model';

/** A leaf's limit, and a piece's. */
export const LEAF_BYTES = 4096;

/** Where a piece of a row lies. */
export interface Piece {
    readonly leaf: number;
    /** Bytes of the leaf before it. */
    readonly at: number;
    readonly bytes: number;
}

/** The outputs of operators 0, 1, … of one position, as bytes. */
export type Record = readonly Uint8Array[];

/** Section 3 of docs/engine/trace.md: leaves, and by operator the pieces of its row. */
export function layOut(record: Record, lastNorm: number): { leaves: Buffer[]; pieces: Piece[][] } {
    const leaves: Buffer[] = [];
    const pieces = record.map((row, operator) => {
        const placed: Piece[] = [];
        for (let start = 0; start < row.length; start += LEAF_BYTES) {
            const piece = row.subarray(start, start + LEAF_BYTES);
            const open = leaves.at(-1);
            if (open === undefined || open.length + piece.length > LEAF_BYTES || operator === lastNorm) {
                leaves.push(Buffer.from(piece));
                placed.push({ leaf: leaves.length - 1, at: 0, bytes: piece.length });
            } else {
                leaves[leaves.length - 1] = Buffer.concat([open, piece]);
                placed.push({ leaf: leaves.length - 1, at: open.length, bytes: piece.length });
            }
        }
        return placed;
    });
    return { leaves, pieces };
}

/** A leaf's cell. */
export function leafCell(salt: Uint8Array, position: number, leaf: number, bytes: Uint8Array): Cell {
    const data = Buffer.alloc(80);
    data.write('CM.trl.1', 'ascii');
    data.set(positionSalt(salt, position), 8);
    data.writeUInt32BE(position, 40);
    data.writeUInt32BE(leaf, 44);
    sha256(bytes).copy(data, 48);
    return cellOf(data);
}

/** A position's salt, which opens no other position. */
export function positionSalt(salt: Uint8Array, position: number): Buffer {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(position);
    return sha256(Buffer.from('ton-compute-market/trace/v1', 'ascii'), salt, number);
}

/** One position with all that is needed to open it. */
export class Position {
    readonly leaves: readonly Buffer[];
    readonly pieces: readonly (readonly Piece[])[];
    readonly cell: Cell;

    constructor(
        configuration: Configuration,
        /** Of the run's resultCommitment. */
        readonly salt: Uint8Array,
        readonly number: number,
        record: Record,
    ) {
        const { leaves, pieces } = layOut(record, 1 + 7 * configuration.L);
        this.leaves = leaves;
        this.pieces = pieces;
        this.cell = treeOf(leaves.map((bytes, i) => leafCell(salt, number, i, bytes)));
    }

    /** Path from the trace's root to a leaf. */
    path(leaf: number, positions: number): number[] {
        return [0, ...pathOf(this.number, positions), ...pathOf(leaf, this.leaves.length)];
    }
}

/** The cell whose hash is traceRoot. */
export function traceCell(modelRoot: Buffer, positions: readonly Cell[]): Cell {
    const data = Buffer.alloc(44);
    data.write('CM.trc.1', 'ascii');
    modelRoot.copy(data, 8);
    data.writeUInt32BE(positions.length, 40);
    return cellOf(data, [treeOf(positions)]);
}
