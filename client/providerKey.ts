import { EnvelopeError, isPinned, PublicEncryptionKey, publicKeyNamed } from '../protocol/envelope';
import { MarketError } from '../wrappers';
import { WireMessage } from '../protocol/wire';
import { RefusedError, WorkerConnection } from './connection';

/**
 * The key that inputs for a provider are sealed to. One that the profile pins by its hash comes from the worker, who is not believed.
 *
 * @param name - encryptionKey of the profile on chain
 * @throws RefusedError or NoAnswerError if the worker does not serve a pinned key
 * @throws EnvelopeError `foreign-key` or `bad-key`, InputError `weak-key`: then nothing may be sealed
 */
export async function providerKey(name: bigint, worker: WorkerConnection): Promise<PublicEncryptionKey> {
    if (!isPinned(name)) {
        return await publicKeyNamed(name);
    }
    const requestId = globalThis.crypto.getRandomValues(new BigUint64Array(1))[0]!;
    const answer = await worker.ask({ kind: 'encryptionKeyRequest', requestId, name }, [
        `encryptionKeyReply:${requestId}`,
        `refusal:${requestId}`,
    ]);
    if (answer.kind === 'refusal') {
        throw new RefusedError(answer.reasons);
    }
    return await publicKeyNamed(name, (answer as Extract<WireMessage, { kind: 'encryptionKeyReply' }>).publicKey);
}

/** Whether an error says that something cannot be opened, as opposed to one of the program. */
export function isUnreadable(error: unknown): boolean {
    return error instanceof EnvelopeError || error instanceof MarketError;
}
