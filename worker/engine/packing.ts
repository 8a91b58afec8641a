import { GROUP, groupsOf } from './kernels/linear.wgsl';
import { Layer } from './model';

type WeightTensor = Pick<Layer, 'inputs' | 'outputs' | 'weights'>;

/** Groups of a row of so many channels of which each segment begins a group. */
export function paddedGroups(channels: number, segment: number): number {
    return (channels / segment) * groupsOf(segment);
}

/** Length of what {@link packWeights} makes. */
export function packedWeightBytes({ inputs, outputs }: Omit<WeightTensor, 'weights'>, segment = inputs): number {
    return paddedGroups(inputs, segment) * groupsOf(outputs) * GROUP * GROUP;
}

/**
 * Lays weights out for the linear kernel: `[input group, output group, channel of the group, input of the group]`, one byte
 * each. Channels and inputs that fill up a group have zero weights.
 *
 * @param segment - inputs of which each so many begin a group; they divide the inputs.
 */
export function packWeights(layer: WeightTensor, segment = layer.inputs): Uint8Array<ArrayBuffer> {
    const { inputs, outputs, weights } = layer;
    const packed = new Int32Array(packedWeightBytes(layer, segment) / GROUP);
    const groupStride = groupsOf(outputs) * GROUP;
    for (let n = 0, at = 0; n < outputs; n++) {
        for (let group = 0, end = at + inputs; at < end;) {
            for (const segmentEnd = at + segment; at < segmentEnd; at += GROUP, group++) {
                // Bytes past the end of a segment are masked, and those past the end of the tensor read as zero.
                const left = segmentEnd - at;
                const mask = left >= GROUP ? -1 : (1 << (8 * left)) - 1;
                packed[group * groupStride + n] =
                    mask &
                    ((weights[at]! & 0xff) |
                        ((weights[at + 1]! & 0xff) << 8) |
                        ((weights[at + 2]! & 0xff) << 16) |
                        (weights[at + 3]! << 24));
            }
            at -= (GROUP - (segment % GROUP)) % GROUP;
        }
    }
    return new Uint8Array(packed.buffer);
}

/** The weights of a range of output channels, sharing memory with those of all. */
export function sliceChannels(layer: WeightTensor, from: number, to: number): WeightTensor {
    const end = Math.min(to, layer.outputs);
    const { inputs } = layer;
    return { inputs, outputs: end - from, weights: layer.weights.subarray(from * inputs, end * inputs) };
}

type ChannelTensors = Pick<Layer, 'outputs' | 'bias' | 'multiplier' | 'shift'>;

/** Length of what {@link packChannels} makes. */
export function packedChannelBytes({ outputs }: Pick<Layer, 'outputs'>): number {
    return groupsOf(outputs) * GROUP * 3 * 4;
}

/** Lays bias, multiplier and shift out by groups of four channels: four of the one, then four of the next. */
export function packChannels(layer: ChannelTensors): Uint8Array<ArrayBuffer> {
    const packed = new Int32Array(packedChannelBytes(layer) / 4);
    [layer.bias, layer.multiplier, layer.shift].forEach((values, part) => {
        for (let n = 0; n < layer.outputs; n++) {
            packed[Math.floor(n / GROUP) * 3 * GROUP + part * GROUP + (n % GROUP)] = values[n]!;
        }
    });
    return new Uint8Array(packed.buffer);
}

/**
 * Copies rows of bytes so that each begins at a word.
 *
 * @param bytes - the length of a row without padding; the rows lie one after another.
 */
export function padRows(rows: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
    const stride = groupsOf(bytes) * GROUP;
    const padded = new Uint8Array((rows.length / bytes) * stride);
    for (let from = 0, to = 0; from < rows.length; from += bytes, to += stride) {
        padded.set(rows.subarray(from, from + bytes), to);
    }
    return padded;
}

/** Takes the padding off rows of int32, adding them to a tensor from a row on: the inverse of padding to groups of four. */
export function unpadRows(padded: Int32Array, columns: number, target: Int32Array, firstRow: number): void {
    const stride = groupsOf(columns) * GROUP;
    for (let from = 0, to = firstRow * columns; from < padded.length; from += stride, to += columns) {
        target.set(padded.subarray(from, from + columns), to);
    }
}
