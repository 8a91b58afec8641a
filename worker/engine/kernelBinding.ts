import { EngineDevice } from './device';
import { DeviceMemory } from './gpuBuffers';

/** A kernel with its buffers, ready to be encoded for any number of rows up to its capacity. */
export interface Operator {
    /** Its result: rows of words (four int8 each), of groups of four int32, or, after `argmax`, of single u32. */
    readonly output: GPUBuffer;
    /**
     * Records the kernel for the first rows of its input.
     *
     * @param first - position of the first row, where the operator's amount of work depends on it.
     */
    encode(pass: GPUComputePassEncoder, rows: number, first?: number): void;
}

/** What the operators of one chain share. */
export interface OperatorContext {
    readonly device: EngineDevice;
    /** Owns every buffer of the chain. */
    readonly memory: DeviceMemory;
    /** Uniform buffer with the number of rows of the current batch; in a decoder followed by the first row's position. */
    readonly rowCount: GPUBuffer;
    /** Greatest number of rows. */
    readonly capacity: number;
}

/** What {@link bindKernel} puts together. */
export interface KernelBinding {
    readonly label: string;
    readonly code: string;
    /** The shader's override constants. */
    readonly constants?: Record<string, number>;
    /** The words of the shader's shape, bound after the row count. */
    readonly shape: readonly number[];
    /** Bound after the shape, in this order. */
    readonly buffers: readonly GPUBuffer[];
    /** Bound after these. */
    readonly output: GPUBuffer;
    /** Bound last. */
    readonly afterOutput?: readonly GPUBuffer[];
    readonly workgroups: (rows: number, first: number) => readonly [x: number, y: number, z?: number];
}

/** A kernel as an operator: its pipeline, which kernels of one code share, and its bind group. */
export function bindKernel({ device, memory, rowCount }: OperatorContext, kernel: KernelBinding): Operator {
    const { label, code, constants = {}, shape, buffers, output, afterOutput = [], workgroups } = kernel;
    const pipeline = pipelineFor(device, label, code, constants);
    const words = memory.uniform(`shape of ${label}`, ...shape);
    const bindGroup = device.gpuDevice.createBindGroup({
        label,
        layout: pipeline.getBindGroupLayout(0),
        entries: [rowCount, words, ...buffers, output, ...afterOutput].map((buffer, binding) => ({
            binding,
            resource: { buffer },
        })),
    });
    return {
        output,
        encode(pass, rows, first = 0) {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, bindGroup);
            pass.dispatchWorkgroups(...workgroups(rows, first));
        },
    };
}

/** Shapes are not compiled into a shader, so all operators of a kind share one pipeline of their device. */
const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

function pipelineFor(
    { gpuDevice }: EngineDevice,
    label: string,
    code: string,
    constants: Record<string, number>,
): GPUComputePipeline {
    const ofDevice = pipelines.get(gpuDevice) ?? new Map<string, GPUComputePipeline>();
    pipelines.set(gpuDevice, ofDevice);
    const key = JSON.stringify([constants, code]);
    let pipeline = ofDevice.get(key);
    if (pipeline === undefined) {
        const module = gpuDevice.createShaderModule({ label, code });
        pipeline = gpuDevice.createComputePipeline({ label, layout: 'auto', compute: { module, constants } });
        ofDevice.set(key, pipeline);
    }
    return pipeline;
}
