import {
    Account,
    AccountState,
    Address,
    beginCell,
    Cell,
    loadMessage,
    loadMessageRelaxed,
    loadShardAccount,
    loadTransaction,
    Message,
    ShardAccount,
    storeMessage,
    storeMessageRelaxed,
    storeShardAccount,
    Transaction,
} from '@ton/core';
import { Executor } from '@ton/sandbox';
import { operationOf } from '../helpers/labels';
import { balanceOf, stateOf } from '../helpers/step';
import { gasUsed } from '../helpers/traces';
import { withGas } from './configs';

/** One delivery of a trace. */
export interface Target {
    op: string;
    from: Address;
    to: Address;
}

/** How a delivery is made to fail. */
export type Force =
    /** The receiver's code throws {@link THROWN} at once. */
    | { kind: 'throw' }
    /** Nobody is there. */
    | { kind: 'absent' }
    /** The network grants no more gas than this, at the price of before. */
    | { kind: 'gas'; limit: bigint }
    /** The sends at these places of the action list are made out to nowhere; everything else about them stays. */
    | { kind: 'sends'; which: readonly number[] };

/** A message that a handler asked the network to send. */
export interface Send {
    op: string;
    event: boolean;
    mode: number;
}

/** A delivery as it went. */
export interface Delivery {
    message: Message;
    op: string;
    transaction: Transaction;
    before: Account | null;
    after: Account | null;
    gasUsed: bigint;
    sends: Send[];
}

/** Exit code of a receiver that was made to throw. */
export const THROWN = 57;

type Run = typeof Executor.prototype.runTransaction;
type Args = Parameters<Run>[0];
type Result = Awaited<ReturnType<Run>>;

let wanted: { target: Target; force: Force; met: Delivery[] } | undefined;
let recording: Delivery[] | undefined;

/**
 * Puts the forcing below everything else: the emulator of this test file itself is told other things about one delivery, while
 * the chain and its checkers see the genuine account before and after it.
 */
export function installForcing(): void {
    const genuine = Executor.prototype.runTransaction;
    Executor.prototype.runTransaction = async function (args) {
        const run = (change: Partial<Args> = {}) => genuine.call(this, { ...args, ...change });
        const message = loadMessage(args.message.beginParse());
        const forced = wanted !== undefined && wanted.met.length === 0 && isTarget(message, wanted.target);
        const result = forced ? await forcing(wanted!.force, args, message, run) : await run();
        if (message.info.type === 'internal' && result.result.success && (forced || recording)) {
            const delivery = deliveryOf(args, message, result);
            recording?.push(delivery);
            if (forced) {
                wanted!.met.push(delivery);
            }
        }
        return result;
    };
}

/** Runs `trigger` with the first delivery of that kind forced; throws if there was none. */
export async function withForce(target: Target, force: Force, trigger: () => Promise<unknown>): Promise<Delivery> {
    wanted = { target, force, met: [] };
    try {
        await trigger();
        const [delivery] = wanted.met;
        if (delivery === undefined) {
            throw new Error(`${target.op} was never delivered`);
        }
        return delivery;
    } finally {
        wanted = undefined;
    }
}

/** Every delivery between accounts while `trigger` runs. */
export async function recorded(trigger: () => Promise<unknown>): Promise<Delivery[]> {
    recording = [];
    try {
        await trigger();
        return recording;
    } finally {
        recording = undefined;
    }
}

function isTarget(message: Message, { op, from, to }: Target): boolean {
    const { info } = message;
    return (
        info.type === 'internal' && info.dest.equals(to) && info.src.equals(from) && operationOf(message.body) === op
    );
}

type Rerun = (change?: Partial<Args>) => Promise<Result>;

