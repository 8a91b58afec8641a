import { CheckedResult, Order } from '../client';
import { EscrowOp, JobOutcome } from '../wrappers';
import { Entry } from './journal';
import { Provider } from './provider';
import { INTERMISSION_SECONDS, Scenario } from './scenarios';
import { Stages } from './stage';
import { World } from './world';

/** nanoTON by the accounts' names. */
export type NamedBalances = ReadonlyMap<string, bigint>;

/** What became of one job. */
export interface JobReport {
    readonly scenario: Scenario;
    readonly order: Order;
    readonly result: CheckedResult | undefined;
    /** How the escrow ended by what it told its client; undefined if it did not end. */
    readonly outcome: JobOutcome | undefined;
    /** Whether the result is the referee's; null where none came. */
    readonly equalsReferee: boolean | null;
    /** Everything that happened on chain. */
    readonly entries: readonly Entry[];
    readonly before: NamedBalances;
    readonly after: NamedBalances;
    /** nanoTON that owner, operator, stake and till gained together, the network's fees not counted. */
    readonly providerDelta: bigint;
    /** nanoTON that the client's wallet gained. */
    readonly clientDelta: bigint;
}

/** Whether a job ended as its scenario says. */
export function endedAsExpected({ scenario, outcome, equalsReferee }: JobReport): boolean {
    return outcome === scenario.outcome && equalsReferee === scenario.equalsReferee;
}

/** Plays a scenario, and compares the world before and after. */
export async function play(scenario: Scenario, stages: Stages): Promise<JobReport> {
    const stage = stages[scenario.tierName];
    const { world, provider } = stage;
    const before = await measure(world, provider);
    const first = world.journal.entries.length;
    const { order, result } = await scenario.play(stage);
    world.names.set(order.escrow, 'JobEscrow');
    const entries = world.journal.entries.slice(first);
    const after = await measure(world, provider);
    world.pass(INTERMISSION_SECONDS);
    return {
        scenario,
        order,
        result,
        outcome: outcomeOf(order, entries),
        equalsReferee: result ? result.equalsReferee : null,
        entries,
        before: before.balances,
        after: after.balances,
        providerDelta: after.provider - before.provider,
        clientDelta: after.client - before.client,
    };
}

/** Balances of all accounts that hold anything, by name; escrows that are gone hold nothing. */
export async function namedBalances(world: World): Promise<NamedBalances> {
    const balances = await world.accounting.balances();
    return new Map(
        [...balances]
            .map(([raw, balance]): [string, bigint] => [world.names.ofRaw(raw), balance])
            .filter(([name, balance]) => balance !== 0n || name !== 'JobEscrow'),
    );
}

/** Balances by name, and what a provider and the client have. */
export async function measure(
    world: World,
    { owner, operator, stake, till }: Provider,
): Promise<{ balances: NamedBalances; provider: bigint; client: bigint }> {
    const balances = await world.accounting.balances();
    const of = (address: { toRawString(): string }) => balances.get(address.toRawString()) ?? 0n;
    const { feesDue } = (await world.market.provider(owner.address)).till!;
    return {
        balances: await namedBalances(world),
        // What the till holds for the network is not the provider's.
        provider: of(owner.address) + of(operator.address) + of(stake) + of(till) - feesDue,
        client: of(world.wallets.client.address),
    };
}

/** The escrow's last words: JobClosed queryId:uint64 outcome:uint8. */
function outcomeOf({ escrow }: Order, entries: readonly Entry[]): JobOutcome | undefined {
    const closed = entries.find(({ from, operation }) => operation === 'JobClosed' && from?.equals(escrow));
    if (!closed) {
        return undefined;
    }
    const slice = closed.body.beginParse();
    if (slice.loadUint(32) !== EscrowOp.JobClosed) {
        return undefined;
    }
    return slice.skip(64).loadUint(8) as JobOutcome;
}
