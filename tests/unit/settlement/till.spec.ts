import { Address, beginCell, Cell, toNano } from '@ton/core';
import {
    computeFee,
    dust,
    forwardFee,
    settleValue,
    settlingValue,
    settingPayeesValue,
    tillDeploymentValue,
    tillRent,
    tillStepValue,
} from '../../../wrappers/fees';
import { errorCode, expectGasWithinConstants, gasFeesOf, internalFrom, Market, Role, ROLES } from '../../fixtures/jobs';
import { payeesCell, tillInit } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { Payee, parsePayees, parseTillData, parseTillParties, TillData } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { tactConstant } from '../../helpers/sources';
import { storageFeesOf } from '../../helpers/step';
import { expectTrace, received, transactionAt } from '../../helpers/traces';

/** A message of the till to itself would only confuse its balance. */
const SENDERS = ROLES.filter((role) => role !== 'till');
/** Contracts do not understand an excess that they did not ask for. */
const WALLETS = SENDERS.filter((role) => role !== 'registry' && role !== 'stake');

const NEVER = (1n << 64n) - 1n;

function settleBody(amount: bigint, source: Address, queryId = 0n): Cell {
    return body('Settle', queryId).storeUint(amount, 64).storeAddress(source).endCell();
}

function setPayeesBody(payees: Cell | null, threshold = 0n): Cell {
    return body('SetPayees').storeUint(threshold, 64).storeMaybeRef(payees).endCell();
}

const withdraw = body('Withdraw').endCell();
const flush = body('FlushFees').endCell();

