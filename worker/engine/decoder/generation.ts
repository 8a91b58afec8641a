import { EngineError } from '../errors';
import { StopReason } from './stopping';

/** A token of a completion, as it comes. */
export interface TokenEvent {
    /** Its place in the completion, from 0. */
    readonly index: number;
    readonly token: number;
    /** Bytes of the text that have become certain with it: none of them can be hidden by a stop sequence any more. */
    readonly text: Uint8Array;
}

/** Counts of tokens by class (docs/engine/generation.md, section 6). */
export interface TokenCounts {
    readonly prompt: number;
    readonly cached: number;
    readonly completion: number;
}

/** The outcome of a run. */
export interface GenerationResult {
    readonly reason: StopReason;
    readonly tokens: Uint32Array;
    /** The visible text. */
    readonly text: Uint8Array;
    /** The result bytes of docs/engine/generation.md, section 5. */
    readonly bytes: Uint8Array;
    readonly counts: TokenCounts;
    /** 32 bytes, if a trace was asked for. */
    readonly traceRoot: Uint8Array | undefined;
}

/**
 * A run under way: an asynchronous iterable of its tokens, as they come, and a promise of its result. The run does not wait for who reads
 * the tokens; breaking out of the loop cancels it.
 */
export class Generation implements AsyncIterable<TokenEvent> {
    /** Settles when the run is over; rejects with what went wrong, an EngineError `cancelled` after {@link Generation.cancel}. */
    readonly result: Promise<GenerationResult>;
    private readonly events: TokenEvent[] = [];
    private wake: (() => void) | undefined;
    private over = false;
    private cancelled = false;

    /** @param run - does the work; it must call `checkCancelled` between steps. */
    constructor(run: (generation: Pick<Generation, 'emit' | 'checkCancelled'>) => Promise<GenerationResult>) {
        this.result = run(this).finally(() => {
            this.over = true;
            this.wake?.();
        });
        // Who only reads tokens learns of a failure from the loop.
        this.result.catch(() => undefined);
    }

    /** Gives the run up at the next step. */
    cancel(): void {
        this.cancelled = true;
    }

    /** Adds a token; for the run. */
    emit(event: TokenEvent): void {
        this.events.push(event);
        this.wake?.();
    }

    /** Throws an EngineError `cancelled` after {@link Generation.cancel}; for the run. */
    checkCancelled(): void {
        if (this.cancelled) throw new EngineError('cancelled', 'The run was cancelled');
    }

    /** The tokens from the first on, as often as asked. */
    async *[Symbol.asyncIterator](): AsyncIterator<TokenEvent> {
        let finished = false;
        try {
            for (let next = 0; ; next++) {
                while (next >= this.events.length && !this.over) {
                    const woken = this.wake;
                    await new Promise<void>((resolve) => {
                        this.wake = () => {
                            woken?.();
                            resolve();
                        };
                    });
                }
                if (next >= this.events.length) break;
                yield this.events[next]!;
            }
            finished = true;
        } finally {
            if (!finished) this.cancel();
        }
        await this.result;
    }
}
