import { Case } from './cases';
import { Outcome } from './outcome';

/** Something that runs the engine on one driver. */
export interface Host {
    /** `node` or `chromium`. */
    readonly name: string;
    /** Short name of the driver. */
    readonly driver: string;
    /** What the adapter says of itself. */
    readonly adapter: string;
    run(given: Case): Promise<Outcome>;
    close(): Promise<void>;
}

/** A host cannot be had on this machine; the message says what to do. */
export class MissingHostError extends Error {
    override readonly name = 'MissingHostError';
}

/** What another process sends next, for the one who waits for it. */
export class Mailbox<T> {
    private resolve: (value: T) => void = () => undefined;
    private reject: (error: Error) => void = () => undefined;

    /** The next one that comes. */
    next(): Promise<T> {
        return new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]));
    }

    /** Gives it to who waits. */
    put(value: T): void {
        this.resolve(value);
    }

    /** Says that none will come. */
    fail(error: Error): void {
        this.reject(error);
    }
}
