import * as p from '../../../protocol';
import { addressOf } from '../wrappers/fixtures';
import {
    client,
    codeOf,
    hashOf,
    issue,
    keyOf,
    MODEL,
    openClient,
    openProvider,
    pay,
    plain,
    provider,
    providerRefusal,
    receive,
    served,
    stranger,
    take,
    terms,
    voucherWith,
} from './channelsSupport';

const book = p.providerBook;

const headOf = (state: p.ProviderBookState) => p.cellHash(book.newestReceipt(state)!.cell);

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
        expect(providerRefusal(state, () => take(state, voucherWith(change), 'a'))).toBe(code);
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
        expect(providerRefusal(state, () => take(state, voucherWith(), 'a', change))).toBe(code);
    });

    it('refuses vouchers of others', () => {
        const state = openProvider();
        for (const by of [provider, stranger]) {
            expect(providerRefusal(state, () => take(state, voucherWith({}, by), 'a'))).toBe('bad-signature');
        }
    });

    it('serves one request at a time, so that no voucher pays twice', () => {
        const { state } = take(openProvider(), voucherWith({ amount: 160n }), 'a');
        expect(providerRefusal(state, () => take(state, voucherWith({ amount: 160n }), 'b'))).toBe('request-under-way');
        const released = book.releaseRequest(state).state;
        expect(released.voucher).toEqual(state.voucher);
        expect(codeOf(() => take(released, voucherWith({ amount: 160n }), 'b'))).toBeNull();
        expect(providerRefusal(released, () => book.releaseRequest(released))).toBe('no-request');
    });

    it('refuses less than the newest voucher, takes the same amount for another request', () => {
        const { state } = take(openProvider(), voucherWith({ amount: 160n }), 'a');
        const released = book.releaseRequest(state).state;
        expect(providerRefusal(released, () => take(released, voucherWith({ amount: 159n }), 'b'))).toBe(
            'stale-voucher',
        );
    });

    it('covers receipts and the request', () => {
        const { provider: state } = served('a');
        const receiptHead = headOf(state);
        expect(providerRefusal(state, () => take(state, voucherWith({ amount: 159n, receiptHead }), 'b'))).toBe(
            'not-covering',
        );
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
        expect(providerRefusal(state, () => take(state, voucherWith({ amount: 379n }), 'a'))).toBe('not-covering');
        const { state: taken } = take(state, voucherWith({ amount: 380n }), 'a');
        expect(book.redeemable(taken)!.due).toBe(80n);
        expect(p.parseReceipt(issue(taken, 'a').output.cell).amount).toBe(380n);
    });
});

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
        expect(providerRefusal(taken, () => issue(taken, 'a', change))).toBe(code);
    });

    it('never signs two for one voucher', () => {
        const { state } = issue(taken, 'a');
        expect(providerRefusal(state, () => issue(state, 'a'))).toBe('no-request');
        expect(providerRefusal(state, () => issue(state, 'b'))).toBe('no-request');
    });
});
