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
 * A Merkle proof of leaves of one position of a trace against `traceRoot` (docs/engine/trace.md, sections 1, 3 and 4): branches off their
 * paths are pruned.
 *
 * @param leaves - numbers of leaves, at least one; one may be there twice
 * @throws RangeError for a position or a leaf that the trace does not have, or no leaf at all
 */
export function proveTraceLeaves(trace: Trace, position: number, leaves: readonly number[]): Cell {
    if (!Number.isInteger(position) || position < 0 || position >= trace.length) {
        throw new RangeError(`The trace has no position ${position}, only ${trace.length}`);
    }
    const levels = trace.levels(position);
    const missing = leaves.find((leaf) => levels.leaves[0]![leaf] === undefined);
    if (missing !== undefined) throw new RangeError(`Position ${position} has no leaf ${missing}`);
    const cells = leaves.map((leaf) => [leaf, dataCell(trace.leafData(position, leaf))] as const);
    const positionTree = prunedTree(levels.leaves, new Map(cells));
    const positions = prunedTree(levels.positions, new Map([[position, positionTree]]));
    return merkleProof(dataCell(trace.rootData(), positions));
}

/**
 * A Merkle proof of one leaf of a model against `modelRoot` (docs/engine/trace.md, section 2).
 *
 * @throws RangeError for a tensor or a row that has no leaf
 */
export function proveModelLeaf(tree: ModelTree, tensor: number, row: number): Cell {
    const { number, data } = tree.leaf(tensor, row);
    return merkleProof(dataCell(tree.rootData, prunedTree(tree.levels, new Map([[number, dataCell(data)]]))));
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

/** The tree with some leaves in full and everything off their paths pruned. */
function prunedTree(levels: readonly (readonly CellNode[])[], leaves: ReadonlyMap<number, Cell>): Cell {
    if (leaves.size === 0) throw new RangeError('A proof is of one leaf or more');
    let kept = leaves;
    for (const level of levels.slice(0, -1)) {
        const parents = new Set([...kept.keys()].map((index) => Math.floor(index / ARITY)));
        const below = kept;
        kept = new Map(
            [...parents].map((parent) => {
                const first = ARITY * parent;
                const references = level
                    .slice(first, first + ARITY)
                    .map((node, i) => below.get(first + i) ?? prunedBranch(node));
                return [parent, dataCell(new Uint8Array(0), ...references)];
            }),
        );
    }
    return kept.get(0)!;
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
