import { Address, beginCell, Cell, toNano } from '@ton/core';
import { jobTermsCell } from '../../helpers/cells';
import { Chain } from '../../helpers/chain';
import { useNetwork } from '../../helpers/fixture';
import { Job } from '../../helpers/jobs';
import { body, Network, Provider } from '../../helpers/network';
import { positionOf, Solvency } from '../../helpers/solvency';
import { Step } from '../../helpers/step';
import { ViolationError } from '../../helpers/watch';

let chain: Chain;
let network: Network;
let provider: Provider;

const fixture = useNetwork();

beforeEach(() => {
    ({ chain, network, provider } = fixture);
});

/** Plants data, sends the contract any message, and hands out what the checkers say. */
async function violationWith(at: { address: Address }, data: Cell): Promise<string> {
    await chain.setData(at, data);
    const wallet = await chain.wallet('anyone');
    await expect(chain.send(wallet, { to: at, value: toNano(1), body: body('FinalizeJob').endCell() })).rejects.toThrow(
        ViolationError,
    );
    return chain.checks.takeViolations().join('\n');
}

/** The stake's data with single fields replaced. */
async function stakeWith(change: {
    state?: bigint;
    stake?: bigint;
    unbonding?: bigint;
    locked?: bigint;
    hotLocked?: bigint;
    usedSlots?: bigint;
    moveLockTo?: number;
}): Promise<Cell> {
    const slice = (await chain.data(provider.stake))!.beginParse();
    const next = beginCell();
    const field = (bits: number, value?: bigint) => {
        const held = slice.loadUintBig(bits);
        next.storeUint(value ?? held, bits);
    };
    next.storeMaybeRef(slice.loadMaybeRef());
    field(256, change.usedSlots);
    field(64, change.locked);
    field(64, change.hotLocked);
    field(256);
    field(16);
    field(2, change.state);
    field(64, change.stake);
    field(64);
    field(64, change.unbonding);
    return next.storeSlice(slice).endCell();
}

describe('liabilities are read from raw storage', () => {
    it('of every contract in every state of a job', async () => {
        const positionAt = async (at: Address) => {
            const state = (await chain.blockchain.getContract(at)).accountState;
            if (state?.type !== 'active') {
                throw new Error('not active');
            }
            return positionOf(state.state.code!, state.state.data!, chain.prices, chain.now)!;
        };
        expect(await positionAt(network.registry)).toMatchObject({ contract: 'Registry', owed: 0n, faults: [] });
        expect(await positionAt(provider.stake)).toMatchObject({ contract: 'ProviderStake', owed: toNano(1000) });
        expect(await positionAt(provider.till)).toMatchObject({ contract: 'PayoutSettlement', owed: 0n });
        const job = await Job.prepare(provider);
        const owed = async () => (await positionAt(job.escrow)).owed;
        await job.post();
        expect(await owed()).toBe(job.terms.price);
        await job.accept();
        expect(await owed()).toBe(job.terms.price);
        await job.submit({ amount: 1n });
        expect(await owed()).toBe(job.terms.price);
        await job.challenge();
        expect(await owed()).toBe(job.terms.price + job.terms.challengeBond);
        await chain.send(provider.owner, {
            to: provider.stake,
            value: toNano(1),
            body: body('RequestUnbond').storeUint(toNano(300), 64).endCell(),
        });
        expect(await positionAt(provider.stake)).toMatchObject({ owed: toNano(1000), uninit: false, faults: [] });
        await chain.send(job.client, {
            to: provider.till,
            value: toNano(50),
            body: body('Settle').storeUint(toNano(50), 64).storeAddress(job.escrow).endCell(),
        });
        expect((await positionAt(provider.till)).owed).toBeGreaterThan(toNano('0.99'));
    });

    it('and of no other code', () => {
        expect(positionOf(new Cell(), new Cell(), chain.prices, chain.now)).toBeUndefined();
    });
});

