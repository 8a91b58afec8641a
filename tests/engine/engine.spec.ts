/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { EngineDevice } from '../../worker/engine/device';
import { Engine, EngineOptions } from '../../worker/engine/engine';
import { DeviceMemory } from '../../worker/engine/gpuBuffers';
import { Model } from '../../worker/engine/model';
import { parseModelFile, serialiseModel } from '../../worker/engine/modelFile';
import { refereeRun } from '../../worker/engine/referee';
import { unwrap } from '../../worker/engine/result';
import { SeededRandom } from '../../worker/models/digits/random';
import { SPECIFICATION_EXAMPLE } from './specificationExample';
import { expectSameTensor, openTestDevice, randomModel } from './support';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

async function withEngine<T>(model: Model, use: (engine: Engine) => Promise<T>, options?: EngineOptions): Promise<T> {
    const engine = await Engine.load(device, model, options);
    try {
        return await use(engine);
    } finally {
        engine.destroy();
    }
}

function exampleModel(): Model {
    return unwrap(parseModelFile(SPECIFICATION_EXAMPLE.modelFile));
}

describe('Engine', () => {
    it('computes the example of the specification', async () => {
        const { images, classes, logits } = SPECIFICATION_EXAMPLE;
        const result = await withEngine(exampleModel(), (engine) => engine.run(images));
        expectSameTensor(result.classes, classes);
        expectSameTensor(result.logits, logits);
    });

    it('agrees with the referee on random models', async () => {
        for (let seed = 0; seed < 25; seed++) {
            const random = new SeededRandom(seed);
            const model = randomModel(random);
            const count = 1 + (random.nextWord() % 20);
            const images = Uint8Array.from({ length: count * model.layers[0]!.inputs }, () => random.nextWord());
            const expected = refereeRun(serialiseModel(model), images, count);
            const result = await withEngine(model, (engine) => engine.run(images));
            expectSameTensor(result.logits, expected.logits);
            expectSameTensor(result.classes, expected.classes);
        }
    });

    it('gives each of several runs at once its own result', async () => {
        const { images, logits } = SPECIFICATION_EXAMPLE;
        await withEngine(exampleModel(), async (engine) => {
            const single = [images.subarray(0, 4), images.subarray(4, 8)];
            const runs = Array.from({ length: 10 }, (_, i) => engine.run(single[i % 2]!));
            const results = await Promise.all(runs);
            results.forEach((result, i) => expectSameTensor(result.logits, logits.slice(2 * (i % 2), 2 * (i % 2) + 2)));
        });
    });

    it('refuses images that are not whole, or none', async () => {
        await withEngine(exampleModel(), async (engine) => {
            await expect(engine.run(new Uint8Array(0))).rejects.toThrow(RangeError);
            await expect(engine.run(new Uint8Array(7))).rejects.toThrow(RangeError);
            // A failed run does not hold up the next one.
            await expect(engine.run(SPECIFICATION_EXAMPLE.images)).resolves.toBeDefined();
        });
    });

    it('refuses to run once it is destroyed', async () => {
        const engine = await Engine.load(device, exampleModel());
        engine.destroy();
        await expect(engine.run(SPECIFICATION_EXAMPLE.images)).rejects.toMatchObject({ code: 'destroyed' });
    });

    it('fails with a typed error when its device is closed', async () => {
        const other = await openTestDevice();
        const engine = await Engine.load(other, exampleModel());
        other.close();
        const run = engine.run(SPECIFICATION_EXAMPLE.images);
        await expect(run).rejects.toMatchObject({ name: 'EngineError', code: 'device-failure' });
    });

    it('refuses a buffer that the device cannot bind', () => {
        const limit = device.gpuDevice.limits.maxStorageBufferBindingSize;
        expect(() => new DeviceMemory(device).storage('logits', limit + 4)).toThrow(
            expect.objectContaining({ name: 'EngineError', code: 'model-too-large' }),
        );
    });

    it.each([0, 1.5, 1025, NaN])('refuses parts of %p images', async (maxRows) => {
        await expect(Engine.load(device, exampleModel(), { maxRows })).rejects.toThrow(RangeError);
    });

    it('turns what the device refuses into a typed error', async () => {
        const tile = { workgroupGroups: 257, workgroupRows: 1, rowsPerInvocation: 1 };
        const load = Engine.load(device, exampleModel(), { tile });
        await expect(load).rejects.toMatchObject({ name: 'EngineError', code: 'device-failure' });
    });
});
