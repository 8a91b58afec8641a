import fc from 'fast-check';
import * as p from '../../../protocol';
import { Tier } from '../../../wrappers';
import {
    CHANNEL,
    client,
    codeOf,
    keyOf,
    NOW,
    openClient,
    openProvider,
    pay,
    provider,
    served,
    stranger,
    take,
} from './channelsSupport';

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const keys = [client, provider, stranger].map(keyOf);

/** Terms of an open channel with so much deposited. */
const terms = (totalDeposited: bigint) =>
    fc.record({
        channel: fc.constant(CHANNEL.toRawString()),
        openedLt: uint(64).map((lt) => (lt === 0n ? 1n : lt)),
        clientKey: fc.constantFrom(keys[0]!, keys[2]!),
        providerKey: fc.constant(keys[1]!),
        totalDeposited: fc.constant(totalDeposited),
        claimed: fc.bigInt({ min: 0n, max: totalDeposited }),
        closesAt: u32.map((at) => at || 1),
        closeDelay: fc.integer({ min: 3_600, max: 2_592_000 }),
    });

const agreed = (least: bigint, most: bigint) =>
    fc.option(fc.record({ finalAmount: fc.bigInt({ min: least, max: most }), validUntil: u32 }));

const paidRequests = (most: bigint) =>
    fc.uniqueArray(
        fc.record({
            requestHash: uint(256),
            modelRoot: uint(256),
            maxCost: fc.bigInt({ min: 1n, max: most }),
        }),
        { maxLength: 8, selector: ({ requestHash }) => requestHash },
    );

const clientStates: fc.Arbitrary<p.ClientBookState> = uint(64).chain((deposit) =>
    fc.bigInt({ min: 0n, max: deposit }).chain((promised) => {
        const isPaid = promised > 0n;
        return fc
            .record({
                terms: terms(deposit),
                tier: fc.constantFrom(Tier.Open, Tier.Attested),
                voucher: isPaid
                    ? fc.record({ amount: fc.constant(promised), receiptHead: uint(256), signature })
                    : fc.constant(null),
                receipt: isPaid
                    ? fc.record({
                          seq: uint(64).map((seq) => seq || 1n),
                          head: uint(256).map((head) => head || 1n),
                          amount: fc.bigInt({ min: 0n, max: promised }),
                      })
                    : fc.record({
                          seq: fc.constant(0n),
                          head: fc.constant(0n),
                          amount: fc.bigInt({ min: 0n, max: deposit }),
                      }),
                requests: isPaid ? paidRequests(promised) : fc.constant([]),
                underWay: fc.boolean(),
                agreed: agreed(0n, deposit),
                closeRequested: fc.boolean(),
            })
            .map(({ requests, underWay, ...state }) => ({
                ...state,
                request: underWay ? (requests[0] ?? null) : null,
                abandoned: underWay ? requests.slice(1) : requests,
            }));
    }),
);

const providerStates: fc.Arbitrary<p.ProviderBookState> = fc
    .tuple(uint(64), uint(64), uint(64), uint(64))
    .map((amounts) => amounts.sort((a, b) => (a < b ? -1 : 1)))
    .chain(([before, receipted, promised, deposit]) =>
        fc
            .record({
                terms: terms(deposit!).map((value) => ({
                    ...value,
                    claimed: value.claimed < before! ? before! : value.claimed,
                })),
                redeemMargin: u32,
                claimedBefore: fc.constant(before!),
                voucher: fc.record({ amount: fc.constant(promised!), receiptHead: uint(256), signature }),
                receipt: fc.record({
                    seq: uint(64).map((seq) => seq || 1n),
                    amount: fc.constant(receipted!),
                    previous: uint(256),
                    requestHash: uint(256),
                    responseHash: uint(256),
                    modelRoot: uint(256),
                    usage: fc.record({ prompt: u32, cached: u32, completion: u32, reasoning: u32 }),
                    traceRoot: fc.option(uint(256)),
                    signature,
                }),
                request: fc.option(fc.record({ requestHash: uint(256), cost: fc.constant(promised! - receipted!) })),
                agreed: agreed(promised!, deposit!),
                shape: fc.constantFrom('fresh', 'paid', 'receipted'),
            })
            .map(({ shape, ...state }) => ({
                ...state,
                voucher: shape === 'fresh' ? null : state.voucher,
                receipt: shape === 'receipted' ? state.receipt : null,
                request: shape === 'receipted' && state.request?.cost ? state.request : null,
            })),
    );

