/**
 * Why the referee refused.
 *
 * - `truncated`, `magic`, `version`, `architecture`, `inputEncoding`, `layerCount`, `fileLength`, `reserved`: the header or the
 *   end of a model file (sections 4.1 and 4.3);
 * - `dimension`, `outputKind`, `chain`: the layer table (sections 3 and 4.2);
 * - `multiplier`, `shift`, `padding`: the tensors (section 4.3), the first two also operands of `rescale` (section 2.3);
 * - `operand`: an operator was given a shape or a number that section 2 does not allow;
 * - `images`: the input bytes of a run do not have the form of section 3;
 * - `salt`: a salt that is not 32 bytes (section 5);
 * - `endTokens`, `vocabulary`, `table`: a decoder's configuration and tables (`docs/engine/model-file.md`);
 * - `request`: bytes that are not a request to the model (`docs/engine/generation.md`, section 1);
 * - `bound`: an intermediate value left the range that the text states for it, which no input may bring about;
 * - `tooLarge`: valid, but more than this machine can hold (section 7).
 */
export type RefereeErrorCode =
    | 'truncated'
    | 'magic'
    | 'version'
    | 'architecture'
    | 'inputEncoding'
    | 'layerCount'
    | 'fileLength'
    | 'reserved'
    | 'dimension'
    | 'outputKind'
    | 'chain'
    | 'multiplier'
    | 'shift'
    | 'padding'
    | 'operand'
    | 'images'
    | 'salt'
    | 'endTokens'
    | 'vocabulary'
    | 'table'
    | 'request'
    | 'bound'
    | 'tooLarge';

/** The one error of the referee: what the specification calls invalid is refused with it, never computed. */
export class RefereeError extends Error {
    /** Machine-readable reason. */
    readonly code: RefereeErrorCode;

    /**
     * @param code - machine-readable reason
     * @param message - the reason in words
     */
    constructor(code: RefereeErrorCode, message: string) {
        super(message);
        this.name = 'RefereeError';
        this.code = code;
    }
}

/**
 * Runs an allocation and turns the runtime's refusal into a typed one (section 7).
 *
 * @param what - what the memory is for, for the message
 * @param allocate - the allocation
 */
export function allocateOrRefuse<T>(what: string, allocate: () => T): T {
    try {
        return allocate();
    } catch (error) {
        throw new RefereeError('tooLarge', `not enough memory for ${what}: ${String(error)}`);
    }
}
