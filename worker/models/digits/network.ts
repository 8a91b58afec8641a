import { IMAGE_BYTES } from './dataset';
import { SeededRandom } from './random';

/**
 * A fully connected layer in floating point. Training uses nothing but + − × ÷ and square roots, which IEEE 754 fixes to the
 * bit: the same seed trains the same network everywhere.
 */
export interface DenseLayer {
    readonly inputs: number;
    readonly outputs: number;
    /** `[inputs, outputs]`: a row per input, so that the many black pixels of an image are skipped as whole rows. */
    readonly weights: Float64Array;
    /** `[outputs]`. */
    readonly bias: Float64Array;
}

/** A classifier of images: a hidden layer with relu, then one score per class. Pixels are grey values divided by 255. */
export interface Network {
    readonly hidden: DenseLayer;
    readonly output: DenseLayer;
}

/** A network with uniform random weights whose variance keeps the size of a signal (He et al., 2015). */
export function createNetwork(hiddenUnits: number, classes: number, random: SeededRandom): Network {
    return {
        hidden: createLayer(IMAGE_BYTES, hiddenUnits, random),
        output: createLayer(hiddenUnits, classes, random),
    };
}

/** The hidden layer's values for an image, after relu. */
export function hiddenActivations({ hidden }: Network, image: Uint8Array): Float64Array {
    const values = apply(hidden, image, 1 / 255);
    return values.map((value) => (value > 0 ? value : 0));
}

/** The score of each class for an image. */
export function scores(network: Network, image: Uint8Array): Float64Array {
    return apply(network.output, hiddenActivations(network, image), 1);
}

/**
 * One step of stochastic gradient descent on the cross-entropy of one image.
 *
 * @param rate - learning rate.
 */
export function trainStep(network: Network, image: Uint8Array, label: number, rate: number): void {
    const { hidden, output } = network;
    const activations = hiddenActivations(network, image);
    const errors = softmax(apply(output, activations, 1));
    errors[label]! -= 1;

    // The hidden errors need the output weights as they were for this image, so they come first.
    const hiddenErrors = new Float64Array(hidden.outputs);
    for (let unit = 0; unit < hidden.outputs; unit++) {
        if (activations[unit] === 0) continue;
        let sum = 0;
        for (let n = 0; n < output.outputs; n++) sum += errors[n]! * output.weights[unit * output.outputs + n]!;
        hiddenErrors[unit] = sum;
    }
    descend(output, activations, 1, errors, rate);
    descend(hidden, image, 1 / 255, hiddenErrors, rate);
}

function createLayer(inputs: number, outputs: number, random: SeededRandom): DenseLayer {
    const bound = Math.sqrt(6 / inputs);
    const weights = Float64Array.from({ length: inputs * outputs }, () => bound * random.nextSigned());
    return { inputs, outputs, weights, bias: new Float64Array(outputs) };
}

function apply(layer: DenseLayer, input: ArrayLike<number>, inputScale: number): Float64Array {
    const { inputs, outputs, weights, bias } = layer;
    const sums = Float64Array.from(bias);
    for (let k = 0; k < inputs; k++) {
        const x = input[k]! * inputScale;
        if (x === 0) continue;
        for (let n = 0, w = k * outputs; n < outputs; n++, w++) sums[n]! += x * weights[w]!;
    }
    return sums;
}

function descend(
    layer: DenseLayer,
    input: ArrayLike<number>,
    inputScale: number,
    errors: Float64Array,
    rate: number,
): void {
    const { inputs, outputs, weights, bias } = layer;
    const steps = errors.map((error) => rate * error);
    for (let k = 0; k < inputs; k++) {
        const x = input[k]! * inputScale;
        if (x === 0) continue;
        for (let n = 0, w = k * outputs; n < outputs; n++, w++) weights[w]! -= x * steps[n]!;
    }
    for (let n = 0; n < outputs; n++) bias[n]! -= steps[n]!;
}

function softmax(values: Float64Array): Float64Array {
    const greatest = values.reduce((a, b) => (a > b ? a : b));
    const powers = values.map((value) => exponential(value - greatest));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / total);
}

/** e^x for x ≤ 0 as (1 + x / 2^20)^(2^20); `Math.exp` may differ in its last bit between machines. */
function exponential(x: number): number {
    let power = x < -700 ? 0 : 1 + x / 2 ** 20;
    for (let i = 0; i < 20; i++) power *= power;
    return power;
}
