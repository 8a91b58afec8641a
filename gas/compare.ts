import { Cost } from './measure';

/** One row of gas/chains.json. */
export interface Row {
    gas: number;
    transactions: number;
    /** nanoTON, by price set. */
    fees: { default: number; '2026-06': number };
}

export type Snapshot = Record<string, Row>;

/** gas/limits.json: the most gas that a scenario may ever take, or the most fees, nanoTON at default prices. */
export type Limits = Record<string, { gas?: number; fees?: number }>;

export interface Comparison {
    rows: { scenario: string; row: Row; committed?: Row; limit?: Limits[string] }[];
    /** Empty if everything is as cheap as it was, and below its ceiling. */
    failures: string[];
}

/** Joins the measurements of the two price sets; gas does not depend on prices, so a difference is an error. */
export function toSnapshot(atDefault: Map<string, Cost>, at2026: Map<string, Cost>): Snapshot {
    const snapshot: Snapshot = {};
    for (const [scenario, cost] of atDefault) {
        const other = at2026.get(scenario);
        if (other?.gas !== cost.gas || other.transactions !== cost.transactions) {
            throw new Error(
                `${scenario} takes ${cost.gas} gas at default prices and ${other?.gas} at those of 2026-06: ` +
                    'some step depends on prices and needs scenarios of its own',
            );
        }
        snapshot[scenario] = {
            gas: Number(cost.gas),
            transactions: cost.transactions,
            fees: { default: Number(cost.fees), '2026-06': Number(other.fees) },
        };
    }
    return snapshot;
}

/** Any rise over the committed snapshot fails, and so does a scenario without a row or a row without a scenario. */
export function compare(measured: Snapshot, committed: Snapshot, limits: Limits): Comparison {
    const failures: string[] = [];
    const rows = Object.entries(measured).map(([scenario, row]) => {
        const before = committed[scenario];
        const limit = limits[scenario];
        if (before === undefined) {
            failures.push(`${scenario} is not in gas/chains.json; accept it with npm run gas -- --update`);
        } else {
            const figures: [string, number, number][] = [
                ['gas', row.gas, before.gas],
                ['transactions', row.transactions, before.transactions],
                ['fees at default prices', row.fees.default, before.fees.default],
                ['fees at 2026-06 prices', row.fees['2026-06'], before.fees['2026-06']],
            ];
            for (const [figure, now, then] of figures) {
                if (now > then) {
                    failures.push(`${scenario}: ${figure} rose from ${then} to ${now}`);
                }
            }
        }
        if (limit?.gas !== undefined && row.gas > limit.gas) {
            failures.push(`${scenario}: ${row.gas} gas is above the ceiling of ${limit.gas}`);
        }
        if (limit?.fees !== undefined && row.fees.default > limit.fees) {
            failures.push(`${scenario}: ${row.fees.default} nanoTON are above the ceiling of ${limit.fees}`);
        }
        return { scenario, row, committed: before, limit };
    });
    for (const scenario of [...Object.keys(committed), ...Object.keys(limits)]) {
        if (!(scenario in measured)) {
            failures.push(`${scenario} was not measured`);
        }
    }
    return { rows, failures };
}
