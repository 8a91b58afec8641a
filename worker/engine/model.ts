/** The specification that this engine implements (docs/engine.md); part of every model file. */
export const SPEC_VERSION = 1;

/** Greatest number of inputs or outputs of a layer: with more inputs a sum of products could leave int32. */
export const MAX_CHANNELS = 131_071;
/** Greatest number of layers. */
export const MAX_LAYERS = 64;
/** Greatest number of classes, so that a class is one byte of the result. */
export const MAX_CLASSES = 256;
/** Greatest multiplier of `rescale`; the least is 0. */
export const MAX_MULTIPLIER = 0x7fff_ffff;
/** Greatest shift of `rescale`; the least is 0. */
export const MAX_SHIFT = 62;

/** What a layer makes of its accumulators (docs/engine.md, section 3); the numbers are those of the file. */
export const OutputKind = {
    /** `requantise`: int8. */
    Int8: 0,
    /** `requantise`, then `relu`: int8, not negative. */
    Int8Relu: 1,
    /** `rescale`: int32; the last layer and only it. */
    Int32: 2,
} as const;

/** One of the values of {@link OutputKind}. */
export type OutputKind = (typeof OutputKind)[keyof typeof OutputKind];

/** Rescaling of each output channel by `multiplier / 2^shift` (docs/engine.md, section 2.3). */
export interface ChannelScales {
    /** `[outputs]`, 0 … {@link MAX_MULTIPLIER}. */
    readonly multiplier: Int32Array;
    /** `[outputs]`, 0 … {@link MAX_SHIFT}. */
    readonly shift: Uint32Array;
}

/** A linear layer with its output rule. */
export interface Layer extends ChannelScales {
    /** `K`, 1 … {@link MAX_CHANNELS}. */
    readonly inputs: number;
    /** `N`, 1 … {@link MAX_CHANNELS}. */
    readonly outputs: number;
    readonly outputKind: OutputKind;
    /** `[outputs, inputs]`, row-major. */
    readonly weights: Int8Array;
    /** `[outputs]`. */
    readonly bias: Int32Array;
}

/** A feed-forward classifier of bytes (docs/engine.md, section 3). */
export interface Model {
    /** 1 … {@link MAX_LAYERS}; each layer's inputs are the outputs of the one before. */
    readonly layers: readonly Layer[];
}

/** Bytes of one input image. */
export function imageBytes(model: Model): number {
    return model.layers[0]!.inputs;
}

/** Number of classes that the model tells apart. */
export function classCount(model: Model): number {
    return model.layers[model.layers.length - 1]!.outputs;
}
