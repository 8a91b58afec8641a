import { columns } from './product';

/** Element types of ONNX. */
const ELEMENT = { float: 1, uint8: 2, int8: 3, int32: 6 } as const;

/** Neighbouring weights of one scale in {@link blockProduct}. */
const BLOCK = 128;

/** Makes the file of a model that multiplies by a matrix, given with an output channel in each row. */
export type ProductModel = (weights: Int8Array, size: number) => Buffer;

/** A product of int8, with sums of int32. */
export const integerProduct: ProductModel = (weights, size) =>
    productModel({
        ...{ op: 'MatMulInteger', size, input: ELEMENT.int8, output: ELEMENT.int32 },
        constants: [{ type: ELEMENT.int8, dims: [size, size], content: columns(weights, size) }],
    });

/** The same of floats. Of int8, every sum up to 2^24 is exact: up to 1024 inputs it is the product of integers. */
export const floatProduct: ProductModel = (weights, size) =>
    productModel({
        ...{ op: 'MatMul', size, input: ELEMENT.float, output: ELEMENT.float },
        constants: [{ type: ELEMENT.float, dims: [size, size], content: Float32Array.from(columns(weights, size)) }],
    });

/**
 * A product of floats by int8 with scales, here all 1. At this accuracy level whoever computes it may round the inputs to int8, in blocks
 * with scales of their own; of what `operands` gives they are 1 too, so that nothing is rounded.
 */
export const blockProduct: ProductModel = (weights, size) =>
    productModel({
        ...{ op: 'MatMulNBits', domain: 'com.microsoft', size, input: ELEMENT.float, output: ELEMENT.float },
        attributes: { K: size, N: size, bits: 8, block_size: BLOCK, accuracy_level: 4 },
        constants: [
            {
                ...{ type: ELEMENT.uint8, dims: [size, size / BLOCK, BLOCK] },
                // Its zero is 128.
                content: Uint8Array.from(weights, (weight) => weight + 128),
            },
            {
                ...{ type: ELEMENT.float, dims: [(size * size) / BLOCK] },
                content: new Float32Array((size * size) / BLOCK).fill(1),
            },
        ],
    });

interface Product {
    readonly op: string;
    /** Of the operator; ONNX's own by default. */
    readonly domain?: string;
    readonly attributes?: Readonly<Record<string, number>>;
    /** Rows and columns of what comes in and goes out. */
    readonly size: number;
    /** {@link ELEMENT} of what comes in, and goes out. */
    readonly input: number;
    readonly output: number;
    readonly constants: readonly {
        readonly type: number;
        readonly dims: readonly number[];
        readonly content: Int8Array | Uint8Array | Float32Array;
    }[];
}

/** The file of an ONNX model with one node: `y = op(a, …constants)`. Field numbers are those of onnx.proto3. */
function productModel({ op, domain = '', attributes = {}, size, input, output, constants }: Product): Buffer {
    const node = message([
        bytes(1, 'a'),
        ...constants.map((_, i) => bytes(1, `constant ${i}`)),
        bytes(2, 'y'),
        bytes(4, op),
        ...Object.entries(attributes).map(([name, value]) =>
            // 20 is the type, of which 2 is an integer.
            bytes(5, message([bytes(1, name), integer(3, value), integer(20, 2)])),
        ),
        bytes(7, domain),
    ]);
    const graph = message([
        bytes(1, node),
        bytes(2, 'product'),
        ...constants.map(({ type, dims, content }, i) =>
            bytes(
                5,
                message([
                    ...dims.map((dimension) => integer(1, dimension)),
                    integer(2, type),
                    bytes(8, `constant ${i}`),
                    bytes(9, new Uint8Array(content.buffer)),
                ]),
            ),
        ),
        bytes(11, valueInfo('a', input, size)),
        bytes(12, valueInfo('y', output, size)),
    ]);
    const operators = [
        ['', 17],
        ['com.microsoft', 1],
    ] as const;
    return message([
        integer(1, 8),
        bytes(7, graph),
        ...operators.map(([name, version]) => bytes(8, message([bytes(1, name), integer(2, version)]))),
    ]);
}

function valueInfo(name: string, type: number, size: number): Buffer {
    const dimension = bytes(1, integer(1, size));
    const tensor = message([integer(1, type), bytes(2, message([dimension, dimension]))]);
    return message([bytes(1, name), bytes(2, bytes(1, tensor))]);
}

function message(fields: readonly Buffer[]): Buffer {
    return Buffer.concat(fields);
}

function integer(field: number, value: number): Buffer {
    return Buffer.concat([varint(8 * field), varint(value)]);
}

function bytes(field: number, value: string | Uint8Array): Buffer {
    const content = Buffer.from(value as Uint8Array);
    return Buffer.concat([varint(8 * field + 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
    const digits: number[] = [];
    for (let rest = value; digits.length === 0 || rest > 0; rest = Math.floor(rest / 128)) digits.push(rest % 128);
    return Buffer.from(digits.map((digit, i) => (i < digits.length - 1 ? digit + 128 : digit)));
}
