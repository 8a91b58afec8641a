import { Address, toNano } from '@ton/core';
import * as fees from '../../../wrappers/fees';
import { parseTrackRecord } from '../../../wrappers/trackRecord';
import { hashNamed } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { Lock } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace, Expected, received } from '../../helpers/traces';
import { DAY, From, idOf, inMasterchain, Market, PLENTY, toStake, useMarket } from '../../fixtures/stakes';

const COLLATERAL = toNano(20);
const FREE_SLOT = 137;
const ALL_BUT_ONE = Array.from({ length: 256 }, (_, slot) => slot).filter((slot) => slot !== FREE_SLOT);

/** A lock of an escrow that the test speaks for. */
const ESCROW = strayAddress(0x5e);
const LOCK_ID = 77_000_000n;
const SLOT = 9;
const theLock = (m: Market, change: Partial<Lock> = {}): Lock => ({
    lockId: LOCK_ID,
    escrow: idOf(ESCROW),
    collateral: COLLATERAL,
    lockUntil: m.now + 20 * DAY,
    byHot: true,
    ...change,
});

const slashBody = (m: Market, amount: bigint, toClientBps = 5000, reason = 3) =>
    toStake.slash(LOCK_ID, SLOT, { amount, client: m.client.address, toClientBps, reason });

