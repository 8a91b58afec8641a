import { modelRoot } from '../commitments';
import { ascii, bigEndian, cellTree, type PlainCell, plainCell, sha256 } from './cells';
import { readDecoder } from './reader';
import { ELEMENT_BYTES, type TensorPlace, tensorPlaces } from './tensors';

/** Weights in a limb: a number of 240 bits on chain (trace.md, section 4). */
export const LIMB_BYTES = 30;

/** Number of the embedding's weights. */
const EMBEDDING = 5;

/** A leaf of the tree under `modelRoot` with the place that it names. */
export interface ModelLeaf {
    /** Number of the tensor. */
    readonly tensor: number;
    /** Row of the tensor. */
    readonly row: number;
    /** Channel or row cell. */
    readonly cell: PlainCell;
}

/**
 * trace.md, section 2: the leaves of a decoder.
 *
 * @param file - the whole model file
 * @throws RefereeError as `readDecoder`
 */
export function modelLeaves(file: Uint8Array): ModelLeaf[] {
    const places = tensorPlaces(readDecoder(file).config);
    const leaves: ModelLeaf[] = [];
    for (let number = 0; number < places.length; number++) {
        const place = places[number]!;
        if (place.kind !== 'W') {
            leaves.push(...rowsOf(file, place));
            continue;
        }
        const weights = place.bytes === 0 ? places[EMBEDDING]! : place; // the tied head has none of its own
        const bias = number === EMBEDDING ? null : places[++number]!;
        const multiplier = places[++number]!;
        const shift = places[++number]!;
        for (let row = 0; row < weights.rows; row++) {
            const data = channelData(file, place.number, row, { weights, bias, multiplier, shift });
            leaves.push({ tensor: place.number, row, cell: plainCell(data) });
        }
    }
    return leaves;
}

/**
 * trace.md, section 2: the root cell of a decoder; its hash is `modelRoot`.
 *
 * @param file - the whole model file
 * @param leaves - what `modelLeaves` gave
 */
export function modelCell(file: Uint8Array, leaves: readonly ModelLeaf[] = modelLeaves(file)): PlainCell {
    const data = Buffer.concat([ascii('CM.mdl.1'), Buffer.from(modelRoot(file), 'hex')]);
    return plainCell(data, [cellTree(leaves.map(({ cell }) => cell))]);
}

/** trace.md, section 2: `modelRoot` of a decoder, 64 lower-case hexadecimal digits. */
export function decoderRoot(file: Uint8Array): string {
    return Buffer.from(modelCell(file).hash).toString('hex');
}

/** trace.md, section 2: weights 29, 28, …, 0, then 59, …, 30, and so on; the last limb has what is left. */
export function reversedLimbs(weights: Int8Array): Uint8Array {
    const out: number[] = [];
    for (let at = 0; at < weights.length; at += LIMB_BYTES) {
        out.push(...Array.from(weights.subarray(at, at + LIMB_BYTES)).reverse());
    }
    return Uint8Array.from(out);
}

function rowsOf(file: Uint8Array, { kind, number, rows, columns, offset }: TensorPlace): ModelLeaf[] {
    const bytes = columns * ELEMENT_BYTES[kind];
    if (bytes === 0) return [];
    return Array.from({ length: rows }, (_, row) => {
        const digest = sha256(file.subarray(offset + row * bytes, offset + (row + 1) * bytes));
        const data = Buffer.concat([ascii('CM.mrw.1'), bigEndian(number, 4), bigEndian(row, 4), digest]);
        return { tensor: number, row, cell: plainCell(data) };
    });
}

function channelData(
    file: Uint8Array,
    tensor: number,
    row: number,
    parts: { weights: TensorPlace; bias: TensorPlace | null; multiplier: TensorPlace; shift: TensorPlace },
): Uint8Array {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const signed = (place: TensorPlace): number => view.getInt32(place.offset + 4 * row, true);
    const K = parts.weights.columns;
    const start = parts.weights.offset + row * K;
    const weights = Int8Array.from(file.subarray(start, start + K));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return Buffer.concat([
        ascii('CM.mch.1'),
        bigEndian(tensor, 4),
        bigEndian(row, 4),
        bigEndian(parts.bias === null ? 0 : signed(parts.bias), 4),
        bigEndian(signed(parts.multiplier), 4),
        bigEndian(signed(parts.shift), 4),
        bigEndian(sum, 4),
        sha256(reversedLimbs(weights)),
    ]);
}
