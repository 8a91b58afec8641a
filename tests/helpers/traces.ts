import { Address, Cell, Transaction } from '@ton/core';
import { Addressable, addressOf, labelOf, operationOf } from './labels';
import { operationIn } from './step';

/** What {@link expectTrace} takes: the answer of any send. */
export interface Trace {
    readonly transactions: readonly Transaction[];
}

/** One transaction as a test expects it; what is left out is not compared, except where a default is given. */
export interface Expected {
    from?: Addressable;
    to?: Addressable;
    /** Name as in the contracts' messages, `bounced <name>`, or `empty`. */
    op?: string;
    /** Default: 0. `'skipped'`: no compute phase ran (no account, no gas). */
    exitCode?: number | 'skipped';
    /** Default: 0 if the computation succeeded and there was one, else no action phase. */
    actionResultCode?: number | 'none';
    /** Neither aborted in the compute nor in the action phase. Default: what the two codes say. */
    success?: boolean;
    /** nanoTON that arrived. */
    value?: bigint;
    /** Messages to accounts that left, bounces included. */
    messagesOut?: number;
    /** External-out messages that left. */
    events?: number;
    /** The account was destroyed in this transaction. */
    destroyed?: boolean;
}

interface Row {
    from: string;
    to: string;
    op: string;
    exitCode: number | 'skipped';
    actionResultCode: number | 'none';
    success: boolean;
    value: bigint;
    messagesOut: number;
    events: number;
    destroyed: boolean;
}

/**
 * Exactly these transactions, in this order, with exactly these codes. The wallet's own transaction, which an external
 * message starts, is not listed, but has to have succeeded.
 */
export function expectTrace(trace: Trace, expected: readonly Expected[]): void {
    const transactions = withoutWallets(trace);
    const actual = transactions.map(rowOf);
    const wrong: string[] = [];
    if (actual.length !== expected.length) {
        wrong.push(`${actual.length} transactions instead of ${expected.length}`);
    }
    expected.forEach((row, index) => {
        const transaction = transactions[index];
        if (transaction !== undefined) {
            wrong.push(...differences(row, actual[index]!, transaction).map((text) => `#${index + 1} ${text}`));
        }
    });
    if (wrong.length > 0) {
        throw new Error(`${wrong.join('\n')}\n\n${table(actual)}`);
    }
}

/** The transactions of a trace but those that an external message started, which must have succeeded. */
export function withoutWallets(trace: Trace): Transaction[] {
    return trace.transactions.filter((transaction) => {
        if (transaction.inMessage?.info.type !== 'external-in') {
            return true;
        }
        const row = rowOf(transaction);
        if (!row.success) {
            throw new Error(`The wallet ${row.to} could not send:\n${table([row])}`);
        }
        return false;
    });
}

/** Σ compute gas of a trace, wallets left out: over the given accounts, or over all. */
export function gasOf(trace: Trace, accounts?: readonly Addressable[]): bigint {
    const wanted = accounts && new Set(accounts.map((account) => addressOf(account).toRawString()));
    return withoutWallets(trace)
        .filter((transaction) => !wanted || wanted.has(accountOf(transaction).toRawString()))
        .reduce((sum, transaction) => sum + gasUsed(transaction), 0n);
}

/** Compute gas of one transaction; 0 if the phase was skipped. */
export function gasUsed(transaction: Transaction): bigint {
    const { description } = transaction;
    return description.type === 'generic' && description.computePhase.type === 'vm'
        ? description.computePhase.gasUsed
        : 0n;
}

/** The transactions of one account, in order. */
export function transactionsAt(trace: Trace, account: Addressable): Transaction[] {
    const address = addressOf(account);
    return trace.transactions.filter((transaction) => accountOf(transaction).equals(address));
}

/** The only transaction of an account; throws with the table if there is none or another. */
export function transactionAt(trace: Trace, account: Addressable, op?: string): Transaction {
    const found = transactionsAt(trace, account).filter(
        (transaction) => op === undefined || operationOf(transaction.inMessage?.body) === op,
    );
    if (found.length !== 1) {
        throw new Error(
            `${found.length} transactions ${op ?? ''} at ${labelOf(account)} instead of 1\n\n${describeTrace(trace)}`,
        );
    }
    return found[0]!;
}

