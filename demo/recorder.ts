import { Contract, Transaction } from '@ton/core';
import { Blockchain } from '@ton/sandbox';
import { Connection } from '../wrappers';

/** Takes down the transactions of a send. */
export interface Recorder {
    record(transactions: readonly Transaction[]): void;
}

type Call = (...args: unknown[]) => Promise<unknown>;

/** A connection to the sandbox that takes down every transaction which a send causes. */
export function recordingConnection(blockchain: Blockchain, recorder: Recorder): Connection {
    return {
        openContract: <T extends Contract>(contract: T) => recorded(blockchain.openContract(contract), recorder),
    };
}

/** Any opened contract, its sends taken down. */
export function recorded<T extends object>(opened: T, recorder: Recorder): T {
    return new Proxy(opened, {
        get: (target, property) => {
            const member: unknown = Reflect.get(target, property);
            if (typeof property !== 'string' || !property.startsWith('send') || typeof member !== 'function') {
                return member;
            }
            return async (...args: unknown[]) => {
                const result = await (member as Call)(...args);
                recorder.record((result as { transactions: Transaction[] }).transactions);
                return result;
            };
        },
    });
}
