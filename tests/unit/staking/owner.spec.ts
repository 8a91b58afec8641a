import { beginCell, Cell, toNano } from '@ton/core';
import * as fees from '../../../wrappers/fees';
import { hashNamed } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { parseParty } from '../../helpers/layout';
import { eventsOf, expectTrace, received, transactionAt } from '../../helpers/traces';
import {
    bodyAt,
    DAY,
    From,
    idOf,
    inMasterchain,
    largestProfile,
    malformedProfiles,
    Market,
    PLENTY,
    toStake,
    UNKNOWN_MESSAGE,
    useMarket,
} from '../../fixtures/stakes';

const AMOUNT = toNano(1000);
const PERIOD = 14 * DAY;
const ESCROW = strayAddress(0x5e);

const notTheOwner: [who: string, from: (m: Market) => From][] = [
    ['the operator', (m) => m.operator],
    ['a stranger', (m) => m.stranger],
    ['the governor', (m) => m.governor],
    ['the Registry', (m) => m.registry],
    ['the till', (m) => m.provider.till],
    ['the stake itself', (m) => m.stake],
    ['the owner’s namesake in the masterchain', (m) => inMasterchain(m.owner.address)],
];

const owned: [op: string, message: (m: Market) => Cell, least: (m: Market) => bigint][] = [
    ['UpdateProfile', (m) => toStake.updateProfile(m.profile()), (m) => fees.profileValue(m.prices)],
    ['ResetAllowanceUsed', () => toStake.resetAllowance(), (m) => fees.stakeStepValue(m.prices)],
    ['RequestUnbond', () => toStake.requestUnbond(1n), (m) => fees.stakeStepValue(m.prices)],
    ['CancelUnbond', () => toStake.cancelUnbond(), (m) => fees.stakeStepValue(m.prices)],
    ['WithdrawStake', () => toStake.withdraw(), (m) => fees.stakeStepValue(m.prices)],
];

async function unbond(m: Market, amount: bigint) {
    await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(amount) });
}

describe.each(PRICE_SETS)('What an owner pays at %s prices', (prices) => {
    const m = useMarket({ prices });

    it.each(owned)('for %s is exactly the least value', async (op, message, least) => {
        if (op === 'CancelUnbond' || op === 'WithdrawStake') {
            await unbond(m, toNano(10));
        }
        if (op === 'WithdrawStake') {
            m.chain.pass(PERIOD);
        }
        const all = { to: m.stake, body: message(m) };
        await m.refused(m.owner, { ...all, value: least(m) - 1n }, 'INSUFFICIENT_VALUE');
        expectTrace(await m.send(m.owner, { ...all, value: least(m) }), [
            { from: m.owner, to: m.stake, op, events: op === 'UpdateProfile' ? 1 : 0 },
            { from: m.stake, to: m.owner, op: 'Excesses' },
        ]);
    });

    it('for a profile of the largest size is covered by the least value', async () => {
        const body = toStake.updateProfile(m.profile(largestProfile(m.provider.profile)));
        const trace = await m.send(m.owner, { to: m.stake, value: fees.profileValue(m.prices), body });
        expectTrace(trace, [
            { from: m.owner, to: m.stake, op: 'UpdateProfile', events: 1 },
            { from: m.stake, to: m.owner, op: 'Excesses' },
        ]);
        expect(eventsOf(trace)[0]!.body).toEqualCell(
            beginCell()
                .storeUint(0x53540014, 32)
                .storeAddress(m.owner.address)
                .storeRef(m.profile(largestProfile(m.provider.profile)))
                .endCell(),
        );
    });

    it('for a top-up is the amount and a step, from anybody', async () => {
        const least = toNano(7) + fees.stakeStepValue(m.prices);
        const message = { to: m.stake, body: toStake.topUp(toNano(7)) };
        await m.refused(m.stranger, { ...message, value: least - 1n }, 'INSUFFICIENT_VALUE');
        const before = await m.chain.balance(m.stake);
        await m.stepped(m.stranger, { ...message, value: least });
        expect((await m.data()).stake).toBe(AMOUNT + toNano(7));
        expect(await m.chain.balance(m.stake)).toBe(before + toNano(7));
        const over = await m.stepped(m.stranger, { ...message, value: toNano(60) });
        expect(received(over, m.stranger, 'Excesses')).toBeGreaterThan(toNano(53) - fees.stakeStepValue(m.prices));
        expect((await m.data()).stake).toBe(AMOUNT + toNano(14));
    });

    it('WithdrawStake pays all that unbonded with what is above the rent, from the second it is unlocked', async () => {
        const started = m.now;
        await unbond(m, toNano(400));
        expect(await m.data()).toMatchObject({ stake: toNano(600), unbonding: toNano(400) });
        expect((await m.cold()).unlockAt).toBe(started + PERIOD);
        await m.send(m.stranger, { to: m.stake, value: toNano(9), bounce: false, body: new Cell() });
        m.chain.at(started + PERIOD - 1);
        const message = { to: m.stake, value: PLENTY, body: toStake.withdraw() };
        await m.refused(m.owner, message, 'STILL_UNBONDING');
        m.chain.at(started + PERIOD);
        const trace = await m.send(m.owner, message);
        expectTrace(trace, [
            { from: m.owner, to: m.stake, op: 'WithdrawStake' },
            { from: m.stake, to: m.owner, op: 'Excesses' },
        ]);
        const paid = received(trace, m.owner, 'Excesses');
        expect(paid).toBeGreaterThan(toNano(408) + PLENTY - toNano('0.1'));
        expect(paid).toBeLessThan(toNano(409) + PLENTY);
        expect(await m.data()).toMatchObject({ stake: toNano(600), unbonding: 0n });
        expect(await m.chain.balance(m.stake)).toBe(toNano(600) + fees.stakeRent(m.prices));
    });
});

