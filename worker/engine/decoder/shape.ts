/** Entries of the exp and of the sigmoid table (docs/engine/model-file.md, section 2). */
export const TABLE_ENTRIES = 4096;

/** The configuration of a decoder: what fixes the shapes of all its tensors (docs/engine/decoder.md, section 1). */
export interface DecoderShape {
    /** `V`, tokens, 2 … 131,071. */
    readonly vocabulary: number;
    /** `D`, channels of the residual stream, 1 … 8,192. */
    readonly width: number;
    /** `F`, channels of the feed-forward part, 1 … 65,535. */
    readonly feedForward: number;
    /** `L`, 1 … 256. */
    readonly layers: number;
    /** `H`, query heads, 1 … 512. */
    readonly heads: number;
    /** `G`, key-value heads, 1 … 512; divides `H`. */
    readonly keyValueHeads: number;
    /** `d`, channels of a head, even, 2 … 256. */
    readonly headWidth: number;
    /** `T`, positions, 2 … 65,536. */
    readonly contextLimit: number;
    /** Whether the head's weights are the embedding's. */
    readonly tied: boolean;
    /** Bytes of all tokens together, 0 … 2^24. */
    readonly vocabularyBytes: number;
}

/** Channels of the fused query, key and value product: `(H + 2·G)·d`. */
export function qkvChannels({ heads, keyValueHeads, headWidth }: DecoderShape): number {
    return (heads + 2 * keyValueHeads) * headWidth;
}

/** Channels of all query heads: `H·d`. */
export function queryChannels({ heads, headWidth }: DecoderShape): number {
    return heads * headWidth;
}

/** Types of tensors in a decoder's file, by the number of their bytes. */
export const ELEMENT_BYTES = { i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4 } as const;

/** A tensor's place in the order of the file. */
export interface TensorPlace {
    readonly type: keyof typeof ELEMENT_BYTES;
    readonly rows: number;
    readonly columns: number;
}

/** Tensors before the first layer's. */
export const FIRST_LAYER_TENSOR = 8;
/** Tensors of a layer. */
export const LAYER_TENSORS = 30;

/** Numbers of tensors, as docs/engine/model-file.md has them; of a layer's relative to its first. */
export const TENSOR = {
    rope: 0,
    exp: 1,
    sigmoid: 2,
    vocabularyEnds: 3,
    vocabulary: 4,
    embedding: 5,
    layer: {
        firstNorm: 0,
        qkv: 2,
        rope: 6,
        score: 8,
        attention: 10,
        o: 12,
        secondNorm: 16,
        gateUp: 18,
        index: 22,
        product: 24,
        down: 26,
    },
    /** Relative to the first tensor after the layers. */
    end: { lastNorm: 0, head: 2 },
} as const;

/** Number of a layer's first tensor; for `L` that of the first tensor after the layers. */
export function firstTensorOfLayer(layer: number): number {
    return FIRST_LAYER_TENSOR + LAYER_TENSORS * layer;
}

/** All tensors in the order of the file (docs/engine/model-file.md, section 2). */
export function tensorPlaces(shape: DecoderShape): TensorPlace[] {
    const { vocabulary, width, feedForward, layers, heads, keyValueHeads, headWidth, tied } = shape;
    const row = (type: TensorPlace['type'], columns: number): TensorPlace => ({ type, rows: 1, columns });
    const scales = (columns: number): TensorPlace[] => [row('i32', columns), row('u32', columns)];
    const linear = (rows: number, columns: number): TensorPlace[] => [
        { type: 'i8', rows, columns },
        row('i32', rows),
        ...scales(rows),
    ];
    const layer = [
        ...scales(width),
        ...linear(qkvChannels(shape), width),
        ...scales(heads + keyValueHeads),
        ...scales(heads),
        ...scales(queryChannels(shape)),
        ...linear(width, queryChannels(shape)),
        ...scales(width),
        ...linear(2 * feedForward, width),
        ...scales(1),
        ...scales(feedForward),
        ...linear(width, feedForward),
    ];
    const [headWeights, ...headRest] = linear(vocabulary, width);
    return [
        { type: 'i16', rows: shape.contextLimit, columns: headWidth },
        row('u16', TABLE_ENTRIES),
        row('u16', TABLE_ENTRIES),
        row('u32', vocabulary),
        row('u8', shape.vocabularyBytes),
        { type: 'i8', rows: vocabulary, columns: width },
        ...scales(vocabulary),
        ...Array.from({ length: layers }, () => layer).flat(),
        ...scales(width),
        tied ? { ...headWeights!, rows: 0 } : headWeights!,
        ...headRest,
    ];
}

/** Bytes of a tensor, without padding. */
export function tensorBytes({ type, rows, columns }: TensorPlace): number {
    return rows * columns * ELEMENT_BYTES[type];
}
