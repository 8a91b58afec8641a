/** What kind of failure a {@link StoreError} reports; stable, for programs to branch on. */
export type StoreErrorCode =
    /** Somebody else wrote first, or the row is not the next one: load it again and decide anew. */
    | 'conflict'
    /** Another process holds the file: try again, and see who does. */
    | 'locked'
    /** What is stored cannot be right: stop, and restore or examine the file. */
    | 'corrupt'
    /** The store was closed: open it again. */
    | 'closed'
    /** A newer version of this program wrote the file: run that one. */
    | 'newer-schema'
    /** The operating system would not read or write: a full disk, missing rights, a failing device. */
    | 'io';

/** Every error that a store reports. `message` says what was wrong and what to do about it; `code` is for programs. */
export class StoreError extends Error {
    override readonly name = 'StoreError';

    constructor(
        readonly code: StoreErrorCode,
        message: string,
        options?: ErrorOptions,
    ) {
        super(message, options);
    }
}

/** The answer of a store that was closed. */
export function closedError(): StoreError {
    return new StoreError('closed', 'The store is closed; open it again');
}

/**
 * Holds a write to the revision that its author has seen: whoever saw another does not know what he would overwrite.
 *
 * @param stored - revision of the row; 0 if there is none
 * @throws StoreError `conflict`
 */
export function requireRevision(row: string, stored: number, seen: number): void {
    if (stored !== seen) {
        throw new StoreError(
            'conflict',
            `${row} is stored with revision ${stored}, not ${seen}: somebody else wrote it; load it again and decide anew`,
        );
    }
}
