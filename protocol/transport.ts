import { MessageChannel, MessagePort } from 'node:worker_threads';

/** Called with each message, in the order of sending. */
export type ByteListener = (bytes: Uint8Array) => void;

/**
 * One end of a connection between a client and a worker: whole messages of bytes, in order, and nothing else. A WebSocket, a
 * QUIC stream or a mailbox can stand behind it.
 */
export interface ByteTransport {
    /**
     * Hands a message over; the bytes belong to the caller again afterwards.
     *
     * @throws TransportError once this end is closed, or for a message that is too long
     */
    send(bytes: Uint8Array): void;
    /** Names who receives; what arrived before waits for the first listener. */
    listen(listener: ByteListener): void;
    /** Ends the connection; what was sent before still arrives. */
    close(): void;
}

/** A message that could not be handed over. */
export class TransportError extends Error {
    override readonly name = 'TransportError';

    constructor(
        readonly code: 'closed' | 'too-long',
        message: string,
    ) {
        super(message);
    }
}

/** Longest message that a transport carries; longer ones are refused before they are copied. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/**
 * Two connected ends in one process. Every message is cloned through a message channel of the runtime, as if it went to
 * another thread, so that no object, and no key in one, is ever shared between the two sides.
 */
export function createInProcessTransport(): readonly [ByteTransport, ByteTransport] {
    const { port1, port2 } = new MessageChannel();
    return [new PortTransport(port1), new PortTransport(port2)];
}

class PortTransport implements ByteTransport {
    private open = true;

    constructor(private readonly port: MessagePort) {
        port.once('close', () => (this.open = false));
    }

    send(bytes: Uint8Array): void {
        if (!this.open) {
            throw new TransportError('closed', 'The connection is closed; open a new one');
        }
        if (bytes.length > MAX_MESSAGE_BYTES) {
            throw new TransportError('too-long', `${bytes.length} bytes are above ${MAX_MESSAGE_BYTES} in one message`);
        }
        // A copy of its own: a view would clone the whole memory behind it, with whatever else lies there.
        this.port.postMessage(Uint8Array.from(bytes));
    }

    listen(listener: ByteListener): void {
        // A Node port delivers from the first listener on, and keeps what came before.
        this.port.on('message', listener);
        // Waiting for a message is no reason for a process to stay alive.
        this.port.unref();
    }

    close(): void {
        this.open = false;
        this.port.close();
    }
}
