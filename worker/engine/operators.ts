import { EngineDevice } from './device';
import { DeviceMemory } from './gpuBuffers';
import { ARGMAX_WGSL, ARGMAX_WORKGROUP } from './kernels/argmax.wgsl';
import { Epilogue, GROUP, groupsOf, LinearTile, linearShader } from './kernels/linear.wgsl';
import { QUANTISE_WGSL, QUANTISE_WORKGROUP } from './kernels/quantise.wgsl';
import { Layer } from './model';
import { packChannels, packedChannelBytes, packedWeightBytes, packWeights } from './packing';

/** A kernel with its buffers, ready to be encoded for any number of rows up to its capacity. */
export interface Operator {
    /** Its result: rows of words (four int8 each), of groups of four int32, or, after `argmax`, of single u32. */
    readonly output: GPUBuffer;
    /** Records the kernel for the first rows of its input. */
    encode(pass: GPUComputePassEncoder, rows: number): void;
}

/** What the operators of one chain share. */
export interface OperatorContext {
    readonly device: EngineDevice;
    /** Owns every buffer of the chain. */
    readonly memory: DeviceMemory;
    /** Uniform buffer with the number of rows of the current batch. */
    readonly rowCount: GPUBuffer;
    /** Greatest number of rows. */
    readonly capacity: number;
}

/** Tensors of a layer without its output rule, which is the {@link Epilogue}. */
export type LinearTensors = Omit<Layer, 'outputKind'>;

/** A division of work that suits CPUs and GPUs alike for the small models of version 1. */
export const DEFAULT_TILE: LinearTile = { workgroupGroups: 16, workgroupRows: 4, rowsPerInvocation: 4 };

/**
 * `quantise` (docs/engine.md, section 2.1).
 *
 * @param images - bytes, rows padded to words.
 * @param channels - bytes of a row without padding.
 */
export function quantiseOperator(context: OperatorContext, images: GPUBuffer, channels: number): Operator {
    const groups = groupsOf(channels);
    return bindKernel(context, {
        label: 'quantise',
        code: QUANTISE_WGSL,
        shape: [groups],
        buffers: [images],
        output: context.memory.storage('quantised images', context.capacity * groups * GROUP),
        workgroups: (rows) => [Math.ceil(groups / QUANTISE_WORKGROUP), rows],
    });
}

/**
 * `linear` with its epilogue (docs/engine.md, sections 2.2 to 2.5).
 *
 * @param input - int8, rows padded to words.
 */
export function linearOperator(
    context: OperatorContext,
    input: GPUBuffer,
    tensors: LinearTensors,
    epilogue: Epilogue,
    tile: LinearTile = DEFAULT_TILE,
): Operator {
    const { device, memory, capacity } = context;
    const inputGroups = groupsOf(tensors.inputs);
    const outputGroups = groupsOf(tensors.outputs);
    const { workgroupGroups, workgroupRows, rowsPerInvocation } = tile;
    const bytesPerGroup = epilogue === 'accumulators' || epilogue === 'int32' ? 4 * GROUP : GROUP;
    const label = `linear to ${epilogue}`;
    return bindKernel(context, {
        label,
        code: linearShader(epilogue, rowsPerInvocation, device.packedDotProduct),
        constants: { WORKGROUP_GROUPS: workgroupGroups, WORKGROUP_ROWS: workgroupRows },
        shape: [inputGroups, outputGroups],
        buffers: [
            input,
            memory.upload('weights', packedWeightBytes(tensors), () => packWeights(tensors)),
            memory.upload('channels', packedChannelBytes(tensors), () => packChannels(tensors)),
        ],
        output: memory.storage(label, capacity * outputGroups * bytesPerGroup),
        workgroups: (rows) => [
            Math.ceil(outputGroups / workgroupGroups),
            Math.ceil(rows / (workgroupRows * rowsPerInvocation)),
        ],
    });
}

/**
 * `argmax` (docs/engine.md, section 2.6).
 *
 * @param input - int32, rows padded to groups of four.
 * @param columns - channels of a row without padding.
 */
export function argmaxOperator(context: OperatorContext, input: GPUBuffer, columns: number): Operator {
    return bindKernel(context, {
        label: 'argmax',
        code: ARGMAX_WGSL,
        shape: [columns],
        buffers: [input],
        output: context.memory.storage('classes', context.capacity * 4),
        workgroups: (rows) => [Math.ceil(rows / ARGMAX_WORKGROUP), 1],
    });
}

interface KernelBinding {
    readonly label: string;
    readonly code: string;
    /** The shader's override constants. */
    readonly constants?: Record<string, number>;
    /** The words of the shader's shape, bound after the row count. */
    readonly shape: readonly number[];
    /** Bound after the shape, in this order. */
    readonly buffers: readonly GPUBuffer[];
    /** Bound last. */
    readonly output: GPUBuffer;
    readonly workgroups: (rows: number) => readonly [x: number, y: number];
}

function bindKernel({ device, memory, rowCount }: OperatorContext, kernel: KernelBinding): Operator {
    const { label, code, constants = {}, shape, buffers, output, workgroups } = kernel;
    const pipeline = pipelineFor(device, label, code, constants);
    const bindGroup = device.gpuDevice.createBindGroup({
        label,
        layout: pipeline.getBindGroupLayout(0),
        entries: [rowCount, memory.uniform(`shape of ${label}`, ...shape), ...buffers, output].map(
            (buffer, binding) => ({ binding, resource: { buffer } }),
        ),
    });
    return {
        output,
        encode(pass, rows) {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, bindGroup);
            pass.dispatchWorkgroups(...workgroups(rows));
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