describe.each(PRICE_SETS)('Collateral at %s prices', (prices) => {
    const m = useMarket({ prices });

    /** A job whose lock is the 256th: every path in the dictionary is eight levels deep. */
    async function crowdedJob(terms = {}): Promise<Job> {
        await m.fillSlots(ALL_BUT_ONE);
        const job = await Job.prepare(m.provider, { terms });
        await job.postQuoted();
        expect((await job.data()).slot).toBe(FREE_SLOT);
        expect((await m.data()).locks.size).toBe(256);
        return job;
    }

    it('is released among 255 other locks by what the escrow attaches', async () => {
        const job = await crowdedJob();
        const before = await m.data();
        const trace = await m.send(m.client, { to: job.escrow, value: PLENTY, body: body('ApproveFull').endCell() });
        expectTrace(trace, [
            { from: m.client, to: job.escrow, op: 'ApproveFull', destroyed: true },
            { from: job.escrow, to: m.provider.till, op: 'Settle' },
            {
                from: job.escrow,
                to: m.stake,
                op: 'ReleaseCollateral',
                value: fees.releaseValue(m.prices),
                messagesOut: 0,
            },
            { from: job.escrow, to: m.client, op: 'JobClosed' },
            { from: m.provider.till, to: m.owner, op: 'Payout' },
        ]);
        const after = await m.data();
        expect(after.locks.has(FREE_SLOT)).toBe(false);
        expect(after.locks.size).toBe(255);
        expect(after).toMatchObject({
            stake: before.stake,
            locked: before.locked - COLLATERAL,
            hotLocked: before.hotLocked - COLLATERAL,
            hotSlashed: 0n,
        });
        expect(parseTrackRecord(after.record)).toEqual({
            weight: (job.terms.price * BigInt(m.network.params.feeBps)) / 10_000n,
            settled: 1,
            disputesWon: 0,
            arbiterSilent: 0,
            late: 0,
            undelivered: 0,
            wrong: 0,
        });
    });

    it('is slashed among 255 other locks by what the escrow attaches, to client and treasury', async () => {
        const job = await crowdedJob({ lateSlashBps: 1000, toClientBps: 5000 });
        const before = await m.data();
        m.chain.pass(job.terms.deliverWithin);
        const trace = await m.send(m.stranger, { to: job.escrow, value: PLENTY, body: body('ExpireJob').endCell() });
        const cut = COLLATERAL / 10n;
        const share = cut / 2n - fees.forwardFee(m.prices);
        expectTrace(trace, [
            { from: m.stranger, to: job.escrow, op: 'ExpireJob', destroyed: true },
            { from: job.escrow, to: m.stake, op: 'SlashCollateral', value: fees.slashValue(m.prices) },
            { from: job.escrow, to: m.client, op: 'JobClosed' },
            { from: m.stake, to: m.client, op: 'SlashShare', value: share },
            { from: m.stake, to: m.network.treasury, op: 'SlashShare', value: share },
        ]);
        const after = await m.data();
        expect(after.locks.has(FREE_SLOT)).toBe(false);
        expect(after).toMatchObject({
            stake: before.stake - cut,
            locked: before.locked - COLLATERAL,
            hotLocked: before.hotLocked - COLLATERAL,
            hotSlashed: cut,
        });
        expect(parseTrackRecord(after.record)).toMatchObject({ weight: 0n, settled: 0, late: 1 });
    });

    it('is freed by a refused acceptance among 255 other locks', async () => {
        await m.fillSlots(ALL_BUT_ONE);
        const before = await m.dataHash(m.stake);
        const job = await Job.prepare(m.provider);
        const trace = await m.send(m.operator, {
            to: m.stake,
            value: fees.acceptingValue(m.prices),
            body: toStake.acceptJob({
                collateral: COLLATERAL,
                client: m.client.address,
                nonce: job.nonce,
                lockUntil: job.lockUntil,
            }),
        });
        expectTrace(trace, [
            { from: m.operator, to: m.stake, op: 'AcceptJob' },
            { from: m.stake, to: job.escrow, op: 'JobAccepted', exitCode: 'skipped' },
            { from: m.stake, to: m.operator, op: 'Excesses' },
            { from: job.escrow, to: m.stake, op: 'bounced JobAccepted', messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
    });

    it('that nobody fetched is freed by anybody among 255 others for the least value', async () => {
        await m.fillSlots(ALL_BUT_ONE);
        await m.plant((data) => data.locks.set(FREE_SLOT, theLock(m, { lockUntil: m.now })));
        await m.stepped(m.stranger, {
            to: m.stake,
            value: fees.stakeStepValue(m.prices),
            body: toStake.releaseStale(FREE_SLOT),
        });
        expect((await m.data()).locks.size).toBe(255);
    });

    type Amounts = {
        collateral?: bigint;
        amount: bigint;
        bps: number;
        stake?: bigint;
        unbonding?: bigint;
        byHot?: boolean;
    };
    type Outcome = { client: bigint; treasury: bigint; fromUnbonding?: bigint };
    // In multiples of dust, `dust(2n, -1n)` being two dusts less one nanoTON.
    const dust = (times: bigint, offset = 0n) => times * fees.dust(m.prices) + offset;
    const slashes: [what: string, given: () => Amounts, expected: () => Outcome][] = [
        ['nothing', () => ({ amount: 0n, bps: 5000 }), () => ({ client: 0n, treasury: 0n })],
        ['less than dust', () => ({ amount: dust(1n, -1n), bps: 5000 }), () => ({ client: 0n, treasury: 0n })],
        ['exactly dust', () => ({ amount: dust(1n), bps: 0 }), () => ({ client: 0n, treasury: dust(1n) })],
        [
            'exactly dust, half of it the client’s',
            () => ({ amount: dust(1n), bps: 5000 }),
            () => ({ client: 0n, treasury: dust(1n) }),
        ],
        [
            'so little that the client’s half is below dust',
            () => ({ amount: dust(2n, -1n), bps: 5000 }),
            () => ({ client: 0n, treasury: dust(2n, -1n) }),
        ],
        [
            'just enough for a client’s half of dust',
            () => ({ amount: dust(2n), bps: 5000 }),
            () => ({ client: dust(1n), treasury: dust(1n) }),
        ],
        [
            'an odd sum, whose odd nanoTON is the treasury’s',
            () => ({ amount: toNano(1) + 1n, bps: 5000 }),
            () => ({ client: toNano(1) / 2n, treasury: toNano(1) / 2n + 1n }),
        ],
        [
            'everything to the treasury',
            () => ({ amount: COLLATERAL, bps: 0 }),
            () => ({ client: 0n, treasury: COLLATERAL }),
        ],
        [
            'at most half to the client, whatever the message says',
            () => ({ amount: COLLATERAL, bps: 65_535 }),
            () => ({ client: COLLATERAL / 2n, treasury: COLLATERAL / 2n }),
        ],
        [
            'at most the collateral',
            () => ({ amount: (1n << 64n) - 1n, bps: 1 }),
            () => ({ client: COLLATERAL / 10_000n, treasury: COLLATERAL - COLLATERAL / 10_000n }),
        ],
        [
            'nothing of a lock without collateral',
            () => ({ amount: toNano(1), bps: 5000, collateral: 0n }),
            () => ({ client: 0n, treasury: 0n }),
        ],
        [
            'the stake first, then what unbonds',
            () => ({ amount: COLLATERAL, bps: 5000, stake: toNano(5), unbonding: toNano(30) }),
            () => ({ client: toNano(10), treasury: toNano(10), fromUnbonding: toNano(15) }),
        ],
        [
            'what unbonds to the last nanoTON',
            () => ({ amount: COLLATERAL, bps: 5000, stake: 0n, unbonding: COLLATERAL }),
            () => ({ client: toNano(10), treasury: toNano(10), fromUnbonding: COLLATERAL }),
        ],
        [
            'the whole stake and no more',
            () => ({ amount: COLLATERAL, bps: 5000, stake: COLLATERAL }),
            () => ({ client: toNano(10), treasury: toNano(10) }),
        ],
        [
            'an owner’s lock without touching the allowance',
            () => ({ amount: toNano(2), bps: 5000, byHot: false }),
            () => ({ client: toNano(1), treasury: toNano(1) }),
        ],
    ];

    it.each(slashes)('slashed takes %s', async (_, given, expected) => {
        const { amount, bps, collateral = COLLATERAL, stake = toNano(1000), unbonding = 0n, byHot = true } = given();
        const { client, treasury, fromUnbonding = 0n } = expected();
        await m.plant((data) => {
            data.stake = stake;
            data.unbonding = unbonding;
            data.locks.set(SLOT, theLock(m, { collateral, byHot }));
        });
        const trace = await m.send(ESCROW, {
            to: m.stake,
            value: fees.slashValue(m.prices),
            bounce: false,
            body: slashBody(m, amount, bps),
        });
        const forward = fees.forwardFee(m.prices);
        const shares: Expected[] = [
            { from: m.stake, to: m.client, op: 'SlashShare', value: client - forward },
            { from: m.stake, to: m.network.treasury, op: 'SlashShare', value: treasury - forward },
        ].filter(({ value }) => value > 0n);
        expectTrace(trace, [
            { from: ESCROW, to: m.stake, op: 'SlashCollateral', messagesOut: shares.length },
            ...shares,
        ]);
        const cut = client + treasury;
        const data = await m.data();
        expect(data).toMatchObject({
            stake: stake - (cut - fromUnbonding),
            unbonding: unbonding - fromUnbonding,
            locked: 0n,
            hotLocked: 0n,
            hotSlashed: byHot ? cut : 0n,
            usedSlots: 0n,
        });
        expect(data.locks.size).toBe(0);
        expect(parseTrackRecord(data.record)).toMatchObject({ weight: 0n, late: 1, settled: 0 });
    });
});

describe('A lock', () => {
    const m = useMarket({}, async (market) => {
        await market.plant((data) => data.locks.set(SLOT, theLock(market)));
        await market.fillSlots([SLOT - 1, SLOT + 1], { collateral: toNano(1) });
    });

    const impostors: [who: string, from: (m: Market) => From][] = [
        ['a stranger', () => m.stranger],
        ['the client', () => m.client],
        ['the owner', () => m.owner],
        ['the operator', () => m.operator],
        ['the Registry', () => m.registry],
        ['the stake itself', () => m.stake],
        ['another slot’s escrow', () => new Address(0, Buffer.from(((1n << 255n) + 8n).toString(16), 'hex'))],
        ['the escrow’s namesake in the masterchain', () => inMasterchain(ESCROW)],
    ];
    it.each(impostors)('is neither released nor slashed by %s', async (_, from) => {
        const message = { to: m.stake, value: PLENTY };
        await m.ignored(from(m), { ...message, body: toStake.release(LOCK_ID, SLOT, toNano(5)) });
        await m.ignored(from(m), { ...message, body: slashBody(m, COLLATERAL) });
    });

    it.each([
        ['an earlier lock of that slot', LOCK_ID - 1n, SLOT],
        ['a later lock of that slot', LOCK_ID + 1n, SLOT],
        ['no lock', 0n, SLOT],
        ['another slot', LOCK_ID, SLOT + 1],
        ['an empty slot', LOCK_ID, 200],
    ])('is neither released nor slashed when its escrow names %s', async (_, lockId, slot) => {
        const message = { to: m.stake, value: PLENTY };
        await m.ignored(ESCROW, { ...message, body: toStake.release(lockId, slot, toNano(5)) });
        const fields = { amount: COLLATERAL, client: m.client.address, toClientBps: 5000 };
        await m.ignored(ESCROW, { ...message, body: toStake.slash(lockId, slot, fields) });
    });

    it('ends once: a second release or slash does nothing', async () => {
        const release = { to: m.stake, value: PLENTY, body: toStake.release(LOCK_ID, SLOT) };
        const slash = { to: m.stake, value: PLENTY, body: slashBody(m, COLLATERAL) };
        const snapshot = m.chain.blockchain.snapshot();
        expectTrace(await m.send(ESCROW, release), [{ op: 'ReleaseCollateral' }]);
        await m.ignored(ESCROW, release);
        await m.ignored(ESCROW, slash);
        await m.chain.blockchain.loadFrom(snapshot);
        expectTrace(await m.send(ESCROW, slash), [
            { op: 'SlashCollateral' },
            { op: 'SlashShare' },
            { op: 'SlashShare' },
        ]);
        await m.ignored(ESCROW, slash);
        await m.ignored(ESCROW, release);
        expect((await m.data()).locks.size).toBe(2);
    });

    it.each([
        [0, 'settled', toNano(5)],
        [1, 'disputesWon', toNano(5)],
        [2, 'arbiterSilent', 1n],
    ] as const)('released with outcome %i counts as %s, by what was paid', async (outcome, counter, paid) => {
        await m.plant((data) => (data.record = 7n << 168n));
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: toStake.release(LOCK_ID, SLOT, paid, outcome) });
        const record = parseTrackRecord((await m.data()).record);
        expect(record[counter]).toBe(1);
        expect(record.weight).toBe(7n + (paid * 200n) / 10_000n);
        expect(Object.values(record).filter((value) => value === 1)).toHaveLength(1);
    });

    it.each([
        [3, 'late'],
        [4, 'undelivered'],
        [5, 'wrong'],
    ] as const)('slashed for reason %i counts as %s, without weight', async (reason, counter) => {
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: slashBody(m, COLLATERAL, 5000, reason) });
        const record = parseTrackRecord((await m.data()).record);
        expect(record[counter]).toBe(1);
        expect(record.weight).toBe(0n);
        expect(Object.values(record).filter((value) => value === 1)).toHaveLength(1);
    });

    it('released gives back its allowance, slashed only what was not slashed, until the owner resets the use', async () => {
        await m.plant((data) => data.locks.set(20, theLock(m, { lockId: 5n, collateral: toNano(30) })));
        const used = async () => {
            const { hotLocked, hotSlashed } = await m.data();
            return hotLocked + hotSlashed;
        };
        expect(await used()).toBe(toNano(52));
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: slashBody(m, toNano(3)) });
        expect(await used()).toBe(toNano(52) - toNano(17));
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: toStake.release(5n, 20) });
        expect(await used()).toBe(toNano(5));
        await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.resetAllowance() });
        expect(await used()).toBe(toNano(2));
        expect(await m.data()).toMatchObject({ hotLocked: toNano(2), hotSlashed: 0n });
    });

    it('keeps its escrow’s gas as rent when it is released', async () => {
        const before = await m.chain.balance(m.stake);
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: toStake.release(LOCK_ID, SLOT) });
        expect(await m.chain.balance(m.stake)).toBeGreaterThan(before + PLENTY - toNano('0.01'));
    });
});

