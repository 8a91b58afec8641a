import { beginCell, Cell } from '@ton/core';

/** An ordinary cell of whole bytes. */
export function cellOf(data: Uint8Array, references: readonly Cell[] = []): Cell {
    const builder = beginCell().storeBuffer(Buffer.from(data));
    references.forEach((reference) => builder.storeRef(reference));
    return builder.endCell();
}

/** docs/engine/trace.md, section 1: the tree of one cell or more. */
export function treeOf(cells: readonly Cell[]): Cell {
    let level = cells;
    while (level.length > 1) {
        level = Array.from({ length: Math.ceil(level.length / 4) }, (_, i) =>
            cellOf(Buffer.alloc(0), level.slice(4 * i, 4 * i + 4)),
        );
    }
    return level[0]!;
}

/** The references that lead to cell `i` of a tree of `n`. */
export function pathOf(i: number, n: number): number[] {
    const path: number[] = [];
    for (let width = 1; width < n; width *= 4) {
        path.unshift(Math.floor(i / width) % 4);
    }
    return path;
}

/** The cell at the end of a path. */
export function follow(cell: Cell, path: readonly number[]): Cell {
    return path.reduce((node, reference) => node.refs[reference]!, cell);
}

/** The same cell with another one at the end of a path. */
export function replaced(cell: Cell, [first, ...rest]: readonly number[], by: Cell): Cell {
    return first === undefined
        ? by
        : withReferences(
              cell,
              cell.refs.map((reference, i) => (i === first ? replaced(reference, rest, by) : reference)),
          );
}

/** A Merkle proof (exotic cell of type 3) of a cell, in which everything off the paths is pruned. */
export function proofOf(root: Cell, paths: readonly (readonly number[])[]): Cell {
    return beginCell()
        .storeUint(3, 8)
        .storeBuffer(root.hash(0))
        .storeUint(root.depth(0), 16)
        .storeRef(along(root, paths))
        .endCell({ exotic: true });
}

/** A pruned branch (exotic cell of type 1) of level 1: what a proof says of a cell that it leaves out. */
export function prunedBranch(hash: Buffer, depth: number): Cell {
    return beginCell().storeUint(1, 8).storeUint(1, 8).storeBuffer(hash).storeUint(depth, 16).endCell({ exotic: true });
}

function along(cell: Cell, paths: readonly (readonly number[])[]): Cell {
    if (paths.length === 0) {
        return prunedBranch(cell.hash(0), cell.depth(0));
    }
    return paths.some((path) => path.length === 0) || cell.isExotic
        ? cell
        : withReferences(
              cell,
              cell.refs.map((reference, i) =>
                  along(
                      reference,
                      paths.filter(([first]) => first === i).map((path) => path.slice(1)),
                  ),
              ),
          );
}

function withReferences(cell: Cell, references: readonly Cell[]): Cell {
    const builder = beginCell().storeBits(cell.bits);
    references.forEach((reference) => builder.storeRef(reference));
    return builder.endCell();
}
