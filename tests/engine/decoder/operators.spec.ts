/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import {
    attentionOperator,
    cacheRowBytes,
    embeddingOperator,
    gatedOperator,
    headWords,
    normOperator,
    qkvOperator,
    uploadTable,
} from '../../../worker/engine/decoder/operators';
import { DecoderShape } from '../../../worker/engine/decoder/shape';
import { EngineDevice } from '../../../worker/engine/device';
import { Operator, OperatorContext } from '../../../worker/engine/kernelBinding';
import { groupsOf } from '../../../worker/engine/kernels/linear.wgsl';
import { ChannelScales } from '../../../worker/engine/model';
import { linearOperator } from '../../../worker/engine/operators';
import { packChannels, packedChannelBytes, padRows } from '../../../worker/engine/packing';
import { linear, rescale } from '../../../worker/engine/referee';
import { add, attention, embedding, gated, norm, requantise16, rope } from '../../../worker/engine/referee/decoder';
import { SeededRandom } from '../../../worker/models/digits/random';
import {
    expectSameTensor,
    openTestDevice,
    randomInt32,
    randomInt8,
    randomLinear,
    runOperator,
    Spread,
} from '../support';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

const RUNS = Array.from({ length: 12 }, (_, seed): [number, Spread] => [seed, seed % 2 === 0 ? 'uniform' : 'extreme']);

/** Multipliers of at most 2^31 − 1 and shifts about one that leaves something of the values. */
function scales(count: number, random: SeededRandom, spread: Spread, about: number): ChannelScales {
    return {
        multiplier: randomInt32(count, random, spread).map((value) => value & 0x7fff_ffff),
        shift: Uint32Array.from({ length: count }, () =>
            spread === 'uniform'
                ? about + (random.nextWord() % 5)
                : [0, 1, 32, about, about, 62][random.nextWord() % 6]!,
        ),
    };
}

/** A falling table from 32,768, or a random one. */
function randomTable(random: SeededRandom, falling: boolean): Uint16Array {
    const table = Uint16Array.from({ length: 4096 }, () => random.nextWord() % 32_769);
    if (!falling) return table;
    table[0] = 32_768;
    return table.sort((a, b) => b - a);
}

const upload = ({ memory }: OperatorContext, values: Int8Array | Int32Array | Uint8Array): GPUBuffer =>
    memory.upload('test', groupsOf(values.byteLength) * 4, () =>
        padRows(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), values.byteLength),
    );

/** int32 rows, padded with zeros to groups of four. */
function paddedInt32(values: Int32Array, columns: number): Int32Array {
    const stride = 4 * groupsOf(columns);
    const padded = new Int32Array((values.length / columns) * stride);
    for (let row = 0; row * columns < values.length; row++) {
        padded.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
    }
    return padded;
}

/** Rows without padding. */
function rowsOf(bytes: ArrayBuffer, columns: number, stride: number): Int8Array[] {
    return Array.from({ length: bytes.byteLength / stride }, (_, row) => new Int8Array(bytes, row * stride, columns));
}

function shapeOf(random: SeededRandom): DecoderShape {
    const keyValueHeads = 1 + (random.nextWord() % 3);
    return {
        ...{ vocabulary: 2, width: 1, feedForward: 1, layers: 1, tied: false, vocabularyBytes: 0 },
        heads: keyValueHeads * (1 + (random.nextWord() % 3)),
        keyValueHeads,
        headWidth: 2 + 2 * (random.nextWord() % 12),
        contextLimit: 8,
    };
}

