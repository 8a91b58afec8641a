import { ChannelScales, MAX_SHIFT, SPEC_VERSION } from '../model';
import { ModelFileError, ModelFileErrorCode } from '../modelFile';
import { err, ok, Result } from '../result';
import { DecoderLayer, DecoderModel, LinearTensors } from './model';
import {
    DecoderShape,
    firstTensorOfLayer,
    qkvChannels,
    queryChannels,
    TENSOR,
    tensorBytes,
    TensorPlace,
    tensorPlaces,
} from './shape';

/** Bytes before the first tensor. */
export const DECODER_HEADER_BYTES = 144;

const MAGIC = 'TCMMODEL';
const ARCHITECTURE_DECODER = 2;
const INPUT_ENCODING_REQUEST = 2;
const ALIGNMENT = 16;
const MAX_FILE_BYTES = 0x7fff_ffff;
const MAX_END_TOKENS = 8;
const MAX_TOKEN_BYTES = 1024;
const ONE_IN_TABLES = 32_768;
const ONE_IN_ROPE = 16_384;
const NORM_SHIFTS = [15, 57] as const;

/** A tensor of a decoder's file: its shape, and where its bytes are. */
export interface PlacedTensor extends TensorPlace {
    readonly offset: number;
}

/**
 * Reads a decoder's file (docs/engine/model-file.md) and refuses every file that is not the canonical one of its model. The length is
 * checked before anything is allocated.
 *
 * @param file - the whole file; the model's tensors are views of it where its memory allows, so it must not be changed.
 */
export function parseDecoderFile(file: Uint8Array): Result<DecoderModel, ModelFileError> {
    try {
        return ok(readDecoder(file));
    } catch (error) {
        if (error instanceof ModelFileError) return err(error);
        throw error;
    }
}

/** Whether a file says of itself that it is a decoder's; it may still be no valid one. */
export function isDecoderFile(file: Uint8Array): boolean {
    return file.length >= 16 && new DataView(file.buffer, file.byteOffset).getUint32(12, true) === ARCHITECTURE_DECODER;
}

/** Where the tensors of a shape lie in its file, in order. */
export function placeTensors(shape: DecoderShape): PlacedTensor[] {
    let offset = DECODER_HEADER_BYTES;
    return tensorPlaces(shape).map((place) => {
        const placed = { ...place, offset };
        offset += padded(tensorBytes(place));
        return placed;
    });
}

function readDecoder(file: Uint8Array): DecoderModel {
    if (file.length < DECODER_HEADER_BYTES) fail('truncated', `${file.length} bytes are less than a header`);
    // Typed arrays need their own alignment in memory, which a view into a larger buffer may lack.
    const bytes = file.byteOffset % 4 === 0 ? file : file.slice();
    const word = wordsOf(bytes);
    const shape = readShape(bytes, word);
    const endTokens = readEndTokens(word, shape.vocabulary);
    const tensors = placeTensors(shape);
    checkLength(word(24), tensors, bytes.length);
    checkPadding(bytes, tensors);
    const model = {
        shape,
        epsilon: word(64),
        endTokens,
        tokenizerHash: bytes.subarray(112, 144),
        ...readTensors(bytes, shape, tensors),
    };
    checkTables(model);
    checkScales(model);
    checkVocabulary(model);
    return model;
}

function wordsOf(bytes: Uint8Array): (offset: number) => number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return (offset) => view.getUint32(offset, true);
}

