import * as p from '../../../protocol';
import { addressOf } from '../wrappers/fixtures';
import {
    amountOf,
    client,
    clientRefusal,
    codeOf,
    hashOf,
    issue,
    keyOf,
    NOW,
    openClient,
    openProvider,
    pay,
    plain,
    receiptWith,
    receive,
    served,
    stranger,
    take,
    terms,
} from './channelsSupport';

const book = p.clientBook;

describe('open', () => {
    it('begins with what was claimed already', () => {
        expect(openClient().receipt).toEqual({ seq: 0n, head: 0n, amount: 0n });
        expect(amountOf(pay(openClient({ claimed: 300n }), 'a').output)).toBe(400n);
    });

    it.each<[Partial<p.ChannelTerms>, string]>([
        [{ clientKey: 0n }, 'weak-key'],
        [{ providerKey: 0n }, 'weak-key'],
        [{ providerKey: keyOf(client) }, 'duplicate'],
        [{ openedLt: 0n }, 'out-of-range'],
        [{ claimed: 1_001n }, 'out-of-range'],
        [{ closeDelay: 3_599 }, 'out-of-range'],
    ])('refuses terms of no open channel: %#', (change, code) => {
        expect(codeOf(() => openClient(change))).toBe(code);
    });
});

describe('pay', () => {
    it('signs for the newest receipt and the maximum on top', () => {
        const { state, output } = pay(openClient(), 'a');
        expect(plain(p.parseVoucher(output.cell))).toEqual(
            plain({ channel: terms.channel, openedLt: 77n, amount: 100n, receiptHead: 0n }),
        );
        expect(p.verifyVoucher(output.cell, output.signature, terms.clientKey)).toBe(true);
        expect(state.voucher).toEqual({ amount: 100n, receiptHead: 0n, signature: output.signature });
        const next = served('a', 'b');
        const paid = pay(next.client, 'c').output;
        expect(p.parseVoucher(paid.cell)).toMatchObject({
            amount: 260n,
            receiptHead: p.cellHash(next.receipts[1]!.cell),
        });
    });

    it('never signs for less than before', () => {
        const { client: after } = served('a');
        expect(amountOf(pay(after, 'b', { maxCost: 1n }).output)).toBe(100n);
        expect(amountOf(pay(after, 'b', { maxCost: 20n }).output)).toBe(100n);
        expect(amountOf(pay(after, 'b', { maxCost: 21n }).output)).toBe(101n);
    });

    it('gives the same voucher for the same request, and refuses another one until the receipt comes', () => {
        const first = pay(openClient(), 'a');
        const again = pay(first.state, 'a');
        expect(again.state).toEqual(first.state);
        expect(again.output.cell.equals(first.output.cell)).toBe(true);
        expect(again.output.signature).toEqual(first.output.signature);
        expect(clientRefusal(first.state, () => pay(first.state, 'b'))).toBe('receipt-gap');
        const changed = [{ maxCost: 101n }, { maxCost: 99n }, { modelRoot: hashOf('another model') }];
        for (const change of changed) {
            expect(clientRefusal(first.state, () => pay(first.state, 'a', change))).toBe('request-changed');
        }
    });

    it.each<[Partial<Parameters<typeof book.pay>[1]>, string]>([
        [{ maxCost: 0n }, 'zero-amount'],
        [{ maxCost: -1n }, 'negative-amount'],
        [{ maxCost: 1n << 64n }, 'out-of-range'],
        [{ maxCost: 1_001n }, 'above-deposit'],
        [{ requestHash: 1n << 256n }, 'out-of-range'],
        [{ requestHash: Buffer.alloc(31) }, 'out-of-range'],
        [{ now: Number.NaN }, 'out-of-range'],
        [{ margin: Number.NaN }, 'out-of-range'],
        [{ now: terms.closesAt - 60 }, 'closing'],
        [{ now: terms.closesAt }, 'closing'],
        [{ now: NOW, margin: 86_400 }, 'closing'],
        [{ secretKey: stranger.secretKey }, 'foreign-key'],
        [{ secretKey: client.secretKey.subarray(32) }, 'foreign-key'],
    ])('refuses %#: %s', (change, code) => {
        const state = openClient();
        expect(clientRefusal(state, () => pay(state, 'a', change))).toBe(code);
    });

    it('pays up to the whole deposit, and up to the margin before the end', () => {
        expect(amountOf(pay(openClient(), 'a', { maxCost: 1_000n }).output)).toBe(1_000n);
        expect(codeOf(() => pay(openClient(), 'a', { now: terms.closesAt - 61 }))).toBeNull();
        expect(codeOf(() => pay(openClient(), 'a', { now: terms.closesAt - 1, margin: 0 }))).toBeNull();
    });
});

