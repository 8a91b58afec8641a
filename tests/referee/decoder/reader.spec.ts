import fc from 'fast-check';
import { readModel } from '../../../worker/engine/referee';
import {
    type DecoderModel,
    fileLength,
    type Projection,
    readConfiguration,
    readDecoder,
    type Scale,
    tensorPlaces,
} from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, type Numbers, randomDecoder } from '../../fixtures/decoder';
import { type DecoderShape, decoderTensors, writeDecoder } from '../../fixtures/decoderFile';
import { EXAMPLE_SHAPE, exampleDecoder } from '../../fixtures/decoderExample';
import { EXAMPLE_FILE, refusal, withU32 } from '../support';

const example = exampleDecoder();

/** The elements of every tensor of a model, in the order of the file; the vocabulary's two follow from its shape. */
function tensorsOf(model: DecoderModel): ArrayLike<number>[] {
    const scale = ({ multiplier, shift }: Scale): ArrayLike<number>[] => [multiplier, shift];
    const projection = (by: Projection): ArrayLike<number>[] => [by.weights, by.bias, ...scale(by)];
    const layers = model.layers.flatMap((layer) => [
        ...scale(layer.firstNorm),
        ...projection(layer.qkv),
        ...[layer.rope, layer.score, layer.attention].flatMap(scale),
        ...projection(layer.o),
        ...scale(layer.secondNorm),
        ...projection(layer.gateUp),
        ...[layer.index, layer.product].flatMap(scale),
        ...projection(layer.down),
    ]);
    const head = model.config.tied ? { ...model.head, weights: new Int8Array(0) } : model.head;
    return [
        ...[model.rope, model.exp, model.sigmoid, [], []],
        ...[model.embedding.weights, ...scale(model.embedding)],
        ...layers,
        ...scale(model.lastNorm),
        ...projection(head),
    ];
}

/** The file that a read model is written as: one model has exactly one file. */
function rewrite(model: DecoderModel): Uint8Array {
    const tensors = tensorsOf(model);
    const shape: DecoderShape = { ...model.config, vocabulary: model.vocabulary };
    return writeDecoder(shape, ({ number }) => tensors[number]!);
}

/** Offsets of the tensors of the example, by the writer's list. */
const offsets = ((): { at: number; bytes: number; part: string }[] => {
    let next = 144;
    const sizes: Record<string, number> = { rope: 2, exp: 2, sigmoid: 2, vocabulary: 1, W: 1 };
    return decoderTensors(EXAMPLE_SHAPE).map(({ part, rows, columns }) => {
        const bytes = rows * columns * (sizes[part] ?? 4);
        const at = next;
        next += Math.ceil(bytes / 16) * 16;
        return { at, bytes, part };
    });
})();

const at = (tensor: number, element = 0, size = 4): number => offsets[tensor]!.at + size * element;

function withBytes(offset: number, ...bytes: number[]): Uint8Array {
    const copy = Uint8Array.from(example);
    copy.set(bytes, offset);
    return copy;
}

const withWord = (offset: number, value: number): Uint8Array => withU32(example, offset, value >>> 0);
const withHalf = (offset: number, value: number): Uint8Array => withBytes(offset, value & 0xff, (value >> 8) & 0xff);

describe('a valid file', () => {
    const cases = Object.entries(DIMENSIONS).flatMap(([name, dimensions]) =>
        (['plausible', 'extremes', 'anything'] as Numbers[]).map((numbers) => ({ name, numbers, dimensions })),
    );

    it.each(cases)('is read and written back: $name, $numbers', ({ dimensions, numbers }) => {
        const { shape, file } = randomDecoder(11, dimensions, numbers);
        const model = readDecoder(file);
        const { config } = model;
        expect(config).toEqual({
            ...{ ...dimensions, endTokens: shape.endTokens, tokenizerHash: shape.tokenizerHash },
            ...{ vocabularyBytes: Buffer.concat(shape.vocabulary).length, statedLength: file.length },
        });
        expect(model.vocabulary).toEqual(shape.vocabulary);
        if (config.tied) expect(model.head.weights).toEqual(model.embedding.weights);
        expect(Buffer.compare(rewrite(model), file)).toBe(0);
    });

    it('has 14 + 30·L tensors, each at the number of the page', () => {
        const config = readConfiguration(example);
        const places = tensorPlaces(config);
        expect(places).toHaveLength(14 + 30 * config.L);
        expect(fileLength(places)).toBe(example.length);
        expect(places.map(({ offset, bytes, kind }) => ({ at: offset, bytes, part: kind }))).toEqual(offsets);
        const weights = places.filter(({ kind }) => kind === 'W').map(({ number }) => number);
        expect(weights).toEqual([5, 10, 20, 26, 34, 40, 50, 56, 64, 70]);
    });

    it('is read from the middle of a larger buffer too, and not tied to it', () => {
        const buffer = Buffer.alloc(example.length + 8, 0xff);
        buffer.set(example, 3);
        const model = readDecoder(buffer.subarray(3, 3 + example.length));
        buffer.fill(0xff);
        expect(model).toEqual(readDecoder(example));
    });

    it('may have any weights, biases and hash of a tokenizer', () => {
        for (const changed of [withBytes(at(5), 0x80), withWord(at(11), -(2 ** 31)), withBytes(112, 0xff)]) {
            expect(refusal(() => readDecoder(changed))).toBeNull();
        }
    });
});

