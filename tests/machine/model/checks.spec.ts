// The search for endings, and the checks of guarantees: that they see what is broken.

import {
    T,
    DAY,
    CLIENT,
    OPERATOR,
    STRANGER,
    CLIENT_KEY,
    LOCK_ID,
    OPENED,
    hashes,
    STAKE,
    TILL,
    ESCROW,
    costs,
    terms,
    LOCK_UNTIL,
    party,
    stake,
    uninitEscrow,
    accepted,
    submission,
    submitted,
    channel,
    addressOf,
    delivered,
    taken,
    q,
    signed,
} from './fixtures';
import { judge } from './index';
import type { Account, Delivery, EscrowAccount, Message, Send, Signed, StakeAccount } from './index';
import { BrokenGuarantee, checkWorld, History } from './invariants';
import { endings } from './liveness';

describe('the search for an ending', () => {
    test.each<[string, Account, number, string]>([
        ['Open', { ...accepted, state: 'Open', deadline: 0, party: null }, T + 1000, 'CancelJob'],
        ['Quoting', { ...accepted, state: 'Quoting', deadline: T + 600, party: null }, T + 1000, 'CancelJob'],
        ['Accepted', accepted, T + 3600, 'ExpireJob'],
        ['Submitted', submitted, T + 600, 'FinalizeJob'],
        [
            'Demanded',
            { ...submitted, state: 'Demanded', submission: { ...submission, bond: 55n } },
            T + 600,
            'ExpireDemand',
        ],
        [
            'Disputed',
            { ...submitted, state: 'Disputed', submission: { ...submission, bond: 41n } },
            T + 600,
            'ExpireDispute',
        ],
        ['an open channel', channel, T + DAY, 'FinalizeChannel'],
    ])('ends %s at its deadline, and at once after it', (_, account, at, op) => {
        const id = addressOf[account.kind];
        expect(endings(account, id, T)).toMatchObject([{ at, message: { op } }]);
        expect(endings(account, id, at + 5)).toMatchObject([{ at: at + 5, message: { op } }]);
    });

    test('frees every lock at its own time', () => {
        const lock = { lockId: 1n, escrow: ESCROW, collateral: 1n, lockUntil: T + 20, byHot: true };
        const locks = new Map([
            [0, lock],
            [7, { ...lock, lockId: 2n, lockUntil: T + 10 }],
        ]);
        expect(endings({ ...stake, locks }, STAKE, T)).toMatchObject([
            { at: T + 10, message: { op: 'ReleaseStaleLock', slot: 7 } },
            { at: T + 20, message: { op: 'ReleaseStaleLock', slot: 0 } },
        ]);
    });

    test('says so where nothing leads to an end', () => {
        // Locks of a stake that is not registered are out of every message's reach.
        const lock = { lockId: 1n, escrow: ESCROW, collateral: 1n, lockUntil: T, byHot: true };
        const stuck: StakeAccount = { ...stake, state: 'Unregistered', locks: new Map([[0, lock]]) };
        expect(() => endings(stuck, STAKE, T)).toThrow(BrokenGuarantee);
    });
});

