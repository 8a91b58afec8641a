/** One who computes the product of two fixed matrices of int8, [size, size] each; its elements are int32, however they are stored. */
export interface Contender {
    /** What it runs on. */
    readonly on: string;
    /** Computes once; the product is complete when it resolves. */
    run(): Promise<Int32Array | Float32Array>;
}

/** What is to be measured. */
export interface Plan {
    /** Rows and columns of each product. */
    readonly sizes: readonly number[];
    /** After one that does not count. */
    readonly runs: number;
}

/** What was measured of one size. */
export interface Laps {
    readonly size: number;
    readonly contenders: readonly { readonly on: string; readonly milliseconds: readonly number[] }[];
}

/**
 * The two matrices; the second has an output channel in each row. The greatest magnitude of 32 neighbouring inputs is 127, so that rounding
 * them to int8 with a scale changes nothing.
 */
export function operands(size: number): { inputs: Int8Array; weights: Int8Array } {
    const fill = (factor: number): Int8Array =>
        Int8Array.from({ length: size * size }, (_, i) => Math.imul(i + 1, factor) >>> 13);
    const inputs = fill(0x9e3779b1).map((input, i) => (i % 32 === 0 ? 127 : Math.max(input, -127)));
    return { inputs, weights: fill(0x85ebca6b) };
}

/** The second matrix with an output channel in each column, as ONNX wants it. */
export function columns(weights: Int8Array, size: number): Int8Array {
    return Int8Array.from(weights, (_, i) => weights[(i % size) * size + Math.floor(i / size)]!);
}
