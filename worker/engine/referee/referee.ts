import { RefereeError } from './errors';
import { type OutputKind, type RefereeModel, readModel } from './modelReader';
import { argmax, linear, quantise, relu, requantise, rescale } from './operators';

/** What a run gives (section 3). */
export interface RefereeResult {
    /** i32 `[M, N]` of the last layer. */
    readonly logits: Int32Array;
    /** The result bytes: one class per image, in the order of the images. */
    readonly classes: Uint8Array;
}

/** Every tensor of one layer (section 3). */
export interface RefereeLayerTrace {
    /** Inputs. */
    readonly K: number;
    /** Outputs. */
    readonly N: number;
    /** What follows `linear`. */
    readonly kind: OutputKind;
    /** `X_i`: i8 `[M, K]`. */
    readonly input: Int8Array;
    /** `A_i = linear(X_i, W_i, B_i)`: i32 `[M, N]`. */
    readonly accumulators: Int32Array;
    /** `rescale` of `A_i`: i32 `[M, N]`, before any saturation to int8. In the last layer these are the logits. */
    readonly rescaled: Int32Array;
    /** `requantise` of `A_i`: i8 `[M, N]`, before `relu`; null in the last layer, which has none. */
    readonly requantised: Int8Array | null;
    /** `X_{i+1}`: i8 `[M, N]`, after `relu` where the layer has it; null in the last layer, whose output is the logits. */
    readonly output: Int8Array | null;
}

/** A run with every intermediate tensor, for comparison tensor by tensor. */
export interface RefereeTrace extends RefereeResult {
    /** `M`, number of images. */
    readonly count: number;
    /** `X_0 = quantise(images)`: i8 `[M, K_0]`. */
    readonly quantised: Int8Array;
    /** The layers in order. */
    readonly layers: readonly RefereeLayerTrace[];
}

/**
 * Section 3: runs a model on a batch of images.
 *
 * @param modelFile - the whole model file (section 4)
 * @param images - the input bytes: `count` images one after another, `K_0` bytes each
 * @param count - `M`, at least 1
 */
export function refereeRun(modelFile: Uint8Array, images: Uint8Array, count: number): RefereeResult {
    const { logits, classes } = refereeTrace(modelFile, images, count);
    return { logits, classes };
}

/**
 * Section 3: as `refereeRun`, and returns every intermediate tensor too.
 *
 * @param modelFile - the whole model file (section 4)
 * @param images - the input bytes: `count` images one after another, `K_0` bytes each
 * @param count - `M`, at least 1
 */
export function refereeTrace(modelFile: Uint8Array, images: Uint8Array, count: number): RefereeTrace {
    return traceModel(readModel(modelFile), images, count);
}

/**
 * Section 3: as `refereeTrace`, for a model that was read before.
 *
 * @param model - what `readModel` gave
 * @param images - the input bytes: `count` images one after another, `K_0` bytes each
 * @param count - `M`, at least 1
 */
export function traceModel(model: RefereeModel, images: Uint8Array, count: number): RefereeTrace {
    if (!Number.isSafeInteger(count) || count < 1) {
        throw new RefereeError('images', `the number of images is ${count}, but must be an integer that is at least 1`);
    }
    if (images.length !== count * model.inputSize) {
        throw new RefereeError('images', `${count} images of ${model.inputSize} bytes are not ${images.length} bytes`);
    }
    const M = count;

    const quantised = quantise(images);
    const layers: RefereeLayerTrace[] = [];
    let input = quantised; // X_i
    let logits: Int32Array = new Int32Array(0);

    for (const { K, N, kind, weights, bias, multiplier, shift } of model.layers) {
        const accumulators = linear(input, weights, bias, { M, K, N });
        const rescaled = rescale(accumulators, multiplier, shift, { M, N });
        if (kind === 2) {
            logits = rescaled;
            layers.push({ K, N, kind, input, accumulators, rescaled, requantised: null, output: null });
        } else {
            const requantised = requantise(accumulators, multiplier, shift, { M, N });
            const output = kind === 1 ? relu(requantised) : requantised;
            layers.push({ K, N, kind, input, accumulators, rescaled, requantised, output });
            input = output;
        }
    }

    // There are at most 256 classes, so every index fits the one byte that section 3 gives it.
    const classes = Uint8Array.from(argmax(logits, { M, N: model.classCount }));
    return { count, quantised, layers, logits, classes };
}
