import './nativeSha256';
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { campaign, Campaign, fight } from './campaign';
import { transitions } from './coverage';

interface Options {
    readonly seconds?: number;
    readonly commands?: number;
    readonly seed: number;
    readonly length: number;
    readonly workers: number;
    readonly path?: string;
    readonly replay: string;
    readonly atLeast: number;
    readonly json?: boolean;
}

/** What a worker tells after each run: what was added since the last time. */
interface Report {
    readonly runs: number;
    readonly commands: number;
    readonly accepted: number;
    readonly counts: [string, number][];
    readonly situations: string[];
    readonly failure?: string;
}

const RUNS_OF_A_SEED = 1000;
const DEFAULT_SECONDS = 60;
const SHRINKING_SECONDS = 120;

function whole(text: string): number {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < 0) {
        throw new InvalidArgumentError('A whole number, please.');
    }
    return number;
}

function positive(text: string): number {
    const number = whole(text);
    if (number === 0) {
        throw new InvalidArgumentError('A number above 0, please.');
    }
    return number;
}

const program = new Command('fuzz')
    .description(
        'Drives the real contracts and the model of the protocol side by side with random messages of anybody, and stops at the first\n' +
            'guarantee that breaks. Ends after the time or the number of commands that is given, whichever comes first.',
    )
    .option('--seconds <n>', `how long (default: ${DEFAULT_SECONDS}, unless --commands is given)`, positive)
    .option('--commands <n>', 'how many messages somebody sends', positive)
    .option('--seed <n>', 'where the random numbers begin', whole, 1)
    .option('--length <n>', 'commands of a run at most', positive, 150)
    .option('--workers <n>', 'processes', positive, availableParallelism())
    .option('--at-least <n>', 'how often each transition has to be taken', whole, 0)
    .option('--path <path>', 'repeats one run, as a failure printed it')
    .option('--replay <path>', 'the commands of that run', '')
    .option('--json', 'prints the sum as JSON')
    .addHelpText(
        'after',
        '\nFor example:\n  npm run fuzz -- --seconds 600 --at-least 20\n  npm run fuzz -- --commands 10000 --seed 7',
    );

/** One process: seeds of its own, until the parent ends it or something breaks. */
async function work(options: Options, at: number): Promise<void> {
    for (let seed = options.seed + at; ; seed += options.workers) {
        const sum = campaign();
        let before = { runs: 0, commands: 0, accepted: 0 };
        const told = new Map<string, number>();
        const tell = (failure?: string) => {
            const counts = sum.coverage.entries().map(([key, count]): [string, number] => {
                const more = count - (told.get(key) ?? 0);
                told.set(key, count);
                return [key, more];
            });
            const { runs, commands, accepted } = sum;
            process.send!({
                runs: runs - before.runs,
                commands: commands - before.commands,
                accepted: accepted - before.accepted,
                counts: counts.filter(([, more]) => more > 0),
                situations: [...sum.situations],
                failure,
            } satisfies Report);
            before = { runs, commands, accepted };
            sum.situations.clear();
        };
        const failure = await fight(sum, {
            ...{ seed, runs: RUNS_OF_A_SEED, length: options.length, shrinkingSeconds: SHRINKING_SECONDS },
            afterRun: () => tell(),
        });
        if (failure !== undefined) {
            tell(failure);
            return;
        }
    }
}

