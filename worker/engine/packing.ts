import { GROUP, groupsOf } from './kernels/linear.wgsl';
import { Layer } from './model';

/** Length of what {@link packWeights} makes. */
export function packedWeightBytes({ inputs, outputs }: Pick<Layer, 'inputs' | 'outputs'>): number {
    return groupsOf(inputs) * groupsOf(outputs) * GROUP * GROUP;
}

/**
 * Lays weights out for the linear kernel: `[input group, output group, channel of the group, input of the group]`, one byte
 * each. Channels and inputs that fill up a group have zero weights.
 */
export function packWeights(layer: Pick<Layer, 'inputs' | 'outputs' | 'weights'>): Uint8Array<ArrayBuffer> {
    const { inputs, outputs, weights } = layer;
    const packed = new Int8Array(packedWeightBytes(layer));
    const inputGroupStride = groupsOf(outputs) * GROUP * GROUP;
    for (let n = 0; n < outputs; n++) {
        for (let k = 0; k < inputs; k++) {
            packed[Math.floor(k / GROUP) * inputGroupStride + n * GROUP + (k % GROUP)] = weights[n * inputs + k]!;
        }
    }
    return new Uint8Array(packed.buffer);
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
