import { DeviceMemory } from '../gpuBuffers';
import { bindKernel, Operator, OperatorContext } from '../kernelBinding';
import { GROUP, groupsOf } from '../kernels/linear.wgsl';
import { ChannelScales } from '../model';
import { padRows } from '../packing';
import { SCORES_WORKGROUP, scoresShader, SOFTMAX_WGSL, VALUES_WGSL, VALUES_WORKGROUP } from './kernels/attention.wgsl';
import { EMBEDDING_WGSL, EMBEDDING_WORKGROUP } from './kernels/embedding.wgsl';
import { GATED_WGSL, GATED_WORKGROUP } from './kernels/gated.wgsl';
import { NORM_WGSL } from './kernels/norm.wgsl';
import { QKV_WGSL, QKV_WORKGROUP } from './kernels/qkv.wgsl';
import { DecoderShape } from './shape';

/** Words of a head's channels, padded with zeros to whole words. */
export function headWords({ headWidth }: Pick<DecoderShape, 'headWidth'>): number {
    return groupsOf(headWidth);
}

/** Bytes of a position's keys and values in the cache of a layer. */
export function cacheRowBytes(shape: Pick<DecoderShape, 'keyValueHeads' | 'headWidth'>): number {
    return 2 * shape.keyValueHeads * headWords(shape) * GROUP;
}

/**
 * `embedding` (docs/engine/decoder.md, section 2.1) of rows that were looked up.
 *
 * @param table - int8, rows padded to words.
 * @param scales - a multiplier and a shift for each row.
 */
export function embeddingOperator(
    context: OperatorContext,
    table: GPUBuffer,
    scales: GPUBuffer,
    width: number,
    output: GPUBuffer,
): Operator {
    const groups = groupsOf(width);
    return bindKernel(context, {
        label: 'embedding',
        code: EMBEDDING_WGSL,
        shape: [groups],
        buffers: [table, scales],
        output,
        workgroups: (rows) => [Math.ceil(groups / EMBEDDING_WORKGROUP), rows],
    });
}

/**
 * `norm` (docs/engine/decoder.md, section 2.2).
 *
 * @param residuals - int32, rows padded with zeros to groups of four.
 * @param lastOnly - takes the last row of the step alone, as row 0.
 */
export function normOperator(
    context: OperatorContext,
    residuals: GPUBuffer,
    scales: ChannelScales,
    epsilon: number,
    output: GPUBuffer,
    lastOnly = false,
): Operator {
    const groups = groupsOf(scales.shift.length);
    return bindKernel(context, {
        label: 'norm',
        code: NORM_WGSL,
        shape: [groups, epsilon, lastOnly ? 1 : 0],
        buffers: [residuals, context.memory.upload('norm scales', groups * 32, () => packGroups(scales))],
        output,
        workgroups: (rows) => [lastOnly ? 1 : rows, 1],
    });
}

/** What {@link qkvOperator} reads and writes. */
export interface QkvBuffers {
    /** int32, rows of all channels padded to groups of four. */
    readonly accumulators: GPUBuffer;
    /** The scales of these channels, as a linear operator has them. */
    readonly channels: GPUBuffer;
    /** The model's table, two int16 in a word. */
    readonly angles: GPUBuffer;
    /** Keys and values, a row for each position. */
    readonly cache: GPUBuffer;
    readonly output: GPUBuffer;
}

/** `rope` and `requantise` of queries, keys and values, which fill the cache (docs/engine/decoder.md, sections 2.3 and 3). */
export function qkvOperator(
    context: OperatorContext,
    { accumulators, channels, angles, cache, output }: QkvBuffers,
    shape: DecoderShape,
    rope: ChannelScales,
): Operator {
    const { heads, keyValueHeads, headWidth } = shape;
    const allHeads = heads + 2 * keyValueHeads;
    const words = allHeads * headWords(shape);
    return bindKernel(context, {
        label: 'queries, keys and values',
        code: QKV_WGSL,
        shape: [heads, keyValueHeads, headWidth, groupsOf(allHeads * headWidth) * GROUP],
        buffers: [accumulators, channels, uploadScales(context.memory, rope), angles, cache],
        output,
        workgroups: (rows) => [Math.ceil(words / QKV_WORKGROUP), rows],
    });
}

