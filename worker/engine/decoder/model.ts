import { ChannelScales } from '../model';
import { DecoderShape } from './shape';

/** A `linear` with its scales (docs/engine.md, sections 2.2 and 2.3). */
export interface LinearTensors extends ChannelScales {
    /** `K`. */
    readonly inputs: number;
    /** `N`. */
    readonly outputs: number;
    /** `[outputs, inputs]`, row-major. */
    readonly weights: Int8Array;
    /** `[outputs]`. */
    readonly bias: Int32Array;
}

/** The tensors of one layer (docs/engine/model-file.md, section 2). */
export interface DecoderLayer {
    /** Of `D` channels; multipliers may be negative, shifts are 15 … 57. */
    readonly firstNorm: ChannelScales;
    /** Channels: query heads, key heads, value heads. */
    readonly qkv: LinearTensors;
    /** One for each query head, then for each key head. */
    readonly rope: ChannelScales;
    /** One for each query head. */
    readonly score: ChannelScales;
    /** One for each of the `H·d` outputs. */
    readonly attention: ChannelScales;
    readonly o: LinearTensors;
    readonly secondNorm: ChannelScales;
    /** Channels: `F` gates, then `F` ups. */
    readonly gateUp: LinearTensors;
    /** One, of the index of the sigmoid table. */
    readonly index: ChannelScales;
    /** Of `F` channels. */
    readonly product: ChannelScales;
    readonly down: LinearTensors;
}

/** A model of architecture 2: a llama-style decoder in integers (docs/engine/decoder.md). */
export interface DecoderModel {
    readonly shape: DecoderShape;
    /** `E` of the norms, 1 … 2^32 − 1. */
    readonly epsilon: number;
    /** Strictly ascending, at most 8. */
    readonly endTokens: Uint32Array;
    /** SHA-256 of the tokenizer's file, or zeros. */
    readonly tokenizerHash: Uint8Array;
    /** `[T, d]`: in a row `d/2` cosines, then `d/2` sines. */
    readonly rope: Int16Array;
    /** `[4096]` */
    readonly exp: Uint16Array;
    /** `[4096]` */
    readonly sigmoid: Uint16Array;
    /** `[V]`: where each token's bytes end. */
    readonly vocabularyEnds: Uint32Array;
    readonly vocabulary: Uint8Array;
    /** `[V, D]`, and a scale for each token. */
    readonly embedding: ChannelScales & { readonly weights: Int8Array };
    readonly layers: readonly DecoderLayer[];
    readonly lastNorm: ChannelScales;
    /** Its weights are the embedding's if these are tied. */
    readonly head: LinearTensors;
}

/** The bytes that a token stands for. */
export function tokenBytes({ vocabulary, vocabularyEnds }: DecoderModel, token: number): Uint8Array {
    return vocabulary.subarray(token === 0 ? 0 : vocabularyEnds[token - 1]!, vocabularyEnds[token]!);
}
