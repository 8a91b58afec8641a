import { Cell } from '@ton/core';
import { createHash } from 'node:crypto';
import { cellOf } from './cells';
import { ChannelParts, Configuration, headerOf, Model, Tensor, tensorsOf } from './model';
import { linearOf, Opening, openingOf } from './opening';
import { Position, traceCell } from './trace';
import { Subject } from './verdict';

/** Bytes that follow from a name. */
function bytesOf(name: string, bytes: number): Buffer {
    return createHash('shake256', { outputLength: bytes }).update(name).digest();
}

/** A configuration in which every linear has K inputs. */
export function squareConfiguration(K: number, others: Partial<Configuration> = {}): Configuration {
    return {
        V: 40,
        D: K,
        F: K,
        L: 1,
        H: 4,
        G: 2,
        d: K / 4,
        T: 16,
        E: 1,
        tied: false,
        endTokens: [],
        vocabularyBytes: 0,
        ...others,
    };
}

/** A valid model file of random weights, biases, multipliers and shifts; extreme ones have weights of −128 and 127 alone. */
export function randomModel(configuration: Configuration, name: string, extreme = false): Model {
    const { tensors, fileBytes } = tensorsOf(configuration);
    const file = Buffer.alloc(fileBytes);
    headerOf(configuration).copy(file);
    tensors.forEach((tensor, i) => {
        const bytes = bytesOf(`${name} ${i}`, tensor.rows * tensor.rowBytes);
        valid(tensor, tensors, configuration, bytes, extreme).copy(file, tensor.offset);
    });
    return new Model(configuration, file);
}

/** Random bytes brought into a tensor's range (docs/engine/model-file.md, section 2). */
function valid(
    { number, role }: Tensor,
    tensors: readonly Tensor[],
    { vocabularyBytes }: Configuration,
    bytes: Buffer,
    extreme: boolean,
): Buffer {
    const words = (of: (word: number, i: number) => number): Buffer => {
        for (let i = 0; i < bytes.length; i += 4) {
            bytes.writeUInt32LE(of(bytes.readUInt32LE(i), i / 4) >>> 0, i);
        }
        return bytes;
    };
    if (number < 3) {
        return words(() => (number === 1 ? 0x80008000 : 0));
    }
    if (number === 3) {
        return words(() => vocabularyBytes);
    }
    if (role === 'weights' || number === 4) {
        return extreme ? Buffer.from(bytes.map((byte) => (byte < 128 ? 127 : 128))) : bytes;
    }
    // Of a linear come biases, multipliers and shifts in this order; else multipliers and shifts.
    const before = tensors.slice(0, number).findLastIndex((tensor) => tensor.role === 'weights');
    const place = role === 'channels' ? number - before - (before === 5 ? 0 : 1) : 1 + (number % 2);
    switch (place) {
        case 0:
            return words((word, i) => (i % 4 === 0 ? word : word >> 12));
        case 1:
            return words((word) => word & 0x7fffffff);
        default:
            return words((word) => 15 + (word % 31));
    }
}

/** Section 2.2 and 2.3 of docs/engine.md for one element. */
export function rescaledLinear(inputs: Int8Array, { weights, bias, multiplier, shift }: ChannelParts): bigint {
    const sum = inputs.reduce((total, input, k) => total + input * weights[k]!, 0);
    const product = BigInt((sum + bias) | 0) * BigInt(multiplier);
    return saturate((product + (shift === 0 ? 0n : 1n << BigInt(shift - 1))) >> BigInt(shift), 32n);
}

function saturate(value: bigint, bits: bigint): bigint {
    const limit = 1n << (bits - 1n);
    return value >= limit ? limit - 1n : value < -limit ? -limit : value;
}

/**
 * Outputs of a position: every element that a linear gives directly is true, everything else is random.
 *
 * @param made - makes something else of the random bytes of an operator's row
 */
export function randomRecord(
    model: Model,
    name: string,
    made: (random: Uint8Array, operator: number) => Uint8Array = (random) => random,
): Uint8Array[] {
    const { V, D, F, L, H, G, d } = model.configuration;
    const layer = [D, (H + 2 * G) * d, H * d, 4 * D, D, F, 4 * D];
    const sizes = [4 * D, ...Array.from({ length: L }, () => layer).flat(), D, 4 * V];
    const record = sizes.map((bytes, operator) =>
        made(new Uint8Array(bytesOf(`${name} ${operator}`, bytes)), operator),
    );
    record.forEach((row, operator) => {
        if (operator > 0 && [2, 4, 0].includes(operator % 7)) {
            putLinear(model, record, operator, row);
        }
    });
    return record;
}

function putLinear(model: Model, record: readonly Uint8Array[], operator: number, row: Uint8Array): void {
    const { H, G, d } = model.configuration;
    const { tensor, inputs, residual, bytes } = linearOf(model.configuration, operator);
    const view = new DataView(row.buffer);
    const x = new Int8Array(record[inputs]!.buffer);
    for (let n = bytes === 1 ? (H + G) * d : 0; n < row.length / bytes; n++) {
        const value = rescaledLinear(x, model.channel(tensor, n));
        if (bytes === 1) {
            view.setInt8(n, Number(saturate(value, 8n)));
        } else {
            const before = residual === undefined ? 0 : new DataView(record[residual]!.buffer).getInt32(4 * n, true);
            view.setInt32(4 * n, Number(saturate(BigInt(before) + value, 32n)), true);
        }
    }
}

/** A trace of which one position can be opened; the others are leaves without contents. */
export class Stage {
    readonly position: Position;
    readonly positions: readonly Cell[];
    readonly trace: Cell;

    constructor(
        readonly model: Model,
        readonly record: readonly Uint8Array[],
        number: number,
        readonly count: number,
        readonly salt = bytesOf('salt', 32),
    ) {
        this.position = new Position(model.configuration, salt, number, record);
        this.positions = Array.from({ length: count }, (_, i) =>
            i === number ? this.position.cell : cellOf(bytesOf(`position ${i}`, 80)),
        );
        this.trace = traceCell(model.root.hash(), this.positions);
    }

    /** What judges it; of a model or trace in another's place if these are given. */
    subject(model = this.model.root, trace = this.trace): Subject {
        return { configuration: this.model.configuration, modelRoot: model.hash(), traceRoot: trace.hash() };
    }

    /** Opens an element of the position. */
    open(operator: number, index: number): Opening {
        return openingOf(this.model, this.trace, this.count, this.position, { operator, index });
    }
}