describe('solvency catches', () => {
    it.each([
        ['locked below its locks', { locked: toNano(20) - 1n }, /locked is 19999999999, its locks say 20000000000/],
        ['locked above its locks', { locked: toNano(20) + 1n }, /locked is 20000000001, its locks say 20000000000/],
        ['hotLocked off its hot locks', { hotLocked: 0n }, /hotLocked is 0, its locks say 20000000000/],
        ['a used slot without a lock', { usedSlots: 3n }, /usedSlots is 3, its locks say 1/],
        ['a lock without its slot bit', { usedSlots: 0n }, /usedSlots is 0, its locks say 1/],
        ['locks above stake and unbonding', { stake: 1n }, /stake 1 \+ unbonding 0 is below locked 20000000000/],
        ['locks outside Registered', { state: 2n }, /state 2 has locks or unbonds/],
        ['a stake above the balance', { stake: toNano(5000) }, /balance \d+ nanoTON is \d+ nanoTON below the 5000/],
        ['unbonding above the balance', { unbonding: toNano(5000) }, /nanoTON below the 6000000000000 nanoTON owed/],
    ])('%s', async (_, change, message) => {
        const job = await Job.prepare(provider);
        await job.post();
        await job.accept();
        const violation = await violationWith({ address: provider.stake }, await stakeWith(change));
        expect(violation).toMatch(message);
        expect(violation).toContain('FinalizeJob at ProviderStake');
    });

    it('an escrow whose price is above its balance', async () => {
        const job = await Job.prepare(provider);
        await job.post();
        const slice = (await chain.data(job.escrow))!.beginParse();
        const root = slice.loadBits(slice.remainingBits);
        slice.loadRef();
        const terms = jobTermsCell({ ...job.terms, price: toNano(12) });
        expect(
            await violationWith({ address: job.escrow }, beginCell().storeBits(root).storeRef(terms).endCell()),
        ).toMatch(/\(JobEscrow\): balance \d+ nanoTON is \d+ nanoTON below the 12000000000 nanoTON owed/);
    });

    it('an escrow whose bond is held without a demand, and an amount above the price', async () => {
        const job = await Job.prepare(provider);
        await job.post();
        await job.accept();
        await job.submit();
        const slice = (await chain.data(job.escrow))!.beginParse();
        const root = slice.loadBits(slice.remainingBits);
        const terms = slice.loadRef();
        const submission = slice.loadRef().beginParse();
        submission.skip(128);
        const planted = beginCell().storeUint(toNano(11), 64).storeUint(1n, 64).storeSlice(submission).endCell();
        const violation = await violationWith(
            { address: job.escrow },
            beginCell().storeBits(root).storeRef(terms).storeRef(planted).endCell(),
        );
        expect(violation).toContain('a bond of 1 is held without a demand or dispute');
        expect(violation).toContain('the amount 11000000000 is above the price 10000000000');
    });

    it('fees due above the balance of a till', async () => {
        const slice = (await chain.data(provider.till))!.beginParse();
        slice.skip(64);
        const data = beginCell().storeUint(toNano(77), 64).storeSlice(slice).endCell();
        expect(await violationWith({ address: provider.till }, data)).toMatch(
            /\(PayoutSettlement\): balance \d+ nanoTON is \d+ nanoTON below the 77000000000 nanoTON owed/,
        );
    });

    it.each([
        [
            'short',
            (data: Cell) =>
                beginCell()
                    .storeBits(data.bits.substring(0, data.bits.length - 1))
                    .endCell(),
        ],
        ['long', (data: Cell) => beginCell().storeSlice(data.beginParse()).storeBit(false).endCell()],
    ])('storage that is too %s for its schema', async (_, change) => {
        const data = change((await chain.data(network.registry))!);
        expect(await violationWith({ address: network.registry }, data)).toMatch(
            /the storage of Registry before FinalizeJob is not by the schema: RegistryData/,
        );
    });
});

