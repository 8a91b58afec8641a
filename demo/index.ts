import colors from 'picocolors';
import { NoAdapterError } from './adapter';
import { parseOptions } from './options';
import { runDemo } from './run';
import { problemsOf, summarise } from './summary';

/**
 * The demo as a program.
 *
 * @param args - what follows the script's name
 * @returns the exit status
 */
export async function main(args: readonly string[]): Promise<number> {
    const options = parseOptions(args, process.env);
    const show = (text: string) => void process.stdout.write(`${text}\n`);
    const warn = (text: string) => void process.stderr.write(`${text}\n`);
    const started = Date.now();
    try {
        const outcome = await runDemo(options, { say: options.json ? warn : show, warn });
        if (options.json) {
            show(JSON.stringify(summarise(outcome)));
        }
        const problems = problemsOf(outcome);
        problems.forEach((problem) => warn(colors.red(problem)));
        if (problems.length === 0) {
            const seconds = ((Date.now() - started) / 1000).toFixed(1);
            const requests = outcome.channel ? ` and ${outcome.channel.requests} paid requests in a channel` : '';
            (options.json ? warn : show)(
                `\n${outcome.jobs.length} jobs${requests}, every nanoTON accounted for, ${seconds} s.`,
            );
        }
        return problems.length === 0 ? 0 : 1;
    } catch (error) {
        if (error instanceof NoAdapterError) {
            warn(colors.red(error.message));
            return 1;
        }
        throw error;
    }
}

if (require.main === module) {
    main(process.argv.slice(2)).then(
        (status) => (process.exitCode = status),
        (error) => {
            console.error(error);
            process.exitCode = 1;
        },
    );
}
