import { readModel } from '../../worker/engine/referee';
import { EXAMPLE_FILE, EXAMPLE_LAYERS, refusal, withU32, writeModel } from './support';

const TENSORS_AT = 0x40;

/** Offset and value of the one-byte changes of header and table that leave a valid, different, model. */
const HARMLESS = new Set([
    '32:5', // K_0 = 5: 15 bytes of weights, within the same padding
    '40:0', // layer 0 without relu
    '52:3', // three classes: every tensor of layer 1 keeps its padded length
    '52:4', // four classes
]);

/** The bytes of the example that are padding (section 4.3). */
const PADDING = [
    [0x4c, 0x50],
    [0x5c, 0x60],
    [0x6c, 0x70],
    [0x7c, 0x80],
    [0x86, 0x90],
    [0x98, 0xa0],
    [0xa8, 0xb0],
    [0xb8, 0xc0],
].flatMap(([from, to]) => Array.from({ length: to! - from! }, (_, i) => from! + i));

describe('the model of section 6', () => {
    it('is read as its table has it', () => {
        const model = readModel(EXAMPLE_FILE);
        expect(model.inputSize).toBe(4);
        expect(model.classCount).toBe(2);
        expect(model.layers).toEqual(
            EXAMPLE_LAYERS.map(({ K, N, kind, weights, bias, multiplier, shift }) => ({
                K,
                N,
                kind,
                weights: Int8Array.from(weights),
                bias: Int32Array.from(bias),
                multiplier: Int32Array.from(multiplier),
                shift: Uint32Array.from(shift),
            })),
        );
    });

    it('is the only file of its table', () => {
        expect(writeModel(EXAMPLE_LAYERS)).toEqual(EXAMPLE_FILE);
    });

    it('is read from the middle of a larger buffer too, at any alignment', () => {
        for (let offset = 0; offset < 8; offset++) {
            const buffer = Buffer.alloc(offset + EXAMPLE_FILE.length + 5, 0xff);
            buffer.set(EXAMPLE_FILE, offset);
            const part = buffer.subarray(offset, offset + EXAMPLE_FILE.length);
            expect(readModel(part)).toEqual(readModel(EXAMPLE_FILE));
        }
    });

    it('is not tied to the bytes it was read from', () => {
        const copy = Uint8Array.from(EXAMPLE_FILE);
        const model = readModel(copy);
        copy.fill(0xff);
        expect(model).toEqual(readModel(EXAMPLE_FILE));
    });
});

