// Cases reckoned by hand from the documents.

import {
    T,
    DAY,
    CLIENT,
    PROVIDER,
    OPERATOR,
    TREASURY,
    GOVERNOR,
    STRANGER,
    CLIENT_KEY,
    PROVIDER_KEY,
    SIGNING_KEY,
    LOCK_ID,
    OPENED,
    hashes,
    STAKE,
    TILL,
    ESCROW,
    params,
    terms,
    LOCK_UNTIL,
    registry,
    uninitEscrow,
    accepted,
    submitted,
    channel,
    till,
    verdict,
    causes,
    taken,
    sent,
    q,
    signed,
} from './fixtures';
import type { Delivery, EscrowAccount, Signature, Signed } from './index';
import { liabilities } from './invariants';

describe('the model of an escrow', () => {
    const quoteOver: Signed = { tag: 'quote', escrow: ESCROW, termsHash: 7n, collateral: 333n, validUntil: T + 120 };
    const quote = { termsHash: 7n, validUntil: T + 120, signature: signed(SIGNING_KEY, quoteOver) };

    test('a quoted posting goes on to the stake, and says when the lock ends', () => {
        const post = { op: 'PostJob', ...q, terms, quote } as const;
        expect(causes(verdict(uninitEscrow, CLIENT, post, { value: 10_400n }))).toEqual(['INSUFFICIENT_VALUE']);
        const given = verdict(uninitEscrow, CLIENT, post, { value: 10_401n, lt: OPENED });
        const { next, sends } = taken(uninitEscrow, given);
        expect(next).toMatchObject({ state: 'Quoting', openedLt: OPENED, lockUntil: LOCK_UNTIL, deadline: T + 600 });
        expect(sends).toHaveLength(1);
        expect(sends[0]).toMatchObject({ to: STAKE, bounceable: true, onFailure: 'bounce' });
        expect(sends[0]?.message).toEqual({
            op: 'AcceptQuote',
            queryId: OPENED,
            collateral: 333n,
            client: CLIENT,
            nonce: 1n,
            lockUntil: LOCK_UNTIL,
            quote,
        });
    });

    test('what was sent ahead counts towards the posting', () => {
        const post = { op: 'PostJob', ...q, terms, quote: null } as const;
        expect(verdict(uninitEscrow, CLIENT, post, { value: 1n, balance: 10_401n }).outcome).toBe('accepted');
    });

    test('each bound of the terms has its own cause, and all of them are named', () => {
        const bad = { ...terms, acceptBy: T, deliverWithin: 119, challengeWindow: 599, lateSlashBps: 2501, tier: 2 };
        const post = { op: 'PostJob', ...q, terms: bad, quote: null } as const;
        expect(causes(verdict(uninitEscrow, STRANGER, post, { value: 20_000n }))).toEqual([
            'ACCEPT_BY_PASSED',
            'CHALLENGE_WINDOW',
            'DELIVER_WITHIN',
            'LATE_SLASH_BPS',
            'UNKNOWN_TIER',
            'WRONG_SENDER',
        ]);
    });

    test('a result is taken until one second before deliverBy, and late from then on', () => {
        const jobKey = hashes.jobKey(ESCROW, 7n, OPENED);
        const submit = {
            op: 'SubmitResult',
            ...q,
            amount: 9000n,
            jobKey,
            resultCommitment: 88n,
            traceRoot: 99n,
        } as const;
        const { next } = taken(accepted, verdict(accepted, OPERATOR, submit, { now: T + 3599 }));
        expect(next).toEqual({ ...submitted, deadline: T + 3599 + 600 });
        expect(causes(verdict(accepted, STRANGER, submit, { now: T + 3600, value: 29n }))).toEqual([
            'INSUFFICIENT_VALUE',
            'TOO_LATE',
            'WRONG_SENDER',
        ]);
        const expire = { op: 'ExpireJob', ...q } as const;
        expect(causes(verdict(accepted, STRANGER, expire, { now: T + 3599 }))).toEqual(['TOO_EARLY']);
        // A tenth of 333, rounded up. The balance is price + 1000, the ending costs 60.
        expect(sent(verdict(accepted, STRANGER, expire, { now: T + 3600 }))).toEqual([
            {
                to: STAKE,
                message: {
                    op: 'SlashCollateral',
                    queryId: LOCK_ID,
                    slot: 3,
                    amount: 34n,
                    client: CLIENT,
                    toClientBps: 4000,
                    reason: 3,
                },
                owed: 0n,
            },
            { to: CLIENT, message: { op: 'JobClosed', ...q, outcome: 3 }, owed: 10_941n },
        ]);
    });

    test('silence pays what was submitted, from the end of the window on', () => {
        const finalize = { op: 'FinalizeJob', ...q } as const;
        expect(causes(verdict(submitted, STRANGER, finalize, { now: T + 599 }))).toEqual(['TOO_EARLY']);
        expect(sent(verdict(submitted, STRANGER, finalize, { now: T + 600 }))).toEqual([
            { to: TILL, message: { op: 'Settle', ...q, amount: 9000n, source: CLIENT }, owed: 9000n },
            {
                to: STAKE,
                message: { op: 'ReleaseCollateral', queryId: LOCK_ID, slot: 3, paid: 9000n, outcome: 0 },
                owed: 0n,
            },
            { to: CLIENT, message: { op: 'JobClosed', ...q, outcome: 0 }, owed: 10_001n + 1000n - 9000n - 70n },
        ]);
    });

    test('an ending is paid by the message or by the reserve, and rent shrinks the refund first', () => {
        const finalize = { op: 'FinalizeJob', ...q } as const;
        const now = T + 600;
        const end = (value: bigint, balance: bigint) =>
            causes(verdict(submitted, STRANGER, finalize, { now, value, balance }));
        expect(end(0n, 10_001n + 70n)).toEqual([]);
        expect(end(0n, 10_001n + 69n)).toEqual(['INSUFFICIENT_VALUE']);
        // Rent ate into the price: the message pays, as long as amount and costs are there.
        expect(end(70n, 9070n)).toEqual([]);
        expect(end(70n, 9069n)).toEqual(['INSUFFICIENT_VALUE']);
        expect(end(69n, 9500n)).toEqual(['INSUFFICIENT_VALUE']);
    });

    test('an approval is for one amount of one result, by one key', () => {
        const jobKey = hashes.jobKey(ESCROW, 7n, OPENED);
        const over: Signed = { tag: 'approveSubmitted', jobKey, resultCommitment: 88n, amount: 9000n };
        const approve = (signature: Signature | null, amount = 9000n) =>
            verdict(submitted, STRANGER, { op: 'ApproveSubmitted', ...q, amount, resultCommitment: 88n, signature });
        expect(approve(signed(CLIENT_KEY, over)).outcome).toBe('accepted');
        expect(causes(approve(null))).toEqual(['WRONG_SENDER']);
        expect(causes(approve(signed(SIGNING_KEY, over)))).toEqual(['BAD_APPROVAL_SIGNATURE']);
        expect(causes(approve(signed(CLIENT_KEY, { tag: 'approveFull', jobKey })))).toEqual(['BAD_APPROVAL_SIGNATURE']);
        expect(causes(approve(signed(CLIENT_KEY, over), 10_001n))).toEqual([
            'BAD_APPROVAL_SIGNATURE',
            'RESULT_MISMATCH',
        ]);
    });

    test('a demand holds at least what publishing costs, comes once, and its answer opens a new window', () => {
        const demand = { op: 'DemandResult', ...q } as const;
        expect(causes(verdict(submitted, CLIENT, demand, { value: 84n }))).toEqual(['INSUFFICIENT_VALUE']);
        const demanded = taken(submitted, verdict(submitted, CLIENT, demand, { value: 85n, now: T + 599 })).next;
        expect(demanded).toMatchObject({ state: 'Demanded', deadline: T + 599 + 7200, submission: { bond: 55n } });
        expect(liabilities(demanded)).toBe(10_056n);
        const publish = { op: 'PublishResult', ...q, hash: 88n, tooLarge: false } as const;
        const answer = verdict(demanded, STRANGER, publish, { now: T + 7798 });
        expect(taken(demanded, answer).next).toMatchObject({ state: 'Submitted', deadline: T + 7798 + 600 });
        expect(sent(answer)[0]).toMatchObject({ to: TILL, message: { op: 'Settle', amount: 0n }, owed: 55n });
        expect(liabilities(taken(demanded, answer).next)).toBe(10_001n);
        expect(causes(verdict(taken(demanded, answer).next, CLIENT, demand, { now: T + 7799 }))).toEqual([
            'ALREADY_DEMANDED',
        ]);
        expect(causes(verdict(demanded, STRANGER, publish, { now: T + 7799 }))).toEqual(['TOO_LATE']);
    });

    test('a silent arbiter costs both sides half the bond, the odd nanoTON goes to the provider', () => {
        const disputed = taken(submitted, verdict(submitted, CLIENT, { op: 'Challenge', ...q }, { value: 71n })).next;
        expect(disputed).toMatchObject({ state: 'Disputed', deadline: T + DAY, submission: { bond: 41n } });
        const expire = verdict(disputed, STRANGER, { op: 'ExpireDispute', ...q }, { now: T + DAY });
        expect(sent(expire)[0]).toMatchObject({ message: { op: 'Settle', amount: 9000n }, owed: 9021n });
        expect(sent(expire)[2]?.owed).toBe(10_001n + 41n + 1000n - 9021n - 70n);
        const wrong = { op: 'Verdict', ...q, wrong: true, slashBps: 10_001 } as const;
        expect(causes(verdict(disputed, STRANGER, wrong, { now: T + DAY }))).toEqual([
            'SLASH_BPS',
            'TOO_LATE',
            'WRONG_SENDER',
        ]);
    });

    test('only the bounce of this opening refunds', () => {
        const quoting: EscrowAccount = { ...accepted, state: 'Quoting', lockId: 0n, slot: 0, party: null };
        const back = { op: 'AcceptQuote', collateral: 0n, client: CLIENT, nonce: 1n, lockUntil: 0, quote } as const;
        const bounce = (queryId: bigint) => verdict(quoting, STAKE, { ...back, queryId }, { bounced: true });
        expect(bounce(OPENED - 1n)).toEqual({ outcome: 'ignored' });
        expect(bounce(OPENED)).toMatchObject({ outcome: 'accepted', next: null, sends: [{ onFailure: 'rollback' }] });
        expect(sent(bounce(OPENED))[0]).toMatchObject({
            to: CLIENT,
            message: { op: 'JobClosed', outcome: 7 },
            owed: 10_001n,
        });
    });

    test('in Quoting the client waits ten minutes, everybody else for acceptBy', () => {
        const quoting: EscrowAccount = { ...accepted, state: 'Quoting', deadline: T + 600, party: null };
        const cancel = (from: string, now: number) =>
            causes(verdict(quoting, from, { op: 'CancelJob', ...q }, { now }));
        expect(cancel(CLIENT, T + 599)).toEqual(['TOO_EARLY']);
        expect(cancel(CLIENT, T + 600)).toEqual([]);
        expect(cancel(STRANGER, T + 999)).toEqual(['TOO_EARLY', 'WRONG_SENDER']);
        expect(cancel(STRANGER, T + 1000)).toEqual([]);
    });
});

