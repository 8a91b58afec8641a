import { Account, Address, beginCell, Cell, Message, storeMessage, Transaction } from '@ton/core';
import { operationOf } from './labels';
import { Prices } from './prices';

/** One transaction with the account before and after it, as the emulator was given it and gave it back. */
export interface Step {
    readonly address: Address;
    readonly transaction: Transaction;
    /** Hash of the message that arrived; undefined for tick-tock. */
    readonly messageHash?: string;
    readonly before: Account | null;
    readonly after: Account | null;
    readonly prices: Prices;
    readonly now: number;
}

/** Identifies a message from its creation to its arrival: logical time and source make it unique. */
export function hashOf(message: Message): string {
    return beginCell().store(storeMessage(message)).endCell().hash().toString('hex');
}

export function balanceOf(account: Account | null | undefined): bigint {
    return account?.storage.balance.coins ?? 0n;
}

/** Code and data of an active account. */
export function stateOf(account: Account | null | undefined): { code: Cell; data: Cell } | null {
    const state = account?.storage.state;
    return state?.type === 'active' && state.state.code && state.state.data
        ? { code: state.state.code, data: state.state.data }
        : null;
}

/** What the storage phase and the credit phase took for rent. */
export function storageFeesOf(transaction: Transaction): bigint {
    const { description } = transaction;
    const collected =
        'storagePhase' in description && description.storagePhase ? description.storagePhase.storageFeesCollected : 0n;
    const due =
        'creditPhase' in description && description.creditPhase ? (description.creditPhase.dueFeesColelcted ?? 0n) : 0n;
    return collected + due;
}

/** Signed nanoTON for failure messages. */
export function nano(amount: bigint): string {
    return `${amount} nanoTON`;
}

/** `external` for what came from outside, else the name of the message. */
export function operationIn({ inMessage }: Transaction): string {
    return inMessage?.info.type === 'external-in' ? 'external' : operationOf(inMessage?.body);
}
