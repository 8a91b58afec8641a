import { Account } from './model/types';

const DAY = 86400;

/** The time from which something may change at an account, or until which it may. */
export function deadlinesOf(account: Account): number[] {
    switch (account.kind) {
        case 'Registry':
            return [
                account.pausedUntil,
                account.pausableFrom,
                ...(account.proposal ? [account.proposal.executableAt, account.proposal.executableAt + 14 * DAY] : []),
            ];
        case 'ProviderStake':
            return [
                account.unlockAt,
                account.pausedUntil,
                account.attestedUntil,
                ...[...account.locks.values()].map(({ lockUntil }) => lockUntil),
            ];
        case 'JobEscrow':
            return [account.deadline, account.terms?.acceptBy ?? 0];
        case 'PaymentChannel':
            return [account.closesAt];
        case 'PayoutSettlement':
            return [];
    }
}
