import { IMAGE_BYTES, loadDigits } from '../worker/models/digits/dataset';
import { SeededRandom } from '../worker/models/digits/random';
import { Usage } from '../protocol';

/** Images of one job. */
export const BATCH_IMAGES = 16;

const WIDTH = 28;
/** From background to ink; a character stands for two rows, since it is twice as high as wide. */
const INK = ' .:-=+*#%@';

/** Hands out batches of images that the model was not trained with; no image comes twice. */
export class Digits {
    private readonly order: number[];
    private readonly images: Uint8Array;

    constructor(seed: number) {
        const { heldOut } = loadDigits();
        this.images = heldOut.images;
        this.order = new SeededRandom(seed).shuffle(Array.from({ length: heldOut.count }, (_, i) => i));
    }

    /** Input bytes of the next job, or of a request with fewer images. */
    next(count = BATCH_IMAGES): Uint8Array {
        const batch = new Uint8Array(count * IMAGE_BYTES);
        this.order.splice(0, count).forEach((image, i) => {
            batch.set(this.images.subarray(image * IMAGE_BYTES, (image + 1) * IMAGE_BYTES), i * IMAGE_BYTES);
        });
        return batch;
    }
}

/** What a batch counts for the price: a token per byte of the input, and one per class. */
export function usageOf(input: Uint8Array): Usage {
    return { prompt: input.length, completion: input.length / IMAGE_BYTES };
}

/** Images beside each other, each with its class below. */
export function drawDigits(input: Uint8Array, classes: Uint8Array, count: number): string[] {
    const shown = Array.from({ length: count }, (_, i) => input.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES));
    const rows = Array.from({ length: WIDTH / 2 }, (_, row) => shown.map((image) => drawRow(image, row)).join('   '));
    const captions = shown.map((_, i) => `${' '.repeat(WIDTH / 2 - 2)}→ ${classes[i]}`.padEnd(WIDTH)).join('   ');
    return [...rows.filter((row) => row.trim() !== ''), captions].map((row) => row.trimEnd());
}

function drawRow(image: Uint8Array, row: number): string {
    return Array.from({ length: WIDTH }, (_, column) => {
        const grey = Math.max(image[2 * row * WIDTH + column]!, image[(2 * row + 1) * WIDTH + column]!);
        return INK[Math.floor((grey * (INK.length - 1)) / 255)];
    }).join('');
}
