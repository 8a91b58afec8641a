import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { compare, Limits, Snapshot, toSnapshot } from './compare';
import { withQuotes, withTable } from './pages';
import { measureAll } from './scenarios';
import { printComparison } from './report';
import { rewrite } from './rewrite';
import { measureSizes } from './sizes';
import { compareSizes, joinSizes, Sizes } from './sizesGate';
import { PRICE_SETS } from '../tests/helpers/prices';

const CHAINS = path.join(__dirname, 'chains.json');
const SIZES = path.join(__dirname, 'sizes.json');
const LIMITS = path.join(__dirname, 'limits.json');

async function main(): Promise<void> {
    const options = new Command('npm run gas --')
        .description(
            'Measures the gas and the fees of the named scenarios, and the sizes and the rent of the contracts, under both price sets, ' +
                'and compares them with gas/chains.json and gas/sizes.json (a rise fails) and with the ceilings of gas/limits.json ' +
                '(which --update never touches).',
        )
        .option(
            '--update',
            'write what was measured to both files, and to docs/fees.md and README.md, which quote them',
        )
        .option('--json', 'print one JSON object instead of the tables')
        .parse()
        .opts<{ update?: boolean; json?: boolean }>();

    const chains: Awaited<ReturnType<typeof measureAll>>[] = [];
    const accounts: Awaited<ReturnType<typeof measureSizes>>[] = [];
    for (const prices of PRICE_SETS) {
        const interactive = process.stderr.isTTY;
        const progress = (scenario: string) => {
            process.stderr.write(interactive ? `\r\x1b[2K${prices}: ${scenario}` : `${prices}: ${scenario}\n`);
        };
        chains.push(await measureAll(prices, progress));
        progress('sizes');
        accounts.push(await measureSizes(prices));
        process.stderr.write(interactive ? '\r\x1b[2K' : '');
    }
    const snapshot = toSnapshot(chains[0]!, chains[1]!);
    const sizes = joinSizes(accounts[0]!, accounts[1]!);
    const limits = read<Limits>(LIMITS);
    const committed = read<Snapshot>(CHAINS);
    const comparison = compare(snapshot, options.update ? snapshot : committed, limits);
    if (options.update) {
        writeFileSync(CHAINS, `${JSON.stringify(snapshot, null, 4)}\n`);
        writeFileSync(SIZES, `${JSON.stringify(sizes, null, 4)}\n`);
        await rewrite('docs/fees.md', (text) => withTable(text, snapshot, limits));
        await rewrite('README.md', (text) => withQuotes(text, snapshot));
    } else {
        comparison.failures.push(...compareSizes(sizes, read<Sizes>(SIZES)));
    }
    if (options.json) {
        process.stdout.write(`${JSON.stringify({ measured: snapshot, sizes, failures: comparison.failures })}\n`);
    } else {
        printComparison(comparison, sizes, options.update ? committed : undefined);
    }
    process.exitCode = comparison.failures.length > 0 ? 1 : 0;
}

function read<T>(file: string): T {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
}

void main();
