import * as p from '../../../protocol';
import { addressOf } from '../wrappers/fixtures';
import {
    client,
    codeOf,
    hashOf,
    issue,
    keyOf,
    MODEL,
    NOW,
    openClient,
    openProvider,
    pay,
    plain,
    provider,
    receive,
    served,
    stranger,
    take,
    terms,
} from './channelsSupport';

const book = p.providerBook;

const voucherWith = (change: Partial<p.Voucher> = {}, by = client) =>
    p.signVoucher(
        { channel: terms.channel, openedLt: terms.openedLt, amount: 80n, receiptHead: 0n, ...change },
        by.secretKey,
    );

/** The refusal's code; whatever is refused has changed nothing. */
function refusal(state: p.ProviderBookState, act: () => unknown): string | null {
    const before = Buffer.from(p.encodeProviderState(state));
    const code = codeOf(act);
    expect(Buffer.from(p.encodeProviderState(state))).toEqual(before);
    return code;
}

describe('acceptVoucher', () => {
    it('takes a voucher that just covers the request, and the same again', () => {
        const voucher = voucherWith();
        const { state, output } = take(openProvider(), voucher, 'a');
        expect(plain(output)).toEqual(plain(p.parseVoucher(voucher.cell)));
        expect(state.voucher).toEqual({ amount: 80n, receiptHead: 0n, signature: voucher.signature });
        expect(state.request).toEqual({ requestHash: hashOf('a'), cost: 80n });
        expect(take(state, voucher, 'a').state).toEqual(state);
        expect(codeOf(() => take(openProvider(), voucherWith({ amount: 1_000n }), 'a'))).toBeNull();
        expect(codeOf(() => take(openProvider(), voucher, 'a', { now: terms.closesAt - 1_801 }))).toBeNull();
    });

    it.each<[string, Partial<p.Voucher>]>([
        ['foreign-channel', { channel: addressOf('another channel') }],
        ['foreign-opening', { openedLt: 76n }],
        ['not-covering', { amount: 79n }],
        ['above-deposit', { amount: 1_001n }],
        ['receipt-gap', { receiptHead: 1n }],
    ])('refuses %s', (code, change) => {
        const state = openProvider();
        expect(refusal(state, () => take(state, voucherWith(change), 'a'))).toBe(code);
    });

    it.each<[string, Partial<Parameters<typeof book.acceptVoucher>[1]>]>([
        ['closing', { now: terms.closesAt - 1_800 }],
        ['closing', { now: terms.closesAt }],
        ['out-of-range', { now: Number.NaN }],
        ['zero-amount', { cost: 0n }],
        ['negative-amount', { cost: -1n }],
        ['not-covering', { cost: 81n }],
        ['out-of-range', { requestHash: -1n + (1n << 257n) }],
        ['bad-signature', { signature: Buffer.alloc(64, 1) }],
        ['malformed-signature', { signature: Buffer.alloc(65) }],
        [
            'malformed-cell',
            { cell: p.signCloseAgreement({ ...terms, finalAmount: 9n, validUntil: 9 }, client.secretKey).cell },
        ],
    ])('refuses %s: %#', (code, change) => {
        const state = openProvider();
        expect(refusal(state, () => take(state, voucherWith(), 'a', change))).toBe(code);
    });

    it('refuses vouchers of others', () => {
        const state = openProvider();
        for (const by of [provider, stranger]) {
            expect(refusal(state, () => take(state, voucherWith({}, by), 'a'))).toBe('bad-signature');
        }
    });

    it('serves one request at a time, so that no voucher pays twice', () => {
        const { state } = take(openProvider(), voucherWith({ amount: 160n }), 'a');
        expect(refusal(state, () => take(state, voucherWith({ amount: 160n }), 'b'))).toBe('request-under-way');
        const released = book.releaseRequest(state).state;
        expect(released.voucher).toEqual(state.voucher);
        expect(codeOf(() => take(released, voucherWith({ amount: 160n }), 'b'))).toBeNull();
        expect(refusal(released, () => book.releaseRequest(released))).toBe('no-request');
    });

    it('refuses less than the newest voucher, takes the same amount for another request', () => {
        const { state } = take(openProvider(), voucherWith({ amount: 160n }), 'a');
        const released = book.releaseRequest(state).state;
        expect(refusal(released, () => take(released, voucherWith({ amount: 159n }), 'b'))).toBe('stale-voucher');
    });

    it('covers receipts and the request', () => {
        const { provider: state } = served('a');
        const receiptHead = headOf(state);
        expect(refusal(state, () => take(state, voucherWith({ amount: 159n, receiptHead }), 'b'))).toBe('not-covering');
        expect(codeOf(() => take(state, voucherWith({ amount: 160n, receiptHead }), 'b'))).toBeNull();
    });

    it('answers a gap with the newest receipt, with which the client goes on', () => {
        const paid = pay(openClient(), 'a');
        const { state } = issue(take(openProvider(), paid.output, 'a').state, 'a');
        // The receipt was lost: the client gives the request up and pays for another one.
        const other = pay(p.clientBook.abandon(paid.state).state, 'b');
        let gap: unknown;
        try {
            take(state, other.output, 'b');
        } catch (error) {
            gap = error;
        }
        expect(gap).toBeInstanceOf(p.ReceiptGapError);
        expect(gap).toBeInstanceOf(p.ChannelError);
        const { newest } = gap as p.ReceiptGapError;
        const caughtUp = receive(other.state, newest!, null).state;
        const again = pay(caughtUp, 'b');
        expect(take(state, again.output, 'b').output.amount).toBe(180n);
    });

    it('knows a client that speaks of receipts which were never issued', () => {
        const state = openProvider();
        try {
            take(state, voucherWith({ receiptHead: 5n }), 'a');
            throw new Error('accepted');
        } catch (error) {
            expect(error).toMatchObject({ code: 'receipt-gap', newest: null });
        }
    });

    it('lets no voucher pay for anything that was claimed before the book was opened', () => {
        const state = openProvider({ claimed: 300n });
        expect(refusal(state, () => take(state, voucherWith({ amount: 379n }), 'a'))).toBe('not-covering');
        const { state: taken } = take(state, voucherWith({ amount: 380n }), 'a');
        expect(book.redeemable(taken)!.due).toBe(80n);
        expect(p.parseReceipt(issue(taken, 'a').output.cell).amount).toBe(380n);
    });
});

