import { Command, InvalidArgumentError, Option } from 'commander';
import { PRICE_SETS, PriceSet } from '../tests/helpers/prices';
import { SCENARIOS } from './scenarios';

/** Names the payment channel among the branches. */
export const CHANNEL_BRANCH = 'channel';

const BRANCHES = [...SCENARIOS.map(({ branch }) => branch), CHANNEL_BRANCH];

/** How the demo was called. */
export interface DemoOptions {
    /** One JSON object on standard output, and nothing else there. */
    readonly json: boolean;
    /** Without a WebGPU adapter fail, instead of computing with the referee. */
    readonly requireGpu: boolean;
    readonly prices: PriceSet;
    /** Decides keys, salts and which digits are classified. */
    readonly seed: number;
    /** Branches to play; empty for all. */
    readonly only: readonly string[];
    /** nanoTON to take from the client's wallet behind the ledger's back; negative adds. */
    readonly lose: bigint;
}

/**
 * Reads the command line; for `--help` or a mistake it ends the process.
 *
 * @param args - what follows the script's name
 * @param environment - where `CI` is looked for
 */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): DemoOptions {
    const command = new Command('npm run demo --')
        .description(
            'Runs the compute market on a chain of its own: a provider stakes, a client orders the classification of ' +
                'real handwritten digits, one job takes each way that a job can take, and a channel carries a thousand paid requests. Every nanoTON is accounted for.',
        )
        .option('--json', 'print one JSON object on standard output, and progress on standard error', false)
        .option('--require-gpu', 'fail without a WebGPU adapter (default where CI is set)')
        .option('--no-require-gpu', 'without an adapter compute with the plain TypeScript referee')
        .addOption(
            new Option('--prices <set>', 'what the chain charges: the sandbox’s own, or those of mainnet since 2026')
                .choices(PRICE_SETS)
                .default('default'),
        )
        .option('--seed <number>', 'decides keys, salts and which digits are classified', parseSeed, 1)
        .addOption(new Option('--only <branch...>', 'play these branches only').choices(BRANCHES).default([]))
        .addOption(
            new Option('--lose <nanoton>', 'take this much from the client unseen, to watch the accounting find it')
                .argParser(parseLoss)
                .default(0n, 'nothing'),
        )
        .addHelpText(
            'after',
            '\nExit status: 0 when every job ended as it should, every result is the referee’s, and not one nanoTON is\n' +
                'missing; 1 otherwise.\n\n' +
                'Environment: COMPUTE_MARKET_NO_GPU=1 hides every WebGPU adapter.',
        )
        .parse(args, { from: 'user' });
    const { requireGpu, ...rest } = command.opts<Omit<DemoOptions, 'requireGpu'> & { requireGpu?: boolean }>();
    return { ...rest, requireGpu: requireGpu ?? isSet(environment.CI) };
}

function isSet(variable: string | undefined): boolean {
    return variable !== undefined && !['', '0', 'false'].includes(variable.toLowerCase());
}

function parseSeed(text: string): number {
    const seed = Number(text);
    if (!/^\d+$/.test(text) || seed > 0xffff_ffff) {
        throw new InvalidArgumentError('It is a whole number from 0 to 4294967295.');
    }
    return seed;
}

function parseLoss(text: string): bigint {
    if (!/^-?\d+$/.test(text)) {
        throw new InvalidArgumentError('It is a whole number of nanoTON.');
    }
    return BigInt(text);
}
