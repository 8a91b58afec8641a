import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { compare, Limits, Snapshot, toSnapshot } from './compare';
import { measureAll } from './scenarios';
import { printComparison } from './report';
import { PRICE_SETS } from '../tests/helpers/prices';

const CHAINS = path.join(__dirname, 'chains.json');
const LIMITS = path.join(__dirname, 'limits.json');

async function main(): Promise<void> {
    const options = new Command('npm run gas --')
        .description(
            'Measures the gas and the fees of the named scenarios under both price sets, and compares them with ' +
                'gas/chains.json (a rise fails) and with the ceilings of gas/limits.json (which --update never touches).',
        )
        .option('--update', 'write what was measured to gas/chains.json')
        .option('--json', 'print one JSON object instead of the table')
        .parse()
        .opts<{ update?: boolean; json?: boolean }>();

    const measured: Awaited<ReturnType<typeof measureAll>>[] = [];
    for (const prices of PRICE_SETS) {
        const interactive = process.stderr.isTTY;
        measured.push(
            await measureAll(prices, (scenario) => {
                process.stderr.write(interactive ? `\r\x1b[2K${prices}: ${scenario}` : `${prices}: ${scenario}\n`);
            }),
        );
        process.stderr.write(interactive ? '\r\x1b[2K' : '');
    }
    const snapshot = toSnapshot(measured[0]!, measured[1]!);
    const committed = read<Snapshot>(CHAINS);
    const comparison = compare(snapshot, options.update ? snapshot : committed, read<Limits>(LIMITS));
    if (options.update) {
        writeFileSync(CHAINS, `${JSON.stringify(snapshot, null, 4)}\n`);
    }
    if (options.json) {
        process.stdout.write(`${JSON.stringify({ measured: snapshot, failures: comparison.failures })}\n`);
    } else {
        printComparison(comparison, options.update ? committed : undefined);
    }
    process.exitCode = comparison.failures.length > 0 ? 1 : 0;
}

function read<T>(file: string): T {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
}

void main();
