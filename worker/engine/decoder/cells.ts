import { Sha256 } from './sha256';

/** What a reference to a TON cell needs of it: its representation hash and its depth. */
export interface CellNode {
    readonly hash: Uint8Array;
    readonly depth: number;
}

/** References of a cell that has no others. */
const ARITY = 4;
const HASH_BYTES = 32;

/**
 * Hash and depth of an ordinary cell of level 0 (docs/engine/trace.md, section 1).
 *
 * @param data - whole bytes, at most 127.
 */
export function cellNode(sha256: Sha256, data: Uint8Array, references: readonly CellNode[] = []): CellNode {
    const count = references.length;
    const bytes = new Uint8Array(2 + data.length + count * (2 + HASH_BYTES));
    bytes[0] = count;
    bytes[1] = 2 * data.length;
    bytes.set(data, 2);
    const depths = 2 + data.length;
    let depth = 0;
    references.forEach((reference, i) => {
        bytes[depths + 2 * i] = reference.depth >> 8;
        bytes[depths + 2 * i + 1] = reference.depth & 0xff;
        bytes.set(reference.hash, depths + 2 * count + HASH_BYTES * i);
        depth = Math.max(depth, 1 + reference.depth);
    });
    return { hash: sha256(bytes), depth };
}

/** The levels of `tree(leaves)`, the leaves first and the tree's one root last (docs/engine/trace.md, section 1). */
export function treeLevels(sha256: Sha256, leaves: readonly CellNode[]): CellNode[][] {
    const levels = [[...leaves]];
    for (let level = levels[0]!; level.length > 1; level = levels[levels.length - 1]!) {
        const above: CellNode[] = [];
        for (let i = 0; i < level.length; i += ARITY) {
            above.push(cellNode(sha256, new Uint8Array(0), level.slice(i, i + ARITY)));
        }
        levels.push(above);
    }
    return levels;
}

/** The root of `tree(leaves)`. */
export function treeNode(sha256: Sha256, leaves: readonly CellNode[]): CellNode {
    const levels = treeLevels(sha256, leaves);
    return levels[levels.length - 1]![0]!;
}

/** Big-endian words as bytes: numbers in cells. Signed ones become two's complement. */
export function bigEndian(...words: number[]): Uint8Array {
    const bytes = new Uint8Array(4 * words.length);
    const view = new DataView(bytes.buffer);
    words.forEach((word, i) => view.setInt32(4 * i, word));
    return bytes;
}

/** Bytes one after another; text is ASCII. */
export function concatenate(...parts: (string | Uint8Array)[]): Uint8Array {
    const arrays = parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part));
    const bytes = new Uint8Array(arrays.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const array of arrays) {
        bytes.set(array, offset);
        offset += array.length;
    }
    return bytes;
}
