import {
    argmax,
    inputCommitment,
    linear,
    modelRoot,
    quantise,
    readModel,
    RefereeError,
    refereeRun,
    refereeTrace,
    relu,
    requantise,
    rescale,
    resultCommitment,
    traceModel,
} from '../../worker/engine/referee';
import { EXAMPLE_FILE, EXAMPLE_IMAGES, generator, hex, type LayerText, refusal, writeModel } from './support';

/** A layer of pseudo-random numbers: any weights, biases about as large as the sums, outputs spread over int8. */
function randomLayer(next: () => number, K: number, N: number, kind: number): LayerText {
    return {
        K,
        N,
        kind,
        weights: Int8Array.from({ length: N * K }, () => next() & 0xff),
        bias: Int32Array.from({ length: N }, () => next() >> (kind === 2 ? 19 : 14)),
        multiplier: Int32Array.from({ length: N }, () => 2 ** 30 + (next() >>> 2)),
        shift: Uint32Array.from({ length: N }, () => (kind === 2 ? 31 : 44)),
    };
}

describe('the example of section 6', () => {
    const trace = refereeTrace(EXAMPLE_FILE, EXAMPLE_IMAGES, 2);

    it('has every tensor of the table', () => {
        expect(trace.count).toBe(2);
        expect(trace.quantised).toEqual(Int8Array.of(-128, 127, 0, -121, 72, -128, -118, 122));
        const [first, second] = trace.layers;
        expect(trace.layers).toHaveLength(2);
        expect(first).toEqual({
            K: 4,
            N: 3,
            kind: 1,
            input: trace.quantised,
            accumulators: Int32Array.of(202, 17139, 26700, -414, 5119, 18100),
            rescaled: Int32Array.of(101, 50, 777, -207, 15, 527),
            requantised: Int8Array.of(101, 50, 127, -128, 15, 127),
            output: Int8Array.of(101, 50, 127, 0, 15, 127),
        });
        expect(second).toEqual({
            K: 3,
            N: 2,
            kind: 2,
            input: first!.output,
            accumulators: Int32Array.of(3825, 7761, 3515, 611),
            rescaled: Int32Array.of(3825, 7761, 3515, 611),
            requantised: null,
            output: null,
        });
        expect(trace.logits).toEqual(Int32Array.of(3825, 7761, 3515, 611));
        expect(trace.classes).toEqual(Uint8Array.of(1, 0));
    });

    it('has the logits and classes of the table', () => {
        expect(refereeRun(EXAMPLE_FILE, EXAMPLE_IMAGES, 2)).toEqual({
            logits: Int32Array.of(3825, 7761, 3515, 611),
            classes: Uint8Array.of(1, 0),
        });
    });

    it('has the commitments of the text', () => {
        const salt = Uint8Array.from({ length: 32 }, (_, i) => i);
        expect(modelRoot(EXAMPLE_FILE)).toBe('d15f6d5721ff6efec8b1122deb65a480d4f29a0da6bbae3aeab5cfba6d2f7009');
        expect(inputCommitment(salt, EXAMPLE_IMAGES)).toBe(
            'db358104148cd0cc47cd625740e042d7d6fb699877c9e5138b50c8884e808a65',
        );
        expect(resultCommitment(salt, trace.classes)).toBe(
            '541aa4f208cd2cc07427b36795b4b1c9be3f663252748fd6723f74b978a6619b',
        );
    });
});