describe('the checks of the world and its history', () => {
    const submit = {
        op: 'SubmitResult',
        ...q,
        amount: 9000n,
        jobKey: hashes.jobKey(ESCROW, 7n, OPENED),
        resultCommitment: 88n,
        traceRoot: 99n,
    } as const;

    /** A job accepted by hand, up to Accepted, on stake and escrow. */
    function begun(): { history: History; escrow: EscrowAccount; provider: StakeAccount } {
        const history = new History();
        const step = <A extends Account>(
            account: A,
            from: string,
            message: Message,
            how: Partial<Delivery> = {},
        ): A => {
            const delivery = delivered(account, from, message, { value: 20_000n, ...how });
            const given = judge(account, delivery, costs, hashes);
            history.record(delivery, given);
            return taken(account, given).next;
        };
        const open = step(uninitEscrow, CLIENT, { op: 'PostJob', ...q, terms, quote: null }, { lt: OPENED });
        const { jobKey } = submit;
        const job = { collateral: 333n, client: CLIENT, nonce: 1n, jobKey, lockUntil: LOCK_UNTIL };
        const provider = step(stake, OPERATOR, { op: 'AcceptJob', ...q, ...job });
        const answer = { ...job, slot: 0, tier: 0, attestedUntil: 0, party };
        const escrow = step(open, STAKE, { op: 'JobAccepted', queryId: LOCK_ID, ...answer });
        return { history, escrow, provider };
    }

    test('a world that the model made is sound, one lock in two slots or too much of it is not', () => {
        const { escrow, provider } = begun();
        const world = (changed: Account) =>
            new Map<string, Account>([
                [ESCROW, escrow],
                [STAKE, changed],
            ]);
        expect(() => checkWorld(world(provider))).not.toThrow();
        const [lock] = provider.locks.values();
        if (lock === undefined) throw new Error('There is no lock.');
        const twice = new Map([...provider.locks, [9, lock] as const]);
        expect(() => checkWorld(world({ ...provider, locks: twice }))).toThrow(/holds two locks/);
        expect(() => checkWorld(world({ ...provider, stake: 332n }))).toThrow(/and locks of 333/);
        expect(() => checkWorld(new Map([['0:cc', { ...channel, claimed: 1001n }]]))).toThrow(BrokenGuarantee);
        expect(() => checkWorld(new Map([['0:cc', { ...channel, claimed: -1n }]]))).toThrow(/Of channel/);
    });

    /** What the contract would have to say for a guarantee to break. */
    function claim(
        account: Account,
        from: string,
        message: Message,
        now: number,
        sends: readonly Send[],
        next: Account | null,
    ) {
        const delivery = delivered(account, from, message, { now });
        return [delivery, { outcome: 'accepted', next, sends }] as const;
    }
    const to = (address: string, message: Message): Send => {
        return { to: address, message, owed: 0n, bounceable: false, onFailure: 'bounce', deploys: false };
    };
    const slashOf = (amount: bigint, reason: number): Message => {
        return { op: 'SlashCollateral', queryId: LOCK_ID, slot: 0, amount, client: CLIENT, toClientBps: 4000, reason };
    };

    test('a slash is earned by a missed deadline, and bounded by the terms', () => {
        const expire = { op: 'ExpireJob', ...q } as const;
        const end = (now: number, amount: bigint, reason = 3) => {
            const { history, escrow } = begun();
            history.record(...claim(escrow, STRANGER, expire, now, [to(STAKE, slashOf(amount, reason))], null));
        };
        expect(() => end(T + 3600, 34n)).not.toThrow();
        expect(() => end(T + 3599, 34n)).toThrow(/unearned/);
        expect(() => end(T + 3600, 35n)).toThrow(/for a late result/);
        expect(() => end(T + 3600, 34n, 4)).toThrow(/unearned/);
        expect(() => end(T + 3600, 34n, 5)).toThrow(/unearned/);
    });

    test('a lock ends once, by what its escrow sent, and gives no more than it holds', () => {
        const slash = slashOf(34n, 3);
        const end = (lost: bigint, before: (history: History) => void = () => undefined, times = 1) => {
            const { history, escrow, provider } = begun();
            before(history);
            history.record(...claim(escrow, STRANGER, { op: 'ExpireJob', ...q }, T + 3600, [to(STAKE, slash)], null));
            const next = { ...provider, locks: new Map(), stake: provider.stake - lost, hotSlashed: lost };
            for (let time = 0; time < times; time++)
                history.record(...claim(provider, ESCROW, slash, T + 3600, [], next));
            return history;
        };
        expect(() => end(34n)).not.toThrow();
        expect(() => end(35n)).toThrow(/lost 35 to a slash of 34/);
        expect(() => end(34n, undefined, 2)).toThrow(/ended twice/);
        const { history, provider } = begun();
        const next = { ...provider, locks: new Map(), stake: 1466n, hotSlashed: 34n };
        expect(() => history.record(...claim(provider, ESCROW, slash, T, [], next))).toThrow(
            /without a slash of an escrow/,
        );
    });

    test('an opening ends once and pays its price at most, earned', () => {
        const settle = (amount: bigint) => to(TILL, { op: 'Settle', ...q, amount, source: CLIENT });
        const approve = { op: 'ApproveFull', ...q, signature: null } as const;
        const { history, escrow } = begun();
        const saved = history.save();
        const end = (from: string, amount: bigint) =>
            history.record(...claim(escrow, from, approve, T, [settle(amount)], null));
        expect(() => end(CLIENT, 10_002n)).toThrow(/paid 10002 of 10001/);
        history.restore(saved);
        expect(() => end(STRANGER, 10_001n)).toThrow(/paid the provider/);
        history.restore(saved);
        end(CLIENT, 10_001n);
        expect(() => end(CLIENT, 0n)).toThrow(BrokenGuarantee);
        history.restore(saved);
        const finalize = { op: 'FinalizeJob', ...q } as const;
        history.record(...claim(escrow, OPERATOR, submit, T + 10, [], submitted));
        const early = () => history.record(...claim(submitted, STRANGER, finalize, T + 609, [settle(9000n)], null));
        expect(early).toThrow(/paid the provider for FinalizeJob/);
    });

    test('the hot keys risk their allowance at most, and a slash takes the lock at most', () => {
        const history = new History();
        const accept = (collateral: bigint, byHot: boolean) => {
            const lock = { lockId: LOCK_ID, escrow: ESCROW, collateral, lockUntil: LOCK_UNTIL, byHot };
            const job = { collateral, client: CLIENT, lockUntil: LOCK_UNTIL, jobKey: submit.jobKey };
            const told: Message = {
                op: 'JobAccepted',
                queryId: LOCK_ID,
                slot: 0,
                ...job,
                tier: 0,
                attestedUntil: 0,
                party,
            };
            const locked = { ...stake, locks: new Map([[0, lock]]) };
            const message = { op: 'AcceptJob', ...q, ...job, nonce: 1n } as const;
            history.record(...claim(stake, OPERATOR, message, T, [to(ESCROW, told)], locked));
            history.record(
                ...claim(uninitEscrow, CLIENT, { op: 'PostJob', ...q, terms, quote: null }, T, [], accepted),
            );
            history.record(...claim(accepted, STAKE, told, T, [], accepted));
            return locked;
        };
        expect(() => accept(601n, true)).toThrow(/put 601 at risk, and may put 600/);
        const fresh = new History().save();
        history.restore(fresh);
        const locked = accept(20n, false);
        const slash = slashOf(34n, 3);
        history.record(...claim(accepted, STRANGER, { op: 'ExpireJob', ...q }, T + 3600, [to(STAKE, slash)], null));
        const next = { ...locked, locks: new Map(), stake: stake.stake - 34n };
        expect(() => history.record(...claim(locked, ESCROW, slash, T, [], next))).toThrow(/lost 34 of a lock of 20/);
    });

    test('a quote has one live acceptance', () => {
        const quote = { termsHash: 7n, validUntil: T + 60, signature: signed(33n, { tag: 'approveFull', jobKey: 1n }) };
        const { jobKey } = submit;
        const history = new History();
        const accept = (escrow: string, slot: number, lockId: bigint) => {
            const lock = { lockId, escrow, collateral: 1n, lockUntil: LOCK_UNTIL, byHot: true };
            const job = { collateral: 1n, client: CLIENT, lockUntil: LOCK_UNTIL };
            const ask = { op: 'AcceptQuote', queryId: OPENED, ...job, nonce: 1n, quote } as const;
            const told = {
                op: 'JobAccepted',
                queryId: lockId,
                slot,
                jobKey,
                ...job,
                tier: 0,
                attestedUntil: 0,
                party,
            } as const;
            const locked = { ...stake, locks: new Map([[slot, lock]]) };
            history.record(...claim(stake, escrow, ask, T, [to(escrow, told)], locked));
            const post = { op: 'PostJob', ...q, terms, quote } as const;
            const at = { to: escrow };
            const [posted, opened] = claim(uninitEscrow, CLIENT, post, T, [], accepted);
            history.record({ ...posted, ...at }, opened);
            const [answered, taken] = claim(accepted, STAKE, told, T, [], accepted);
            history.record({ ...answered, ...at }, taken);
        };
        accept('0:e1', 0, 1n);
        expect(() => accept('0:e2', 1, 2n)).toThrow(/two live acceptances/);
    });

    test('a channel pays what it got at most, and counts it', () => {
        const start = () => {
            const history = new History();
            const { closesAt, closeDelay, clientKey, providerKey } = channel;
            const open = {
                op: 'OpenChannel',
                ...q,
                deposit: 1000n,
                closesAt,
                closeDelay,
                clientKey,
                providerKey,
            } as const;
            history.record(...claim(channel, CLIENT, open, T, [], { ...channel, claimed: 0n }));
            return history;
        };
        const redeem = (history: History, paid: bigint, claimed: bigint) => {
            const voucher: Signed = {
                tag: 'voucher',
                channel: '0:cc',
                openedLt: OPENED,
                amount: 2000n,
                receiptHead: 0n,
            };
            const message = { op: 'Redeem', ...q, voucher, signature: signed(CLIENT_KEY, voucher) } as const;
            const settle = to(TILL, { op: 'Settle', ...q, amount: paid, source: CLIENT });
            history.record(...claim(channel, STRANGER, message, T, [settle], { ...channel, claimed }));
        };
        expect(() => redeem(start(), 1000n, 1000n)).not.toThrow();
        expect(() => redeem(start(), 1001n, 1001n)).toThrow(/paid 1001 of 1000/);
        expect(() => redeem(start(), 10n, 9n)).toThrow(/counts 9 claimed/);
    });
});
