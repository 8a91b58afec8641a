/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { EngineDevice } from '../../worker/engine/device';
import { Classification, Engine, EngineOptions } from '../../worker/engine/engine';
import { LinearTile } from '../../worker/engine/kernels/linear.wgsl';
import { Model } from '../../worker/engine/model';
import { parseModelFile } from '../../worker/engine/modelFile';
import { modelRoot, readModel, refereeRun, traceModel } from '../../worker/engine/referee';
import { unwrap } from '../../worker/engine/result';
import { DIGITS, HELD_OUT_COUNT, IMAGE_BYTES, loadDigits } from '../../worker/models/digits/dataset';
import { readDigitsManifest, readDigitsModelFile } from '../../worker/models/digits/model';
import { argmaxOnDevice, expectSameTensor, linearOnDevice, openTestDevice, quantiseOnDevice } from './support';

const file = readDigitsModelFile();
const manifest = readDigitsManifest();
const { training, heldOut } = loadDigits();

let device: EngineDevice;
let model: Model;
let reference: Classification;
beforeAll(async () => {
    device = await openTestDevice();
    model = unwrap(parseModelFile(file));
    reference = await classify(heldOut.images);
});
afterAll(() => device.close());

async function classify(images: Uint8Array, options?: EngineOptions, on = device): Promise<Classification> {
    const engine = await Engine.load(on, model, options);
    try {
        return await engine.run(images);
    } finally {
        engine.destroy();
    }
}

describe('the data', () => {
    it('is split into 8,000 and 2,000 images that have none in common', () => {
        expect([training.count, heldOut.count]).toEqual([8000, HELD_OUT_COUNT]);
        const keys = ({ images, count }: typeof training): string[] =>
            Array.from({ length: count }, (_, i) =>
                Buffer.from(images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)).toString('latin1'),
            );
        const known = new Set(keys(training));
        expect(keys(heldOut).filter((key) => known.has(key))).toEqual([]);
    });

    it('is the same for everybody, and has every digit', () => {
        expect(Buffer.compare(loadDigits().heldOut.images, heldOut.images)).toBe(0);
        expect(Buffer.compare(loadDigits(2).heldOut.images, heldOut.images)).not.toBe(0);
        expect(new Set(heldOut.labels).size).toBe(DIGITS);
    });
});

describe('the digit classifier', () => {
    it('is the file that its manifest describes', () => {
        expect(modelRoot(file)).toBe(manifest.modelRoot);
        expect(file.length).toBe(manifest.bytes);
    });

    it('is right on at least 95 % of 2,000 images that it was not trained on', () => {
        const correct = heldOut.labels.filter((label, i) => reference.classes[i] === label).length;
        expect(correct / heldOut.count).toBeGreaterThanOrEqual(0.95);
        expect(correct).toBe(manifest.heldOut.correct);
    });

    it('gives the bits of the referee on all 2,000 images', () => {
        const expected = refereeRun(file, heldOut.images, heldOut.count);
        expectSameTensor(reference.logits, expected.logits);
        expectSameTensor(reference.classes, expected.classes);
    });

    it('gives the bits of the referee in every tensor', async () => {
        const images = heldOut.images.subarray(0, 100 * IMAGE_BYTES);
        const trace = traceModel(readModel(file), images, 100);
        expectSameTensor(await quantiseOnDevice(device, images, IMAGE_BYTES), trace.quantised);
        for (const [i, layer] of trace.layers.entries()) {
            const tensors = model.layers[i]!;
            const { input, accumulators, rescaled } = layer;
            expectSameTensor(await linearOnDevice(device, input, tensors, 'accumulators'), accumulators);
            expectSameTensor(await linearOnDevice(device, input, tensors, 'int32'), rescaled);
            if (layer.requantised === null || layer.output === null) continue;
            expectSameTensor(await linearOnDevice(device, input, tensors, 'int8'), layer.requantised);
            expectSameTensor(await linearOnDevice(device, input, tensors, 'int8-relu'), layer.output);
        }
        expectSameTensor(await argmaxOnDevice(device, trace.logits, DIGITS), trace.classes);
    });

    it.each([1, 7, 64])('gives the same bits in batches of %i', async (batch) => {
        const engine = await Engine.load(device, model);
        for (let first = 0; first < 128; first += batch) {
            const { logits, classes } = await engine.run(
                heldOut.images.subarray(first * IMAGE_BYTES, (first + batch) * IMAGE_BYTES),
            );
            expectSameTensor(logits, reference.logits.subarray(first * DIGITS, (first + batch) * DIGITS));
            expectSameTensor(classes, reference.classes.subarray(first, first + batch));
        }
        engine.destroy();
    });

    const tiles: LinearTile[] = [
        { workgroupGroups: 1, workgroupRows: 1, rowsPerInvocation: 1 },
        { workgroupGroups: 32, workgroupRows: 8, rowsPerInvocation: 2 },
        { workgroupGroups: 4, workgroupRows: 64, rowsPerInvocation: 1 },
    ];
    it.each(tiles)('gives the same bits with its work divided as %p', async (tile) => {
        const { logits } = await classify(heldOut.images.subarray(0, 300 * IMAGE_BYTES), { tile, maxRows: 97 });
        expectSameTensor(logits, reference.logits.subarray(0, 300 * DIGITS));
    });

    it('gives the same bits without the packed dot product', async () => {
        const images = heldOut.images.subarray(0, 300 * IMAGE_BYTES);
        const { logits } = await classify(images, {}, { ...device, packedDotProduct: false });
        expectSameTensor(logits, reference.logits.subarray(0, 300 * DIGITS));
    });
});
