import { Command, InvalidArgumentError, Option } from 'commander';
import { Defect } from './crash/messages';
import { CrashResult } from './crash/result';
import { crash } from './crash/run';

interface Options {
    kills: number;
    seed: number;
    json: boolean;
    defect: Defect | null;
}

async function main(): Promise<void> {
    const options = new Command('npm run crash:channels --')
        .description(
            'Runs a client and a worker of one payment channel as two processes, each with its own SQLite file, kills one or the ' +
                'other with SIGKILL at random moments while requests are paid and vouchers redeemed, starts it again from its file, ' +
                'and checks everything that left either process against both files and the chain. Exits with 1 on any violation.',
        )
        .option('--kills <number>', 'how often one of the two is killed', whole, 100)
        .option(
            '--seed <number>',
            'decides who is killed and when; how far the processes are then is not repeatable',
            whole,
            1,
        )
        .option('--json', 'print one JSON object instead of the text', false)
        .addOption(
            new Option('--defect <kind>', 'stores that say too early that a row is durable: the checks must fail')
                .choices(['late-commit'])
                .default(null)
                .hideHelp(),
        )
        .parse()
        .opts<Options>();

    const result = await crash({ ...options, progress });
    progress();
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : text(result));
    process.exitCode = result.violations > 0 ? 1 : 0;
}

function text(result: CrashResult): string {
    const { kills, keptOnly, details } = result;
    const sum = [
        `kills: ${kills.client} of the client (${keptOnly.client} with a voucher kept and not sent), ` +
            `${kills.worker} of the worker (${keptOnly.worker} with a receipt kept and not sent)`,
        `requests paid: ${result.requestsPaid}`,
        `given up: ${result.requestsGivenUp}`,
        `receipts: ${result.receipts}`,
        `vouchers that left: ${result.vouchersThatLeft}`,
        `redemptions: ${result.redemptions}`,
        `violations: ${result.violations}`,
    ];
    return [...details.map((detail) => `VIOLATION ${detail}`), sum.join('; '), ''].join('\n');
}

let shown = 0;

/** At most once in a while; without a text the line is cleared. */
function progress(line?: string): void {
    const interactive = process.stderr.isTTY;
    if (line !== undefined && Date.now() - shown > (interactive ? 200 : 5_000)) {
        shown = Date.now();
        process.stderr.write(interactive ? `\r\x1b[2K${line}` : `${line}\n`);
    } else if (line === undefined && interactive) {
        process.stderr.write('\r\x1b[2K');
    }
}

function whole(value: string): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < 1) {
        throw new InvalidArgumentError('pass a whole number of at least 1');
    }
    return number;
}

void main();
