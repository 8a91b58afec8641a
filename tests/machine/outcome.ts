import { Message as Letter, Transaction } from '@ton/core';

// What a transaction says about the message that it took.

export type RealOutcome =
    | { readonly kind: 'taken' }
    | { readonly kind: 'refused'; readonly exitCode: number | undefined }
    | { readonly kind: 'action'; readonly bounced: boolean }
    | { readonly kind: 'starved' };

const OUT_OF_GAS = -14;

export function realOutcome({ description }: Transaction): RealOutcome {
    if (description.type !== 'generic') {
        throw new Error('Not a message');
    }
    const { computePhase, actionPhase } = description;
    if (computePhase.type === 'skipped') {
        return computePhase.reason === 'no-gas' ? { kind: 'starved' } : { kind: 'refused', exitCode: undefined };
    }
    if (!computePhase.success) {
        return computePhase.exitCode === OUT_OF_GAS
            ? { kind: 'starved' }
            : { kind: 'refused', exitCode: computePhase.exitCode };
    }
    return actionPhase?.success === true ? { kind: 'taken' } : { kind: 'action', bounced: false };
}

export function valueOf({ info }: Letter): bigint {
    return info.type === 'internal' ? info.value.coins : 0n;
}

/** The value less what it paid of an old debt for rent. */
export function creditedOf({ description }: Transaction, letter: Letter): bigint {
    const due = description.type === 'generic' ? (description.creditPhase?.dueFeesColelcted ?? 0n) : 0n;
    return valueOf(letter) - due;
}