function readShape(bytes: Uint8Array, word: (offset: number) => number): DecoderShape {
    if ([...MAGIC].some((letter, i) => bytes[i] !== letter.charCodeAt(0))) {
        fail('bad-magic', `The file does not begin with ${MAGIC}`);
    }
    if (word(8) !== SPEC_VERSION) fail('unsupported-version', `Specification version ${word(8)} is not known`);
    if (word(12) !== ARCHITECTURE_DECODER) fail('unsupported-architecture', `Architecture ${word(12)} is no decoder`);
    if (word(16) !== INPUT_ENCODING_REQUEST) {
        fail('unsupported-input-encoding', `Input encoding ${word(16)} is no request of a decoder`);
    }
    const ranged = (name: string, offset: number, least: number, greatest: number): number => {
        const value = word(offset);
        if (value < least || value > greatest) {
            fail('bad-configuration', `${name} is ${value}, not ${least} … ${greatest}`);
        }
        return value;
    };
    const shape = {
        layers: ranged('L', 20, 1, 256),
        vocabulary: ranged('V', 32, 2, 131_071),
        width: ranged('D', 36, 1, 8192),
        feedForward: ranged('F', 40, 1, 65_535),
        heads: ranged('H', 44, 1, 512),
        keyValueHeads: ranged('G', 48, 1, 512),
        headWidth: ranged('d', 52, 2, 256),
        contextLimit: ranged('T', 56, 2, 65_536),
        tied: ranged('The word for tied embeddings', 60, 0, 1) === 1,
        vocabularyBytes: ranged("The vocabulary's length", 72, 0, 2 ** 24),
    };
    ranged('E', 64, 1, 2 ** 32 - 1);
    ranged('The number of end tokens', 68, 0, MAX_END_TOKENS);
    if (shape.headWidth % 2 !== 0) fail('bad-configuration', `d is ${shape.headWidth}, which is odd`);
    if (shape.heads % shape.keyValueHeads !== 0) {
        fail('bad-configuration', `G is ${shape.keyValueHeads}, which does not divide H, ${shape.heads}`);
    }
    if (qkvChannels(shape) > 131_071) fail('bad-configuration', `(H + 2·G)·d is ${qkvChannels(shape)}, above 131071`);
    for (const offset of [28, 76]) {
        if (word(offset) !== 0) fail('nonzero-padding', `The reserved word at offset ${offset} is not zero`);
    }
    return shape;
}

function readEndTokens(word: (offset: number) => number, vocabulary: number): Uint32Array {
    const count = word(68);
    const tokens = Uint32Array.from({ length: MAX_END_TOKENS }, (_, i) => word(80 + 4 * i));
    tokens.forEach((token, i) => {
        if (i >= count && token !== 0) fail('nonzero-padding', `The unused end token ${i} is not zero`);
        if (i < count && (token >= vocabulary || (i > 0 && token <= tokens[i - 1]!))) {
            fail('bad-end-tokens', `End token ${i} is ${token}: they must ascend and be below ${vocabulary}`);
        }
    });
    return tokens.slice(0, count);
}

function checkLength(said: number, tensors: readonly PlacedTensor[], length: number): void {
    const last = tensors[tensors.length - 1]!;
    const expected = last.offset + padded(tensorBytes(last));
    if (expected > MAX_FILE_BYTES) fail('bad-length', `A model of ${expected} bytes is longer than a file may be`);
    if (said !== expected) fail('bad-length', `The header says ${said} bytes, the configuration makes ${expected}`);
    if (length < expected) fail('truncated', `${length} of ${expected} bytes are there`);
    if (length > expected) fail('bad-length', `${length - expected} bytes follow the model`);
}

function checkPadding(bytes: Uint8Array, tensors: readonly PlacedTensor[]): void {
    tensors.forEach((tensor, number) => {
        const end = tensor.offset + tensorBytes(tensor);
        if (bytes.subarray(end, padded(end)).some((byte) => byte !== 0)) {
            fail('nonzero-padding', `The padding after tensor ${number} is not zero`);
        }
    });
}

type Tensors = Omit<DecoderModel, 'shape' | 'epsilon' | 'endTokens' | 'tokenizerHash'>;

