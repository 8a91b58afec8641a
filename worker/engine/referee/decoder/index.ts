export { ascii, bigEndian, cellTree, pathInTree, type PlainCell, plainCell, sha256 } from './cells';
export { CONFIGURATION_BYTES, type DecoderConfig, readConfiguration } from './configuration';
export { type Generation, generate, resultBytes, type TokenCounts } from './generation';
export { type GeneratorState, nextNumber, seedGenerator, startingState } from './generator';
export { computePositions, type PositionRecord, withoutLogits } from './graph';
export type { DecoderLayer, DecoderModel, Projection } from './model';
export { decoderRoot, modelCell, type ModelLeaf, modelLeaves, reversedLimbs } from './modelRoot';
export { bits, integerRoot, rescaleSigned, saturate16, type Scale } from './numbers';
export { cellChain, merkleProof, openedParts, productByLimbs, weightParts } from './opening';
export {
    add,
    attention,
    type AttentionHead,
    embedding,
    gated,
    type GatedRow,
    norm,
    type NormRow,
    requantise16,
    type RotatedHead,
    rope,
} from './operators';
export { readDecoder } from './reader';
export { type DecoderRequest, readRequest } from './request';
export { nextToken, sample, type Sampling } from './sampling';
export { type Stop, stopAfter, type StopReason, textOf } from './stopping';
export { fileLength, pad, type TensorKind, type TensorPlace, tensorPlaces } from './tensors';
export {
    leafCell,
    outputBytes,
    packRows,
    positionSalt,
    recordLeaves,
    recordPlaces,
    type RowPlace,
    type Trace,
    traceOf,
    traceRoot,
} from './trace';