const sides = {
    client: {
        states: clientStates as fc.Arbitrary<unknown>,
        encode: p.encodeClientState as (state: never) => Uint8Array,
        decode: p.decodeClientState as (bytes: Uint8Array) => unknown,
        real: pay(served('a', 'b').client, 'c').state as unknown,
    },
    provider: {
        states: providerStates as fc.Arbitrary<unknown>,
        encode: p.encodeProviderState as (state: never) => Uint8Array,
        decode: p.decodeProviderState as (bytes: Uint8Array) => unknown,
        real: served('a', 'b').provider as unknown,
    },
};

describe.each(['client', 'provider'] as const)('the state of a %s', (side) => {
    const { states, encode, decode, real } = sides[side];

    it('comes back as it was', () => {
        fc.assert(
            fc.property(states, (state) => {
                expect(decode(encode(state as never))).toEqual(state);
            }),
        );
        expect(decode(encode(real as never))).toEqual(real);
    });

    it('has one encoding: other bytes are another state, or none', () => {
        fc.assert(
            fc.property(states, fc.nat(), fc.integer({ min: 1, max: 255 }), (state, at, change) => {
                const bytes = Buffer.from(encode(state as never));
                bytes[at % bytes.length]! ^= change;
                let decoded: unknown;
                try {
                    decoded = decode(bytes);
                } catch (error) {
                    expect(error).toMatchObject({ name: 'ChannelError', code: 'malformed-state' });
                    return;
                }
                expect(Buffer.from(encode(decoded as never))).toEqual(bytes);
                expect(decoded).not.toEqual(state);
            }),
            { numRuns: 500 },
        );
    });

    it('is refused in pieces, with more behind it, of the other side and of another version', () => {
        const bytes = Buffer.from(encode(real as never));
        for (let length = 0; length < bytes.length; length++) {
            expect(codeOf(() => decode(bytes.subarray(0, length)))).toBe('malformed-state');
        }
        const other = Buffer.from(side === 'client' ? 'P' : 'C');
        for (const wrong of [
            Buffer.concat([bytes, Buffer.of(0)]),
            Buffer.concat([other, bytes.subarray(1)]),
            Buffer.concat([bytes.subarray(0, 1), Buffer.of(bytes[1]! + 1), bytes.subarray(2)]),
            Buffer.concat([bytes.subarray(0, 1), Buffer.of(0), bytes.subarray(2)]),
            Buffer.alloc(0),
        ]) {
            expect(codeOf(() => decode(wrong))).toBe('malformed-state');
        }
    });

    it('does not change with the bytes that it came from, nor with what was handed out', () => {
        const bytes = Buffer.from(encode(real as never));
        const state = decode(bytes);
        bytes.fill(0);
        expect(state).toEqual(real);
    });
});

it('a client’s book of the first version, which had no tier, is read as Open', () => {
    const state = pay(served('a', 'b').client, 'c').state;
    const bytes = Buffer.from(p.encodeClientState(state));
    const first = Buffer.concat([Buffer.from('C\x01', 'latin1'), bytes.subarray(2, -1)]);
    expect(p.decodeClientState(first)).toEqual({ ...state, tier: Tier.Open });
    expect(codeOf(() => p.decodeClientState(Buffer.concat([first, Buffer.of(1)])))).toBe('malformed-state');
    expect(codeOf(() => p.decodeClientState(first.subarray(0, -1)))).toBe('malformed-state');
});

it('a client’s book asks for a higher tier from then on, and never for a lower one', () => {
    const open = openClient();
    expect(open.tier).toBe(Tier.Open);
    const raised = p.clientBook.raiseTier(open, Tier.Attested);
    expect(raised).toEqual({ state: { ...open, tier: Tier.Attested }, output: Tier.Attested });
    expect(p.clientBook.raiseTier(raised.state, Tier.Open)).toEqual({ state: raised.state, output: Tier.Attested });
    expect(p.clientBook.open(p.termsOf(open), Tier.Attested).tier).toBe(Tier.Attested);
});

