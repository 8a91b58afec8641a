/** What kind of mistake a {@link MarketError} reports; stable, for programs to branch on. */
export type MarketErrorCode =
    | 'missing-address'
    | 'wrong-workchain'
    | 'foreign-address'
    | 'zero-amount'
    | 'negative-amount'
    | 'out-of-range'
    | 'too-long'
    | 'too-many'
    | 'duplicate'
    | 'bps-sum'
    | 'malformed-cell'
    | 'malformed-config'
    | 'weak-key'
    | 'malformed-signature'
    | 'foreign-arbiter'
    | 'wrong-state'
    | 'too-early'
    | 'not-found'
    | 'unconfirmed'
    | 'policy-refused';

/**
 * Every error that wrappers and protocol throw by themselves, before anything is sent. `message` says what was wrong and
 * what to do about it; `code` is for programs.
 */
export class MarketError extends Error {
    override readonly name: string = 'MarketError';

    constructor(
        readonly code: MarketErrorCode,
        message: string,
    ) {
        super(message);
    }
}

/** An argument that no contract would accept; `field` names it. */
export class InputError extends MarketError {
    override readonly name = 'InputError';

    constructor(
        code: MarketErrorCode,
        readonly field: string,
        message: string,
    ) {
        super(code, `${field}: ${message}`);
    }
}

/** An address that does not follow from the Registry, so nothing was sent to it. */
export class ForeignAddressError extends MarketError {
    override readonly name = 'ForeignAddressError';

    constructor(message: string) {
        super('foreign-address', message);
    }
}

/** A contract is not (or not yet) in the state that the operation needs. */
export class StateError extends MarketError {
    override readonly name = 'StateError';

    constructor(code: 'wrong-state' | 'too-early' | 'not-found' | 'unconfirmed', message: string) {
        super(code, message);
    }
}
