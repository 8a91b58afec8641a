import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { browserLaps } from './engine/browser';
import { HOW_TO_INSTALL, PEERS } from './engine/contenders';
import { nodeLaps } from './engine/node';
import type { Laps } from './engine/product';
import { median, traceCost, TraceCost } from './engine/trace';

const PLAN = { sizes: [512, 1024], runs: 9 };
/** More of them: the difference that is looked for is a few percent of a fifth of a second. */
const TRACE_RUNS = 41;
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
    const rows = (await nodeLaps(PLAN)).flatMap(rowsOf);
    process.stderr.write('a page of Chromium\n');
    const browserRows = (await browserLaps(PLAN)).flatMap(rowsOf);
    process.stderr.write('the trace\n');
    const trace = await traceCost(TRACE_RUNS);
    await writeFile(PAGE, page(rows, browserRows, trace));
    console.log(page(rows, browserRows, trace));
    // Dawn's own threads do not end by themselves.
    process.exit();
}

/** The engine is the first contender. */
function rowsOf({ size, contenders }: Laps): Row[] {
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

Medians of ${PLAN.runs} interleaved runs, the result read back. The last column is the contender's time divided by the engine's: above 1 the
engine is faster. In Node, each contender in a process of its own; all products are equal, bit by bit:

${table(rows)}

ONNX Runtime's WebGPU provider has no product of two int8. What it computes here is a product of floats, of the same numbers, of which sums
this small are exact; and MatMulNBits, with weights of int8 and inputs of floats that it rounds to int8 itself, and of these loses nothing.
onnxruntime-node brings a Dawn of its own for it; its device, named by the Vulkan loader, is the engine's. Inputs are copied there in
each run, the engine's once.

In browsers the provider is onnxruntime-web's, with inputs that stay on the device. Both in turns on one page of headless Chromium, with its
SwiftShader:

${table(browserRows)}

## What a trace costs

A random decoder (${model}), ${positions} positions, medians of ${TRACE_RUNS} interleaved runs: ${plain.toFixed(0)} ms without a trace, ${traced.toFixed(0)} ms with one,
${(100 * (traced / plain - 1)).toFixed(0)} % more.
`;
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
});
