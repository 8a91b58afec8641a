import { operationOf } from '../helpers/labels';
import { gasUsed, Trace, withoutWallets } from '../helpers/traces';

/** A constant may be this many times what was measured, in tenths. */
const MOST_TENTHS = 16n;

/** Collects the most that each operation ever took, and holds constants to it. */
export class Gauge {
    private readonly measured = new Map<string, bigint>();

    /** Enters the gas of every transaction of a trace but the wallets' own. */
    take(trace: Trace): void {
        for (const transaction of withoutWallets(trace)) {
            const gas = gasUsed(transaction);
            if (gas > 0n) {
                this.record(operationOf(transaction.inMessage?.body), gas);
            }
        }
    }

    /** Enters the gas of a trace's first transaction under another name. */
    only(name: string, trace: Trace): void {
        this.record(name, gasUsed(withoutWallets(trace)[0]!));
    }

    record(name: string, amount: bigint): void {
        if (amount > (this.measured.get(name) ?? -1n)) {
            this.measured.set(name, amount);
        }
    }

    knows(name: string): boolean {
        return this.measured.has(name);
    }

    operations(): string[] {
        return [...this.measured.keys()].filter((name) => /^(bounced )?[A-Za-z]+$/.test(name));
    }

    /** The most of all these names. */
    most(names: readonly string[]): bigint {
        return names.reduce((most, name) => {
            const amount = this.measured.get(name);
            if (amount === undefined) {
                throw new Error(`${name} was not measured`);
            }
            return amount > most ? amount : most;
        }, 0n);
    }

    /** measured ≤ constant ≤ 1.6 × measured; a failure shows the whole table. */
    expectHonest(constant: string, value: bigint, names: readonly string[]): void {
        const most = this.most(names);
        const small = value < most;
        if (small || value * 10n > most * MOST_TENTHS) {
            const verdict = small ? `${most - value} too small` : `more than 1.6 times what is needed`;
            throw new Error(`${constant} = ${value} is ${verdict}; measured ${most}\n\n${this.table()}`);
        }
    }

    /** Everything measured, the dearest first. */
    table(): string {
        return [...this.measured]
            .sort(([, a], [, b]) => (b > a ? 1 : -1))
            .map(([name, amount]) => `${String(amount).padStart(8)}  ${name}`)
            .join('\n');
    }
}
