import { toNano } from '@ton/core';
import { idOf } from './actors';
import { Chance } from './chance';
import { Coverage } from './coverage';
import { Force } from './emulator';
import { Intent, intentFor, RECEIVED } from './intents';
import { leastValue } from './leastValue';
import { Memory } from './memory';
import { guarantee } from './model/invariants';
import { Account, Id, Op } from './model/types';
import { Place, PLACES } from './places';
import { A_LITTLE, Arrival, nameOf, Pending, show, stateNameOf, World } from './world';

// What somebody does: one message to one place, and what comes of it.

/** A world, and what everybody in it has seen. */
export interface Play {
    world: World;
    readonly memory: Memory;
    readonly coverage: Coverage;
    /** Situations from which everything was brought to its end. */
    readonly situations: Set<string>;
    /** Commands that somebody's message was, and how many of those were accepted. */
    sent: number;
    accepted: number;
}

/** What a message brings. */
export type Purse = 'plenty' | 'least' | 'short' | 'gas' | 'dust';

export const PLENTY = toNano(3);
export const RENT_OF_A_YEAR = toNano('0.5');

/** Whom the market never owes anything: whatever they do, they pay for it. */
const NEVER_GAIN = ['governor', 'heir', 'arbiter', 'verifier', 'p.operator', 'q.operator', 'stranger'] as const;

export interface Action extends Intent {
    readonly to: Id;
    readonly deploys: boolean;
    readonly value: bigint;
    readonly bounceable: boolean;
    readonly force?: Force;
}

/** Says what a command did. */
export type Tell = (what: string) => void;

export async function perform(play: Play, action: Action, tell: Tell): Promise<Arrival> {
    const { world, memory, coverage } = play;
    const { message, from, to, deploys, value, bounceable, force } = action;
    memory.note({ message, from, to, deploys });
    tell(
        `${nameOf(from)} → ${nameOf(to)}: ${show(message)} with ${value}${deploys ? ', deploying' : ''}` +
            `${force ? `, forced to fail: ${force}` : ''}`,
    );
    const mayStarve = value < A_LITTLE;
    const arrival = await world.send(message, from, to, { value, deploys, bounceable, mayStarve, force });
    play.sent++;
    if (arrival.outcome === 'accepted') {
        play.accepted++;
    }
    tell(arrival.outcome);
    coverage.note(arrival);
    NEVER_GAIN.forEach((actor) => {
        const gain = world.gains.get(idOf(actor)) ?? 0n;
        guarantee(gain <= 0n, `${actor} has gained ${gain} nanoTON`);
    });
    return arrival;
}

export function valueFor(purse: Purse, least: bigint | null): bigint {
    const asked = least ?? 0n;
    switch (purse) {
        case 'plenty':
            return asked + PLENTY;
        case 'least':
            return asked > 0n ? asked : A_LITTLE;
        case 'short':
            return asked > 1n ? asked - 1n : A_LITTLE;
        case 'gas':
            return A_LITTLE;
        case 'dust':
            return 1n;
    }
}

/** What comes to something more often than its opposite. */
const WEIGHTS: Partial<Record<Op, number>> = {
    PostJob: 3,
    AcceptJob: 3,
    SubmitResult: 30,
    DemandResult: 25,
    Challenge: 15,
    PublishResult: 3,
    PublishStorageId: 2,
    Verdict: 4,
    OpenChannel: 5,
    Redeem: 5,
    CloseChannel: 3,
    OpenStake: 3,
    RetryRegister: 5,
    FlushFees: 3,
};

/** Jobs have the most states. */
const KINDS: Account['kind'][] = [
    ...(['Registry', 'ProviderStake', 'ProviderStake', 'JobEscrow', 'JobEscrow', 'JobEscrow', 'JobEscrow'] as const),
    ...(['PaymentChannel', 'PayoutSettlement'] as const),
];

const PAIRS = PLACES.flatMap((place) =>
    (RECEIVED[place.uninit.kind] as readonly Op[]).map((op) => ({ place, op, weight: WEIGHTS[op] ?? 1 })),
);
const WEIGHTED = PAIRS.flatMap((pair) => Array.from({ length: pair.weight }, () => pair));

export function actionFor(
    { world, memory }: Play,
    chance: Chance,
    { place, op }: { place: Place; op: Op },
    wild: boolean,
    purse: Purse,
): Action {
    const intent = intentFor(op, place, world, memory, chance, wild);
    return {
        ...intent,
        to: place.id,
        deploys: !world.isActive(place.id) && (op !== 'Empty' || chance.once(2)),
        value: valueFor(purse, leastValue(intent.message, place.id, world)),
        // What a Registry got before its opening would return to the governor, who must not gain anything.
        bounceable: place.uninit.kind === 'Registry' || !chance.once(20),
    };
}

/** Something that will be accepted, at any place or at one of those. */
export function acceptable(play: Play, chance: Chance, at?: readonly Place[]): Action | undefined {
    const TRIES = 80;
    const pairs = at ? WEIGHTED.filter(({ place }) => at.includes(place)) : WEIGHTED;
    for (let tries = 0; tries < TRIES && pairs.length > 0; tries++) {
        const action = actionFor(play, chance, chance.of(pairs), false, chance.once(3) ? 'least' : 'plenty');
        const { message, from, to, value, deploys } = action;
        if (message.op !== 'Empty' && play.world.foresee(message, from, to, value, deploys).outcome === 'accepted') {
            return action;
        }
    }
    return undefined;
}

/** As often in a rare state as in a common one. */
export function anyPlace(world: World, chance: Chance): Place {
    const kind = chance.of(KINDS);
    const places = PLACES.filter(({ uninit }) => uninit.kind === kind);
    const stateAt = ({ id }: Place) => stateNameOf(world.model.get(id));
    const state = chance.of([...new Set(places.map(stateAt))]);
    return chance.of(places.filter((place) => stateAt(place) === state));
}

/** A message under way arrives. */
export async function arrive(
    { world, coverage }: Play,
    pending: Pending,
    force: Force | undefined,
    tell: Tell,
): Promise<void> {
    const { from, to, message, bounced } = pending;
    tell(
        `${nameOf(from)} → ${nameOf(to)}: ${bounced ? 'bounced ' : ''}${show(message)}` +
            `${force ? `, forced to fail: ${force}` : ''}`,
    );
    const arrival = await world.deliver(pending, force);
    tell(arrival.outcome);
    coverage.note(arrival);
}
