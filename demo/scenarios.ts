import { CheckedResult, Order } from '../client';
import { JobOutcome } from '../wrappers';
import { TierName } from './provider';
import { Stage, work } from './stage';

/** What a scenario leaves behind. */
export interface Ending {
    readonly order: Order;
    /** What the client got and checked; undefined where no result came. */
    readonly result?: CheckedResult;
}

/** One way through a job. */
export interface Scenario {
    readonly branch: string;
    /** Whose provider plays. */
    readonly tierName: TierName;
    /** One sentence for the audience. */
    readonly story: string;
    /** How the escrow must end. */
    readonly outcome: JobOutcome;
    /** Whether the result must be the referee's; null where none comes. */
    readonly equalsReferee: boolean | null;
    play(stage: Stage): Promise<Ending>;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every way that a job can take, by the state machine of the escrow. */
export const SCENARIOS: readonly Scenario[] = [
    {
        branch: 'approved',
        tierName: 'Attested',
        story: 'The client posts with a quote, checks the result and signs; the worker cashes the signature.',
        outcome: JobOutcome.Settled,
        equalsReferee: true,
        play: async (stage) => {
            const { client, worker } = stage;
            const line = stage.connect(worker);
            const order = await client.requestQuote(await stage.order(), line);
            await client.post(order);
            await work(worker);
            const result = await client.receive(order, line);
            await client.approveBySignature(order, result, line);
            await work(worker);
            return { order, result };
        },
    },
    {
        branch: 'silentClient',
        tierName: 'Open',
        story: 'The client takes the result and says nothing; the worker submits, and is paid after the window.',
        outcome: JobOutcome.Settled,
        equalsReferee: true,
        play: async (stage) => {
            const { client, worker, world } = stage;
            const { order, result } = await deliver(stage);
            await submitUnapproved(stage);
            world.pass(order.terms.challengeWindow);
            await work(worker);
            return { order: (await client.find(order.escrow))!, result };
        },
    },
    {
        branch: 'lateProvider',
        tierName: 'Attested',
        story: 'The worker sleeps through the deadline; the client takes the price back, and a share of the slash.',
        outcome: JobOutcome.Late,
        equalsReferee: null,
        play: async (stage) => {
            const { client, world } = stage;
            const order = await post(stage);
            world.pass(order.terms.deliverWithin);
            await client.expire(order);
            return { order };
        },
    },
    {
        branch: 'wrongResult',
        tierName: 'Open',
        story: 'The worker computes wrong; the client finds out by re-execution, challenges, and the arbiter agrees.',
        outcome: JobOutcome.Wrong,
        equalsReferee: false,
        play: async (stage) => {
            const { client, arbiter } = stage;
            const { order, result } = await deliver(stage, stage.brokenWorker);
            await submitUnapproved(stage, stage.brokenWorker);
            await client.challenge(order);
            await arbiter.judge(order, await client.evidence(order.escrow));
            return { order, result };
        },
    },
    {
        branch: 'rightResult',
        tierName: 'Attested',
        story: 'The client challenges a right result; the arbiter computes the same, and the bond is the provider’s.',
        outcome: JobOutcome.DisputeWon,
        equalsReferee: true,
        play: async (stage) => {
            const { client, arbiter } = stage;
            const { order, result } = await deliver(stage);
            await submitUnapproved(stage);
            await client.challenge(order);
            await arbiter.judge(order, await client.evidence(order.escrow));
            return { order, result };
        },
    },
    {
        branch: 'silentArbiter',
        tierName: 'Open',
        story: 'The client challenges and the arbiter never answers; the provider is paid, the bond is halved.',
        outcome: JobOutcome.ArbiterSilent,
        equalsReferee: true,
        play: async (stage) => {
            const { client, worker, world } = stage;
            const { order, result } = await deliver(stage);
            await submitUnapproved(stage);
            await client.challenge(order);
            world.pass(order.terms.arbitrationWindow);
            await work(worker);
            return { order, result };
        },
    },
    {
        branch: 'demandAnswered',
        tierName: 'Attested',
        story: 'The line breaks before the delivery; the client demands the result on chain, gets it, and pays.',
        outcome: JobOutcome.Settled,
        equalsReferee: true,
        play: async (stage) => {
            const { client, worker } = stage;
            const order = await post(stage, worker, 'breaks');
            await work(worker);
            await submitUnapproved(stage);
            await client.demand(order);
            await work(worker);
            const result = await client.receivePublished(order);
            await client.approveByWallet(order, result);
            return { order, result };
        },
    },
    {
        branch: 'demandIgnored',
        tierName: 'Open',
        story: 'The worker submits but neither delivers nor answers the demand; the whole collateral is slashed.',
        outcome: JobOutcome.Undelivered,
        equalsReferee: null,
        play: async (stage) => {
            const { client, worker, world } = stage;
            const order = await post(stage, worker, 'breaks');
            await work(worker);
            await submitUnapproved(stage);
            await client.demand(order);
            world.pass(order.terms.responseWindow);
            await client.expire(order);
            return { order };
        },
    },
    {
        branch: 'cancelled',
        tierName: 'Open',
        story: 'The client posts without a quote, nobody takes the job, and the client takes it back.',
        outcome: JobOutcome.Cancelled,
        equalsReferee: null,
        play: async (stage) => {
            const { client, world } = stage;
            const order = await stage.order();
            await client.post(order);
            world.pass(5 * MINUTE);
            await client.cancel(order);
            return { order };
        },
    },
    {
        branch: 'refusedQuote',
        tierName: 'Attested',
        story: 'The client’s wallet takes three minutes to sign; the quote is stale, the stake bounces it, all returns.',
        outcome: JobOutcome.QuoteRefused,
        equalsReferee: null,
        play: async (stage) => {
            const order = await stage.client.requestQuote(await stage.order(), stage.connect(stage.worker));
            await stage.hesitantClient(3 * MINUTE).post(order);
            return { order };
        },
    },
];

/** Between two scenarios so much time passes that no quote of the one before is worth anything. */
export const INTERMISSION_SECONDS = DAY;

/** Posts an order with a quote; in the same trace the provider's stake accepts it. */
async function post(stage: Stage, worker = stage.worker, line: 'holds' | 'breaks' = 'holds'): Promise<Order> {
    const connection = stage.connect(worker);
    const order = await stage.client.requestQuote(await stage.order(), connection);
    await stage.client.post(order);
    if (line === 'breaks') {
        connection.close();
    }
    return order;
}

/** Up to the result in the client's hands, checked. */
async function deliver(stage: Stage, worker = stage.worker): Promise<{ order: Order; result: CheckedResult }> {
    const line = stage.connect(worker);
    const order = await stage.client.requestQuote(await stage.order(), line);
    await stage.client.post(order);
    await work(worker);
    return { order, result: await stage.client.receive(order, line) };
}

/** The worker has waited long enough for a signature, and submits. */
async function submitUnapproved(stage: Stage, worker = stage.worker): Promise<void> {
    stage.world.pass(2 * MINUTE);
    await work(worker);
}
