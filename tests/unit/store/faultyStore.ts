import { ByteTransport } from '../../../protocol/transport';

/** What goes wrong at one call, the first being 1. */
export type Fault = { readonly at: number } & (
    | { /** Nothing is stored, and the caller hears so. */ readonly kind: 'fail-before' }
    | { /** It is stored, and the caller hears that it is not. */ readonly kind: 'fail-after' }
    | { /** It is stored that much later. */ readonly kind: 'delay'; readonly ms: number }
    | { /** It is not stored, and the caller hears nothing, before {@link Faulty.thaw}. */ readonly kind: 'freeze' }
);

/** The error of a fault; a caller may not depend on what kind it is. */
export class InjectedFault extends Error {
    override readonly name = 'InjectedFault';
}

/** One thing that happened, in the order of happening. */
export interface JournalEvent {
    readonly kind: 'commit' | 'commit-failed' | 'send';
    /** The how manieth of its kind. */
    readonly n: number;
    /** The row, or the bytes. */
    readonly what: unknown;
}

/** What left a process, and what it had committed by then. */
export class Journal {
    readonly events: JournalEvent[] = [];

    note(kind: JournalEvent['kind'], what?: unknown): void {
        this.events.push({ kind, what, n: this.events.filter((event) => event.kind === kind).length + 1 });
    }

    /** `commit 1`, `send 1`, … */
    get lines(): string[] {
        return this.events.map(({ kind, n }) => `${kind} ${n}`);
    }

    /**
     * Holds that send n came after commit n had resolved, for every n.
     *
     * @throws Error that names the first send that did not wait
     */
    requireCommitBeforeSend(): void {
        let committed = 0;
        for (const { kind, n } of this.events) {
            committed += kind === 'commit' ? 1 : 0;
            if (kind === 'send' && n > committed) {
                throw new Error(`send ${n} left before commit ${n} had resolved: ${this.lines.join(', ')}`);
            }
        }
    }
}

/** A store with faults. */
export type Faulty<S> = S & {
    /** Lets the frozen call go on. */
    thaw(): void;
};

type Write = (row: unknown) => Promise<void>;

/** The methods that make something durable, of all kinds of stores. */
const WRITES: ReadonlySet<PropertyKey> = new Set(['commit', 'save']);

/**
 * Wraps a channel, job or order store: `commit` and `save` go wrong where a fault says so, and enter the journal when they have
 * resolved, or failed. Everything else is the store's own.
 */
export function faulty<S extends object>(store: S, journal: Journal, ...faults: Fault[]): Faulty<S> {
    let calls = 0;
    let thaw = () => {};
    const frozen = new Promise<void>((resolve) => (thaw = resolve));

    const write = async (method: Write, row: unknown): Promise<void> => {
        const fault = faults.find(({ at }) => at === calls + 1);
        calls += 1;
        if (fault?.kind === 'fail-before') {
            throw new InjectedFault('not stored');
        }
        if (fault?.kind === 'delay') {
            await new Promise((resolve) => setTimeout(resolve, fault.ms));
        }
        if (fault?.kind === 'freeze') {
            await frozen;
        }
        await method.call(store, row);
        if (fault?.kind === 'fail-after') {
            throw new InjectedFault('stored, but who knows');
        }
    };
    const journalled = async (method: Write, row: unknown): Promise<void> => {
        try {
            await write(method, row);
        } catch (error) {
            journal.note('commit-failed', row);
            throw error;
        }
        journal.note('commit', row);
    };
    return new Proxy(store, {
        get(target, property) {
            if (property === 'thaw') {
                return thaw;
            }
            const value = Reflect.get(target, property) as unknown;
            if (typeof value !== 'function') {
                return value;
            }
            return WRITES.has(property) ? (row: unknown) => journalled(value as Write, row) : value.bind(target);
        },
    }) as Faulty<S>;
}

/** A transport whose sends enter the journal; `counts` picks those that a commit has to come before. */
export function journalled(
    transport: ByteTransport,
    journal: Journal,
    counts: (bytes: Uint8Array) => boolean = () => true,
): ByteTransport {
    return {
        send: (bytes) => {
            if (counts(bytes)) {
                journal.note('send', Uint8Array.from(bytes));
            }
            transport.send(bytes);
        },
        listen: (listener) => transport.listen(listener),
        close: () => transport.close(),
    };
}
