import { modelRoot } from './commitments';
import { decoderRoot, generate, readDecoder } from './decoder';
import { readModel } from './modelReader';
import { refereeRun } from './referee';

/** In the header of a decoder's file (docs/engine/model-file.md, section 1). */
const DECODER = 2;

/**
 * What names a model of any architecture in a job's terms: docs/engine.md, section 5; of a decoder, docs/engine/trace.md, section 2.
 *
 * @param file - the whole model file
 * @returns 64 lower-case hexadecimal digits
 * @throws RefereeError for a file that says of itself that it is a decoder's, and is no valid one
 */
export function rootOfModel(file: Uint8Array): string {
    return isDecoder(file) ? decoderRoot(file) : modelRoot(file);
}

/**
 * Reads a model of any architecture.
 *
 * @param file - the whole model file
 * @returns what computes result bytes of input bytes: of images (docs/engine.md, section 3), or of a request to a decoder
 * (docs/engine/generation.md). It throws RefereeError `images` or `request` for what is none.
 * @throws RefereeError for a file that is no model
 */
export function readAnyModel(file: Uint8Array): (input: Uint8Array) => Uint8Array {
    if (isDecoder(file)) {
        const model = readDecoder(file);
        return (input) => generate(model, input).result;
    }
    const { inputSize } = readModel(file);
    return (input) => refereeRun(file, input, input.length / inputSize).classes;
}

function isDecoder(file: Uint8Array): boolean {
    return file.length >= 16 && new DataView(file.buffer, file.byteOffset).getUint32(12, true) === DECODER;
}
