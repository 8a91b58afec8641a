import '@ton/test-utils';
import { Address, beginCell, Cell } from '@ton/core';
import * as gen from '../../../build/Registry/Registry_Registry';
import * as w from '../../../wrappers';
import { addressOf, clientKeys, NOW, params, profile, termsWith } from './fixtures';

const masterchain = new Address(-1, Buffer.alloc(32, 1));
const none = null as unknown as Address;
const roundTrips = (terms: w.JobTerms) => w.packJobTerms(w.parseJobTerms(w.packJobTerms(terms)));

function expectError(act: () => unknown, code: w.MarketErrorCode, field: string): void {
    let caught: unknown;
    try {
        act();
    } catch (error) {
        caught = error;
    }
    expect(caught).toBeInstanceOf(w.InputError);
    expect(caught).toBeInstanceOf(w.MarketError);
    expect(caught).toMatchObject({ code, field });
    expect((caught as Error).message.startsWith(`${field}: `)).toBe(true);
}

describe('terms', () => {
    it('survive the way into a cell and back, and are read by the contract as written', () => {
        const terms = termsWith({ tier: w.Tier.Attested, resultRecipientKey: 77n });
        expect(roundTrips(terms)).toEqualCell(w.createJobTermsCell(terms));
        const theirs = gen.loadJobTerms(w.packJobTerms(terms).beginParse());
        expect(theirs).toMatchObject({
            price: terms.price,
            requiredCollateral: terms.requiredCollateral,
            tier: 1n,
            acceptBy: BigInt(terms.acceptBy),
            challengeBond: terms.challengeBond,
            clientKey: terms.clientKey,
        });
        expect(theirs.work.beginParse().loadUintBig(256)).toBe(terms.modelRoot);
        expect(theirs.keys.beginParse().skip(256).loadUintBig(256)).toBe(77n);
        expect(w.termsHashOf(terms)).toBe(w.toUint256('hash', w.packJobTerms(terms).hash()));
    });

    const key = (name: string) => [name, 0n] as const;
    it.each<[keyof w.JobTerms, unknown, w.MarketErrorCode]>([
        ['price', 0n, 'zero-amount'],
        ['price', -1n, 'negative-amount'],
        ['price', 1n << 64n, 'out-of-range'],
        ['requiredCollateral', 1n << 64n, 'out-of-range'],
        ['requiredCollateral', -1n, 'negative-amount'],
        ['challengeBond', -1n, 'negative-amount'],
        ['tier', 2, 'out-of-range'],
        ['acceptBy', 2 ** 32, 'out-of-range'],
        ['acceptBy', 1.5, 'out-of-range'],
        ['deliverWithin', 119, 'out-of-range'],
        ['deliverWithin', 2_592_001, 'out-of-range'],
        ['challengeWindow', 599, 'out-of-range'],
        ['challengeWindow', 1_209_601, 'out-of-range'],
        ['responseWindow', 3_599, 'out-of-range'],
        ['responseWindow', 1_209_601, 'out-of-range'],
        ['arbitrationWindow', 86_399, 'out-of-range'],
        ['arbitrationWindow', 2_592_001, 'out-of-range'],
        ['lateSlashBps', 2_501, 'out-of-range'],
        ['lateSlashBps', -1, 'negative-amount'],
        ['toClientBps', 5_001, 'out-of-range'],
        [...key('clientKey'), 'weak-key'] as [keyof w.JobTerms, unknown, w.MarketErrorCode],
        [...key('encryptionKey'), 'weak-key'] as [keyof w.JobTerms, unknown, w.MarketErrorCode],
        [...key('resultRecipientKey'), 'weak-key'] as [keyof w.JobTerms, unknown, w.MarketErrorCode],
        ['arbiter', masterchain, 'wrong-workchain'],
        ['arbiter', none, 'missing-address'],
        ['modelRoot', 1n << 256n, 'out-of-range'],
        ['inputCommitment', -1n, 'negative-amount'],
    ])('refuse %s = %s', (field, value, code) => {
        expectError(() => w.createJobTermsCell(termsWith({ [field]: value })), code, field);
    });

    it.each<Partial<w.JobTerms>>([
        { deliverWithin: 120, challengeWindow: 600, responseWindow: 3_600, arbitrationWindow: 86_400 },
        {
            deliverWithin: 2_592_000,
            challengeWindow: 1_209_600,
            responseWindow: 1_209_600,
            arbitrationWindow: 2_592_000,
        },
        { lateSlashBps: 2_500, toClientBps: 5_000, requiredCollateral: 0n, challengeBond: 0n },
        { lateSlashBps: 0, toClientBps: 0, price: (1n << 64n) - 1n },
    ])('take their bounds: %j', (change) => {
        expect(() => w.createJobTermsCell(termsWith(change))).not.toThrow();
    });

    it('refuse what only the context can tell', () => {
        expectError(() => w.requireSoundTerms(termsWith(), { client: params.arbiter }), 'foreign-arbiter', 'arbiter');
        expectError(() => w.requireSoundTerms(termsWith({ acceptBy: NOW }), { now: NOW }), 'out-of-range', 'acceptBy');
        const longest = {
            deliverWithin: 2_592_000,
            challengeWindow: 1_209_600,
            responseWindow: 1_209_600,
            arbitrationWindow: 2_592_000,
        };
        const room = 10_368_000 - (w.lockUntilOf(termsWith(longest)) - termsWith().acceptBy);
        expect(() => w.requireSoundTerms(termsWith({ ...longest, acceptBy: NOW + room }), { now: NOW })).not.toThrow();
        expectError(
            () => w.requireSoundTerms(termsWith({ ...longest, acceptBy: NOW + room + 1 }), { now: NOW }),
            'out-of-range',
            'acceptBy',
        );
    });

    it('compute the end of the lock as the contract does', () => {
        expect(w.lockUntilOf(termsWith())).toBe(NOW + 3_600 + 3_600 + 2 * 3_600 + 7_200 + 86_400 + 604_800);
    });

    it('are not read from another cell', () => {
        expectError(() => w.parseJobTerms(beginCell().endCell()), 'malformed-cell', 'terms');
        const cell = w.packJobTerms(termsWith());
        const longer = beginCell().storeSlice(cell.asSlice()).storeBit(0).endCell();
        expectError(() => w.parseJobTerms(longer), 'malformed-cell', 'terms');
        const empty = beginCell().storeBits(cell.bits).storeRef(Cell.EMPTY).storeRef(Cell.EMPTY).endCell();
        expectError(() => w.parseJobTerms(empty), 'malformed-cell', 'terms.work');
    });
});

