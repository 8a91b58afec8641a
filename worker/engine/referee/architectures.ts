import { modelRoot } from './commitments';
import { decoderRoot, type DecoderModel, generate, readDecoder, readRequest } from './decoder';
import { RefereeError } from './errors';
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

/** A model of any architecture, in plain TypeScript. */
export interface AnyModel {
    /** Whether it is an input of this model: images (docs/engine.md, section 3), or a request (docs/engine/generation.md). */
    reads(input: Uint8Array): boolean;
    /**
     * Result bytes of input bytes.
     *
     * @throws RefereeError `images` or `request` for what is no input
     */
    compute(input: Uint8Array): Uint8Array;
}

/**
 * Reads a model of any architecture.
 *
 * @param file - the whole model file
 * @throws RefereeError for a file that is no model
 */
export function readAnyModel(file: Uint8Array): AnyModel {
    if (isDecoder(file)) {
        const model = readDecoder(file);
        return {
            reads: (input) => isRequest(input, model),
            compute: (input) => generate(model, input).result,
        };
    }
    const { inputSize } = readModel(file);
    return {
        reads: ({ length }) => length > 0 && length % inputSize === 0,
        compute: (input) => refereeRun(file, input, input.length / inputSize).classes,
    };
}

function isRequest(input: Uint8Array, model: DecoderModel): boolean {
    try {
        readRequest(input, model.config);
        return true;
    } catch (error) {
        if (error instanceof RefereeError) return false;
        throw error;
    }
}

function isDecoder(file: Uint8Array): boolean {
    return file.length >= 16 && new DataView(file.buffer, file.byteOffset).getUint32(12, true) === DECODER;
}
