import fc from 'fast-check';
import { ACTORS, idOf } from './actors';
import {
    acceptable,
    actionFor,
    anyPlace,
    arrive,
    perform,
    Play,
    PLENTY,
    RENT_OF_A_YEAR,
    Tell,
    valueFor,
} from './actions';
import { Chance } from './chance';
import { deadlinesOf } from './deadlines';
import { bringToEnd, situationOf } from './ending';
import { RECEIVED } from './intents';
import { leastValue } from './leastValue';
import { Id, Message, Op } from './model/types';
import { PLACES } from './places';
import { stateNameOf } from './world';

// What fast-check strings together. A command holds one number; what it does follows from that and from the world it meets.

abstract class Command implements fc.AsyncCommand<object, Play> {
    private done = '';

    constructor(
        private readonly name: string,
        private readonly seed: number,
    ) {}

    check(): boolean {
        return true;
    }

    async run(_: object, play: Play): Promise<void> {
        this.done = '';
        await this.act(play, new Chance(this.seed), (what) => (this.done += this.done === '' ? what : `; ${what}`));
    }

    toString(): string {
        return `${this.name}(${this.seed})${this.done === '' ? '' : ` /* ${this.done} */`}`;
    }

    protected abstract act(play: Play, chance: Chance, tell: (what: string) => void): Promise<void>;
}

/** Somebody does what the protocol lets him. */
class Act extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const action = acceptable(play, chance);
        if (action) {
            await perform(play, action, tell);
        }
    }
}

const BEFORE_ACCEPTANCE = new Set(['Absent', 'Uninit', 'Open', 'Quoting']);

/** A job that was accepted goes on. */
class Follow extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const jobs = PLACES.filter(({ id, uninit }) => {
            const state = stateNameOf(play.world.model.get(id));
            return uninit.kind === 'JobEscrow' && !BEFORE_ACCEPTANCE.has(state);
        });
        const action = acceptable(play, chance, jobs);
        if (action) {
            await perform(play, action, tell);
        }
    }
}

/** The same with one thing wrong: sender, value, a field, or the address. */
class Spoil extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const action = acceptable(play, chance);
        if (!action) {
            return;
        }
        const { message, to } = action;
        const place = PLACES.find(({ id }) => id === to)!;
        const least = leastValue(message, to, play.world);
        switch (chance.of([0, 1, 2, 2, 2, 3])) {
            case 0:
                return void (await perform(play, { ...action, from: idOf(chance.of(ACTORS)) }, tell));
            case 1: {
                const value = valueFor(chance.of(['short', 'short', 'gas', 'dust']), least);
                return void (await perform(play, { ...action, value }, tell));
            }
            case 2: {
                const wild = actionFor(play, chance, { place, op: message.op }, true, 'plenty');
                return void (await perform(play, wild, tell));
            }
            case 3: {
                const others = PLACES.filter(({ uninit, id }) => uninit.kind === place.uninit.kind && id !== to);
                const other = chance.of(others);
                const deploys = !play.world.isActive(other.id);
                return void (await perform(play, { ...action, to: other.id, deploys }, tell));
            }
        }
    }
}

/** Anything by anybody. */
class Anything extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const place = anyPlace(play.world, chance);
        const op = chance.of(RECEIVED[place.uninit.kind] as readonly Op[]);
        const purse = chance.of(['plenty', 'plenty', 'least', 'short', 'gas', 'dust'] as const);
        const action = actionFor(play, chance, { place, op }, true, purse);
        const from = chance.once(2) ? action.from : idOf(chance.of(ACTORS));
        await perform(play, { ...action, from }, tell);
    }
}

/** With the operator's wallet somebody accepts an open job on other terms than its own. */
class Misaccept extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const stakes = PLACES.flatMap(({ id }) => {
            const job = play.world.model.get(id);
            return job?.kind === 'JobEscrow' && job.state === 'Open' ? [job.providerStake] : [];
        });
        const place = PLACES.find(({ id }) => id === (stakes.length > 0 ? chance.of(stakes) : undefined));
        if (place) {
            await perform(play, actionFor(play, chance, { place, op: 'AcceptJob' }, true, 'plenty'), tell);
        }
    }
}

