import { toNano } from '@ton/core';
import { ClientKeys, ComputeClient, createClientKeys, Order, WorkerConnection } from '../client';
import { JobPolicy, priceOf } from '../protocol';
import { createInProcessTransport } from '../protocol/transport';
import { Tier } from '../wrappers';
import { MemoryChannelStore } from '../store';
import { ChannelDesk, InferenceEngine, ProviderNode, StepTaken } from '../worker/node';
import { Arbiter } from './arbiter';
import { Digits, usageOf } from './digits';
import { Provider, TierName } from './provider';
import { RandomBytes } from './random';
import { quoteOf, TEST_TRUST } from './testAuthority';
import { World } from './world';

/** nanoTON that the provider puts at risk for each job. */
export const COLLATERAL = toNano(20);
/** nanoTON that a demand or a challenge costs whoever turns out wrong. */
export const CHALLENGE_BOND = toNano(2);

/** Where scenarios are played: a client, a provider with its worker, an arbiter, and the time. */
export interface Stage {
    readonly world: World;
    readonly provider: Provider;
    readonly client: ComputeClient;
    readonly clientKeys: ClientKeys;
    readonly arbiter: Arbiter;
    /** The provider's worker, computing right; what it serves is of the provider's tier. */
    readonly worker: ProviderNode;
    /** Another worker of the same provider, computing wrong. */
    readonly brokenWorker: ProviderNode;
    /** A client whose wallet takes so many seconds to sign. */
    hesitantClient(seconds: number): ComputeClient;
    /** A fresh line to a worker. */
    connect(worker: ProviderNode): WorkerConnection;
    /** An order for the next digits, at the provider's price; of the provider's tier unless another is asked for. */
    order(tier?: Tier): Promise<Order>;
}

/** A stage with each provider; the client is the same. */
export type Stages = Readonly<Record<TierName, Stage>>;

/** What stages are set with. */
export interface StageOptions {
    readonly engine: InferenceEngine;
    readonly modelFile: Uint8Array;
    readonly digits: Digits;
    /** Bytes of their own for each label. */
    readonly random: (label: string) => RandomBytes;
}

/** Sets the stages in a world. */
export async function setStages(world: World, options: StageOptions): Promise<Stages> {
    const { modelFile, random } = options;
    const keys = createClientKeys(random('client.keys')(32));
    const client = clientIn(world, keys, modelFile, random('client'));
    const stage = (provider: Provider) => setStage(world, provider, { ...options, keys, client });
    return { Open: await stage(world.providers.Open), Attested: await stage(world.providers.Attested) };
}

async function setStage(
    world: World,
    provider: Provider,
    { engine, modelFile, digits, random, keys, client }: StageOptions & { keys: ClientKeys; client: ComputeClient },
): Promise<Stage> {
    const { market, wallets, offer } = world;
    const policy = await policyOf(world, provider);
    const workerWith = (label: string, engines: readonly InferenceEngine[]) => {
        const seeds = random(`${provider.tierName} ${label}`);
        return ProviderNode.create({
            market,
            connection: world.connection,
            owner: provider.owner.address,
            operator: provider.operator.getSender(),
            signingSecret: provider.signing.secretKey,
            encryptionKeys: [provider.encryption],
            engines,
            policy,
            channels: channelDeskIn(world, provider, engines),
            attestation: provider.tier === Tier.Attested ? () => quoteOf(provider) : undefined,
            now: () => world.now(),
            sealSalt: () => seeds(32),
        });
    };
    return {
        world,
        provider,
        client,
        clientKeys: keys,
        arbiter: new Arbiter(market, wallets.arbiter.getSender(), [modelFile]),
        worker: await workerWith('worker', [engine]),
        brokenWorker: await workerWith('broken worker', [withWrongResults(engine)]),
        hesitantClient: (seconds) => clientIn(world, keys, modelFile, random('hesitant client'), seconds),
        connect: (worker) => {
            const [here, there] = createInProcessTransport();
            worker.connect(there);
            return new WorkerConnection(here);
        },
        order: (tier = provider.tier) => {
            const input = digits.next();
            return client.order({
                provider: provider.owner.address,
                tier,
                modelRoot: offer.modelRoot,
                input,
                price: priceOf(offer, usageOf(input)),
                collateral: COLLATERAL,
                challengeBond: CHALLENGE_BOND,
            });
        },
    };
}

/**
 * Has a worker look at its jobs.
 *
 * @throws the first error of a step: in the demo nothing may go wrong by accident
 */
export async function work(worker: ProviderNode): Promise<StepTaken[]> {
    const taken = await worker.tick();
    const failed = taken.find(({ error }) => error);
    if (failed?.error) {
        throw failed.error;
    }
    return taken;
}

function clientIn(
    world: World,
    keys: ClientKeys,
    modelFile: Uint8Array,
    random: RandomBytes,
    hesitation = 0,
): ComputeClient {
    const wallet = world.wallets.client.getSender();
    return new ComputeClient({
        market: world.market,
        connection: world.connection,
        wallet: {
            address: world.wallets.client.address,
            send: async (args) => {
                world.pass(hesitation);
                await wallet.send(args);
            },
        },
        keys,
        now: () => world.now(),
        models: [modelFile],
        attestation: TEST_TRUST,
        random,
    });
}

/** The desk of a worker that serves any channel worth its while. */
function channelDeskIn(world: World, provider: Provider, engines: readonly InferenceEngine[]): ChannelDesk {
    const { market, connection, offer } = world;
    const { owner, operator, signing, encryption } = provider;
    return new ChannelDesk({
        market,
        connection,
        owner: owner.address,
        operator: operator.getSender(),
        signingSecret: signing.secretKey,
        encryptionKeys: [encryption],
        engines,
        store: new MemoryChannelStore(),
        policy: {
            settlement: provider.till,
            signingKey: signing.publicKey,
            minDeposit: toNano(1),
            minRemaining: 86_400,
            minCloseDelay: 3_600,
            redeemMargin: 1_800,
            maxChannelsPerClient: 2,
            codeLibraryPaidUntil: 0,
        },
        redeeming: { minDue: toNano(100), beforeClosing: 7_200 },
        rates: new Map([[offer.modelRoot, offer]]),
        meter: (_, input) => usageOf(input),
        now: () => world.now(),
    });
}

async function policyOf({ market, offer }: World, { owner, tier }: Provider): Promise<JobPolicy> {
    const { profile } = (await market.provider(owner.address)).stake!;
    return {
        arbiters: [(await market.network()).params!.arbiter],
        models: new Set([offer.modelRoot]),
        encryptionKey: profile!.encryptionKey,
        tier,
        minPrice: toNano('0.1'),
        priceOf: (_, input) => priceOf(offer, usageOf(input)),
        maxCollateral: toNano(50),
        minDeliverWithin: 600,
        maxChallengeWindow: 86_400,
        minResponseWindow: 3_600,
        maxArbitrationWindow: 7 * 86_400,
        minChallengeBond: toNano(1),
        maxLateSlashBps: 1_000,
        maxToClientBps: 5_000,
        maxAcceptAhead: 3_600,
        maxInputBytes: 1024 * 1024,
        maxJobsPerClient: 4,
        maxCollateralPerClient: toNano(100),
    };
}

/** Every class is one too high: what a worker with broken memory, or without scruples, might answer. */
function withWrongResults(engine: InferenceEngine): InferenceEngine {
    return { ...engine, run: async (input) => (await engine.run(input)).map((digit) => (digit + 1) % 10) };
}
