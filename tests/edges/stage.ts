import { BlockchainSnapshot, SendMessageResult } from '@ton/sandbox';
import { PriceSet } from '../helpers/chain';
import { operationOf } from '../helpers/labels';
import { describeTrace, withoutWallets } from '../helpers/traces';
import { expectBounce, expectFailed, expectTaken, expectUnchanged, expectWealth, isTolerated, Outcome } from './checks';
import { Delivery, Force, recorded, Target, withForce } from './forcing';
import { consequenceOf, Row } from './rows';
import { Step } from './step';
import { Story } from './stories';
import { isContract, States, Wealth, World } from './world';

/** A story as it goes when nothing fails. */
interface Played {
    world: World;
    /** Before each step. */
    starts: BlockchainSnapshot[];
    /** What each step did, and what it left. */
    deliveries: Delivery[][];
    states: States[];
    wealth: Wealth;
}

/** Plays stories with one delivery forced to fail. */
export class Stage {
    private readonly worlds = new Map<string, Promise<World>>();
    private readonly played = new Map<string, Promise<Played>>();
    private readonly outcomes = new Map<string, string[]>();

    /** The receiver throws; nobody is there. An excess that a wallet keeps all the same touches nothing that follows. */
    async bounce(row: Row, prices: PriceSet): Promise<void> {
        const toTheEnd = row.hop.op !== 'Excesses';
        await this.forceAll(row, prices, 'throws', [{ kind: 'throw' }, { kind: 'absent' }], toTheEnd);
    }

    /**
     * At a quarter, half and three quarters of the gas that the handler takes, and one unit before its end; with all of it it goes
     * through, so these were the limits that mattered. Of a wallet, whose code is none of ours, only the last but one.
     */
    async outOfGas(row: Row, prices: PriceSet): Promise<void> {
        const { gasUsed } = await this.normally(row, prices);
        const limits = [gasUsed / 4n, gasUsed / 2n, (gasUsed * 3n) / 4n, gasUsed - 1n];
        const ofContract = isContract(row.hop.to);
        await this.forceAll(
            row,
            prices,
            `below ${gasUsed} gas`,
            (ofContract ? limits : limits.slice(-1)).map((limit) => ({ kind: 'gas', limit })),
            ofContract,
        );
        if (ofContract) {
            const { world, starts } = await this.play(row.story, prices);
            const step = row.story.steps[row.place]!;
            await world.chain.blockchain.loadFrom(starts[row.place]!);
            await wait(world, step);
            expectTaken(
                await withForce(targetOf(row, world), { kind: 'gas', limit: gasUsed }, () => step.send(world)),
                0,
            );
        }
    }

    /** None of what the handler sends can leave; then each message alone cannot. */
    async cannotSend(row: Row, prices: PriceSet): Promise<void> {
        const { sends } = await this.normally(row, prices);
        const places = sends.map((_, place) => place);
        const single = places.filter((place) => row.event === undefined || sends[place]!.op === row.event);
        const sets = single.map((place) => [place]);
        if (row.event !== undefined) {
            expect(sets).toHaveLength(1);
        } else if (places.length > 1) {
            sets.unshift(places);
        }
        await this.forceAll(
            row,
            prices,
            places.length > 0 ? 'without sends' : 'sends nothing',
            sets.map((which) => ({ kind: 'sends', which })),
        );
    }

    /** Forced with nothing to fail, a delivery costs and leaves what it always does. */
    async harmless(row: Row, prices: PriceSet): Promise<void> {
        const { world, starts, states } = await this.play(row.story, prices);
        const { transaction, after } = await this.normally(row, prices);
        const step = row.story.steps[row.place]!;
        await world.chain.blockchain.loadFrom(starts[row.place]!);
        await wait(world, step);
        const forced = await withForce(targetOf(row, world), { kind: 'sends', which: [] }, () => step.send(world));
        expect(forced.transaction.totalFees.coins).toBe(transaction.totalFees.coins);
        expect(forced.after!.storage.balance.coins).toBe(after!.storage.balance.coins);
        expect(await world.states()).toEqual(states[row.place]);
    }

    /** One line per row. */
    summary(): string {
        const width = Math.max(...[...this.outcomes.keys()].map((title) => title.length));
        return [...this.outcomes]
            .map(([title, outcomes]) => `${title.padEnd(width)}  ${outcomes.join('; ')}`)
            .join('\n');
    }

    private async forceAll(row: Row, prices: PriceSet, name: string, forces: Force[], toTheEnd = true): Promise<void> {
        const outcomes = new Set<Outcome>();
        for (const [index, force] of forces.entries()) {
            outcomes.add(await this.force(row, prices, force, toTheEnd && index === forces.length - 1));
        }
        const line = [name, [...outcomes].join(', ')].filter((part) => part !== '').join(': ');
        const lines = this.outcomes.get(row.title) ?? [];
        this.outcomes.set(row.title, lines.includes(line) ? lines : [...lines, line]);
    }

    /** The delivery as it goes when nothing fails. */
    private async normally(row: Row, prices: PriceSet): Promise<Delivery> {
        const { world, deliveries } = await this.play(row.story, prices);
        const { op, from, to } = targetOf(row, world);
        return deliveries[row.place]!.find(
            ({ op: name, message: { info } }) =>
                name === op && info.type === 'internal' && info.src.equals(from) && info.dest.equals(to),
        )!;
    }

