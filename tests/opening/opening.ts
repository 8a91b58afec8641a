import { beginCell, Cell } from '@ton/core';
import { OpenElement, Shape, storeOpenElement } from '../../build/Opening/Opening_Opening';
import { cellOf, proofOf } from './cells';
import { Configuration, Model, reversedLimbs } from './model';
import { LEAF_BYTES, Position } from './trace';

/** Bytes of a cell: of a wanted row four limbs of 30, elsewhere as many as fit. */
const ROW_CELL_BYTES = 120;
const CELL_BYTES = 127;

/** Which element is opened. */
export interface Element {
    /** An operator whose output a linear gives directly: value heads, o, down, head. */
    readonly operator: number;
    /** Index in the operator's output row, and of the channel. */
    readonly index: number;
}

/** A linear by its operator. */
export interface Linear {
    /** Number of the tensor of its weights. */
    readonly tensor: number;
    /** Operator whose output it takes. */
    readonly inputs: number;
    /** Operator whose output it adds to, for o and down. */
    readonly residual?: number;
    /** Of an element of the output. */
    readonly bytes: 1 | 4;
}

/**
 * The linear that gives an operator's output (docs/engine/decoder.md, section 3).
 *
 * @throws Error for operators whose output no linear gives directly
 */
export function linearOf({ L }: Configuration, operator: number): Linear {
    const layer = Math.floor((operator - 1) / 7);
    const inputs = operator - 1;
    if (operator === 2 + 7 * L) {
        return { tensor: 10 + 30 * L, inputs, bytes: 4 };
    }
    switch (operator - 7 * layer) {
        case 2:
            return { tensor: 10 + 30 * layer, inputs, bytes: 1 };
        case 4:
            return { tensor: 20 + 30 * layer, inputs, residual: 7 * layer, bytes: 4 };
        case 7:
            return { tensor: 34 + 30 * layer, inputs, residual: 4 + 7 * layer, bytes: 4 };
        default:
            throw new Error(`No linear gives the output of operator ${operator}`);
    }
}

/** Bytes in a chain of cells, cut after each of these lengths. */
export function chainOf(bytes: Uint8Array, lengths: readonly number[]): Cell {
    let end = bytes.length;
    return lengths.toReversed().reduce<Cell | undefined>((next, length) => {
        end -= length;
        return cellOf(bytes.subarray(end, end + length), next === undefined ? [] : [next]);
    }, undefined)!;
}

/** A part's cells: all of `most` bytes but the last. */
export function cut(bytes: number, most: number): number[] {
    const whole = Array.from({ length: Math.floor(bytes / most) }, () => most);
    return bytes % most === 0 ? whole : [...whole, bytes % most];
}

/** A leaf with its wanted row in cells of its own. */
export function leafChain(leaf: Uint8Array, at: number, bytes: number): Cell {
    return chainOf(leaf, [
        ...cut(at, CELL_BYTES),
        ...cut(bytes, ROW_CELL_BYTES),
        ...cut(leaf.length - at - bytes, CELL_BYTES),
    ]);
}

/** A channel's weights as its digest takes them. */
export function weightsChain(weights: Int8Array): Cell {
    return chainOf(reversedLimbs(weights), cut(weights.length, ROW_CELL_BYTES));
}

/** What the contract must know of a configuration. */
export function shapeOf({ V, D, F, L, H, G, d, T, vocabularyBytes }: Configuration): Shape {
    return {
        $$type: 'Shape',
        positions: BigInt(T),
        vocabulary: vocabularyBytes > 0,
        tokens: BigInt(V),
        width: BigInt(D),
        inner: BigInt(F),
        layers: BigInt(L),
        queries: BigInt(H * d),
        projected: BigInt((H + 2 * G) * d),
    };
}

/** The parts of an opening, each as the text lays it out; a test alters them one by one. */
export interface Opening {
    readonly position: number;
    readonly operator: number;
    readonly element: number;
    readonly model: Cell;
    readonly trace: Cell;
    readonly weights: Cell;
    /** Leaves of the inputs, the outputs and, for o and down, of the residual before. */
    readonly leaves: readonly Cell[];
}

/** Opens an element; `trace` is the cell of traceRoot, over so many positions. */
export function openingOf(
    model: Model,
    trace: Cell,
    positions: number,
    position: Position,
    { operator, index }: Element,
): Opening {
    const linear = linearOf(model.configuration, operator);
    const byte = linear.bytes * index;
    const rows = [linear.inputs, operator, ...(linear.residual === undefined ? [] : [linear.residual])];
    const pieces = rows.map((row, i) => position.pieces[row]![i === 0 ? 0 : Math.floor(byte / LEAF_BYTES)]!);
    return {
        position: position.number,
        operator,
        element: index,
        model: proofOf(model.root, [model.path(linear.tensor, index)]),
        trace: proofOf(
            trace,
            pieces.map(({ leaf }) => position.path(leaf, positions)),
        ),
        weights: weightsChain(model.channel(linear.tensor, index).weights),
        leaves: pieces.map(({ leaf, at, bytes }) => leafChain(position.leaves[leaf]!, at, bytes)),
    };
}

/** The message of an opening. */
export function bodyOf({ position, operator, element, model, trace, weights, leaves }: Opening): Cell {
    const rows = beginCell().storeRef(weights);
    leaves.forEach((leaf) => rows.storeRef(leaf));
    const message: OpenElement = {
        $$type: 'OpenElement',
        position: BigInt(position),
        operator: BigInt(operator),
        element: BigInt(element),
        model,
        trace,
        rows: rows.endCell(),
    };
    return beginCell().store(storeOpenElement(message)).endCell();
}
