import { Address, beginCell, Cell, toNano } from '@ton/core';
import { escrowInit, profileCell, stakeInit, tillInit } from '../helpers/cells';
import { PRICE_SETS, strayAddress } from '../helpers/chain';
import { STAKE_REGISTERING, STAKE_UNREGISTERED } from '../helpers/layout';
import { body } from '../helpers/network';
import { expectTrace, received } from '../helpers/traces';
import * as fees from '../../wrappers/fees';
import {
    bouncedBody,
    DAY,
    From,
    idOf,
    inMasterchain,
    Market,
    PLENTY,
    toRegistry,
    toStake,
    useMarket,
} from '../fixtures/stakes';

const ESCROW = strayAddress(0x5e);
const LOCK_ID = 42n;
const SLOT = 17;
const ALL_BUT_ONE = Array.from({ length: 256 }, (_, slot) => slot).filter((slot) => slot !== SLOT);
const accepted = (lockId = LOCK_ID, slot = SLOT) =>
    bouncedBody(body('JobAccepted', lockId).storeUint(slot, 8).storeUint(1n, 256).endCell());
const bounce = (m: Market, body: Cell, value = PLENTY) => ({ to: m.stake, value, body, bounced: true });

async function lockSlot(m: Market) {
    await m.plant((data) =>
        data.locks.set(SLOT, {
            lockId: LOCK_ID,
            escrow: idOf(ESCROW),
            collateral: toNano(5),
            lockUntil: m.now + 20 * DAY,
            byHot: true,
        }),
    );
}

describe.each(PRICE_SETS)('A bounced JobAccepted at %s prices', (prices) => {
    const m = useMarket({ prices }, async (market) => {
        await market.fillSlots(ALL_BUT_ONE);
        await lockSlot(market);
    });

    it('frees its slot among 255 others with what is left of its value in the worst case', async () => {
        const before = await m.data();
        const value = fees.computeFee(m.prices, 10_000n);
        expectTrace(await m.send(ESCROW, bounce(m, accepted(), value)), [
            { from: ESCROW, to: m.stake, op: 'bounced JobAccepted', messagesOut: 0 },
        ]);
        const after = await m.data();
        expect(after).toMatchObject({
            stake: before.stake,
            locked: before.locked - toNano(5),
            hotLocked: before.hotLocked - toNano(5),
            hotSlashed: 0n,
            record: 0n,
        });
        expect(after.locks.has(SLOT)).toBe(false);
        expect(after.locks.size).toBe(255);
    });

    it('comes back with enough from an escrow that refuses as late as it can', async () => {
        const value = fees.jobAcceptedValue(m.prices);
        const left = value - fees.computeFee(m.prices, 6_000n) - fees.messageFee(m.prices);
        expect(left).toBeGreaterThanOrEqual(fees.computeFee(m.prices, 10_000n));
    });
});

describe('A bounce that is not the lock’s', () => {
    const m = useMarket({}, lockSlot);

    const foreign: [what: string, from: (m: Market) => From, body: Cell][] = [
        ['from a stranger', (market) => market.stranger.address, accepted()],
        ['from the owner', (market) => market.owner.address, accepted()],
        ['from the Registry', (market) => market.registry, accepted()],
        ['from the masterchain', () => inMasterchain(ESCROW), accepted()],
        ['of another acceptance', () => ESCROW, accepted(LOCK_ID + 1n)],
        ['of another slot', () => ESCROW, accepted(LOCK_ID, SLOT + 1)],
        ['of something else', () => ESCROW, bouncedBody(toStake.release(LOCK_ID, SLOT))],
        ['of a slash’s share', () => ESCROW, bouncedBody(body('SlashShare', LOCK_ID).endCell())],
        ['of an excess', () => ESCROW, bouncedBody(body('Excesses', LOCK_ID).endCell())],
        ['of nothing', () => ESCROW, beginCell().storeUint(0xffffffff, 32).endCell()],
    ];
    it.each(foreign)('%s is kept and changes nothing', async (_, from, message) => {
        await m.ignored(from(m), bounce(m, message));
    });

    it('comes too late a second time', async () => {
        await m.send(ESCROW, bounce(m, accepted()));
        expect((await m.data()).locks.size).toBe(0);
        await m.ignored(ESCROW, bounce(m, accepted()));
    });
});

