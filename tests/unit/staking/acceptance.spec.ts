import { Address, beginCell, Cell, toNano } from '@ton/core';
import * as fees from '../../../wrappers/fees';
import { ProviderStake } from '../../../wrappers/ProviderStake';
import { escrowInit, hashNamed, jobTermsCell, keyPairOf, quoteCell } from '../../helpers/cells';
import { PRICE_SETS } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { JOB_ACCEPTED, JOB_OPEN, JOB_QUOTING, parseParty } from '../../helpers/layout';
import { expectTrace, received, Trace, transactionAt } from '../../helpers/traces';
import { DAY, errorCode, From, idOf, inMasterchain, Market, PLENTY, toStake, useMarket } from '../../fixtures/stakes';

const COLLATERAL = toNano(20);
const MIN_STAKE = toNano(100);
const CAP = toNano(500);
const ALL_HOT = Array.from({ length: 224 }, (_, slot) => slot);
const ALL_OWNERS = Array.from({ length: 32 }, (_, slot) => 224 + slot);

/** The client posts with a quote; the stake refuses it, so the escrow refunds and is gone. */
async function quoteRefused(m: Market, job: Job, error: string, quote: Cell = job.quote()) {
    const before = await m.dataHash(m.stake);
    const trace = await m.send(m.client, {
        to: job.escrow,
        value: job.terms.price + PLENTY,
        init: job.init,
        body: job.postBody(quote),
    });
    expectTrace(trace, [
        { from: m.client, to: job.escrow, op: 'PostJob' },
        { from: job.escrow, to: m.stake, op: 'AcceptQuote', exitCode: errorCode(error) },
        { from: m.stake, to: job.escrow, op: 'bounced AcceptQuote', destroyed: true },
        { from: job.escrow, to: m.client, op: 'JobClosed' },
    ]);
    expect(await m.dataHash(m.stake)).toBe(before);
    expect(await m.chain.isGone(job.escrow)).toBe(true);
    expect(received(trace, m.client, 'JobClosed')).toBeGreaterThan(job.terms.price + PLENTY - toNano('0.2'));
}

async function quoteAccepted(m: Market, job: Job, quote: Cell = job.quote()): Promise<Trace> {
    const trace = await m.send(m.client, {
        to: job.escrow,
        value: job.terms.price + PLENTY,
        init: job.init,
        body: job.postBody(quote),
    });
    expectTrace(trace, [
        { from: m.client, to: job.escrow, op: 'PostJob' },
        { from: job.escrow, to: m.stake, op: 'AcceptQuote' },
        { from: m.stake, to: job.escrow, op: 'JobAccepted' },
    ]);
    return trace;
}

const lock = (job: Job, slot: number, lockId: bigint, byHot: boolean) => ({
    slot,
    lock: {
        lockId,
        escrow: idOf(job.escrow),
        collateral: job.terms.requiredCollateral,
        lockUntil: job.lockUntil,
        byHot,
    },
});

