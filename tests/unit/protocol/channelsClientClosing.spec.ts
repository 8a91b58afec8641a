import * as p from '../../../protocol';
import {
    amountOf,
    client,
    clientRefusal,
    codeOf,
    NOW,
    openClient,
    pay,
    plain,
    provider,
    receiptWith,
    receive,
    served,
    terms,
} from './channelsSupport';

const book = p.clientBook;

describe('closing', () => {
    const close = (state: p.ClientBookState, change: Partial<Parameters<typeof book.signClose>[1]> = {}) =>
        book.signClose(state, {
            finalAmount: 80n,
            validUntil: NOW + 600,
            now: NOW,
            secretKey: client.secretKey,
            ...change,
        });

    it('signs an agreement that pays for every receipt', () => {
        const { client: state } = served('a');
        const { output } = close(state);
        expect(plain(p.parseCloseAgreement(output.cell))).toEqual(
            plain({ channel: terms.channel, openedLt: 77n, finalAmount: 80n, validUntil: NOW + 600 }),
        );
        expect(p.verifyCloseAgreement(output.cell, output.signature, client.publicKey)).toBe(true);
        expect(codeOf(() => close(state, { finalAmount: 1_000n, validUntil: NOW + 1 }))).toBeNull();
    });

    it.each<[Partial<Parameters<typeof book.signClose>[1]>, string]>([
        [{ finalAmount: 79n }, 'final-amount'],
        [{ finalAmount: 1_001n }, 'above-deposit'],
        [{ finalAmount: -1n }, 'negative-amount'],
        [{ validUntil: NOW }, 'valid-until'],
        [{ validUntil: NOW + 601 }, 'valid-until'],
        [{ validUntil: Number.NaN }, 'out-of-range'],
        [{ now: Number.NaN }, 'out-of-range'],
        [{ secretKey: provider.secretKey }, 'foreign-key'],
    ])('refuses %#: %s', (change, code) => {
        const { client: state } = served('a');
        expect(clientRefusal(state, () => close(state, change))).toBe(code);
    });

    it('signs for no less than was claimed', () => {
        const state = book.claimedOnChain(served('a').client, { openedLt: 77n, claimed: 100n }).state;
        expect(clientRefusal(state, () => close(state, { finalAmount: 99n }))).toBe('final-amount');
        expect(codeOf(() => close(state, { finalAmount: 100n }))).toBeNull();
    });

    it('pays nothing until the channel was seen alive after validUntil', () => {
        const { state } = close(openClient());
        expect(clientRefusal(state, () => pay(state, 'a', { now: NOW + 601 }))).toBe('close-agreed');
        const early = book.seenAlive(state, { openedLt: 77n, at: NOW + 599 }).state;
        expect(early).toBe(state);
        const alive = book.seenAlive(state, { openedLt: 77n, at: NOW + 600 }).state;
        expect(codeOf(() => pay(alive, 'a', { now: NOW + 600 }))).toBeNull();
        expect(clientRefusal(state, () => book.seenAlive(state, { openedLt: 78n, at: NOW + 600 }))).toBe(
            'foreign-opening',
        );
        expect(clientRefusal(state, () => book.seenAlive(state, { openedLt: 77n, at: Number.NaN }))).toBe(
            'out-of-range',
        );
    });

    it('waits for the later of two agreements', () => {
        const twice = close(close(openClient()).state, { finalAmount: 90n, validUntil: NOW + 60 }).state;
        expect(twice.agreed).toEqual({ finalAmount: 80n, validUntil: NOW + 600 });
        const longer = close(close(openClient(), { validUntil: NOW + 60 }).state).state;
        expect(longer.agreed!.validUntil).toBe(NOW + 600);
    });

    it('still takes the receipt of the request under way', () => {
        const { state } = close(pay(openClient(), 'a').state);
        expect(receive(state, receiptWith(), 'a').state.receipt.seq).toBe(1n);
    });

    it('pays nothing once a request to close is signed', () => {
        const { state, output } = book.signCloseRequest(openClient(), client);
        expect(p.verifyCloseRequest(terms, output, client.publicKey)).toBe(true);
        expect(clientRefusal(state, () => pay(state, 'a'))).toBe('closing');
        expect(clientRefusal(state, () => book.signCloseRequest(state, provider))).toBe('foreign-key');
    });
});

describe('what the chain shows', () => {
    it('raises the deposit and nothing else', () => {
        const state = openClient();
        const more = book.toppedUp(state, { openedLt: 77n, totalDeposited: 1_200n }).state;
        expect(amountOf(pay(more, 'a', { maxCost: 1_200n }).output)).toBe(1_200n);
        for (const [sighting, code] of [
            [{ openedLt: 77n, totalDeposited: 1_199n }, 'falling-deposit'],
            [{ openedLt: 78n, totalDeposited: 1_300n }, 'foreign-opening'],
            [{ openedLt: 77n, totalDeposited: 1n << 64n }, 'out-of-range'],
        ] as const) {
            expect(clientRefusal(more, () => book.toppedUp(more, sighting))).toBe(code);
        }
    });

    it('raises what was claimed, at most to the deposit', () => {
        const state = book.claimedOnChain(openClient(), { openedLt: 77n, claimed: 10n }).state;
        for (const [sighting, code] of [
            [{ openedLt: 77n, claimed: 9n }, 'falling-claim'],
            [{ openedLt: 77n, claimed: 1_001n }, 'above-deposit'],
            [{ openedLt: 78n, claimed: 11n }, 'foreign-opening'],
        ] as const) {
            expect(clientRefusal(state, () => book.claimedOnChain(state, sighting))).toBe(code);
        }
    });

    it('brings the end nearer', () => {
        const state = book.closesAtMoved(openClient(), { openedLt: 77n, closesAt: NOW + 100 }).state;
        expect(clientRefusal(state, () => pay(state, 'a', { now: NOW + 40 }))).toBe('closing');
        expect(codeOf(() => pay(state, 'a', { now: NOW + 39 }))).toBeNull();
        for (const [sighting, code] of [
            [{ openedLt: 77n, closesAt: NOW + 101 }, 'later-closing'],
            [{ openedLt: 77n, closesAt: 0 }, 'foreign-opening'],
            [{ openedLt: 78n, closesAt: NOW }, 'foreign-opening'],
            [{ openedLt: 77n, closesAt: Number.NaN }, 'out-of-range'],
        ] as const) {
            expect(clientRefusal(state, () => book.closesAtMoved(state, sighting))).toBe(code);
        }
    });
});