describe('a model computed by hand', () => {
    // One layer: W = [[1, 1], [−1, 2]], B = [1, −1], multiplier = [1, 3], shift = [0, 1].
    const file = hex(`
        54 43 4d 4d 4f 44 45 4c 01 00 00 00 01 00 00 00
        01 00 00 00 01 00 00 00 70 00 00 00 00 00 00 00
        02 00 00 00 02 00 00 00 02 00 00 00 00 00 00 00
        01 01 ff 02 00 00 00 00 00 00 00 00 00 00 00 00
        01 00 00 00 ff ff ff ff 00 00 00 00 00 00 00 00
        01 00 00 00 03 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00
    `);

    it('gives the values worked out on paper', () => {
        // [2, −8]:      A = [1 + 2 − 8, −1 − 2 − 16]      = [−5, −19], −57/2 = −28.5 → −28
        // [0, 1]:       A = [1 + 0 + 1, −1 − 0 + 2]       = [2, 1],     3/2 = 1.5 → 2: a tie of classes, the lower wins
        // [−128, 127]:  A = [1 − 128 + 127, −1 + 128 + 254] = [0, 381], 1143/2 = 571.5 → 572
        const trace = refereeTrace(file, Uint8Array.of(130, 120, 128, 129, 0, 255), 3);
        expect(trace.quantised).toEqual(Int8Array.of(2, -8, 0, 1, -128, 127));
        expect(trace.layers[0]!.accumulators).toEqual(Int32Array.of(-5, -19, 2, 1, 0, 381));
        expect(trace.logits).toEqual(Int32Array.of(-5, -28, 2, 2, 0, 572));
        expect(trace.classes).toEqual(Uint8Array.of(0, 0, 1));
    });
});

describe('layers (section 3)', () => {
    const unit = { bias: [0], multiplier: [1], shift: [0] };
    const twoSigns: LayerText = {
        K: 1,
        N: 2,
        kind: 2,
        weights: [1, -1],
        bias: [0, 0],
        multiplier: [1, 1],
        shift: [0, 0],
    };

    it('keeps negative activations with kind 0 and drops them with kind 1', () => {
        const image = Uint8Array.of(28); // −100
        const plain = writeModel([{ K: 1, N: 1, kind: 0, weights: [1], ...unit }, twoSigns]);
        expect(refereeRun(plain, image, 1)).toEqual({ logits: Int32Array.of(-100, 100), classes: Uint8Array.of(1) });
        const rectified = writeModel([{ K: 1, N: 1, kind: 1, weights: [1], ...unit }, twoSigns]);
        expect(refereeRun(rectified, image, 1)).toEqual({ logits: Int32Array.of(0, 0), classes: Uint8Array.of(0) });
    });

    it('saturates to −128 and to 127 between layers', () => {
        const file = writeModel([{ K: 1, N: 1, kind: 0, weights: [2], ...unit }, twoSigns]);
        const { logits } = refereeRun(file, Uint8Array.of(0, 255), 2); // −256 and 254
        expect(logits).toEqual(Int32Array.of(-128, 128, 127, -127));
    });

    it('wraps accumulators and does not saturate them', () => {
        const file = writeModel([{ ...twoSigns, bias: [2 ** 31 - 1, -(2 ** 31)] }]);
        expect(refereeRun(file, Uint8Array.of(129), 1)).toEqual({
            logits: Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
            classes: Uint8Array.of(1),
        });
    });

    it('applies rescale to the logits, saturating to i32', () => {
        const big = 2 ** 31 - 1;
        const file = writeModel([{ ...twoSigns, bias: [100, 100], multiplier: [big, big], shift: [0, 30] }]);
        expect(refereeRun(file, Uint8Array.of(148), 1).logits).toEqual(Int32Array.of(big, 160));
    });

    it('gives class 255 of 256 as one byte', () => {
        const N = 256;
        const file = writeModel([
            {
                K: 1,
                N,
                kind: 2,
                weights: new Int8Array(N),
                bias: Int32Array.from({ length: N }, (_, n) => n),
                multiplier: new Int32Array(N).fill(1),
                shift: new Uint32Array(N),
            },
        ]);
        expect(refereeRun(file, Uint8Array.of(7), 1).classes).toEqual(Uint8Array.of(255));
    });

    it('is the composition of the operators', () => {
        const next = generator(3);
        const file = writeModel([randomLayer(next, 5, 17, 0), randomLayer(next, 17, 6, 1), randomLayer(next, 6, 4, 2)]);
        const M = 9;
        const images = Uint8Array.from({ length: M * 5 }, () => next());
        const [a, b, c] = readModel(file).layers;
        const x0 = quantise(images);
        const a0 = linear(x0, a!.weights, a!.bias, { M, K: 5, N: 17 });
        const x1 = requantise(a0, a!.multiplier, a!.shift, { M, N: 17 });
        const a1 = linear(x1, b!.weights, b!.bias, { M, K: 17, N: 6 });
        const x2 = relu(requantise(a1, b!.multiplier, b!.shift, { M, N: 6 }));
        const a2 = linear(x2, c!.weights, c!.bias, { M, K: 6, N: 4 });
        const logits = rescale(a2, c!.multiplier, c!.shift, { M, N: 4 });
        const trace = traceModel(readModel(file), images, M);
        expect(trace.layers.map((layer) => layer.accumulators)).toEqual([a0, a1, a2]);
        expect(trace.layers.map((layer) => layer.output)).toEqual([x1, x2, null]);
        expect(trace.logits).toEqual(logits);
        expect(trace.classes).toEqual(Uint8Array.from(argmax(logits, { M, N: 4 })));
    });
});