/** What {@link attentionOperator} reads and writes. */
export interface AttentionBuffers {
    /** Output of {@link qkvOperator}. */
    readonly queries: GPUBuffer;
    readonly cache: GPUBuffer;
    /** The model's exp table, two u16 in a word. */
    readonly exponentials: GPUBuffer;
    /** int32 `[rows, heads, positions]`, overwritten. */
    readonly scores: GPUBuffer;
    readonly output: GPUBuffer;
}

/**
 * `attention` of all heads (docs/engine/decoder.md, section 2.4).
 *
 * @param positions - how many the cache and a row of scores have room for.
 */
export function attentionOperator(
    context: OperatorContext,
    { queries, cache, exponentials, scores, output }: AttentionBuffers,
    shape: DecoderShape,
    positions: number,
    scales: { readonly score: ChannelScales; readonly attention: ChannelScales },
): Operator {
    const { heads, keyValueHeads, headWidth } = shape;
    const words = [heads, keyValueHeads, headWidth, positions];
    const parts = [
        bindKernel(context, {
            label: 'scores',
            code: scoresShader(context.device.packedDotProduct),
            shape: words,
            buffers: [queries, cache],
            output: scores,
            workgroups: (rows, first) => [Math.ceil((first + rows) / SCORES_WORKGROUP), heads, rows],
        }),
        bindKernel(context, {
            label: 'softmax',
            code: SOFTMAX_WGSL,
            shape: words,
            buffers: [uploadScales(context.memory, scales.score), exponentials],
            output: scores,
            workgroups: (rows) => [heads, rows],
        }),
        bindKernel(context, {
            label: 'values',
            code: VALUES_WGSL,
            shape: words,
            buffers: [scores, cache, uploadScales(context.memory, scales.attention)],
            output,
            workgroups: (rows) => [Math.ceil((heads * headWords(shape)) / VALUES_WORKGROUP), rows],
        }),
    ];
    return { output, encode: (pass, rows, first) => parts.forEach((part) => part.encode(pass, rows, first)) };
}

/** What {@link gatedOperator} reads and writes. */
export interface GatedBuffers {
    /** int32, rows of gates and ups padded to groups of four. */
    readonly accumulators: GPUBuffer;
    /** The scales of these channels, as a linear operator has them. */
    readonly channels: GPUBuffer;
    /** The model's table, two u16 in a word. */
    readonly sigmoids: GPUBuffer;
    readonly output: GPUBuffer;
}

/** `gated` (docs/engine/decoder.md, section 2.5). */
export function gatedOperator(
    context: OperatorContext,
    { accumulators, channels, sigmoids, output }: GatedBuffers,
    index: ChannelScales,
    product: ChannelScales,
): Operator {
    const width = product.shift.length;
    return bindKernel(context, {
        label: 'gated product',
        code: GATED_WGSL,
        shape: [width, groupsOf(2 * width) * GROUP, index.multiplier[0]!, index.shift[0]!],
        buffers: [accumulators, channels, uploadScales(context.memory, product), sigmoids],
        output,
        workgroups: (rows) => [Math.ceil(groupsOf(width) / GATED_WORKGROUP), rows],
    });
}

/** A table of 16-bit integers in a buffer, two in a word. */
export function uploadTable(memory: DeviceMemory, label: string, table: Int16Array | Uint16Array): GPUBuffer {
    const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
    return memory.upload(label, groupsOf(bytes.length) * GROUP, () => padRows(bytes, bytes.length));
}

/** Multipliers and shifts in pairs. */
function uploadScales(memory: DeviceMemory, { multiplier, shift }: ChannelScales): GPUBuffer {
    return memory.upload('scales', 8 * shift.length, () => {
        const pairs = new Int32Array(2 * shift.length);
        shift.forEach((value, i) => pairs.set([multiplier[i]!, value], 2 * i));
        return new Uint8Array(pairs.buffer);
    });
}

/** Multipliers and shifts in groups of four, four of the one, then four of the other. Shifts that fill up a group are valid ones of a norm. */
function packGroups({ multiplier, shift }: ChannelScales): Uint8Array<ArrayBuffer> {
    const packed = new Int32Array(groupsOf(shift.length) * 2 * GROUP).fill(15);
    shift.forEach((value, i) => {
        const start = Math.floor(i / GROUP) * 2 * GROUP + (i % GROUP);
        packed[start] = multiplier[i]!;
        packed[start + GROUP] = value;
    });
    return new Uint8Array(packed.buffer);
}
