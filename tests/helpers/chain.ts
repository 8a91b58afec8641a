import { Address, Cell, internal, MessageRelaxed, SendMode, ShardAccount, StateInit } from '@ton/core';
import {
    Blockchain,
    createShardAccount,
    defaultConfig,
    Executor,
    SandboxContract,
    SendMessageResult,
    TreasuryContract,
} from '@ton/sandbox';
import { Addressable, addressOf, label } from './labels';
import { configWith, Prices, PriceSet, readPrices } from './prices';
import { unwatched, Watch, watch } from './watch';

export { PRICE_SETS, type PriceSet } from './prices';

/** Testnet's global id. The sandbox's own default is mainnet's, −239. */
export const GLOBAL_ID = -3;

/** 2026-11-01T00:00:00Z: every test begins here unless it says otherwise. */
export const GENESIS = Date.UTC(2026, 10, 1) / 1000;

export type Wallet = SandboxContract<TreasuryContract>;

export interface ChainOptions {
    /** Default: `default`. */
    prices?: PriceSet;
    /** Default: {@link GLOBAL_ID}. */
    globalId?: number;
    /** What TVM knows; default: the sandbox's. */
    globalVersion?: number;
    /** Unix seconds; default: {@link GENESIS}. */
    now?: number;
    /** Whether the checkers look at every transaction. Tests leave it so. */
    watched?: boolean;
}

export interface SendOptions {
    to: Addressable;
    /** nanoTON */
    value: bigint;
    body?: Cell;
    init?: StateInit | null;
    /** Default: true. */
    bounce?: boolean;
    /** Default: pay forward fees separately, so that exactly `value` arrives. */
    sendMode?: SendMode;
}

// The emulator keeps no state between transactions, so the chains of a test file share one.
let executor: Promise<Executor> | undefined;

const configurations = new Map<string, { config: string; prices: Prices }>();

function configurationOf(
    globalId: number,
    prices: PriceSet,
    globalVersion?: number,
): { config: string; prices: Prices } {
    const key = `${globalId} ${prices} ${globalVersion}`;
    let configuration = configurations.get(key);
    if (configuration === undefined) {
        const cell = configWith(Cell.fromBase64(defaultConfig), { globalId, prices, globalVersion });
        configuration = { config: cell.toBoc({ idx: false }).toString('base64'), prices: readPrices(cell) };
        configurations.set(key, configuration);
    }
    return configuration;
}

/** A sandbox chain under watch: every transaction on it is checked for conservation and solvency. */
export class Chain {
    private constructor(
        readonly blockchain: Blockchain,
        readonly priceSet: PriceSet,
        readonly prices: Prices,
        readonly checks: Watch,
        readonly globalId: number,
    ) {}

    static async create(options: ChainOptions = {}): Promise<Chain> {
        executor ??= Executor.create();
        const priceSet = options.prices ?? 'default';
        const globalId = options.globalId ?? GLOBAL_ID;
        const { config, prices } = configurationOf(globalId, priceSet, options.globalVersion);
        const blockchain = await Blockchain.create({ executor: await executor });
        // setConfig() would serialise the configuration anew, which takes longer than everything else here.
        (blockchain as unknown as { networkConfig: string }).networkConfig = config;
        blockchain.now = options.now ?? GENESIS;
        const checks = (options.watched ?? true) ? watch(blockchain) : unwatched();
        return new Chain(blockchain, priceSet, prices, checks, globalId);
    }

    /** Unix seconds. */
    get now(): number {
        return this.blockchain.now!;
    }

    /** Sets the time of the next message. */
    at(now: number): void {
        this.blockchain.now = now;
    }

    /** Lets seconds pass. */
    pass(seconds: number): void {
        this.blockchain.now = this.now + seconds;
    }

    /** The wallet of that name, with a million TON; always the same for the same name. */
    async wallet(name: string): Promise<Wallet> {
        return await this.blockchain.treasury(name);
    }

    /** Sends one message from a wallet and runs everything that follows. */
    async send(from: Wallet, options: SendOptions): Promise<SendMessageResult> {
        return await from.sendMessages([relaxed(options)], options.sendMode ?? SendMode.PAY_GAS_SEPARATELY);
    }

    /** Sends several messages from a wallet in one transaction. */
    async sendAll(
        from: Wallet,
        messages: SendOptions[],
        sendMode: SendMode = SendMode.PAY_GAS_SEPARATELY,
    ): Promise<SendMessageResult> {
        return await from.sendMessages(messages.map(relaxed), sendMode);
    }

    /** nanoTON of an account, 0 if there is none. */
    async balance(of: Addressable): Promise<bigint> {
        return (await this.blockchain.getContract(addressOf(of))).balance;
    }

    /** Raw data of an active account; null otherwise. */
    async data(of: Addressable): Promise<Cell | null> {
        const state = (await this.blockchain.getContract(addressOf(of))).accountState;
        return state?.type === 'active' ? (state.state.data ?? null) : null;
    }

    /** Whether code runs at that address. */
    async isActive(of: Addressable): Promise<boolean> {
        return (await this.blockchain.getContract(addressOf(of))).accountState?.type === 'active';
    }

    /** Nothing is left at that address: no code, no data, no nanoTON. */
    async isGone(of: Addressable): Promise<boolean> {
        const { accountState, balance } = await this.blockchain.getContract(addressOf(of));
        return balance === 0n && (accountState === undefined || accountState.type === 'uninit');
    }

    /** Puts an account in place as the test wants it; the only way besides messages that keeps the ledger even. */
    async plant(
        at: Addressable,
        account: { code: Cell; data: Cell; balance: bigint } | ShardAccount,
        name?: string,
    ): Promise<void> {
        const address = addressOf(at);
        this.checks.verify();
        const planted = 'code' in account ? createShardAccount({ address, ...account }) : account;
        await this.blockchain.setShardAccount(address, planted);
        await this.checks.fund(address);
        if (name !== undefined) {
            label(address, name);
        }
    }

    /** Gives an account another balance. */
    async setBalance(of: Addressable, balance: bigint): Promise<void> {
        this.checks.verify();
        (await this.blockchain.getContract(addressOf(of))).balance = balance;
        await this.checks.fund(addressOf(of));
    }

    /** Replaces an active account's data. */
    async setData(of: Addressable, data: Cell): Promise<void> {
        const contract = await this.blockchain.getContract(addressOf(of));
        const state = contract.accountState;
        if (state?.type !== 'active') {
            throw new Error('Only an active account has data');
        }
        const { account } = contract;
        contract.account = {
            ...account,
            account: {
                ...account.account!,
                storage: { ...account.account!.storage, state: { type: 'active', state: { ...state.state, data } } },
            },
        };
    }

    /** Runs `scenario` and rewinds everything, even if it fails. */
    async rewinding<T>(scenario: () => Promise<T>): Promise<T> {
        const snapshot = this.blockchain.snapshot();
        try {
            return await scenario();
        } finally {
            await this.blockchain.loadFrom(snapshot);
        }
    }
}

function relaxed(options: SendOptions): MessageRelaxed {
    return internal({
        to: addressOf(options.to),
        value: options.value,
        body: options.body,
        init: options.init,
        bounce: options.bounce ?? true,
    });
}

/** The same as {@link Chain.create}. */
export async function createChain(options: ChainOptions = {}): Promise<Chain> {
    return await Chain.create(options);
}

/** An address that nobody has the key of. */
export function strayAddress(seed: number, workchain = 0): Address {
    return new Address(workchain, Buffer.alloc(32, seed));
}
