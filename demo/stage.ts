import { toNano } from '@ton/core';
import { ClientKeys, ComputeClient, createClientKeys, Order, WorkerConnection } from '../client';
import { JobPolicy, priceOf } from '../protocol';
import { createInProcessTransport } from '../protocol/transport';
import { Tier } from '../wrappers';
import { MemoryChannelStore } from '../store';
import { ChannelDesk, InferenceEngine, ProviderNode, StepTaken } from '../worker/node';
import { Arbiter } from './arbiter';
import { Digits, usageOf } from './digits';
import { RandomBytes } from './random';
import { World } from './world';

/** nanoTON that the provider puts at risk for each job. */
export const COLLATERAL = toNano(20);
/** nanoTON that a demand or a challenge costs whoever turns out wrong. */
export const CHALLENGE_BOND = toNano(2);

/** Where scenarios are played: a client, a worker, an arbiter, and the time. */
export interface Stage {
    readonly world: World;
    readonly client: ComputeClient;
    readonly clientKeys: ClientKeys;
    readonly arbiter: Arbiter;
    /** The provider's worker, computing right. */
    readonly worker: ProviderNode;
    /** Another worker of the same provider, computing wrong. */
    readonly brokenWorker: ProviderNode;
    /** A client whose wallet takes so many seconds to sign. */
    hesitantClient(seconds: number): ComputeClient;
    /** A fresh line to a worker. */
    connect(worker: ProviderNode): WorkerConnection;
    /** An order for the next digits, at the provider's price. */
    order(): Promise<Order>;
}

/** Sets the stage in a world. */
export async function setStage(
    world: World,
    engine: InferenceEngine,
    modelFile: Uint8Array,
    digits: Digits,
    random: (label: string) => RandomBytes,
): Promise<Stage> {
    const { market, wallets, provider, offer } = world;
    const secrets = random('client.keys');
    const keys = createClientKeys(secrets(32));
    const client = clientIn(world, keys, modelFile, random('client'));
    const policy = await policyOf(world);
    const workerWith = (label: string, engines: readonly InferenceEngine[]) => {
        const seeds = random(label);
        return ProviderNode.create({
            market,
            connection: world.connection,
            owner: provider.owner,
            operator: wallets.operator.getSender(),
            signingSecret: world.signing.secretKey,
            encryptionKeys: [world.encryption],
            engines,
            policy,
            channels: channelDeskIn(world, engines),
            now: () => world.now(),
            sealSeed: () => seeds(32),
        });
    };
    return {
        world,
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
        order: () => {
            const input = digits.next();
            return client.order({
                provider: provider.owner,
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
        random,
    });
}

/** The desk of a worker that serves any channel worth its while. */
function channelDeskIn(world: World, engines: readonly InferenceEngine[]): ChannelDesk {
    const { market, connection, provider, wallets, signing, encryption, offer } = world;
    return new ChannelDesk({
        market,
        connection,
        owner: provider.owner,
        operator: wallets.operator.getSender(),
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
            libraryPaidUntil: 0,
        },
        redeeming: { minDue: toNano(100), beforeClosing: 7_200 },
        rates: new Map([[offer.modelRoot, offer]]),
        meter: (_, input) => usageOf(input),
        now: () => world.now(),
    });
}

async function policyOf({ market, provider, offer }: World): Promise<JobPolicy> {
    const { profile } = (await market.provider(provider.owner)).stake!;
    return {
        arbiters: [(await market.network()).params!.arbiter],
        models: new Set([offer.modelRoot]),
        encryptionKey: profile!.encryptionKey,
        tier: Tier.Open,
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
