/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import fc from 'fast-check';
import { EngineDevice } from '../../worker/engine/device';
import { LinearTile } from '../../worker/engine/kernels/linear.wgsl';
import { LinearTensors } from '../../worker/engine/operators';
import { argmax, linear, quantise, relu, requantise, rescale } from '../../worker/engine/referee';
import { SeededRandom } from '../../worker/models/digits/random';
import {
    argmaxOnDevice,
    expectSameTensor,
    linearOnDevice,
    openTestDevice,
    quantiseOnDevice,
    randomInt32,
    randomInt8,
    randomLinear,
    Spread,
} from './support';

const SEED = 20_261_122;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

const spreads = fc.constantFrom<Spread>('uniform', 'extreme');
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

/** Compares all four epilogues of the linear kernel with the referee's operators. */
async function expectLinearAgrees(
    input: Int8Array,
    tensors: LinearTensors,
    tile?: LinearTile,
    on = device,
): Promise<void> {
    const { inputs: K, outputs: N, weights, bias, multiplier, shift } = tensors;
    const M = input.length / K;
    const accumulators = linear(input, weights, bias, { M, K, N });
    const int8 = requantise(accumulators, multiplier, shift, { M, N });
    expectSameTensor(await linearOnDevice(on, input, tensors, 'accumulators', tile), accumulators);
    const rescaled = rescale(accumulators, multiplier, shift, { M, N });
    expectSameTensor(await linearOnDevice(on, input, tensors, 'int32', tile), rescaled);
    expectSameTensor(await linearOnDevice(on, input, tensors, 'int8', tile), int8);
    expectSameTensor(await linearOnDevice(on, input, tensors, 'int8-relu', tile), relu(int8));
}

/** A layer whose accumulators are what is given, one channel each: no weights, only bias. */
function channelsOf(values: readonly { a: number; multiplier: number; shift: number }[]): LinearTensors {
    return {
        inputs: 1,
        outputs: values.length,
        weights: new Int8Array(values.length),
        bias: Int32Array.from(values, ({ a }) => a),
        multiplier: Int32Array.from(values, ({ multiplier }) => multiplier),
        shift: Uint32Array.from(values, ({ shift }) => shift),
    };
}

describe('quantise', () => {
    it('maps every byte as the referee does, in rows of any length', async () => {
        const bytes = Uint8Array.from({ length: 256 * 3 }, (_, i) => i);
        for (const columns of [1, 2, 3, 4, 6, 8, 256, 768]) {
            expectSameTensor(await quantiseOnDevice(device, bytes, columns), quantise(bytes));
        }
    });
});

describe('linear, rescale, requantise and relu', () => {
    it('agree with the referee over random shapes', async () => {
        const shapes = fc.record({
            M: fc.integer({ min: 1, max: 40 }),
            K: fc.integer({ min: 1, max: 150 }),
            N: fc.integer({ min: 1, max: 90 }),
        });
        await fc.assert(
            fc.asyncProperty(shapes, seeds, spreads, async ({ M, K, N }, seed, spread) => {
                const random = new SeededRandom(seed);
                await expectLinearAgrees(randomInt8(M * K, random, spread), randomLinear(K, N, random, spread));
            }),
            { seed: SEED, numRuns: 60 },
        );
    });

    it('agree on the longest sum, at both ends and past them', async () => {
        const K = 131_071;
        const tensors = {
            ...randomLinear(K, 4, new SeededRandom(1), 'uniform'),
            weights: new Int8Array(4 * K).fill(-128).fill(127, 2 * K),
            // The sums alone fit; the bias carries the first and the last over the edge.
            bias: Int32Array.of(INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN),
            shift: Uint32Array.of(40, 55, 40, 55),
        };
        await expectLinearAgrees(new Int8Array(2 * K).fill(-128).fill(127, K), tensors);
    });

    it('agree on every kind of product at every shift', async () => {
        const edges = [0, 1, 2, 3, 127, 128, 129, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000, 2 ** 30 - 1, 2 ** 30];
        const accumulators = [...edges.flatMap((edge) => [edge, -edge]), INT32_MAX, INT32_MIN, INT32_MIN + 1];
        const multipliers = [0, 1, 2, 3, 0xffff, 0x1_0000, 0x1_0001, 2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, INT32_MAX];
        const values = accumulators.flatMap((a) =>
            multipliers.flatMap((multiplier) => Array.from({ length: 63 }, (_, shift) => ({ a, multiplier, shift }))),
        );
        await expectLinearAgrees(Int8Array.of(0), channelsOf(values));
    });

    it('agree on exact ties and on their neighbours', async () => {
        const random = new SeededRandom(SEED);
        const values = Array.from({ length: 20_000 }, () => {
            // a · multiplier = odd · 2^zeros, which is a tie for a shift of zeros + 1.
            const zerosOfA = random.nextWord() % 24;
            const zerosOfMultiplier = random.nextWord() % 24;
            const oddA = (random.nextWord() % 128) * 2 - 127;
            const oddMultiplier = (random.nextWord() % 64) * 2 + 1;
            return {
                a: oddA * 2 ** zerosOfA + (random.nextWord() % 3) - 1,
                multiplier: oddMultiplier * 2 ** zerosOfMultiplier,
                shift: zerosOfA + zerosOfMultiplier + 1,
            };
        });
        await expectLinearAgrees(Int8Array.of(0), channelsOf(values));
    });

    it('agree on random products', async () => {
        const random = new SeededRandom(SEED + 1);
        const values = Array.from({ length: 50_000 }, () => ({
            a: random.nextWord() | 0,
            multiplier: random.nextWord() >>> 1,
            shift: random.nextWord() % 63,
        }));
        await expectLinearAgrees(Int8Array.of(0), channelsOf(values));
    });

    it('agree for every division of the work, with and without the packed dot product', async () => {
        const random = new SeededRandom(SEED + 2);
        const [M, K, N] = [67, 83, 71];
        const input = randomInt8(M * K, random, 'extreme');
        const tensors = randomLinear(K, N, random, 'uniform');
        const tiles: LinearTile[] = [
            { workgroupGroups: 1, workgroupRows: 1, rowsPerInvocation: 1 },
            { workgroupGroups: 256, workgroupRows: 1, rowsPerInvocation: 1 },
            { workgroupGroups: 1, workgroupRows: 256, rowsPerInvocation: 3 },
            { workgroupGroups: 16, workgroupRows: 16, rowsPerInvocation: 8 },
            { workgroupGroups: 5, workgroupRows: 7, rowsPerInvocation: 2 },
        ];
        for (const tile of tiles) {
            await expectLinearAgrees(input, tensors, tile);
            await expectLinearAgrees(input, tensors, tile, { ...device, packedDotProduct: false });
        }
    });
});

describe('argmax', () => {
    it('agrees with the referee over random rows, most of them with ties', async () => {
        const shapes = fc.record({ M: fc.integer({ min: 1, max: 200 }), N: fc.integer({ min: 1, max: 256 }) });
        await fc.assert(
            fc.asyncProperty(shapes, seeds, spreads, async ({ M, N }, seed, spread) => {
                const values = randomInt32(M * N, new SeededRandom(seed), spread);
                expectSameTensor(await argmaxOnDevice(device, values, N), argmax(values, { M, N }));
            }),
            { seed: SEED, numRuns: 40 },
        );
    });

    it('gives the lowest index when all are equal, wherever they lie', async () => {
        for (const value of [INT32_MIN, -1, 0, INT32_MAX]) {
            expectSameTensor(await argmaxOnDevice(device, new Int32Array(3 * 7).fill(value), 7), [0, 0, 0]);
        }
    });
});
