import { Address, Cell } from '@ton/core';
import { labelOf, opcodeOf } from './labels';
import * as layout from './layout';
import { Prices, storageFee } from './prices';
import { ContractName, contractOf, tactConstant } from './sources';
import { balanceOf, nano, operationIn, stateOf, Step, storageFeesOf } from './step';

/** What a contract owes, read from its raw storage. */
export interface Position {
    readonly contract: ContractName;
    /** The contract does not act yet. */
    readonly uninit: boolean;
    /** nanoTON that belong to somebody else than the contract's rent. */
    readonly owed: bigint;
    /** nanoTON of rent that no handler may touch, at the prices and time given. */
    readonly rent: bigint;
    /** Broken relations within the storage. */
    readonly faults: readonly string[];
}

/**
 * Reads a contract's liabilities by the schemas' layouts, never by its getters.
 *
 * - Registry: none.
 * - ProviderStake: stake + unbonding.
 * - JobEscrow: the price from PostJob on, and the bond of an open demand or dispute.
 * - PaymentChannel: what of the deposit was not claimed: the client's or the provider's.
 * - PayoutSettlement: fees due; all the rest is the provider's.
 * - AttestationVerifier, PckCertificate: none.
 *
 * @returns undefined for the code of any other contract.
 */
export function positionOf(code: Cell, data: Cell, prices: Prices, now: number): Position | undefined {
    switch (contractOf(code)) {
        case 'Registry':
            return registryPosition(data, prices);
        case 'ProviderStake':
            return stakePosition(data, prices);
        case 'JobEscrow':
            return escrowPosition(data, prices, now);
        case 'PayoutSettlement':
            return tillPosition(data, prices);
        case 'PaymentChannel':
            return channelPosition(data, prices, now);
        case 'AttestationVerifier':
            return verifierPosition(data, prices);
        case 'PckCertificate':
            return pckPosition(data, prices);
        case undefined:
            return undefined;
    }
}

function perpetualRent(prices: Prices, prefix: string): bigint {
    return storageFee(
        prices,
        tactConstant(`${prefix}_CELLS`),
        tactConstant(`${prefix}_BITS`),
        tactConstant('PERPETUAL_RENT_SECONDS'),
    );
}

function registryPosition(data: Cell, prices: Prices): Position {
    const { version } = layout.parseRegistryData(data);
    return {
        contract: 'Registry',
        uninit: version === 0,
        owed: 0n,
        rent: perpetualRent(prices, 'REGISTRY'),
        faults: [],
    };
}

function verifierPosition(data: Cell, prices: Prices): Position {
    layout.parseVerifierData(data);
    return {
        contract: 'AttestationVerifier',
        uninit: false,
        owed: 0n,
        rent: perpetualRent(prices, 'VERIFIER'),
        faults: [],
    };
}

function pckPosition(data: Cell, prices: Prices): Position {
    const { remembered } = layout.parsePckCertificateData(data);
    return {
        contract: 'PckCertificate',
        uninit: !remembered,
        owed: 0n,
        rent: perpetualRent(prices, 'PCK'),
        faults: [],
    };
}

const HOT_SLOTS = 224;

function stakePosition(data: Cell, prices: Prices): Position {
    const stake = layout.parseStakeData(data);
    const locks = [...stake.locks.entries()];
    const sum = (entries: [number, layout.Lock][]) => entries.reduce((total, [, lock]) => total + lock.collateral, 0n);
    const faults: string[] = [];
    const equal = (what: string, held: bigint, expected: bigint) => {
        if (held !== expected) {
            faults.push(`${what} is ${held}, its locks say ${expected}`);
        }
    };
    equal('locked', stake.locked, sum(locks));
    equal('hotLocked', stake.hotLocked, sum(locks.filter(([, lock]) => lock.byHot)));
    equal(
        'usedSlots',
        stake.usedSlots,
        locks.reduce((bits, [slot]) => bits | (1n << BigInt(slot)), 0n),
    );
    if (stake.stake + stake.unbonding < stake.locked) {
        faults.push(`stake ${stake.stake} + unbonding ${stake.unbonding} is below locked ${stake.locked}`);
    }
    if (locks.some(([slot, lock]) => lock.byHot && slot >= HOT_SLOTS)) {
        faults.push(`a hot lock is in a slot of the owner's`);
    }
    if (stake.state !== layout.STAKE_REGISTERED && (stake.unbonding > 0n || locks.length > 0)) {
        faults.push(`state ${stake.state} has locks or unbonds`);
    }
    if (stake.state === layout.STAKE_UNINIT && stake.stake > 0n) {
        faults.push('an Uninit stake holds principal');
    }
    return {
        contract: 'ProviderStake',
        uninit: stake.state === layout.STAKE_UNINIT,
        owed: stake.stake + stake.unbonding,
        rent: perpetualRent(prices, 'STAKE'),
        faults,
    };
}

