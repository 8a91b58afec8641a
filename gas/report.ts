import Table from 'cli-table3';
import pc from 'picocolors';
import { Comparison, Limits, Snapshot } from './compare';
import { Sizes } from './sizesGate';

/** Prints the table and what failed. `replaced`: the snapshot that --update has just overwritten. */
export function printComparison({ rows, failures }: Comparison, sizes: Sizes, replaced?: Snapshot): void {
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
            ceiling(limit),
            ton(row.fees.default),
            ton(row.fees['2026-06']),
        ]);
    }
    console.log(table.toString());
    console.log('Gas and fees (TON) of all contracts in the chain; wallets’ own are left out, but for …ByWallet.');
    const stored = new Table({
        head: ['contract in use', 'code', 'first data', 'data', 'account', 'rent a year, default', '2026-06'],
        colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
        style: { head: [], border: [] },
    });
    for (const [contract, { code, uninit, live, account, rent }] of Object.entries(sizes)) {
        const shown = [code, uninit, live, account].map(({ cells, bits }) => `${cells} / ${bits.toLocaleString('en')}`);
        stored.push([contract, ...shown, ton(rent.default), ton(rent['2026-06'])]);
    }
    console.log(stored.toString());
    console.log('Cells / bits; rent (TON).');
    for (const failure of failures) {
        console.error(pc.red(failure));
    }
    if (failures.length === 0) {
        console.log(pc.green('No scenario is dearer and no contract larger than its snapshot or its ceiling.'));
    }
}

/** A ceiling in words: gas, or fees at default prices. */
export function ceiling(limit: Limits[string] | undefined): string {
    const { gas, fees } = limit ?? {};
    return [gas?.toLocaleString('en'), fees === undefined ? undefined : `${ton(fees)} TON`]
        .filter((each) => each !== undefined)
        .join(', ');
}

function change(difference: number): string {
    return difference === 0 ? '–' : `${difference > 0 ? '+' : ''}${difference.toLocaleString('en')}`;
}

/** nanoTON in TON. */
export function ton(nano: number, decimals = 9): string {
    return (nano / 1e9).toFixed(decimals);
}
