/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Address, beginCell, storeTransaction } from '@ton/core';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ComputeClient, Order, PayingChannel, WorkerConnection } from '../../client';
import { Arbiter } from '../../demo/arbiter';
import { resultCell } from '../../protocol';
import { EncryptionKeyPair } from '../../protocol/envelope';
import { ByteTransport, createInProcessTransport } from '../../protocol/transport';
import { openStore, SqlStore } from '../../store';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';
import { createRefereeEngine, InferenceEngine, ProviderNode } from '../../worker/node';
import { toBytes32 } from '../../wrappers';
import { LeakSearch } from '../helpers/leaks';
import { COST, payer, serving } from './channelStage';
import { BOND, COLLATERAL, describeFlow, digits, IMAGES, modelFile, PRICE, root, Stage } from './stage';

const PROMPT = Buffer.from('PLANTED PROMPT: nobody but client and worker may read these words.');

/** Real digits with the prompt in a corner of each image. */
function planted(): Uint8Array {
    const input = Uint8Array.from(digits());
    for (let image = 0; image < IMAGES; image++) {
        input.set(PROMPT, image * IMAGE_BYTES);
    }
    return input;
}

/** Everything that leaves the two sides, and everything that they leave behind. */
class Traces {
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
    line(
        worker: ProviderNode,
        change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
        patienceMs = 10_000,
    ): WorkerConnection {
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

    async failing(promise: Promise<unknown>): Promise<void> {
        const failed = await promise.then(
            () => false,
            (error: unknown) => this.errors.push(error) > 0,
        );
        expect(failed).toBe(true);
    }

    async tick(worker: ProviderNode): Promise<void> {
        this.errors.push(...(await worker.tick()).flatMap(({ error }) => (error ? [error] : [])));
    }

    end(): void {
        this.spies.forEach((spy) => spy.mockRestore());
        rmSync(this.folder, { recursive: true });
    }
}

/** All that the chain shows of a stage: every transaction with its messages and events, and what the accounts hold now. */
async function searchChain(stage: Stage, search: LeakSearch): Promise<number> {
    const { transactions } = stage.take();
    const accounts = new Set<string>();
    for (const transaction of transactions) {
        search.cell('a transaction', beginCell().store(storeTransaction(transaction)).endCell());
        accounts.add(new Address(0, toBytes32('address', transaction.address)).toRawString());
    }
    for (const account of accounts) {
        const data = await stage.chain.data(Address.parse(account));
        if (data) {
            search.cell('an account', data);
        }
    }
    return transactions.length;
}

interface Workers {
    readonly worker: ProviderNode;
    /** Computes wrong. */
    readonly cheat: ProviderNode;
}

/** What a worker does with a job when everything, or nothing, goes well. */
async function jobs(
    stage: Stage,
    traces: Traces,
    { worker, cheat }: Workers,
    client: ComputeClient,
    look: () => Promise<void>,
): Promise<Uint8Array> {
    const { chain, market, network } = stage;
    const arbiter = new Arbiter(market, network.arbiter.getSender(), [modelFile]);
    const order = () =>
        client.order({
            provider: stage.provider.owner.address,
            modelRoot: root,
            input: planted(),
            price: PRICE,
            collateral: COLLATERAL,
            challengeBond: BOND,
        });
    const posted = async (line: WorkerConnection): Promise<Order> => {
        const quoted = await client.requestQuote(await order(), line);
        await client.post(quoted);
        await look();
        return quoted;
    };

    const line = traces.line(worker);
    const approved = await posted(line);
    await traces.tick(worker);
    const result = await client.receive(approved, line);
    expect(result.equalsReferee).toBe(true);
    await client.approveBySignature(approved, result, line);
    await look();
    await traces.tick(worker);

    const published = await posted(line);
    await traces.tick(worker);
    chain.pass(60);
    await traces.tick(worker);
    await client.demand(published);
    await look();
    await traces.tick(worker);
    await look();
    const answer = await client.receivePublished(published);
    expect(answer.equalsReferee).toBe(true);
    await client.challenge(published);
    await look();
    expect(await arbiter.judge(published, await client.evidence(published.escrow))).toBe(false);

    const wrongLine = traces.line(cheat);
    const wrong = await posted(wrongLine);
    await traces.tick(cheat);
    expect((await client.receive(wrong, wrongLine)).equalsReferee).toBe(false);
    chain.pass(60);
    await traces.tick(cheat);
    await client.challenge(wrong);
    await look();
    expect(await arbiter.judge(wrong, await client.evidence(wrong.escrow))).toBe(true);

    const late = await posted(line);
    chain.pass(late.terms.deliverWithin);
    await client.expire(late);

    // What goes wrong.
    const spoil = (bytes: Uint8Array) => {
        const copy = Uint8Array.from(bytes);
        copy[copy.length - 400]! ^= 1;
        return copy;
    };
    const spoilt = traces.line(worker, spoil, 1_000);
    await traces.failing(client.requestQuote(await order(), spoilt));
    const elsewhere = { ...(await order()), nonce: 5n };
    await traces.failing(client.requestQuote(elsewhere, line));
    await traces.failing(client.receivePublished(elsewhere));
    const wrongKey = { ...published, recipientKey: (await EncryptionKeyPair.create()).stored() };
    expect((await client.receivePublished(wrongKey)).equalsReferee).toBe(false);
    await traces.failing(
        arbiter.judge(published, { ...(await client.evidence(published.escrow)), input: Buffer.alloc(9) }),
    );
    return result.bytes;
}

async function requests(stage: Stage, traces: Traces, worker: ProviderNode, store: SqlStore) {
    const channel = await PayingChannel.open(payer(stage, store.channels), traces.line(worker));
    const input = planted();
    const batch = { modelRoot: root, input, maxCost: COST * BigInt(IMAGES) };
    const { output } = await channel.request(batch);
    await channel.request({ ...batch, input: input.subarray(0, IMAGE_BYTES), maxCost: COST });
    await traces.failing(channel.request({ ...batch, input: input.subarray(0, IMAGE_BYTES), maxCost: 1n }));
    await traces.failing(channel.request({ ...batch, modelRoot: 5n }));
    await traces.failing(channel.request({ ...batch, input: input.subarray(1) }));
    await channel.close();
    return output;
}

describeFlow('a full run', (play) => {
    it('shows prompt, result and keys to nobody but client and worker', () =>
        play(async (stage) => {
            const traces = new Traces();
            try {
                const { provider, keys } = stage;
                const clientStore = await openStore(join(traces.folder, 'client', 'client.db'));
                const workerStore = await openStore(join(traces.folder, 'worker', 'worker.db'));
                const cheatStore = await openStore(join(traces.folder, 'worker', 'cheat.db'));
                // Fails for an input that is none, as engines do.
                const engine: InferenceEngine = {
                    ...stage.engine,
                    run: async (input) => {
                        if (input.length % IMAGE_BYTES !== 0) {
                            throw new RangeError('The input is not a whole number of images');
                        }
                        return await stage.engine.run(input);
                    },
                };
                const { channels } = await serving(stage, { store: workerStore.channels, engine });
                const onError = (error: Error) => void traces.errors.push(error);
                const worker = await stage.hire({ engines: [engine], store: workerStore.jobs, channels, onError });
                const client = new ComputeClient({
                    market: stage.market,
                    connection: stage.connection,
                    wallet: stage.wallet.getSender(),
                    keys,
                    now: () => stage.chain.now,
                    models: [modelFile],
                    store: clientStore.orders,
                });
                const right = await createRefereeEngine(modelFile).run(planted());
                const secrets = [
                    { name: 'the prompt', bytes: PROMPT },
                    { name: 'the result', bytes: right },
                    { name: 'the wrong result', bytes: Uint8Array.from(right).reverse() },
                    { name: "the worker's encryption key", bytes: provider.encryption.stored().subarray(2) },
                    { name: "the worker's signing key", bytes: provider.signing.secretKey.subarray(0, 32) },
                    { name: "the client's key", bytes: keys.clientSecret.subarray(0, 32) },
                ];
                const search = new LeakSearch(secrets);
                let transactions = 0;
                const look = async () => {
                    transactions += await searchChain(stage, search);
                    search.folder("the worker's store", join(traces.folder, 'worker'));
                };
                const wrong: InferenceEngine = { ...engine, run: async (input) => (await engine.run(input)).reverse() };
                const cheat = await stage.hire({ engines: [wrong], store: cheatStore.jobs, onError });
                const result = await jobs(stage, traces, { worker, cheat }, client, look);
                expect(Buffer.compare(result, right)).toBe(0);
                expect(Buffer.compare(await requests(stage, traces, worker, clientStore), right)).toBe(0);
                await look();
                expect(transactions).toBeGreaterThan(40);

                // The client's own file holds what is the client's, until he lets go of it.
                const own = new LeakSearch([...secrets, ...keysOf(await clientStore.orders.all())]);
                own.folder('the file', join(traces.folder, 'client'));
                expect(own.found.map((finding) => finding.replace(/\/client\.db(-wal)?$/, ''))).toContain(
                    'the prompt in the file',
                );
                expect(own.found.filter((finding) => finding.startsWith('the key of'))).not.toEqual([]);
                expect(own.found.filter((finding) => /the client's key|the worker's|the result/.test(finding))).toEqual(
                    [],
                );
                const lasting = new LeakSearch([...secrets, ...keysOf(await clientStore.orders.all())]);
                for (const order of await clientStore.orders.all()) {
                    await client.forget(order);
                }
                lasting.folder('the file, forgotten', join(traces.folder, 'client'));

                await Promise.all([clientStore, workerStore, cheatStore].map((store) => store.close()));
                for (const side of ['client', 'worker']) {
                    lasting.folder(`${side}'s closed file`, join(traces.folder, side));
                }
                traces.wire.forEach((bytes) => search.bytes('a message', bytes));
                expect(traces.wire.length).toBeGreaterThan(20);
                expect(traces.errors.length).toBeGreaterThan(6);
                for (const error of traces.errors) {
                    search.text(
                        'an error',
                        `${(error as Error).stack} ${inspect(error, { depth: 9, showHidden: true })}`,
                    );
                    search.text(
                        'an error',
                        JSON.stringify(error, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
                    );
                }
                search.text('the output', traces.output.join('\n'));
                search.text('a printed key', inspect(provider.encryption, { depth: 9, showHidden: true }));
                expect([search.found, lasting.found]).toEqual([[], []]);
                expect(search.searched).toBeGreaterThan(1_000_000);

                // It would have been noticed: the result as it lay in its cell before there were envelopes.
                search.cell('a plain result', resultCell(Buffer.concat([Buffer.alloc(32), right])));
                expect(search.found).toEqual(['the result in a plain result']);
            } finally {
                traces.end();
            }
        }));
});

const keysOf = (orders: readonly Order[]) =>
    orders.map(({ escrow, recipientKey }) => ({ name: `the key of ${escrow}`, bytes: recipientKey.subarray(2) }));
