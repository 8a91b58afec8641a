import { RefereeError } from '../errors';
import { ascii, bigEndian, cellTree, type PlainCell, plainCell, sha256 } from './cells';
import type { DecoderConfig } from './configuration';
import type { PositionRecord } from './graph';

/** A leaf, and a part of a row longer than this (trace.md, section 3), in bytes. */
export const LEAF_BYTES = 4_096;

const TRACE_TAG = 'ton-compute-market/trace/v1';

/** Where a row of a record lies, or a part of one that has more than 4,096 bytes. */
export interface RowPlace {
    /** Number of the operator. */
    readonly operator: number;
    /** First byte of this part in the operator's output. */
    readonly from: number;
    /** Bytes of this part. */
    readonly bytes: number;
    /** The leaf. */
    readonly leaf: number;
    /** First byte in the leaf. */
    readonly start: number;
}

/** A trace of a run. */
export interface Trace {
    /** The root cell; its hash is `traceRoot`. */
    readonly root: PlainCell;
    /** `position(p)` of each computed position. */
    readonly positions: readonly PlainCell[];
    /** The leaf cells of each position. */
    readonly leaves: readonly (readonly PlainCell[])[];
}

/** Bytes of each operator's output (decoder.md, section 3). */
export function outputBytes({ L, V, D, F, H, G, d }: DecoderConfig, sampled: boolean): number[] {
    const layer = [D, (H + 2 * G) * d, H * d, 4 * D, D, F, 4 * D];
    return [4 * D, ...Array.from({ length: L }, () => layer).flat(), ...(sampled ? [D, 4 * V] : [])];
}

/**
 * trace.md, section 3: puts rows one after another into leaves.
 *
 * @param rows - bytes of each operator's output, by its number
 * @param lastNorm - the operator that always begins a leaf
 */
export function packRows(rows: readonly number[], lastNorm: number): RowPlace[] {
    const places: RowPlace[] = [];
    let leaf = 0;
    let start = 0;
    rows.forEach((length, operator) => {
        for (let from = 0; from < length; from += LEAF_BYTES) {
            const bytes = Math.min(LEAF_BYTES, length - from);
            const tooLong = start + bytes > LEAF_BYTES;
            if (tooLong || (operator === lastNorm && from === 0 && start > 0)) {
                leaf++;
                start = 0;
            }
            places.push({ operator, from, bytes, leaf, start });
            start += bytes;
        }
    });
    return places;
}

/** Where the rows of a position lie, by the configuration alone. */
export function recordPlaces(config: DecoderConfig, sampled: boolean): RowPlace[] {
    return packRows(outputBytes(config, sampled), 1 + 7 * config.L);
}

/** trace.md, section 3: the bytes of the leaves of a position. */
export function recordLeaves(config: DecoderConfig, record: PositionRecord): Uint8Array[] {
    const leaves: number[][] = [];
    for (const { operator, from, bytes, leaf } of recordPlaces(config, record.logits !== null)) {
        const row = memoryBytes(record.operators[operator]!);
        (leaves[leaf] ??= []).push(...row.subarray(from, from + bytes));
    }
    return leaves.map((leaf) => Uint8Array.from(leaf));
}

/** trace.md, section 3: the salt of position `p`. */
export function positionSalt(salt: Uint8Array, p: number): Uint8Array {
    if (salt.length !== 32) throw new RefereeError('salt', `a salt has 32 bytes, not ${salt.length}`);
    const position = bigEndian(p, 4).reverse(); // little-endian here
    return sha256(ascii(TRACE_TAG), salt, position);
}

/** trace.md, section 3: the cell of leaf `j` of position `p`. */
export function leafCell(salt: Uint8Array, p: number, j: number, leaf: Uint8Array): PlainCell {
    const data = [ascii('CM.trl.1'), positionSalt(salt, p), bigEndian(p, 4), bigEndian(j, 4), sha256(leaf)];
    return plainCell(Buffer.concat(data));
}

/**
 * trace.md, section 3: the trace of a run.
 *
 * @param config - of the model
 * @param modelRoot - of the model, 64 hexadecimal digits
 * @param salt - 32 bytes, those of the run's `resultCommitment`
 * @param records - of the `N` computed positions
 */
export function traceOf(
    config: DecoderConfig,
    modelRoot: string,
    salt: Uint8Array,
    records: readonly PositionRecord[],
): Trace {
    const leaves = records.map((record) =>
        recordLeaves(config, record).map((leaf, j) => leafCell(salt, record.position, j, leaf)),
    );
    const positions = leaves.map((cells) => cellTree(cells));
    const data = [ascii('CM.trc.1'), Buffer.from(modelRoot, 'hex'), bigEndian(records.length, 4)];
    return { root: plainCell(Buffer.concat(data), [cellTree(positions)]), positions, leaves };
}

/** `traceRoot` in 64 lower-case hexadecimal digits. */
export function traceRoot(trace: Trace): string {
    return Buffer.from(trace.root.hash).toString('hex');
}

/** An operator's output: `i8` as bytes, `i32` as four bytes, little-endian. */
function memoryBytes(row: Int32Array | Int8Array): Uint8Array {
    if (row instanceof Int8Array) return Uint8Array.from(row);
    const bytes = new Uint8Array(4 * row.length);
    const view = new DataView(bytes.buffer);
    row.forEach((value, i) => view.setInt32(4 * i, value, true));
    return bytes;
}
