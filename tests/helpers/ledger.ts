import { Address, Cell, Message, Transaction } from '@ton/core';
import { labelOf, operationOf } from './labels';
import { forwardFee, Prices } from './prices';
import { balanceOf, hashOf, nano, operationIn, Step, storageFeesOf } from './step';

/** A message on its way: what it carries and what is still to be collected of its forward fee. */
interface InFlight {
    readonly value: bigint;
    readonly forwardFee: bigint;
    readonly operation: string;
    readonly to: Address;
}

/** Everything the ledger knows at one moment. */
export interface LedgerState {
    readonly balances: ReadonlyMap<string, bigint>;
    readonly inFlight: ReadonlyMap<string, InFlight>;
    readonly fromOutside: bigint;
    readonly fees: bigint;
}

/**
 * Double-entry bookkeeping of a whole chain, exact to the nanoTON.
 *
 * After every transaction three equations must hold, nothing tolerated:
 *
 * 1. Fees: the transaction's total equals the sum of its phases: rent collected (with debts), gas, action phase with fines
 *    and the sender's part of forward fees, bounce, and of an external message exactly its import fee.
 * 2. Transaction: balance before + value in = balance after + fees + Σ over messages out of (value + forward fee left).
 * 3. Chain: nanoTON from outside = Σ balances + Σ in flight + Σ fees, a message's remaining forward fee counting as a
 *    fee from its arrival on.
 *
 * Between transactions no balance may change, except through {@link Ledger.fund}.
 *
 * The ihr_fee field is not money: from global version 12 on it holds flags of the bounce format.
 */
export class Ledger {
    private balances = new Map<string, bigint>();
    private inFlight = new Map<string, InFlight>();
    private fromOutside = 0n;
    private fees = 0n;

    constructor(private readonly fail: (violation: string) => void) {}

    /** Enters a balance that the test itself gave to an account, as the only way that is no message. */
    fund(address: Address, balance: bigint): void {
        const key = address.toRawString();
        this.fromOutside += balance - (this.balances.get(key) ?? 0n);
        this.balances.set(key, balance);
    }

    /** Compares the book with what the chain holds, account by account, and in total. */
    verify(accounts: Iterable<{ address: Address; balance: bigint }>): void {
        const unseen = new Map([...this.balances].filter(([, balance]) => balance !== 0n));
        for (const { address, balance } of accounts) {
            const key = address.toRawString();
            const booked = this.balances.get(key) ?? 0n;
            unseen.delete(key);
            if (balance !== booked) {
                this.fund(address, balance); // report it once
                this.fail(
                    `conservation: the balance of ${labelOf(address)} is ${nano(balance)}, ${nano(balance - booked)} ` +
                        `off the ledger's ${nano(booked)}, and no message did it`,
                );
            }
        }
        for (const [key, booked] of unseen) {
            this.fund(Address.parseRaw(key), 0n);
            this.fail(`conservation: ${labelOf(Address.parseRaw(key))} with ${nano(booked)} is gone from the chain`);
        }
        this.balance('between messages');
    }