describe('profiles', () => {
    const offer = profile.offers![0]!;
    const offers = (count: number) => Array.from({ length: count }, (_, i) => ({ ...offer, modelRoot: BigInt(i) }));

    it('survive the way into a cell and back, from none to sixteen offers', () => {
        for (const count of [0, 1, 16]) {
            const cell = w.createProfileCell({ ...profile, offers: offers(count) });
            const back = w.parseProfile(cell);
            expect(back.offers).toEqual(offers(count));
            expect(back.endpoint).toBe(profile.endpoint);
            expect(back.operator).toEqualAddress(profile.operator);
            expect(w.createProfileCell(back)).toEqualCell(cell);
            expect(gen.loadProfile(cell.beginParse()).allowanceCap).toBe(profile.allowanceCap);
        }
    });

    it.each<[string, Partial<w.ProfileInput>, w.MarketErrorCode, string]>([
        ['17 offers', { offers: offers(17) }, 'too-many', 'offers'],
        ['a model twice', { offers: [offer, offer] }, 'duplicate', 'offers'],
        ['a negative price', { offers: [{ ...offer, cached: -1n }] }, 'negative-amount', 'offers[0].cached'],
        ['128 bytes of endpoint', { endpoint: 'x'.repeat(128) }, 'too-long', 'endpoint'],
        ['64 two-byte letters', { endpoint: 'é'.repeat(64) }, 'too-long', 'endpoint'],
        ['a cap of 2^64', { allowanceCap: 1n << 64n }, 'out-of-range', 'allowanceCap'],
        ['no operator', { operator: none }, 'missing-address', 'operator'],
        ['an operator in the masterchain', { operator: masterchain }, 'wrong-workchain', 'operator'],
        ['a zero signing key', { signingKey: 0n }, 'weak-key', 'signingKey'],
        ['a short signing key', { signingKey: Buffer.alloc(31, 1) }, 'out-of-range', 'signingKey'],
        ['a zero encryption key', { encryptionKey: Buffer.alloc(32) }, 'weak-key', 'encryptionKey'],
    ])('refuse %s', (_, change, code, field) => {
        expectError(() => w.createProfileCell({ ...profile, ...change }), code, field);
    });

    it('take 127 bytes of endpoint', () => {
        expect(w.parseProfile(w.createProfileCell({ ...profile, endpoint: 'x'.repeat(127) })).endpoint).toHaveLength(
            127,
        );
    });
});

