/**
 * The referee: a plain, independent implementation of `docs/engine.md`, to judge every other one by.
 *
 * @packageDocumentation
 */
export { readAnyModel, rootOfModel } from './architectures';
export { inputCommitment, modelRoot, resultCommitment } from './commitments';
export { RefereeError, type RefereeErrorCode } from './errors';
export { saturate32, saturate8, wrap32 } from './integers';
export { type OutputKind, readModel, type RefereeLayer, type RefereeModel } from './modelReader';
export {
    argmax,
    K_LIMIT,
    linear,
    MAX_SHIFT,
    type ProductShape,
    quantise,
    relu,
    requantise,
    requantiseElement,
    rescale,
    rescaleElement,
    type RowsByColumns,
} from './operators';
export {
    refereeRun,
    refereeTrace,
    traceModel,
    type RefereeLayerTrace,
    type RefereeResult,
    type RefereeTrace,
} from './referee';