/** nanoTON that arrived at an account in a trace with messages of that name. */
export function received(trace: Trace, account: Addressable, op?: string): bigint {
    return transactionsAt(trace, account)
        .filter((transaction) => op === undefined || operationOf(transaction.inMessage?.body) === op)
        .reduce(
            (sum, { inMessage }) => sum + (inMessage?.info.type === 'internal' ? inMessage.info.value.coins : 0n),
            0n,
        );
}

/** Bodies of the external-out messages of a trace. */
export function eventsOf(trace: Trace): { from: Address; body: Cell }[] {
    return trace.transactions.flatMap((transaction) =>
        [...transaction.outMessages.values()].flatMap((message) =>
            message.info.type === 'external-out' ? [{ from: message.info.src, body: message.body }] : [],
        ),
    );
}

/** The trace as a table, wallets' own transactions included. */
export function describeTrace(trace: Trace): string {
    return table(trace.transactions.map(rowOf));
}

function accountOf(transaction: Transaction): Address {
    const info = transaction.inMessage?.info;
    return info?.type === 'internal' || info?.type === 'external-in'
        ? info.dest
        : new Address(0, Buffer.from(transaction.address.toString(16).padStart(64, '0'), 'hex'));
}

function rowOf(transaction: Transaction): Row {
    const { description, inMessage, outMessages } = transaction;
    if (description.type !== 'generic') {
        throw new Error(`A ${description.type} transaction has no place in a trace`);
    }
    const { computePhase, actionPhase } = description;
    const outgoing = [...outMessages.values()];
    const exitCode = computePhase.type === 'vm' ? computePhase.exitCode : 'skipped';
    const actionResultCode = actionPhase ? actionPhase.resultCode : 'none';
    return {
        from: inMessage?.info.type === 'internal' ? labelOf(inMessage.info.src) : 'outside',
        to: labelOf(accountOf(transaction)),
        op: operationIn(transaction),
        exitCode,
        actionResultCode,
        success: computePhase.type === 'vm' && computePhase.success && actionPhase?.success === true,
        value: inMessage?.info.type === 'internal' ? inMessage.info.value.coins : 0n,
        messagesOut: outgoing.filter((message) => message.info.type === 'internal').length,
        events: outgoing.filter((message) => message.info.type === 'external-out').length,
        destroyed: description.destroyed,
    };
}

function differences(expected: Expected, actual: Row, transaction: Transaction): string[] {
    const exitCode = expected.exitCode ?? 0;
    const actionResultCode = expected.actionResultCode ?? (exitCode === 0 || exitCode === 1 ? 0 : 'none');
    const wanted: Partial<Row> = {
        exitCode,
        actionResultCode,
        success: expected.success ?? (actionResultCode === 0 && (exitCode === 0 || exitCode === 1)),
        ...pick(expected, ['op', 'value', 'messagesOut', 'events', 'destroyed']),
    };
    const wrong = (Object.keys(wanted) as (keyof Row)[])
        .filter((field) => wanted[field] !== actual[field])
        .map((field) => `${field}: ${shown(actual[field])} instead of ${shown(wanted[field]!)}`);
    const source = transaction.inMessage?.info.type === 'internal' ? transaction.inMessage.info.src : undefined;
    if (expected.from && !(source && addressOf(expected.from).equals(source))) {
        wrong.push(`from: ${actual.from} instead of ${labelOf(expected.from)}`);
    }
    if (expected.to && !addressOf(expected.to).equals(accountOf(transaction))) {
        wrong.push(`to: ${actual.to} instead of ${labelOf(expected.to)}`);
    }
    return wrong;
}

function pick<K extends keyof Expected & keyof Row>(expected: Expected, fields: K[]): Partial<Row> {
    return Object.fromEntries(
        fields.filter((field) => expected[field] !== undefined).map((field) => [field, expected[field]]),
    );
}

function shown(value: string | number | bigint | boolean): string {
    return typeof value === 'number' && value > 255 ? `${value} (0x${value.toString(16)})` : String(value);
}

function table(rows: readonly Row[]): string {
    const head = ['#', 'from', 'to', 'op', 'exit', 'action', 'value', 'out', 'events', 'destroyed'];
    const lines = rows.map((row, index) => [
        String(index + 1),
        row.from,
        row.to,
        row.op,
        shown(row.exitCode),
        String(row.actionResultCode),
        String(row.value),
        String(row.messagesOut),
        String(row.events),
        row.destroyed ? 'yes' : '',
    ]);
    const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
    return [head, ...lines]
        .map((line) =>
            line
                .map((text, column) => text.padEnd(widths[column]!))
                .join('  ')
                .trimEnd(),
        )
        .join('\n');
}
