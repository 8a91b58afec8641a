import { EngineDevice } from '../device';
import { EngineError } from '../errors';
import { BufferUsage, checked, DeviceMemory } from '../gpuBuffers';
import { GROUP, groupsOf } from '../kernels/linear.wgsl';
import { DecoderGraph, GraphOptions } from './graph';
import { DecoderModel } from './model';
import { paddedRowBytes, recordLayout } from './record';

/** What {@link DecoderSteps.submit} is to bring back of a step. */
export interface StepWishes {
    /** `token`: the greatest logit's; `logits`: all of them; `none`: no head is computed. */
    readonly sampled: 'none' | 'token' | 'logits';
    /** The outputs of all operators. */
    readonly record: boolean;
}

/** What came back of a step. */
export interface StepOutput {
    /** Positions of the step. */
    readonly rows: number;
    /** Whether the head was computed for the last of them. */
    readonly sampled: boolean;
    readonly token?: number;
    /** `[V]` */
    readonly logits?: Int32Array;
    /** For each operator that was computed its rows, padded as in the record's layout. */
    readonly record?: readonly Uint8Array[];
}

/** Sends the steps of a graph to its device. Two may be under way at once. */
export class DecoderSteps {
    private readonly readbacks: GPUBuffer[];
    private turn = 0;

    constructor(
        private readonly device: EngineDevice,
        memory: DeviceMemory,
        private readonly model: DecoderModel,
        private readonly graph: DecoderGraph,
        { recorded }: Pick<GraphOptions, 'recorded'>,
    ) {
        const last = graph.outputs.length - 1;
        const size = recorded
            ? graph.outputs.reduce((sum, { size }) => sum + size, 0) + 4
            : graph.outputs[last]!.size + 4;
        const usage = BufferUsage.MapRead | BufferUsage.CopyDestination;
        this.readbacks = [0, 1].map((i) => memory.create(`readback ${i}`, size, usage));
    }

    /**
     * Computes positions from their tokens and the cache, and fills the cache.
     *
     * @param first - position of the first token.
     * @throws EngineError `device-failure`
     */
    async submit(tokens: ArrayLike<number>, first: number, wishes: StepWishes): Promise<StepOutput> {
        const readback = this.readbacks[this.turn]!;
        this.turn = 1 - this.turn;
        const parts = this.partsToRead(tokens.length, wishes);
        const bytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
        const sent = checked(this.device, () => this.send(tokens, first, wishes, parts, readback));
        if (bytes === 0) {
            await sent;
            return { rows: tokens.length, sampled: wishes.sampled !== 'none' };
        }
        try {
            await Promise.all([sent, readback.mapAsync(MAP_READ, 0, bytes)]);
        } catch (cause) {
            if (cause instanceof EngineError) throw cause;
            throw new EngineError('device-failure', 'A step could not be read from the device', { cause });
        }
        const content = readback.getMappedRange(0, bytes).slice(0);
        readback.unmap();
        return this.read(content, parts, wishes, tokens.length);
    }

    private send(
        tokens: ArrayLike<number>,
        first: number,
        { sampled }: StepWishes,
        parts: readonly Part[],
        readback: GPUBuffer,
    ): void {
        const { gpuDevice } = this.device;
        const { graph } = this;
        gpuDevice.queue.writeBuffer(graph.step, 0, Uint32Array.of(tokens.length, first));
        this.lookUp(tokens);
        const encoder = gpuDevice.createCommandEncoder();
        const pass = encoder.beginComputePass();
        graph.body.forEach((operator) => operator.encode(pass, tokens.length, first));
        if (sampled !== 'none') graph.head.forEach((operator) => operator.encode(pass, 1));
        if (sampled === 'token') graph.choice.encode(pass, 1);
        pass.end();
        let offset = 0;
        for (const { buffer, bytes } of parts) {
            encoder.copyBufferToBuffer(buffer, 0, readback, offset, bytes);
            offset += bytes;
        }
        gpuDevice.queue.submit([encoder.finish()]);
    }

    /** Takes the tokens' rows out of the embedding's table, which need not fit a binding as a whole. */
    private lookUp(tokens: ArrayLike<number>): void {
        const { weights, multiplier, shift } = this.model.embedding;
        const { width } = this.model.shape;
        const stride = groupsOf(width) * GROUP;
        const rows = new Int8Array(tokens.length * stride);
        const scales = new Int32Array(2 * tokens.length);
        for (let row = 0; row < tokens.length; row++) {
            const token = tokens[row]!;
            rows.set(weights.subarray(token * width, (token + 1) * width), row * stride);
            scales.set([multiplier[token]!, shift[token]!], 2 * row);
        }
        this.device.gpuDevice.queue.writeBuffer(this.graph.tokenRows, 0, rows);
        this.device.gpuDevice.queue.writeBuffer(this.graph.tokenScales, 0, scales);
    }

    private partsToRead(rows: number, { sampled, record }: StepWishes): Part[] {
        const { outputs, choice } = this.graph;
        const layout = recordLayout(this.model.shape);
        const part = (operator: number, rowCount: number): Part => ({
            buffer: outputs[operator]!,
            bytes: rowCount * paddedRowBytes(layout[operator]!),
        });
        const parts = record ? layout.slice(0, -2).map((_, operator) => part(operator, rows)) : [];
        if (record && sampled !== 'none') parts.push(part(outputs.length - 2, 1));
        if (sampled === 'logits' || (record && sampled === 'token')) parts.push(part(outputs.length - 1, 1));
        if (sampled === 'token') parts.push({ buffer: choice.output, bytes: 4 });
        return parts;
    }

    private read(
        content: ArrayBuffer,
        parts: readonly Part[],
        { sampled, record }: StepWishes,
        rows: number,
    ): StepOutput {
        let offset = 0;
        const pieces = parts.map(({ bytes }) => new Uint8Array(content, (offset += bytes) - bytes, bytes));
        const token = sampled === 'token' ? new Uint32Array(pieces.pop()!.slice().buffer)[0]! : undefined;
        const last = pieces[pieces.length - 1]!;
        const logits =
            sampled === 'logits' ? new Int32Array(content, last.byteOffset, this.model.shape.vocabulary) : undefined;
        return { rows, sampled: sampled !== 'none', token, logits, record: record ? pieces : undefined };
    }
}

/** `GPUMapMode.READ`, which is not a global in Node. */
const MAP_READ = 1;

/** A range of a buffer, from its beginning, that is copied for reading. */
interface Part {
    readonly buffer: GPUBuffer;
    readonly bytes: number;
}
