// Cases reckoned by hand from the documents.

import {
    T,
    DAY,
    CLIENT,
    PROVIDER,
    OPERATOR,
    TREASURY,
    STRANGER,
    SIGNING_KEY,
    LOCK_ID,
    OPENED,
    hashes,
    TILL,
    ESCROW,
    stake,
    verdict,
    causes,
    taken,
    sent,
    q,
    signed,
} from './fixtures';
import type { Signed, StakeAccount } from './index';

describe('the model of a stake', () => {
    const job = { client: CLIENT, nonce: 1n, jobKey: 5n, lockUntil: T + 8 * DAY };
    const lock = { lockId: LOCK_ID, escrow: ESCROW, collateral: 333n, lockUntil: T + 8 * DAY, byHot: true };
    const one: StakeAccount = { ...stake, locks: new Map([[0, lock]]) };

    test('the operator has an allowance, the owner has slots of his own', () => {
        const accept = (from: string, collateral: bigint) =>
            verdict(one, from, { op: 'AcceptJob', ...q, collateral, ...job });
        expect(causes(accept(OPERATOR, 268n))).toEqual(['ALLOWANCE_EXCEEDED']);
        const hot = taken(one, accept(OPERATOR, 267n));
        expect(hot.next.locks.get(1)).toMatchObject({ collateral: 267n, byHot: true, escrow: ESCROW });
        const cold = taken(one, accept(PROVIDER, 1167n));
        expect(cold.next.locks.get(224)).toMatchObject({ collateral: 1167n, byHot: false });
        expect(cold.sends[0]?.message).toMatchObject({ tier: 0, party: { operator: PROVIDER, settlement: TILL } });
        expect(causes(accept(PROVIDER, 1168n))).toEqual(['INSUFFICIENT_STAKE']);
    });

    test('a lock lasts eight days at least, and a pause ends by itself', () => {
        const paused: StakeAccount = { ...stake, stake: 999n, pausedUntil: T + 1 };
        const accept = { op: 'AcceptJob', ...q, collateral: 1n, ...job } as const;
        expect(causes(verdict(paused, OPERATOR, accept))).toEqual(['JAILED', 'PAUSED']);
        expect(causes(verdict(paused, OPERATOR, accept, { now: T + 1 }))).toEqual(['JAILED', 'LOCK_WINDOW']);
    });

    test('a quote is good before validUntil, at most two minutes', () => {
        const ask = (validUntil: number, now = T) => {
            const over: Signed = { tag: 'quote', escrow: ESCROW, termsHash: 7n, collateral: 9n, validUntil };
            const quote = { termsHash: 7n, validUntil, signature: signed(SIGNING_KEY, over) };
            const { client, nonce, lockUntil } = { ...job, lockUntil: T + 9 * DAY };
            const message = {
                op: 'AcceptQuote',
                queryId: OPENED,
                collateral: 9n,
                client,
                nonce,
                lockUntil,
                quote,
            } as const;
            return verdict(stake, ESCROW, message, { now });
        };
        expect(causes(ask(T + 121))).toEqual(['QUOTE_WINDOW']);
        expect(ask(T + 120).outcome).toBe('accepted');
        expect(causes(ask(T + 120, T + 120))).toEqual(['QUOTE_WINDOW']);
        const { sends } = taken(stake, ask(T + 120, T + 119));
        const jobKey = hashes.jobKey(ESCROW, 7n, OPENED);
        expect(sends.map((one) => one.message)).toMatchObject([
            { op: 'JobAccepted', queryId: LOCK_ID, slot: 0, jobKey },
        ]);
    });

    test('a slash takes from the stake, then from what unbonds, divides and counts', () => {
        const unbonding: StakeAccount = { ...one, stake: 100n, unbonding: 300n };
        const slash = (amount: bigint, from = ESCROW) =>
            verdict(
                unbonding,
                from,
                {
                    op: 'SlashCollateral',
                    queryId: LOCK_ID,
                    slot: 0,
                    amount,
                    client: CLIENT,
                    toClientBps: 4000,
                    reason: 5,
                },
                { balance: 2000n },
            );
        const { next, sends } = taken(unbonding, slash(9999n));
        expect(next).toMatchObject({ stake: 0n, unbonding: 67n, hotSlashed: 333n, record: 1n << 140n });
        expect(next.locks.size).toBe(0);
        // 40 % of 333 and the rest, less a forward fee of half of dust.
        expect(sends).toMatchObject([
            { to: CLIENT, owed: 133n - 4n, onFailure: 'rollback' },
            { to: TREASURY, owed: 200n - 4n, onFailure: 'rollback' },
        ]);
        // 40 % of 19 is below dust, so the treasury gets all of it; 7 are below dust and stay.
        expect(sent(slash(19n))).toMatchObject([{ to: TREASURY, owed: 15n }]);
        expect(taken(unbonding, slash(7n))).toMatchObject({ next: { stake: 100n, unbonding: 300n }, sends: [] });
        expect(slash(9999n, STRANGER)).toEqual({ outcome: 'ignored' });
    });

    test('a release counts what was paid by the fee that the stake knows', () => {
        const release = { op: 'ReleaseCollateral', queryId: LOCK_ID, slot: 0, paid: 9039n, outcome: 2 } as const;
        // 2.5 % of 9039 is 225 and a rest.
        const { next } = taken(one, verdict(one, ESCROW, release));
        expect(next.record).toBe((225n << 168n) + (1n << 56n));
        expect(verdict(next, ESCROW, release)).toEqual({ outcome: 'ignored' });
        const unregistered: StakeAccount = { ...stake, state: 'Unregistered', params: null };
        expect(causes(verdict(unregistered, ESCROW, release))).toEqual(['WRONG_STATE']);
    });

    test('locks keep what unbonds, and time frees a stale one', () => {
        const unbonding: StakeAccount = { ...one, stake: 100n, unbonding: 300n, unlockAt: T };
        const withdraw = { op: 'WithdrawStake', ...q } as const;
        expect(causes(verdict(unbonding, PROVIDER, withdraw, { now: T - 1 }))).toEqual(['STILL_UNBONDING']);
        // 400 − 333.
        const paid = taken(unbonding, verdict(unbonding, PROVIDER, withdraw, { value: 16n }));
        expect(paid).toMatchObject({ next: { stake: 100n, unbonding: 233n }, sends: [{ to: PROVIDER, owed: 67n }] });
        const stale = { op: 'ReleaseStaleLock', ...q, slot: 0 } as const;
        expect(causes(verdict(one, STRANGER, stale, { now: T + 8 * DAY - 1 }))).toEqual(['LOCK_NOT_STALE']);
        expect(taken(one, verdict(one, STRANGER, stale, { now: T + 8 * DAY })).next).toEqual(stake);
    });
});
