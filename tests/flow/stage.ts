import { toNano, Transaction } from '@ton/core';
import { ClientKeys, ComputeClient, createClientKeys, Order, OrderRequest, WorkerConnection } from '../../client';
import { recordingConnection } from '../../demo/recorder';
import { mendTransactionSearch } from '../../demo/sandbox';
import { JobPolicy, modelRoot } from '../../protocol';
import { createInProcessTransport } from '../../protocol/transport';
import { IMAGE_BYTES, loadDigits } from '../../worker/models/digits/dataset';
import { readDigitsModelFile } from '../../worker/models/digits/model';
import { InferenceEngine, openWebgpuEngine, ProviderNode, ProviderNodeOptions, Step } from '../../worker/node';
import { Connection, loadPrices, Market, Prices, Tier } from '../../wrappers';
import { hashNamed } from '../helpers/cells';
import { Chain, PRICE_SETS, PriceSet, Wallet } from '../helpers/chain';
import { label } from '../helpers/labels';
import { Profile } from '../helpers/layout';
import { deployNetwork, Network, Provider } from '../helpers/network';
import { Trace } from '../helpers/traces';

/** Images of an order. */
export const IMAGES = 16;
/** nanoTON */
export const PRICE = toNano(10);
/** nanoTON */
export const COLLATERAL = toNano(20);
/** nanoTON; above what a publication costs under either price set. */
export const BOND = toNano(2);

export const modelFile = readDigitsModelFile();
export const root = modelRoot(modelFile);

let heldOut: Uint8Array | undefined;

/** Real digits that the model was not trained with. */
export function digits(batch = 0): Uint8Array {
    heldOut ??= loadDigits().heldOut.images;
    return heldOut.subarray(batch * IMAGES * IMAGE_BYTES, (batch + 1) * IMAGES * IMAGE_BYTES);
}

/** A registered provider with a worker, a client with a wallet, and a watched chain between them. */
export interface Stage {
    readonly chain: Chain;
    readonly network: Network;
    readonly provider: Provider;
    readonly market: Market;
    readonly connection: Connection;
    readonly prices: Prices;
    readonly wallet: Wallet;
    readonly keys: ClientKeys;
    readonly client: ComputeClient;
    readonly worker: ProviderNode;
    readonly policy: JobPolicy;
    readonly engine: InferenceEngine;
    /** A worker of the same provider that differs in something. */
    hire(options?: Partial<ProviderNodeOptions>): Promise<ProviderNode>;
    /** A fresh line to a worker, the stage's own by default. */
    connect(worker?: ProviderNode): WorkerConnection;
    /** A line to the stage's worker whose client waits only so many milliseconds. */
    connectFor(patienceMs: number): WorkerConnection;
    order(request?: Partial<OrderRequest>): Promise<Order>;
    /** Order, quote and posting; what happened on chain is there to be taken. */
    post(line: WorkerConnection, request?: Partial<OrderRequest>): Promise<Order>;
    /** What was sent since the last time, in order. */
    take(): Trace;
}

type Deploy = (options: {
    prices: PriceSet;
    profile: Partial<Profile>;
}) => Promise<Pick<Stage, 'chain' | 'network' | 'provider'>>;
type Scene = (stage: Stage) => Promise<void>;

/**
 * A suite under the price sets; `play` runs a scene on a rewound chain, with new client and worker.
 *
 * @param deploy - opens the network, and with that profile a provider; by default one without a verifier
 * @param priceSets - fewer for scenes that no price can change
 */
export function describeFlow(
    name: string,
    suite: (play: (scene: Scene) => Promise<void>) => void,
    deploy: Deploy = deployNetwork,
    priceSets: readonly PriceSet[] = PRICE_SETS,
): void {
    describe.each(priceSets)(`${name}, prices %s`, (priceSet) => {
        let engine: InferenceEngine;
        let stage: Awaited<ReturnType<typeof open>>;

        beforeAll(async () => {
            engine = await openWebgpuEngine(modelFile);
            stage = await open(priceSet, deploy);
        });
        afterAll(() => engine.close());

        suite(async (scene) => {
            await stage.chain.rewinding(async () => scene(await dress(stage, engine)));
        });
    });
}

/** Does what is due, and fails if any of it fails; returns the steps taken. */
export async function work(worker: ProviderNode): Promise<Step[]> {
    const taken = await worker.tick();
    for (const { error } of taken) {
        if (error) {
            throw error;
        }
    }
    return taken.map(({ step }) => step);
}

async function open(priceSet: PriceSet, deploy: Deploy) {
    const { chain, network, provider } = await deploy({
        prices: priceSet,
        profile: {
            offers: [
                {
                    modelRoot: root,
                    prompt: toNano(1),
                    cached: toNano(1),
                    completion: toNano(1),
                    reasoning: toNano(1),
                },
            ],
        },
    });
    mendTransactionSearch(chain.blockchain);
    const recorded: Transaction[] = [];
    const connection = recordingConnection(chain.blockchain, {
        record: (transactions) => void recorded.push(...transactions),
    });
    const prices = loadPrices(chain.blockchain.config);
    const now = () => chain.now;
    const market = await Market.connect({ registry: network.registry, connection, prices, now });
    const wallet = await chain.wallet('client');
    return { chain, network, provider, connection, market, prices, now, wallet, recorded };
}

async function dress(base: Awaited<ReturnType<typeof open>>, engine: InferenceEngine): Promise<Stage> {
    const { network, provider, connection, market, now, wallet, recorded } = base;
    recorded.length = 0;
    const policy: JobPolicy = {
        arbiters: [network.arbiter.address],
        models: new Set([root]),
        encryptionKey: provider.profile.encryptionKey,
        tier: Tier.Open,
        minPrice: toNano(1),
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
    const hire = (options: Partial<ProviderNodeOptions> = {}) =>
        ProviderNode.create({
            market,
            connection,
            owner: provider.owner.address,
            operator: provider.operator.getSender(),
            signingSecret: provider.signing.secretKey,
            encryptionKeys: [provider.encryption],
            engines: [engine],
            policy,
            now,
            ...options,
        });
    const keys = createClientKeys(seed('client.key'));
    const client = new ComputeClient({
        market,
        connection,
        wallet: wallet.getSender(),
        keys,
        now,
        models: [modelFile],
    });
    const worker = await hire();
    const order = async (request: Partial<OrderRequest> = {}) => {
        const made = await client.order({
            provider: provider.owner.address,
            modelRoot: root,
            input: digits(),
            price: PRICE,
            collateral: COLLATERAL,
            challengeBond: BOND,
            ...request,
        });
        label(made.escrow, 'JobEscrow');
        return made;
    };
    return {
        ...base,
        keys,
        client,
        worker,
        policy,
        engine,
        hire,
        connect: (to = worker) => lineTo(to, 10_000),
        connectFor: (patienceMs) => lineTo(worker, patienceMs),
        order,
        post: async (line, request) => {
            const quoted = await client.requestQuote(await order(request), line);
            await client.post(quoted);
            return quoted;
        },
        take: () => ({ transactions: recorded.splice(0) }),
    };
}

function lineTo(worker: ProviderNode, patienceMs: number): WorkerConnection {
    const [here, there] = createInProcessTransport();
    worker.connect(there);
    return new WorkerConnection(here, patienceMs);
}

function seed(name: string): Buffer {
    return Buffer.from(hashNamed(name).toString(16).padStart(64, '0'), 'hex');
}
