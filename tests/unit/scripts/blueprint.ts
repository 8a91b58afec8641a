import type { NetworkProvider } from '@ton/blueprint';
import {
    Address,
    beginCell,
    Cell,
    Contract,
    ContractProvider,
    ContractState,
    openContract,
    OpenedContract,
    SenderArguments,
} from '@ton/core';
import type { BlockchainTransaction } from '@ton/sandbox';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../../../scripts/lib/script';
import { addressOf } from '../../helpers/labels';
import { Chain, Wallet } from '../../helpers/chain';

type Api = ReturnType<NetworkProvider['api']>;
type Ui = ReturnType<NetworkProvider['ui']>;
type Config = Awaited<ReturnType<NetworkProvider['getConfig']>>;

const CONFIG_ACCOUNT = new Address(-1, Buffer.alloc(32, 0x55));

/** What Blueprint hands to a script, over a watched chain: each sending runs to its end at once. */
export class BlueprintShim implements NetworkProvider {
    /** What the script wrote. */
    readonly output: string[] = [];
    /** How many messages the wallet sent. */
    sendings = 0;
    /** Loses what the wallet sends. */
    offline = false;

    constructor(
        private readonly chain: Chain,
        private readonly wallet: Wallet,
        private readonly options: { network?: 'mainnet' | 'testnet' | 'custom'; hideConfig?: boolean } = {},
    ) {}

    network() {
        return this.options.network ?? 'custom';
    }

    explorer() {
        return 'tonscan' as const;
    }

    sender() {
        return {
            address: this.wallet.address,
            send: async ({ to, value, body, init, bounce, sendMode }: SenderArguments) => {
                // As Blueprint's own: warns of the one, refuses the other.
                expect(bounce).toBeUndefined();
                expect(sendMode).toBeUndefined();
                this.sendings++;
                if (!this.offline) {
                    await this.chain.send(this.wallet, { to, value, body: body ?? undefined, init });
                }
            },
        };
    }

    provider(address: Address, init?: { code?: Cell | null; data?: Cell | null }): ContractProvider {
        const provider = this.chain.blockchain.provider(address, init);
        // The sandbox's own compares hashes by identity, so it finds nothing, and turns its record over while it looks.
        provider.getTransactions = async (account, lt, hash, limit) => this.history(account, lt, hash, limit);
        return provider;
    }

    /** As an API answers: from the named transaction back. */
    private history(account: Address, lt: bigint, hash: Buffer, limit = 100): BlockchainTransaction[] {
        const { transactions } = this.chain.blockchain as unknown as { transactions: BlockchainTransaction[] };
        const key = BigInt(`0x${account.hash.toString('hex')}`);
        const history = transactions.filter(({ address }) => address === key).reverse();
        const named = history.findIndex((transaction) => transaction.lt === lt && transaction.hash().equals(hash));
        return named < 0 ? [] : history.slice(named, named + limit);
    }

    open<T extends Contract>(contract: T): OpenedContract<T> {
        return openContract(contract, ({ address, init }) => this.provider(address, init ?? undefined));
    }

    async getContractState(address: Address): Promise<ContractState> {
        if (!address.equals(CONFIG_ACCOUNT)) {
            return this.provider(address).getState();
        }
        const empty = { balance: 0n, extracurrency: null, last: null };
        if (this.options.hideConfig) {
            return { ...empty, state: { type: 'uninit' } };
        }
        const config = Cell.fromBase64((this.chain.blockchain as unknown as { networkConfig: string }).networkConfig);
        const data = beginCell().storeRef(config).endCell().toBoc();
        return { ...empty, state: { type: 'active', code: null, data } };
    }

    async isContractDeployed(address: Address) {
        return await this.chain.isActive(address);
    }

    ui(): Ui {
        const never = () => Promise.reject(new Error('Nobody is there to ask'));
        return {
            write: (message) => void this.output.push(message),
            prompt: never,
            inputAddress: never,
            input: never,
            choose: never,
            setActionPrompt: () => undefined,
            clearActionPrompt: () => undefined,
        };
    }

    api(): Api {
        throw new Error('Scripts work with any API');
    }

    getConfig(): Promise<Config> {
        throw new Error('It does not tell the global id');
    }

    deploy(): Promise<void> {
        throw new Error('Deprecated');
    }

    waitForDeploy(): Promise<void> {
        throw new Error('Scripts wait for the result, not for an account');
    }

    waitForLastTransaction(): Promise<void> {
        throw new Error('Works with some wallets only');
    }
}

/** A script as its file exports it. */
export type Run<T> = (provider: NetworkProvider, args: string[]) => Promise<T | null>;

/** A chain, a folder for deployment files, and the clock of the scripts set to the chain's: who waits, moves it. */
export class Desk {
    readonly folder = mkdtempSync(join(tmpdir(), 'scripts-'));
    readonly file = join(this.folder, 'sandbox.json');

    constructor(readonly chain: Chain) {
        jest.spyOn(Date, 'now').mockImplementation(() => chain.now * 1000);
        jest.spyOn(global, 'setTimeout').mockImplementation(((run: () => void, ms: number) => {
            chain.pass(ms / 1000);
            setImmediate(run);
        }) as typeof setTimeout);
    }

    /** Keeps chain and deployment file as they are now, and returns what rewinds to them. */
    keep(): () => Promise<void> {
        const snapshot = this.chain.blockchain.snapshot();
        const file = existsSync(this.file) ? readFileSync(this.file) : null;
        return async () => {
            await this.chain.blockchain.loadFrom(snapshot);
            rmSync(this.file, { force: true });
            if (file) {
                writeFileSync(this.file, file);
            }
        };
    }

    close(): void {
        jest.restoreAllMocks();
        rmSync(this.folder, { recursive: true });
    }

    /** The deployment file. */
    read(path = this.file) {
        return JSON.parse(readFileSync(path, 'utf8'));
    }

    /** Writes an input file. */
    write(name: string, content: unknown): string {
        const path = join(this.folder, name);
        writeFileSync(path, Buffer.isBuffer(content) ? content : JSON.stringify(content));
        return path;
    }

    /** Runs a script with the deployment file of this desk. */
    async run<T>(script: Run<T>, wallet: Wallet, ...args: string[]): Promise<{ result: T; shim: BlueprintShim }> {
        const shim = new BlueprintShim(this.chain, wallet);
        const { now } = this.chain;
        try {
            const result = await script(shim, [...args, '--file', this.file]);
            return { result: result!, shim };
        } finally {
            // What was sent has taken effect or was refused: whoever waits has overlooked it.
            expect(this.chain.now).toBe(now);
        }
    }

    /** Runs a script that has to do something, and once more, when it must change nothing: no message, no file. */
    async twice(script: Run<Outcome>, wallet: Wallet, ...args: string[]): Promise<Outcome> {
        const first = await this.run(script, wallet, ...args);
        expect([first.result.status, first.shim.sendings]).toEqual(['done', 1]);
        const file = readFileSync(this.file, 'utf8');
        const balance = await this.chain.balance(addressOf(wallet));
        const second = await this.run(script, wallet, ...args);
        expect([second.result.status, second.shim.sendings]).toEqual(['already', 0]);
        expect(second.shim.output.join()).toContain('Already done, nothing was sent.');
        expect(await this.chain.balance(addressOf(wallet))).toBe(balance);
        expect(readFileSync(this.file, 'utf8')).toBe(file);
        return first.result;
    }
}
