import { EngineDevice, openDevice } from '../../worker/engine/device';
import { BufferUsage, checked, DeviceMemory } from '../../worker/engine/gpuBuffers';
import { Epilogue, GROUP, groupsOf, LinearTile } from '../../worker/engine/kernels/linear.wgsl';
import { Operator, OperatorContext } from '../../worker/engine/kernelBinding';
import { argmaxOperator, LinearTensors, linearOperator, quantiseOperator } from '../../worker/engine/operators';
import { Layer, Model, OutputKind } from '../../worker/engine/model';
import { padRows } from '../../worker/engine/packing';
import { unwrap } from '../../worker/engine/result';
import { SeededRandom } from '../../worker/models/digits/random';

/** Opens the device that a suite runs on. Without an adapter the suite fails: nothing is skipped. */
export async function openTestDevice(): Promise<EngineDevice> {
    return unwrap(await openDevice());
}

/** Where random integers come from: anywhere in their range, or mostly at its ends and around zero. */
export type Spread = 'uniform' | 'extreme';

/** A random int8 tensor. */
export function randomInt8(length: number, random: SeededRandom, spread: Spread): Int8Array {
    const extremes = [-128, 127, -128, 127, -127, -1, 0, 1];
    return new Int8Array(length).map(() => pick(random, spread, extremes));
}

/** A random int32 tensor. */
export function randomInt32(length: number, random: SeededRandom, spread: Spread): Int32Array {
    const extremes = [-(2 ** 31), 2 ** 31 - 1, 1 - 2 ** 31, -(2 ** 30), 2 ** 30, -1, 0, 1];
    return new Int32Array(length).map(() => pick(random, spread, extremes));
}

/** A random layer that the model file can hold. */
export function randomLinear(inputs: number, outputs: number, random: SeededRandom, spread: Spread): LinearTensors {
    return {
        inputs,
        outputs,
        weights: randomInt8(outputs * inputs, random, spread),
        bias: randomInt32(outputs, random, spread),
        multiplier: randomInt32(outputs, random, spread).map((value) => value & 0x7fff_ffff),
        // Around 31 + 14 the results are neither all saturated nor all zero.
        shift: Uint32Array.from({ length: outputs }, () =>
            spread === 'extreme' ? [0, 1, 31, 32, 33, 40, 61, 62][random.nextWord() % 8]! : random.nextWord() % 63,
        ),
    };
}

function pick(random: SeededRandom, spread: Spread, extremes: readonly number[]): number {
    const word = random.nextWord();
    return spread === 'uniform' ? word : extremes[word % extremes.length]!;
}

/** `quantise` on the device: u8 `[rows, columns]` to i8 of the same shape. */
export async function quantiseOnDevice(device: EngineDevice, images: Uint8Array, columns: number): Promise<Int8Array> {
    const rows = images.length / columns;
    const bytes = await runWithInput(device, padRows(images, columns), rows, (context, input) =>
        quantiseOperator(context, input, columns),
    );
    return new Int8Array(withoutPadding(bytes, columns, groupsOf(columns) * GROUP));
}

/** The fused `linear` on the device: i8 `[rows, inputs]` to i32 `[rows, outputs]`, whatever the epilogue. */
export async function linearOnDevice(
    device: EngineDevice,
    input: Int8Array,
    tensors: LinearTensors,
    epilogue: Epilogue,
    tile?: LinearTile,
): Promise<Int32Array> {
    const { inputs, outputs } = tensors;
    const rows = input.length / inputs;
    const words = padRows(new Uint8Array(input.buffer, input.byteOffset, input.length), inputs);
    const bytes = await runWithInput(device, words, rows, (context, buffer) =>
        linearOperator(context, buffer, tensors, epilogue, tile === undefined ? {} : { tile }),
    );
    const stride = groupsOf(outputs) * GROUP;
    if (epilogue === 'int8' || epilogue === 'int8-relu') {
        return Int32Array.from(new Int8Array(withoutPadding(bytes, outputs, stride)));
    }
    return new Int32Array(withoutPadding(bytes, 4 * outputs, 4 * stride));
}

/** `argmax` on the device: i32 `[rows, columns]` to u32 `[rows]`. */
export async function argmaxOnDevice(device: EngineDevice, values: Int32Array, columns: number): Promise<Uint32Array> {
    const rows = values.length / columns;
    const stride = groupsOf(columns) * GROUP;
    // Padding that would win if the kernel looked at it.
    const padded = new Int32Array(rows * stride).fill(2 ** 31 - 1);
    for (let row = 0; row < rows; row++) padded.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
    const bytes = await runWithInput(device, new Uint8Array(padded.buffer), rows, (context, input) =>
        argmaxOperator(context, input, columns),
    );
    return new Uint32Array(bytes);
}

async function runWithInput(
    device: EngineDevice,
    content: Uint8Array<ArrayBuffer>,
    rows: number,
    build: (context: OperatorContext, input: GPUBuffer) => Operator,
): Promise<ArrayBuffer> {
    return runOperator(device, rows, (context) =>
        build(
            context,
            context.memory.upload('input', content.length, () => content),
        ),
    );
}

/**
 * Builds an operator, runs it alone, and returns what its output buffer holds.
 *
 * @param first - position of the first row, for the decoder's operators.
 */
export async function runOperator(
    device: EngineDevice,
    rows: number,
    build: (context: OperatorContext) => Operator,
    first = 0,
): Promise<ArrayBuffer> {
    const { gpuDevice } = device;
    const memory = new DeviceMemory(device);
    const readback = await checked(device, () => {
        const rowCount = memory.uniform('rows', rows, first);
        const operator = build({ device, memory, rowCount, capacity: rows });
        const encoder = gpuDevice.createCommandEncoder();
        const pass = encoder.beginComputePass();
        operator.encode(pass, rows, first);
        pass.end();
        const { size } = operator.output;
        const target = memory.create('readback', size, BufferUsage.MapRead | BufferUsage.CopyDestination);
        encoder.copyBufferToBuffer(operator.output, 0, target, 0, size);
        gpuDevice.queue.submit([encoder.finish()]);
        return target;
    });
    await readback.mapAsync(1);
    const bytes = readback.getMappedRange().slice(0);
    memory.destroy();
    return bytes;
}

/** Keeps the first bytes of every row. */
function withoutPadding(bytes: ArrayBuffer, kept: number, stride: number): ArrayBuffer {
    const rows = bytes.byteLength / stride;
    const result = new Uint8Array(rows * kept);
    for (let row = 0; row < rows; row++) result.set(new Uint8Array(bytes, row * stride, kept), row * kept);
    return result.buffer;
}

/** Compares two integer tensors and names the first element in which they differ. */
export function expectSameTensor(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
    expect(actual.length).toBe(expected.length);
    for (let index = 0; index < expected.length; index++) {
        if (actual[index] !== expected[index]) {
            expect({ index, value: actual[index] }).toEqual({ index, value: expected[index] });
        }
    }
}

/** A random model of one to four layers. */
export function randomModel(random: SeededRandom): Model {
    const widths = Array.from({ length: 2 + (random.nextWord() % 4) }, () => 1 + (random.nextWord() % 60));
    const layers = widths.slice(1).map((outputs, i): Layer => {
        const isLast = i === widths.length - 2;
        const tensors = randomLinear(widths[i]!, outputs, random, 'uniform');
        // Shifts that leave something of the values on their way through the layers.
        const shift = tensors.shift.map((value) => 32 + (value % 16));
        return { ...tensors, shift, outputKind: isLast ? OutputKind.Int32 : random.nextWord() % 2 === 0 ? 0 : 1 };
    });
    return { layers };
}