describe('the model of a channel', () => {
    const voucherOf = (amount: bigint): Signed => {
        return { tag: 'voucher', channel: '0:cc', openedLt: OPENED, amount, receiptHead: 0n };
    };
    const redeem = (voucher: Signed, how: Partial<Delivery> = {}, by = CLIENT_KEY) =>
        verdict(channel, STRANGER, { op: 'Redeem', ...q, voucher, signature: signed(by, voucher) }, how);

    test('a voucher pays what it adds, up to the deposit', () => {
        expect(taken(channel, redeem(voucherOf(1001n), { value: 25n }))).toMatchObject({
            next: { claimed: 1000n },
            sends: [{ to: TILL, message: { op: 'Settle', amount: 800n }, owed: 800n, bounceable: false }],
        });
        expect(causes(redeem(voucherOf(200n)))).toEqual(['NOTHING_DUE']);
        expect(causes(redeem(voucherOf(201n), { value: 24n }))).toEqual(['INSUFFICIENT_VALUE']);
        expect(causes(redeem(voucherOf(201n), {}, PROVIDER_KEY))).toEqual(['BAD_VOUCHER_SIGNATURE']);
        const older: Signed = { ...voucherOf(300n), openedLt: OPENED - 1n } as Signed;
        expect(causes(redeem(older))).toEqual(['SIGNED_FOR_ANOTHER']);
        // Rent has left 500: an older voucher of 675 is covered, one nanoTON more is not.
        expect(causes(redeem(voucherOf(675n), { value: 25n, balance: 500n }))).toEqual([]);
        expect(causes(redeem(voucherOf(676n), { value: 25n, balance: 500n }))).toEqual(['INSUFFICIENT_VALUE']);
    });

    test('it closes by agreement within ten minutes, or by time', () => {
        const close = (finalAmount: bigint, validUntil: number, by = PROVIDER_KEY) => {
            const agreement: Signed = {
                tag: 'closeAgreement',
                channel: '0:cc',
                openedLt: OPENED,
                finalAmount,
                validUntil,
            };
            const [clientSignature, providerSignature] = [signed(CLIENT_KEY, agreement), signed(by, agreement)];
            const message = { op: 'CloseChannel', ...q, agreement, clientSignature, providerSignature } as const;
            return verdict(channel, STRANGER, message, { value: 45n });
        };
        expect(sent(close(1000n, T + 600)).map((one) => one.owed)).toEqual([800n, 0n]);
        expect(sent(close(200n, T + 600))).toMatchObject([{ to: CLIENT, owed: 800n + 45n - 15n }]);
        expect(causes(close(199n, T + 601))).toEqual(['AGREEMENT_WINDOW', 'FINAL_AMOUNT']);
        expect(causes(close(1001n, T, CLIENT_KEY))).toEqual([
            'AGREEMENT_WINDOW',
            'BAD_PROVIDER_SIGNATURE',
            'FINAL_AMOUNT',
            // 801 and 45 of costs are more than the 845 that are there.
            'INSUFFICIENT_VALUE',
        ]);
        const request = { op: 'RequestClose', ...q, signature: null } as const;
        const closing = taken(channel, verdict(channel, CLIENT, request)).next;
        expect(closing.closesAt).toBe(T + 3600);
        const finalize = { op: 'FinalizeChannel', ...q } as const;
        expect(causes(verdict(closing, STRANGER, finalize, { now: T + 3599 }))).toEqual(['CHANNEL_RUNNING']);
        expect(causes(verdict(closing, STRANGER, finalize, { now: T + 3600, value: 14n }))).toEqual([
            'INSUFFICIENT_VALUE',
        ]);
        expect(verdict(closing, STRANGER, finalize, { now: T + 3600, value: 15n })).toMatchObject({ next: null });
    });
});

