import { allocateOrRefuse, RefereeError } from './errors';
import { MAX_SHIFT } from './operators';

/** Section 4.2: what a layer does with its accumulators. 0 = int8, 1 = int8 with relu, 2 = int32 (logits). */
export type OutputKind = 0 | 1 | 2;

/** One layer of a model (sections 3, 4.2 and 4.3). */
export interface RefereeLayer {
    /** Inputs. */
    readonly K: number;
    /** Outputs. */
    readonly N: number;
    /** What follows `linear`. */
    readonly kind: OutputKind;
    /** Weights `W`: i8 `[N, K]`. */
    readonly weights: Int8Array;
    /** Bias `B`: i32 `[N]`. */
    readonly bias: Int32Array;
    /** Multipliers of `rescale`: i32 `[N]`, each 0 … 2^31 − 1. */
    readonly multiplier: Int32Array;
    /** Shifts of `rescale`: u32 `[N]`, each 0 … 62. */
    readonly shift: Uint32Array;
}

/** A version 1 model, read and checked (section 3). */
export interface RefereeModel {
    /** Layers in the order they are applied, 1 … 64 of them; the last alone has kind 2. */
    readonly layers: readonly RefereeLayer[];
    /** `K_0`, bytes of one image. */
    readonly inputSize: number;
    /** `N` of the last layer, at most 256. */
    readonly classCount: number;
}

interface LayerRecord {
    readonly K: number;
    readonly N: number;
    readonly kind: OutputKind;
}

const MAGIC = [0x54, 0x43, 0x4d, 0x4d, 0x4f, 0x44, 0x45, 0x4c]; // TCMMODEL
const HEADER_BYTES = 32;
const RECORD_BYTES = 16;
const MAX_LAYERS = 64;
const MAX_DIMENSION = 131_071;
const MAX_CLASSES = 256;
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Section 4: reads a model file and rejects any file that the section calls invalid. Nothing is allocated for tensors before the
 * lengths that header and table promise have been compared with the length of the file.
 *
 * @param file - the whole model file
 */
export function readModel(file: Uint8Array): RefereeModel {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const layerCount = readHeader(view);
    const records = readLayerTable(view, layerCount);

    const length = fileLength(records);
    const stated = view.getUint32(24, true);
    if (length > MAX_FILE_BYTES) {
        throw new RefereeError('fileLength', `the table describes ${length} bytes, more than 2^31 − 1`);
    }
    if (stated !== length) {
        throw new RefereeError('fileLength', `the header says ${stated} bytes, the table describes ${length}`);
    }
    if (view.byteLength < length) {
        throw new RefereeError('truncated', `the file has ${view.byteLength} of ${length} bytes`);
    }
    if (view.byteLength > length) {
        throw new RefereeError('fileLength', `${view.byteLength - length} bytes follow the end of the model`);
    }

    const layers = readTensors(view, records);
    return { layers, inputSize: layers[0]!.K, classCount: layers[layers.length - 1]!.N };
}

/** Section 4.1. Returns `L`. */
function readHeader(view: DataView): number {
    if (view.byteLength < HEADER_BYTES) {
        throw new RefereeError('truncated', `the file has ${view.byteLength} bytes, the header alone ${HEADER_BYTES}`);
    }
    for (let i = 0; i < MAGIC.length; i++) {
        if (view.getUint8(i) !== MAGIC[i]) {
            throw new RefereeError('magic', 'the file does not begin with TCMMODEL');
        }
    }
    const version = view.getUint32(8, true);
    if (version !== 1) {
        throw new RefereeError('version', `specification version ${version} is not 1`);
    }
    const architecture = view.getUint32(12, true);
    if (architecture !== 1) {
        throw new RefereeError('architecture', `architecture ${architecture} is not 1`);
    }
    const inputEncoding = view.getUint32(16, true);
    if (inputEncoding !== 1) {
        throw new RefereeError('inputEncoding', `input encoding ${inputEncoding} is not 1`);
    }
    const layerCount = view.getUint32(20, true);
    if (layerCount < 1 || layerCount > MAX_LAYERS) {
        throw new RefereeError('layerCount', `${layerCount} layers are not 1 … ${MAX_LAYERS}`);
    }
    const length = view.getUint32(24, true);
    if (length > MAX_FILE_BYTES) {
        throw new RefereeError('fileLength', `the header says ${length} bytes, more than 2^31 − 1`);
    }
    if (view.getUint32(28, true) !== 0) {
        throw new RefereeError('reserved', 'the reserved field of the header is not 0');
    }
    return layerCount;
}