describe.each(PRICE_SETS)('ReleaseStaleLock at %s prices', (prices) => {
    const m = useMarket({ prices }, (market) => market.plant((data) => data.locks.set(SLOT, theLock(market))));
    const message = () => ({ to: m.stake, value: fees.stakeStepValue(m.prices), body: toStake.releaseStale(SLOT) });

    it('works for anybody from lockUntil on, for exactly its gas, and counts nothing', async () => {
        const { lockUntil } = theLock(m);
        m.chain.at(lockUntil - 1);
        await m.refused(m.stranger, { ...message(), value: PLENTY }, 'LOCK_NOT_STALE');
        m.chain.at(lockUntil);
        await m.refused(m.stranger, { ...message(), value: message().value - 1n }, 'INSUFFICIENT_VALUE');
        await m.stepped(m.stranger, message());
        expect(await m.data()).toMatchObject({ locked: 0n, hotLocked: 0n, hotSlashed: 0n, usedSlots: 0n, record: 0n });
        expect((await m.data()).locks.size).toBe(0);
    });

    it('refuses a slot without a lock, and the same one twice', async () => {
        for (const slot of [0, SLOT - 1, SLOT + 1, 255]) {
            await m.refused(
                m.stranger,
                { ...message(), value: PLENTY, body: toStake.releaseStale(slot) },
                'LOCK_NOT_FOUND',
            );
        }
        m.chain.at(theLock(m).lockUntil);
        await m.stepped(m.stranger, message());
        await m.refused(m.stranger, { ...message(), value: PLENTY }, 'LOCK_NOT_FOUND');
    });
});

