/** One who computes the product of two fixed matrices of int8, [size, size] each; its elements are int32, however they are stored. */
export interface Contender<Product extends ArrayLike<number> = Int32Array> {
    /** What it runs on. */
    readonly on: string;
    /** Computes once; the product is complete when it resolves. */
    run(): Promise<Product>;
}

/** The two matrices; the second has an output channel in each row. */
export function operands(size: number): { inputs: Int8Array; weights: Int8Array } {
    const fill = (factor: number): Int8Array =>
        Int8Array.from({ length: size * size }, (_, i) => Math.imul(i + 1, factor) >>> 13);
    return { inputs: fill(0x9e3779b1), weights: fill(0x85ebca6b) };
}

/** The second matrix with an output channel in each column, as ONNX wants it. */
export function columns(weights: Int8Array, size: number): Int8Array {
    return Int8Array.from(weights, (_, i) => weights[(i % size) * size + Math.floor(i / size)]!);
}