/** States that do not last, or that few come to. */
const RARE = new Set(['Proposed', 'Registering', 'Unregistered', 'Accepted', 'Submitted', 'Demanded', 'Disputed']);

/** Everything that a contract must not accept now, one after the other. */
class Sweep extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const stateAt = (id: Id) => stateNameOf(play.world.model.get(id));
        const rare = PLACES.filter(({ id }) => RARE.has(stateAt(id)));
        const state = rare.length > 0 ? stateAt(chance.of(rare).id) : undefined;
        const place = state ? chance.of(rare.filter(({ id }) => stateAt(id) === state)) : anyPlace(play.world, chance);
        for (const op of RECEIVED[place.uninit.kind] as readonly Op[]) {
            const action = actionFor(play, chance, { place, op }, chance.once(2), 'plenty');
            const from = chance.once(2) ? action.from : idOf(chance.of(ACTORS));
            const { message, to, value, deploys } = action;
            if (play.world.foresee(message, from, to, value, deploys).outcome !== 'accepted') {
                await perform(play, { ...action, from }, tell);
            }
        }
    }
}

/** On the stroke of a deadline, or a second before it, somebody sends what it is about. */
class Deadline extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const { world } = play;
        const waiting = PLACES.flatMap((place) => {
            const account = world.model.get(place.id);
            return (account ? deadlinesOf(account) : [])
                .filter((deadline) => deadline > world.now)
                .map((deadline) => ({ place, deadline }));
        });
        if (waiting.length === 0) {
            return;
        }
        // The nearer ones more often: what is far takes everything else away.
        waiting.sort((one, other) => one.deadline - other.deadline);
        const { place, deadline } = waiting[Math.min(chance.int(waiting.length), chance.int(waiting.length))]!;
        const early = Math.max(world.now, deadline - 1);
        const ops = chance.shuffled(RECEIVED[place.uninit.kind] as readonly Op[]);
        const actions = ops.map((op) => actionFor(play, chance, { place, op }, false, 'plenty'));
        const changing = actions.filter(({ message, from, to, value, deploys }) => {
            const outcomes = [early, deadline].map((at) => {
                world.now = at;
                return world.foresee(message, from, to, value, deploys).outcome;
            });
            return outcomes[0] !== outcomes[1];
        });
        world.now = chance.once(2) ? early : deadline;
        tell(`now ${world.now - deadline} s from a deadline of ${place.name}`);
        for (const action of changing.length > 0 ? changing.slice(0, 2) : actions.slice(0, 1)) {
            await perform(play, action, tell);
        }
    }
}

/** What was sent once is sent again, by the same or by another, to the same or to another. */
class Replay extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const { memory, world } = play;
        if (memory.sent.length === 0) {
            return;
        }
        const sent = chance.of(memory.sent);
        const to = chance.once(4) ? chance.of(PLACES).id : sent.to;
        const from = chance.once(3) ? idOf(chance.of(ACTORS)) : sent.from;
        const value = (leastValue(sent.message, to, world) ?? 0n) + PLENTY;
        await perform(
            play,
            { message: sent.message, from, to, value, bounceable: true, deploys: !world.isActive(to) },
            tell,
        );
    }
}

/** What was signed in an earlier life of an address, or for another one, and is as good as ever but for that. */
class Haunt extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const { memory, world } = play;
        const open = PLACES.flatMap((place) => {
            const account = world.model.get(place.id);
            return account?.kind === 'PaymentChannel' && account.state === 'Open' ? [{ place, account }] : [];
        });
        if (open.length === 0) {
            return;
        }
        const { place, account } = chance.of(open);
        const old = memory.signatures.filter(
            ({ by, over }) =>
                by === account.clientKey &&
                'channel' in over &&
                (over.channel !== place.id || over.openedLt !== account.openedLt),
        );
        const earlier = old.filter(({ over }) => 'channel' in over && over.channel === place.id);
        if (old.length === 0) {
            return;
        }
        const signature = chance.of(earlier.length > 0 && !chance.once(4) ? earlier : old);
        const { over } = signature;
        const agreedBy = memory.signatures.find(({ by, over: other }) => other === over && by === account.providerKey);
        const message: Message | undefined =
            over.tag === 'voucher'
                ? { op: 'Redeem', queryId: 7n, voucher: over, signature }
                : over.tag === 'requestClose'
                  ? { op: 'RequestClose', queryId: 7n, signature }
                  : over.tag === 'closeAgreement' && agreedBy
                    ? {
                          ...{ op: 'CloseChannel', queryId: 7n, agreement: over },
                          ...{ clientSignature: signature, providerSignature: agreedBy },
                      }
                    : undefined;
        if (message) {
            const value = (leastValue(message, place.id, world) ?? 0n) + PLENTY;
            const from = idOf('stranger');
            await perform(play, { message, from, to: place.id, value, bounceable: true, deploys: false }, tell);
        }
    }
}

