import { EngineDevice } from './device';
import { EngineError } from './errors';

/** The flags of WebGPU's `GPUBufferUsage`, which is not a global in Node. */
export const BufferUsage = {
    MapRead: 0x0001,
    CopySource: 0x0004,
    CopyDestination: 0x0008,
    Uniform: 0x0040,
    Storage: 0x0080,
} as const;

/** Buffers on a device that are released together. */
export class DeviceMemory {
    private readonly buffers: GPUBuffer[] = [];

    constructor(private readonly device: EngineDevice) {}

    /**
     * A storage buffer that can be filled and read back.
     *
     * @param bytes - size; a multiple of 4.
     * @throws {@link EngineError} `model-too-large` when the device cannot bind so much at once.
     */
    storage(label: string, bytes: number): GPUBuffer {
        const { maxStorageBufferBindingSize, maxBufferSize } = this.device.gpuDevice.limits;
        const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
        if (bytes > limit) {
            throw new EngineError(
                'model-too-large',
                `${label} takes ${bytes} bytes, the device binds at most ${limit}`,
            );
        }
        const usage = BufferUsage.Storage | BufferUsage.CopySource | BufferUsage.CopyDestination;
        return this.create(label, bytes, usage);
    }

    /**
     * A storage buffer with a content, which is only made once there is room for it; the errors are those of
     * {@link DeviceMemory.storage}.
     */
    upload(label: string, bytes: number, makeContent: () => Uint8Array<ArrayBuffer>): GPUBuffer {
        const buffer = this.storage(label, bytes);
        this.device.gpuDevice.queue.writeBuffer(buffer, 0, makeContent());
        return buffer;
    }

    /** A uniform buffer with a content; without values it is one word, to be written later. */
    uniform(label: string, ...values: number[]): GPUBuffer {
        const words = Uint32Array.from(values);
        const usage = BufferUsage.Uniform | BufferUsage.CopyDestination;
        const buffer = this.create(label, Math.max(4, words.byteLength), usage);
        this.device.gpuDevice.queue.writeBuffer(buffer, 0, words);
        return buffer;
    }

    /** A buffer of any other kind; {@link BufferUsage} gives the flags. */
    create(label: string, size: number, usage: GPUBufferUsageFlags): GPUBuffer {
        const buffer = this.device.gpuDevice.createBuffer({ label, size, usage });
        this.buffers.push(buffer);
        return buffer;
    }

    /** Releases all of them. */
    destroy(): void {
        this.buffers.forEach((buffer) => buffer.destroy());
    }
}

/**
 * Runs an action and turns what the device reports about it into an exception. The action is synchronous, so that errors of others
 * who use the device at the same time do not mix in.
 *
 * @throws {@link EngineError} `device-failure`, and whatever the action throws.
 */
export async function checked<T>(device: EngineDevice, action: () => T): Promise<T> {
    const { gpuDevice } = device;
    const filters: GPUErrorFilter[] = ['validation', 'out-of-memory', 'internal'];
    filters.forEach((filter) => gpuDevice.pushErrorScope(filter));
    let errors: Promise<(GPUError | null)[]>;
    let value: T;
    try {
        value = action();
    } finally {
        errors = Promise.all(filters.map(() => gpuDevice.popErrorScope()));
        // Where the action throws, its exception says more than the lost scopes.
        errors.catch(() => undefined);
    }
    const error = (await errors).find((found) => found !== null);
    if (error) throw new EngineError('device-failure', error.message);
    return value;
}
