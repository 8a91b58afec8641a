import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { browserLaps } from './engine/browser';
import { Hello, Lap } from './engine/child';
import { ContenderName, HOW_TO_INSTALL, PEERS } from './engine/contenders';
import type { PageLaps } from './engine/page';
import { median, traceCost, TraceCost } from './engine/trace';

const SIZES = [512, 1024];
const CONTENDERS: readonly ContenderName[] = ['engine', 'wasm-1', 'wasm-2', 'node-2'];
const RUNS = 9;
const PAGE = join(__dirname, '../docs/benchmarks.md');

interface Row {
    readonly size: number;
    readonly on: string;
    readonly milliseconds: number;
    /** Its time divided by the engine's. */
    readonly ratio: number;
}

/** Measures the engine beside what one would use instead, in one run on one machine, and writes docs/benchmarks.md. */
async function main(): Promise<void> {
    if (!existsSync(join(PEERS, 'node_modules')))
        throw new Error(`The libraries to compare with are missing: ${HOW_TO_INSTALL}`);
    const rows: Row[] = [];
    for (const size of SIZES) rows.push(...(await measure(size)));
    process.stderr.write('a page of Chromium\n');
    const browserRows = (await browserLaps({ sizes: SIZES, runs: RUNS })).flatMap(rowsOf);
    process.stderr.write('the trace\n');
    const trace = await traceCost(RUNS);
    await writeFile(PAGE, page(rows, browserRows, trace));
    console.log(page(rows, browserRows, trace));
    // Dawn's own threads do not end by themselves.
    process.exit();
}

/** Interleaved runs: each contender computes once, then each again. */
async function measure(size: number): Promise<Row[]> {
    const children = CONTENDERS.map((name) => fork(join(__dirname, 'engine/child.ts'), [name, String(size)]));
    const answer = async <T>(i: number): Promise<T> => ((await once(children[i]!, 'message')) as [T])[0];
    const hellos = await Promise.all(children.map((_, i) => answer<Hello>(i)));
    const laps: Lap[][] = CONTENDERS.map(() => []);
    for (let run = -1; run < RUNS; run++) {
        for (const i of CONTENDERS.keys()) {
            const next = answer<Lap>(i);
            children[i]!.send('run');
            const lap = await next;
            if (run >= 0) laps[i]!.push(lap);
        }
        process.stderr.write(`${size}: run ${run + 1} of ${RUNS}\n`);
    }
    children.forEach((child) => child.disconnect());
    const digests = new Set(laps.flat().map(({ digest }) => digest));
    if (digests.size !== 1) throw new Error(`The products of ${size} differ: ${[...digests].join(', ')}`);
    const contenders = laps.map((own, i) => ({
        on: hellos[i]!.on!,
        milliseconds: own.map(({ milliseconds }) => milliseconds),
    }));
    return rowsOf({ size, contenders });
}

/** The engine is the first contender. */
function rowsOf({ size, contenders }: PageLaps): Row[] {
    const medians = contenders.map(({ milliseconds }) => median(milliseconds));
    return contenders.map(({ on }, i) => ({ size, on, milliseconds: medians[i]!, ratio: medians[i]! / medians[0]! }));
}

function table(rows: readonly Row[]): string {
    const lines = rows.map(({ size, on, milliseconds, ratio }) => {
        const giga = (2 * size ** 3) / milliseconds / 1e6;
        return `| ${size}³ | ${on} | ${milliseconds.toFixed(1)} | ${giga.toFixed(1)} | ${ratio.toFixed(2)} |`;
    });
    return `| product | on | ms | 10⁹ operations/s | time / engine's |
| ------- | -- | -: | ---------------: | --------------: |
${lines.join('\n')}`;
}

function page(
    rows: readonly Row[],
    browserRows: readonly Row[],
    { model, positions, plain, traced }: TraceCost,
): string {
    return `# Benchmarks

Written by \`npm run bench:engine\` on ${cpus().length} cores of ${cpus()[0]!.model.trim()}, Node ${process.version}. Ratios count; times are those of this
machine and whatever else it did.

## int8 products

Medians of ${RUNS} interleaved runs, the result read back. The last column is the contender's time divided by the engine's: above 1 the
engine is faster. In Node, each contender in a process of its own; all products are equal, bit by bit:

${table(rows)}

ONNX Runtime's WebGPU provider has no integer product, so what it computes is a product of floats, of the same numbers: sums this small are
exact, and equal to the engine's. It runs in browsers, so both are measured in turns on one page of headless Chromium, with its SwiftShader:

${table(browserRows)}

## What a trace costs

A random decoder (${model}), ${positions} positions, medians of ${RUNS} interleaved runs: ${plain.toFixed(0)} ms without a trace, ${traced.toFixed(0)} ms with one,
${(100 * (traced / plain - 1)).toFixed(0)} % more.
`;
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
});