const headOf = (state: p.ProviderBookState) => p.cellHash(book.newestReceipt(state)!.cell);

describe('issueReceipt', () => {
    const taken = take(openProvider(), voucherWith({ amount: 100n }), 'a').state;

    it('signs a chain', () => {
        const { provider: state, receipts } = served('a', 'b', 'c');
        const parsed = receipts.map(({ cell }) => p.parseReceipt(cell));
        expect(parsed.map(({ seq, amount }) => [seq, amount])).toEqual([
            [1n, 80n],
            [2n, 160n],
            [3n, 240n],
        ]);
        expect(parsed.map(({ previous }) => previous)).toEqual([
            0n,
            p.cellHash(receipts[0]!.cell),
            p.cellHash(receipts[1]!.cell),
        ]);
        const newest = book.newestReceipt(state)!;
        expect(newest.cell.equals(receipts[2]!.cell)).toBe(true);
        expect(newest.signature).toEqual(receipts[2]!.signature);
    });

    it('says what was served', () => {
        const { state, output } = issue(taken, 'a', {
            cost: 79n,
            usage: { prompt: 1, cached: 2, completion: 3, reasoning: 4 },
            traceRoot: 6n,
        });
        expect(plain(p.parseReceipt(output.cell))).toEqual(
            plain({
                channel: terms.channel,
                openedLt: 77n,
                seq: 1n,
                amount: 79n,
                previous: 0n,
                requestHash: hashOf('a'),
                responseHash: hashOf('a answered'),
                modelRoot: MODEL,
                usage: { prompt: 1, cached: 2, completion: 3, reasoning: 4 },
                traceRoot: 6n,
            }),
        );
        expect(p.verifyReceipt(output.cell, output.signature, keyOf(provider))).toBe(true);
        expect(state.request).toBeNull();
        const untraced = issue(taken, 'a', { cost: 0n }).output;
        expect(p.parseReceipt(untraced.cell)).toMatchObject({
            amount: 0n,
            usage: { prompt: 3, cached: 0, completion: 4, reasoning: 0 },
            traceRoot: null,
        });
    });

    it.each<[string, Partial<Parameters<typeof book.issueReceipt>[1]>]>([
        ['above-agreed', { cost: 81n }],
        ['negative-amount', { cost: -1n }],
        ['unknown-request', { requestHash: hashOf('b') }],
        ['foreign-key', { secretKey: client.secretKey }],
        ['out-of-range', { usage: { prompt: 2 ** 32, completion: 0 } }],
        ['out-of-range', { usage: { prompt: 0.5, completion: 0 } }],
        ['out-of-range', { traceRoot: 1n << 256n }],
        ['out-of-range', { modelRoot: Buffer.alloc(3) }],
    ])('refuses %s: %#', (code, change) => {
        expect(refusal(taken, () => issue(taken, 'a', change))).toBe(code);
    });

    it('never signs two for one voucher', () => {
        const { state } = issue(taken, 'a');
        expect(refusal(state, () => issue(state, 'a'))).toBe('no-request');
        expect(refusal(state, () => issue(state, 'b'))).toBe('no-request');
    });
});

