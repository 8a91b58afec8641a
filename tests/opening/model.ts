import { Cell } from '@ton/core';
import { createHash } from 'node:crypto';
import { cellOf, follow, pathOf, treeOf } from './cells';

/** A decoder's configuration, by the names of docs/engine/decoder.md. */
export interface Configuration {
    readonly V: number;
    readonly D: number;
    readonly F: number;
    readonly L: number;
    readonly H: number;
    readonly G: number;
    readonly d: number;
    readonly T: number;
    readonly E: number;
    readonly tied: boolean;
    readonly endTokens: readonly number[];
    readonly vocabularyBytes: number;
}

/** `weights` is int8 with a channel a row, `channels` its biases, multipliers or shifts; everything else is `plain`. */
export type Role = 'plain' | 'weights' | 'channels';

/** A tensor of the model file (docs/engine/model-file.md, section 2). */
export interface Tensor {
    readonly number: number;
    readonly role: Role;
    readonly rows: number;
    readonly rowBytes: number;
    /** In the file. */
    readonly offset: number;
}

const HEADER_BYTES = 144;

/** All tensors in the order of the file, and the file's length. */
export function tensorsOf(configuration: Configuration): { tensors: Tensor[]; fileBytes: number } {
    const { V, D, F, L, H, G, d, T, tied, vocabularyBytes } = configuration;
    const tensors: Tensor[] = [];
    let offset = HEADER_BYTES;
    const add = (role: Role, rows: number, rowBytes: number): void => {
        tensors.push({ number: tensors.length, role, rows, rowBytes, offset });
        offset += 16 * Math.ceil((rows * rowBytes) / 16);
    };
    const pair = (role: Role, n: number): void => {
        add(role, 1, 4 * n);
        add(role, 1, 4 * n);
    };
    const linear = (rows: number, columns: number, weightBytes = columns): void => {
        add('weights', rows, weightBytes);
        add('channels', 1, 4 * rows);
        pair('channels', rows);
    };
    add('plain', T, 2 * d);
    add('plain', 1, 2 * 4096);
    add('plain', 1, 2 * 4096);
    add('plain', 1, 4 * V);
    add('plain', 1, vocabularyBytes);
    add('weights', V, D);
    pair('channels', V);
    for (let layer = 0; layer < L; layer++) {
        pair('plain', D);
        linear((H + 2 * G) * d, D);
        pair('plain', H + G);
        pair('plain', H);
        pair('plain', H * d);
        linear(D, H * d);
        pair('plain', D);
        linear(2 * F, D);
        pair('plain', 1);
        pair('plain', F);
        linear(D, F);
    }
    pair('plain', D);
    linear(V, D, tied ? 0 : D);
    return { tensors, fileBytes: offset };
}

/** The first 144 bytes of the file. */
export function headerOf(configuration: Configuration): Buffer {
    const { V, D, F, L, H, G, d, T, E, tied, endTokens, vocabularyBytes } = configuration;
    const header = Buffer.alloc(HEADER_BYTES);
    header.write('TCMMODEL', 'ascii');
    const { fileBytes } = tensorsOf(configuration);
    [1, 2, 2, L, fileBytes, 0, V, D, F, H, G, d, T, tied ? 1 : 0, E, endTokens.length, vocabularyBytes, 0]
        .concat(endTokens)
        .forEach((word, i) => header.writeUInt32LE(word, 8 + 4 * i));
    return header;
}

/** What a channel's cell says, and its weights. */
export interface ChannelParts {
    readonly tensor: number;
    readonly row: number;
    readonly bias: number;
    readonly multiplier: number;
    readonly shift: number;
    readonly weights: Int8Array;
}

/** Limbs of 30 bytes, each reversed. */
export function reversedLimbs(weights: Int8Array): Buffer {
    const bytes = Buffer.alloc(weights.length);
    for (let start = 0; start < weights.length; start += 30) {
        const end = Math.min(start + 30, weights.length);
        for (let k = start; k < end; k++) {
            bytes[start + end - 1 - k] = weights[k]!;
        }
    }
    return bytes;
}

