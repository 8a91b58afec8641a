import { bigEndian, CellNode, cellNode, concatenate, treeNode } from './cells';
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

/** The leaves of a model's tree, in order (docs/engine/trace.md, section 2). */
export function* modelLeaves(model: DecoderModel, file: Uint8Array, sha256: Sha256): Generator<ModelLeaf> {
    const weightTensors = new Map(weightTensorsOf(model).map((tensor) => [tensor.tensor, tensor]));
    const belonging = new Set([...weightTensors.values()].flatMap((tensor) => tensor.belonging));
    const places = placeTensors(model.shape);
    for (let tensor = 0; tensor < places.length; tensor++) {
        const place = places[tensor]!;
        const weights = weightTensors.get(tensor);
        if (weights !== undefined) {
            for (let row = 0; row < weights.rows; row++) yield channelLeaf(weights, row, sha256);
        } else if (!belonging.has(tensor)) {
            const bytes = tensorBytes(place) / place.rows;
            for (let row = 0; bytes > 0 && row < place.rows; row++) {
                const start = place.offset + row * bytes;
                const digest = sha256(file.subarray(start, start + bytes));
                yield { tensor, row, data: concatenate(ROW_TAG, bigEndian(tensor, row), digest) };
            }
        }
    }
}

/**
 * `modelRoot` of a decoder (docs/engine/trace.md, section 2).
 *
 * @param file - the model's whole file.
 * @returns 32 bytes
 */
export function decoderModelRoot(model: DecoderModel, file: Uint8Array, sha256: Sha256): Uint8Array {
    const leaves: CellNode[] = [];
    for (const { data } of modelLeaves(model, file, sha256)) leaves.push(cellNode(sha256, data));
    return cellNode(sha256, modelRootData(file, sha256), [treeNode(sha256, leaves)]).hash;
}

/** The data of the cell whose hash is `modelRoot`. */
export function modelRootData(file: Uint8Array, sha256: Sha256): Uint8Array {
    return concatenate(ROOT_TAG, sha256(concatenate(FILE_TAG, file)));
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
