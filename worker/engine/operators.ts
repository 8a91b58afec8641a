import { EngineDevice } from './device';
import { ARGMAX_WGSL } from './kernels/argmax.wgsl';
import { Epilogue, GROUP, groupsOf, LinearTile, linearShader } from './kernels/linear.wgsl';
import { QUANTISE_WGSL, QUANTISE_WORKGROUP } from './kernels/quantise.wgsl';
import { bindKernel, KernelBinding, Operator, OperatorContext } from './kernelBinding';
import { Layer } from './model';
import {
    packChannels,
    packedChannelBytes,
    packedWeightBytes,
    packWeights,
    paddedGroups,
    sliceChannels,
} from './packing';

/** Tensors of a layer without its output rule, which is the {@link Epilogue}. */
export type LinearTensors = Omit<Layer, 'outputKind'>;

/** A division of work that suits CPUs and GPUs alike for the small models of version 1. */
export const DEFAULT_TILE: LinearTile = { workgroupGroups: 16, workgroupRows: 4, rowsPerInvocation: 4 };

/** A division for one row: nothing is computed for rows that are not there. */
const SINGLE_ROW_TILE: LinearTile = { workgroupGroups: 64, workgroupRows: 1, rowsPerInvocation: 1 };

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

/** Options of {@link linearOperator}. None of them changes a bit of a result. */
export interface LinearOptions {
    readonly tile?: LinearTile;
    /** What the sums are added to with the epilogue `residual`: int32, rows padded to groups of four. */
    readonly residual?: GPUBuffer;
    /** Inputs are in segments of so many channels that each begin at a word; by default a row is one segment. */
    readonly segment?: number;
    /** Where the result goes, instead of into a buffer of its own. */
    readonly output?: GPUBuffer;
    /** Greatest bytes of weights bound at once; what the device binds by default. Larger weights are split by output channels. */
    readonly bindingLimit?: number;
}

/** A `linear` as an operator, with the scales of its channels in buffers for kernels that follow. */
export interface LinearOperator extends Operator {
    /** Bias, multipliers and shifts as the linear shader has them. */
    readonly channels: GPUBuffer;
}

/**
 * `linear` with its epilogue (docs/engine.md, sections 2.2 to 2.5; docs/engine/decoder.md, section 2.6).
 *
 * @param input - int8, rows (or their segments) padded to words.
 * @throws EngineError `model-too-large` when the device cannot bind an output, or the weights of four channels.
 */
export function linearOperator(
    context: OperatorContext,
    input: GPUBuffer,
    tensors: LinearTensors,
    epilogue: Epilogue,
    options: LinearOptions = {},
): LinearOperator {
    const { device, memory, capacity } = context;
    const { tile = DEFAULT_TILE, residual, segment = tensors.inputs, bindingLimit = bindingLimitOf(device) } = options;
    const outputGroups = groupsOf(tensors.outputs);
    const bytesPerGroup = epilogue === 'int8' || epilogue === 'int8-relu' ? GROUP : 4 * GROUP;
    const label = `linear to ${epilogue}`;
    const output = options.output ?? memory.storage(label, capacity * outputGroups * bytesPerGroup);
    const channels = memory.upload('channels', packedChannelBytes(tensors), () => packChannels(tensors));
    const inputGroups = paddedGroups(tensors.inputs, segment);
    const groupsAtOnce = Math.max(1, Math.floor(bindingLimit / (inputGroups * GROUP * GROUP)));

    const parts: Operator[] = [];
    for (let first = 0; first < outputGroups; first += groupsAtOnce) {
        const part = sliceChannels(tensors, first * GROUP, (first + groupsAtOnce) * GROUP);
        const partGroups = groupsOf(part.outputs);
        const weights = memory.upload('weights', packedWeightBytes(part, segment), () => packWeights(part, segment));
        const bound = {
            label,
            shape: [inputGroups, outputGroups, first, partGroups],
            buffers: [input, weights, channels],
            output,
            afterOutput: residual === undefined ? [] : [residual],
        };
        parts.push(tiledLinear(context, bound, epilogue, tile));
    }
    return { output, channels, encode: (pass, rows) => parts.forEach((part) => part.encode(pass, rows)) };
}

/** A linear kernel in two divisions of the work: one for a single row, one for more. */
function tiledLinear(
    context: OperatorContext,
    bound: Pick<KernelBinding, 'label' | 'shape' | 'buffers' | 'output' | 'afterOutput'>,
    epilogue: Epilogue,
    tile: LinearTile,
): Operator {
    const partGroups = bound.shape[3]!;
    const kernelOf = ({ workgroupGroups, workgroupRows, rowsPerInvocation }: LinearTile): Operator =>
        bindKernel(context, {
            ...bound,
            code: linearShader(epilogue, rowsPerInvocation, context.device.packedDotProduct),
            constants: { WORKGROUP_GROUPS: workgroupGroups, WORKGROUP_ROWS: workgroupRows },
            workgroups: (rows) => [
                Math.ceil(partGroups / workgroupGroups),
                Math.ceil(rows / (workgroupRows * rowsPerInvocation)),
            ],
        });
    const many = kernelOf(tile);
    if (tile !== DEFAULT_TILE) return many;
    const single = kernelOf(SINGLE_ROW_TILE);
    return { output: bound.output, encode: (pass, rows) => (rows === 1 ? single : many).encode(pass, rows) };
}

function bindingLimitOf({ gpuDevice }: EngineDevice): number {
    return Math.min(gpuDevice.limits.maxStorageBufferBindingSize, gpuDevice.limits.maxBufferSize);
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
        workgroups: (rows) => [rows, 1],
    });
}