/** Starts the processes and adds up what they tell until it is enough. */
async function lead(options: Options): Promise<{ sum: Campaign; failure: string | undefined; seconds: number }> {
    const sum = campaign();
    const began = Date.now();
    const elapsed = () => (Date.now() - began) / 1000;
    const limit = options.seconds ?? (options.commands === undefined ? DEFAULT_SECONDS : Infinity);
    const enough = () => elapsed() >= limit || sum.commands >= (options.commands ?? Infinity);
    const shows = process.stderr.isTTY && options.json !== true;
    const workers = Array.from({ length: options.workers }, (_, at) =>
        fork(__filename, [...process.argv.slice(2), '--workers', String(options.workers)], {
            env: { ...process.env, FUZZ_WORKER: String(at) },
        }),
    );
    const failure = await new Promise<string | undefined>((resolve, reject) => {
        const timer = setInterval(() => {
            if (shows) {
                process.stderr.write(`\r${line(sum)}, ${elapsed().toFixed(0)} s `);
            }
            if (enough()) {
                done(undefined);
            }
        }, 500);
        const done = (result: string | undefined) => {
            clearInterval(timer);
            workers.forEach((worker) => worker.kill());
            resolve(result);
        };
        for (const worker of workers) {
            worker.on('message', (report: Report) => {
                sum.runs += report.runs;
                sum.commands += report.commands;
                sum.accepted += report.accepted;
                report.counts.forEach(([key, count]) => sum.coverage.add(key, count));
                report.situations.forEach((situation) => sum.situations.add(situation));
                if (report.failure !== undefined) {
                    done(report.failure);
                }
            });
            worker.on('exit', (code) => {
                if (code !== null && code !== 0) {
                    clearInterval(timer);
                    reject(new Error(`A process ended with ${code}`));
                }
            });
        }
    });
    if (shows) {
        process.stderr.write('\n');
    }
    return { sum, failure, seconds: elapsed() };
}

function shareOf({ accepted, commands }: Campaign): string {
    return commands === 0 ? '0.0' : ((100 * accepted) / commands).toFixed(1);
}

function line(sum: Campaign): string {
    const all = transitions();
    const covered = all.length - sum.coverage.missing(1).length;
    return `${sum.commands} commands, ${shareOf(sum)} % accepted, ${covered} of ${all.length} transitions covered`;
}

async function main(): Promise<number> {
    const options = program.parse().opts<Options>();
    if (process.env.FUZZ_WORKER !== undefined) {
        await work(options, Number(process.env.FUZZ_WORKER));
        return 0;
    }
    if (options.path !== undefined) {
        const replay = { path: options.path, replayPath: options.replay };
        const failure = await fight(campaign(), { ...options, runs: 1, shrinkingSeconds: 0, replay });
        console.log(failure ?? 'It does not break any more.');
        return failure === undefined ? 0 : 1;
    }
    const { sum, failure, seconds } = await lead(options);
    const all = transitions();
    const least = Math.min(...all.map((transition) => sum.coverage.of(transition)));
    const rare = sum.coverage.missing(Math.max(1, options.atLeast));
    const unexpected = sum.coverage.unexpected();
    const violations = (failure === undefined ? 0 : 1) + unexpected.length;
    if (options.json === true) {
        const { runs, commands, accepted, situations } = sum;
        const share = commands === 0 ? 0 : accepted / commands;
        const covered = all.length - sum.coverage.missing(1).length;
        const figures = { runs, commands, accepted, share, transitions: all.length, covered, least };
        console.log(
            JSON.stringify({ ...figures, situations: situations.size, rare, unexpected, violations, failure, seconds }),
        );
    } else {
        console.log(sum.coverage.print());
        console.log('Each field: accepted / taken without effect / refused; – cannot be.');
        rare.forEach((transition) =>
            console.log(`taken less than ${Math.max(1, options.atLeast)} times: ${transition}`),
        );
        unexpected.forEach((transition) => console.log(`in no diagram: ${transition}`));
        if (failure !== undefined) {
            console.log(`\n${failure}\n`);
        }
        console.log(
            `${sum.runs} runs, ${sum.situations.size} situations from which strangers and time ended everything; ` +
                `each transition at least ${least} times; ${seconds.toFixed(0)} s`,
        );
        console.log(`${line(sum)}, ${violations} violations`);
    }
    return violations > 0 || (options.atLeast > 0 && rare.length > 0) ? 1 : 0;
}

main().then(
    (code) => process.exit(code),
    (error: unknown) => {
        console.error(error);
        process.exit(1);
    },
);
