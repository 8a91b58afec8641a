import { Address } from '@ton/core';
import * as p from '../../../protocol';
import { addressOf } from '../wrappers/fixtures';
import { CHANNEL, client, codeOf, keyOf, NOW, offerWith, policy, provider, stranger, terms } from './channelsSupport';

function reasonsFor(change: Partial<p.ChannelOffer>, changed: Partial<p.ChannelPolicy> = {}): p.ChannelRefusalCode[] {
    const decision = p.acceptChannel(offerWith(change), { ...policy, ...changed });
    return decision.ok ? [] : decision.reasons.map(({ code }) => code);
}

const atEveryLimit: Partial<p.ChannelOffer> = {
    openedLt: 1n,
    totalDeposited: 700n,
    claimed: 200n,
    closesAt: NOW + 3_600,
    closeDelay: 3_600,
    clientChannels: 1,
};

it('takes a channel that is exactly at every limit', () => {
    const decision = p.acceptChannel(offerWith(atEveryLimit), policy);
    expect(decision).toMatchObject({ ok: true });
    const { accepted } = decision as Extract<p.ChannelDecision, { ok: true }>;
    expect(accepted.terms).toEqual({ ...terms, ...atEveryLimit, clientChannels: undefined });
    expect(accepted.redeemMargin).toBe(1_800);
    expect(accepted.client.equals(addressOf('client'))).toBe(true);
});

describe('one step beyond a limit it gives exactly that reason', () => {
    it.each<[p.ChannelRefusalCode, Partial<p.ChannelOffer>]>([
        ['foreign-code', { codeHash: 6n }],
        ['foreign-channel', { derived: addressOf('elsewhere') }],
        ['foreign-channel', { derived: new Address(-1, CHANNEL.hash) }],
        ['foreign-settlement', { settlement: addressOf('another till') }],
        ['foreign-provider-key', { providerKey: keyOf(stranger) }],
        ['weak-client-key', { clientKey: 0n }],
        ['weak-client-key', { clientKey: 1n << 248n }],
        ['weak-client-key', { clientKey: 1n << 256n }],
        ['shared-key', { clientKey: keyOf(provider) }],
        ['deposit', { totalDeposited: 699n }],
        ['deposit', { claimed: 201n }],
        ['closes-at', { closesAt: NOW + 3_599 }],
        ['close-delay', { closeDelay: 3_600 }],
        ['client-channels', { clientChannels: 2 }],
    ])('%s: %#', (code, change) => {
        const stricter = code === 'close-delay' ? { minCloseDelay: 3_601 } : {};
        expect(reasonsFor({ ...atEveryLimit, ...change }, stricter)).toEqual([code]);
    });

    it.each<Partial<p.ChannelOffer>>([
        { openedLt: 0n },
        { closesAt: 0 },
        { claimed: 1_001n },
        { closeDelay: 3_599 },
        { closeDelay: 2_592_001 },
        { closeDelay: Number.NaN },
        { closesAt: Number.NaN },
        { closesAt: 1.5 },
        { totalDeposited: 1n << 64n },
        { openedLt: -1n },
        { channel: new Address(-1, CHANNEL.hash) },
    ])('malformed-channel: %#', (change) => {
        expect(reasonsFor(change)).toEqual(['malformed-channel']);
    });
});

describe('a channel whose code is a library', () => {
    const change = { ...atEveryLimit, form: 'library' as const };
    const end = NOW + 3_600 + policy.redeemMargin;

    it('is taken where that is paid until the margin after its end, and not for a second less', () => {
        expect(reasonsFor(change, { codeLibraryPaidUntil: end })).toEqual([]);
        expect(reasonsFor(change, { codeLibraryPaidUntil: end - 1 })).toEqual(['library-unpaid']);
        expect(reasonsFor(change, { codeLibraryPaidUntil: end, redeemMargin: policy.redeemMargin + 1 })).toEqual([
            'library-unpaid',
        ]);
    });

    it('is not taken where no library is known, and a channel that carries its code is', () => {
        expect(reasonsFor(change, { codeLibraryPaidUntil: 0 })).toEqual(['library-unpaid']);
        expect(reasonsFor({ ...change, form: 'full' }, { codeLibraryPaidUntil: 0 })).toEqual([]);
    });
});

it('knows whoever uses the key of another provider on both sides', () => {
    const both = { clientKey: keyOf(stranger), providerKey: keyOf(stranger) };
    expect(reasonsFor(both)).toEqual(['foreign-provider-key', 'shared-key']);
});

it('lists all reasons at once', () => {
    const reasons = reasonsFor({ codeHash: 0n, clientKey: 0n, totalDeposited: 1n, clientChannels: 9 });
    expect(reasons).toEqual(['foreign-code', 'weak-client-key', 'deposit', 'client-channels']);
});

it.each<[Partial<p.ChannelOffer>, Partial<p.ChannelPolicy>, string]>([
    [{ now: Number.NaN }, {}, 'out-of-range'],
    [{ clientChannels: Number.NaN }, {}, 'out-of-range'],
    [{}, { minRemaining: Number.NaN }, 'out-of-range'],
    [{}, { minRemaining: 1_800 }, 'out-of-range'],
    [{}, { minCloseDelay: Number.NaN }, 'out-of-range'],
    [{}, { redeemMargin: Number.NaN }, 'out-of-range'],
    [{}, { maxChannelsPerClient: Number.NaN }, 'out-of-range'],
    [{}, { codeLibraryPaidUntil: Number.NaN }, 'out-of-range'],
    [{}, { codeLibraryPaidUntil: Infinity }, 'out-of-range'],
    [{}, { minDeposit: -1n }, 'negative-amount'],
    [{}, { signingKey: 0n }, 'weak-key'],
])('throws for limits that limit nothing: %#', (change, changed, code) => {
    expect(codeOf(() => p.acceptChannel(offerWith(change), { ...policy, ...changed }))).toBe(code);
});

describe('nothing skips the examination', () => {
    const { accepted } = p.acceptChannel(offerWith(), policy) as Extract<p.ChannelDecision, { ok: true }>;

    it('a copy of an accepted channel is none', () => {
        expect(codeOf(() => p.providerBook.open(accepted))).toBeNull();
        expect(codeOf(() => p.providerBook.open({ ...accepted }))).toBe('policy-refused');
        expect(codeOf(() => p.requireExaminedChannel({ ...accepted }))).toBe('policy-refused');
    });

    it('an accepted channel cannot be changed afterwards', () => {
        expect(() => Object.assign(accepted, { redeemMargin: 0 })).toThrow(TypeError);
        expect(() => Object.assign(accepted.terms, { clientKey: keyOf(client) })).toThrow(TypeError);
    });
});
