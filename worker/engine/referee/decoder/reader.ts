import { allocateOrRefuse, RefereeError } from '../errors';
import { readConfiguration } from './configuration';
import type { DecoderLayer, DecoderModel, Projection } from './model';
import type { Scale } from './numbers';
import {
    ELEMENT_BYTES,
    fileLength,
    pad,
    type TensorKind,
    tensorOfLayer,
    type TensorPlace,
    tensorPlaces,
} from './tensors';

const MAX_FILE_BYTES = 2 ** 31 - 1;
const MAX_TOKEN_BYTES = 1_024;

type Elements = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** The values that each kind allows (model-file.md, section 2), and the refusal where one is outside. */
const RANGES: Readonly<Partial<Record<TensorKind, readonly [number, number, 'table' | 'multiplier' | 'shift']>>> = {
    rope: [-16_384, 16_384, 'table'],
    exp: [0, 32_768, 'table'],
    sigmoid: [0, 32_768, 'table'],
    m: [0, 2 ** 31 - 1, 'multiplier'],
    s: [0, 62, 'shift'],
    'm±': [-(2 ** 31 - 1), 2 ** 31 - 1, 'multiplier'],
    's±': [15, 57, 'shift'],
};

/**
 * model-file.md: reads a decoder's file and rejects any file that the page calls invalid. Nothing is allocated before the length that
 * the configuration makes has been compared with the length of the file.
 *
 * @param file - the whole model file
 * @throws RefereeError as `readConfiguration`, and `fileLength`, `truncated`, `padding`, `table`, `multiplier`, `shift`, `vocabulary`
 */
export function readDecoder(file: Uint8Array): DecoderModel {
    const config = readConfiguration(file);
    const places = tensorPlaces(config);
    requireLength(file.length, config.statedLength, fileLength(places));

    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const tensors = places.map((place) => readTensor(view, place));
    const tensor = (number: number): Elements => tensors[number]!;
    const scale = (number: number): Scale => ({
        multiplier: tensor(number) as Int32Array,
        shift: tensor(number + 1) as Uint32Array,
    });
    const projection = (number: number): Projection => ({
        weights: tensor(number) as Int8Array,
        bias: tensor(number + 1) as Int32Array,
        ...scale(number + 2),
    });

    const layers = Array.from({ length: config.L }, (_, l): DecoderLayer => {
        const at = (place: number): number => tensorOfLayer(place, l);
        return {
            firstNorm: scale(at(8)),
            qkv: projection(at(10)),
            rope: scale(at(14)),
            score: scale(at(16)),
            attention: scale(at(18)),
            o: projection(at(20)),
            secondNorm: scale(at(24)),
            gateUp: projection(at(26)),
            index: scale(at(30)),
            product: scale(at(32)),
            down: projection(at(34)),
        };
    });
    const exp = tensor(1) as Uint16Array;
    requireExp(exp);
    const embedding = { weights: tensor(5) as Int8Array, ...scale(6) };
    const head = projection(tensorOfLayer(10, config.L));
    return {
        config,
        rope: tensor(0) as Int16Array,
        exp,
        sigmoid: tensor(2) as Uint16Array,
        vocabulary: readVocabulary(tensor(3) as Uint32Array, tensor(4) as Uint8Array),
        embedding,
        layers,
        lastNorm: scale(tensorOfLayer(8, config.L)),
        head: config.tied ? { ...head, weights: embedding.weights } : head,
    };
}

/** Section 2, its last sentence: header, configuration and file must agree on one length. */
function requireLength(actual: number, stated: number, made: number): void {
    if (made > MAX_FILE_BYTES) {
        throw new RefereeError('fileLength', `the configuration makes ${made} bytes, more than 2^31 − 1`);
    }
    if (stated !== made) {
        throw new RefereeError('fileLength', `the header says ${stated} bytes, the configuration makes ${made}`);
    }
    if (actual < made) throw new RefereeError('truncated', `the file has ${actual} of ${made} bytes`);
    if (actual > made) throw new RefereeError('fileLength', `${actual - made} bytes follow the end of the model`);
}

function readTensor(view: DataView, { number, kind, rows, columns, offset, bytes }: TensorPlace): Elements {
    for (let i = offset + bytes; i < offset + pad(bytes); i++) {
        if (view.getUint8(i) !== 0) throw new RefereeError('padding', `the padding byte at ${i} is not 0`);
    }
    const elements = allocateOrRefuse(`tensor ${number}`, () => newElements(kind, rows * columns));
    const [least, greatest, code] = RANGES[kind] ?? [-Infinity, Infinity, 'table'];
    for (let i = 0; i < elements.length; i++) {
        const value = readElement(view, kind, offset + i * ELEMENT_BYTES[kind]);
        if (value < least || value > greatest) {
            throw new RefereeError(code, `tensor ${number}, element ${i}: ${value} is not in ${least} … ${greatest}`);
        }
        elements[i] = value;
    }
    return elements;
}

function newElements(kind: TensorKind, length: number): Elements {
    switch (kind) {
        case 'rope':
            return new Int16Array(length);
        case 'exp':
        case 'sigmoid':
            return new Uint16Array(length);
        case 'vocabulary':
            return new Uint8Array(length);
        case 'W':
            return new Int8Array(length);
        case 'ends':
        case 's':
        case 's±':
            return new Uint32Array(length);
        case 'B':
        case 'm':
        case 'm±':
            return new Int32Array(length);
    }
}

function readElement(view: DataView, kind: TensorKind, at: number): number {
    switch (kind) {
        case 'rope':
            return view.getInt16(at, true);
        case 'exp':
        case 'sigmoid':
            return view.getUint16(at, true);
        case 'vocabulary':
            return view.getUint8(at);
        case 'W':
            return view.getInt8(at);
        case 'ends':
        case 's':
        case 's±':
            return view.getUint32(at, true);
        case 'B':
        case 'm':
        case 'm±':
            return view.getInt32(at, true);
    }
}

/** Tensor 1: the first is 32,768, none is greater than the one before it. */
function requireExp(exp: Uint16Array): void {
    if (exp[0] !== 32_768) throw new RefereeError('table', `exp(0) is ${exp[0]}, not 32,768`);
    for (let i = 1; i < exp.length; i++) {
        if (exp[i]! > exp[i - 1]!) throw new RefereeError('table', `the exp table rises at ${i}`);
    }
}

/** Tensors 3 and 4: token `v` has the bytes from `end(v − 1)` to before `end(v)`. */
function readVocabulary(ends: Uint32Array, bytes: Uint8Array): Uint8Array[] {
    const tokens: Uint8Array[] = [];
    let start = 0;
    for (const [v, end] of ends.entries()) {
        if (end < start) throw new RefereeError('vocabulary', `the end of token ${v} is before its beginning`);
        if (end > bytes.length) throw new RefereeError('vocabulary', `token ${v} ends after the vocabulary`);
        if (end - start > MAX_TOKEN_BYTES) {
            throw new RefereeError('vocabulary', `token ${v} has ${end - start} bytes, more than ${MAX_TOKEN_BYTES}`);
        }
        tokens.push(bytes.slice(start, end));
        start = end;
    }
    if (start !== bytes.length) {
        throw new RefereeError('vocabulary', `the last token ends at ${start} of ${bytes.length} bytes`);
    }
    return tokens;
}