describe('the model of till and Registry', () => {
    test('the fee is on what is left of the value after gas', () => {
        const settle = (value: bigint, amount: bigint) =>
            taken(
                till,
                verdict(
                    till,
                    STRANGER,
                    { op: 'Settle', ...q, amount, source: CLIENT },
                    { value, balance: 60n + value },
                ),
            );
        expect(settle(5n, 10_000n).next.feesDue).toBe(60n);
        // 2.5 % of 239 is 5 and a rest, of 240 it is 6.
        expect(settle(244n, 10_000n).next.feesDue).toBe(65n);
        expect(settle(245n, 10_000n).next.feesDue).toBe(66n);
    });

    test('a settlement pays out by itself from twenty forward fees on, if it brings the cost', () => {
        const settle = (value: bigint, balance: bigint, amount = 0n, account = till) =>
            sent(verdict(account, STRANGER, { op: 'Settle', ...q, amount, source: CLIENT }, { value, balance }));
        // 90 of rent, 60 of fees and 25 of new ones, 5 of gas; a forward fee of 4 has to be left of the value.
        expect(settle(1008n, 1158n, 1000n)).toEqual([]);
        expect(settle(1009n, 1159n, 1000n)).toEqual([
            { to: PROVIDER, message: { op: 'Payout', ...q }, owed: 1159n - 90n - 85n - 5n - 4n },
        ]);
        expect(settle(18n, 90n + 60n + 5n + 79n)).toEqual([]);
        expect(settle(18n, 90n + 60n + 5n + 80n)).toMatchObject([{ to: PROVIDER, owed: 76n }]);
        expect(settle(18n, 90n + 60n + 5n + 80n, 0n, { ...till, threshold: 81n })).toEqual([]);
    });

    test('a withdrawal is divided, and the rounding is the first payee’s', () => {
        const payees = [
            { address: '0:p1', bps: 5000 },
            { address: '0:p2', bps: 4900 },
            { address: '0:p3', bps: 100 },
        ];
        // 301 above rent and fees: 150.5, 147.49 and 3.01; three are below dust and stay.
        const withdraw = verdict(
            { ...till, payees },
            PROVIDER,
            { op: 'Withdraw', ...q },
            { value: 14n, balance: 465n },
        );
        expect(sent(withdraw).map(({ to, owed }) => [to, owed])).toEqual([
            ['0:p1', 151n - 4n],
            ['0:p2', 147n - 4n],
            [PROVIDER, 0n],
        ]);
        const flush = verdict(till, STRANGER, { op: 'FlushFees', ...q }, { value: 14n, balance: 134n });
        // 134 − 14 − 90 of rent are less than the 60 that are due.
        expect(taken(till, flush)).toMatchObject({ next: { feesDue: 30n }, sends: [{ to: TREASURY, owed: 26n }, {}] });
    });

    test('a proposal waits, lives for fourteen days, and a pause cools down', () => {
        const propose = (minStake: bigint) =>
            verdict(registry, GOVERNOR, {
                op: 'ProposeParams',
                ...q,
                params: { ...params, minStake, timelockDelay: DAY },
            });
        expect(causes(propose(2001n))).toEqual(['MIN_STAKE']);
        const proposed = taken(registry, propose(2000n)).next;
        const execute = (now: number) => verdict(proposed, STRANGER, { op: 'ExecuteProposal', ...q }, { now });
        expect(causes(execute(T + 2 * DAY - 1))).toEqual(['TIMELOCK_RUNNING']);
        expect(taken(proposed, execute(T + 2 * DAY)).next).toMatchObject({ version: 5, params: { minStake: 2000n } });
        expect(execute(T + 16 * DAY - 1).outcome).toBe('accepted');
        expect(causes(execute(T + 16 * DAY))).toEqual(['PROPOSAL_EXPIRED']);
        const pause = { op: 'Pause', ...q, pausedUntil: T + 7 * DAY } as const;
        const paused = taken(registry, verdict(registry, GOVERNOR, pause)).next;
        expect(paused).toMatchObject({ version: 5, pausedUntil: T + 7 * DAY, pausableFrom: T + 14 * DAY });
        expect(causes(verdict(registry, GOVERNOR, pause, { now: T - 1 }))).toEqual(['PAUSE_WINDOW']);
        const register = { op: 'RegisterMe', ...q, amount: 1000n, owner: PROVIDER } as const;
        expect(sent(verdict(paused, STAKE, register))).toMatchObject([
            { message: { op: 'RegistrationRefused', reason: 2 } },
        ]);
        expect(sent(verdict(registry, STAKE, register))).toMatchObject([
            { to: STAKE, message: { op: 'Initialise', version: 4 } },
        ]);
        expect(causes(verdict(registry, STRANGER, register))).toEqual(['WRONG_SENDER']);
    });
});
