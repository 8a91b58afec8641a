import '../tests/machine/nativeSha256';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { Extent, FULL, measureJobs, measureOpen, measureProviders } from './growth';
import { compareGrowth, Growth, joinIdle } from './growthGate';
import { growthTables } from './growthTables';
import { measureIdle } from './idle';

const FILE = path.join(__dirname, 'growth.json');
const PARTS = ['jobs', 'open', 'providers', 'idle'] as const;

type Options = Extent & { only?: (typeof PARTS)[number]; update?: boolean; json?: boolean };

async function main(): Promise<void> {
    const options = new Command('npm run report:growth --')
        .description(
            'Measures gas and storage as the market grows and ages: jobs through one provider, jobs open at once, providers of one ' +
                'network, five years of silence. Compares with gas/growth.json, where a rise fails. The jobs alone take a quarter of an hour.',
        )
        .option('--jobs <number>', 'jobs through one provider, one after another', whole, FULL.jobs)
        .option('--open <number>', 'jobs open at once, 256 at most', whole, FULL.open)
        .option('--providers <number>', 'providers of one network', whole, FULL.providers)
        .addOption(new Option('--only <part>', 'measures one part').choices(PARTS))
        .option('--update', 'writes what was measured to gas/growth.json; parts that were not stay')
        .option('--json', 'prints one JSON object instead of the tables')
        .parse()
        .opts<Options>();

    const wanted = (part: (typeof PARTS)[number]) => (options.only ?? part) === part;
    const measured: Partial<Growth> = {};
    if (wanted('open')) {
        measured.open = await measureOpen(options.open, progress);
    }
    if (wanted('providers')) {
        measured.providers = await measureProviders(options.providers, progress);
    }
    if (wanted('idle')) {
        progress('five years of silence');
        measured.idle = joinIdle(await measureIdle('default'), await measureIdle('2026-06'));
    }
    if (wanted('jobs')) {
        measured.jobs = await measureJobs(options.jobs, progress);
    }
    progress(undefined);
    // Read now: another part may have been measured meanwhile.
    const committed: Partial<Growth> = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Growth) : {};
    const failures = options.update ? [] : compareGrowth(measured, committed);
    if (options.update) {
        const { jobs, open, providers, idle } = { ...committed, ...measured };
        writeFileSync(FILE, `${JSON.stringify({ jobs, open, providers, idle }, null, 4)}\n`);
    }
    if (options.json) {
        process.stdout.write(`${JSON.stringify({ measured, failures })}\n`);
    } else {
        console.log(growthTables(measured).join('\n'));
        failures.forEach((failure) => console.error(pc.red(failure)));
    }
    process.exitCode = failures.length > 0 ? 1 : 0;
}

let shown = 0;

/** A line that overwrites itself, twice a second; in a log a line a minute. */
function progress(what: string | undefined): void {
    const interactive = process.stderr.isTTY;
    const now = Date.now();
    if (what === undefined) {
        process.stderr.write(interactive ? '\r\x1b[2K' : '');
    } else if (now - shown > (interactive ? 500 : 60_000)) {
        shown = now;
        process.stderr.write(interactive ? `\r\x1b[2K${what}` : `${what}\n`);
    }
}

function whole(text: string): number {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < 1) {
        throw new InvalidArgumentError('A whole number above 0, please.');
    }
    return number;
}

void main();