    /** Enters one transaction. */
    enter(step: Step): void {
        const { address, transaction } = step;
        const key = address.toRawString();
        const what = `${operationIn(transaction)} at ${labelOf(address)}`;
        const before = balanceOf(step.before);
        const after = balanceOf(step.after);
        const total = transaction.totalFees.coins;

        // What came in, and from where.
        let valueIn = 0n;
        const info = transaction.inMessage?.info;
        const known = step.messageHash === undefined ? undefined : this.inFlight.get(step.messageHash);
        if (info?.type === 'internal') {
            valueIn = info.value.coins;
        }
        if (known !== undefined) {
            this.inFlight.delete(step.messageHash!);
            this.fees += known.forwardFee;
            if (known.value !== valueIn) {
                this.fail(`conservation: ${what} brought ${nano(valueIn)}, but ${nano(known.value)} was sent`);
            }
        } else {
            this.fromOutside += valueIn;
        }

        // 1: the fees.
        const phases = phaseFees(transaction);
        const importFee = info?.type === 'external-in' ? importFeeOf(transaction, step.prices) : 0n;
        this.fees += total;
        if (total !== phases + importFee) {
            this.fail(
                `conservation: the fees of ${what} are ${nano(total)}, ${nano(total - phases - importFee)} off the sum of ` +
                    `its phases (${nano(phases)}) and import fee (${nano(importFee)})`,
            );
        }

        // 2: the transaction.
        const booked = this.balances.get(key) ?? 0n;
        if (booked !== before) {
            this.fund(address, before);
            this.fail(
                `conservation: the balance of ${labelOf(address)} before ${what} is ${nano(before)}, ` +
                    `${nano(before - booked)} off the ledger's ${nano(booked)}`,
            );
        }
        let out = 0n;
        for (const message of transaction.outMessages.values()) {
            if (message.info.type !== 'internal') {
                continue; // an event: its whole fee was collected by the action phase
            }
            const { value, forwardFee: left, dest } = message.info;
            out += value.coins + left;
            this.inFlight.set(hashOf(message), {
                value: value.coins,
                forwardFee: left,
                operation: operationOf(message.body),
                to: dest,
            });
        }
        this.balances.set(key, after);
        const missing = before + valueIn - after - total - out;
        if (missing !== 0n) {
            this.fail(
                `conservation: ${what} ${missing > 0n ? 'lost' : 'made'} ${nano(missing > 0n ? missing : -missing)}: ` +
                    `before ${before} + in ${valueIn} ≠ after ${after} + fees ${total} + out ${out}`,
            );
        }

        // 3: the chain.
        this.balance(`after ${what}`);
    }

    /** A message arrives where nobody keeps books. */
    leave(message: Message): void {
        const hash = hashOf(message);
        const known = this.inFlight.get(hash);
        if (known === undefined) {
            this.fail(`conservation: ${operationOf(message.body)} leaves and was never sent`);
            return;
        }
        this.inFlight.delete(hash);
        this.fromOutside -= known.value;
        this.fees += known.forwardFee;
    }

    /** Messages created and not yet delivered. */
    get pending(): number {
        return this.inFlight.size;
    }

    /** For a chain that rewinds. */
    save(): LedgerState {
        return {
            balances: new Map(this.balances),
            inFlight: new Map(this.inFlight),
            fromOutside: this.fromOutside,
            fees: this.fees,
        };
    }

    restore(state: LedgerState): void {
        this.balances = new Map(state.balances);
        this.inFlight = new Map(state.inFlight);
        this.fromOutside = state.fromOutside;
        this.fees = state.fees;
    }

    private balance(when: string): void {
        let held = 0n;
        for (const balance of this.balances.values()) {
            held += balance;
        }
        for (const message of this.inFlight.values()) {
            held += message.value + message.forwardFee;
        }
        const missing = this.fromOutside - held - this.fees;
        if (missing !== 0n) {
            this.fromOutside = held + this.fees; // report it once
            this.fail(
                `conservation: ${when} the chain ${missing > 0n ? 'misses' : 'has too much by'} ` +
                    nano(missing > 0n ? missing : -missing),
            );
        }
    }
}

/** Σ of what each phase says it took. */
function phaseFees(transaction: Transaction): bigint {
    const { description } = transaction;
    let sum = storageFeesOf(transaction);
    if ('computePhase' in description && description.computePhase.type === 'vm') {
        sum += description.computePhase.gasFees;
    }
    if ('actionPhase' in description && description.actionPhase) {
        sum += description.actionPhase.totalActionFees ?? 0n;
    }
    if ('bouncePhase' in description && description.bouncePhase?.type === 'ok') {
        sum += description.bouncePhase.messageFees;
    }
    return sum;
}

/** An external message pays the forward fee of its own size; the root cell is free, and equal cells count once. */
function importFeeOf(transaction: Transaction, prices: Prices): bigint {
    // transaction$0111 … ^[ in_msg:(Maybe ^(Message Any)) … ]
    const message = transaction.raw.refs[0]!.refs[0]!;
    const seen = new Map<string, Cell>();
    const visit = (cell: Cell): void => {
        const hash = cell.hash().toString('hex');
        if (!seen.has(hash)) {
            seen.set(hash, cell);
            cell.refs.forEach(visit);
        }
    };
    message.refs.forEach(visit);
    const bits = [...seen.values()].reduce((sum, cell) => sum + cell.bits.length, 0);
    return forwardFee(prices, BigInt(seen.size), BigInt(bits));
}
