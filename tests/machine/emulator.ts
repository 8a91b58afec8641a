import {
    Account,
    Address,
    beginCell,
    Cell,
    Dictionary,
    loadShardAccount,
    loadTransaction,
    Message,
    storeMessage,
    storeShardAccount,
    Transaction,
} from '@ton/core';
import { createEmptyShardAccount, defaultConfig, Executor } from '@ton/sandbox';
import { configWith, Prices, PriceSet, readPrices } from '../helpers/prices';
import { hashOf, Step } from '../helpers/step';

// The machine decides itself which message is delivered when, under which prices, and with what failing. So it drives the
// emulator of the sandbox without the sandbox's queue: an account is a value, and going back to an earlier world is free.

/** How a delivery is made to fail, whatever the contract does: out of gas, or no message can leave. */
export type Force = 'gas' | 'action';

/** Too little for any receiver: the dispatch alone takes more. */
const STARVING_GAS = 200;

/** One account as the emulator takes and gives it. */
export interface ShardState {
    readonly boc: string;
    readonly account: Account | null;
}

export interface Conditions {
    readonly now: number;
    readonly lt: bigint;
    readonly prices: PriceSet;
    readonly force?: Force;
    readonly globalId: number;
}

export interface Ran {
    /** Nothing could be sent, and the message bounced for it: what mode 16 asks for. */
    readonly bouncedByAction: boolean;
    readonly transaction: Transaction;
    readonly after: ShardState;
    readonly step: Step;
}

const PARAM_WORKCHAINS = 12;
const PARAM_GAS_PRICES = 21;

interface Configuration {
    readonly boc: string;
    readonly prices: Prices;
    /** An executor parses its configuration anew whenever it changes, so each has one of its own. */
    readonly executor: Promise<Executor>;
}

const configurations = new Map<string, Configuration>();

function configuration({ prices, force, globalId }: Pick<Conditions, 'prices' | 'force' | 'globalId'>): Configuration {
    const key = `${prices} ${force} ${globalId}`;
    let found = configurations.get(key);
    if (found === undefined) {
        const plain = configWith(Cell.fromBase64(defaultConfig), { globalId, prices });
        const cell = force === undefined ? plain : forced(plain, force);
        found = {
            boc: cell.toBoc({ idx: false }).toString('base64'),
            prices: readPrices(plain),
            executor: Executor.create(),
        };
        configurations.set(key, found);
    }
    return found;
}

/** What the emulator says when an action failed, the message is to bounce, and the bounce has no workchain to go to either. */
const NO_BOUNCE = 'cannot create bounce phase';

/** The prices stay, so a contract's own checks see nothing. */
function forced(config: Cell, force: Force): Cell {
    const params = config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
    if (force === 'action') {
        // Without workchains no destination is valid: sends fail in the action phase with code 36, those with mode 2 are skipped.
        params.set(PARAM_WORKCHAINS, beginCell().storeBit(false).endCell());
    } else {
        // flat_pfx flat_limit flat_price pfx gas_price gas_limit …
        const slice = params.get(PARAM_GAS_PRICES)!.beginParse();
        const before = slice.loadBits(8 + 64 + 64 + 8 + 64);
        slice.skip(64);
        params.set(
            PARAM_GAS_PRICES,
            beginCell().storeBits(before).storeUint(STARVING_GAS, 64).storeSlice(slice).endCell(),
        );
    }
    return beginCell().storeDictDirect(params).endCell();
}

export function pricesOf(prices: PriceSet, globalId: number): Prices {
    return configuration({ prices, globalId }).prices;
}

/** An account that nobody has paid yet. */
export function emptyAccount(address: Address): ShardState {
    return {
        boc: beginCell()
            .store(storeShardAccount(createEmptyShardAccount(address)))
            .endCell()
            .toBoc()
            .toString('base64'),
        account: null,
    };
}

/**
 * Runs one message at an account. Nothing but the result remembers it.
 *
 * A forced failure of the action phase whose message bounces is shown by the failure of the bounce: the transaction is then the one of
 * a message that bounced for want of gas, which leaves the account the same.
 */
export async function deliver(
    state: ShardState,
    address: Address,
    message: Message,
    conditions: Conditions,
): Promise<Ran> {
    try {
        return { ...(await run(state, address, message, conditions)), bouncedByAction: false };
    } catch (error) {
        if (conditions.force !== 'action' || !(error as Error).message.includes(NO_BOUNCE)) {
            throw error;
        }
        const unforced = await run(state, address, message, { ...conditions, force: undefined });
        const { description } = unforced.transaction;
        if (
            description.type === 'generic' &&
            (description.computePhase.type === 'skipped' || !description.computePhase.success)
        ) {
            return { ...unforced, bouncedByAction: false };
        }
        const bounced = await run(state, address, message, { ...conditions, force: 'gas' });
        return { ...bounced, bouncedByAction: true };
    }
}

async function run(
    state: ShardState,
    address: Address,
    message: Message,
    conditions: Conditions,
): Promise<Omit<Ran, 'bouncedByAction'>> {
    const { boc, prices, executor } = configuration(conditions);
    const { result } = await (
        await executor
    ).runTransaction({
        config: boc,
        libs: null,
        verbosity: 'short',
        shardAccount: state.boc,
        now: conditions.now,
        lt: conditions.lt,
        randomSeed: Buffer.alloc(32),
        ignoreChksig: false,
        debugEnabled: false,
        message: beginCell().store(storeMessage(message)).endCell(),
    });
    if (!result.success) {
        throw new Error(`The emulator failed: ${result.error}`);
    }
    const transaction = loadTransaction(Cell.fromBase64(result.transaction).beginParse());
    const account = loadShardAccount(Cell.fromBase64(result.shardAccount).beginParse()).account ?? null;
    const after = { boc: result.shardAccount, account };
    return {
        transaction,
        after,
        step: {
            address,
            transaction,
            messageHash: hashOf(message),
            before: state.account,
            after: account,
            prices,
            now: conditions.now,
        },
    };
}
