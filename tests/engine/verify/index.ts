import { Command } from 'commander';
import { allCases } from './cases';
import { openChromiumHost } from './chromiumHost';
import { Host, MissingHostError } from './host';
import { openNodeHost } from './nodeHost';
import { compareOutcomes, Outcome } from './outcome';
import { refereeOutcome } from './refereeOutcome';

/** What the program prints with `--json`. */
interface Report {
    /** Drivers that the engine ran on. */
    readonly drivers: string[];
    /** Where it ran; the referee is what everything is compared with. */
    readonly hosts: string[];
    readonly tensorsCompared: number;
    readonly mismatches: number;
}

interface Options {
    readonly json: boolean;
    readonly gpu: boolean;
    readonly seeds: number;
    readonly requireDrivers: number;
}

const PROGRESS_AFTER_MS = 2_000;

async function main(): Promise<void> {
    const { json, gpu, seeds, requireDrivers } = readOptions();
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const openers = [
        () => openNodeHost('swiftshader'),
        () => openNodeHost('lavapipe'),
        () => openChromiumHost(),
        ...(gpu ? [() => openNodeHost('gpu')] : []),
    ];
    const cases = [...allCases(seeds)];
    say(`${cases.length} runs of random models, first by the referee, in plain JavaScript`);
    const expected = cases.map(refereeOutcome);

    const drivers = new Set<string>();
    const hosts = new Set<string>(['javascript']);
    let [tensorsCompared, mismatches] = [0, 0];
    for (const open of openers) {
        const host = await openOrSay(open, say);
        if (host === undefined) continue;
        try {
            const found = await verify(host, cases, expected, say);
            tensorsCompared += found.tensors;
            mismatches += found.mismatches;
            drivers.add(host.driver);
            hosts.add(host.name);
        } finally {
            await host.close();
        }
    }
    const report: Report = { drivers: [...drivers], hosts: [...hosts], tensorsCompared, mismatches };
    if (json) console.log(JSON.stringify(report));
    else console.log(`${tensorsCompared} tensors compared on ${report.drivers.join(', ')}: ${mismatches} differ`);
    if (drivers.size < requireDrivers) {
        say(`${requireDrivers} drivers are required, ${drivers.size} could be had.`);
        process.exitCode = 1;
    }
    if (mismatches > 0 || tensorsCompared === 0) process.exitCode = 1;
}

function readOptions(): Options {
    const count = (value: string): number => {
        if (!/^\d+$/.test(value)) throw new Error(`"${value}" is no number of times`);
        return Number(value);
    };
    return new Command('engine:verify')
        .description(
            'Compares the engine with the referee, tensor by tensor, on every driver and host of this machine.',
        )
        .option('--json', 'prints one line of JSON', false)
        .option('--gpu', "also on the machine's own GPU", false)
        .option('--seeds <number>', 'runs of every shape with every kind of numbers', count, 1)
        .option('--require-drivers <number>', 'fails where fewer drivers could be had', count, 1)
        .parse()
        .opts<Options>();
}

async function openOrSay(open: () => Promise<Host>, say: (line: string) => void): Promise<Host | undefined> {
    try {
        return await open();
    } catch (error) {
        if (!(error instanceof MissingHostError)) throw error;
        say(`left out: ${error.message}`);
        return undefined;
    }
}

async function verify(
    host: Host,
    cases: readonly Parameters<Host['run']>[0][],
    expected: readonly Outcome[],
    say: (line: string) => void,
): Promise<{ tensors: number; mismatches: number }> {
    let [tensors, mismatches] = [0, 0];
    let spoken = Date.now();
    for (const [i, given] of cases.entries()) {
        const found = compareOutcomes(await host.run(given), expected[i]!);
        tensors += found.tensors;
        mismatches += found.mismatches.length;
        for (const name of found.mismatches.slice(0, 3))
            say(`differs in ${host.name} on ${host.driver}: ${given.name}: ${name}`);
        if (Date.now() - spoken > PROGRESS_AFTER_MS) {
            say(`${host.name} on ${host.driver}: ${i + 1} of ${cases.length}`);
            spoken = Date.now();
        }
    }
    say(`${host.name} on ${host.adapter}: ${tensors} tensors, ${mismatches} differ`);
    return { tensors, mismatches };
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