async function forcing(force: Force, args: Args, message: Message, run: Rerun): Promise<Result> {
    const before = shardOf(args.shardAccount);
    const state = stateOf(before.account);
    switch (force.kind) {
        case 'gas':
            return await run({ config: withGas(args.config, { limit: force.limit }) });
        case 'absent': {
            const alone = beginCell()
                .store(storeMessage({ ...message, init: null }))
                .endCell();
            if (state === null) {
                return await run({ message: alone });
            }
            const nobody = withState(before, { type: 'uninit' }, 0n);
            return putBack(
                await run({ shardAccount: text(nobody), message: alone }),
                before,
                balanceOf(before.account),
            );
        }
        case 'throw':
            // Only the StateInit's own code fits an address without code: it gets no further than its first instruction.
            return state === null
                ? await run({ config: withGas(args.config, { limit: 1n }) })
                : putBack(await run({ shardAccount: text(withCode(before, THROWER, state.data)) }), before);
        case 'sends':
            return await withoutSends(force.which, args, before, run);
    }
}

/**
 * The handler runs as it is; then the same data and the same actions, but with sends that no network takes, are handed to the
 * action phase in its place, for the gas that the handler paid.
 */
async function withoutSends(which: readonly number[], args: Args, before: ShardAccount, run: Rerun): Promise<Result> {
    const free = successOf(await run());
    const genuine = shardOf(free.shardAccount);
    // What a failure leaves: what was there, or of a StateInit the account that it deploys all the same.
    const left = stateOf(before.account)
        ? before
        : shardOf(successOf(await run({ config: withGas(args.config, { limit: 1n }) })).shardAccount);
    const data = (stateOf(genuine.account) ?? stateOf(left.account)!).data;
    const actions = misdirected(Cell.fromBase64(free.actions!), which);
    const code = beginCell()
        .storeUint(0x88ed54, 24) // PUSHREF, POP c4
        .storeRef(data)
        .storeUint(0x88ed55, 24) // PUSHREF, POP c5
        .storeRef(actions)
        .endCell();
    const second = await run({
        shardAccount: text(withCode(atRest(left, before, args.now), code, data)),
        config: withGas(args.config, { flat: gasUsed(transactionOf(free.transaction)) }),
    });
    const { description } = transactionOf(successOf(second).transaction);
    const went = description.type === 'generic' && !description.aborted && genuine.account;
    return putBack(second, went ? genuine : left);
}

/** `THROW 57` */
const THROWER = beginCell()
    .storeUint(0xf200 + THROWN, 16)
    .endCell();

/** No network has this workchain. */
const NOWHERE = new Address(99, Buffer.alloc(32));

const MESSAGE_MAX_BITS = 2 ** 21;
let oversizedCell: Cell | undefined;

/** More bits than the network takes in one message, in cells that are all different. */
function oversized(): Cell {
    let left = Math.ceil(MESSAGE_MAX_BITS / 1000) + 1;
    const cell = (): Cell => {
        const builder = beginCell().storeUint(left--, 1000);
        for (let ref = 0; ref < 4 && left > 0 && depth < 6; ref++) {
            depth++;
            builder.storeRef(cell());
            depth--;
        }
        return builder.endCell();
    };
    let depth = 0;
    return (oversizedCell ??= cell());
}

const SEND_MESSAGE = 0x0ec3c86d;

/** The actions in their order, as cells without the reference to what came before. */
function actionsIn(list: Cell): Cell[] {
    const actions: Cell[] = [];
    for (let slice = list.beginParse(); slice.remainingRefs > 0;) {
        const previous = slice.loadRef();
        actions.unshift(slice.asCell());
        slice = previous.beginParse();
    }
    return actions;
}

function sendsIn(list: Cell): Send[] {
    return actionsIn(list).flatMap((action) => {
        const slice = action.beginParse();
        if (slice.loadUint(32) !== SEND_MESSAGE) {
            return [];
        }
        const mode = slice.loadUint(8);
        const { info, body } = loadMessageRelaxed(slice.loadRef().beginParse());
        return [{ op: operationOf(body), event: info.type === 'external-out', mode }];
    });
}

