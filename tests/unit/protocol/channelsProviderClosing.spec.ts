import * as p from '../../../protocol';
import { addressOf } from '../wrappers/fixtures';
import {
    client,
    codeOf,
    issue,
    NOW,
    openClient,
    openProvider,
    provider,
    providerRefusal,
    served,
    take,
    terms,
    voucherWith,
} from './channelsSupport';

const book = p.providerBook;

const headOf = (state: p.ProviderBookState) => p.cellHash(book.newestReceipt(state)!.cell);

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
        expect(providerRefusal(taken, () => close(taken, change, input))).toBe(code);
    });

    it('signs for no less than was claimed', () => {
        const state = book.claimedOnChain(openProvider(), { openedLt: 77n, claimed: 200n }).state;
        expect(providerRefusal(state, () => close(state, { finalAmount: 199n }))).toBe('final-amount');
        expect(codeOf(() => close(state, { finalAmount: 200n }))).toBeNull();
    });

    it('serves nothing until the channel was seen alive after validUntil, but finishes what it has', () => {
        const { state } = close(taken);
        expect(providerRefusal(state, () => take(state, voucherWith({ amount: 100n }), 'a', { now: NOW + 700 }))).toBe(
            'close-agreed',
        );
        const done = issue(state, 'a').state;
        const receiptHead = headOf(done);
        const next = (at: number) => book.seenAlive(done, { openedLt: 77n, at }).state;
        const more = voucherWith({ amount: 180n, receiptHead });
        expect(providerRefusal(done, () => take(next(NOW + 599), more, 'b'))).toBe('close-agreed');
        expect(codeOf(() => take(next(NOW + 600), more, 'b'))).toBeNull();
        expect(providerRefusal(done, () => book.seenAlive(done, { openedLt: 76n, at: NOW + 600 }))).toBe(
            'foreign-opening',
        );
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
        expect(providerRefusal(more, () => book.toppedUp(more, { openedLt: 77n, totalDeposited: 1_000n }))).toBe(
            'falling-deposit',
        );
        expect(providerRefusal(more, () => book.claimedOnChain(more, { openedLt: 76n, claimed: 1n }))).toBe(
            'foreign-opening',
        );
        expect(
            providerRefusal(more, () => book.closesAtMoved(more, { openedLt: 77n, closesAt: terms.closesAt + 1 })),
        ).toBe('later-closing');
    });
});
