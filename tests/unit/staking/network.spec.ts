import { Cell, toNano } from '@ton/core';
import * as fees from '../../../wrappers/fees';
import { hashNamed, networkParamsCell, packedHash } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { JOB_ACCEPTED, NetworkParams, parseTillData, parseTillParties } from '../../helpers/layout';
import { expectTrace, received } from '../../helpers/traces';
import {
    bodyAt,
    DAY,
    errorCode,
    From,
    idOf,
    inMasterchain,
    Market,
    PLENTY,
    toRegistry,
    toStake,
    useMarket,
} from '../../fixtures/stakes';

const syncing = (m: Market, value = PLENTY) => ({
    to: m.registry,
    value,
    body: toRegistry.sync(m.owner.address),
});

const till = async (m: Market) => parseTillData((await m.chain.data(m.provider.till))!);

async function synced(m: Market, from = m.stranger) {
    const trace = await m.send(from, syncing(m));
    expectTrace(trace, [
        { from, to: m.registry, op: 'SyncParams' },
        { from: m.registry, to: m.stake, op: 'UpdateParams' },
        { from: m.registry, to: from, op: 'Excesses' },
        { from: m.stake, to: m.provider.till, op: 'TillParams' },
        { from: m.provider.till, to: from, op: 'Excesses' },
    ]);
    return trace;
}

/** The governor proposes, the timelock passes, somebody executes. */
async function change(m: Market, params: Partial<NetworkParams>): Promise<NetworkParams> {
    const next = { ...m.network.params, ...params };
    await m.stepped(m.governor, {
        to: m.registry,
        value: PLENTY,
        body: toRegistry.proposeParams(networkParamsCell(next)),
    });
    m.chain.pass(2 * DAY);
    await m.stepped(m.stranger, { to: m.registry, value: PLENTY, body: toRegistry.execute() });
    return next;
}

describe.each(PRICE_SETS)('Parameters at %s prices', (prices) => {
    const m = useMarket({ prices });

    it('reach stake and till, and who asked gets the rest back', async () => {
        const verifier = strayAddress(0x7e);
        await change(m, {
            feeBps: 350,
            minStake: toNano(150),
            unbondingPeriod: 30 * DAY,
            treasury: strayAddress(0x11),
            verifier,
        });
        const stakeBefore = await m.chain.balance(m.stake);
        const trace = await synced(m);
        expect(await m.data()).toMatchObject({ feeBps: 350 });
        expect(await m.config()).toMatchObject({ minStake: toNano(150), pausedUntil: 0 });
        const cold = await m.cold();
        expect(cold).toMatchObject({ version: 2, unbondingPeriod: 30 * DAY });
        expect(cold.treasury).toEqualAddress(strayAddress(0x11));
        expect((await m.settled()).verifier).toEqualAddress(verifier);
        expect(await till(m)).toMatchObject({ version: 2, feeBps: 350 });
        expect(parseTillParties(await till(m)).treasury).toEqualAddress(strayAddress(0x11));
        expect(received(trace, m.stranger, 'Excesses')).toBeGreaterThan(PLENTY - fees.syncingValue(m.prices));
        expect(await m.chain.balance(m.stake)).toBeLessThanOrEqual(stakeBefore);
        expect(await m.chain.balance(m.stake)).toBeGreaterThan(stakeBefore - toNano('0.01'));
    });

    it('of the same version change nothing', async () => {
        const before = await m.dataHash(m.stake);
        const tillBefore = await m.dataHash(m.provider.till);
        await synced(m);
        expect(await m.dataHash(m.stake)).toBe(before);
        expect(await m.dataHash(m.provider.till)).toBe(tillBefore);
    });
});

describe('Parameters', () => {
    const m = useMarket();

    it('that are older than the stake’s own bounce to the Registry', async () => {
        const old = m.network.params;
        await change(m, { feeBps: 300 });
        await synced(m);
        const message = { to: m.stake, value: PLENTY, body: toStake.updateParams(old, 1, m.stranger.address) };
        await m.refused(m.registry, message, 'OLD_PARAMS');
        expect(await m.data()).toMatchObject({ feeBps: 300 });
    });

    it('overtaken on their way are refused, and the newer stay', async () => {
        const first = await m.step(m.stranger, syncing(m));
        await first(); // UpdateParams of version 1 is on its way
        await change(m, { feeBps: 300 });
        await synced(m);
        const late = await first();
        expect(late.description).toMatchObject({ computePhase: { exitCode: errorCode('OLD_PARAMS') } });
        expect(await m.data()).toMatchObject({ feeBps: 300 });
        expect((await m.cold()).version).toBe(2);
        expect(await till(m)).toMatchObject({ version: 2, feeBps: 300 });
    });

    it('from anybody but the Registry are refused', async () => {
        const forged = { ...m.network.params, treasury: m.stranger.address, feeBps: 500 };
        const senders: From[] = [
            m.stranger,
            m.owner,
            m.operator,
            m.governor,
            m.provider.till,
            strayAddress(4),
            inMasterchain(m.registry),
        ];
        for (const from of senders) {
            const body = toStake.updateParams(forged, 9, m.stranger.address);
            await m.refused(from, { to: m.stake, value: PLENTY, body }, 'WRONG_SENDER');
        }
    });

    it('with too little for the till are refused as a whole', async () => {
        const value = fees.tillDeploymentValue(m.prices) - 1n;
        const body = toStake.updateParams({ ...m.network.params, feeBps: 1 }, 2, m.stranger.address);
        await m.refused(m.registry, { to: m.stake, value, body }, 'INSUFFICIENT_VALUE');
    });

    it('change neither stake, locks, unbonding that runs, record nor profile', async () => {
        await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(toNano(100)) });
        await m.fillSlots([0, 200, 230]);
        const { unlockAt } = await m.cold();
        const before = await m.data();
        const { profile } = await m.settled();
        await change(m, { feeBps: 500, minStake: toNano(200), unbondingPeriod: 60 * DAY });
        await synced(m);
        const after = await m.data();
        expect({ ...after, feeBps: 0, config: null }).toEqual({ ...before, feeBps: 0, config: null });
        expect((await m.cold()).unlockAt).toBe(unlockAt);
        expect((await m.settled()).profile).toEqualCell(profile);
    });

    it('reach a stake and a till whose owner they do not ask', async () => {
        await synced(m, m.owner);
        await synced(m, m.governor);
    });
});

