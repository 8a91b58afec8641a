import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SeededRandom } from './random';

/** Bytes of an image: 28 × 28 grey values, row by row from the top left; 0 is the background. */
export const IMAGE_BYTES = 28 * 28;
/** Number of classes: the digits 0 to 9. */
export const DIGITS = 10;
/** Seed of the split that the committed model was trained with. */
export const SPLIT_SEED = 1;
/** Number of images that training never sees. */
export const HELD_OUT_COUNT = 2000;

/** Labelled images. */
export interface Samples {
    readonly count: number;
    /** `[count, IMAGE_BYTES]`, one image after another: the input bytes of a run. */
    readonly images: Uint8Array;
    /** `[count]`, the digit of each image. */
    readonly labels: Uint8Array;
}

/**
 * The 10,000 handwritten digits of the package `mnist`, in two parts that share no image.
 *
 * The split is the project's own: the package's is unseeded, so every reader would hold out other images.
 */
export function loadDigits(seed = SPLIT_SEED): { readonly training: Samples; readonly heldOut: Samples } {
    const samples = Array.from({ length: DIGITS }, (_, digit) => readDigit(digit)).flat();
    new SeededRandom(seed).shuffle(samples);
    return {
        training: concatenate(samples.slice(HELD_OUT_COUNT)),
        heldOut: concatenate(samples.slice(0, HELD_OUT_COUNT)),
    };
}

interface Sample {
    readonly image: Uint8Array;
    readonly label: number;
}

function readDigit(digit: number): Sample[] {
    const folder = join(dirname(require.resolve('mnist')), 'digits');
    const { data } = JSON.parse(readFileSync(join(folder, `${digit}.json`), 'utf8')) as { data: number[] };
    // The package has grey values divided by 255 and rounded to three digits, which tells all 256 of them apart.
    // Storing as a byte drops the fraction, so adding a half rounds.
    const bytes = new Uint8Array(data.length);
    data.forEach((value, i) => (bytes[i] = value * 255 + 0.5));
    return Array.from({ length: bytes.length / IMAGE_BYTES }, (_, i) => ({
        image: bytes.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES),
        label: digit,
    }));
}

function concatenate(samples: readonly Sample[]): Samples {
    const images = new Uint8Array(samples.length * IMAGE_BYTES);
    samples.forEach(({ image }, i) => images.set(image, i * IMAGE_BYTES));
    return { count: samples.length, images, labels: Uint8Array.from(samples, ({ label }) => label) };
}