describe('hostile files', () => {
    it('refuses every prefix', () => {
        for (let length = 0; length < EXAMPLE_FILE.length; length++) {
            expect([length, refusal(() => readModel(EXAMPLE_FILE.slice(0, length)))]).toEqual([length, 'truncated']);
        }
    });

    it.each([1, 15, 16, 192])('refuses %i bytes after the end', (extra) => {
        const longer = new Uint8Array(EXAMPLE_FILE.length + extra);
        longer.set(EXAMPLE_FILE);
        expect(refusal(() => readModel(longer))).toBe('fileLength');
        expect(refusal(() => readModel(withU32(longer, 24, longer.length)))).toBe('fileLength');
    });

    it('refuses every change of one byte of header and table, but those that describe another model', () => {
        const accepted = new Set<string>();
        for (let offset = 0; offset < TENSORS_AT; offset++) {
            const file = Uint8Array.from(EXAMPLE_FILE);
            for (let value = 0; value < 256; value++) {
                if (value === EXAMPLE_FILE[offset]) continue;
                file[offset] = value;
                if (refusal(() => readModel(file)) === null) accepted.add(`${offset}:${value}`);
            }
        }
        expect(accepted).toEqual(HARMLESS);
    });

    it('refuses every padding byte that is not zero', () => {
        for (const offset of PADDING) {
            for (const value of [1, 0x80, 0xff]) {
                const file = Uint8Array.from(EXAMPLE_FILE);
                file[offset] = value;
                expect([offset, refusal(() => readModel(file))]).toEqual([offset, 'padding']);
            }
        }
    });

    it('takes any weights and any bias', () => {
        for (const [from, to] of [
            [0x40, 0x4c],
            [0x50, 0x5c],
            [0x80, 0x86],
            [0x90, 0x98],
        ] as const) {
            for (const value of [0, 0x7f, 0x80, 0xff]) {
                const file = Uint8Array.from(EXAMPLE_FILE).fill(value, from, to);
                expect(refusal(() => readModel(file))).toBeNull();
            }
        }
    });

    it.each([
        ['magic in lower case', 0, 0x6d6d6374, 'magic'],
        ['magic, last byte', 4, 0x4d45444f, 'magic'],
        ['version 0', 8, 0, 'version'],
        ['version 2', 8, 2, 'version'],
        ['version 1 in big-endian', 8, 0x01000000, 'version'],
        ['architecture 0', 12, 0, 'architecture'],
        ['architecture 2', 12, 2, 'architecture'],
        ['input encoding 0', 16, 0, 'inputEncoding'],
        ['input encoding 2', 16, 2, 'inputEncoding'],
        ['no layers', 20, 0, 'layerCount'],
        ['65 layers', 20, 65, 'layerCount'],
        ['2^32 − 1 layers', 20, 0xffffffff, 'layerCount'],
        ['64 layers that are not there', 20, 64, 'truncated'],
        ['length 0', 24, 0, 'fileLength'],
        ['length one less', 24, 191, 'fileLength'],
        ['length one more', 24, 193, 'fileLength'],
        ['length 2^31', 24, 0x80000000, 'fileLength'],
        ['length 2^32 − 1', 24, 0xffffffff, 'fileLength'],
        ['reserved in the header', 28, 1, 'reserved'],
        ['K = 0', 32, 0, 'dimension'],
        ['K = 131,072', 32, 131_072, 'dimension'],
        ['K = 131,071', 32, 131_071, 'fileLength'],
        ['K = 2^32 − 1', 32, 0xffffffff, 'dimension'],
        ['N = 0', 36, 0, 'dimension'],
        ['N = 131,072', 36, 131_072, 'dimension'],
        ['N = 131,071 before K = 3', 36, 131_071, 'chain'],
        ['logits in a middle layer', 40, 2, 'outputKind'],
        ['output kind 3', 40, 3, 'outputKind'],
        ['reserved in the table', 44, 0x80000000, 'reserved'],
        ['K that is not the N before', 48, 4, 'chain'],
        ['257 classes', 52, 257, 'dimension'],
        ['no classes', 52, 0, 'dimension'],
        ['int8 in the last layer', 56, 0, 'outputKind'],
        ['relu in the last layer', 56, 1, 'outputKind'],
        ['reserved in the last record', 60, 1, 'reserved'],
        ['multiplier −1', 0x60, 0xffffffff, 'multiplier'],
        ['multiplier −2^31', 0x68, 0x80000000, 'multiplier'],
        ['shift 63', 0x70, 63, 'shift'],
        ['shift 2^32 − 1', 0xb4, 0xffffffff, 'shift'],
    ])('refuses: %s', (_name, offset, value, code) => {
        expect(refusal(() => readModel(withU32(EXAMPLE_FILE, offset, value)))).toBe(code);
    });

    it('takes the ends of the ranges of multiplier and shift', () => {
        for (const multiplier of [0, 0x7fffffff]) {
            expect(readModel(withU32(EXAMPLE_FILE, 0x60, multiplier)).layers[0]!.multiplier[0]).toBe(multiplier);
        }
        for (const shift of [0, 62]) {
            expect(readModel(withU32(EXAMPLE_FILE, 0xb4, shift)).layers[1]!.shift[1]).toBe(shift);
        }
    });

    it('refuses a length that is right only modulo 2^32', () => {
        // N · K = 65536 · 65536 = 2^32, which is 0 in 32 bits; the file has every other byte of what the table describes.
        const inThirtyTwoBits = 32 + 2 * 16 + 0 + 3 * 4 * 65536 + 65536 + 3 * 16;
        let file = new Uint8Array(inThirtyTwoBits);
        file.set(EXAMPLE_FILE.subarray(0, TENSORS_AT));
        const fields: [number, number][] = [
            [24, inThirtyTwoBits],
            [32, 65536],
            [36, 65536],
            [48, 65536],
            [52, 1],
        ];
        for (const [offset, value] of fields) file = Uint8Array.from(withU32(file, offset, value));
        expect(refusal(() => readModel(file))).toBe('fileLength');
    });

    it('refuses 64 layers of the greatest size, without reserving memory for them', () => {
        const wide = 131_071;
        const layers = Array.from({ length: 64 }, (_, i) => ({
            K: wide,
            N: i === 63 ? 256 : wide,
            kind: i === 63 ? 2 : 0,
            weights: [],
            bias: [],
            multiplier: [],
            shift: [],
        }));
        const file = writeModel(layers);
        for (const stated of [file.length, 0x7ffffff0, 0x7fffffff]) {
            expect(refusal(() => readModel(withU32(file, 24, stated)))).toBe('fileLength');
        }
    });

    it('refuses a large model of which only header and table are there', () => {
        const [K, N] = [100_000, 200];
        const length = 32 + 16 + K * N + 3 * 800;
        const file = writeModel([{ K, N, kind: 2, weights: [], bias: [], multiplier: [], shift: [] }]);
        expect(refusal(() => readModel(withU32(file, 24, length)))).toBe('truncated');
    });
});
