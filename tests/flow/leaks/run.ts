import { Transaction } from '@ton/core';
import { join } from 'node:path';
import {
    AttestationRefusedError,
    ComputeClient,
    Order,
    PayingChannel,
    RefusedError,
    WorkerConnection,
} from '../../../client';
import { Arbiter } from '../../../demo/arbiter';
import { EncryptionKeyPair } from '../../../protocol/envelope';
import { openStore, SqlStore } from '../../../store';
import { IMAGE_BYTES } from '../../../worker/models/digits/dataset';
import { InferenceEngine, ProviderNode, ProviderNodeOptions } from '../../../worker/node';
import { Tier } from '../../../wrappers';
import { quoteBytes } from '../../fixtures/attestation/quotes';
import { FLOOR, quoteOf } from '../../fixtures/attestation/stage';
import { LeakSearch } from '../../helpers/leaks';
import { TRUST } from '../attestedStage';
import { COST, payer, serving } from '../channelStage';
import { BOND, COLLATERAL, digits, IMAGES, modelFile, PRICE, root, Stage } from '../stage';
import { searchChain, spoiling, Traces } from './traces';

export const PROMPT = Buffer.from('PLANTED PROMPT: nobody but client and worker may read these words.');

/** Real digits with the prompt in a corner of each image. */
export function planted(): Uint8Array {
    const input = Uint8Array.from(digits());
    for (let image = 0; image < IMAGES; image++) {
        input.set(PROMPT, image * IMAGE_BYTES);
    }
    return input;
}

/** A client and workers with files of their own, and a search that looks at whatever they send and keep. */
export class Run {
    transactions = 0;

    private constructor(
        readonly stage: Stage,
        readonly tier: Tier,
        readonly traces: Traces,
        readonly search: LeakSearch,
        readonly stores: Record<'client' | 'worker' | 'cheat', SqlStore>,
        readonly client: ComputeClient,
        readonly worker: ProviderNode,
        /** Computes wrong. */
        readonly cheat: ProviderNode,
        private readonly hire: Stage['hire'],
    ) {}

    /** @param quote - what the workers show to those who ask for a quote */
    static async prepare(stage: Stage, traces: Traces, search: LeakSearch, quote?: Uint8Array): Promise<Run> {
        const tier = quote ? Tier.Attested : Tier.Open;
        const file = (side: string, name: string) => openStore(join(traces.folder, side, `${name}.db`));
        const stores = {
            client: await file('client', 'client'),
            worker: await file('worker', 'worker'),
            cheat: await file('worker', 'cheat'),
        };
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
        const wrong: InferenceEngine = { ...engine, run: async (input) => (await engine.run(input)).reverse() };
        const onError = (error: Error) => void traces.errors.push(error);
        const { channels } = await serving(stage, { store: stores.worker.channels, engine, onError });
        const policy = { ...stage.policy, tier };
        const attestation = quote && (() => quote);
        const hire = (options: Partial<ProviderNodeOptions> = {}) =>
            stage.hire({ policy, attestation, onError, ...options });
        const client = new ComputeClient({
            market: stage.market,
            connection: stage.connection,
            wallet: stage.wallet.getSender(),
            keys: stage.keys,
            now: () => stage.chain.now,
            models: [modelFile],
            store: stores.client.orders,
            attestation: quote && TRUST,
        });
        const worker = await hire({ engines: [engine], store: stores.worker.jobs, channels });
        const cheat = await hire({ engines: [wrong], store: stores.cheat.jobs });
        return new Run(stage, tier, traces, search, stores, client, worker, cheat, hire);
    }

    /** Looks for secrets on the chain, and in the workers' files. */
    async look(more: readonly Transaction[] = []): Promise<void> {
        const transactions = [...this.stage.take().transactions, ...more];
        await searchChain(this.stage, this.search, transactions);
        this.transactions += transactions.length;
        this.search.folder("the worker's store", join(this.traces.folder, 'worker'));
    }

    async close(): Promise<void> {
        await Promise.all(Object.values(this.stores).map((store) => store.close()));
    }

    private async order(): Promise<Order> {
        const made = await this.client.order({
            provider: this.stage.provider.owner.address,
            modelRoot: root,
            input: planted(),
            price: PRICE,
            collateral: COLLATERAL,
            challengeBond: BOND,
            tier: this.tier,
        });
        this.search.add(keyOf(made));
        return made;
    }

    private async posted(line: WorkerConnection): Promise<Order> {
        const quoted = await this.client.requestQuote(await this.order(), line);
        await this.client.post(quoted);
        await this.look();
        return quoted;
    }

