import { beginCell, Cell } from '@ton/core';

/** What one cell holds. */
const CELL_BYTES = 127;

/** A run of bytes that must not be cut: offsets, the second behind its end. */
export type Run = readonly [start: number, end: number];

/** Cuts bytes into cells, as few as it takes without cutting one of the runs, which are in order. */
export function cutAround(bytes: Buffer, runs: readonly Run[] = []): Buffer[] {
    const parts: Buffer[] = [];
    for (let start = 0; start < bytes.length;) {
        let end = Math.min(start + CELL_BYTES, bytes.length);
        const cut = runs.find(([from, to]) => from < end && end < to);
        if (cut !== undefined && cut[0] > start) {
            end = cut[0];
        }
        parts.push(bytes.subarray(start, end));
        start = end;
    }
    return parts;
}

/** A chain of cells, the first part outermost. */
export function chainOf(parts: readonly Buffer[]): Cell {
    return parts.toReversed().reduce<Cell | undefined>((next, part) => {
        const cell = beginCell().storeBuffer(part);
        return (next === undefined ? cell : cell.storeRef(next)).endCell();
    }, undefined)!;
}
