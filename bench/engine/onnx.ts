/** Element types of ONNX. */
export const ELEMENT = { float: 1, int8: 3, int32: 6 } as const;

/**
 * The file of an ONNX model with one node: `y = op(a, b)`, all of them square, with `b` in the file. Field numbers are those of onnx.proto3.
 *
 * @param size - rows and columns.
 * @param types - {@link ELEMENT} of `a` and `b`, and of `y`.
 * @param weights - the bytes of `b`.
 */
export function productModel(
    op: string,
    size: number,
    types: { input: number; output: number },
    weights: Uint8Array,
): Buffer {
    const node = message([bytes(1, 'a'), bytes(1, 'b'), bytes(2, 'y'), bytes(4, op)]);
    const initializer = message([
        integer(1, size),
        integer(1, size),
        integer(2, types.input),
        bytes(8, 'b'),
        bytes(9, weights),
    ]);
    const graph = message([
        bytes(1, node),
        bytes(2, 'product'),
        bytes(5, initializer),
        bytes(11, valueInfo('a', types.input, size)),
        bytes(12, valueInfo('y', types.output, size)),
    ]);
    return message([integer(1, 8), bytes(7, graph), bytes(8, integer(2, 17))]);
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
