import { ByteTransport, TransportError } from '../../protocol/transport';
import { decodeMessage, encodeMessage, WireError, WireMessage } from '../../protocol/wire';

/** Nonsense is not answered: whoever sends it may be anybody. */
export function heard(bytes: Uint8Array): WireMessage | undefined {
    try {
        return decodeMessage(bytes);
    } catch (error) {
        if (error instanceof WireError) {
            return undefined;
        }
        throw error;
    }
}

/** A client that hung up is no failure of the worker's: what it must know is on chain, or will be. */
export function say(client: ByteTransport, message: WireMessage): void {
    try {
        client.send(encodeMessage(message));
    } catch (error) {
        if (!(error instanceof TransportError)) {
            throw error;
        }
    }
}
