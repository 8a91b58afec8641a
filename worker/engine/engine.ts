import { EngineDevice } from './device';
import { EngineError } from './errors';
import { BufferUsage, checked, DeviceMemory } from './gpuBuffers';
import { Epilogue, GROUP, groupsOf, LinearTile } from './kernels/linear.wgsl';
import { classCount, imageBytes, Model, OutputKind } from './model';
import { Operator } from './kernelBinding';
import { argmaxOperator, DEFAULT_TILE, linearOperator, quantiseOperator } from './operators';
import { padRows, unpadRows } from './packing';

/** Options of {@link Engine.load}. None of them changes a bit of a result. */
export interface EngineOptions {
    /** Images that are computed at once; larger batches are split. At most 1,024. */
    readonly maxRows?: number;
    /** Division of the work of a linear layer. */
    readonly tile?: LinearTile;
}

/** The result of a batch of `M` images (docs/engine.md, section 3). */
export interface Classification {
    /** `[M]`: the result bytes of the run. */
    readonly classes: Uint8Array;
    /** `[M, number of classes]`, row-major. */
    readonly logits: Int32Array;
}

const DEFAULT_MAX_ROWS = 256;
/** So many rows of the widest layer just fit a binding of 128 MiB. */
const GREATEST_MAX_ROWS = 1024;

const EPILOGUES: Record<OutputKind, Epilogue> = {
    [OutputKind.Int8]: 'int8',
    [OutputKind.Int8Relu]: 'int8-relu',
    [OutputKind.Int32]: 'int32',
};

/** A model on a device. Runs may be started while others are under way; they are computed one after another. */
export class Engine {
    private lastRun: Promise<unknown> = Promise.resolve();
    private destroyed = false;

    private constructor(
        private readonly device: EngineDevice,
        readonly model: Model,
        private readonly chain: OperatorChain,
        private readonly memory: DeviceMemory,
    ) {}

    /**
     * Puts a model on a device.
     *
     * @throws {@link EngineError} `model-too-large` or `device-failure`.
     * @throws RangeError when `maxRows` is out of range.
     */
    static async load(device: EngineDevice, model: Model, options: EngineOptions = {}): Promise<Engine> {
        const { maxRows = DEFAULT_MAX_ROWS, tile = DEFAULT_TILE } = options;
        if (!Number.isInteger(maxRows) || maxRows < 1 || maxRows > GREATEST_MAX_ROWS) {
            throw new RangeError(`maxRows is ${maxRows}, not 1 … ${GREATEST_MAX_ROWS}`);
        }
        const memory = new DeviceMemory(device);
        try {
            const chain = await checked(device, () => buildChain(device, memory, model, maxRows, tile));
            return new Engine(device, model, chain, memory);
        } catch (error) {
            memory.destroy();
            throw error;
        }
    }

    /**
     * Classifies a batch of images.
     *
     * @param images - the input bytes of docs/engine.md, section 3: at least one image, one after another. They must not be
     * changed before the run is over.
     * @throws RangeError when the length is not a positive multiple of an image's.
     * @throws {@link EngineError} `device-failure` or `destroyed`.
     */
    run(images: Uint8Array): Promise<Classification> {
        const run = this.lastRun.then(() => this.runInParts(images));
        // The next run waits for this one, whether or not it fails; the failure belongs to this one's caller.
        this.lastRun = run.catch(() => undefined);
        return run;
    }

    /** Releases the model's memory on the device; the device stays open. Runs under way fail. */
    destroy(): void {
        this.destroyed = true;
        this.memory.destroy();
    }

    private async runInParts(images: Uint8Array): Promise<Classification> {
        const bytes = imageBytes(this.model);
        const columns = classCount(this.model);
        const count = images.length / bytes;
        if (!Number.isInteger(count) || count === 0) {
            throw new RangeError(`${images.length} bytes are not one or more images of ${bytes} bytes`);
        }
        const classes = new Uint8Array(count);
        const logits = new Int32Array(count * columns);
        for (let first = 0; first < count; first += this.chain.maxRows) {
            const rows = Math.min(this.chain.maxRows, count - first);
            const part = await this.runPart(images.subarray(first * bytes, (first + rows) * bytes), rows);
            unpadRows(part.logits, columns, logits, first);
            classes.set(part.classes, first);
        }
        return { classes, logits };
    }

    private async runPart(images: Uint8Array, rows: number): Promise<{ logits: Int32Array; classes: Uint32Array }> {
        if (this.destroyed) throw new EngineError('destroyed', 'The engine has been destroyed');
        const { gpuDevice } = this.device;
        const { rowCount, input, operators, logits, classes, readback } = this.chain;
        const logitBytes = rows * groupsOf(classCount(this.model)) * 16;
        const bytes = logitBytes + rows * 4;

        await checked(this.device, () => {
            gpuDevice.queue.writeBuffer(rowCount, 0, Uint32Array.of(rows));
            gpuDevice.queue.writeBuffer(input, 0, padRows(images, imageBytes(this.model)));
            const encoder = gpuDevice.createCommandEncoder();
            const pass = encoder.beginComputePass();
            operators.forEach((operator) => operator.encode(pass, rows));
            pass.end();
            encoder.copyBufferToBuffer(logits, 0, readback, 0, logitBytes);
            encoder.copyBufferToBuffer(classes, 0, readback, logitBytes, rows * 4);
            gpuDevice.queue.submit([encoder.finish()]);
        });
        try {
            await readback.mapAsync(MAP_READ, 0, bytes);
        } catch (cause) {
            throw new EngineError('device-failure', 'The result could not be read from the device', { cause });
        }
        // A copy, since unmapping takes the memory away.
        const result = readback.getMappedRange(0, bytes).slice(0);
        readback.unmap();
        return {
            logits: new Int32Array(result, 0, logitBytes / 4),
            classes: new Uint32Array(result, logitBytes, rows),
        };
    }
}

/** `GPUMapMode.READ`, which is not a global in Node. */
const MAP_READ = 1;

/** The buffers and kernels of a model, in order. */
interface OperatorChain {
    readonly maxRows: number;
    readonly rowCount: GPUBuffer;
    readonly input: GPUBuffer;
    readonly operators: readonly Operator[];
    readonly logits: GPUBuffer;
    readonly classes: GPUBuffer;
    readonly readback: GPUBuffer;
}

function buildChain(
    device: EngineDevice,
    memory: DeviceMemory,
    model: Model,
    maxRows: number,
    tile: LinearTile,
): OperatorChain {
    const rowCount = memory.uniform('rows');
    const context = { device, memory, rowCount, capacity: maxRows };
    const input = memory.storage('images', maxRows * groupsOf(imageBytes(model)) * GROUP);
    const operators = [quantiseOperator(context, input, imageBytes(model))];
    const lastOutput = (): GPUBuffer => operators[operators.length - 1]!.output;
    for (const layer of model.layers) {
        operators.push(linearOperator(context, lastOutput(), layer, EPILOGUES[layer.outputKind], { tile }));
    }
    const logits = lastOutput();
    operators.push(argmaxOperator(context, logits, classCount(model)));
    const classes = lastOutput();
    const readbackUsage = BufferUsage.MapRead | BufferUsage.CopyDestination;
    const readback = memory.create('result', logits.size + classes.size, readbackUsage);
    return { maxRows, rowCount, input, operators, logits, classes, readback };
}