describe.each(PRICE_SETS)('PayoutSettlement (prices: %s)', (prices) => {
    let market: Market;
    let till: Address;

    beforeAll(async () => {
        market = await Market.open({ prices });
        till = market.provider.till;
        market.keepAs('open');
    });

    beforeEach(async () => {
        await market.enter('uninit');
        await market.payRent(till);
    });

    const data = async (): Promise<TillData> => parseTillData((await market.chain.data(till))!);
    const tell = (from: Role | Address, message: Cell, value?: bigint, bounce = true) =>
        market.tell(from, message, { to: till, value, bounce });
    const settle = (amount: bigint, value: bigint, from: Role = 'stranger', bounce = true) =>
        tell(from, settleBody(amount, market.stranger.address), value, bounce);
    const refused = (from: Role | Address, message: Cell, error: string | number, value?: bigint) =>
        market.expectRefused(from, message, error, { to: till, value });
    const rent = () => tillRent(market.prices);
    const own = async () => (await market.chain.balance(till)) - (await data()).feesDue;
    /** Puts exactly this much above fees due and rent into the till. */
    const fill = async (amount: bigint) => market.chain.setBalance(till, rent() + (await data()).feesDue + amount);

    const params = (
        change: { version?: number; feeBps?: number; owner?: Address; treasury?: Address; queryId?: bigint } = {},
    ) =>
        body('TillParams', change.queryId)
            .storeUint(change.version ?? 2, 32)
            .storeUint(change.feeBps ?? 300, 16)
            .storeAddress(change.owner ?? market.provider.owner.address)
            .storeRef(
                beginCell()
                    .storeAddress(change.treasury ?? market.network.treasury.address)
                    .storeAddress(market.stranger.address)
                    .endCell(),
            )
            .endCell();

    async function payTo(payees: { address: Address; bps: number }[], threshold = NEVER): Promise<void> {
        await tell('owner', setPayeesBody(payeesCell(payees), threshold));
        await market.payRent(till);
    }

    describe('TillParams', () => {
        it('The first one came with the registration', async () => {
            const first = await data();
            expect(first).toMatchObject({ version: 1, feeBps: 200, feesDue: 0n, threshold: 0n, payees: null });
            const parties = parseTillParties(first);
            expect(parties.owner).toEqualAddress(market.provider.owner.address);
            expect(parties.treasury).toEqualAddress(market.network.treasury.address);
            expect(await market.chain.balance(till)).toBeGreaterThanOrEqual(rent() - 1n);
        });

        it.each([
            ['a newer one is taken over', 2, 300],
            ['one of the same version is taken over', 1, 300],
            ['an older one is ignored', 0, 200],
        ])('%s', async (_, version, feeBps) => {
            const owner = strayAddress(3);
            const result = await tell('stake', params({ version, owner, queryId: 8n }), toNano('0.5'));
            expectTrace(result, [
                { to: till, op: 'TillParams' },
                { from: till, to: market.stranger, op: 'Excesses' },
            ]);
            const after = await data();
            expect(after).toMatchObject({ version: Math.max(1, version), feeBps });
            expect(parseTillParties(after).owner!.equals(owner)).toBe(version > 0);
        });

        it('Its excess leaves rent, fees due and what the provider had', async () => {
            await fill(toNano(3));
            const before = await market.chain.balance(till);
            await tell('stake', params(), toNano('0.5'));
            expect(await market.chain.balance(till)).toBe(before);
            await market.chain.setBalance(till, 5n);
            const result = await tell('stake', params(), toNano('0.5'));
            expect(await market.chain.balance(till)).toBe(rent());
            expect(received(result, market.stranger, 'Excesses')).toBeGreaterThan(0n);
        });

        it('With too little to reserve it still is taken over, and nothing is sent', async () => {
            await market.chain.setBalance(till, 0n);
            const result = await tell('stake', params({ feeBps: 77 }), computeFee(market.prices, 8000n));
            expectTrace(result, [{ to: till, op: 'TillParams', messagesOut: 0 }]);
            expect((await data()).feeBps).toBe(77);
        });

        it.each(SENDERS.filter((role) => role !== 'stake'))('From the %s it is refused', async (role) => {
            await refused(role, params(), 'WRONG_SENDER');
        });

        it('A till of another stake refuses this one’s', async () => {
            const stray = strayAddress(44);
            expectTrace(await tell(stray, params()), [
                { to: till, op: 'TillParams', exitCode: errorCode('WRONG_SENDER') },
                { to: stray, op: 'bounced TillParams', exitCode: 'skipped' },
            ]);
        });

        it.each([0n, 1n])(
            'What the stake attaches at least deploys it, and %i less is still enough here',
            async (less) => {
                const stake = strayAddress(45);
                const fresh = tillInit(stake);
                const value = tillDeploymentValue(market.prices) - forwardFee(market.prices, 32n, 17000n) - less;
                const result = await market.chain.blockchain.sendMessage(
                    internalFrom(stake, fresh.address, value, params(), false, fresh.init),
                );
                expectTrace(result, [
                    { to: fresh.address, op: 'TillParams' },
                    { from: fresh.address, to: market.stranger, op: 'Excesses' },
                ]);
                expect(await market.chain.balance(fresh.address)).toBe(rent());
            },
        );

        it('A stake in the masterchain, and a till in the masterchain, are refused', async () => {
            const master = strayAddress(45, -1);
            const atBase = tillInit(master);
            const atMaster = tillInit(strayAddress(45));
            for (const [from, to, init] of [
                [master, atBase.address, atBase.init],
                [strayAddress(45), new Address(-1, atMaster.address.hash), atMaster.init],
            ] as const) {
                const result = await market.chain.blockchain.sendMessage(
                    internalFrom(from, to, toNano(1), params(), false, init),
                );
                expectTrace(result, [{ to, op: 'TillParams', exitCode: errorCode('NOT_BASECHAIN') }]);
            }
        });
    });

    describe('Before it is initialised', () => {
        const stake = strayAddress(50);
        const fresh = tillInit(stake);

        async function deployEarly(): Promise<void> {
            await market.chain.send(market.stranger, {
                to: fresh.address,
                value: toNano('0.3'),
                init: fresh.init,
                bounce: false,
            });
            expect(await market.chain.isActive(fresh.address)).toBe(true);
        }

        it.each([
            ['Settle', settleBody(1n, strayAddress(1)), 'stranger'],
            ['Withdraw', withdraw, 'owner'],
            ['SetPayees', setPayeesBody(null), 'owner'],
            ['FlushFees', flush, 'stranger'],
        ] as const)('%s is refused', async (_, message, role) => {
            await deployEarly();
            await market.expectRefused(role, message, 'WRONG_STATE', { to: fresh.address });
        });

        it('What an escrow settled stays, and is the provider’s once the till is initialised', async () => {
            const paid = toNano(2);
            const message = settleBody(paid, market.stranger.address);
            // First without any account there, then with one that a stranger deployed.
            const nobody = await market.tell(market.escrow, message, { to: fresh.address, value: paid, bounce: false });
            expectTrace(nobody, [{ to: fresh.address, op: 'Settle', exitCode: 'skipped', messagesOut: 0 }]);
            await deployEarly();
            const early = await market.tell(market.escrow, message, { to: fresh.address, value: paid, bounce: false });
            expectTrace(early, [
                { to: fresh.address, op: 'Settle', exitCode: errorCode('WRONG_STATE'), messagesOut: 0 },
            ]);
            await market.chain.blockchain.sendMessage(
                internalFrom(stake, fresh.address, toNano(1), params(), false, fresh.init),
            );
            const result = await market.tell('owner', withdraw, { to: fresh.address });
            expectTrace(result, [
                { to: fresh.address, op: 'Withdraw' },
                { from: fresh.address, to: market.provider.owner, op: 'Payout' },
                { from: fresh.address, to: market.provider.owner, op: 'Excesses' },
            ]);
            expect(received(result, market.provider.owner, 'Payout')).toBeGreaterThan(2n * paid);
        });
    });

    describe('Settle', () => {
        beforeEach(() => payTo([{ address: market.provider.owner.address, bps: 10000 }]));

        it.each(SENDERS)('The %s may pay', async (role) => {
            const result = await settle(toNano(1), settlingValue(market.prices, toNano(1)), role);
            expectTrace(result, [{ to: till, op: 'Settle', messagesOut: 0 }]);
            expect((await data()).feesDue).toBe(toNano('0.02'));
        });

        const gas = () => computeFee(market.prices, tactConstant('GAS_TILL_SETTLE'));
        /** [what it says, amount, value carried, what the fee is on] */
        const cases: [string, () => [bigint, bigint, bigint]][] = [
            ['exactly amount and gas', () => [toNano(1), toNano(1) + gas(), toNano(1)]],
            ['a nanoTON less than that', () => [toNano(1), toNano(1) + gas() - 1n, toNano(1) - 1n]],
            ['more than it says', () => [toNano(1), toNano(5), toNano(1)]],
            ['less than it says', () => [toNano(5), toNano(1), toNano(1) - gas()]],
            ['as much as it can say', () => [NEVER, toNano(1), toNano(1) - gas()]],
            ['an amount of nothing', () => [0n, toNano(1), 0n]],
            ['exactly its gas', () => [toNano(1), gas(), 0n]],
            ['a nanoTON more than its gas', () => [toNano(1), gas() + 1n, 1n]],
            ['50 nanoTON, of which 2 % is 1', () => [50n, gas() + 50n, 50n]],
            ['49 nanoTON, of which 2 % is nothing', () => [49n, gas() + 49n, 49n]],
        ];

        it.each(cases)('With %s the fee is on what really came', async (_, numbers) => {
            const [amount, value, base] = numbers();
            const before = await market.chain.balance(till);
            const result = await settle(amount, value);
            expectTrace(result, [{ to: till, op: 'Settle', messagesOut: 0 }]);
            const paid = transactionAt(result, till, 'Settle');
            expect((await data()).feesDue).toBe((base * 200n) / 10000n);
            expect(await market.chain.balance(till)).toBe(before + value - gasFeesOf(paid) - storageFeesOf(paid));
        });

        it('The fee is at the till’s own rate of now', async () => {
            await tell('stake', params({ feeBps: 500 }), toNano('0.5'));
            await settle(toNano(1), toNano(2));
            expect((await data()).feesDue).toBe(toNano('0.05'));
            await tell('stake', params({ version: 3, feeBps: 0 }), toNano('0.5'));
            await settle(toNano(1), toNano(2));
            expect((await data()).feesDue).toBe(toNano('0.05'));
        });

        it.each(['1', '2', '1000', 'half its gas', 'a nanoTON under its gas'])(
            'Carrying %s nanoTON it takes nothing from the provider',
            async (text) => {
                await settle(toNano(3), toNano(4));
                const value = text.startsWith('half') ? gas() / 2n : text.startsWith('a ') ? gas() - 1n : BigInt(text);
                for (const bounce of [true, false]) {
                    await market.payRent(till);
                    const before = await own();
                    await settle(NEVER, value, 'stranger', bounce);
                    expect(await own()).toBeGreaterThanOrEqual(before);
                }
            },
        );

        const hostile = prices === 'default' ? 1000 : 200;
        it(`${hostile} hostile messages never lower what is the provider’s`, async () => {
            await settle(toNano(3), toNano(4));
            await market.payRent(till);
            let least = await own();
            const random = generator(7);
            for (let count = 0; count < hostile; count += 1) {
                const value = 1n + (BigInt(random()) * gas() * 3n) / 0x7fffffffn;
                const amounts = [0n, 1n, value, value / 2n, NEVER, gas(), toNano(1000)];
                const amount = amounts[random() % amounts.length]!;
                const result = await market.chain.blockchain.sendMessage(
                    internalFrom(
                        strayAddress(60 + (random() % 3)),
                        till,
                        value,
                        settleBody(amount, market.stranger.address),
                        random() % 2 === 0,
                    ),
                );
                market.noteGas(result);
                const now = await own();
                expect(now).toBeGreaterThanOrEqual(least);
                least = now;
            }
        });
    });

    describe('Autopayout', () => {
        const spare = () => settleValue(market.prices);
        const reckonedGas = () => computeFee(market.prices, tactConstant('GAS_TILL_SETTLE'));
        const floor = () => 20n * market.fwd;

        /** A Settle of 0 with settleValue(), onto so much that exactly `payable` remains to be paid. */
        async function settleWith(payable: bigint): ReturnType<typeof settle> {
            await fill(payable + reckonedGas() - spare());
            return await settle(0n, spare());
        }

        it.each([
            [0n, true],
            [-1n, false],
        ])('At 20 forward fees and %i nanoTON, without a threshold: paid is %s', async (offset, paid) => {
            const result = await settleWith(floor() + offset);
            expectTrace(result, [
                { to: till, op: 'Settle', messagesOut: paid ? 1 : 0 },
                ...(paid
                    ? [{ from: till, to: market.provider.owner, op: 'Payout', value: floor() + offset - market.fwd }]
                    : []),
            ]);
            expect(await own()).toBeGreaterThanOrEqual(rent());
        });

        it.each([
            [0n, true],
            [-1n, false],
        ])('At the threshold and %i nanoTON: paid is %s', async (offset, paid) => {
            const threshold = toNano(2);
            await tell('owner', setPayeesBody(null, threshold));
            const result = await settleWith(threshold + offset);
            expectTrace(result, [
                { to: till, op: 'Settle', messagesOut: paid ? 1 : 0 },
                ...(paid ? [{ from: till, to: market.provider.owner, op: 'Payout' }] : []),
            ]);
            expect(await own()).toBeGreaterThanOrEqual(rent());
        });

        it('It is tried only if the value covers it', async () => {
            await fill(toNano(5));
            const least = reckonedGas() + market.fwd;
            expectTrace(await settle(0n, least - 1n), [{ to: till, op: 'Settle', messagesOut: 0 }]);
            expectTrace(await settle(0n, least), [{ to: till, op: 'Settle', messagesOut: 1 }, { op: 'Payout' }]);
        });

        const fourPayees = () =>
            [4000, 3000, 2000, 1000].map((bps, index) => ({ address: strayAddress(70 + index), bps }));

        it.each([1, 2, 3, 4])('It pays %i payees their shares, and tops out where the value ends', async (count) => {
            const payees = fourPayees().slice(0, count);
            payees[0]!.bps += 10000 - payees.reduce((sum, { bps }) => sum + bps, 0);
            await payTo(payees, 0n);
            const least = computeFee(
                market.prices,
                tactConstant('GAS_TILL_SETTLE') + 4n * tactConstant('GAS_TILL_PAYEE'),
            );
            await fill(toNano(5));
            expectTrace(await settle(0n, least - 1n), [{ to: till, op: 'Settle', messagesOut: 0 }]);
            await fill(toNano(5));
            const result = await settle(0n, least);
            const payable = toNano(5);
            const shares = payees.map(({ bps }) => (payable * BigInt(bps)) / 10000n);
            shares[0] = payable - shares.slice(1).reduce((sum, share) => sum + share, 0n);
            expectTrace(result, [
                { to: till, op: 'Settle', messagesOut: count },
                ...[...payees.keys()]
                    .slice(1)
                    .concat(0)
                    .map((index) => ({
                        from: till,
                        to: payees[index]!.address,
                        op: 'Payout',
                        value: shares[index]! - market.fwd,
                        exitCode: 'skipped' as const,
                    })),
            ]);
            expect(await own()).toBeGreaterThanOrEqual(rent());
        });

        it('Fees due stay', async () => {
            await fill(toNano(5));
            await settle(toNano(10), settlingValue(market.prices, toNano(10)));
            expect((await data()).feesDue).toBe(toNano('0.2'));
            expect(await own()).toBeGreaterThanOrEqual(rent());
            expect(await own()).toBeLessThan(rent() + spare());
        });
    });

    describe('Withdraw', () => {
        it.each(SENDERS.filter((role) => role !== 'owner'))('From the %s it is refused', async (role) => {
            await fill(toNano(1));
            await refused(role, withdraw, 'WRONG_SENDER');
        });

        it('It needs exactly tillStepValue', async () => {
            await fill(toNano(1));
            const least = tillStepValue(market.prices);
            await refused('owner', withdraw, 'INSUFFICIENT_VALUE', least - 1n);
            const result = await tell('owner', withdraw, least);
            expectTrace(result, [
                { to: till, op: 'Withdraw' },
                { to: market.provider.owner, op: 'Payout', value: toNano(1) - market.fwd },
                { to: market.provider.owner, op: 'Excesses' },
            ]);
            expect(await own()).toBe(rent());
        });

        it('Dust is paid, a nanoTON below dust is not', async () => {
            await fill(dust(market.prices) - 1n);
            await refused('owner', withdraw, 'NOTHING_TO_PAY');
            await fill(dust(market.prices));
            const result = await tell('owner', withdraw);
            expectTrace(result, [
                { to: till, op: 'Withdraw' },
                { op: 'Payout', value: market.fwd },
                { op: 'Excesses' },
            ]);
            await refused('owner', withdraw, 'NOTHING_TO_PAY');
        });

        it('Fees due and rent stay', async () => {
            await payTo([{ address: market.provider.owner.address, bps: 10000 }]);
            await settle(toNano(10), toNano(11));
            const { feesDue } = await data();
            await tell('owner', withdraw);
            expect(await market.chain.balance(till)).toBe(rent() + feesDue);
            expect((await data()).feesDue).toBe(feesDue);
        });

        it('Shares are by basis points, the remainder is the first payee’s, dust stays', async () => {
            const payees = [1, 3333, 3333, 3333].map((bps, index) => ({ address: strayAddress(80 + index), bps }));
            await payTo(payees);
            const payable = 999_999_999n;
            await fill(payable);
            const share = (payable * 3333n) / 10000n;
            const left = payable - 3n * share;
            const result = await tell('owner', withdraw);
            const firstIsPaid = left >= dust(market.prices);
            expectTrace(result, [
                { to: till, op: 'Withdraw' },
                ...[1, 2, 3].map((index) => ({
                    to: payees[index]!.address,
                    op: 'Payout',
                    value: share - market.fwd,
                    exitCode: 'skipped' as const,
                })),
                ...(firstIsPaid
                    ? [{ to: payees[0]!.address, op: 'Payout', value: left - market.fwd, exitCode: 'skipped' as const }]
                    : []),
                { to: market.provider.owner, op: 'Excesses' },
            ]);
            expect(await own()).toBe(rent() + (firstIsPaid ? 0n : left));
        });

        it('A till that rent made poor pays nothing until it has its rent again', async () => {
            await fill(0n);
            market.chain.pass(365 * 86400);
            await refused('owner', withdraw, 'NOTHING_TO_PAY');
            await refused('stranger', flush, 'NOTHING_TO_PAY');
        });
    });

    describe('FlushFees', () => {
        beforeEach(() => payTo([{ address: market.provider.owner.address, bps: 10000 }]));

        it.each(WALLETS)('The %s may send the fees to the treasury', async (role) => {
            await settle(toNano(10), toNano(11));
            const before = await own();
            const result = await tell(role, flush);
            expectTrace(result, [
                { to: till, op: 'FlushFees' },
                { to: market.network.treasury, op: 'Payout', value: toNano('0.2') - market.fwd },
                { to: market.addressOf(role), op: 'Excesses' },
            ]);
            expect((await data()).feesDue).toBe(0n);
            expect(await own()).toBe(before);
        });

        it('It needs exactly tillStepValue', async () => {
            await settle(toNano(10), toNano(11));
            const least = tillStepValue(market.prices);
            await refused('stranger', flush, 'INSUFFICIENT_VALUE', least - 1n);
            expectTrace(await tell('stranger', flush, least), [
                { to: till, op: 'FlushFees' },
                { op: 'Payout' },
                { op: 'Excesses' },
            ]);
        });

        it('Dust is sent, a nanoTON below dust is not', async () => {
            const least = dust(market.prices);
            const amount = least * 50n;
            await settle(amount - 1n, toNano(1) + amount);
            expect((await data()).feesDue).toBe(least - 1n);
            await refused('stranger', flush, 'NOTHING_TO_PAY');
            await settle(50n, toNano(1));
            expect((await data()).feesDue).toBe(least);
            expectTrace(await tell('stranger', flush), [
                { to: till, op: 'FlushFees' },
                { op: 'Payout', value: market.fwd },
                { op: 'Excesses' },
            ]);
            await refused('stranger', flush, 'NOTHING_TO_PAY');
        });

        it('With less than fees and rent there it sends what is above the rent', async () => {
            await settle(toNano(10), toNano(11));
            await market.payRent(till);
            const missing = rent() / 2n;
            await market.chain.setBalance(till, rent() + toNano('0.2') - missing);
            const result = await tell('stranger', flush);
            expect(received(result, market.network.treasury, 'Payout')).toBe(toNano('0.2') - missing - market.fwd);
            expect((await data()).feesDue).toBe(missing);
            expect(await market.chain.balance(till)).toBe(rent());
        });
    });

    describe('SetPayees', () => {
        const shares = (...bps: number[]): Payee[] =>
            bps.map((share, i) => ({ address: strayAddress(90 + i), bps: share }));
        const cellOf = (address: (builder: ReturnType<typeof beginCell>) => ReturnType<typeof beginCell>, tail = 0) =>
            address(beginCell()).storeUint(10000, 16).storeBit(0).storeUint(0, tail).endCell();

        it.each(SENDERS.filter((role) => role !== 'owner'))('From the %s it is refused', async (role) => {
            await refused(role, setPayeesBody(payeesCell(shares(10000))), 'WRONG_SENDER');
        });

        it.each([
            [[10000]],
            [[9999, 1]],
            [[1, 9999]],
            [[3333, 3333, 3334]],
            [[2500, 2500, 2500, 2500]],
            [[1, 1, 1, 9997]],
        ])('Shares of %j are accepted', async (bps) => {
            const list = shares(...bps);
            expectTrace(await tell('owner', setPayeesBody(payeesCell(list), 5n)), [
                { to: till, op: 'SetPayees' },
                { to: market.provider.owner, op: 'Excesses' },
            ]);
            const after = await data();
            expect(after.threshold).toBe(5n);
            expect(parsePayees(after.payees!)).toHaveLength(bps.length);
        });

        // What is left over in a payee's cell TVM itself refuses with 9.
        const bad: [string, string | number, () => Cell][] = [
            ['9999 in all', 'BAD_PAYEES', () => payeesCell(shares(9999))!],
            ['10001 in all', 'BAD_PAYEES', () => payeesCell(shares(5000, 5001))!],
            ['a sum that wraps at 16 bits', 'BAD_PAYEES', () => payeesCell(shares(65535, 10001))!],
            ['a share of zero', 'BAD_PAYEES', () => payeesCell(shares(10000, 0))!],
            ['five payees', 'BAD_PAYEES', () => payeesCell(shares(2000, 2000, 2000, 2000, 2000))!],
            ['fifty payees', 'BAD_PAYEES', () => payeesCell(shares(...Array<number>(50).fill(200)))!],
            ['an empty cell', 'BAD_PAYEES', () => beginCell().endCell()],
            ['a bit too many', 'BAD_PAYEES', () => cellOf((b) => b.storeAddress(strayAddress(1)), 1)],
            ['addr_none', 'BAD_PAYEES', () => cellOf((b) => b.storeAddress(null))],
            ['addr_none, the field filled', 9, () => cellOf((b) => b.storeUint(0, 2), 265)],
            [
                'an address in the masterchain',
                'NOT_BASECHAIN',
                () => cellOf((b) => b.storeAddress(strayAddress(1, -1))),
            ],
            [
                'a reference that no flag announces',
                9,
                () =>
                    beginCell()
                        .storeAddress(strayAddress(1))
                        .storeUint(10000, 16)
                        .storeBit(0)
                        .storeRef(beginCell().endCell())
                        .endCell(),
            ],
            [
                'two references',
                9,
                () =>
                    beginCell()
                        .storeAddress(strayAddress(1))
                        .storeUint(5000, 16)
                        .storeBit(1)
                        .storeRef(payeesCell(shares(5000))!)
                        .storeRef(beginCell().endCell())
                        .endCell(),
            ],
        ];

        it.each(bad)('%s: refused with %s', async (_, error, cell) => {
            await refused('owner', setPayeesBody(cell()), error);
        });

        it('It needs exactly settingPayeesValue, even with four payees to pay first', async () => {
            const payees = shares(2500, 2500, 2500, 2500);
            await payTo(payees);
            await fill(toNano(1));
            const least = settingPayeesValue(market.prices);
            await refused('owner', setPayeesBody(payeesCell(payees)), 'INSUFFICIENT_VALUE', least - 1n);
            const result = await tell('owner', setPayeesBody(payeesCell(shares(1, 1, 1, 9997))), least);
            expectTrace(result, [
                { to: till, op: 'SetPayees', messagesOut: 5 },
                ...[1, 2, 3, 0].map((index) => ({
                    to: payees[index]!.address,
                    op: 'Payout',
                    value: toNano('0.25') - market.fwd,
                    exitCode: 'skipped' as const,
                })),
                { to: market.provider.owner, op: 'Excesses' },
            ]);
            expect(await own()).toBe(rent());
        });

        it('Without payees the owner is paid', async () => {
            await payTo(shares(10000));
            await tell('owner', setPayeesBody(null, NEVER));
            expect((await data()).payees).toBeNull();
            await fill(toNano(1));
            expectTrace(await tell('owner', withdraw), [
                { to: till, op: 'Withdraw' },
                { to: market.provider.owner, op: 'Payout' },
                { to: market.provider.owner, op: 'Excesses' },
            ]);
        });

        it('A body that ends too early is refused', async () => {
            await refused('owner', body('SetPayees').storeUint(0, 64).endCell(), 9);
            await refused('owner', body('SetPayees').storeUint(0, 64).storeBit(1).endCell(), 9);
        });
    });

    describe('Plain transfers', () => {
        it('They are the provider’s, whole', async () => {
            const before = await market.chain.balance(till);
            const result = await tell('stranger', beginCell().endCell(), toNano(2));
            expectTrace(result, [{ to: till, op: 'empty', messagesOut: 0 }]);
            expect(await market.chain.balance(till)).toBe(before + toNano(2) - gasFeesOf(transactionAt(result, till)));
            expect((await data()).feesDue).toBe(0n);
        });

        it('A text comment and an unknown opcode bounce', async () => {
            await refused('stranger', beginCell().storeUint(0, 32).storeStringTail('hello').endCell(), 130);
            await refused('stranger', beginCell().storeUint(0x505300ff, 32).endCell(), 130);
        });
    });

    it('The getter says what the storage says', async () => {
        await payTo([{ address: market.provider.owner.address, bps: 10000 }]);
        await settle(toNano(10), toNano(11));
        const { stackReader } = await market.chain.blockchain.runGetMethod(till, 'till');
        expect(stackReader.readAddress()).toEqualAddress(market.provider.stake);
        expect(stackReader.readNumber()).toBe(1);
        expect(stackReader.readNumber()).toBe(200);
        expect(stackReader.readBigNumber()).toBe(toNano('0.2'));
        expect(stackReader.readBigNumber()).toBe(NEVER);
        stackReader.skip(3);
        expect(stackReader.readBigNumber()).toBe((await own()) - rent());
        const value = await market.chain.blockchain.runGetMethod(till, 'settlementValue');
        expect(value.stackReader.readBigNumber()).toBe(settleValue(market.prices));
    });
});

/** Numbers below 2^31 that are the same in every run. */
function generator(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return state >>> 8;
    };
}

it('No handler used more gas than its constant says', expectGasWithinConstants);
