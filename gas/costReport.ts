import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { Snapshot } from './compare';
import { costFigures } from './costFigures';
import { costPage } from './costPage';
import { Growth } from './growthGate';
import { Sizes } from './sizesGate';

const PAGE = path.join(__dirname, '..', 'docs', 'costs.md');

function main(): void {
    const options = new Command('npm run report:cost --')
        .description(
            'Writes docs/costs.md from gas/chains.json, gas/sizes.json and gas/growth.json: what using the market costs on chain, beside others. ' +
                'Measures nothing itself.',
        )
        .option('--check', 'writes nothing, and fails if the page is not what it would write')
        .option('--json', 'prints the figures as one JSON object, and writes nothing')
        .parse()
        .opts<{ check?: boolean; json?: boolean }>();

    const chains = read<Snapshot>('chains.json');
    const sizes = read<Sizes>('sizes.json');
    if (options.json) {
        process.stdout.write(`${JSON.stringify(costFigures(chains, sizes))}\n`);
        return;
    }
    const page = costPage({ chains, sizes, growth: read<Growth>('growth.json') });
    if (!options.check) {
        writeFileSync(PAGE, page);
        console.log(pc.green('docs/costs.md is written.'));
    } else if (readFileSync(PAGE, 'utf8') === page) {
        console.log(pc.green('docs/costs.md is what was measured.'));
    } else {
        console.error(pc.red('docs/costs.md is stale: write it with npm run report:cost'));
        process.exitCode = 1;
    }
}

function read<T>(name: string): T {
    return JSON.parse(readFileSync(path.join(__dirname, name), 'utf8')) as T;
}

main();