describe('acceptReceipt', () => {
    const paid = pay(openClient(), 'a').state;

    it('ends the request under way, and takes the same receipt again', () => {
        const signed = receiptWith({ traceRoot: 5n });
        const { state, output } = receive(paid, signed, 'a');
        expect(plain(output)).toEqual(plain(p.parseReceipt(signed.cell)));
        expect(state.request).toBeNull();
        expect(state.receipt).toEqual({ seq: 1n, head: p.cellHash(signed.cell), amount: 80n });
        expect(receive(state, signed, 'a').state).toBe(state);
        expect(receive(state, signed, null).state).toBe(state);
        const next = pay(state, 'b').state;
        expect(receive(next, signed, 'a').state).toBe(next);
    });

    it('takes any cost from nothing to the maximum', () => {
        for (const amount of [0n, 1n, 100n]) {
            expect(receive(paid, receiptWith({ amount }), 'a').state.receipt.amount).toBe(amount);
        }
    });

    it.each<[string, Partial<p.Receipt>]>([
        ['foreign-channel', { channel: addressOf('another channel') }],
        ['foreign-opening', { openedLt: 78n }],
        ['stale-receipt', { seq: 0n }],
        ['receipt-gap', { seq: 2n }],
        ['wrong-link', { previous: 1n }],
        ['unknown-request', { requestHash: hashOf('b') }],
        ['above-voucher', { amount: 101n }],
        ['model-mismatch', { modelRoot: hashOf('a cheaper model') }],
        ['response-mismatch', { responseHash: hashOf('another response') }],
    ])('refuses %s', (code, change) => {
        expect(clientRefusal(paid, () => receive(paid, receiptWith(change), 'a'))).toBe(code);
    });

    it('refuses receipts of nobody, of the client, and cells that are none', () => {
        const signed = receiptWith();
        const take = (change: Partial<Parameters<typeof book.acceptReceipt>[1]>) => () =>
            book.acceptReceipt(paid, { ...signed, responseHash: hashOf('a answered'), ...change });
        expect(clientRefusal(paid, () => receive(paid, receiptWith({}, client), 'a'))).toBe('bad-signature');
        expect(clientRefusal(paid, take({ signature: Buffer.alloc(64, 1) }))).toBe('bad-signature');
        expect(clientRefusal(paid, take({ signature: Buffer.alloc(63) }))).toBe('malformed-signature');
        expect(clientRefusal(paid, take({ cell: pay(openClient(), 'a').output.cell }))).toBe('malformed-cell');
        expect(clientRefusal(paid, take({ responseHash: null }))).toBe('response-missing');
        expect(clientRefusal(paid, take({ responseHash: 1n << 256n }))).toBe('out-of-range');
    });

    it('wants a good signature even for a receipt that it has', () => {
        const signed = receiptWith();
        const { state } = receive(paid, signed, 'a');
        const unsigned = { ...signed, signature: Buffer.alloc(64, 1) };
        expect(clientRefusal(state, () => receive(state, unsigned, 'a'))).toBe('bad-signature');
    });

    it('refuses a receipt of nothing that was paid, and less than before', () => {
        const state = openClient();
        expect(clientRefusal(state, () => receive(state, receiptWith(), 'a'))).toBe('unknown-request');
        const later = served('a');
        const next = pay(later.client, 'b').state;
        const head = later.client.receipt.head;
        const second = { seq: 2n, previous: head, requestHash: hashOf('b'), responseHash: hashOf('b answered') };
        expect(clientRefusal(next, () => receive(next, receiptWith({ ...second, amount: 79n }), 'b'))).toBe(
            'falling-amount',
        );
        expect(receive(next, receiptWith({ ...second, amount: 80n }), 'b').state.receipt.amount).toBe(80n);
    });

    it('knows a fork from an older receipt', () => {
        const { client: state, receipts } = served('a', 'b');
        expect(clientRefusal(state, () => receive(state, receipts[0]!, 'a'))).toBe('stale-receipt');
        const fork = receiptWith({ seq: 2n, amount: 100n, previous: state.receipt.head, requestHash: hashOf('b') });
        expect(clientRefusal(state, () => receive(state, fork, 'a'))).toBe('forked-receipt');
    });

    it('lets no request cost more than was agreed, even where an older voucher would cover it', () => {
        const given = book.abandon(paid).state;
        const cheap = pay(given, 'b', { maxCost: 10n });
        expect(amountOf(cheap.output)).toBe(100n);
        const asked = { requestHash: hashOf('b'), responseHash: hashOf('b answered') };
        expect(
            clientRefusal(cheap.state, () => receive(cheap.state, receiptWith({ ...asked, amount: 11n }), 'b')),
        ).toBe('above-agreed');
        expect(receive(cheap.state, receiptWith({ ...asked, amount: 10n }), 'b').state.receipt.amount).toBe(10n);
    });
});