describe('A bounced RegisterMe', () => {
    const m = useMarket({ registered: false });
    let attemptLt: bigint;
    beforeEach(async () => {
        const step = await m.step(m.owner, {
            to: m.stake,
            value: toNano(1005),
            init: m.provider.stakeInit,
            body: toStake.open(toNano(1000), profileCell(m.provider.profile)),
        });
        await step();
        ({ attemptLt } = await m.opening());
        expect((await m.data()).state).toBe(STAKE_REGISTERING);
    });
    const returned = (lt: bigint) => bouncedBody(toRegistry.register(lt, toNano(1000), m.owner.address));

    it('ends the attempt with reason 255, and everything can be withdrawn', async () => {
        await m.send(m.registry, bounce(m, returned(attemptLt)));
        expect((await m.data()).state).toBe(STAKE_UNREGISTERED);
        expect((await m.opening()).refusal).toBe(255);
        const back = await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.withdrawUnregistered() });
        expect(received(back, m.owner, 'Excesses')).toBeGreaterThan(toNano(1000) + PLENTY * 2n - toNano('0.1'));
    });

    it('of an earlier attempt, or from anybody else, changes nothing', async () => {
        await m.ignored(m.registry, bounce(m, returned(attemptLt - 1n)));
        await m.ignored(m.registry, bounce(m, returned(attemptLt + 1n)));
        for (const from of [m.stranger.address, m.owner.address, strayAddress(8), inMasterchain(m.registry)]) {
            await m.ignored(from, bounce(m, returned(attemptLt)));
        }
    });

    it('after the admission changes nothing', async () => {
        await m.send(m.registry, {
            to: m.stake,
            value: PLENTY,
            body: toStake.initialise(attemptLt, m.network.params),
        });
        expect((await m.data()).state).toBe(3);
        await m.ignored(m.registry, bounce(m, returned(attemptLt)));
    });
});

describe('What a stake sends', () => {
    const m = useMarket();

    it('as shares of a slash arrives where no account is', async () => {
        await lockSlot(m);
        const client = strayAddress(0x71);
        const slash = toStake.slash(LOCK_ID, SLOT, { amount: toNano(5), client, toClientBps: 5000 });
        expectTrace(await m.send(ESCROW, { to: m.stake, value: PLENTY, body: slash }), [
            { from: ESCROW, to: m.stake, op: 'SlashCollateral' },
            { from: m.stake, to: client, op: 'SlashShare', exitCode: 'skipped', messagesOut: 0 },
            { from: m.stake, to: m.network.treasury, op: 'SlashShare' },
        ]);
        expect(await m.chain.balance(client)).toBe(toNano('2.5') - fees.forwardFee(m.prices));
    });

    it('as an excess to a contract that throws stays there: it cannot come back and do something', async () => {
        const before = await m.dataHash(m.stake);
        const trace = await m.send(m.registry, {
            to: m.stake,
            value: toNano(3),
            body: toStake.topUp(toNano(1)),
        });
        expectTrace(trace, [
            { from: m.registry, to: m.stake, op: 'TopUpStake' },
            { from: m.stake, to: m.registry, op: 'Excesses', exitCode: 130, messagesOut: 0 },
        ]);
        expect(await m.dataHash(m.stake)).not.toBe(before);
    });

    it('to the till of a provider whose till was deployed by a stranger reaches it all the same', async () => {
        const owner = await m.chain.wallet('another owner');
        const { address, init } = stakeInit({ registry: m.registry, owner: owner.address });
        const till = tillInit(address);
        // A till that is not initialised refuses what it is sent, and is deployed by that.
        await m.send(m.stranger, {
            to: till.address,
            value: PLENTY,
            init: till.init,
            body: body('Withdraw').endCell(),
        });
        expect(await m.chain.isActive(till.address)).toBe(true);
        const trace = await m.send(owner, {
            to: address,
            value: toNano(1010),
            init,
            body: toStake.open(toNano(1000), profileCell(m.provider.profile)),
        });
        expectTrace(trace, [
            { from: owner, to: address, op: 'OpenStake' },
            { from: address, to: m.registry, op: 'RegisterMe' },
            { from: m.registry, to: address, op: 'Initialise' },
            { from: address, to: till.address, op: 'TillParams' },
            { from: till.address, to: owner, op: 'Excesses' },
        ]);
    });

    it('comes back from an escrow that was never posted, and leaves no lock', async () => {
        const nowhere: Address = escrowInit({
            client: m.client.address,
            providerStake: m.stake,
            nonce: 5n,
        }).address;
        const accept = toStake.acceptJob({
            collateral: toNano(1),
            client: m.client.address,
            nonce: 5n,
            lockUntil: m.now + 9 * DAY,
        });
        const before = await m.dataHash(m.stake);
        expectTrace(await m.send(m.operator, { to: m.stake, value: fees.acceptingValue(m.prices), body: accept }), [
            { from: m.operator, to: m.stake, op: 'AcceptJob' },
            { from: m.stake, to: nowhere, op: 'JobAccepted', exitCode: 'skipped' },
            { from: m.stake, to: m.operator, op: 'Excesses' },
            { from: nowhere, to: m.stake, op: 'bounced JobAccepted' },
        ]);
        expect(await m.dataHash(m.stake)).toBe(before);
    });
});
