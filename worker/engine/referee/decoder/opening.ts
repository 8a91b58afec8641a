import { beginCell, Cell, convertToMerkleProof } from '@ton/core';
import { RefereeError } from '../errors';
import { type PlainCell, plainCell } from './cells';
import { LIMB_BYTES, reversedLimbs } from './modelRoot';
import { requireSize, within } from './numbers';

/** Bytes of a cell beside the wanted row, and of the wanted row (trace.md, section 4). */
const BESIDE_BYTES = 127;
const ROW_BYTES = 4 * LIMB_BYTES;

/**
 * trace.md, section 4: the layout of an opened leaf or row.
 *
 * @param bytes - the whole leaf or row
 * @param start - first byte of the wanted row
 * @param length - bytes of the wanted row
 * @returns the data of the chain's cells, in order
 */
export function openedParts(bytes: Uint8Array, start: number, length: number): Uint8Array[] {
    within('the end of the wanted row', start + length, start, bytes.length);
    return [
        ...cut(bytes.subarray(0, start), BESIDE_BYTES),
        ...cut(bytes.subarray(start, start + length), ROW_BYTES),
        ...cut(bytes.subarray(start + length), BESIDE_BYTES),
    ];
}

/** trace.md, section 4: a channel's weights as one chain, in their digest's order. */
export function weightParts(weights: Int8Array): Uint8Array[] {
    return cut(reversedLimbs(weights), ROW_BYTES);
}

/** A chain of cells, each with one reference to the next. */
export function cellChain(parts: readonly Uint8Array[]): PlainCell {
    if (parts.length === 0) throw new RefereeError('operand', 'a chain has at least one cell');
    return parts.reduceRight<PlainCell | null>((next, part) => plainCell(part, next === null ? [] : [next]), null)!;
}

/**
 * trace.md, section 1: the Merkle proof of TON for some cells, with every branch off their paths pruned.
 *
 * @param root - the cell whose hash is known
 * @param paths - of each cell, numbers of references from the root to it, as `pathInTree` gives them for each tree on the way
 */
export function merkleProof(root: PlainCell, ...paths: readonly (readonly number[])[]): Cell {
    return convertToMerkleProof(prune(root, paths));
}

function prune(cell: PlainCell, paths: readonly (readonly number[])[]): Cell {
    const builder = beginCell().storeBuffer(Buffer.from(cell.data));
    const stray = paths.find(([first]) => first !== undefined && cell.references[first] === undefined);
    if (stray !== undefined) throw new RefereeError('operand', `a cell on the path has no reference ${stray[0]}`);
    cell.references.forEach((below, i) => {
        const deeper = paths.filter(([first]) => first === i).map((path) => path.slice(1));
        builder.storeRef(deeper.length > 0 ? prune(below, deeper) : prunedBranch(below));
    });
    return builder.endCell();
}

/** A pruned branch of level 1: type 1, mask 1, hash and depth of what is left out. */
function prunedBranch({ hash, depth }: PlainCell): Cell {
    const data = beginCell().storeUint(1, 8).storeUint(1, 8).storeBuffer(Buffer.from(hash)).storeUint(depth, 16);
    return data.endCell({ exotic: true });
}

/**
 * trace.md, section 4, "The product on chain": `Σ x·w` as a contract computes it, from limbs of 30 bytes read as 240-bit numbers.
 *
 * @param inputs - i8 `[K]`
 * @param weights - i8 `[K]`
 */
export function productByLimbs(inputs: Int8Array, weights: Int8Array): number {
    requireSize('the weights', weights, inputs.length);
    const limbs = Math.ceil(inputs.length / LIMB_BYTES);
    const K = BigInt(LIMB_BYTES * limbs); // K'
    const ones = BigInt(`0x${'01'.repeat(LIMB_BYTES)}`);
    let products = 0n;
    let inputSum = 0n;
    for (let i = 0; i < limbs; i++) {
        const x = inputs.subarray(i * LIMB_BYTES, (i + 1) * LIMB_BYTES);
        const w = Array.from(weights.subarray(i * LIMB_BYTES, (i + 1) * LIMB_BYTES)).reverse();
        const filler = new Int8Array(LIMB_BYTES - x.length);
        const limbOfInputs = limb([...x, ...filler]);
        products += fieldProduct(limbOfInputs, limb([...filler, ...w]));
        inputSum += fieldProduct(limbOfInputs, ones);
    }
    const weightSum = BigInt(weights.reduce((sum, weight) => sum + weight, 0));
    return Number(products - 128n * inputSum - 128n * (weightSum + 128n * K) + 2n ** 14n * K);
}

/** 30 bytes with their highest bit flipped, as one big-endian number. */
function limb(values: readonly number[]): bigint {
    return values.reduce((number, value) => (number << 8n) | BigInt(value + 128), 0n);
}

/** The sum of 30 products of bytes, by three products of numbers whose fields are 24 bits apart. */
function fieldProduct(x: bigint, w: bigint): bigint {
    let sum = 0n;
    for (let j = 0; j < 3; j++) {
        const field = (((x & mask(j)) * (w & mask(2 - j))) >> 232n) & 0xffffffn;
        sum += BigInt(within('a field', Number(field), 0, 650_250));
    }
    return sum;
}

/** Bytes at bits `8·j`, `8·(j + 3)`, … of 240. */
function mask(j: number): bigint {
    let bytes = 0n;
    for (let at = j; at < LIMB_BYTES; at += 3) bytes |= 0xffn << BigInt(8 * at);
    return bytes;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
    const count = Math.ceil(bytes.length / size);
    return Array.from({ length: count }, (_, i) => Uint8Array.from(bytes.subarray(i * size, (i + 1) * size)));
}