function escrowPosition(data: Cell, prices: Prices, now: number): Position {
    const job = layout.parseEscrowData(data);
    const faults: string[] = [];
    if (job.state === layout.JOB_UNINIT) {
        return { contract: 'JobEscrow', uninit: true, owed: 0n, rent: 0n, faults };
    }
    const { price } = layout.parseJobTerms(job.terms!);
    let bond = 0n;
    if (job.state >= layout.JOB_SUBMITTED) {
        const submission = layout.parseSubmission(job.progress!);
        bond = submission.bond;
        if (submission.amount > price) {
            faults.push(`the amount ${submission.amount} is above the price ${price}`);
        }
        if (job.state === layout.JOB_SUBMITTED && bond > 0n) {
            faults.push(`a bond of ${bond} is held without a demand or dispute`);
        }
    }
    const rentSeconds = BigInt(job.lockUntil) + tactConstant('YEAR_SECONDS') - BigInt(now);
    return {
        contract: 'JobEscrow',
        uninit: false,
        owed: price + bond,
        rent: later(prices, rentSeconds, 'ESCROW'),
        faults,
    };
}

function tillPosition(data: Cell, prices: Prices): Position {
    const till = layout.parseTillData(data);
    const faults: string[] = [];
    if (till.version === 0 && till.feesDue > 0n) {
        faults.push('an Uninit till owes fees');
    }
    return {
        contract: 'PayoutSettlement',
        uninit: till.version === 0,
        owed: till.feesDue,
        rent: perpetualRent(prices, 'TILL'),
        faults,
    };
}

function channelPosition(data: Cell, prices: Prices, now: number): Position {
    const channel = layout.parseChannelData(data);
    if (channel.closesAt === 0) {
        return { contract: 'PaymentChannel', uninit: true, owed: 0n, rent: 0n, faults: [] };
    }
    const rentSeconds = BigInt(channel.closesAt) + tactConstant('YEAR_SECONDS') - BigInt(now);
    const faults =
        channel.claimed > channel.totalDeposited
            ? [`claimed ${channel.claimed} is above the deposit ${channel.totalDeposited}`]
            : [];
    return {
        contract: 'PaymentChannel',
        uninit: false,
        owed: channel.totalDeposited - channel.claimed,
        rent: later(prices, rentSeconds, 'CHANNEL'),
        faults,
    };
}

/** The rent of a contract whose end is known; none is asked for the time after it. */
function later(prices: Prices, seconds: bigint, prefix: string): bigint {
    return seconds <= 0n
        ? 0n
        : storageFee(prices, tactConstant(`${prefix}_CELLS`), tactConstant(`${prefix}_BITS`), seconds);
}

const smaller = (a: bigint, b: bigint) => (a < b ? a : b);

/**
 * Holds every contract to its liabilities after every transaction.
 *
 * - The relations within its storage hold.
 * - Surplus (balance − owed) after ≥ min(surplus before, less the rent collected; rent reserve): so nothing but rent ever
 *   lowers a contract's cover, and no handler pays its costs out of principal.
 * - An opening transaction leaves the whole rent reserve.
 * - A contract seen for the first time, or changed by the test, is solvent.
 * - An account that closes itself pays out what it owed (less what rent had eaten); one that rent froze or deleted while
 *   it owed something is a violation.
 */
export class Solvency {
    /** Hash of data and balance that the last transaction left, by account. */
    private seen = new Map<string, string>();

    constructor(private readonly fail: (violation: string) => void) {}

