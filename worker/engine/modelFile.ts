import {
    Layer,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_LAYERS,
    MAX_MULTIPLIER,
    MAX_SHIFT,
    Model,
    OutputKind,
    SPEC_VERSION,
} from './model';
import { err, ok, Result } from './result';

const MAGIC = 'TCMMODEL';
const ARCHITECTURE_CLASSIFIER = 1;
const INPUT_ENCODING_IMAGE_BYTES = 1;
const HEADER_BYTES = 32;
const LAYER_RECORD_BYTES = 16;
const ALIGNMENT = 16;
const MAX_FILE_BYTES = 0x7fff_ffff;

/** What is wrong with a model file. */
export type ModelFileErrorCode =
    | 'truncated'
    | 'bad-magic'
    | 'unsupported-version'
    | 'unsupported-architecture'
    | 'unsupported-input-encoding'
    | 'bad-layer-count'
    | 'bad-layer-shape'
    | 'bad-output-kind'
    | 'layers-do-not-match'
    | 'bad-length'
    /** Only when writing: a tensor does not fit the layer's shape. */
    | 'bad-tensor-length'
    | 'bad-multiplier'
    | 'bad-shift'
    | 'nonzero-padding'
    /** Only of a decoder: a word of its configuration, its end tokens, a table, or its vocabulary. */
    | 'bad-configuration'
    | 'bad-end-tokens'
    | 'bad-table'
    | 'bad-vocabulary';

/** A model file, or a model to be written as one, breaks the specification. */
export class ModelFileError extends Error {
    override readonly name = 'ModelFileError';

    constructor(
        readonly code: ModelFileErrorCode,
        message: string,
    ) {
        super(message);
    }
}

/** The part of a layer that stands in the layer table. */
type LayerShape = Pick<Layer, 'inputs' | 'outputs' | 'outputKind'>;

/**
 * Reads a model file (docs/engine.md, section 4) and refuses every file that is not the canonical one of its model. Memory is
 * allocated only after the length was found to be right, so that a file never costs more than its own size again.
 *
 * @param file - the whole file; the model shares no memory with it.
 */
export function parseModelFile(file: Uint8Array): Result<Model, ModelFileError> {
    try {
        return ok(readModel(file));
    } catch (error) {
        if (error instanceof ModelFileError) return err(error);
        throw error;
    }
}

/**
 * Writes the file of a model: the inverse of {@link parseModelFile}.
 *
 * @throws {@link ModelFileError} when the model is not a valid one.
 */
export function serialiseModel(model: Model): Uint8Array {
    const { layers } = model;
    checkShapes(layers);
    layers.forEach(checkTensors);

    const file = new Uint8Array(fileLength(layers));
    const view = new DataView(file.buffer);
    const header = [SPEC_VERSION, ARCHITECTURE_CLASSIFIER, INPUT_ENCODING_IMAGE_BYTES, layers.length, file.length, 0];
    const table = layers.flatMap(({ inputs, outputs, outputKind }) => [inputs, outputs, outputKind, 0]);
    file.set(new TextEncoder().encode(MAGIC));
    [...header, ...table].forEach((word, i) => view.setUint32(MAGIC.length + 4 * i, word, true));

    let offset = tensorsOffset(layers.length);
    for (const { weights, bias, multiplier, shift } of layers) {
        for (const tensor of [weights, bias, multiplier, shift]) {
            // WebGPU exists on little-endian machines only, so memory has the byte order of the file.
            file.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), offset);
            offset += padded(tensor.byteLength);
        }
    }
    return file;
}

function readModel(file: Uint8Array): Model {
    const shapes = readLayerTable(file);
    let offset = tensorsOffset(shapes.length);

    /** Passes over one tensor and its padding, and returns a copy of the tensor's bytes. */
    const takeTensor = (bytes: number): ArrayBuffer => {
        const start = offset;
        offset += padded(bytes);
        if (file.subarray(start + bytes, offset).some((byte) => byte !== 0)) {
            fail('nonzero-padding', `The padding that ends at offset ${offset} is not zero`);
        }
        return new Uint8Array(file.subarray(start, start + bytes)).buffer;
    };

    const layers = shapes.map((shape, index): Layer => {
        const layer = {
            ...shape,
            weights: new Int8Array(takeTensor(shape.outputs * shape.inputs)),
            bias: new Int32Array(takeTensor(4 * shape.outputs)),
            multiplier: new Int32Array(takeTensor(4 * shape.outputs)),
            shift: new Uint32Array(takeTensor(4 * shape.outputs)),
        };
        checkTensors(layer, index);
        return layer;
    });
    return { layers };
}