describe('abandon', () => {
    const paid = pay(openClient(), 'a').state;
    const given = book.abandon(paid).state;

    it('keeps the amount of the voucher as spent', () => {
        expect(given).toEqual({ ...paid, request: null, abandoned: [paid.request] });
        expect(amountOf(pay(given, 'b', { maxCost: 40n }).output)).toBe(100n);
        expect(amountOf(pay(given, 'b', { maxCost: 140n }).output)).toBe(140n);
        expect(clientRefusal(given, () => book.abandon(given))).toBe('no-request');
    });

    it('still takes the receipt, without the response that never came', () => {
        const { state } = receive(given, receiptWith(), null);
        expect(state).toMatchObject({ receipt: { seq: 1n, amount: 80n }, request: null, abandoned: [] });
        expect(clientRefusal(given, () => receive(given, receiptWith(), 'b'))).toBe('response-mismatch');
    });

    it('takes it while another request is under way, whose voucher then names it', () => {
        const other = pay(given, 'b');
        const late = receive(other.state, receiptWith(), null).state;
        expect(late).toMatchObject({ request: { requestHash: hashOf('b') }, abandoned: [] });
        const again = pay(late, 'b');
        expect(p.parseVoucher(again.output.cell)).toMatchObject({ amount: 180n, receiptHead: late.receipt.head });
        const next = issue(take(issueFirst(), again.output, 'b').state, 'b').output;
        expect(receive(again.state, next, 'b').state.receipt.amount).toBe(160n);
    });

    /** The provider that receipted "a". */
    function issueFirst(): p.ProviderBookState {
        return issue(take(openProvider(), pay(openClient(), 'a').output, 'a').state, 'a', {
            usage: { prompt: 1, completion: 1 },
        }).state;
    }

    it('takes the request up again, as it was', () => {
        const again = pay(given, 'a');
        expect(again.state).toEqual(paid);
        expect(clientRefusal(given, () => pay(given, 'a', { maxCost: 101n }))).toBe('request-changed');
    });

    it('is possible eight times without an answer, then only a receipt helps', () => {
        let state = openClient();
        for (let i = 0; i < p.MAX_ABANDONED; i++) {
            state = book.abandon(pay(state, `request ${i}`).state).state;
        }
        expect(state.abandoned).toHaveLength(8);
        expect(clientRefusal(state, () => pay(state, 'one more'))).toBe('too-many-abandoned');
        expect(codeOf(() => pay(state, 'request 3'))).toBeNull();
        const answered = receive(state, receiptWith({ requestHash: hashOf('request 5') }), null).state;
        expect(codeOf(() => pay(answered, 'one more'))).toBeNull();
        expect(amountOf(pay(state, 'request 3').output)).toBe(100n);
    });
});