    /** `last` of a kind: where all of them leave the very same storage, the story is played to its end for one of them. */
    private async force(row: Row, prices: PriceSet, force: Force, last: boolean): Promise<Outcome> {
        const { story, place } = row;
        const { world, starts, states, deliveries, wealth } = await this.play(story, prices);
        const step = story.steps[place]!;
        await world.chain.blockchain.loadFrom(starts[place]!);
        await wait(world, step);
        const before = await world.states();
        let trace: SendMessageResult | undefined;
        try {
            const forced = await withForce(targetOf(row, world), force, async () => (trace = await step.send(world)));
            if (isTolerated(row, forced, force)) {
                expectTaken(forced, force.kind === 'sends' ? force.which.length : 0);
                expect(await world.states()).toEqual(states[place]);
                await this.finish(world, story.steps.slice(place + 1));
                await expectWealth(world, wealth, {}, excessesOf(deliveries[place]!, row, world));
                return 'done without its excess';
            }
            expectFailed(forced, force);
            expectUnchanged(forced, row, world);
            const outcome = expectBounce(forced, force, trace!);
            const { left, remedy, next, shift } = consequenceOf(row, force);
            if (left === 'undone') {
                await expectUndone(world, before);
            } else if (left === 'arrived') {
                expect(await world.states()).toEqual(states[place]);
            } else {
                await left(world, before);
            }
            if (last || typeof left === 'function') {
                const rest = next === 'over' ? [] : story.steps.slice(next === 'again' ? place : place + 1);
                await this.finish(world, [...remedy, ...rest]);
                await expectWealth(world, wealth, shift?.(deliveries[place]!) ?? {}, 0n);
            }
            return outcome;
        } catch (error) {
            const what = `${row.title}, ${prices} prices, ${describe(force)}`;
            (error as Error).message += `\n\n${what}${trace ? `:\n${describeTrace(trace)}` : ''}`;
            throw error;
        }
    }

    private async finish(world: World, steps: readonly Step[]): Promise<void> {
        for (const step of steps) {
            await play(world, step);
        }
        await world.expectOver();
    }

    private async play(story: Story, prices: PriceSet): Promise<Played> {
        const key = `${prices} ${story.name}`;
        let played = this.played.get(key);
        if (played === undefined) {
            played = this.playOnce(story, prices);
            this.played.set(key, played);
        }
        return await played;
    }

    private async playOnce(story: Story, prices: PriceSet): Promise<Played> {
        const world = await this.worldOf(story, prices);
        await world.restart();
        const [starts, deliveries, states] = [[] as BlockchainSnapshot[], [] as Delivery[][], [] as States[]];
        for (const step of story.steps) {
            starts.push(world.chain.blockchain.snapshot());
            deliveries.push(await recorded(() => play(world, step)));
            states.push(await world.states());
            expectHops(world, step, deliveries.at(-1)!);
        }
        await world.expectOver();
        return { world, starts, deliveries, states, wealth: await world.wealth() };
    }

    private async worldOf({ base, amount }: Story, prices: PriceSet): Promise<World> {
        const key = `${prices} ${base} ${amount}`;
        let world = this.worlds.get(key);
        if (world === undefined) {
            world = World.build(prices, base, amount);
            this.worlds.set(key, world);
        }
        return await world;
    }
}

function targetOf({ hop: { op, from, to } }: Row, world: World): Target {
    return { op, from: world.addressOf(from), to: world.addressOf(to) };
}

async function wait(world: World, { time }: Step): Promise<void> {
    world.chain.at(Math.max(world.chain.now, (await time?.(world)) ?? 0));
}

/** Everything as it was before the step, but that a StateInit deploys its account even if the message fails. */
async function expectUndone(world: World, before: States): Promise<void> {
    const now = await world.states();
    for (const role of Object.keys(now) as (keyof States)[]) {
        const fresh = world.initOf(role).data!.hash().toString('hex');
        if (!(before[role] === null && now[role] === fresh)) {
            expect({ [role]: now[role] }).toEqual({ [role]: before[role] });
        }
    }
}

/** A step when nothing fails but what is said to. */
async function play(world: World, step: Step): Promise<void> {
    await wait(world, step);
    const trace = await step.send(world);
    for (const transaction of withoutWallets(trace)) {
        const { description, inMessage } = transaction;
        const op = operationOf(inMessage?.body);
        const aborted = description.type !== 'generic' || description.aborted;
        const refused = step.hops.some((hop) => hop.refused && hop.op === op);
        if (aborted !== refused) {
            throw new Error(`${step.name}: ${op} ${aborted ? 'failed' : 'did not fail'}\n${describeTrace(trace)}`);
        }
    }
}

/** The step's hops are exactly what happened: a message that nobody wrote down has no row. */
function expectHops(world: World, step: Step, deliveries: readonly Delivery[]): void {
    const told = step.hops.map(({ op, from, to }) => `${op}: ${world.addressOf(from)} → ${world.addressOf(to)}`);
    const seen = deliveries.map(({ op, message: { info } }) => `${op}: ${info.src} → ${info.dest}`);
    expect({ [step.name]: seen.sort() }).toEqual({ [step.name]: told.sort() });
    const events = deliveries.flatMap(({ op, sends }) =>
        sends.filter(({ event }) => event).map((sent) => `${sent.op} ${op}`),
    );
    expect(events).toEqual(step.events.map(({ op, during }) => `${op} ${during}`));
}

/** What the handler would return: where that cannot leave it is rent, or the next one's. */
function excessesOf(normally: readonly Delivery[], { hop }: Row, world: World): bigint {
    const from = world.addressOf(hop.to);
    return normally
        .flatMap(({ op, message: { info } }) => (op === 'Excesses' && info.type === 'internal' ? [info] : []))
        .filter(({ src }) => src.equals(from))
        .reduce((sum, { value }) => sum + value.coins, 0n);
}

function describe(force: Force): string {
    switch (force.kind) {
        case 'gas':
            return `with ${force.limit} gas`;
        case 'sends':
            return `sends ${force.which.join(', ')} fail`;
        default:
            return force.kind;
    }
}
