import fc from 'fast-check';
import { Play } from './actions';
import { commands } from './commands';
import { Coverage } from './coverage';
import { genesis, playIn } from './genesis';
import { bringToEnd, situationOf } from './ending';

/** What came of a number of runs. */
export interface Campaign {
    readonly coverage: Coverage;
    readonly situations: Set<string>;
    runs: number;
    /** Messages that somebody sent, and how many of those were accepted. */
    commands: number;
    accepted: number;
}

export function campaign(): Campaign {
    return { coverage: new Coverage(), situations: new Set(), runs: 0, commands: 0, accepted: 0 };
}

export interface Plan {
    readonly seed: number;
    readonly runs: number;
    /** Commands of a run at most. */
    readonly length: number;
    /** How long a failure is made shorter. */
    readonly shrinkingSeconds: number;
    /** Repeats one run only: what a failure printed. */
    readonly replay?: { readonly path: string; readonly replayPath: string };
    readonly afterRun?: () => void;
}

/**
 * Runs random plays and adds them up. Returns what a failure has to say: the guarantee that broke, the shortest sequence that breaks
 * it, and how to repeat it; undefined if nothing broke.
 */
export async function fight(sum: Campaign, plan: Plan): Promise<string | undefined> {
    const start = await genesis();
    let shrinksUntil = Infinity;
    const property = fc.asyncProperty(commands(plan.length, plan.replay?.replayPath), async (sequence) => {
        if (Date.now() > shrinksUntil) {
            return;
        }
        let play: Play | undefined;
        try {
            await fc.asyncModelRun(() => {
                play = playIn(start, sum.coverage, sum.situations);
                return { model: {}, real: play };
            }, sequence);
            sum.situations.add(situationOf(play!.world));
            await bringToEnd(play!.world, play!.memory);
        } catch (error) {
            shrinksUntil = Math.min(shrinksUntil, Date.now() + 1000 * plan.shrinkingSeconds);
            throw error;
        }
        const { sent, accepted } = play!;
        sum.runs++;
        sum.commands += sent;
        sum.accepted += accepted;
        plan.afterRun?.();
    });
    const details = await fc.check(property, {
        seed: plan.seed,
        numRuns: plan.runs,
        ...(plan.replay === undefined ? {} : { path: plan.replay.path, endOnFailure: true }),
    });
    if (!details.failed) {
        return undefined;
    }
    const { counterexamplePath, counterexample, errorInstance } = details;
    const sequence = String(counterexample?.[0]);
    const replayPath = /replayPath="([^"]*)"/.exec(sequence)?.[1] ?? '';
    return [
        `BROKEN: ${errorInstance instanceof Error ? errorInstance.message : String(errorInstance)}`,
        '',
        'The shortest sequence found that breaks it:',
        ...sequence
            .replace(/\/\*replayPath=.*$/, '')
            .split(/,(?=[A-Z][a-z]+\(\d)/)
            .map((command) => `  ${command}`),
        '',
        'Again: npm run fuzz -- ' +
            `--seed ${plan.seed} --path ${counterexamplePath} --replay '${replayPath}' --length ${plan.length}`,
    ].join('\n');
}