function misdirected(list: Cell, which: readonly number[]): Cell {
    let place = 0;
    return actionsIn(list).reduce((previous, action) => {
        const slice = action.beginParse();
        const isSend = slice.remainingBits >= 32 && slice.preloadUint(32) === SEND_MESSAGE;
        if (!isSend || !which.includes(place++)) {
            return beginCell().storeRef(previous).storeSlice(action.beginParse()).endCell();
        }
        const head = slice.loadBits(40);
        const message = loadMessageRelaxed(slice.loadRef().beginParse());
        // An event has no destination: it becomes larger than a message may be.
        const { info } = message;
        const change = info.type === 'internal' ? { info: { ...info, dest: NOWHERE } } : { body: oversized() };
        const sent = beginCell().store(storeMessageRelaxed({ ...message, ...change }));
        return beginCell().storeRef(previous).storeBits(head).storeRef(sent.endCell()).endCell();
    }, Cell.EMPTY);
}

function deliveryOf(args: Args, message: Message, result: Result): Delivery {
    const { transaction, shardAccount, actions } = successOf(result);
    const parsed = transactionOf(transaction);
    return {
        message,
        op: operationOf(message.body),
        transaction: parsed,
        before: shardOf(args.shardAccount).account ?? null,
        after: shardOf(shardAccount).account ?? null,
        gasUsed: gasUsed(parsed),
        sends: actions ? sendsIn(Cell.fromBase64(actions)) : [],
    };
}

function successOf(result: Result) {
    if (!result.result.success) {
        throw new Error(`The emulator failed: ${result.result.error}`);
    }
    return result.result;
}

const transactionOf = (boc: string) => loadTransaction(Cell.fromBase64(boc).beginParse());
const shardOf = (boc: string) => loadShardAccount(Cell.fromBase64(boc).beginParse());
const text = (shard: ShardAccount) => beginCell().store(storeShardAccount(shard)).endCell().toBoc().toString('base64');

function withState(shard: ShardAccount, state: AccountState, balance = balanceOf(shard.account)): ShardAccount {
    const account = shard.account!;
    const storage = { ...account.storage, state, balance: { ...account.storage.balance, coins: balance } };
    return { ...shard, account: { ...account, storage } };
}

function withCode(shard: ShardAccount, code: Cell, data: Cell): ShardAccount {
    return withState(shard, { type: 'active', state: { code, data } });
}

/** The account as it is, or as a StateInit deploys it, before the delivery. */
function atRest(left: ShardAccount, before: ShardAccount, now: number): ShardAccount {
    if (left === before) {
        return before;
    }
    const shard = withState(left, left.account!.storage.state, balanceOf(before.account));
    const account = shard.account!;
    return {
        lastTransactionHash: before.lastTransactionHash,
        lastTransactionLt: before.lastTransactionLt,
        account: {
            ...account,
            storage: { ...account.storage, lastTransLt: before.account?.storage.lastTransLt ?? 0n },
            storageStats: { ...account.storageStats, lastPaid: before.account?.storageStats.lastPaid || now },
        },
    };
}

/** The result with another state in the account, its balance, times and transaction as they came out. */
function putBack(result: Result, shape: ShardAccount, more = 0n): Result {
    const success = successOf(result);
    const emulated = shardOf(success.shardAccount);
    const { account } = emulated;
    const { lt, outMessagesCount } = transactionOf(success.transaction);
    const stats = account?.storageStats ?? shape.account!.storageStats;
    const restored: ShardAccount = {
        ...emulated,
        account: {
            ...shape.account!,
            storage: {
                ...shape.account!.storage,
                // After the transaction and every message that it sent.
                lastTransLt: account?.storage.lastTransLt ?? lt + 1n + BigInt(outMessagesCount),
                balance: { coins: balanceOf(account) + more },
            },
            storageStats: {
                ...shape.account!.storageStats,
                lastPaid: stats.lastPaid,
                duePayment: stats.duePayment,
            },
        },
    };
    return { ...result, result: { ...success, shardAccount: text(restored) } };
}
