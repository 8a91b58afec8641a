import { Limits, Snapshot } from './compare';
import { ceiling, ton } from './report';

/**
 * The table of scenarios with the snapshot's figures; what happens in them stays as somebody wrote it.
 *
 * @throws Error if the table lacks a scenario
 */
export function withTable(text: string, snapshot: Snapshot, limits: Limits): string {
    const missing = new Set(Object.keys(snapshot));
    const changed = text.replace(
        /^\| `([\w.]+)` +\|([^|]+)\|[^|]+\|[^|]+\|[^|]*\|[^|]+\|[^|]+\|$/gm,
        (line, scenario: string, words: string) => {
            const row = snapshot[scenario];
            if (row === undefined) {
                return line;
            }
            missing.delete(scenario);
            const { transactions, gas, fees } = row;
            const figures = [transactions, gas.toLocaleString('en'), ceiling(limits[scenario])];
            const amounts = [ton(fees.default), ton(fees['2026-06'])];
            return `| \`${scenario}\` | ${[words.trim(), ...figures, ...amounts].join(' | ')} |`;
        },
    );
    if (missing.size > 0) {
        throw new Error(`docs/fees.md has no row for ${[...missing].join(', ')}: add one that says what happens`);
    }
    return changed;
}

/** The text with each "1,234 gas, 0.0056 TON (`scenario`)" as it was measured. */
export function withQuotes(text: string, snapshot: Snapshot): string {
    return text.replace(/[\d,]+ gas, [\d.]+ TON \(`([\w.]+)`\)/g, (quote, scenario: string) => {
        const row = snapshot[scenario];
        return row === undefined
            ? quote
            : `${row.gas.toLocaleString('en')} gas, ${ton(row.fees.default, 4)} TON (\`${scenario}\`)`;
    });
}