/** Section 4.2, and the two rules of section 3 that tie layers together. */
function readLayerTable(view: DataView, layerCount: number): LayerRecord[] {
    const end = HEADER_BYTES + RECORD_BYTES * layerCount;
    if (view.byteLength < end) {
        throw new RefereeError('truncated', `the file has ${view.byteLength} bytes, the table ends at ${end}`);
    }
    const records: LayerRecord[] = [];
    for (let i = 0; i < layerCount; i++) {
        const offset = HEADER_BYTES + RECORD_BYTES * i;
        const last = i === layerCount - 1;
        const K = view.getUint32(offset, true);
        const N = view.getUint32(offset + 4, true);
        const kind = view.getUint32(offset + 8, true);
        const maxN = last ? MAX_CLASSES : MAX_DIMENSION;
        if (K < 1 || K > MAX_DIMENSION) {
            throw new RefereeError('dimension', `layer ${i}: K is ${K}, not 1 … ${MAX_DIMENSION}`);
        }
        if (N < 1 || N > maxN) {
            throw new RefereeError('dimension', `layer ${i}: N is ${N}, not 1 … ${maxN}`);
        }
        if (kind !== 0 && kind !== 1 && kind !== 2) {
            throw new RefereeError('outputKind', `layer ${i}: output kind ${kind} is not 0, 1 or 2`);
        }
        if ((kind === 2) !== last) {
            throw new RefereeError('outputKind', `layer ${i}: the last layer, and only the last, has output kind 2`);
        }
        if (view.getUint32(offset + 12, true) !== 0) {
            throw new RefereeError('reserved', `layer ${i}: the reserved field is not 0`);
        }
        const before = records[i - 1];
        if (before !== undefined && before.N !== K) {
            throw new RefereeError('chain', `layer ${i} takes ${K} inputs, the layer before it gives ${before.N}`);
        }
        records.push({ K, N, kind });
    }
    return records;
}

/** Section 4.3: `pad(x) = 16 · ⌊(x + 15) / 16⌋`. At most 2^35 goes in, so a double is exact. */
function pad(x: number): number {
    return 16 * Math.floor((x + 15) / 16);
}

/** Section 4.3: the length of the file, from header and table alone. At most 64 · 2^35: exact in a double. */
function fileLength(records: readonly LayerRecord[]): number {
    let length = HEADER_BYTES + RECORD_BYTES * records.length;
    for (const { K, N } of records) {
        length += pad(N * K) + 3 * pad(4 * N);
    }
    return length;
}

/** Section 4.3: four tensors per layer, each padded with zero bytes to a multiple of 16. */
function readTensors(view: DataView, records: readonly LayerRecord[]): RefereeLayer[] {
    let offset = HEADER_BYTES + RECORD_BYTES * records.length;

    /** Steps over the `size` bytes of one tensor and its padding; gives where the tensor begins. */
    function take(size: number): number {
        const start = offset;
        for (let i = start + size; i < start + pad(size); i++) {
            if (view.getUint8(i) !== 0) {
                throw new RefereeError('padding', `the padding byte at ${i} is not 0`);
            }
        }
        offset = start + pad(size);
        return start;
    }

    const layers: RefereeLayer[] = [];
    for (let i = 0; i < records.length; i++) {
        const { K, N, kind } = records[i]!;

        const weightsAt = take(N * K);
        const weights = allocateOrRefuse('weights', () => new Int8Array(N * K));
        for (let j = 0; j < N * K; j++) {
            weights[j] = view.getInt8(weightsAt + j);
        }

        const biasAt = take(4 * N);
        const bias = allocateOrRefuse('the bias', () => new Int32Array(N));
        for (let n = 0; n < N; n++) {
            bias[n] = view.getInt32(biasAt + 4 * n, true);
        }

        const multiplierAt = take(4 * N);
        const multiplier = allocateOrRefuse('multipliers', () => new Int32Array(N));
        for (let n = 0; n < N; n++) {
            multiplier[n] = view.getInt32(multiplierAt + 4 * n, true);
            if (multiplier[n]! < 0) {
                throw new RefereeError(
                    'multiplier',
                    `layer ${i}, channel ${n}: multiplier ${multiplier[n]} is negative`,
                );
            }
        }

        const shiftAt = take(4 * N);
        const shift = allocateOrRefuse('shifts', () => new Uint32Array(N));
        for (let n = 0; n < N; n++) {
            shift[n] = view.getUint32(shiftAt + 4 * n, true);
            if (shift[n]! > MAX_SHIFT) {
                throw new RefereeError('shift', `layer ${i}, channel ${n}: shift ${shift[n]} is above ${MAX_SHIFT}`);
            }
        }

        layers.push({ K, N, kind, weights, bias, multiplier, shift });
    }
    return layers;
}