    /** Judges one transaction. */
    enter(step: Step): void {
        const { prices } = step;
        const key = step.address.toRawString();
        const what = `${operationIn(step.transaction)} at ${labelOf(step.address)}`;
        const before = this.position(step, 'before', prices);
        const after = this.position(step, 'after', prices);
        const balanceBefore = balanceOf(step.before);
        const balanceAfter = balanceOf(step.after);

        if (before !== undefined && this.seen.get(key) !== fingerprint(step, 'before')) {
            this.report(`before ${what}`, before, balanceBefore);
        }
        this.seen.delete(key);

        const owedBefore = before?.owed ?? 0n;
        const surplusBefore = balanceBefore - storageFeesOf(step.transaction) - owedBefore;
        if (after !== undefined) {
            this.seen.set(key, fingerprint(step, 'after'));
            for (const fault of after.faults) {
                this.fail(`solvency: after ${what} (${after.contract}): ${fault}`);
            }
            const opening = !after.uninit && (before === undefined || before.uninit);
            const least = opening ? after.rent : smaller(surplusBefore, after.rent);
            const surplus = balanceAfter - after.owed;
            if (surplus < least) {
                this.fail(
                    `solvency: ${what} (${after.contract}) leaves ${nano(surplus)} above the ${nano(after.owed)} owed, ` +
                        `${nano(least - surplus)} below ${opening ? 'the rent of an opening' : 'what it must keep'} ` +
                        `(before: ${nano(surplusBefore)} after rent; reserve: ${nano(after.rent)})`,
                );
            }
        } else if (before !== undefined && owedBefore > 0n) {
            this.closed(step, what, before, surplusBefore);
        }
    }

    /** For a chain that rewinds. */
    save(): ReadonlyMap<string, string> {
        return new Map(this.seen);
    }

    restore(seen: ReadonlyMap<string, string>): void {
        this.seen = new Map(seen);
    }

    private position(step: Step, side: 'before' | 'after', prices: Prices): Position | undefined {
        const state = stateOf(step[side]);
        if (state === null) {
            return undefined;
        }
        try {
            return positionOf(state.code, state.data, prices, step.now);
        } catch (error) {
            this.fail(
                `solvency: the storage of ${labelOf(step.address)} ${side} ` +
                    `${operationIn(step.transaction)} is not by the schema: ${(error as Error).message}`,
            );
            return undefined;
        }
    }

    private report(when: string, position: Position, balance: bigint): void {
        for (const fault of position.faults) {
            this.fail(`solvency: ${when} (${position.contract}): ${fault}`);
        }
        if (balance < position.owed) {
            this.fail(
                `solvency: ${when} (${position.contract}): balance ${nano(balance)} is ` +
                    `${nano(position.owed - balance)} below the ${nano(position.owed)} owed`,
            );
        }
    }

    private closed(step: Step, what: string, before: Position, surplusBefore: bigint): void {
        const { description } = step.transaction;
        if (!('destroyed' in description) || !description.destroyed || step.after?.storage.state.type === 'frozen') {
            this.fail(`solvency: ${what}: rent took the account while it owed ${nano(before.owed)}`);
            return;
        }
        // Collateral messages carry gas, not money that the account owed.
        const costs = new Set([opcodeOf('ReleaseCollateral'), opcodeOf('SlashCollateral')]);
        let paid = 0n;
        for (const message of step.transaction.outMessages.values()) {
            if (message.info.type === 'internal' && !costs.has(opcodeIn(message.body))) {
                paid += message.info.value.coins;
            }
        }
        const least = before.owed + smaller(surplusBefore, 0n);
        if (paid < least) {
            this.fail(
                `solvency: ${what} (${before.contract}) closes and pays out ${nano(paid)}, ` +
                    `${nano(least - paid)} less than it owed`,
            );
        }
    }
}

function opcodeIn(body: Cell): number {
    const slice = body.beginParse();
    return slice.remainingBits < 32 ? 0 : slice.loadUint(32);
}

function fingerprint(step: Step, side: 'before' | 'after'): string {
    const state = stateOf(step[side]);
    return `${state?.data.hash().toString('hex')} ${balanceOf(step[side])}`;
}

/** A contract's balance less what it owes, for tests that state it. */
export function surplusOf(
    account: { address: Address; balance: bigint; code: Cell; data: Cell },
    prices: Prices,
): bigint {
    const position = positionOf(account.code, account.data, prices, 0);
    if (position === undefined) {
        throw new Error(`${labelOf(account.address)} is none of the contracts`);
    }
    return account.balance - position.owed;
}