/** One of the messages under way arrives; of two accounts' messages to each other, the first. */
class Deliver extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const heads = play.world.deliverable();
        if (heads.length > 0) {
            await arrive(play, chance.of(heads)!, undefined, tell);
        }
    }
}

/** Everything under way arrives, the pairs interleaved. */
class Drain extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        for (let heads = play.world.deliverable(); heads.length > 0; heads = play.world.deliverable()) {
            await arrive(play, chance.of(heads), undefined, tell);
        }
    }
}

/** A delivery runs out of gas, or cannot send anything. */
class Fail extends Command {
    async act(play: Play, chance: Chance, tell: Tell): Promise<void> {
        const force = chance.of(['gas', 'action'] as const);
        const heads = play.world.deliverable();
        if (heads.length > 0 && !chance.once(3)) {
            await arrive(play, chance.of(heads), force, tell);
            return;
        }
        const action = acceptable(play, chance);
        if (action) {
            await perform(play, { ...action, force }, tell);
        }
    }
}

const DAY = 86400;

/** Time goes by. */
class Pass extends Command {
    async act({ world }: Play, chance: Chance, tell: Tell): Promise<void> {
        // After years rent may take an account, and with poor ones it does not take long.
        const rich = PLACES.every(({ id }) => !world.model.has(id) || world.balance(id) > RENT_OF_A_YEAR);
        const seconds = chance.of([1, 1, 60, 60, 600, 600, 3600, DAY, rich ? 400 * DAY : DAY]);
        world.now += seconds;
        tell(`${seconds} s`);
        await Promise.resolve();
    }
}

/** Strangers and time end everything from here, and then it goes on from here. */
class End extends Command {
    async act({ world, memory, situations }: Play, _: Chance, tell: Tell): Promise<void> {
        tell('everything ends');
        situations.add(situationOf(world));
        await bringToEnd(world, memory);
    }
}

/** Prices of the network change. */
class Reprice extends Command {
    async act({ world }: Play, _: Chance, tell: Tell): Promise<void> {
        world.prices = world.prices === 'default' ? '2026-06' : 'default';
        tell(world.prices);
        await Promise.resolve();
    }
}

const COMMANDS = [
    { make: Act, weight: 10 },
    { make: Follow, weight: 2 },
    { make: Deliver, weight: 9 },
    { make: Drain, weight: 2 },
    { make: Spoil, weight: 3 },
    { make: Anything, weight: 2 },
    { make: Misaccept, weight: 1 },
    { make: Deadline, weight: 2 },
    { make: Replay, weight: 1 },
    { make: Haunt, weight: 1 },
    { make: Fail, weight: 1 },
    { make: Pass, weight: 1 },
    { make: Sweep, weight: 0.6 },
    { make: Reprice, weight: 0.4 },
    { make: End, weight: 0.2 },
];

/**
 * Sequences of commands.
 *
 * @param replayPath - what a failure printed: which of the commands were run
 */
export function commands(length: number, replayPath?: string): fc.Arbitrary<Iterable<fc.AsyncCommand<object, Play>>> {
    const kinds = COMMANDS.flatMap(({ make, weight }) =>
        Array.from({ length: Math.ceil(weight * 5) }, () =>
            fc.nat({ max: 2 ** 31 - 1 }).map((seed) => new make(make.name, seed)),
        ),
    );
    return fc.commands(kinds, { maxCommands: length, size: 'max', ...(replayPath ? { replayPath } : {}) });
}
