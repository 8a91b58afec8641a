/** What is wrong with an envelope, or with a key for one; stable, for programs to branch on. */
export type EnvelopeErrorCode =
    /** Bytes that are no envelope, no chunk or no payload: ask the sender for another. */
    | 'malformed'
    /** A KEM or an AEAD that is not spoken here: use one of those that are. */
    | 'unknown-suite'
    /** The key at hand is not the one that the profile or the terms name: ask for the right one. */
    | 'foreign-key'
    /** The profile or the terms name a key by its hash alone: ask its owner for the key itself. */
    | 'key-needed'
    /** A key that no honest owner has, or that is stored in another form: make a fresh one. */
    | 'bad-key'
    /** Sealed to another key or for another purpose, or changed on its way: do not use any of it. */
    | 'not-authentic'
    /** A stream ended before its final chunk: what came is not all of it. */
    | 'truncated'
    /** A chunk after the final one, or after one that was refused: begin a new stream. */
    | 'finished';

/** Every error of the envelopes. No message contains anything that was sealed, nor a part of a key. */
export class EnvelopeError extends Error {
    override readonly name = 'EnvelopeError';

    constructor(
        readonly code: EnvelopeErrorCode,
        message: string,
    ) {
        super(message);
    }
}