describe('keys', () => {
    it.each([
        '00'.repeat(32),
        '01' + '00'.repeat(31),
        '00'.repeat(31) + '80',
        'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
        'ec' + 'ff'.repeat(30) + '7f',
        'ee' + 'ff'.repeat(31),
    ])('of small order sign nothing: %s', (hex) => {
        expectError(() => w.requireSigningKey('key', Buffer.from(hex, 'hex')), 'weak-key', 'key');
    });

    it('of small order encrypt nothing', () => {
        const hex = 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800';
        expectError(() => w.requireEncryptionKey('key', Buffer.from(hex, 'hex')), 'weak-key', 'key');
    });

    it('that are real pass, as bytes and as numbers', () => {
        const asNumber = w.requireSigningKey('key', clientKeys.publicKey);
        expect(w.requireSigningKey('key', asNumber)).toBe(asNumber);
        expect(w.toBytes32('key', asNumber)).toEqual(clientKeys.publicKey);
    });
});

describe('network parameters', () => {
    it('survive the way into a cell and back, with and without a verifier', () => {
        for (const verifier of [null, addressOf('verifier')]) {
            const cell = w.createNetworkParamsCell({ ...params, verifier });
            expect(w.packNetworkParams(w.parseNetworkParams(cell))).toEqualCell(cell);
            expect(gen.loadNetworkParams(cell.beginParse()).minStake).toBe(params.minStake);
        }
    });

    it.each<[keyof w.NetworkParams, unknown, w.MarketErrorCode]>([
        ['feeBps', 501, 'out-of-range'],
        ['minStake', 0n, 'zero-amount'],
        ['minStake', 1n << 63n, 'out-of-range'],
        ['unbondingPeriod', 86_399, 'out-of-range'],
        ['unbondingPeriod', 5_184_001, 'out-of-range'],
        ['timelockDelay', 86_399, 'out-of-range'],
        ['timelockDelay', 2_592_001, 'out-of-range'],
        ['treasury', masterchain, 'wrong-workchain'],
        ['arbiter', none, 'missing-address'],
        ['verifier', masterchain, 'wrong-workchain'],
    ])('refuse %s = %s', (field, value, code) => {
        expectError(() => w.createNetworkParamsCell({ ...params, [field]: value }), code, field);
    });
});