describe('Owner’s messages', () => {
    const m = useMarket();

    it.each(notTheOwner)('are not for %s to send', async (_, from) => {
        for (const [, message] of owned) {
            await m.refused(from(m), { to: m.stake, value: PLENTY, body: message(m) }, 'WRONG_SENDER');
        }
    });

    it('return their query id with the excess', async () => {
        const body = beginCell().storeUint(0x53540009, 32).storeUint(0xabcdef, 64).endCell();
        const trace = await m.stepped(m.owner, { to: m.stake, value: PLENTY, body });
        expect(bodyAt(trace, m.owner, 'Excesses')).toEqualCell(
            beginCell().storeUint(0xd53276db, 32).storeUint(0xabcdef, 64).endCell(),
        );
    });

    it('are all that it knows besides the network’s', async () => {
        for (const body of [new Cell(), beginCell().storeUint(0xdeadbeef, 32).endCell()]) {
            await m.refused(m.owner, { to: m.stake, value: PLENTY, body }, UNKNOWN_MESSAGE);
        }
        await m.refused(m.owner, { to: m.stake, value: PLENTY, body: toStake.topUp(0n) }, 'ZERO_AMOUNT');
    });

    it('bring its rent back to five years', async () => {
        const rent = fees.stakeRent(m.prices);
        await m.chain.setBalance(m.stake, AMOUNT + rent / 2n);
        await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.resetAllowance() });
        expect(await m.chain.balance(m.stake)).toBe(AMOUNT + rent);
    });
});

describe('A profile', () => {
    const m = useMarket();
    const update = (profile: Cell) => ({ to: m.stake, value: PLENTY, body: toStake.updateProfile(profile) });

    it('is replaced as a whole, with the party that escrows keep', async () => {
        const change = {
            operator: m.stranger.address,
            allowanceCap: 77n,
            signingKey: 5n,
            encryptionKey: 6n,
            endpoint: Buffer.from('x'),
            offers: [],
        };
        const trace = await m.send(m.owner, update(m.profile(change)));
        expectTrace(trace, [
            { from: m.owner, to: m.stake, op: 'UpdateProfile', events: 1 },
            { from: m.stake, to: m.owner, op: 'Excesses' },
        ]);
        expect(await m.config()).toMatchObject({ allowanceCap: 77n, signingKey: 5n });
        expect((await m.settled()).profile).toEqualCell(m.profile(change));
        const party = parseParty((await m.config()).party);
        expect(party.operator).toEqualAddress(m.stranger.address);
        expect(party.owner).toEqualAddress(m.owner.address);
        expect(party.settlement).toEqualAddress(m.provider.till);
        expect(await m.data()).toMatchObject({ stake: AMOUNT });
    });

    it('keeps every bit of the largest and of the smallest', async () => {
        for (const change of [
            largestProfile(m.provider.profile),
            { offers: [], endpoint: Buffer.alloc(0), allowanceCap: 0n },
        ]) {
            await m.send(m.owner, update(m.profile(change)));
            expect((await m.settled()).profile).toEqualCell(m.profile(change));
        }
    });

    it('that is malformed is refused, however', async () => {
        for (const [what, profile, error] of malformedProfiles(m.provider.profile)) {
            await m.refused(m.owner, update(profile), error).catch((reason: Error) => {
                throw new Error(`a profile with ${what}: ${reason.message}`);
            });
        }
    });

    it.each([
        ['another signing key', { signingKey: 5n }, 0],
        ['another encryption key', { encryptionKey: 5n }, 0],
        ['another operator', { operator: strayAddress(1) }, 1],
        ['another allowance', { allowanceCap: 1n }, 1],
        ['another endpoint', { endpoint: Buffer.from('elsewhere') }, 1],
        ['other offers', { offers: [] }, 1],
    ])('with %s is attested, or not any more', async (_, change, kept) => {
        const until = m.now + DAY;
        await m.plantConfig((config) => (config.attestedUntil = until));
        await m.send(m.owner, update(m.profile(change)));
        expect((await m.config()).attestedUntil).toBe(kept * until);
    });
});

