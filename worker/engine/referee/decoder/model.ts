import type { DecoderConfig } from './configuration';
import type { Scale } from './numbers';

/** A `linear` with its `rescale` (decoder.md, section 3). */
export interface Projection extends Scale {
    /** i8 `[N, K]`, one row per output channel. */
    readonly weights: Int8Array;
    /** i32 `[N]`. */
    readonly bias: Int32Array;
}

/** One layer, in the order of the graph. */
export interface DecoderLayer {
    /** Before the attention: `[D]`. */
    readonly firstNorm: Scale;
    /** `[(H + 2·G)·d, D]`: query heads, key heads, value heads. */
    readonly qkv: Projection;
    /** Of each rotated head, `[H + G]`, query heads first. */
    readonly rope: Scale;
    /** Of each query head, `[H]`. */
    readonly score: Scale;
    /** `[H·d]`. */
    readonly attention: Scale;
    /** `[D, H·d]`. */
    readonly o: Projection;
    /** Before the feed-forward part: `[D]`. */
    readonly secondNorm: Scale;
    /** `[2·F, D]`: gates, then ups. */
    readonly gateUp: Projection;
    /** Of the index of the sigmoid table: `[1]`. */
    readonly index: Scale;
    /** `[F]`. */
    readonly product: Scale;
    /** `[D, F]`. */
    readonly down: Projection;
}

/** A decoder, read and checked. */
export interface DecoderModel {
    /** Its first 144 bytes. */
    readonly config: DecoderConfig;
    /** i16 `[T, d]`. */
    readonly rope: Int16Array;
    /** u16 `[4096]`. */
    readonly exp: Uint16Array;
    /** u16 `[4096]`. */
    readonly sigmoid: Uint16Array;
    /** The bytes that each token stands for, `V` of them. */
    readonly vocabulary: readonly Uint8Array[];
    /** i8 `[V, D]`, with a multiplier and shift for each token. */
    readonly embedding: Scale & { readonly weights: Int8Array };
    /** `L` of them. */
    readonly layers: readonly DecoderLayer[];
    /** `[D]`. */
    readonly lastNorm: Scale;
    /** `[V, D]`; the weights are the embedding's where the embeddings are tied. */
    readonly head: Projection;
}