describe('A lock that went stale', () => {
    const m = useMarket();

    it('is out of reach of its escrow’s late slash, and so is the next lock of that slot', async () => {
        const job = await Job.prepare(m.provider);
        await job.postQuoted();
        const { slot } = await job.data();
        m.chain.at(job.lockUntil);
        await m.stepped(m.stranger, { to: m.stake, value: PLENTY, body: toStake.releaseStale(slot) });

        const next = await Job.prepare(m.provider, { nonce: 2n });
        await next.postQuoted();
        expect((await next.data()).slot).toBe(slot);

        const before = await m.dataHash(m.stake);
        const trace = await m.send(m.stranger, { to: job.escrow, value: PLENTY, body: body('ExpireJob').endCell() });
        expectTrace(trace, [
            { from: m.stranger, to: job.escrow, op: 'ExpireJob', destroyed: true },
            { from: job.escrow, to: m.stake, op: 'SlashCollateral', messagesOut: 0 },
            { from: job.escrow, to: m.client, op: 'JobClosed' },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
        expect(received(trace, m.client, 'JobClosed')).toBeGreaterThan(job.terms.price);
    });

    it('is out of reach when its escrow is opened a second time for the same slot', async () => {
        const job = await Job.prepare(m.provider);
        await job.postQuoted();
        const first = await job.data();
        await m.send(m.client, { to: job.escrow, value: PLENTY, body: body('ApproveFull').endCell() });
        const again = await Job.prepare(m.provider, { terms: { inputCommitment: hashNamed('another input') } });
        await again.postQuoted();
        const second = await again.data();
        expect(again.escrow).toEqualAddress(job.escrow);
        expect(second.slot).toBe(first.slot);
        expect(second.lockId).toBeGreaterThan(first.lockId);
        await m.ignored(job.escrow, {
            to: m.stake,
            value: PLENTY,
            body: toStake.slash(first.lockId, first.slot, {
                amount: COLLATERAL,
                client: m.client.address,
                toClientBps: 5000,
            }),
        });
    });
});
