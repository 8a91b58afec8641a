/** Why a quote or its collateral cannot be packed; stable, for programs to branch on. */
export type AttestationErrorCode =
    'too-short' | 'unsupported' | 'malformed-certificate' | 'malformed-tcb-info' | 'malformed-signature' | 'no-hint';

/** A quote, certificate or TCB info that the chain would not take in any packing. {@link AttestationError.code} is for programs. */
export class AttestationError extends Error {
    override readonly name: string = 'AttestationError';

    constructor(
        readonly code: AttestationErrorCode,
        message: string,
    ) {
        super(message);
    }
}