describe('what a reader rejects (model-file.md, section 3)', () => {
    const longer = Uint8Array.from([...example, ...new Uint8Array(16)]);
    const cases: [what: string, file: Uint8Array, code: string][] = [
        ['no bytes', new Uint8Array(0), 'truncated'],
        ['fewer than 144 bytes', example.slice(0, 143), 'truncated'],
        ['another magic', withBytes(7, 0x4d), 'magic'],
        ['version 0', withWord(8, 0), 'version'],
        ['version 2', withWord(8, 2), 'version'],
        ['architecture 1', withWord(12, 1), 'architecture'],
        ['architecture 3', withWord(12, 3), 'architecture'],
        ['input encoding 1', withWord(16, 1), 'inputEncoding'],
        ['L = 0', withWord(20, 0), 'dimension'],
        ['L = 257', withWord(20, 257), 'dimension'],
        ['a reserved word', withWord(28, 1), 'reserved'],
        ['V = 1', withWord(32, 1), 'dimension'],
        ['V = 131,072', withWord(32, 131_072), 'dimension'],
        ['D = 0', withWord(36, 0), 'dimension'],
        ['D = 8,193', withWord(36, 8_193), 'dimension'],
        ['F = 0', withWord(40, 0), 'dimension'],
        ['F = 65,536', withWord(40, 65_536), 'dimension'],
        ['H = 0', withWord(44, 0), 'dimension'],
        ['H = 514', withWord(44, 514), 'dimension'],
        ['G = 0', withWord(48, 0), 'dimension'],
        ['G that does not divide H', withWord(48, 3), 'dimension'],
        ['G above H', withWord(48, 8), 'dimension'],
        ['d = 0', withWord(52, 0), 'dimension'],
        ['odd d', withWord(52, 5), 'dimension'],
        ['d = 258', withWord(52, 258), 'dimension'],
        ['(H + 2·G)·d above 131,071', withU32(withU32(example, 44, 512), 52, 256), 'dimension'],
        ['T = 1', withWord(56, 1), 'dimension'],
        ['T = 65,537', withWord(56, 65_537), 'dimension'],
        ['tied = 2', withWord(60, 2), 'dimension'],
        ['E = 0', withWord(64, 0), 'dimension'],
        ['9 end tokens', withWord(68, 9), 'dimension'],
        ['a vocabulary above 2^24', withWord(72, 2 ** 24 + 1), 'dimension'],
        ['the other reserved word', withWord(76, 1), 'reserved'],
        ['an end token that is not below V', withWord(80, 16), 'endTokens'],
        ['equal end tokens', withU32(withU32(example, 68, 2), 84, 15), 'endTokens'],
        ['falling end tokens', withU32(withU32(example, 68, 2), 84, 14), 'endTokens'],
        ['an unused end token', withWord(84, 1), 'reserved'],
        ['the last unused end token', withWord(108, 1), 'reserved'],
        ['an end token without a number', withWord(68, 0), 'reserved'],
        ['a length too small', withWord(24, example.length - 16), 'fileLength'],
        ['a length too great', withU32(longer, 24, example.length + 16), 'fileLength'],
        ['a length of more than 2^31 − 1', withWord(24, 2 ** 31), 'fileLength'],
        ['a configuration of more than 2^31 − 1', withU32(withU32(example, 32, 131_071), 36, 8_192), 'fileLength'],
        ['another configuration', withWord(36, 9), 'fileLength'],
        ['tied embeddings with weights of a head', withWord(60, 1), 'fileLength'],
        ['an end that is early', example.slice(0, -1), 'truncated'],
        ['bytes after the end', longer, 'fileLength'],
        ['a multiplier below 0', withWord(at(6, 15), -1), 'multiplier'],
        ['a shift above 62', withWord(at(7, 15), 63), 'shift'],
        ['a multiplier −2^31 of a norm', withWord(at(8), -(2 ** 31)), 'multiplier'],
        ['a shift 14 of a norm', withWord(at(9, 7), 14), 'shift'],
        ['a shift 58 of a norm', withWord(at(9, 7), 58), 'shift'],
        ['a shift 14 of the last norm', withWord(at(69), 14), 'shift'],
        ['a shift above 62 of the head', withWord(at(73, 15), 2 ** 31), 'shift'],
        ['a cosine above 1', withHalf(at(0, 0, 2), 16_385), 'table'],
        ['a sine below −1', withHalf(at(0, 63, 2), -16_385), 'table'],
        ['exp(0) below 32,768', withHalf(at(1, 0, 2), 32_767), 'table'],
        ['exp(0) above 32,768', withHalf(at(1, 0, 2), 32_769), 'table'],
        ['an exp table that rises', withHalf(at(1, 4_095, 2), 1), 'table'],
        ['an exp above 32,768', withHalf(at(1, 1, 2), 32_769), 'table'],
        ['a sigmoid above 1', withHalf(at(2, 4_095, 2), 32_769), 'table'],
        ['an end that decreases', withWord(at(3, 5), 4), 'vocabulary'],
        ['an end beyond the vocabulary', withWord(at(3, 14), 19), 'vocabulary'],
        ['a last end before the vocabulary’s', withU32(withU32(example, at(3, 15), 17), at(3, 14), 17), 'vocabulary'],
    ];

    it.each(cases)('%s', (_what, file, code) => {
        expect(refusal(() => readDecoder(file))).toBe(code);
    });

    it('takes what is next to each limit', () => {
        for (const file of [
            ...[withWord(at(6), 0), withWord(at(6), 2 ** 31 - 1), withWord(at(7), 0), withWord(at(7), 62)],
            ...[withWord(at(8), -(2 ** 31 - 1)), withWord(at(9), 15), withWord(at(9), 57)],
            ...[withHalf(at(0, 0, 2), -16_384), withHalf(at(2, 0, 2), 32_768), withHalf(at(1, 1, 2), 32_768)],
            ...[withWord(64, 2 ** 32 - 1), withU32(withU32(example, 68, 0), 80, 0)],
        ]) {
            expect(refusal(() => readDecoder(file))).toBeNull();
        }
    });

    it('takes a token of 1,024 bytes and no longer one', () => {
        const { shape, file } = randomDecoder(1, DIMENSIONS.ones!);
        const tensors = tensorsOf(readDecoder(file));
        const withToken = (length: number): Uint8Array => {
            const vocabulary = [new Uint8Array(0), new Uint8Array(length)];
            return writeDecoder({ ...shape, vocabulary }, ({ number }) => tensors[number]!);
        };
        expect(refusal(() => readDecoder(withToken(1_024)))).toBeNull();
        expect(refusal(() => readDecoder(withToken(1_025)))).toBe('vocabulary');
        expect(refusal(() => readDecoder(withToken(0)))).toBeNull();
    });

    it('rejects each padding byte that is not zero', () => {
        const padding = offsets.flatMap(({ at: start, bytes }) =>
            Array.from({ length: Math.ceil(bytes / 16) * 16 - bytes }, (_, i) => start + bytes + i),
        );
        expect(padding.length).toBeGreaterThan(50);
        for (const offset of padding) {
            expect([offset, refusal(() => readDecoder(withBytes(offset, 1)))]).toEqual([offset, 'padding']);
        }
    });

    it('rejects a classifier’s file, and a classifier’s reader rejects a decoder’s', () => {
        const padded = Uint8Array.from([...EXAMPLE_FILE, ...new Uint8Array(64)]);
        expect(refusal(() => readDecoder(padded))).toBe('architecture');
        expect(refusal(() => readModel(example))).toBe('architecture');
    });

    it('rejects a changed byte, or reads a model whose one file is the changed one', () => {
        const { file } = randomDecoder(5, DIMENSIONS.uneven!);
        const place = fc.oneof(fc.nat(143), fc.nat(file.length - 1));
        let read = 0;
        fc.assert(
            fc.property(place, fc.integer({ min: 1, max: 255 }), (offset, change) => {
                const changed = Uint8Array.from(file);
                changed[offset]! ^= change;
                let model: DecoderModel | null = null;
                if (refusal(() => (model = readDecoder(changed))) !== null) return;
                read++;
                expect(Buffer.compare(rewrite(model!), changed)).toBe(0);
            }),
            { numRuns: 300 },
        );
        expect(read).toBeGreaterThan(20);
    });
});
