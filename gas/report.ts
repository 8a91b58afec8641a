import Table from 'cli-table3';
import pc from 'picocolors';
import { Comparison, Snapshot } from './compare';

/** Prints the table and what failed. `replaced`: the snapshot that --update has just overwritten. */
export function printComparison({ rows, failures }: Comparison, replaced?: Snapshot): void {
    const table = new Table({
        head: ['scenario', 'tx', 'gas', 'change', 'ceiling', 'fees, default', 'fees, 2026-06'],
        colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
        style: { head: [], border: [] },
    });
    for (const { scenario, row, committed, limit } of rows) {
        const before = (replaced ? replaced[scenario] : committed)?.gas;
        table.push([
            scenario,
            row.transactions,
            row.gas.toLocaleString('en'),
            before === undefined ? 'new' : change(row.gas - before),
            limit?.toLocaleString('en') ?? '',
            ton(row.fees.default),
            ton(row.fees['2026-06']),
        ]);
    }
    console.log(table.toString());
    console.log('Gas and fees (TON) of all contracts in the chain; wallets’ own are left out.');
    for (const failure of failures) {
        console.error(pc.red(failure));
    }
    if (failures.length === 0) {
        console.log(pc.green('No scenario is dearer than its snapshot or its ceiling.'));
    }
}

function change(difference: number): string {
    return difference === 0 ? '–' : `${difference > 0 ? '+' : ''}${difference.toLocaleString('en')}`;
}

function ton(nano: number): string {
    return (nano / 1e9).toFixed(9);
}
