import { beginCell, Cell } from '@ton/core';
import { CellNode } from './cells';
import { LIMB, ModelTree, reversedLimbs } from './modelRoot';
import { Trace } from './trace';

/** Bytes of a cell of the wanted row: four limbs. */
const ROW_BYTES = 4 * LIMB;
/** Bytes of a cell of what lies before and after it: all that a cell holds. */
const REST_BYTES = 127;
const ARITY = 4;
const PRUNED_BRANCH = 1;
const MERKLE_PROOF = 3;

/**
 * A Merkle proof of one leaf of a trace against `traceRoot` (docs/engine/trace.md, sections 1 and 3): branches off its path are pruned.
 *
 * @throws RangeError for a position or a leaf that the trace does not have
 */
export function proveTraceLeaf(trace: Trace, position: number, leaf: number): Cell {
    const levels = trace.levels(position);
    if (levels.leaves[0]![leaf] === undefined) throw new RangeError(`Position ${position} has no leaf ${leaf}`);
    const cell = dataCell(trace.leafData(position, leaf));
    const positionTree = prunedTree(levels.leaves, leaf, cell);
    return merkleProof(dataCell(trace.rootData(), prunedTree(levels.positions, position, positionTree)));
}

/**
 * A Merkle proof of one leaf of a model against `modelRoot` (docs/engine/trace.md, section 2).
 *
 * @throws RangeError for a tensor or a row that has no leaf
 */
export function proveModelLeaf(tree: ModelTree, tensor: number, row: number): Cell {
    const { number, data } = tree.leaf(tensor, row);
    return merkleProof(dataCell(tree.rootData, prunedTree(tree.levels, number, dataCell(data))));
}

/**
 * The bytes of an opened leaf or row as a chain of cells (docs/engine/trace.md, section 4).
 *
 * @param start - first byte of the wanted row.
 * @param length - its bytes.
 * @throws RangeError for a row that does not lie within the bytes, or no bytes at all
 */
export function openedBytes(bytes: Uint8Array, start: number, length: number): Cell {
    const end = start + length;
    if (bytes.length === 0 || start < 0 || length < 0 || end > bytes.length) {
        throw new RangeError(`Bytes ${start} … ${end} do not lie within ${bytes.length}`);
    }
    return chain([
        ...cut(bytes.subarray(0, start), REST_BYTES),
        ...cut(bytes.subarray(start, end), ROW_BYTES),
        ...cut(bytes.subarray(end), REST_BYTES),
    ]);
}

/** A channel's weights as a chain of cells, in the order of their digest (docs/engine/trace.md, section 4). */
export function openedWeights(weights: Int8Array): Cell {
    return chain(cut(reversedLimbs(weights), ROW_BYTES));
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function chain(parts: readonly Uint8Array[]): Cell {
    return parts.reduceRight<Cell | undefined>((next, part) => dataCell(part, ...(next ? [next] : [])), undefined)!;
}

function dataCell(data: Uint8Array, ...references: Cell[]): Cell {
    const builder = beginCell().storeBuffer(Buffer.from(data));
    references.forEach((reference) => builder.storeRef(reference));
    return builder.endCell();
}

/** The tree with one leaf in full and everything off its path pruned. */
function prunedTree(levels: readonly (readonly CellNode[])[], leaf: number, cell: Cell): Cell {
    let [kept, index] = [cell, leaf];
    for (const level of levels.slice(0, -1)) {
        const first = index - (index % ARITY);
        const references = level
            .slice(first, first + ARITY)
            .map((node, i) => (first + i === index ? kept : prunedBranch(node)));
        kept = dataCell(new Uint8Array(0), ...references);
        index = first / ARITY;
    }
    return kept;
}

function prunedBranch({ hash, depth }: CellNode): Cell {
    return beginCell()
        .storeUint(PRUNED_BRANCH, 8)
        .storeUint(1, 8)
        .storeBuffer(Buffer.from(hash))
        .storeUint(depth, 16)
        .endCell({ exotic: true });
}

function merkleProof(root: Cell): Cell {
    return beginCell()
        .storeUint(MERKLE_PROOF, 8)
        .storeBuffer(root.hash(0))
        .storeUint(root.depth(0), 16)
        .storeRef(root)
        .endCell({ exotic: true });
}