describe('Unbonding', () => {
    const m = useMarket();
    const message = (body: Cell) => ({ to: m.stake, value: PLENTY, body });

    it('of nothing, or of one nanoTON more than there is, is refused', async () => {
        await m.refused(m.owner, message(toStake.requestUnbond(0n)), 'ZERO_AMOUNT');
        await m.refused(m.owner, message(toStake.requestUnbond(AMOUNT + 1n)), 'UNBOND_EXCEEDS_STAKE');
        await unbond(m, AMOUNT);
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: AMOUNT });
    });

    it('a second time is refused while the first is pending, even when it has unlocked', async () => {
        await unbond(m, toNano(10));
        await m.refused(m.owner, message(toStake.requestUnbond(1n)), 'UNBOND_PENDING');
        m.chain.pass(PERIOD);
        await m.refused(m.owner, message(toStake.requestUnbond(1n)), 'UNBOND_PENDING');
        await m.send(m.owner, message(toStake.withdraw()));
        await unbond(m, 1n);
    });

    it('is undone by CancelUnbond, once', async () => {
        await m.refused(m.owner, message(toStake.cancelUnbond()), 'NOTHING_UNBONDING');
        await unbond(m, toNano(10));
        await m.stepped(m.owner, message(toStake.cancelUnbond()));
        expect(await m.data()).toMatchObject({ stake: AMOUNT, unbonding: 0n });
        await m.refused(m.owner, message(toStake.cancelUnbond()), 'NOTHING_UNBONDING');
    });

    it('cancelled and requested again waits the whole period again', async () => {
        await unbond(m, toNano(10));
        m.chain.pass(PERIOD - 1);
        await m.stepped(m.owner, message(toStake.cancelUnbond()));
        await unbond(m, toNano(10));
        m.chain.pass(PERIOD - 1);
        await m.refused(m.owner, message(toStake.withdraw()), 'STILL_UNBONDING');
    });

    it('of nothing cannot be withdrawn', async () => {
        await m.refused(m.owner, message(toStake.withdraw()), 'NOTHING_UNBONDING');
    });

    it('pays only what no lock needs, and the rest when the locks are gone', async () => {
        await m.fillSlots([0], { collateral: toNano(800), lockUntil: m.now + 90 * DAY, escrow: idOf(ESCROW) });
        await unbond(m, toNano(700));
        m.chain.pass(PERIOD);
        const first = await m.send(m.owner, message(toStake.withdraw()));
        const paid = received(first, m.owner, 'Excesses');
        expect(paid).toBeGreaterThan(toNano(200));
        expect(paid).toBeLessThan(toNano(200) + PLENTY);
        expect(await m.data()).toMatchObject({ stake: toNano(300), unbonding: toNano(500), locked: toNano(800) });
        await m.refused(m.owner, message(toStake.withdraw()), 'NOTHING_WITHDRAWABLE');
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: toStake.release(1n, 0) });
        await m.send(m.owner, message(toStake.withdraw()));
        expect(await m.data()).toMatchObject({ stake: toNano(300), unbonding: 0n, locked: 0n });
    });

    it('pays nothing while a lock needs all of it', async () => {
        await m.fillSlots([0], { collateral: AMOUNT });
        await unbond(m, toNano(700));
        m.chain.pass(PERIOD);
        await m.refused(m.owner, message(toStake.withdraw()), 'NOTHING_WITHDRAWABLE');
    });

    it('is slashable to its last second, and pays what is left', async () => {
        await m.fillSlots([0], { collateral: toNano(500), lockUntil: m.now + 90 * DAY, escrow: idOf(ESCROW) });
        await unbond(m, AMOUNT);
        m.chain.pass(PERIOD);
        const slash = toStake.slash(1n, 0, { amount: toNano(500), client: m.client.address, toClientBps: 5000 });
        await m.send(ESCROW, { to: m.stake, value: PLENTY, body: slash });
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: toNano(500), locked: 0n });
        const trace = await m.send(m.owner, message(toStake.withdraw()));
        expect(received(trace, m.owner, 'Excesses')).toBeGreaterThan(toNano(500));
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: 0n });
        expect(await m.chain.isActive(m.stake)).toBe(true);
    });

    it('of everything jails the provider until somebody tops it up', async () => {
        await unbond(m, AMOUNT);
        const accept = message(
            toStake.acceptJob({
                collateral: 0n,
                client: m.client.address,
                nonce: 1n,
                jobKey: hashNamed('a job'),
                lockUntil: m.now + 9 * DAY,
            }),
        );
        await m.refused(m.owner, accept, 'JAILED');
        await m.stepped(m.stranger, { ...message(toStake.topUp(toNano(100))), value: toNano(101) });
        const trace = await m.send(m.owner, accept);
        expect(transactionAt(trace, m.stake, 'AcceptJob').outMessagesCount).toBe(2);
    });
});
