import { EngineDevice } from '../device';
import { DeviceMemory } from '../gpuBuffers';
import { Operator, OperatorContext } from '../kernelBinding';
import { GROUP, groupsOf } from '../kernels/linear.wgsl';
import { argmaxOperator, linearOperator } from '../operators';
import { DecoderModel } from './model';
import {
    attentionOperator,
    cacheRowBytes,
    embeddingOperator,
    gatedOperator,
    normOperator,
    qkvOperator,
    uploadTable,
} from './operators';
import { paddedRowBytes, recordLayout } from './record';
import { qkvChannels } from './shape';

/** How a graph is laid out on its device. Nothing of it changes a bit of a result. */
export interface GraphOptions {
    /** Greatest number of rows of a step. */
    readonly maxRows: number;
    /** Positions that the cache has room for. */
    readonly positions: number;
    /** Whether the outputs of all operators are kept apart, so that they can be recorded. */
    readonly recorded: boolean;
}

/** A model's operators and buffers on a device. */
export interface DecoderGraph {
    /** Rows that were looked up in the embedding's table, padded to words. */
    readonly tokenRows: GPUBuffer;
    /** A multiplier and a shift for each of them. */
    readonly tokenScales: GPUBuffer;
    /** Two words: rows of the step, position of the first. */
    readonly step: GPUBuffer;
    /** Everything up to the last layer. */
    readonly body: readonly Operator[];
    /** The last norm and the head, of the step's last row. */
    readonly head: readonly Operator[];
    /** `argmax` of the logits. */
    readonly choice: Operator;
    /** The outputs of all numbered operators; without records those of different layers share buffers. */
    readonly outputs: readonly GPUBuffer[];
    /** Keys and values of each layer, a row for each position. */
    readonly caches: readonly GPUBuffer[];
}

/** Greatest number of rows of a step for which every buffer of {@link buildGraph} can be bound. At least 1. */
export function greatestRows({ gpuDevice }: EngineDevice, { shape }: DecoderModel, positions: number): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = gpuDevice.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    const record = recordLayout(shape).reduce((sum, row) => sum + paddedRowBytes(row), 0);
    const widest = Math.max(
        4 * shape.heads * positions,
        16 * groupsOf(2 * shape.feedForward),
        16 * groupsOf(qkvChannels(shape)),
        16 * groupsOf(shape.width),
    );
    return Math.max(1, Math.min(Math.floor(limit / widest), Math.floor(maxBufferSize / record) - 1));
}

/**
 * Puts a model's tensors on a device and binds its operators in the order of docs/engine/decoder.md, section 3.
 *
 * @throws EngineError `model-too-large`
 */
export function buildGraph(
    device: EngineDevice,
    memory: DeviceMemory,
    model: DecoderModel,
    options: GraphOptions,
): DecoderGraph {
    const { maxRows, positions, recorded } = options;
    const { shape, epsilon } = model;
    const layout = recordLayout(shape);
    const step = memory.uniform('step', 0, 0);
    const context: OperatorContext = { device, memory, rowCount: step, capacity: maxRows };
    const single: OperatorContext = { device, memory, rowCount: memory.uniform('one row', 1), capacity: 1 };

    const shared = new Map<string, GPUBuffer>();
    const share = (label: string, bytes: number): GPUBuffer => {
        const buffer = shared.get(label) ?? memory.storage(label, bytes);
        shared.set(label, buffer);
        return buffer;
    };
    const outputs: GPUBuffer[] = [];
    /** The buffer of the next numbered operator. */
    const nextOutput = (label: string, rows = maxRows): GPUBuffer => {
        const bytes = rows * paddedRowBytes(layout[outputs.length]!);
        const buffer = recorded ? memory.storage(label, bytes) : share(label, bytes);
        outputs.push(buffer);
        return buffer;
    };

    const tokenRows = memory.storage('token rows', maxRows * groupsOf(shape.width) * GROUP);
    const tokenScales = memory.storage('token scales', maxRows * 8);
    const angles = uploadTable(memory, 'rope table', model.rope.subarray(0, positions * shape.headWidth));
    const exponentials = uploadTable(memory, 'exp table', model.exp);
    const sigmoids = uploadTable(memory, 'sigmoid table', model.sigmoid);
    const scores = memory.storage('scores', maxRows * shape.heads * positions * 4);
    const sums = share('sums of queries, keys and values', maxRows * groupsOf(qkvChannels(shape)) * 16);
    const gates = share('sums of gates and ups', maxRows * groupsOf(2 * shape.feedForward) * 16);
    const caches = model.layers.map((_, i) => memory.storage(`cache of layer ${i}`, positions * cacheRowBytes(shape)));

    let residual = nextOutput('embedding');
    const body = [embeddingOperator(context, tokenRows, tokenScales, shape.width, residual)];
    model.layers.forEach((layer, index) => {
        const cache = caches[index]!;
        const normed = nextOutput('first norm');
        const qkv = linearOperator(context, normed, layer.qkv, 'accumulators', { output: sums });
        const queries = nextOutput('queries, keys and values');
        const attended = nextOutput('attention');
        const afterAttention = nextOutput('residual after attention');
        const normedAgain = nextOutput('second norm');
        const gateUp = linearOperator(context, normedAgain, layer.gateUp, 'accumulators', { output: gates });
        const product = nextOutput('gated product');
        const afterLayer = nextOutput('residual after a layer');
        body.push(
            normOperator(context, residual, layer.firstNorm, epsilon, normed),
            qkv,
            qkvOperator(
                context,
                { accumulators: sums, channels: qkv.channels, angles, cache, output: queries },
                shape,
                layer.rope,
            ),
            attentionOperator(
                context,
                { queries, cache, exponentials, scores, output: attended },
                shape,
                positions,
                layer,
            ),
            linearOperator(context, attended, layer.o, 'residual', {
                segment: shape.headWidth,
                residual,
                output: afterAttention,
            }),
            normOperator(context, afterAttention, layer.secondNorm, epsilon, normedAgain),
            gateUp,
            gatedOperator(
                context,
                { accumulators: gates, channels: gateUp.channels, sigmoids, output: product },
                layer.index,
                layer.product,
            ),
            linearOperator(context, product, layer.down, 'residual', { residual: afterAttention, output: afterLayer }),
        );
        residual = afterLayer;
    });
    const normed = nextOutput('last norm', 1);
    const logits = nextOutput('logits', 1);
    const head = [
        normOperator(context, residual, model.lastNorm, epsilon, normed, true),
        linearOperator(single, normed, model.head, 'int32', { output: logits }),
    ];
    const choice = argmaxOperator(single, logits, shape.vocabulary);
    return { tokenRows, tokenScales, step, body, head, choice, outputs, caches };
}
