import { SignedCell } from './signedCells';

/** Why a book refuses; stable, for programs to branch on. */
export type ChannelErrorCode =
    | 'foreign-channel'
    | 'foreign-opening'
    | 'foreign-key'
    | 'bad-signature'
    | 'above-deposit'
    | 'closing'
    | 'close-agreed'
    | 'receipt-gap'
    | 'request-changed'
    | 'request-under-way'
    | 'no-request'
    | 'too-many-abandoned'
    | 'stale-receipt'
    | 'forked-receipt'
    | 'wrong-link'
    | 'falling-amount'
    | 'above-voucher'
    | 'above-agreed'
    | 'unknown-request'
    | 'model-mismatch'
    | 'response-missing'
    | 'response-mismatch'
    | 'stale-voucher'
    | 'not-covering'
    | 'final-amount'
    | 'valid-until'
    | 'falling-deposit'
    | 'falling-claim'
    | 'later-closing'
    | 'malformed-state';

/** What a book of a channel refuses; its state is as it was. {@link ChannelError.code} is for programs. */
export class ChannelError extends Error {
    override readonly name: string = 'ChannelError';

    constructor(
        readonly code: ChannelErrorCode,
        message: string,
    ) {
        super(message);
    }
}

/** A voucher commits to another receipt than the newest: the client missed one. Send it again, then wait for a new voucher. */
export class ReceiptGapError extends ChannelError {
    override readonly name = 'ReceiptGapError';

    constructor(
        /** The newest receipt, to be sent again; null if there is none, and the client speaks of one that was never issued. */
        readonly newest: SignedCell | null,
    ) {
        super(
            'receipt-gap',
            newest
                ? 'The voucher does not name the newest receipt; send that receipt again and wait for a voucher that does'
                : 'The voucher names a receipt, and none was issued in this opening; do not serve it',
        );
    }
}

/** Throws a {@link ChannelError} if something is refused. */
export function refuseIf(refused: boolean, code: ChannelErrorCode, message: string): void {
    if (refused) {
        throw new ChannelError(code, message);
    }
}