describe('signClose', () => {
    const taken = take(openProvider(), voucherWith({ amount: 100n }), 'a').state;
    const close = (
        state: p.ProviderBookState,
        change: Partial<p.CloseAgreement> = {},
        input: Partial<Parameters<typeof book.signClose>[1]> = {},
    ) =>
        book.signClose(state, {
            agreement: p.createCloseAgreementCell({
                channel: terms.channel,
                openedLt: 77n,
                finalAmount: 100n,
                validUntil: NOW + 600,
                ...change,
            }),
            now: NOW,
            secretKey: provider.secretKey,
            ...input,
        });

    it('signs the very cell that the client signed', () => {
        const half = p.clientBook.signClose(openClient(), {
            finalAmount: 100n,
            validUntil: NOW + 600,
            now: NOW,
            secretKey: client.secretKey,
        }).output;
        const { output } = book.signClose(taken, { agreement: half.cell, now: NOW, secretKey: provider.secretKey });
        expect(output.cell.equals(half.cell)).toBe(true);
        expect(p.verifyCloseAgreement(output.cell, output.signature, provider.publicKey)).toBe(true);
    });

    it.each<[string, Partial<p.CloseAgreement>, Partial<Parameters<typeof book.signClose>[1]>]>([
        ['final-amount', { finalAmount: 99n }, {}],
        ['above-deposit', { finalAmount: 1_001n }, {}],
        ['valid-until', { validUntil: NOW }, {}],
        ['valid-until', { validUntil: NOW + 601 }, {}],
        ['foreign-channel', { channel: addressOf('another channel') }, {}],
        ['foreign-opening', { openedLt: 78n }, {}],
        ['foreign-key', {}, { secretKey: client.secretKey }],
        ['malformed-cell', {}, { agreement: voucherWith().cell }],
        ['out-of-range', {}, { now: Number.NaN }],
    ])('refuses %s: %#', (code, change, input) => {
        expect(refusal(taken, () => close(taken, change, input))).toBe(code);
    });

    it('signs for no less than was claimed', () => {
        const state = book.claimedOnChain(openProvider(), { openedLt: 77n, claimed: 200n }).state;
        expect(refusal(state, () => close(state, { finalAmount: 199n }))).toBe('final-amount');
        expect(codeOf(() => close(state, { finalAmount: 200n }))).toBeNull();
    });

    it('serves nothing until the channel was seen alive after validUntil, but finishes what it has', () => {
        const { state } = close(taken);
        expect(refusal(state, () => take(state, voucherWith({ amount: 100n }), 'a', { now: NOW + 700 }))).toBe(
            'close-agreed',
        );
        const done = issue(state, 'a').state;
        const receiptHead = headOf(done);
        const next = (at: number) => book.seenAlive(done, { openedLt: 77n, at }).state;
        const more = voucherWith({ amount: 180n, receiptHead });
        expect(refusal(done, () => take(next(NOW + 599), more, 'b'))).toBe('close-agreed');
        expect(codeOf(() => take(next(NOW + 600), more, 'b'))).toBeNull();
        expect(refusal(done, () => book.seenAlive(done, { openedLt: 76n, at: NOW + 600 }))).toBe('foreign-opening');
    });
});