describe('a batch (section 2)', () => {
    const next = generator(1);
    const file = writeModel([randomLayer(next, 784, 128, 1), randomLayer(next, 128, 10, 2)]);
    const count = 2000;
    const images = Uint8Array.from({ length: count * 784 }, () => next() & 0xff);

    it('classifies 2,000 digits through 784–128–10 in well under 10 seconds of processor time', () => {
        const start = process.cpuUsage();
        const { logits, classes } = refereeRun(file, images, count);
        const seconds = process.cpuUsage(start).user / 1e6; // of this process: other load on the machine does not count
        expect(logits).toHaveLength(count * 10);
        expect(classes).toHaveLength(count);
        expect(new Set(classes).size).toBeGreaterThan(1);
        expect(seconds).toBeLessThan(10);
    });

    it('gives the same at once, in parts and row by row', () => {
        const few = 12;
        const part = images.subarray(0, few * 784);
        const whole = refereeRun(file, part, few);
        for (const size of [1, 3, 4]) {
            const pieces = Array.from({ length: few / size }, (_, i) =>
                refereeRun(file, part.subarray(i * size * 784, (i + 1) * size * 784), size),
            );
            expect(pieces.flatMap((piece) => Array.from(piece.logits))).toEqual(Array.from(whole.logits));
            expect(pieces.flatMap((piece) => Array.from(piece.classes))).toEqual(Array.from(whole.classes));
        }
    });
});

describe('bad input', () => {
    it('refuses a number of images that does not fit the bytes', () => {
        const run = (bytes: number, count: number) => () => refereeRun(EXAMPLE_FILE, new Uint8Array(bytes), count);
        expect(refusal(run(4, 1))).toBeNull();
        expect(refusal(run(0, 0))).toBe('images');
        expect(refusal(run(4, 0))).toBe('images');
        expect(refusal(run(0, 1))).toBe('images');
        expect(refusal(run(7, 2))).toBe('images');
        expect(refusal(run(8, 1))).toBe('images');
        expect(refusal(run(4, -1))).toBe('images');
        expect(refusal(run(6, 1.5))).toBe('images');
        expect(refusal(run(4, NaN))).toBe('images');
        expect(refusal(run(4, Infinity))).toBe('images');
    });

    it('refuses a bad model before anything else', () => {
        expect(refusal(() => refereeRun(new Uint8Array(0), new Uint8Array(0), 0))).toBe('truncated');
    });

    it('refuses a salt that is not 32 bytes', () => {
        for (const length of [0, 31, 33]) {
            expect(refusal(() => inputCommitment(new Uint8Array(length), EXAMPLE_IMAGES))).toBe('salt');
            expect(refusal(() => resultCommitment(new Uint8Array(length), EXAMPLE_IMAGES))).toBe('salt');
        }
        expect(inputCommitment(new Uint8Array(32), new Uint8Array(0))).toMatch(/^[0-9a-f]{64}$/);
    });

    it('throws one type of error, with a code and a message', () => {
        expect(() => readModel(new Uint8Array(3))).toThrow(RefereeError);
        expect(() => readModel(new Uint8Array(3))).toThrow('the file has 3 bytes, the header alone 32');
    });
});