it('keeps no memory that a caller can change', () => {
    const paid = pay(openClient(), 'a');
    const before = Buffer.from(p.encodeClientState(paid.state));
    paid.output.signature.fill(0);
    expect(Buffer.from(p.encodeClientState(paid.state))).toEqual(before);

    const voucher = pay(openClient(), 'a').output;
    const { state } = take(openProvider(), voucher, 'a');
    const kept = Buffer.from(p.encodeProviderState(state));
    voucher.signature.fill(0);
    p.providerBook.redeemable(state)!.voucher.signature.fill(0);
    expect(Buffer.from(p.encodeProviderState(state))).toEqual(kept);
    const done = served('a').provider;
    const whole = Buffer.from(p.encodeProviderState(done));
    p.providerBook.newestReceipt(done)!.signature.fill(0);
    expect(Buffer.from(p.encodeProviderState(done))).toEqual(whole);
});

describe('a state that no operations lead to is refused', () => {
    const c = pay(served('a').client, 'b').state;
    const s = take(served('a').provider, pay(served('a').client, 'b').output, 'b').state;
    const request = { requestHash: 1n, modelRoot: 2n, maxCost: 1n };

    it.each<[string, Partial<p.ClientBookState>]>([
        ['a voucher above the deposit', { voucher: { ...c.voucher!, amount: 1_001n } }],
        ['a receipt without a number', { receipt: { ...c.receipt, seq: 0n } }],
        ['a receipt without a hash', { receipt: { ...c.receipt, head: 0n } }],
        ['a receipt above the voucher', { receipt: { ...c.receipt, amount: c.voucher!.amount + 1n } }],
        ['a receipt without a voucher', { voucher: null, request: null }],
        ['claims above the deposit', { voucher: null, request: null, receipt: { seq: 0n, head: 0n, amount: 1_001n } }],
        ['a request without a voucher', { voucher: null, receipt: { seq: 0n, head: 0n, amount: 0n } }],
        ['a request for nothing', { request: { ...request, maxCost: 0n } }],
        ['a request above the voucher', { request: { ...request, maxCost: c.voucher!.amount + 1n } }],
        ['a request twice', { request, abandoned: [request] }],
        [
            'too many that were given up',
            { abandoned: Array.from({ length: 9 }, (_, i) => ({ ...request, requestHash: BigInt(i) })) },
        ],
        ['an agreement above the deposit', { agreed: { finalAmount: 1_001n, validUntil: NOW } }],
        ['a weak key', { terms: { ...c.terms, clientKey: 0n } }],
        ['an account that is not open', { terms: { ...c.terms, openedLt: 0n } }],
        ['claims above the deposit on chain', { terms: { ...c.terms, claimed: 1_001n } }],
    ])('client: %s', (_, change) => {
        expect(codeOf(() => p.decodeClientState(p.encodeClientState({ ...c, ...change })))).toBe('malformed-state');
    });

    it.each<[string, Partial<p.ProviderBookState>]>([
        ['a voucher above the deposit', { voucher: { ...s.voucher!, amount: 1_001n } }],
        ['a receipt without a number', { receipt: { ...s.receipt!, seq: 0n } }],
        ['a receipt above the voucher', { receipt: { ...s.receipt!, amount: s.voucher!.amount + 1n }, request: null }],
        ['a receipt without a voucher', { voucher: null, request: null }],
        ['a receipt below what was claimed before', { claimedBefore: 81n, terms: { ...s.terms, claimed: 81n } }],
        ['more claimed before than now', { claimedBefore: 1n }],
        ['a request for nothing', { request: { requestHash: 1n, cost: 0n } }],
        ['a request that is not covered', { request: { requestHash: 1n, cost: 101n } }],
        ['an agreement below the voucher', { agreed: { finalAmount: 179n, validUntil: NOW } }],
        ['an agreement above the deposit', { agreed: { finalAmount: 1_001n, validUntil: NOW } }],
        ['one key for both', { terms: { ...s.terms, clientKey: s.terms.providerKey } }],
    ])('provider: %s', (_, change) => {
        expect(codeOf(() => p.decodeProviderState(p.encodeProviderState({ ...s, ...change })))).toBe('malformed-state');
    });

    it('and these two are not', () => {
        expect(p.decodeClientState(p.encodeClientState(c))).toEqual(c);
        expect(p.decodeProviderState(p.encodeProviderState(s))).toEqual(s);
    });
});