describe('redeeming', () => {
    const policy = { minDue: 100n, beforeClosing: 3_600 };
    const late = terms.closesAt - 3_600;

    it('gives the newest voucher with what it brings', () => {
        const { provider: state } = served('a', 'b');
        const { voucher, due } = book.redeemable(state)!;
        expect(p.parseVoucher(voucher.cell).amount).toBe(180n);
        expect(p.verifyVoucher(voucher.cell, voucher.signature, client.publicKey)).toBe(true);
        expect(due).toBe(180n);
        const once = book.claimedOnChain(state, { openedLt: 77n, claimed: 100n }).state;
        expect(book.redeemable(once)!.due).toBe(80n);
        const all = book.claimedOnChain(state, { openedLt: 77n, claimed: 180n }).state;
        expect(book.redeemable(all)).toBeNull();
        const gift = book.claimedOnChain(state, { openedLt: 77n, claimed: 900n }).state;
        expect(book.redeemable(gift)).toBeNull();
        expect(book.redeemable(openProvider())).toBeNull();
    });

    it('is time when enough is due or the end is near', () => {
        const { provider: state } = served('a');
        expect(book.redeemable(state)!.due).toBe(100n);
        expect(book.shouldRedeem(state, NOW, policy)).toBe(true);
        expect(book.shouldRedeem(state, NOW, { ...policy, minDue: 101n })).toBe(false);
        expect(book.shouldRedeem(state, late - 1, { ...policy, minDue: 101n })).toBe(false);
        expect(book.shouldRedeem(state, late, { ...policy, minDue: 101n })).toBe(true);
        expect(book.shouldRedeem(state, terms.closesAt + 9, { ...policy, minDue: 101n })).toBe(true);
        const all = book.claimedOnChain(state, { openedLt: 77n, claimed: 100n }).state;
        expect(book.shouldRedeem(all, late, { ...policy, minDue: 0n })).toBe(false);
        const nearer = book.closesAtMoved(state, { openedLt: 77n, closesAt: NOW + 3_600 }).state;
        expect(book.shouldRedeem(nearer, NOW, { ...policy, minDue: 101n })).toBe(true);
        expect(codeOf(() => book.shouldRedeem(state, Number.NaN, policy))).toBe('out-of-range');
    });

    it('follows the deposit', () => {
        const state = openProvider();
        const more = book.toppedUp(state, { openedLt: 77n, totalDeposited: 1_001n }).state;
        expect(codeOf(() => take(more, voucherWith({ amount: 1_001n }), 'a'))).toBeNull();
        expect(refusal(more, () => book.toppedUp(more, { openedLt: 77n, totalDeposited: 1_000n }))).toBe(
            'falling-deposit',
        );
        expect(refusal(more, () => book.claimedOnChain(more, { openedLt: 76n, claimed: 1n }))).toBe('foreign-opening');
        expect(refusal(more, () => book.closesAtMoved(more, { openedLt: 77n, closesAt: terms.closesAt + 1 }))).toBe(
            'later-closing',
        );
    });
});
