import Table from 'cli-table3';
import { documentedEdges } from '../helpers/diagrams';
import { RECEIVED } from './intents';
import { Account, Verdict } from './model/types';
import { Arrival } from './world';

// Which transitions there are: each message in each state of its receiver, accepted, refused or taken without effect. What is
// accepted where is read from docs/states.md. A transition that is none of these is a violation.

type Kind = Account['kind'];
export type Outcome = Verdict['outcome'];

const STATES: Record<Kind, readonly string[]> = {
    Registry: ['Uninit', 'Idle', 'Proposed'],
    ProviderStake: ['Uninit', 'Registering', 'Unregistered', 'Registered'],
    JobEscrow: ['Uninit', 'Open', 'Quoting', 'Accepted', 'Submitted', 'Demanded', 'Disputed'],
    PaymentChannel: ['Uninit', 'Open'],
    PayoutSettlement: ['Uninit', 'Live'],
};

/** Bounces of what a contract sends bounceable. */
const BOUNCES: Record<Kind, readonly string[]> = {
    Registry: ['bounced UpdateParams'],
    ProviderStake: ['bounced RegisterMe', 'bounced JobAccepted'],
    JobEscrow: ['bounced AcceptQuote'],
    PaymentChannel: [],
    PayoutSettlement: [],
};

export interface Transition {
    readonly kind: Kind;
    readonly state: string;
    /** A message, or `bounced` and the message that came back. */
    readonly operation: string;
    readonly outcome: Outcome;
}

const keyOf = ({ kind, state, operation, outcome }: Transition): string => `${kind} ${state} ${operation} ${outcome}`;

/** The states of one account that an arrow of a diagram begins in. */
function statesOf(machine: string, from: string): { kind: Kind; states: readonly string[] } {
    const kind = machine.split(' ')[0] as Kind;
    const registered = machine === 'ProviderStake unbonding' || machine === 'ProviderStake lock';
    if (from === '[*]') {
        return { kind, states: registered ? [] : ['Uninit'] };
    }
    if (registered) {
        return { kind, states: ['Registered'] };
    }
    return { kind, states: machine === 'Registry' && from === 'Open' ? ['Idle', 'Proposed'] : [from] };
}

function acceptedTransitions(): Set<string> {
    const accepted = new Set<string>();
    for (const { machine, from, by } of documentedEdges()) {
        const { kind, states } = statesOf(machine, from);
        const operation = by === 'empty' ? 'Empty' : by;
        states.forEach((state) => accepted.add(keyOf({ kind, state, operation, outcome: 'accepted' })));
    }
    // Money without a message is the provider's also in a till that somebody deployed before its stake.
    accepted.add(keyOf({ kind: 'PayoutSettlement', state: 'Uninit', operation: 'Empty', outcome: 'accepted' }));
    return accepted;
}

/** Taken without effect: what is for another opening, attempt, lock or version, and bounces that nobody waits for. */
const IGNORED: readonly [Kind, readonly string[], string][] = [
    ['Registry', ['Idle', 'Proposed'], 'bounced UpdateParams'],
    ['ProviderStake', ['Registering', 'Unregistered', 'Registered'], 'RegistrationRefused'],
    ['ProviderStake', ['Registered'], 'ReleaseCollateral'],
    ['ProviderStake', ['Registered'], 'SlashCollateral'],
];

/** Never refused, or never there: bounces are taken by whoever sent the message and still exists. */
function cannotBeRefused({ kind, state, operation }: Omit<Transition, 'outcome'>): boolean {
    return (
        operation.startsWith('bounced ') ||
        (kind === 'PayoutSettlement' && operation === 'Empty') ||
        (kind === 'ProviderStake' && operation === 'RegistrationRefused' && state !== 'Uninit') ||
        (kind === 'ProviderStake' && state === 'Registered' && /^(Release|Slash)Collateral$/.test(operation))
    );
}

/** Every transition that a run has to take. */
export function transitions(): Transition[] {
    const accepted = acceptedTransitions();
    const ignored = new Set(
        IGNORED.flatMap(([kind, states, operation]) =>
            states.map((state) => keyOf({ kind, state, operation, outcome: 'ignored' })),
        ),
    );
    return (Object.keys(STATES) as Kind[]).flatMap((kind) =>
        STATES[kind].flatMap((state) =>
            [...RECEIVED[kind], ...BOUNCES[kind]].flatMap((operation) =>
                (['accepted', 'ignored', 'refused'] as const)
                    .map((outcome) => ({ kind, state, operation, outcome }))
                    .filter((transition) => {
                        const { outcome } = transition;
                        return outcome === 'refused'
                            ? !cannotBeRefused(transition)
                            : (outcome === 'accepted' ? accepted : ignored).has(keyOf(transition));
                    }),
            ),
        ),
    );
}

/** How often each transition was taken. */
export class Coverage {
    private readonly counts = new Map<string, number>();

    note({ kind, state, message, bounced, outcome }: Arrival): void {
        if (kind !== undefined && state !== 'Absent') {
            this.add(keyOf({ kind, state, operation: `${bounced ? 'bounced ' : ''}${message.op}`, outcome }), 1);
        }
    }

    add(key: string, times: number): void {
        this.counts.set(key, (this.counts.get(key) ?? 0) + times);
    }

    of(transition: Transition): number {
        return this.counts.get(keyOf(transition)) ?? 0;
    }

    entries(): [string, number][] {
        return [...this.counts];
    }

    /** Transitions that were taken less often than that. */
    missing(times: number): string[] {
        return transitions()
            .filter((transition) => this.of(transition) < times)
            .map(keyOf);
    }

    /** Messages accepted, or taken without effect, where no diagram and no rule says so. */
    unexpected(): string[] {
        const known = new Set(transitions().map(keyOf));
        // A bounce that comes too late to matter may come in any state.
        const always = (key: string) =>
            key.endsWith(' refused') || (key.includes(' bounced ') && key.endsWith(' ignored'));
        return [...this.counts.keys()].filter((key) => !always(key) && !known.has(key)).sort();
    }

    /** A table for each contract: how often a message was accepted / taken without effect / refused in each state. */
    print(): string {
        const known = transitions();
        return (Object.keys(STATES) as Kind[])
            .map((kind) => {
                const table = new Table({
                    head: [kind, ...STATES[kind]],
                    style: { head: [], border: [], compact: true },
                    colAligns: ['left', ...STATES[kind].map(() => 'right' as const)],
                });
                for (const operation of [...RECEIVED[kind], ...BOUNCES[kind]]) {
                    const cells = STATES[kind].map((state) =>
                        (['accepted', 'ignored', 'refused'] as const)
                            .map((outcome) => {
                                const transition = { kind, state, operation, outcome };
                                const there = known.some((other) => keyOf(other) === keyOf(transition));
                                const count = this.of(transition);
                                return there || count > 0 ? String(count) : '–';
                            })
                            .join(' / '),
                    );
                    table.push([operation, ...cells]);
                }
                return table.toString();
            })
            .join('\n');
    }
}
