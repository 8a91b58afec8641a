/**
 * The outcome of an operation that may fail for reasons outside the program: a missing adapter, a hostile file.
 * Mistakes of the calling code are thrown instead.
 */
export type Result<T, E extends Error> =
    { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Wraps a success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
    return { ok: true, value };
}

/** Wraps a failure. */
export function err<E extends Error>(error: E): { readonly ok: false; readonly error: E } {
    return { ok: false, error };
}

/**
 * The value of a success.
 *
 * @throws the error itself when the result is a failure.
 */
export function unwrap<T, E extends Error>(result: Result<T, E>): T {
    if (!result.ok) throw result.error;
    return result.value;
}
