import { Account, Address, Cell, loadShardAccount, loadTransaction } from '@ton/core';
import { Blockchain, BlockchainSnapshot, IExecutor, SmartContract } from '@ton/sandbox';
import { flushEdges, recordEdges } from './edges';
import { label } from './labels';
import { Ledger, LedgerState } from './ledger';
import { Prices, readPrices } from './prices';
import { Solvency } from './solvency';
import { Step } from './step';

/** A broken guarantee, with the account, the message and the amount. */
export class ViolationError extends Error {
    override name = 'ViolationError';
}

// A test may catch what a checker throws; what it caught still fails it here.
const unforgiven = new Set<string>();

if (typeof afterEach === 'function') {
    afterEach(raiseUnforgiven);
    afterAll(flushEdges);
}

/** Throws every violation that was found and not taken with {@link Watch.takeViolations}; runs after each test. */
export function raiseUnforgiven(): void {
    const violations = [...unforgiven];
    unforgiven.clear();
    if (violations.length > 0) {
        throw new ViolationError(violations.join('\n'));
    }
}

/** The checkers of one chain. */
export interface Watch {
    readonly ledger: Ledger;
    readonly solvency: Solvency;
    /** Compares every balance with the ledger now; otherwise it happens before and after every message. */
    verify(): void;
    /** Enters a balance that the test gives to an account. */
    fund(address: Address): Promise<void>;
    /** Hands out what the checkers found and forgives it: for tests that plant a defect. */
    takeViolations(): string[];
    /** Lets a planted transaction through the checkers, for their own tests. */
    tamper(change: ((step: Step) => Step) | undefined): void;
}

interface Rewind {
    ledger: LedgerState;
    solvency: ReadonlyMap<string, string>;
}

interface Internals {
    executor: IExecutor;
    storage: { knownContracts(): SmartContract[] };
    defaultQueueManager: { runQueue(...args: unknown[]): Promise<unknown> };
}

/**
 * Installs both checkers on a chain: conservation and solvency are judged after every transaction, however it was
 * started. Violations are thrown at the end of the trace, so that the chain is whole when a test looks at it; of a trace
 * that is stepped through by hand, at the next send, at {@link Watch.verify} or after the test. `chain.ts` does it for
 * every test.
 */
export function watch(blockchain: Blockchain): Watch {
    const found: string[] = [];
    const fail = (violation: string) => {
        found.push(violation);
        unforgiven.add(violation);
    };
    const ledger = new Ledger(fail);
    const solvency = new Solvency(fail);
    const internals = blockchain as unknown as Internals;
    let change: ((step: Step) => Step) | undefined;
    let reported = 0;

    const raise = () => {
        const fresh = found.slice(reported);
        reported = found.length;
        if (fresh.length > 0) {
            throw new ViolationError(fresh.join('\n'));
        }
    };
    const compare = () => ledger.verify(internals.storage.knownContracts());
    const verify = () => {
        compare();
        raise();
    };
    const enter = (step: Step) => {
        const seen = change ? change(step) : step;
        ledger.enter(seen);
        solvency.enter(seen);
        recordEdges(step);
    };

    const executor = internals.executor;
    internals.executor = {
        runGetMethod: (args) => executor.runGetMethod(args),
        runTransaction: async (args) => {
            compare();
            const result = await executor.runTransaction(args);
            if (result.result.success) {
                enter(stepOf(args, result.result, args.message.hash().toString('hex')));
            }
            return result;
        },
        runTickTock: async (args) => {
            compare();
            const result = await executor.runTickTock(args);
            if (result.result.success) {
                enter(stepOf(args, result.result));
            }
            return result;
        },
    };

    const queue = internals.defaultQueueManager;
    const runQueue = queue.runQueue.bind(queue);
    queue.runQueue = async (...args) => {
        const result = await runQueue(...args);
        verify();
        return result;
    };

    const fund = async (address: Address) => {
        ledger.fund(address, (await blockchain.getContract(address)).balance);
    };

    const treasury = blockchain.treasury.bind(blockchain);
    blockchain.treasury = async (seed, params) => {
        verify();
        const wallet = await treasury(seed, params);
        label(wallet, seed);
        await fund(wallet.address);
        return wallet;
    };

    const rewinds = new WeakMap<BlockchainSnapshot, Rewind>();
    const snapshot = blockchain.snapshot.bind(blockchain);
    blockchain.snapshot = () => {
        verify();
        const taken = snapshot();
        rewinds.set(taken, { ledger: ledger.save(), solvency: solvency.save() });
        return taken;
    };
    const loadFrom = blockchain.loadFrom.bind(blockchain);
    blockchain.loadFrom = async (taken) => {
        const rewind = rewinds.get(taken);
        if (rewind === undefined) {
            throw new Error('This snapshot was not taken from this watched chain');
        }
        await loadFrom(taken);
        ledger.restore(rewind.ledger);
        solvency.restore(rewind.solvency);
        verify();
    };

    for (const contract of internals.storage.knownContracts()) {
        ledger.fund(contract.address, contract.balance);
    }
    return {
        ledger,
        solvency,
        verify,
        fund,
        takeViolations: () => {
            const taken = found.splice(0);
            reported = 0;
            taken.forEach((violation) => unforgiven.delete(violation));
            return taken;
        },
        tamper: (next) => (change = next),
    };
}

/** No checker at all: for long measurements of what other runs have checked, which take half the time so. */
export function unwatched(): Watch {
    const forgive = () => undefined;
    return {
        ledger: new Ledger(forgive),
        solvency: new Solvency(forgive),
        verify: forgive,
        fund: async () => undefined,
        takeViolations: () => [],
        tamper: forgive,
    };
}

// A configuration is large and rarely changes.
const pricesCache = new Map<string, Prices>();

function pricesOf(config: string): Prices {
    let prices = pricesCache.get(config);
    if (prices === undefined) {
        prices = readPrices(Cell.fromBase64(config));
        pricesCache.set(config, prices);
    }
    return prices;
}

// What one transaction leaves, the next one finds: parsing takes longer than everything the checkers do.
const parsedAccounts = new Map<string, Account | null>();
const PARSED_ACCOUNTS_KEPT = 64;

function accountOf(shardAccount: string): Account | null {
    let account = parsedAccounts.get(shardAccount);
    if (account === undefined) {
        account = loadShardAccount(Cell.fromBase64(shardAccount).beginParse()).account ?? null;
        if (parsedAccounts.size >= PARSED_ACCOUNTS_KEPT) {
            parsedAccounts.delete(parsedAccounts.keys().next().value!);
        }
        parsedAccounts.set(shardAccount, account);
    }
    return account;
}

function stepOf(
    args: { shardAccount: string; config: string; now: number },
    result: { transaction: string; shardAccount: string },
    messageHash?: string,
): Step {
    const raw = Cell.fromBase64(result.transaction);
    const transaction = loadTransaction(raw.beginParse());
    const before = accountOf(args.shardAccount);
    const after = accountOf(result.shardAccount);
    const info = transaction.inMessage?.info;
    const address =
        info?.type === 'internal' || info?.type === 'external-in' ? info.dest : (before?.addr ?? after?.addr);
    if (!address) {
        throw new Error('A transaction without an account');
    }
    return { address, transaction, messageHash, before, after, prices: pricesOf(args.config), now: args.now };
}
