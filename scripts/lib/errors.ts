/** What kind of obstacle a {@link ScriptError} reports; stable, for programs to branch on. */
export type ScriptErrorCode =
    | 'missing-argument'
    | 'bad-argument'
    | 'no-wallet'
    | 'unknown-chain'
    | 'mainnet-refused'
    | 'old-chain'
    | 'wrong-code'
    | 'wrong-deployment'
    | 'refused'
    | 'no-answer';

/** An obstacle that a script met by itself; the message says what to do. What wrappers refuse is a `MarketError`. */
export class ScriptError extends Error {
    override readonly name = 'ScriptError';

    constructor(
        readonly code: ScriptErrorCode,
        message: string,
    ) {
        super(message);
    }
}