/** Section 2 of docs/engine/trace.md. */
export function channelCell({ tensor, row, bias, multiplier, shift, weights }: ChannelParts): Cell {
    const data = Buffer.alloc(64);
    data.write('CM.mch.1', 'ascii');
    data.writeUInt32BE(tensor, 8);
    data.writeUInt32BE(row, 12);
    data.writeInt32BE(bias, 16);
    data.writeInt32BE(multiplier, 20);
    data.writeUInt32BE(shift, 24);
    data.writeInt32BE(
        weights.reduce((sum, weight) => sum + weight, 0),
        28,
    );
    sha256(reversedLimbs(weights)).copy(data, 32);
    return cellOf(data);
}

/** A model file with its tree. */
export class Model {
    readonly tensors: readonly Tensor[];
    /** Number of leaves. */
    readonly leaves: number;
    /** The cell whose hash is modelRoot. */
    readonly root: Cell;
    private readonly firstLeaf: number[] = [];

    constructor(
        readonly configuration: Configuration,
        readonly file: Buffer,
    ) {
        this.tensors = tensorsOf(configuration).tensors;
        const leaves: Cell[] = [];
        for (const { number, role, rows, rowBytes } of this.tensors) {
            this.firstLeaf.push(leaves.length);
            for (let row = 0; role !== 'channels' && (role === 'weights' || rowBytes > 0) && row < rows; row++) {
                leaves.push(role === 'weights' ? channelCell(this.channel(number, row)) : this.rowCell(number, row));
            }
        }
        this.leaves = leaves.length;
        const digest = sha256(Buffer.from('ton-compute-market/model/v1', 'ascii'), file);
        this.root = cellOf(Buffer.concat([Buffer.from('CM.mdl.1', 'ascii'), digest]), [treeOf(leaves)]);
    }

    /** Path from the root to the leaf of a tensor's row. */
    path(tensor: number, row: number): number[] {
        return [0, ...pathOf(this.firstLeaf[tensor]! + row, this.leaves)];
    }

    /** A channel as it lies in the file. */
    channel(tensor: number, row: number): ChannelParts {
        const last = 10 + 30 * this.configuration.L;
        const source = this.tensors[tensor === last && this.configuration.tied ? 5 : tensor]!;
        const start = source.offset + row * source.rowBytes;
        const weights = new Int8Array(this.file.subarray(start, start + source.rowBytes));
        // The embedding has no biases.
        const [biases, multipliers, shifts] = tensor === 5 ? [undefined, 6, 7] : [tensor + 1, tensor + 2, tensor + 3];
        const at = (other: number): number => this.tensors[other]!.offset + 4 * row;
        return {
            tensor,
            row,
            bias: biases === undefined ? 0 : this.file.readInt32LE(at(biases)),
            multiplier: this.file.readInt32LE(at(multipliers)),
            shift: this.file.readUInt32LE(at(shifts)),
            weights,
        };
    }

    /** The model with some parts of a channel changed. */
    with(tensor: number, row: number, parts: Partial<ChannelParts>): Model {
        const { bias, multiplier, shift, weights } = { ...this.channel(tensor, row), ...parts };
        const file = Buffer.from(this.file);
        const [ofWeights, biases, multipliers, shifts] = this.tensors.slice(tensor);
        file.set(new Uint8Array(weights.buffer), ofWeights!.offset + row * ofWeights!.rowBytes);
        file.writeInt32LE(bias, biases!.offset + 4 * row);
        file.writeInt32LE(multiplier, multipliers!.offset + 4 * row);
        file.writeUInt32LE(shift, shifts!.offset + 4 * row);
        return new Model(this.configuration, file);
    }

    /** The leaf of a tensor's row. */
    leaf(tensor: number, row: number): Cell {
        return follow(this.root, this.path(tensor, row));
    }

    private rowCell(tensor: number, row: number): Cell {
        const { offset, rowBytes } = this.tensors[tensor]!;
        const data = Buffer.alloc(48);
        data.write('CM.mrw.1', 'ascii');
        data.writeUInt32BE(tensor, 8);
        data.writeUInt32BE(row, 12);
        const start = offset + row * rowBytes;
        sha256(this.file.subarray(start, start + rowBytes)).copy(data, 16);
        return cellOf(data);
    }
}

/** SHA-256 of the parts, one after another. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
    const hash = createHash('sha256');
    parts.forEach((part) => hash.update(part));
    return hash.digest();
}
