import { Transaction } from '@ton/core';
import { Addressable, addressOf } from '../tests/helpers/labels';
import { gasUsed, Trace } from '../tests/helpers/traces';

/** What one scenario costs at one price set. */
export interface Cost {
    /** Σ compute gas of the contracts' transactions. */
    gas: bigint;
    /** The contracts' transactions. */
    transactions: number;
    /**
     * nanoTON: total fees of the contracts' transactions, and the forward fee that each message to or from them carries on
     * its way, each message once. What wallets pay in their own transactions is left out.
     */
    fees: bigint;
}

/** Adds up a trace over the given contracts. */
export function costOf(trace: Trace, contracts: readonly Addressable[]): Cost {
    const ids = new Set(contracts.map((contract) => BigInt(`0x${addressOf(contract).hash.toString('hex')}`)));
    const own = trace.transactions.filter(({ address }) => ids.has(address));
    const forwarded = new Map<string, bigint>();
    for (const transaction of own) {
        for (const message of [transaction.inMessage!, ...transaction.outMessages.values()]) {
            if (message.info.type === 'internal') {
                forwarded.set(`${message.info.createdLt}:${message.info.src}`, message.info.forwardFee);
            }
        }
    }
    return {
        gas: sum(own.map(gasUsed)),
        transactions: own.length,
        fees: sum(own.map(({ totalFees }: Transaction) => totalFees.coins)) + sum([...forwarded.values()]),
    };
}

function sum(values: readonly bigint[]): bigint {
    return values.reduce((total, value) => total + value, 0n);
}
