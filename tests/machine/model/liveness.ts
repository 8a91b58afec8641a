// How an account ends without anybody's key: a search over the model.

import { BrokenGuarantee } from './guarantee';
import { judge } from './index';
import { liabilities } from './invariants';
import type { Account, Costs, Delivery, Hashes, Id, Message } from './types';

/** A message that a stranger sends, and when. */
export interface Step {
    readonly at: number;
    readonly message: Message;
}

const STRANGER: Id = `0:${'5'.repeat(64)}`;
const PLENTY = 1n << 60n;
const STEPS_MAX = 4;

/** He attaches plenty, so what things cost does not matter. */
const FREE: Costs = new Proxy({} as Costs, { get: () => () => 0n });

/** Names that are nobody's: the stranger has no key and knows no preimage. */
const FOREIGN: Hashes = {
    escrow: () => 'no escrow',
    stake: () => 'no stake',
    till: () => 'no till',
    jobKey: () => -1n,
    reportData: () => -1n,
    globalId: 0,
};

const foreign = { by: -1n, over: { tag: 'approveFull', jobKey: -1n } } as const;
const queryId = 0n;

/** All that can be sent to such an account with neither key nor ciphertext; the model refuses what does not fit. */
function attempts(account: Account): Message[] {
    switch (account.kind) {
        case 'JobEscrow':
            return [
                { op: 'ApproveFull', queryId, signature: null },
                { op: 'ApproveFull', queryId, signature: foreign },
                {
                    op: 'ApproveSubmitted',
                    queryId,
                    amount: account.submission?.amount ?? 0n,
                    resultCommitment: account.submission?.resultCommitment ?? 0n,
                    signature: null,
                },
                { op: 'SubmitResult', queryId, amount: 0n, jobKey: -1n, resultCommitment: 0n, traceRoot: 0n },
                { op: 'FinalizeJob', queryId },
                { op: 'ExpireJob', queryId },
                { op: 'CancelJob', queryId },
                { op: 'DemandResult', queryId },
                { op: 'PublishResult', queryId, hash: -1n, tooLarge: false },
                { op: 'PublishStorageId', queryId, bytes: 1 },
                { op: 'ExpireDemand', queryId },
                { op: 'Challenge', queryId },
                { op: 'Verdict', queryId, wrong: false, slashBps: 0 },
                { op: 'Verdict', queryId, wrong: true, slashBps: 0 },
                { op: 'ExpireDispute', queryId },
            ];
        case 'PaymentChannel': {
            const { openedLt } = account;
            const voucher = { tag: 'voucher', channel: '', openedLt, amount: 1n, receiptHead: 0n } as const;
            return [
                { op: 'Redeem', queryId, voucher, signature: foreign },
                { op: 'TopUpChannel', queryId, amount: 1n },
                { op: 'RequestClose', queryId, signature: null },
                { op: 'RequestClose', queryId, signature: foreign },
                { op: 'FinalizeChannel', queryId },
            ];
        }
        case 'ProviderStake':
            return [
                { op: 'TopUpStake', queryId, amount: 1n },
                { op: 'RequestUnbond', queryId, amount: 1n },
                { op: 'WithdrawStake', queryId },
                ...[...account.locks.keys()].map((slot): Message => ({ op: 'ReleaseStaleLock', queryId, slot })),
            ];
        default:
            return [];
    }
}

/** The moments at which what is refused now may be accepted. */
function deadlines(account: Account): number[] {
    switch (account.kind) {
        case 'JobEscrow':
            return [account.deadline, account.lockUntil, ...(account.terms === null ? [] : [account.terms.acceptBy])];
        case 'PaymentChannel':
            return [account.closesAt];
        case 'ProviderStake':
            return [account.unlockAt, ...[...account.locks.values()].map((lock) => lock.lockUntil)];
        default:
            return [];
    }
}

interface Path {
    readonly account: Account;
    readonly now: number;
    readonly steps: readonly Step[];
}

/** Where every step that the model accepts leads; null: the account is gone. */
function follow(path: Path, id: Id): { account: Account | null; now: number; steps: readonly Step[] }[] {
    const { account, now, steps } = path;
    const times = [...new Set([now, ...deadlines(account)])].filter((at) => at >= now);
    const found = [];
    for (const at of times.sort((a, b) => a - b)) {
        for (const message of attempts(account)) {
            const delivery: Delivery = {
                from: STRANGER,
                to: id,
                message,
                bounced: false,
                deploys: false,
                value: PLENTY,
                balance: PLENTY + liabilities(account),
                now: at,
                lt: 0n,
            };
            const verdict = judge(account, delivery, FREE, FOREIGN);
            if (verdict.outcome !== 'accepted') continue;
            found.push({ account: verdict.next, now: at, steps: [...steps, { at, message }] });
        }
    }
    return found;
}

/** Breadth first: the fewest messages, and of these the ones that are over first. */
function search(account: Account, id: Id, now: number, isEnd: (next: Account | null) => boolean): readonly Step[] {
    let paths: Path[] = [{ account, now, steps: [] }];
    for (let length = 1; length <= STEPS_MAX; length++) {
        const next = paths.flatMap((path) => follow(path, id));
        const ends = next.filter((path) => isEnd(path.account)).sort((a, b) => a.now - b.now);
        if (ends[0] !== undefined) return ends[0].steps;
        paths = next.flatMap((path) => (path.account === null ? [] : [{ ...path, account: path.account }]));
    }
    const state = 'state' in account ? account.state : account.kind;
    throw new BrokenGuarantee(
        `Nothing that anybody may send ends ${account.kind} ${id} (${state}) in ${STEPS_MAX} steps.`,
    );
}

/**
 * The messages by which a stranger without a key brings the account to its end, with the earliest time of each: of an escrow or a channel
 * the fewest that destroy it, of a stake the fewest that free each of its locks. Empty for what has no end.
 *
 * @param now - unix seconds
 * @throws BrokenGuarantee if there are none
 */
export function endings(account: Account, id: Id, now: number): readonly Step[] {
    switch (account.kind) {
        case 'JobEscrow':
        case 'PaymentChannel':
            return account.state === 'Uninit' ? [] : search(account, id, now, (next) => next === null);
        case 'ProviderStake': {
            const perLock = [...account.locks].map(([slot, lock]) => {
                const alone = { ...account, locks: new Map([[slot, lock]]) };
                return search(alone, id, now, (next) => next?.kind === 'ProviderStake' && !next.locks.has(slot));
            });
            return perLock.flat().sort((a, b) => a.at - b.at);
        }
        default:
            return [];
    }
}