    /** What a worker does with a job when everything, or nothing, goes well; returns the result. */
    async jobs(): Promise<Uint8Array> {
        const { stage, traces, client, worker, cheat } = this;
        const { chain, market, network } = stage;
        const arbiter = new Arbiter(market, network.arbiter.getSender(), [modelFile]);

        const line = traces.line(worker);
        const approved = await this.posted(line);
        await traces.tick(worker);
        const result = await client.receive(approved, line);
        expect(result.equalsReferee).toBe(true);
        await client.approveBySignature(approved, result, line);
        await this.look();
        await traces.tick(worker);

        const published = await this.posted(line);
        await traces.tick(worker);
        chain.pass(60);
        await traces.tick(worker);
        await client.demand(published);
        await this.look();
        await traces.tick(worker);
        await this.look();
        const answer = await client.receivePublished(published);
        expect(answer.equalsReferee).toBe(true);
        await client.challenge(published);
        await this.look();
        expect(await arbiter.judge(published, await client.evidence(published.escrow))).toBe(false);

        const wrongLine = traces.line(cheat);
        const wrong = await this.posted(wrongLine);
        await traces.tick(cheat);
        expect((await client.receive(wrong, wrongLine)).equalsReferee).toBe(false);
        chain.pass(60);
        await traces.tick(cheat);
        await client.challenge(wrong);
        await this.look();
        expect(await arbiter.judge(wrong, await client.evidence(wrong.escrow))).toBe(true);

        const late = await this.posted(line);
        chain.pass(late.terms.deliverWithin);
        await client.expire(late);

        // What goes wrong.
        const spoilt = traces.line(worker, spoiling('quoteRequest'), 1_000);
        await traces.failing(client.requestQuote(await this.order(), spoilt));
        const elsewhere = { ...(await this.order()), nonce: 5n };
        await traces.failing(client.requestQuote(elsewhere, line));
        await traces.failing(client.receivePublished(elsewhere));
        const wrongKey = { ...published, recipientKey: (await EncryptionKeyPair.create()).stored() };
        expect((await client.receivePublished(wrongKey)).equalsReferee).toBe(false);
        const otherInput = { ...(await client.evidence(published.escrow)), input: Buffer.alloc(9) };
        await traces.failing(arbiter.judge(published, otherInput));
        return result.bytes;
    }

    /** A channel from its beginning to its end; returns the output. */
    async requests(): Promise<Uint8Array> {
        const { traces, worker } = this;
        const channel = await this.channel(7n, traces.line(worker));
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

    /** An attestation that the client refuses: for a job, for a channel, and in the middle of one. */
    async refusals(): Promise<void> {
        const { stage, traces, client, worker } = this;
        // What was found good is good for ten minutes, and so long a worker keeps a channel in mind that has ended.
        await traces.tick(worker);
        stage.chain.pass(600);
        await traces.tick(worker);
        const copied = quoteBytes(quoteOf(stage.provider, { reportData: Buffer.alloc(64, 1) }));
        const unreadable = () => Promise.reject(new Error('The device of the trust domain does not answer'));
        const showing = async (attestation: ProviderNodeOptions['attestation']) =>
            traces.line(await this.hire({ attestation }));
        for (const line of [
            await showing(() => copied),
            await showing(() => Buffer.from('no quote')),
            await showing(undefined),
            traces.line(worker, spoiling('attestationReply')),
        ]) {
            await traces.failing(client.requestQuote(await this.order(), line), AttestationRefusedError);
            await traces.failing(this.channel(8n, line), AttestationRefusedError);
        }
        await traces.failing(client.requestQuote(await this.order(), await showing(unreadable)), RefusedError);
        const channel = await this.channel(9n, traces.line(worker));
        stage.chain.at(FLOOR.validUntil);
        const request = { modelRoot: root, input: planted(), maxCost: COST * BigInt(IMAGES) };
        await traces.failing(channel.request(request), AttestationRefusedError);
        await traces.failing(client.requestQuote(await this.order(), traces.line(worker)), AttestationRefusedError);
    }

    private async channel(nonce: bigint, line: WorkerConnection): Promise<PayingChannel> {
        const { stage, tier, stores } = this;
        const attestation = tier === Tier.Attested ? TRUST : undefined;
        return await PayingChannel.open({ ...payer(stage, stores.client.channels), nonce, tier, attestation }, line);
    }
}

/** The key that an order's result is sealed to. */
export const keyOf = ({ escrow, recipientKey }: Order) => ({
    name: `the key of ${escrow}`,
    bytes: recipientKey.subarray(2),
});
