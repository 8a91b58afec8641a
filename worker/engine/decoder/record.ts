import { DecoderShape, qkvChannels, queryChannels } from './shape';

/** How an operator's output of one position lies in memory: segments of bytes, each padded with zeros. */
export interface RowLayout {
    readonly segments: number;
    /** Bytes of a segment without padding. */
    readonly bytes: number;
    /** Bytes from one segment to the next. */
    readonly stride: number;
}

/** Bytes of the operator's output without padding. */
export function rowBytes({ segments, bytes }: RowLayout): number {
    return segments * bytes;
}

/** Bytes that a row takes in memory. */
export function paddedRowBytes({ segments, stride }: RowLayout): number {
    return segments * stride;
}

/** A row's bytes without the padding; a view where there is none. */
export function densified(row: Uint8Array, { segments, bytes, stride }: RowLayout): Uint8Array {
    if (segments === 1 || bytes === stride) return row.subarray(0, segments * bytes);
    const dense = new Uint8Array(segments * bytes);
    for (let i = 0; i < segments; i++) dense.set(row.subarray(i * stride, i * stride + bytes), i * bytes);
    return dense;
}

/** The layout of every operator's output, in the order of docs/engine/decoder.md, section 3: operators 0 … 2 + 7·L. */
export function recordLayout(shape: DecoderShape): RowLayout[] {
    const { width, feedForward, layers, headWidth } = shape;
    const int8 = (bytes: number, segments = 1): RowLayout => ({ segments, bytes, stride: 4 * Math.ceil(bytes / 4) });
    const int32 = (values: number): RowLayout => ({
        segments: 1,
        bytes: 4 * values,
        stride: 16 * Math.ceil(values / 4),
    });
    const layer = [
        int8(width),
        int8(headWidth, qkvChannels(shape) / headWidth),
        int8(headWidth, queryChannels(shape) / headWidth),
        int32(width),
        int8(width),
        int8(feedForward),
        int32(width),
    ];
    return [int32(width), ...Array.from({ length: layers }, () => layer).flat(), int8(width), int32(shape.vocabulary)];
}

/** Greatest bytes of a leaf, and of a row before it counts as several (docs/engine/trace.md, section 3). */
export const LEAF_BYTES = 4096;

/** A run of bytes of an operator's output in a leaf. */
export interface LeafPiece {
    readonly operator: number;
    /** First byte, in the output without padding. */
    readonly start: number;
    readonly length: number;
}

/** A leaf of a position's record. */
export type LeafLayout = readonly LeafPiece[];

/** How the outputs of operators are cut into leaves. */
export interface LeavesLayout {
    /** Of every position. */
    readonly computed: readonly LeafLayout[];
    /** What follows them at positions whose next token is sampled. */
    readonly sampled: readonly LeafLayout[];
}

/**
 * Where every row of a record lies (docs/engine/trace.md, section 3).
 *
 * @param rows - bytes of every operator's output, the last two being of the last norm and of the logits.
 */
export function leavesLayout(rows: readonly number[]): LeavesLayout {
    const lastNorm = rows.length - 2;
    return { computed: cut(rows, 0, lastNorm), sampled: cut(rows, lastNorm, rows.length) };
}

function cut(rows: readonly number[], from: number, to: number): LeafLayout[] {
    const leaves: LeafPiece[][] = [];
    let filled = LEAF_BYTES;
    for (let operator = from; operator < to; operator++) {
        for (let start = 0; start < rows[operator]!; start += LEAF_BYTES) {
            const length = Math.min(LEAF_BYTES, rows[operator]! - start);
            if (filled + length > LEAF_BYTES) {
                leaves.push([]);
                filled = 0;
            }
            leaves[leaves.length - 1]!.push({ operator, start, length });
            filled += length;
        }
    }
    return leaves;
}