describe.each(PRICE_SETS)('A quote at %s prices', (prices) => {
    const m = useMarket({ prices });

    it('locks its collateral in the lowest slot and tells the escrow', async () => {
        const job = await Job.prepare(m.provider);
        const trace = await quoteAccepted(m, job);
        const acceptedAt = transactionAt(trace, m.stake, 'AcceptQuote').lt;
        const data = await m.data();
        const { slot, lock: expected } = lock(job, 0, acceptedAt, true);
        expect(data.locks.get(slot)).toEqual(expected);
        expect(data).toMatchObject({ locked: COLLATERAL, hotLocked: COLLATERAL, hotSlashed: 0n, usedSlots: 1n });
        expect(await job.data()).toMatchObject({ state: JOB_ACCEPTED, lockId: acceptedAt, slot: 0 });
        const party = parseParty((await job.data()).progress!);
        expect(party.settlement).toEqualAddress(m.provider.till);
        expect(party.operator).toEqualAddress(m.operator.address);
        expect(party.owner).toEqualAddress(m.owner.address);

        const second = await Job.prepare(m.provider, { nonce: 2n });
        await quoteAccepted(m, second);
        expect(await m.data()).toMatchObject({ locked: COLLATERAL * 2n, usedSlots: 3n });
    });

    it('is taken for exactly what the acceptance costs, and not for one nanoTON less', async () => {
        const job = await Job.prepare(m.provider);
        await job.post();
        const { openedLt } = await job.data();
        const body = toStake.acceptQuote({
            openedLt,
            collateral: COLLATERAL,
            client: m.client.address,
            nonce: job.nonce,
            lockUntil: job.lockUntil,
            quote: job.quote(),
        });
        const least = fees.acceptanceValue(m.prices);
        await m.refused(job.escrow, { to: m.stake, value: least - 1n, body }, 'INSUFFICIENT_VALUE');
        expectTrace(await m.send(job.escrow, { to: m.stake, value: least, body }), [
            { from: job.escrow, to: m.stake, op: 'AcceptQuote' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted' },
        ]);
        expect((await job.data()).state).toBe(JOB_ACCEPTED);
    });

    it('leaves the rent of its lock in the stake', async () => {
        const before = await m.chain.balance(m.stake);
        await quoteAccepted(m, await Job.prepare(m.provider));
        expect((await m.chain.balance(m.stake)) - before).toBeGreaterThanOrEqual(
            fees.acceptQuoteValue(m.prices) - fees.acceptanceValue(m.prices),
        );
    });
});

describe('A quote', () => {
    const m = useMarket();
    let job: Job;
    beforeEach(async () => (job = await Job.prepare(m.provider)));

    it.each([
        ['refused at its last second', 0, false],
        ['taken a second before', 1, true],
        ['taken two minutes before', 120, true],
        ['refused earlier than that', 121, false],
    ])('is %s', async (_, ahead, taken) => {
        const quote = job.quote({ validUntil: m.now + ahead });
        await (taken ? quoteAccepted(m, job, quote) : quoteRefused(m, job, 'QUOTE_WINDOW', quote));
    });

    it('is refused with any bit of the signature, the terms or the time altered', async () => {
        const bits = job.quote().beginParse().loadBits(800);
        for (const at of [0, 255, 256 + 31, 288, 799]) {
            const altered = beginCell();
            for (let i = 0; i < 800; i++) {
                altered.storeBit(i === at ? !bits.at(i) : bits.at(i));
            }
            const snapshot = m.chain.blockchain.snapshot();
            await quoteRefused(m, job, 'BAD_QUOTE_SIGNATURE', altered.endCell());
            await m.chain.blockchain.loadFrom(snapshot);
        }
    });

    it('is refused when another key signed it, or for another collateral, escrow or network’s escrow', async () => {
        await quoteRefused(m, job, 'BAD_QUOTE_SIGNATURE', job.quote({ signing: keyPairOf('somebody else') }));
        await quoteRefused(m, job, 'BAD_QUOTE_SIGNATURE', job.quote({ collateral: COLLATERAL - 1n }));
        await quoteRefused(m, job, 'BAD_QUOTE_SIGNATURE', job.quote({ collateral: COLLATERAL + 1n }));
        const other = await Job.prepare(m.provider, { nonce: 2n });
        await quoteRefused(m, job, 'BAD_QUOTE_SIGNATURE', other.quote());
    });

    it('for other terms is refused by the escrow, and the bounce frees slot and allowance', async () => {
        const before = await m.dataHash(m.stake);
        const dearer = jobTermsCell({ ...job.terms, price: job.terms.price * 2n });
        const quote = quoteCell(
            { escrow: job.escrow, terms: dearer, collateral: COLLATERAL, validUntil: m.now + 60 },
            m.provider.signing,
        );
        const trace = await m.send(m.client, {
            to: job.escrow,
            value: job.terms.price + PLENTY,
            init: job.init,
            body: job.postBody(quote),
        });
        expectTrace(trace, [
            { from: m.client, to: job.escrow, op: 'PostJob' },
            { from: job.escrow, to: m.stake, op: 'AcceptQuote' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted', exitCode: errorCode('JOB_KEY_MISMATCH') },
            { from: job.escrow, to: m.stake, op: 'bounced JobAccepted', messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
        expect((await job.data()).state).toBe(JOB_QUOTING);
    });

    it('is refused by a jailed stake, and taken with the minimum to the nanoTON', async () => {
        await m.plant((data) => (data.stake = MIN_STAKE - 1n));
        await quoteRefused(m, job, 'JAILED');
        await m.plant((data) => (data.stake = MIN_STAKE));
        await quoteAccepted(m, job);
    });

    it('is refused until the last second of a pause, and taken from its end on', async () => {
        await m.plantConfig((config) => (config.pausedUntil = m.now + 1));
        await quoteRefused(m, job, 'PAUSED');
        await m.plantConfig((config) => (config.pausedUntil = m.now));
        await quoteAccepted(m, job);
    });

    it('is refused when what is not locked misses the collateral by one nanoTON', async () => {
        const free = (await m.data()).stake;
        await m.fillSlots([230], { collateral: free - COLLATERAL + 1n });
        await quoteRefused(m, job, 'INSUFFICIENT_STAKE');
        await m.fillSlots([230], { collateral: free - COLLATERAL });
        await quoteAccepted(m, job);
        expect(await m.data()).toMatchObject({ locked: free, stake: free });
    });

    it('is not backed by what is unbonding', async () => {
        await m.plant((data) => {
            data.unbonding = data.stake - MIN_STAKE;
            data.stake = MIN_STAKE;
        });
        await m.fillSlots([230], { collateral: MIN_STAKE - COLLATERAL + 1n });
        await quoteRefused(m, job, 'INSUFFICIENT_STAKE');
        await m.fillSlots([230], { collateral: MIN_STAKE + toNano(50) });
        await quoteRefused(m, job, 'INSUFFICIENT_STAKE');
    });

    it('uses the allowance up to the nanoTON and not beyond', async () => {
        await m.fillSlots([3], { collateral: CAP - COLLATERAL + 1n });
        await quoteRefused(m, job, 'ALLOWANCE_EXCEEDED');
        await m.fillSlots([3], { collateral: CAP - COLLATERAL });
        await quoteAccepted(m, job);
        expect(await m.data()).toMatchObject({ hotLocked: CAP });
    });

    it('is refused when slashes ate the allowance, but not by the locks of the owner', async () => {
        await m.plant((data) => (data.hotSlashed = CAP - COLLATERAL + 1n));
        await quoteRefused(m, job, 'ALLOWANCE_EXCEEDED');
        await m.plant((data) => (data.hotSlashed = CAP - COLLATERAL));
        await m.fillSlots([224], { collateral: CAP });
        await quoteAccepted(m, job);
    });

    it('finds the highest free hot slot, and none where only the owner’s are free', async () => {
        await m.fillSlots(ALL_HOT.slice(0, 223));
        await quoteAccepted(m, job);
        expect((await job.data()).slot).toBe(223);
        await quoteRefused(m, await Job.prepare(m.provider, { nonce: 2n }), 'NO_FREE_SLOT');
    });

    it('is refused when all 256 slots are full', async () => {
        await m.fillSlots([...ALL_HOT, ...ALL_OWNERS]);
        await quoteRefused(m, job, 'NO_FREE_SLOT');
    });

    it('is refused by a stake that somebody else claims to own: no escrow, no acceptance', async () => {
        const body = toStake.acceptQuote({
            openedLt: 1n,
            collateral: COLLATERAL,
            client: m.client.address,
            nonce: job.nonce,
            lockUntil: job.lockUntil,
            quote: job.quote(),
        });
        const otherEscrow = (await Job.prepare(m.provider, { nonce: 2n })).escrow;
        const senders: From[] = [
            m.stranger,
            m.client,
            m.operator,
            m.owner,
            m.registry,
            otherEscrow,
            inMasterchain(job.escrow),
        ];
        for (const from of senders) {
            await m.refused(from, { to: m.stake, value: PLENTY, body }, 'WRONG_SENDER');
        }
    });

    it.each([
        ['a bit too many', (quote: Cell) => beginCell().storeSlice(quote.beginParse()).storeBit(0).endCell()],
        ['a bit too few', (quote: Cell) => beginCell().storeBits(quote.bits.substring(0, 799)).endCell()],
        ['a reference', (quote: Cell) => beginCell().storeSlice(quote.beginParse()).storeRef(new Cell()).endCell()],
    ])('with %s is refused', async (_, change) => {
        const body = toStake.acceptQuote({
            openedLt: 1n,
            collateral: COLLATERAL,
            client: m.client.address,
            nonce: job.nonce,
            lockUntil: job.lockUntil,
            quote: change(job.quote()),
        });
        await m.refused(job.escrow, { to: m.stake, value: PLENTY, body }, 'MALFORMED_CELL');
    });

    it.each([
        [8 * DAY - 1, false],
        [8 * DAY, true],
        [120 * DAY, true],
        [120 * DAY + 1, false],
    ])('whose lock ends in %i seconds is taken: %s', async (seconds, taken) => {
        const body = toStake.acceptQuote({
            openedLt: 1n,
            collateral: COLLATERAL,
            client: m.client.address,
            nonce: job.nonce,
            lockUntil: m.now + seconds,
            quote: job.quote(),
        });
        const message = { to: m.stake, value: PLENTY, body };
        if (!taken) {
            await m.refused(job.escrow, message, 'LOCK_WINDOW');
            return;
        }
        const before = await m.dataHash(m.stake);
        expectTrace(await m.send(job.escrow, message), [
            { from: job.escrow, to: m.stake, op: 'AcceptQuote' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted', exitCode: 'skipped' },
            { from: job.escrow, to: m.stake, op: 'bounced JobAccepted', messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
    });

    it('may lock nothing', async () => {
        const free = await Job.prepare(m.provider, { nonce: 3n, terms: { requiredCollateral: 0n } });
        await m.plant((data) => (data.hotSlashed = CAP));
        await quoteAccepted(m, free);
        expect(await m.data()).toMatchObject({ locked: 0n, usedSlots: 1n });
    });
});

const acceptBody = (job: Job, change: { lockUntil?: number; client?: Address; collateral?: bigint } = {}) =>
    toStake.acceptJob({
        collateral: job.terms.requiredCollateral,
        client: job.client.address,
        nonce: job.nonce,
        lockUntil: job.lockUntil,
        ...change,
    });

describe.each(PRICE_SETS)('AcceptJob at %s prices', (prices) => {
    const m = useMarket({ prices });

    it('is taken from the operator for exactly its cost, keeps the lock’s rent and returns the rest', async () => {
        const job = await Job.prepare(m.provider);
        await job.post();
        const least = fees.acceptingValue(m.prices);
        const body = await job.acceptBody();
        await m.refused(m.operator, { to: m.stake, value: least - 1n, body }, 'INSUFFICIENT_VALUE');
        const before = await m.chain.balance(m.stake);
        const trace = await m.send(m.operator, { to: m.stake, value: least, body });
        expectTrace(trace, [
            { from: m.operator, to: m.stake, op: 'AcceptJob' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted', value: fees.jobAcceptedValue(m.prices) },
            { from: m.stake, to: m.operator, op: 'Excesses' },
        ]);
        const rent = fees.storageFee(m.prices, 2n, 460n, 10_368_000n);
        expect((await m.chain.balance(m.stake)) - before).toBe(rent);
        expect(await m.data()).toMatchObject({ locked: COLLATERAL, hotLocked: COLLATERAL, usedSlots: 1n });
        expect((await job.data()).state).toBe(JOB_ACCEPTED);
        const getter = m.chain.blockchain.openContract(ProviderStake.createFromAddress(m.stake, m.prices));
        expect(await getter.getAcceptingValue()).toBe(least);
    });

    it('returns an overpayment', async () => {
        const job = await Job.prepare(m.provider);
        await job.post();
        const body = await job.acceptBody();
        const trace = await m.send(m.operator, { to: m.stake, value: toNano(50), body });
        expect(received(trace, m.operator, 'Excesses')).toBeGreaterThan(toNano(50) - fees.acceptingValue(m.prices));
    });
});

describe('AcceptJob', () => {
    const m = useMarket();
    let job: Job;
    beforeEach(async () => {
        job = await Job.prepare(m.provider);
        await job.post();
    });

    it('of the owner stands outside the allowance and is the owner’s alone to submit', async () => {
        await m.plant((data) => (data.hotSlashed = CAP));
        await job.accept('owner');
        expect(await m.data()).toMatchObject({ locked: COLLATERAL, hotLocked: 0n, usedSlots: 1n << 224n });
        const party = parseParty((await job.data()).progress!);
        expect(party.operator).toEqualAddress(m.owner.address);
        expect(party.owner).toEqualAddress(m.owner.address);
        expect((await m.data()).locks.get(224)!.byHot).toBe(false);
    });

    it('of an address that is both owner and operator counts as the owner’s', async () => {
        await m.send(m.owner, {
            to: m.stake,
            value: PLENTY,
            body: toStake.updateProfile(m.profile({ operator: m.owner.address })),
        });
        await job.accept('owner');
        expect(await m.data()).toMatchObject({ hotLocked: 0n, usedSlots: 1n << 224n });
    });

    it('of anybody else is refused', async () => {
        const senders: From[] = [
            m.stranger,
            m.client,
            m.governor,
            m.network.arbiter,
            m.registry,
            job.escrow,
            m.provider.till,
            inMasterchain(m.owner.address),
            inMasterchain(m.operator.address),
        ];
        for (const from of senders) {
            await m.refused(from, { to: m.stake, value: PLENTY, body: await job.acceptBody() }, 'WRONG_SENDER');
        }
    });

    it('of the operator before a change of profile is refused after it', async () => {
        const operator = m.stranger.address;
        await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.updateProfile(m.profile({ operator })) });
        const body = await job.acceptBody();
        await m.refused(m.operator, { to: m.stake, value: PLENTY, body }, 'WRONG_SENDER');
        expectTrace(await m.send(m.stranger, { to: m.stake, value: PLENTY, body }), [
            { from: m.stranger, to: m.stake, op: 'AcceptJob' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted' },
            { from: m.stake, to: m.stranger, op: 'Excesses' },
        ]);
    });

    const refusals: [what: string, error: string, plant: (market: Market) => Promise<void>, hotOnly: boolean][] = [
        ['jailed', 'JAILED', (market) => market.plant((data) => void (data.stake = MIN_STAKE - 1n)), false],
        [
            'paused',
            'PAUSED',
            (market) => market.plantConfig((config) => void (config.pausedUntil = market.now + 1)),
            false,
        ],
        [
            'short of collateral',
            'INSUFFICIENT_STAKE',
            (market) => market.fillSlots([230], { collateral: toNano(1000) - COLLATERAL + 1n }),
            false,
        ],
        ['full', 'NO_FREE_SLOT', (market) => market.fillSlots([...ALL_HOT, ...ALL_OWNERS]), false],
        [
            'out of allowance',
            'ALLOWANCE_EXCEEDED',
            (market) => market.fillSlots([3], { collateral: CAP - COLLATERAL + 1n }),
            true,
        ],
        ['out of hot slots', 'NO_FREE_SLOT', (market) => market.fillSlots(ALL_HOT), true],
    ];
    it.each(refusals)('is refused by a stake that is %s', async (_, error, plant, hotOnly) => {
        await plant(m);
        const body = await job.acceptBody();
        await m.refused(m.operator, { to: m.stake, value: PLENTY, body }, error);
        if (hotOnly) {
            await job.accept('owner');
        } else {
            await m.refused(m.owner, { to: m.stake, value: PLENTY, body }, error);
        }
    });

    it('of the owner takes the owner’s 32 slots first, then the lowest hot one', async () => {
        await m.fillSlots(ALL_OWNERS.slice(0, 31));
        await job.accept('owner');
        expect((await job.data()).slot).toBe(255);
        const next = await Job.prepare(m.provider, { nonce: 2n });
        await next.post();
        await m.fillSlots([0, 1, 2, 4]);
        await next.accept('owner');
        expect((await next.data()).slot).toBe(3);
        expect((await m.data()).locks.get(3)!.byHot).toBe(false);
    });

    it.each([
        ['a second too early', 8 * DAY - 1],
        ['a second too late', 120 * DAY + 1],
    ])('whose lock would end %s is refused', async (_, seconds) => {
        const body = acceptBody(job, { lockUntil: m.now + seconds });
        await m.refused(m.operator, { to: m.stake, value: PLENTY, body }, 'LOCK_WINDOW');
    });

    it('for a client in the masterchain is refused', async () => {
        const body = acceptBody(job, { client: inMasterchain(m.client.address) });
        await m.refused(m.operator, { to: m.stake, value: PLENTY, body }, 'NOT_BASECHAIN');
    });

    it.each(['operator', 'owner'] as const)(
        'of the %s for a job that does not exist, or is not as said, costs nothing but gas',
        async (who) => {
            const before = await m.dataHash(m.stake);
            const right = { lockUntil: job.lockUntil, jobKey: await job.jobKey(), nonce: job.nonce };
            const absent = escrowInit({ client: m.client.address, providerStake: m.stake, nonce: 99n }).address;
            const cases: [change: object, to: Address, exitCode: number | 'skipped'][] = [
                [{ nonce: 99n }, absent, 'skipped'],
                [{ jobKey: hashNamed('another') }, job.escrow, errorCode('JOB_KEY_MISMATCH')],
                [{ collateral: COLLATERAL - 1n }, job.escrow, errorCode('COLLATERAL_MISMATCH')],
                [{ lockUntil: job.lockUntil + 1 }, job.escrow, errorCode('LOCK_UNTIL_MISMATCH')],
            ];
            for (const [change, to, exitCode] of cases) {
                const body = toStake.acceptJob({
                    collateral: COLLATERAL,
                    client: m.client.address,
                    ...right,
                    ...change,
                });
                const from = m.provider[who];
                expectTrace(await m.send(from, { to: m.stake, value: PLENTY, body }), [
                    { from, to: m.stake, op: 'AcceptJob' },
                    { from: m.stake, to, op: 'JobAccepted', exitCode },
                    { from: m.stake, to: from, op: 'Excesses' },
                    { from: to, to: m.stake, op: 'bounced JobAccepted', messagesOut: 0 },
                ]);
                expect(await m.dataHash(m.stake)).toBe(before);
            }
            expect((await job.data()).state).toBe(JOB_OPEN);
        },
    );

    it('of a job that is accepted already frees the second slot and leaves the first', async () => {
        await job.accept();
        const before = await m.dataHash(m.stake);
        const trace = await m.send(m.owner, { to: m.stake, value: PLENTY, body: await job.acceptBody() });
        expectTrace(trace, [
            { from: m.owner, to: m.stake, op: 'AcceptJob' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted', exitCode: errorCode('WRONG_STATE') },
            { from: m.stake, to: m.owner, op: 'Excesses' },
            { from: job.escrow, to: m.stake, op: 'bounced JobAccepted', messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
    });

    it('and a quote for the same job cannot both hold a lock', async () => {
        await job.accept();
        await m.refused(
            m.client,
            { to: job.escrow, value: job.terms.price + PLENTY, body: job.postBody(job.quote()) },
            'WRONG_STATE',
        );
        expect((await m.data()).locks.size).toBe(1);
    });

    it('takes the slot that a release left free', async () => {
        await job.accept();
        const second = await Job.prepare(m.provider, { nonce: 2n });
        await second.post();
        await second.accept();
        await m.send(m.client, {
            to: job.escrow,
            value: PLENTY,
            body: beginCell().storeUint(0x4a450003, 32).storeUint(0, 64).endCell(),
        });
        const third = await Job.prepare(m.provider, { nonce: 3n });
        await third.post();
        await third.accept();
        expect((await second.data()).slot).toBe(1);
        expect((await third.data()).slot).toBe(0);
    });

    it('derives the same escrow as the wrapper and the network do, for any client and nonce', async () => {
        for (const [seed, nonce] of [
            ['one', 0n],
            ['two', (1n << 64n) - 1n],
            ['three', 0x8000_0000_0000_0000n],
        ] as const) {
            const other = await Job.prepare(m.provider, { client: seed, nonce });
            await other.post();
            await other.accept();
            expect((await m.data()).locks.get((await other.data()).slot)!.escrow).toBe(idOf(other.escrow));
        }
    });
});