describe('solvency of single transactions', () => {
    /** Runs a scenario and keeps the steps of one account. */
    async function stepsAt(at: Address, scenario: () => Promise<unknown>): Promise<Step[]> {
        const steps: Step[] = [];
        chain.checks.tamper((step) => {
            if (step.address.equals(at)) {
                steps.push(step);
            }
            return step;
        });
        await scenario();
        chain.checks.tamper(undefined);
        return steps;
    }

    function violationsOf(steps: Step[]): string[] {
        const violations: string[] = [];
        const solvency = new Solvency((violation) => violations.push(violation));
        steps.forEach((step) => solvency.enter(step));
        return violations;
    }

    function withBalance(step: Step, side: 'before' | 'after', balance: bigint): Step {
        const account = step[side]!;
        return {
            ...step,
            [side]: {
                ...account,
                storage: { ...account.storage, balance: { ...account.storage.balance, coins: balance } },
            },
        };
    }

    const stakeRent = () => positionOf(provider.stakeInit.code, provider.stakeInit.data, chain.prices, chain.now)!.rent;

    it('sees principal or rent that leaves, to the nanoTON', async () => {
        const [step] = await stepsAt(provider.stake, () =>
            chain.send(provider.owner, {
                to: provider.stake,
                value: toNano(1),
                body: body('ResetAllowanceUsed').endCell(),
            }),
        );
        expect(violationsOf([step!])).toEqual([]);
        const owed = toNano(1000);
        const rent = stakeRent();
        const full = withBalance(step!, 'before', owed + rent + toNano(2));
        expect(violationsOf([withBalance(full, 'after', owed + rent)])).toEqual([]);
        expect(violationsOf([withBalance(full, 'after', owed + rent - 1n)])).toEqual([
            expect.stringContaining('1 nanoTON below what it must keep'),
        ]);
        expect(violationsOf([withBalance(full, 'after', owed - 1n)])).toEqual([
            expect.stringContaining(`ResetAllowanceUsed at ProviderStake (ProviderStake) leaves -1 nanoTON`),
        ]);
        // Below the reserve nothing may leave at all, but rent itself may be collected.
        const low = withBalance(step!, 'before', owed + 100n);
        expect(violationsOf([withBalance(low, 'after', owed + 100n)])).toEqual([]);
        expect(violationsOf([withBalance(low, 'after', owed + 99n)])).toEqual([
            expect.stringContaining('1 nanoTON below what it must keep'),
        ]);
    });

    it('lets rent alone lower the cover', async () => {
        chain.pass(400 * 86400);
        const [step] = await stepsAt(provider.stake, () =>
            chain.send(provider.owner, {
                to: provider.stake,
                value: toNano(1),
                body: body('ResetAllowanceUsed').endCell(),
            }),
        );
        const { description } = step!.transaction;
        const collected = description.type === 'generic' ? (description.storagePhase?.storageFeesCollected ?? 0n) : 0n;
        expect(collected).toBeGreaterThan(1000n);
        const low = withBalance(step!, 'before', toNano(1000) + collected);
        expect(violationsOf([withBalance(low, 'after', toNano(1000))])).toEqual([]);
        expect(violationsOf([withBalance(low, 'after', toNano(1000) - 1n)])).toHaveLength(1);
    });

    it('asks the whole rent of an opening', async () => {
        const job = await Job.prepare(provider);
        const [step] = await stepsAt(job.escrow, () => job.post());
        expect(violationsOf([step!])).toEqual([]);
        const state = step!.after!.storage.state;
        const { owed, rent } =
            state.type === 'active'
                ? positionOf(state.state.code!, state.state.data!, chain.prices, chain.now)!
                : { owed: 0n, rent: 0n };
        expect(rent).toBeGreaterThan(0n);
        expect(violationsOf([withBalance(step!, 'after', owed + rent)])).toEqual([]);
        expect(violationsOf([withBalance(step!, 'after', owed + rent - 1n)])).toEqual([
            expect.stringContaining('1 nanoTON below the rent of an opening'),
        ]);
    });

    it('sees an account that closes without paying what it owed', async () => {
        const job = await Job.prepare(provider);
        await job.post();
        const [step] = await stepsAt(job.escrow, () =>
            chain.send(job.client, { to: job.escrow, value: toNano(1), body: body('CancelJob').endCell() }),
        );
        expect(step!.after?.storage.state.type ?? 'none').not.toBe('active');
        expect(violationsOf([step!])).toEqual([]);
        const short = (out: bigint): Step => {
            const outMessages = step!.transaction.outMessages;
            const [index, message] = [...outMessages][0]!;
            const changed = { ...message, info: { ...message.info } };
            if (changed.info.type === 'internal') {
                changed.info = { ...changed.info, value: { coins: out } };
            }
            const copy = new Map(outMessages).set(index, changed);
            return {
                ...step!,
                transaction: { ...step!.transaction, outMessages: copy as unknown as typeof outMessages },
            };
        };
        expect(violationsOf([short(job.terms.price)])).toEqual([]);
        expect(violationsOf([short(job.terms.price - 1n)])).toEqual([
            expect.stringContaining('closes and pays out 9999999999 nanoTON, 1 nanoTON less than it owed'),
        ]);
    });

    it('sees an account that rent took with the money it owed', async () => {
        const job = await Job.prepare(provider, { terms: { price: toNano('0.01') } });
        await job.post();
        chain.pass(2_400_000_000); // 76 years, and unix time still fits its 32 bits
        await expect(chain.send(job.client, { to: job.escrow, value: 1n, bounce: false })).rejects.toThrow(
            ViolationError,
        );
        expect(chain.checks.takeViolations().join('\n')).toContain(
            'rent took the account while it owed 10000000 nanoTON',
        );
    });
});
