import { Address, Cell, Transaction } from '@ton/core';
import { explainExitCode } from '../wrappers';
import { operationOf } from './names';

/** One transaction in the journal's words. */
export interface Entry {
    readonly account: Address;
    /** Undefined for a message from outside the chain, which is how a wallet is told to send. */
    readonly from: Address | undefined;
    readonly operation: string;
    readonly body: Cell;
    /** nanoTON that arrived. */
    readonly value: bigint;
    readonly gas: bigint;
    /** nanoTON that left for the validators: everything the transaction paid, and its message's delivery. */
    readonly fees: bigint;
    /** `ok`, or what went wrong. */
    readonly outcome: string;
}

/** Every transaction since the demo began. What is missing here is missing in the sum, too. */
export class Journal {
    private readonly list: Entry[] = [];

    /** Takes down the transactions of one send, in order. */
    record(transactions: readonly Transaction[]): void {
        this.list.push(...transactions.map(entryOf));
    }

    get entries(): readonly Entry[] {
        return this.list;
    }

    /** nanoTON of fees in all. */
    get fees(): bigint {
        return this.list.reduce((sum, { fees }) => sum + fees, 0n);
    }
}

function entryOf(transaction: Transaction): Entry {
    const { inMessage, description } = transaction;
    if (!inMessage || description.type !== 'generic' || inMessage.info.type === 'external-out') {
        throw new Error(`A ${description.type} transaction has no place in this journal`);
    }
    const { info, body } = inMessage;
    const { computePhase, actionPhase } = description;
    return {
        account: info.dest,
        from: info.type === 'internal' ? info.src : undefined,
        operation: info.type === 'internal' ? operationOf(body) : 'external',
        body,
        value: info.type === 'internal' ? info.value.coins : 0n,
        gas: computePhase.type === 'vm' ? computePhase.gasUsed : 0n,
        // What is left of a message's forward fee when it arrives belongs to no account any more.
        fees: transaction.totalFees.coins + (info.type === 'internal' ? info.forwardFee : 0n),
        outcome: outcomeOf(computePhase, actionPhase ?? undefined),
    };
}

type Phases = Extract<Transaction['description'], { type: 'generic' }>;

function outcomeOf(compute: Phases['computePhase'], action: NonNullable<Phases['actionPhase']> | undefined): string {
    if (compute.type === 'skipped') {
        return 'no code';
    }
    if (!compute.success) {
        return explainExitCode(compute.exitCode).name.replace(/^ERROR_/, '');
    }
    return action && !action.success ? `action ${action.resultCode}` : 'ok';
}
