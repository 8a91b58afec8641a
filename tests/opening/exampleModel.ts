import { Configuration, headerOf, Model, Tensor, tensorsOf } from './model';

/** docs/engine/examples.md, section 2. */
export const EXAMPLE: Configuration = {
    V: 16,
    D: 8,
    F: 12,
    L: 2,
    H: 4,
    G: 2,
    d: 4,
    T: 16,
    E: 1000,
    tied: false,
    endTokens: [15],
    vocabularyBytes: 18,
};

const VOCABULARY = [...'abcdefghijkl', 'the', ' ', '\u00e9', ''].map((token) => Buffer.from(token, 'utf8'));

/** Elements of a tensor in order: from the generator, or of the index in the tensor. */
type Fill = (next: () => number, i: number) => number;

const weight: Fill = (next) => (next() >> 24) | 0;
const bias: Fill = (next) => 16 * (next() >> 24);
const multiplier: Fill = (next) => 2 ** 30 + Math.floor((next() >>> 0) / 8);
const signed: Fill = (next) => {
    const number = next() >>> 0;
    const magnitude = 2 ** 30 + Math.floor(number / 8);
    return number % 2 === 1 ? -magnitude : magnitude;
};
const shift =
    (value: number): Fill =>
    () =>
        value;
const rounded = (value: number): number => Math.floor(value + 0.5);

const rope: Fill = (_, i) => {
    const { d } = EXAMPLE;
    const [position, j] = [Math.floor(i / d), i % (d / 2)];
    const angle = position * 10_000 ** ((-2 * j) / d);
    return rounded(16_384 * (i % d < d / 2 ? Math.cos(angle) : Math.sin(angle)));
};
const exp: Fill = (_, i) => rounded(32_768 * Math.exp(-i / 256));
const sigmoid: Fill = (_, i) => rounded(32_768 / (1 + Math.exp(-(i - 2048) / 256)));
const ends: Fill = (_, i) => Buffer.concat(VOCABULARY.slice(0, i + 1)).length;
const vocabulary: Fill = (_, i) => Buffer.concat(VOCABULARY)[i]!;
const qkvShift: Fill = (_, i) => (i < (EXAMPLE.H + EXAMPLE.G) * EXAMPLE.d ? 31 : 39);

/** Bytes of an element and its values, tensor by tensor. */
const LAYER: readonly (readonly [1 | 2 | 4, Fill])[] = [
    [4, signed],
    [4, shift(54)],
    [1, weight],
    [4, bias],
    [4, multiplier],
    [4, qkvShift],
    [4, multiplier],
    [4, shift(52)],
    [4, multiplier],
    [4, shift(33)],
    [4, multiplier],
    [4, shift(46)],
    [1, weight],
    [4, bias],
    [4, multiplier],
    [4, shift(24)],
    [4, signed],
    [4, shift(54)],
    [1, weight],
    [4, bias],
    [4, multiplier],
    [4, shift(31)],
    [4, multiplier],
    [4, shift(35)],
    [4, multiplier],
    [4, shift(51)],
    [1, weight],
    [4, bias],
    [4, multiplier],
    [4, shift(24)],
];
const TENSORS: readonly (readonly [1 | 2 | 4, Fill])[] = [
    [2, rope],
    [2, exp],
    [2, sigmoid],
    [4, ends],
    [1, vocabulary],
    [1, weight],
    [4, multiplier],
    [4, shift(16)],
    ...LAYER,
    ...LAYER,
    [4, signed],
    [4, shift(54)],
    [1, weight],
    [4, bias],
    [4, multiplier],
    [4, shift(27)],
];

/** The example's model, untied or tied. The tied one is the same file without the head's weights. */
export function exampleModel(tied = false): Model {
    const file = untiedFile();
    if (!tied) {
        return new Model(EXAMPLE, file);
    }
    const configuration = { ...EXAMPLE, tied };
    const { offset, rows, rowBytes } = tensorsOf(EXAMPLE).tensors[10 + 30 * EXAMPLE.L]!;
    const rest = file.subarray(offset + rows * rowBytes);
    return new Model(configuration, Buffer.concat([headerOf(configuration), file.subarray(144, offset), rest]));
}

function untiedFile(): Buffer {
    const { tensors, fileBytes } = tensorsOf(EXAMPLE);
    const file = Buffer.alloc(fileBytes);
    headerOf(EXAMPLE).copy(file);
    const next = xoshiro([1, 2, 3, 4]);
    tensors.forEach((tensor, i) => fill(file, tensor, ...TENSORS[i]!, next));
    return file;
}

function fill(file: Buffer, { offset, rows, rowBytes }: Tensor, bytes: number, value: Fill, next: () => number): void {
    for (let i = 0; i < (rows * rowBytes) / bytes; i++) {
        const unsigned = BigInt.asUintN(8 * bytes, BigInt(value(next, i)));
        file.writeUIntLE(Number(unsigned), offset + bytes * i, bytes);
    }
}

/** docs/engine/generation.md, section 3.5; the numbers as int32. */
function xoshiro(state: [number, number, number, number]): () => number {
    let [s0, s1, s2, s3] = state;
    const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
    return () => {
        const result = Math.imul(rotl(Math.imul(s1, 5), 7), 9);
        const t = s1 << 9;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = rotl(s3, 11);
        return result;
    };
}
