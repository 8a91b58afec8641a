import { toNano } from '@ton/core';
import { modelRoot } from '../protocol';
import { readDigitsModelFile } from '../worker/models/digits/model';
import { Offer } from '../wrappers';
import { chooseEngine } from './adapter';
import { playAttestation } from './attestation';
import { Digits } from './digits';
import { ChannelReport, playChannel } from './channel';
import { CHANNEL_BRANCH, DemoOptions } from './options';
import { JobReport, namedBalances, play } from './play';
import { Progress } from './progress';
import { seededBytes } from './random';
import { Report } from './report';
import { SCENARIOS } from './scenarios';
import { setStages } from './stage';
import { Outcome } from './summary';
import { createWorld, World } from './world';

/** nanoTON per million tokens: a batch of digits comes to about five TON. */
const RATES: Omit<Offer, 'modelRoot'> = {
    prompt: toNano(400),
    cached: toNano(100),
    completion: toNano(1_000),
    reasoning: toNano(1_000),
};

/** How the demo speaks. */
export interface Voice {
    /** What it shows. */
    readonly say: (text: string) => void;
    /** What must be noticed, whatever becomes of the rest. */
    readonly warn: (text: string) => void;
}

/**
 * Plays every scenario on a chain of its own, settles up, and adds everything up.
 *
 * @throws NoAdapterError without a WebGPU adapter, where one is required
 */
export async function runDemo(options: DemoOptions, { say, warn }: Voice): Promise<Outcome> {
    const progress = new Progress(warn);
    const modelFile = readDigitsModelFile();
    const { engine, adapter } = await progress.during('looking for a WebGPU adapter', () =>
        chooseEngine(modelFile, options.requireGpu),
    );
    try {
        if (adapter === null) {
            warn(
                `${'!'.repeat(78)}\nThere is no WebGPU adapter: the referee computes in its place.\n${'!'.repeat(78)}`,
            );
        }
        say(`WebGPU adapter: ${adapter ?? 'none'}`);
        const random = (label: string) => seededBytes(options.seed, label);
        const digits = await progress.during('reading the digits', async () => new Digits(options.seed));
        const world = await progress.during('opening the network', () =>
            createWorld({
                prices: options.prices,
                random,
                offer: { modelRoot: modelRoot(modelFile), ...RATES },
            }),
        );
        const report = new Report(say, () => world.names);
        report.heading('The network opens, and two providers stake and register');
        report.transactions(world.journal.entries);

        const stages = await setStages(world, { engine, modelFile, digits, random });
        const attestation = await progress.during('attestation', () => playAttestation(stages));
        report.attestation(attestation);
        const jobs: JobReport[] = [];
        for (const scenario of SCENARIOS.filter(({ branch }) => isChosen(branch, options.only))) {
            const job = await progress.during(scenario.branch, () => play(scenario, stages));
            jobs.push(job);
            report.job(job, jobs.length);
        }

        let channel: ChannelReport | undefined;
        if (isChosen(CHANNEL_BRANCH, options.only)) {
            channel = await progress.during(CHANNEL_BRANCH, () => playChannel(stages.Attested, digits, modelFile));
            report.channel(channel, jobs.length + 1);
        }

        await settleUp(world, report);
        await lose(world, options.lose);
        const statement = await world.accounting.statement();
        report.heading('The sum');
        report.statement(statement);
        return { adapter, attestation, jobs, channel, balances: await namedBalances(world), statement };
    } finally {
        engine.close();
    }
}

function isChosen(branch: string, only: readonly string[]): boolean {
    return only.length === 0 || only.includes(branch);
}

/** The owners withdraw what was earned, and somebody sends the network's fees to its treasury. */
async function settleUp(world: World, report: Report): Promise<void> {
    const { market, wallets, providers } = world;
    const before = await namedBalances(world);
    const first = world.journal.entries.length;
    for (const { owner } of Object.values(providers)) {
        await market.withdrawEarnings(owner.getSender());
        await market.flushFees(wallets.governor.getSender(), { owner: owner.address });
    }
    report.heading('The owners withdraw the earnings, and the network’s fees go to the treasury');
    report.transactions(world.journal.entries.slice(first));
    report.changes(before, await namedBalances(world));
}

/** What no message did: the accounting has to notice. */
async function lose(world: World, amount: bigint): Promise<void> {
    if (amount !== 0n) {
        const account = await world.blockchain.getContract(world.wallets.client.address);
        account.balance = account.balance - amount;
    }
}