function readTensors(bytes: Uint8Array, shape: DecoderShape, tensors: readonly PlacedTensor[]): Tensors {
    const view = <T>(number: number, type: new (buffer: ArrayBufferLike, offset: number, length: number) => T): T => {
        const { offset, rows, columns } = tensors[number]!;
        return new type(bytes.buffer, bytes.byteOffset + offset, rows * columns);
    };
    const scales = (number: number): ChannelScales => ({
        multiplier: view(number, Int32Array),
        shift: view(number + 1, Uint32Array),
    });
    const linear = (number: number, inputs: number, outputs: number): LinearTensors => ({
        inputs,
        outputs,
        weights: view(number, Int8Array),
        bias: view(number + 1, Int32Array),
        ...scales(number + 2),
    });
    const layers = Array.from({ length: shape.layers }, (_, index): DecoderLayer => {
        const first = firstTensorOfLayer(index);
        const of = TENSOR.layer;
        return {
            firstNorm: scales(first + of.firstNorm),
            qkv: linear(first + of.qkv, shape.width, qkvChannels(shape)),
            rope: scales(first + of.rope),
            score: scales(first + of.score),
            attention: scales(first + of.attention),
            o: linear(first + of.o, queryChannels(shape), shape.width),
            secondNorm: scales(first + of.secondNorm),
            gateUp: linear(first + of.gateUp, shape.width, 2 * shape.feedForward),
            index: scales(first + of.index),
            product: scales(first + of.product),
            down: linear(first + of.down, shape.feedForward, shape.width),
        };
    });
    const end = firstTensorOfLayer(shape.layers);
    const embedding = { weights: view(TENSOR.embedding, Int8Array), ...scales(TENSOR.embedding + 1) };
    const head = linear(end + TENSOR.end.head, shape.width, shape.vocabulary);
    return {
        rope: view(TENSOR.rope, Int16Array),
        exp: view(TENSOR.exp, Uint16Array),
        sigmoid: view(TENSOR.sigmoid, Uint16Array),
        vocabularyEnds: view(TENSOR.vocabularyEnds, Uint32Array),
        vocabulary: view(TENSOR.vocabulary, Uint8Array),
        embedding,
        layers,
        lastNorm: scales(end + TENSOR.end.lastNorm),
        head: shape.tied ? { ...head, weights: embedding.weights } : head,
    };
}

function checkTables({ rope, exp, sigmoid }: DecoderModel): void {
    if (rope.some((value) => Math.abs(value) > ONE_IN_ROPE)) {
        fail('bad-table', `A value of the rope table is outside −${ONE_IN_ROPE} … ${ONE_IN_ROPE}`);
    }
    if (exp[0] !== ONE_IN_TABLES) fail('bad-table', `The exp table begins with ${exp[0]}, not ${ONE_IN_TABLES}`);
    if (exp.some((value, i) => i > 0 && value > exp[i - 1]!)) fail('bad-table', 'The exp table rises');
    if (sigmoid.some((value) => value > ONE_IN_TABLES)) {
        fail('bad-table', `A value of the sigmoid table is above ${ONE_IN_TABLES}`);
    }
}

function checkScales({ embedding, layers, lastNorm, head }: DecoderModel): void {
    const norms = [...layers.flatMap(({ firstNorm, secondNorm }) => [firstNorm, secondNorm]), lastNorm];
    const others = [
        embedding,
        ...layers.flatMap((of) => [
            of.qkv,
            of.rope,
            of.score,
            of.attention,
            of.o,
            of.gateUp,
            of.index,
            of.product,
            of.down,
        ]),
        head,
    ];
    if (norms.some(({ multiplier }) => multiplier.some((value) => value === -(2 ** 31)))) {
        fail('bad-multiplier', "A norm's multiplier is −2^31");
    }
    if (norms.some(({ shift }) => shift.some((value) => value < NORM_SHIFTS[0] || value > NORM_SHIFTS[1]))) {
        fail('bad-shift', `A norm's shift is outside ${NORM_SHIFTS[0]} … ${NORM_SHIFTS[1]}`);
    }
    if (others.some(({ multiplier }) => multiplier.some((value) => value < 0))) {
        fail('bad-multiplier', 'A multiplier is above 2^31 − 1');
    }
    if (others.some(({ shift }) => shift.some((value) => value > MAX_SHIFT))) {
        fail('bad-shift', `A shift is above ${MAX_SHIFT}`);
    }
}

function checkVocabulary({ vocabularyEnds, shape }: DecoderModel): void {
    vocabularyEnds.forEach((end, token) => {
        const start = token === 0 ? 0 : vocabularyEnds[token - 1]!;
        if (end < start) fail('bad-vocabulary', `Token ${token} ends before it begins`);
        if (end - start > MAX_TOKEN_BYTES)
            fail('bad-vocabulary', `Token ${token} has more than ${MAX_TOKEN_BYTES} bytes`);
    });
    const last = vocabularyEnds[shape.vocabulary - 1];
    if (last !== shape.vocabularyBytes) {
        fail('bad-vocabulary', `The last token ends at ${last}, the vocabulary has ${shape.vocabularyBytes} bytes`);
    }
}

function padded(bytes: number): number {
    return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function fail(code: ModelFileErrorCode, message: string): never {
    throw new ModelFileError(code, message);
}