describe('An attestation', () => {
    const verifier = strayAddress(0x7e);
    const m = useMarket({ params: { verifier } });
    const reportData = (change: { stake?: bigint; signingKey?: bigint; encryptionKey?: bigint } = {}) =>
        packedHash(
            'reportData',
            [change.stake ?? idOf(m.stake), 256],
            [change.signingKey ?? m.provider.profile.signingKey, 256],
            [change.encryptionKey ?? m.provider.profile.encryptionKey, 256],
        );
    const verdict = (data: Buffer, validUntil = m.now + DAY, tail = Buffer.alloc(32)) => ({
        to: m.stake,
        value: PLENTY,
        body: toStake.verdict(Buffer.concat([data, tail]), validUntil),
    });

    it('of these very keys raises the tier until it expires; an earlier end changes nothing', async () => {
        await m.stepped(verifier, verdict(reportData(), m.now + DAY));
        expect((await m.config()).attestedUntil).toBe(m.now + DAY);
        await m.stepped(verifier, verdict(reportData(), m.now + 1));
        expect((await m.config()).attestedUntil).toBe(m.now + DAY);
        await m.stepped(verifier, verdict(reportData(), m.now + 2 * DAY));
        expect((await m.config()).attestedUntil).toBe(m.now + 2 * DAY);
    });

    it('from anybody but the verifier is refused', async () => {
        const senders: From[] = [m.stranger, m.owner, m.operator, m.governor, m.registry, inMasterchain(verifier)];
        for (const from of senders) {
            await m.refused(from, verdict(reportData()), 'WRONG_SENDER');
        }
    });

    it.each([
        ['another stake', { stake: 1n }],
        ['another signing key', { signingKey: 1n }],
        ['another encryption key', { encryptionKey: 1n }],
    ])('of %s is refused', async (_, change) => {
        await m.refused(verifier, verdict(reportData(change)), 'BAD_REPORT_DATA');
    });

    it('with anything but zeros behind the hash is refused', async () => {
        for (const at of [0, 31]) {
            const tail = Buffer.alloc(32);
            tail[at] = 1;
            await m.refused(verifier, verdict(reportData(), m.now + DAY, tail), 'BAD_REPORT_DATA');
        }
        await m.refused(verifier, verdict(Buffer.alloc(32)), 'BAD_REPORT_DATA');
    });

    const tierOf = (body: Cell) => {
        const slice = body.beginParse();
        slice.skip(32 + 64 + 8 + 256 + 64 + 32);
        return { tier: slice.loadUint(8), attestedUntil: slice.loadUint(32) };
    };

    it.each([
        ['an attested one', 1, 1],
        ['one that expires this second', 0, 0],
    ])('tells an escrow the tier of %s', async (_, left, tier) => {
        await m.stepped(verifier, verdict(reportData(), m.now + left));
        const job = await Job.prepare(m.provider);
        const trace = await job.postQuoted();
        expect(tierOf(bodyAt(trace, job.escrow, 'JobAccepted'))).toEqual({ tier, attestedUntil: m.now + left });
    });

    it('lets a job of the attested tier be accepted if it lasts past the delivery, else not', async () => {
        const attested = await Job.prepare(m.provider, { terms: { tier: 1 } });
        await attested.post();
        const accept = { to: m.stake, value: PLENTY, body: await attested.acceptBody() };
        const lasts = m.now + attested.terms.deliverWithin;
        for (const until of [m.now, lasts]) {
            await m.stepped(verifier, verdict(reportData(), until));
            expectTrace(await m.send(m.operator, accept), [
                { op: 'AcceptJob' },
                { op: 'JobAccepted', exitCode: errorCode('TIER_INSUFFICIENT') },
                { op: 'Excesses' },
                { op: 'bounced JobAccepted' },
            ]);
        }
        await m.stepped(verifier, verdict(reportData(), lasts + 1));
        await m.send(m.operator, accept);
        expect((await attested.data()).state).toBe(JOB_ACCEPTED);
    });

    it('of the keys before a change of profile is worth nothing after it', async () => {
        const before = verdict(reportData());
        await m.send(m.owner, {
            to: m.stake,
            value: PLENTY,
            body: toStake.updateProfile(m.profile({ signingKey: hashNamed('another key') })),
        });
        await m.refused(verifier, before, 'BAD_REPORT_DATA');
        await m.stepped(verifier, verdict(reportData({ signingKey: hashNamed('another key') })));
    });
});

describe('A network without a verifier', () => {
    const m = useMarket();

    it('takes an attestation from nobody', async () => {
        const data = Buffer.concat([
            packedHash(
                'reportData',
                [idOf(m.stake), 256],
                [m.provider.profile.signingKey, 256],
                [m.provider.profile.encryptionKey, 256],
            ),
            Buffer.alloc(32),
        ]);
        for (const from of [m.stranger, m.owner, m.registry, m.governor]) {
            const body = toStake.verdict(data, m.now + DAY);
            await m.refused(from, { to: m.stake, value: PLENTY, body }, 'WRONG_SENDER');
        }
    });
});
