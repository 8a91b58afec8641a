import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The model file of the digit classifier (docs/engine.md, section 4). */
export const MODEL_PATH = join(__dirname, 'digits-784-128-10.model');
/** What was measured when the model was made; see {@link Manifest}. */
export const MANIFEST_PATH = join(__dirname, 'manifest.json');

/** How the model was made and how good it is. */
export interface Manifest {
    readonly description: string;
    /** docs/engine.md, section 5; 64 hexadecimal digits. */
    readonly modelRoot: string;
    /** Length of the model file. */
    readonly bytes: number;
    readonly data: {
        readonly package: string;
        readonly images: number;
        /** Seed of the split into training and held-out images. */
        readonly splitSeed: number;
    };
    readonly training: {
        /** Seed of the first weights, the order of the images and their movements. */
        readonly seed: number;
        readonly epochs: number;
        readonly images: number;
    };
    readonly heldOut: {
        readonly images: number;
        /** Images that the integer engine classifies rightly. */
        readonly correct: number;
        /** `correct / images`. */
        readonly accuracy: number;
        /** The same before quantisation, in floating point. */
        readonly floatCorrect: number;
    };
}

/** The bytes of the digit classifier's model file. */
export function readDigitsModelFile(): Uint8Array {
    return readFileSync(MODEL_PATH);
}

/** The manifest of the digit classifier. */
export function readDigitsManifest(): Manifest {
    return JSON.parse(readFileSync(MANIFEST_PATH, 'utf8')) as Manifest;
}
