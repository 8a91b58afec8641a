import { bigEndian, CellNode, cellNode, concatenate, treeLevels } from './cells';
import { DecoderModel, LinearTensors } from './model';
import { placeTensors } from './modelFile';
import { Sha256 } from './sha256';
import { firstTensorOfLayer, TENSOR, tensorBytes } from './shape';

/** Weights of a channel that make a limb in its digest (docs/engine/trace.md, section 2). */
export const LIMB = 30;

const FILE_TAG = 'ton-compute-market/model/v1';
const CHANNEL_TAG = 'CM.mch.1';
const ROW_TAG = 'CM.mrw.1';
const ROOT_TAG = 'CM.mdl.1';

/** A weight tensor with the tensors that belong to it. */
interface WeightTensor {
    /** Its number in the file. */
    readonly tensor: number;
    readonly rows: number;
    /** The rest of its numbers: no leaves of their own. */
    readonly belonging: readonly number[];
    readonly scaled: Omit<LinearTensors, 'bias'> & { readonly bias?: Int32Array };
}

/** A leaf of a model's tree: its place, and the data of its cell. */
export interface ModelLeaf {
    readonly tensor: number;
    readonly row: number;
    readonly data: Uint8Array;
}

/** Weights in the order in which they are hashed and opened: limbs of 30, each reversed. */
export function reversedLimbs(weights: Int8Array): Uint8Array {
    const reversed = new Uint8Array(weights.length);
    for (let start = 0; start < weights.length; start += LIMB) {
        const end = Math.min(start + LIMB, weights.length);
        for (let k = start; k < end; k++) reversed[start + end - 1 - k] = weights[k]!;
    }
    return reversed;
}

/** The tree of a model's rows and channels (docs/engine/trace.md, section 2); making it hashes the whole model. */
export class ModelTree {
    /** The data of the cell whose hash is `modelRoot`. */
    readonly rootData: Uint8Array;
    /** `modelRoot`, 32 bytes. */
    readonly root: Uint8Array;
    /** The levels of the tree, its leaves first. */
    readonly levels: readonly (readonly CellNode[])[];
    /** The number of each tensor's first leaf, for tensors that have leaves. */
    private readonly firstLeaves = new Map<number, number>();

    /** @param file - the model's whole file. */
    constructor(
        private readonly model: DecoderModel,
        private readonly file: Uint8Array,
        private readonly sha256: Sha256,
    ) {
        const leaves: CellNode[] = [];
        for (const { tensor, row, data } of modelLeaves(model, file, sha256)) {
            if (row === 0) this.firstLeaves.set(tensor, leaves.length);
            leaves.push(cellNode(sha256, data));
        }
        this.levels = treeLevels(sha256, leaves);
        this.rootData = concatenate(ROOT_TAG, sha256(concatenate(FILE_TAG, file)));
        this.root = cellNode(sha256, this.rootData, this.levels[this.levels.length - 1]!).hash;
    }

    /**
     * A leaf and its number.
     *
     * @throws RangeError for a tensor or a row that has no leaf
     */
    leaf(tensor: number, row: number): { readonly number: number; readonly data: Uint8Array } {
        const number = (this.firstLeaves.get(tensor) ?? NaN) + row;
        for (const leaf of modelLeaves(this.model, this.file, this.sha256, tensor, row)) {
            if (leaf.tensor === tensor && leaf.row === row) return { number, data: leaf.data };
        }
        throw new RangeError(`The model has no leaf for row ${row} of tensor ${tensor}`);
    }
}

/** The leaves of a model's tree, in order; of one row of one tensor if these are given. */
function* modelLeaves(
    model: DecoderModel,
    file: Uint8Array,
    sha256: Sha256,
    onlyTensor?: number,
    onlyRow?: number,
): Generator<ModelLeaf> {
    const weightTensors = new Map(weightTensorsOf(model).map((tensor) => [tensor.tensor, tensor]));
    const belonging = new Set([...weightTensors.values()].flatMap((tensor) => tensor.belonging));
    const places = placeTensors(model.shape);
    for (const [tensor, place] of places.entries()) {
        if (belonging.has(tensor) || (onlyTensor !== undefined && tensor !== onlyTensor)) continue;
        const weights = weightTensors.get(tensor);
        const bytes = tensorBytes(place) / place.rows;
        const rows = weights?.rows ?? (bytes > 0 ? place.rows : 0);
        const end = onlyRow === undefined ? rows : Math.min(rows, onlyRow + 1);
        for (let row = onlyRow ?? 0; row < end; row++) {
            if (weights !== undefined) {
                yield channelLeaf(weights, row, sha256);
            } else {
                const start = place.offset + row * bytes;
                const digest = sha256(file.subarray(start, start + bytes));
                yield { tensor, row, data: concatenate(ROW_TAG, bigEndian(tensor, row), digest) };
            }
        }
    }
}

/** The channel's weights in its digest's order, and the rest of its leaf's data. */
function channelLeaf({ tensor, scaled }: WeightTensor, row: number, sha256: Sha256): ModelLeaf {
    const { inputs, weights, bias, multiplier, shift } = scaled;
    const channel = weights.subarray(row * inputs, (row + 1) * inputs);
    const sum = channel.reduce((total, weight) => total + weight, 0);
    const numbers = bigEndian(tensor, row, bias?.[row] ?? 0, multiplier[row]!, shift[row]!, sum);
    return { tensor, row, data: concatenate(CHANNEL_TAG, numbers, sha256(reversedLimbs(channel))) };
}

function weightTensorsOf({ shape, embedding, layers, head }: DecoderModel): WeightTensor[] {
    const linear = (tensor: number, scaled: LinearTensors): WeightTensor => ({
        tensor,
        rows: scaled.outputs,
        belonging: [tensor + 1, tensor + 2, tensor + 3],
        scaled,
    });
    return [
        {
            tensor: TENSOR.embedding,
            rows: shape.vocabulary,
            belonging: [TENSOR.embedding + 1, TENSOR.embedding + 2],
            scaled: { ...embedding, inputs: shape.width, outputs: shape.vocabulary },
        },
        ...layers.flatMap((layer, index) => {
            const first = firstTensorOfLayer(index);
            return (['qkv', 'o', 'gateUp', 'down'] as const).map((name) =>
                linear(first + TENSOR.layer[name], layer[name]),
            );
        }),
        linear(firstTensorOfLayer(shape.layers) + TENSOR.end.head, head),
    ];
}