describe('operators of the decoder', () => {
    it.each(RUNS)('embedding agrees with the referee, run %i, %s', async (seed, spread) => {
        const random = new SeededRandom(seed);
        const [rows, width] = [1 + (random.nextWord() % 9), 1 + (random.nextWord() % 150)];
        const table = randomInt8(rows * width, random, spread);
        const scale = scales(rows, random, spread, 20);
        const pairs = Int32Array.from(
            { length: 2 * rows },
            (_, i) => (i % 2 ? scale.shift : scale.multiplier)[i >> 1]!,
        );
        const bytes = await run(rows, 0, 16 * groupsOf(width), (context, output) => {
            const packed = padRows(new Uint8Array(table.buffer), width);
            return embeddingOperator(context, upload(context, packed), upload(context, pairs), width, output);
        });
        for (let row = 0; row < rows; row++) {
            const found = new Int32Array(bytes, row * 16 * groupsOf(width), width);
            expectSameTensor(found, embedding(row, table, scale));
        }
    });

    it.each(RUNS)('norm agrees with the referee, run %i, %s', async (seed, spread) => {
        const random = new SeededRandom(seed);
        const [rows, width] = [1 + (random.nextWord() % 5), 1 + (random.nextWord() % 300)];
        // Rows of every magnitude, zero and the least of all int32 among them.
        const values = randomInt32(rows * width, random, spread).map(
            (value, i) => value >> ((7 * Math.floor(i / width) + seed) % 33),
        );
        if (seed % 4 === 0) values.fill(0, 0, width);
        const epsilon = [1, 1000, 2 ** 31, 2 ** 32 - 1][seed % 4]!;
        const multiplier = randomInt32(width, random, spread).map((value) => (value === -(2 ** 31) ? 1 : value));
        const shift = Uint32Array.from({ length: width }, () =>
            spread === 'uniform' ? 48 + (random.nextWord() % 9) : [15, 16, 52, 57][random.nextWord() % 4]!,
        );
        const scale = { multiplier, shift };
        const bytes = await run(rows, 0, 4 * groupsOf(width), (context, output) =>
            normOperator(context, upload(context, paddedInt32(values, width)), scale, epsilon, output),
        );
        rowsOf(bytes, width, 4 * groupsOf(width)).forEach((found, row) => {
            expectSameTensor(found, norm(values.slice(row * width, (row + 1) * width), epsilon, scale).Y);
        });
    });

    it.each(RUNS)('rope and values agree with the referee, run %i, %s', async (seed, spread) => {
        const random = new SeededRandom(seed);
        const shape = shapeOf(random);
        const { heads, keyValueHeads, headWidth: d } = shape;
        const [rows, first] = [1 + (random.nextWord() % 4), random.nextWord() % 4];
        const channels = (heads + 2 * keyValueHeads) * d;
        const accumulators = randomInt32(rows * channels, random, spread).map((value) => value >> (seed % 20));
        const tensors = { ...randomLinear(1, channels, random, spread), ...scales(channels, random, spread, 31) };
        const headScales = scales(heads + keyValueHeads, random, spread, 52);
        const limit = 16_384;
        const angles = Int16Array.from({ length: shape.contextLimit * d }, () =>
            spread === 'uniform'
                ? (random.nextWord() % (2 * limit + 1)) - limit
                : [-limit, limit, 0][random.nextWord() % 3]!,
        );
        let cache: GPUBuffer | undefined;
        const words = headWords(shape);
        const stride = (heads + 2 * keyValueHeads) * words * 4;
        const build = (context: OperatorContext, output: GPUBuffer): Operator => {
            cache = context.memory.storage('cache', shape.contextLimit * cacheRowBytes(shape));
            const buffers = {
                accumulators: upload(context, paddedInt32(accumulators, channels)),
                channels: context.memory.upload('channels', packedChannelBytes(tensors), () => packChannels(tensors)),
                angles: uploadTable(context.memory, 'angles', angles),
                cache,
                output,
            };
            return qkvOperator(context, buffers, shape, headScales);
        };
        const bytes = await run(rows, first, stride, build);
        const cached = await run(rows, first, stride, (context, output) => ({
            ...build(context, output),
            output: cache!,
        }));
        for (let row = 0; row < rows; row++) {
            for (let head = 0; head < heads + 2 * keyValueHeads; head++) {
                const from = head * d;
                const A = accumulators.slice(row * channels + from, row * channels + from + d);
                const own = {
                    multiplier: tensors.multiplier.slice(from, from + d),
                    shift: tensors.shift.slice(from, from + d),
                };
                const angle = angles.slice((first + row) * d, (first + row + 1) * d);
                const expected =
                    head < heads + keyValueHeads
                        ? rope(requantise16(A, own), angle, headScales.multiplier[head]!, headScales.shift[head]!).Y
                        : rescale(A, own.multiplier, own.shift, { M: 1, N: d }).map((x) =>
                              Math.max(-128, Math.min(127, x)),
                          );
                expectSameTensor(new Int8Array(bytes, row * stride + head * words * 4, d), expected);
                if (head < heads) continue;
                const place = (first + row) * cacheRowBytes(shape) + (head - heads) * words * 4;
                expectSameTensor(new Int8Array(cached, place, d), expected);
            }
        }
    });

    it.each(RUNS)('attention agrees with the referee, run %i, %s', async (seed, spread) => {
        const random = new SeededRandom(seed);
        const shape = { ...shapeOf(random), contextLimit: 150 };
        const { heads, keyValueHeads, headWidth: d } = shape;
        const [rows, first] = [1 + (random.nextWord() % 3), random.nextWord() % 147];
        const words = headWords(shape);
        const allHeads = heads + 2 * keyValueHeads;
        // Heads begin at words, filled up with zeros.
        const inHeads = (count: number): Int8Array =>
            Int8Array.from(padRows(new Uint8Array(randomInt8(count * d, random, spread).buffer), d));
        const queries = inHeads(rows * allHeads);
        const cache = inHeads((first + rows) * 2 * keyValueHeads);
        const exp = randomTable(random, true);
        const score = scales(heads, random, spread, 34);
        const outputs = scales(heads * d, random, spread, 46);
        const stride = heads * words * 4;
        const bytes = await run(rows, first, stride, (context, output) => {
            const buffers = {
                queries: upload(context, queries),
                cache: upload(context, cache),
                exponentials: uploadTable(context.memory, 'exp', exp),
                scores: context.memory.storage('scores', rows * heads * shape.contextLimit * 4),
                output,
            };
            return attentionOperator(context, buffers, shape, shape.contextLimit, { score, attention: outputs });
        });
        const headAt = (tensor: Int8Array, head: number): Int8Array =>
            tensor.slice(head * words * 4, head * words * 4 + d);
        for (let row = 0; row < rows; row++) {
            for (let head = 0; head < heads; head++) {
                const group = Math.floor((head * keyValueHeads) / heads);
                const rowsOfHead = (offset: number): Int8Array =>
                    Int8Array.from(
                        Array.from({ length: first + row + 1 }, (_, t) => [
                            ...headAt(cache, t * 2 * keyValueHeads + offset + group),
                        ]).flat(),
                    );
                const own = (all: ChannelScales, from: number, count: number): ChannelScales => ({
                    multiplier: all.multiplier.slice(from, from + count),
                    shift: all.shift.slice(from, from + count),
                });
                const expected = attention(
                    headAt(queries, row * allHeads + head),
                    rowsOfHead(0),
                    rowsOfHead(keyValueHeads),
                    exp,
                    own(score, head, 1),
                    own(outputs, head * d, d),
                );
                expectSameTensor(new Int8Array(bytes, row * stride + head * words * 4, d), expected.Y);
            }
        }
    });

    it.each(RUNS)('gated agrees with the referee, run %i, %s', async (seed, spread) => {
        const random = new SeededRandom(seed);
        const [rows, width] = [1 + (random.nextWord() % 4), 1 + (random.nextWord() % 200)];
        const accumulators = randomInt32(rows * 2 * width, random, spread).map((value) => value >> (seed % 20));
        const tensors = { ...randomLinear(1, 2 * width, random, spread), ...scales(2 * width, random, spread, 31) };
        const index = scales(1, random, spread, 34);
        const product = scales(width, random, spread, 51);
        const sigmoid = randomTable(random, false);
        const bytes = await run(rows, 0, 4 * groupsOf(width), (context, output) => {
            const buffers = {
                accumulators: upload(context, paddedInt32(accumulators, 2 * width)),
                channels: context.memory.upload('channels', packedChannelBytes(tensors), () => packChannels(tensors)),
                sigmoids: uploadTable(context.memory, 'sigmoid', sigmoid),
                output,
            };
            return gatedOperator(context, buffers, index, product);
        });
        rowsOf(bytes, width, 4 * groupsOf(width)).forEach((found, row) => {
            const all = requantise16(accumulators.slice(row * 2 * width, (row + 1) * 2 * width), tensors);
            const expected = gated(all.slice(0, width), all.slice(width), sigmoid, index, product);
            expectSameTensor(found, expected.Y);
        });
    });

    it.each(RUNS)('linear with a residual agrees, in segments and in parts, run %i, %s', async (seed, spread) => {
        const random = new SeededRandom(seed);
        const segment = 1 + (random.nextWord() % 9);
        const [rows, inputs, outputs] = [
            1 + (random.nextWord() % 9),
            segment * (1 + (random.nextWord() % 9)),
            1 + (random.nextWord() % 90),
        ];
        const tensors = randomLinear(inputs, outputs, random, spread);
        const input = randomInt8(rows * inputs, random, spread);
        const residuals = randomInt32(rows * outputs, random, spread);
        // At most three groups of four channels at once.
        const bindingLimit = 3 * 16 * (inputs / segment) * groupsOf(segment);
        const bytes = await run(rows, 0, 16 * groupsOf(outputs), (context, output) => {
            const segments = padRows(new Uint8Array(input.buffer), segment);
            const residual = upload(context, paddedInt32(residuals, outputs));
            return linearOperator(context, upload(context, segments), tensors, 'residual', {
                ...{ segment, residual, output, bindingLimit },
            });
        });
        const sums = linear(input, tensors.weights, tensors.bias, { M: rows, K: inputs, N: outputs });
        const expected = add(residuals, rescale(sums, tensors.multiplier, tensors.shift, { M: rows, N: outputs }));
        for (let row = 0; row < rows; row++) {
            const found = new Int32Array(bytes, row * 16 * groupsOf(outputs), outputs);
            expectSameTensor(found, expected.slice(row * outputs, (row + 1) * outputs));
        }
    });
});

/** Runs an operator that writes into a buffer of its test, and returns the buffer's rows. */
async function run(
    rows: number,
    first: number,
    stride: number,
    build: (context: OperatorContext, output: GPUBuffer) => Operator,
): Promise<ArrayBuffer> {
    return runOperator(
        device,
        rows,
        (context) => build(context, context.memory.storage('output', rows * stride)),
        first,
    );
}
