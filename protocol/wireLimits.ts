/** Most bytes of each part of a message; a parser refuses what is longer before it looks at it. */
export const WIRE_LIMITS = {
    /** Sealed: what HPKE adds included. */
    INPUT_BYTES: 4 * 1024 * 1024,
    /** Of X-Wing. */
    ENCRYPTION_KEY_BYTES: 1216,
    /** Of a raw TDX quote with its certificates; Intel's have about 5,000. */
    ATTESTATION_BYTES: 16 * 1024,
    TERMS_BYTES: 1024,
    RESULT_BYTES: 64 * 1024,
    SIGNED_CELL_BYTES: 1024,
    REASONS: 16,
    REASON_CODE_BYTES: 48,
    REASON_TEXT_BYTES: 400,
} as const;
