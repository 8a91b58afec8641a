import { Address, Cell, ContractProvider, Sender, StateInit } from '@ton/core';
import { requireUint } from './checks';

/** What every operation takes besides its own fields. */
export interface MessageOptions {
    /** Returned in answers and excesses; 0 by default. */
    queryId?: bigint;
    /** nanoTON to send; by default the least that the contract accepts at the contract object's price parameters. */
    value?: bigint;
}

/** What a message between contracts takes besides its own fields. */
export type WireOptions = Pick<MessageOptions, 'queryId'>;

/** One message, ready to be sent by any wallet: for TON Connect turn `to` into text and the cells into base64 BoCs. */
export interface TxParams {
    to: Address;
    /** nanoTON */
    value: bigint;
    body: Cell;
    /** Present where the message may have to deploy its recipient. */
    init?: StateInit;
}

/** The query id of a message, checked. */
export function queryIdOf(options: WireOptions): bigint {
    return requireUint('queryId', options.queryId ?? 0n, 64);
}

/** The value of a message: the caller's, or the computed one. */
export function valueOf(options: MessageOptions, least: bigint): bigint {
    return requireUint('value', options.value ?? least, 64);
}

/** Sends prepared parameters through a provider, bounceable; the provider adds the StateInit where it is needed. */
export async function sendTx(provider: ContractProvider, via: Sender, params: TxParams): Promise<void> {
    await provider.internal(via, { value: params.value, body: params.body, bounce: true });
}