describe('payees', () => {
    const payee = (name: string, bps: number) => ({ address: addressOf(name), bps });

    it('survive the way into a cell and back; none is null', () => {
        const list = [payee('a', 1), payee('b', 4_999), payee('c', 4_999), payee('d', 1)];
        const back = w.parsePayees(w.createPayeesCell(list));
        expect(back.map(({ bps }) => bps)).toEqual([1, 4_999, 4_999, 1]);
        expect(back[3]!.address).toEqualAddress(addressOf('d'));
        expect(w.createPayeesCell([])).toBeNull();
        expect(w.parsePayees(null)).toEqual([]);
    });

    it.each<[string, w.Payee[], w.MarketErrorCode, string]>([
        ['five', ['a', 'b', 'c', 'd', 'e'].map((name) => payee(name, 2_000)), 'too-many', 'payees'],
        ['a sum of 9999', [payee('a', 9_999)], 'bps-sum', 'payees'],
        ['a sum of 10001', [payee('a', 9_999), payee('b', 2)], 'bps-sum', 'payees'],
        ['a share of zero', [payee('a', 10_000), payee('b', 0)], 'zero-amount', 'payees[1].bps'],
        ['a negative share', [payee('a', -1)], 'negative-amount', 'payees[0].bps'],
        ['the masterchain', [{ address: masterchain, bps: 10_000 }], 'wrong-workchain', 'payees[0].address'],
    ])('refuse %s', (_, list, code, field) => {
        expectError(() => w.createPayeesCell(list), code, field);
    });
});

describe('messages', () => {
    it.each<[string, () => unknown, w.MarketErrorCode, string]>([
        [
            'a stake of nothing',
            () => w.ProviderStake.createOpenStakeBody({ amount: 0n, profile }),
            'zero-amount',
            'amount',
        ],
        ['unbonding nothing', () => w.ProviderStake.createRequestUnbondBody({ amount: 0n }), 'zero-amount', 'amount'],
        [
            'a query id of 2^64',
            () => w.JobEscrow.createFinalizeJobBody({ queryId: 1n << 64n }),
            'out-of-range',
            'queryId',
        ],
        ['slot 256', () => w.ProviderStake.createReleaseStaleLockBody({ slot: 256 }), 'out-of-range', 'slot'],
        [
            'a short signature',
            () => w.JobEscrow.createApproveFullBody({ signature: Buffer.alloc(63) }),
            'malformed-signature',
            'signature',
        ],
        [
            'a verdict above 100 %',
            () => w.JobEscrow.createVerdictBody({ wrong: true, slashBps: 10_001 }),
            'out-of-range',
            'slashBps',
        ],
        [
            'an empty storage id',
            () => w.JobEscrow.createPublishStorageIdBody({ storageId: '' }),
            'too-long',
            'storageId',
        ],
        [
            'a long descriptor',
            () => w.Registry.createProposeModelBody({ modelRoot: 1n, descriptor: 'x'.repeat(128) }),
            'too-long',
            'descriptor',
        ],
        ['a sync of nobody', () => w.Registry.createSyncParamsBody({ owner: none }), 'missing-address', 'owner'],
        [
            'an address in the masterchain',
            () => w.JobEscrow.createFromAddress(masterchain),
            'wrong-workchain',
            'address',
        ],
    ])('refuse %s', (_, act, code, field) => {
        expectError(act, code, field);
    });

    it('refuse a ciphertext that could not be published', () => {
        let cell = Cell.EMPTY;
        for (let i = 0; i < 33; i++) {
            cell = beginCell().storeBuffer(Buffer.alloc(127, i)).storeRef(cell).endCell();
        }
        expectError(() => w.JobEscrow.createPublishResultBody({ ciphertext: cell }), 'too-long', 'ciphertext');
        let deep = Cell.EMPTY;
        for (let i = 0; i < 64; i++) {
            deep = beginCell().storeUint(i, 8).storeRef(deep).endCell();
        }
        expectError(() => w.JobEscrow.createPublishResultBody({ ciphertext: deep }), 'too-long', 'ciphertext');
    });
});

it('decodes a track record', () => {
    const record = (5n << 168n) | (1n << 140n) | (2n << 112n) | (3n << 84n) | (4n << 56n) | (6n << 28n) | 7n;
    expect(w.parseTrackRecord(record)).toEqual({
        weight: 5n,
        settled: 7,
        disputesWon: 6,
        arbiterSilent: 4,
        late: 3,
        undelivered: 2,
        wrong: 1,
    });
});
