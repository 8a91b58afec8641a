import {
    Address,
    beginCell,
    Cell,
    external,
    internal,
    MessageRelaxed,
    SendMode,
    StateInit,
    storeMessage,
} from '@ton/core';
import { InputError, StateError } from './marketError';
import { TxParams } from './transaction';

/** What one external message can carry: wallet v5's count of actions, and the network's limit on serialised bytes. */
export const BATCH_LIMITS = { messages: 255, bytes: 65_535 } as const;

/** A wallet that sends many messages by one signature, as an opened `WalletContractV5R1` of `@ton/ton` is. */
export interface BatchWallet {
    readonly address: Address;
    readonly init?: StateInit;
    getSeqno(): Promise<number>;
    createTransfer(args: { seqno: number; secretKey: Buffer; messages: MessageRelaxed[]; sendMode: SendMode }): Cell;
    send(message: Cell): Promise<void>;
}

/** How {@link sendBatches} sends. */
export interface BatchOptions {
    /** 64 bytes: the wallet's own. */
    secretKey: Buffer;
    /** Told after each external message that the wallet took. */
    onProgress?: (sent: number, of: number) => void;
    /** Milliseconds to wait for the wallet to take one; a minute by default. */
    timeoutMs?: number;
    /** Milliseconds between two looks; two seconds by default. */
    pollMs?: number;
    limits?: { messages: number; bytes: number };
}

/**
 * Sends any number of messages in as few external messages as their count and their serialised size allow, one after another:
 * the next is signed when the wallet has taken the one before.
 *
 * @returns how many messages each external message carried
 * @throws InputError `too-long` for a single message that fits in none
 * @throws StateError `unconfirmed` if the wallet does not take one in time; what it took before is done, and doing it all again is safe
 *     where each message is, as a redemption
 */
export async function sendBatches(
    wallet: BatchWallet,
    messages: readonly TxParams[],
    options: BatchOptions,
): Promise<number[]> {
    const { secretKey, limits = BATCH_LIMITS, timeoutMs = 60_000, pollMs = 2_000 } = options;
    const counts: number[] = [];
    for (let sent = 0; sent < messages.length;) {
        const seqno = await wallet.getSeqno();
        const transferOf = (batch: readonly TxParams[]) =>
            wallet.createTransfer({
                seqno,
                secretKey,
                messages: batch.map(({ to, value, body, init }) => internal({ to, value, body, init, bounce: true })),
                sendMode: SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS,
            });
        const batch = longestFitting(messages.slice(sent), limits, (some) =>
            externalSize(wallet, transferOf(some), seqno === 0),
        );
        await wallet.send(transferOf(batch));
        await taken(wallet, seqno, timeoutMs, pollMs, sent, messages.length);
        sent += batch.length;
        counts.push(batch.length);
        options.onProgress?.(sent, messages.length);
    }
    return counts;
}

/** The longest beginning of a list that fits. */
function longestFitting(
    messages: readonly TxParams[],
    limits: { messages: number; bytes: number },
    sizeOf: (batch: readonly TxParams[]) => number,
): readonly TxParams[] {
    let count = Math.min(messages.length, limits.messages);
    for (;;) {
        const size = sizeOf(messages.slice(0, count));
        if (size <= limits.bytes) {
            return messages.slice(0, count);
        }
        if (count === 1) {
            throw new InputError(
                'too-long',
                'messages',
                `one has ${size} bytes in its external message; ${limits.bytes} fit`,
            );
        }
        count = Math.max(1, Math.min(count - 1, Math.floor((count * limits.bytes) / size)));
    }
}

/** Bytes that go to the network. */
function externalSize(wallet: BatchWallet, body: Cell, deploys: boolean): number {
    const message = external({ to: wallet.address, init: deploys ? wallet.init : undefined, body });
    return beginCell().store(storeMessage(message)).endCell().toBoc().length;
}

async function taken(
    wallet: BatchWallet,
    seqno: number,
    timeoutMs: number,
    pollMs: number,
    sent: number,
    of: number,
): Promise<void> {
    const until = Date.now() + timeoutMs;
    while ((await wallet.getSeqno()) <= seqno) {
        if (Date.now() >= until) {
            throw new StateError(
                'unconfirmed',
                `The wallet has not taken messages ${sent + 1} and on of ${of} within ${timeoutMs} ms; look whether it has money, and try again`,
            );
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
}
