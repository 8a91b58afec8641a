import { Address, beginCell, storeTransaction, Transaction } from '@ton/core';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { WorkerConnection } from '../../../client';
import { ByteTransport, createInProcessTransport } from '../../../protocol/transport';
import { decodeMessage, WireMessage } from '../../../protocol/wire';
import { ProviderNode } from '../../../worker/node';
import { toBytes32 } from '../../../wrappers';
import { LeakSearch } from '../../helpers/leaks';
import { Stage } from '../stage';

/** What a wire does to bytes on their way. */
type Change = (bytes: Uint8Array) => Uint8Array;

/** One bit of every message of a kind is another. */
export const spoiling =
    (kind: WireMessage['kind']): Change =>
    (bytes) => {
        const copy = Uint8Array.from(bytes);
        if (decodeMessage(bytes).kind === kind) {
            copy[copy.length >> 1]! ^= 1;
        }
        return copy;
    };

/** Everything that leaves the two sides, and everything that they leave behind. */
export class Traces {
    readonly folder = mkdtempSync(join(tmpdir(), 'leaks-'));
    readonly wire: Uint8Array[] = [];
    readonly errors: unknown[] = [];
    readonly output: string[] = [];
    private readonly spies: jest.SpyInstance[] = [];

    constructor() {
        ['client', 'worker'].forEach((side) => mkdirSync(join(this.folder, side)));
        for (const stream of [process.stdout, process.stderr]) {
            const write = (text: unknown) => this.output.push(String(text)) > 0;
            this.spies.push(jest.spyOn(stream, 'write').mockImplementation(write));
        }
        for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
            const print = (...args: unknown[]) => void this.output.push(args.map((arg) => inspect(arg)).join(' '));
            this.spies.push(jest.spyOn(console, method).mockImplementation(print));
        }
    }

    /** A line whose bytes are taken down both ways. */
    line(worker: ProviderNode, change: Change = (bytes) => bytes, patienceMs = 10_000): WorkerConnection {
        const [here, there] = createInProcessTransport();
        const tapped = (end: ByteTransport): ByteTransport => ({
            send: (bytes) => {
                this.wire.push(bytes);
                end.send(change(bytes));
            },
            listen: (listener) => end.listen(listener),
            close: () => end.close(),
        });
        worker.connect(tapped(there));
        return new WorkerConnection(tapped(here), patienceMs);
    }

    /** Fails, with that error if one is named. */
    async failing(promise: Promise<unknown>, type: abstract new (...args: never[]) => Error = Error): Promise<void> {
        const error = await promise.then(
            () => undefined,
            (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(type);
        this.errors.push(error);
    }

    async tick(worker: ProviderNode): Promise<void> {
        this.errors.push(...(await worker.tick()).flatMap(({ error }) => (error ? [error] : [])));
    }

    /** Kinds of the messages that went over the lines. */
    get kinds(): Set<WireMessage['kind']> {
        return new Set(this.wire.map((bytes) => decodeMessage(bytes).kind));
    }

    /** Messages, errors and output. */
    search(search: LeakSearch): void {
        this.wire.forEach((bytes) => search.bytes('a message', bytes));
        for (const error of this.errors) {
            const text = `${(error as Error).stack} ${inspect(error, { depth: 9, showHidden: true })}`;
            search.text('an error', text);
            const json = JSON.stringify(error, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
            search.text('an error', json);
        }
        search.text('the output', this.output.join('\n'));
    }

    end(): void {
        this.spies.forEach((spy) => spy.mockRestore());
        rmSync(this.folder, { recursive: true });
    }
}

/** Transactions with their messages and events, and what the accounts in them hold now. */
export async function searchChain(
    { chain }: Stage,
    search: LeakSearch,
    transactions: readonly Transaction[],
): Promise<void> {
    const accounts = new Set<string>();
    for (const transaction of transactions) {
        search.cell('a transaction', beginCell().store(storeTransaction(transaction)).endCell());
        accounts.add(new Address(0, toBytes32('address', transaction.address)).toRawString());
    }
    for (const account of accounts) {
        const data = await chain.data(Address.parse(account));
        if (data) {
            search.cell('an account', data);
        }
    }
}