/** Checks header, layer table and length: everything that decides how much memory the tensors take. */
function readLayerTable(file: Uint8Array): LayerShape[] {
    if (file.length < HEADER_BYTES) fail('truncated', `${file.length} bytes are less than a header`);
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const word = (offset: number): number => view.getUint32(offset, true);
    const expectZero = (offset: number): void => {
        if (word(offset) !== 0) fail('nonzero-padding', `The reserved word at offset ${offset} is not zero`);
    };

    if (!startsWith(file, MAGIC)) fail('bad-magic', `The file does not begin with ${MAGIC}`);
    if (word(8) !== SPEC_VERSION) fail('unsupported-version', `Specification version ${word(8)} is not known`);
    if (word(12) !== ARCHITECTURE_CLASSIFIER) fail('unsupported-architecture', `Architecture ${word(12)} is not known`);
    if (word(16) !== INPUT_ENCODING_IMAGE_BYTES) {
        fail('unsupported-input-encoding', `Input encoding ${word(16)} is not known`);
    }
    const layerCount = word(20);
    checkLayerCount(layerCount);
    expectZero(28);

    if (file.length < tensorsOffset(layerCount)) fail('truncated', 'The file ends within its layer table');
    const shapes = Array.from({ length: layerCount }, (_, index): LayerShape => {
        const record = HEADER_BYTES + LAYER_RECORD_BYTES * index;
        expectZero(record + 12);
        return { inputs: word(record), outputs: word(record + 4), outputKind: word(record + 8) as OutputKind };
    });
    checkShapes(shapes);

    const expected = fileLength(shapes);
    if (word(24) !== expected) fail('bad-length', `The header says ${word(24)} bytes, the layers make ${expected}`);
    if (file.length < expected) fail('truncated', `${file.length} of ${expected} bytes are there`);
    if (file.length > expected) fail('bad-length', `${file.length - expected} bytes follow the model`);
    return shapes;
}

function checkShapes(layers: readonly LayerShape[]): void {
    checkLayerCount(layers.length);
    layers.forEach(({ inputs, outputs, outputKind }, index) => {
        const isLast = index === layers.length - 1;
        const maxOutputs = isLast ? MAX_CLASSES : MAX_CHANNELS;
        if (!isInRange(inputs, 1, MAX_CHANNELS)) fail('bad-layer-shape', `Layer ${index} has ${inputs} inputs`);
        if (!isInRange(outputs, 1, maxOutputs)) fail('bad-layer-shape', `Layer ${index} has ${outputs} outputs`);
        if (!isInRange(outputKind, 0, 2) || (outputKind === OutputKind.Int32) !== isLast) {
            fail('bad-output-kind', `Layer ${index} has the output kind ${outputKind}`);
        }
        const previous = layers[index - 1];
        if (previous && previous.outputs !== inputs) {
            fail(
                'layers-do-not-match',
                `Layer ${index} has ${inputs} inputs, the one before ${previous.outputs} outputs`,
            );
        }
    });
    const length = fileLength(layers);
    if (length > MAX_FILE_BYTES) fail('bad-length', `A model of ${length} bytes is longer than a file may be`);
}

function checkLayerCount(count: number): void {
    if (!isInRange(count, 1, MAX_LAYERS)) fail('bad-layer-count', `A model cannot have ${count} layers`);
}

function checkTensors(layer: Layer, index: number): void {
    const { inputs, outputs, weights, bias, multiplier, shift } = layer;
    const lengthsFit =
        weights.length === outputs * inputs && [bias, multiplier, shift].every((tensor) => tensor.length === outputs);
    if (!lengthsFit) fail('bad-tensor-length', `A tensor of layer ${index} does not fit its shape`);
    if (multiplier.some((value) => value < 0)) {
        fail('bad-multiplier', `A multiplier of layer ${index} is above ${MAX_MULTIPLIER}`);
    }
    if (shift.some((value) => value > MAX_SHIFT)) fail('bad-shift', `A shift of layer ${index} is above ${MAX_SHIFT}`);
}

/** Exact for every shape that passed its range check: the sum stays below 2^53. */
function fileLength(layers: readonly LayerShape[]): number {
    return layers.reduce(
        (length, { inputs, outputs }) => length + padded(outputs * inputs) + 3 * padded(4 * outputs),
        tensorsOffset(layers.length),
    );
}

function tensorsOffset(layerCount: number): number {
    return HEADER_BYTES + LAYER_RECORD_BYTES * layerCount;
}

function padded(bytes: number): number {
    return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function startsWith(file: Uint8Array, text: string): boolean {
    return [...text].every((character, i) => file[i] === character.charCodeAt(0));
}

function isInRange(value: number, least: number, greatest: number): boolean {
    return Number.isInteger(value) && value >= least && value <= greatest;
}

function fail(code: ModelFileErrorCode, message: string): never {
    throw new ModelFileError(code, message);
}
