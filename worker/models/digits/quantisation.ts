import { Layer, Model, OutputKind } from '../../engine/model';
import { IMAGE_BYTES, Samples } from './dataset';
import { DenseLayer, hiddenActivations, Network } from './network';

/** The real number that one unit of a logit stands for. */
const LOGIT_UNIT = 2 ** -16;
/** `quantise` subtracts this from every byte (docs/engine.md, section 2.1). */
const PIXEL_OFFSET = 128;

/**
 * Turns a trained network into integers: weights symmetric per output channel, hidden values on a scale found on images
 * (calibration).
 *
 * @param calibration - images whose greatest hidden value becomes 127; greater ones will saturate.
 */
export function quantiseNetwork(network: Network, calibration: Samples): Model {
    const hiddenUnit = greatestActivation(network, calibration) / 127;
    return {
        layers: [
            quantiseLayer(network.hidden, 1 / 255, PIXEL_OFFSET, hiddenUnit, OutputKind.Int8Relu),
            quantiseLayer(network.output, hiddenUnit, 0, LOGIT_UNIT, OutputKind.Int32),
        ],
    };
}

function greatestActivation(network: Network, { count, images }: Samples): number {
    let greatest = 0;
    for (let i = 0; i < count; i++) {
        const image = images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES);
        for (const value of hiddenActivations(network, image)) if (value > greatest) greatest = value;
    }
    return greatest;
}

/**
 * @param inputUnit - the real number that one unit of the integer input stands for.
 * @param inputOffset - what is missing in the integer input: real input = (integer + offset) × unit.
 * @param outputUnit - the real number that one unit of the integer output stands for.
 */
function quantiseLayer(
    layer: DenseLayer,
    inputUnit: number,
    inputOffset: number,
    outputUnit: number,
    outputKind: OutputKind,
): Layer {
    const { inputs, outputs } = layer;
    const weights = new Int8Array(outputs * inputs);
    const bias = new Int32Array(outputs);
    const multiplier = new Int32Array(outputs);
    const shift = new Uint32Array(outputs);
    for (let n = 0; n < outputs; n++) {
        const column = Float64Array.from({ length: inputs }, (_, k) => layer.weights[k * outputs + n]!);
        const greatest = column.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
        const weightUnit = greatest / 127 || 1;
        const rounded = column.map((weight) => Math.round(weight / weightUnit));
        weights.set(rounded, n * inputs);
        const missing = inputOffset * rounded.reduce((sum, weight) => sum + weight, 0);
        bias[n] = Math.round(layer.bias[n]! / (weightUnit * inputUnit)) + missing;
        [multiplier[n], shift[n]] = toMultiplierAndShift((weightUnit * inputUnit) / outputUnit);
    }
    return { inputs, outputs, outputKind, weights, bias, multiplier, shift };
}

/** A positive factor below 1 as multiplier / 2^shift with a multiplier of 31 bits. */
function toMultiplierAndShift(factor: number): [multiplier: number, shift: number] {
    let shift = 0;
    let scaled = factor;
    while (scaled < 2 ** 30) {
        scaled *= 2;
        shift++;
    }
    return [Math.min(Math.round(scaled), 2 ** 31 - 1), shift];
}
