import { GROUP, groupsOf } from './kernels/linear.wgsl';
import { Layer } from './model';

/**
 * Lays weights out for the linear kernel: `[input group, output group, channel of the group, input of the group]`, one byte
 * each. Channels and inputs that fill up a group have zero weights.
 */
export function packWeights({ inputs, outputs, weights }: Pick<Layer, 'inputs' | 'outputs' | 'weights'>) {
    const outputGroups = groupsOf(outputs);
    const packed = new Int8Array(groupsOf(inputs) * outputGroups * GROUP * GROUP);
    for (let n = 0; n < outputs; n++) {
        const channelOffset = (Math.floor(n / GROUP) * GROUP + (n % GROUP)) * GROUP;
        for (let k = 0; k < inputs; k++) {
            const inputOffset = Math.floor(k / GROUP) * outputGroups * GROUP * GROUP + (k % GROUP);
            packed[inputOffset + channelOffset] = weights[n * inputs + k]!;
        }
    }
    return new Uint8Array(packed.buffer);
}

/** Lays bias, multiplier and shift out by groups of four channels: four of the one, then four of the next. */
export function packChannels({ outputs, bias, multiplier, shift }: Omit<Layer, 'inputs' | 'weights' | 'outputKind'>) {
    const packed = new Int32Array(groupsOf(outputs) * 3 * GROUP);
    [bias, multiplier, shift].forEach((values, part) => {
        for (let n = 0; n < outputs; n++) {
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
export function padRows(rows: Uint8Array, bytes: number) {
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
