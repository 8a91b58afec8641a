import { Cell } from '@ton/core';
import { ByteTransport } from '../protocol/transport';
import { decodeMessage, encodeMessage, RefusalReason, WireError, WireMessage } from '../protocol/wire';

/** The worker said no, and why. */
export class RefusedError extends Error {
    override readonly name = 'RefusedError';

    constructor(readonly reasons: readonly RefusalReason[]) {
        super(`The provider refuses: ${reasons.map(({ text }) => text).join('; ')}`);
    }
}

/** The worker did not answer in time. On chain nothing depends on it. */
export class NoAnswerError extends Error {
    override readonly name = 'NoAnswerError';
}

/** How long a worker may take to answer, in milliseconds of this machine's clock. */
export const ANSWER_TIMEOUT_MS = 30_000;
/** So many results are kept that nobody asked for yet; a worker cannot fill the client's memory. */
const MAX_UNASKED_RESULTS = 64;

type Waiting = (message: WireMessage) => void;

/** A client's line to one worker: sorts what arrives by whom it answers. */
export class WorkerConnection {
    private readonly waiting = new Map<string, Waiting>();
    private readonly results = new Map<string, WireMessage>();

    constructor(
        private readonly transport: ByteTransport,
        private readonly timeoutMs = ANSWER_TIMEOUT_MS,
    ) {
        transport.listen((bytes) => this.receive(bytes));
    }

    /**
     * Sends a message and waits for what answers it.
     *
     * @throws TransportError, WireError or {@link NoAnswerError}
     */
    async ask(message: WireMessage, answers: readonly string[]): Promise<WireMessage> {
        const answer = this.expect(answers);
        try {
            this.transport.send(encodeMessage(message));
        } catch (error) {
            answer.cancel();
            throw error;
        }
        return await answer.promise;
    }

    /**
     * The result of a job, as soon as it is here.
     *
     * @throws NoAnswerError
     */
    async result(jobKey: bigint): Promise<Cell> {
        const key = `result:${jobKey}`;
        const message = this.results.get(key) ?? (await this.expect([key]).promise);
        this.results.delete(key);
        return (message as Extract<WireMessage, { kind: 'result' }>).result;
    }

    close(): void {
        this.transport.close();
    }

    private expect(keys: readonly string[]): { promise: Promise<WireMessage>; cancel: () => void } {
        let cancel = () => {};
        const promise = new Promise<WireMessage>((resolve, reject) => {
            const timer = setTimeout(() => {
                cancel();
                reject(new NoAnswerError(`No answer from the worker within ${this.timeoutMs} ms`));
            }, this.timeoutMs);
            cancel = () => {
                clearTimeout(timer);
                keys.forEach((key) => this.waiting.delete(key));
            };
            const settle = (message: WireMessage) => {
                cancel();
                resolve(message);
            };
            keys.forEach((key) => this.waiting.set(key, settle));
        });
        return { promise, cancel };
    }

    private receive(bytes: Uint8Array): void {
        const message = readable(bytes);
        if (message === undefined) {
            return;
        }
        const key = keyOf(message);
        const waiting = this.waiting.get(key);
        if (waiting) {
            waiting(message);
        } else if (message.kind === 'result' && this.results.size < MAX_UNASKED_RESULTS) {
            this.results.set(key, message);
        }
    }
}

/** Names what a message answers. */
export function keyOf(message: WireMessage): string {
    return `${message.kind}:${'requestId' in message ? message.requestId : message.jobKey}`;
}

/** Nonsense from the other side is nobody's answer. */
function readable(bytes: Uint8Array): WireMessage | undefined {
    try {
        return decodeMessage(bytes);
    } catch (error) {
        if (error instanceof WireError) {
            return undefined;
        }
        throw error;
    }
}
