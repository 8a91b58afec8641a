import type { NetworkProvider } from '@ton/blueprint';
import { Address } from '@ton/core';
import { readChain, requireMeant } from './chain';
import { commonFlags, Context, sendingFlags } from './context';
import { newestLt, requireNoRefusal } from './delivery';
import { deploymentPath, enterRegistry, loadDeployment, saveDeployment, written } from './deployments';
import { ScriptError } from './errors';
import { Flags, readFlags, Values } from './flags';
import { plain, table } from './output';

export * from './context';
export * from './errors';
export * from './flags';

/** What Blueprint calls. */
export type Run<T> = (provider: NetworkProvider, args: string[]) => Promise<T | null>;

interface Described<F> {
    /** The first lines of `--help`. */
    about: string;
    /** Flags of a typical call. */
    example: string;
    flags: F;
}

type Work<F, Common> = Context<Values<F> & Values<Common> & Values<typeof commonFlags>>;

/** A script that brings something about. */
export interface Goal<F extends Flags> extends Described<F> {
    /** Set if the script opens the network itself. */
    opensNetwork?: boolean;
    /** Set if all that is sent stays where it goes. */
    keepsAll?: boolean;
    /**
     * Says in words that the goal is reached, or null. Asked before anything is sent, and afterwards until it is; throws what
     * makes the goal unreachable.
     */
    reached(context: Work<F, typeof sendingFlags>): Promise<string | null>;
    /** Sends the one message that is missing. */
    act(context: Work<F, typeof sendingFlags>): Promise<unknown>;
}

/** What a script brought about. */
export interface Outcome {
    script: string;
    network: string;
    globalId: number;
    /** `already`: nothing was to be done and nothing was sent. */
    status: 'done' | 'already';
    /** The state that was reached, in words. */
    message: string;
    contracts: Record<string, { address: string; codeHash: string }>;
    /** nanoTON by recipient. */
    sent: { to: Address; value: bigint }[];
}

const POLL_SECONDS = 2;

/**
 * Makes a script of a goal: it looks whether the goal is reached, acts if it is not, and waits until it is. So a second run
 * finds the work done and sends nothing.
 */
export function script<F extends Flags>(name: string, goal: Goal<F>): Run<Outcome> {
    return async (provider, args) => {
        const flags = { ...commonFlags, ...sendingFlags, ...goal.flags };
        const values = await readFlags({ name, ...goal }, flags, args, provider.ui());
        if (!values) {
            return null;
        }
        const common = values as unknown as Values<typeof commonFlags> & Values<typeof sendingFlags>;
        const { context, path } = await open(provider, common, goal.opensNetwork);
        requireMeant(context.chain, common.mainnet);
        const work = context as unknown as Work<F, typeof sendingFlags>;
        const before = await goal.reached(work);
        const message = before ?? (await bringAbout(work, goal, common.timeout));
        saveDeployment(path, context.deployment);
        const { network, globalId } = context.chain;
        const outcome: Outcome = {
            script: name,
            network,
            globalId,
            status: before === null ? 'done' : 'already',
            message,
            contracts: context.contracts,
            sent: context.via.sent.map(({ to, value }) => ({ to, value })),
        };
        provider
            .ui()
            .write(
                common.json
                    ? JSON.stringify(plain(outcome))
                    : describe(outcome, path, goal.keepsAll ? 'all of it stays there' : 'what is left of it returns'),
            );
        return outcome;
    };
}

/** A script that only reads. */
export interface Inspection<F extends Flags> extends Described<F> {
    /** Groups of values, in the order of their output. */
    read(context: Work<F, object>): Promise<object>;
}

/** Makes a script of an inspection: aligned lines, or one line of JSON. */
export function inspection<F extends Flags>(name: string, definition: Inspection<F>): Run<object> {
    return async (provider, args) => {
        const flags = { ...commonFlags, ...definition.flags };
        const values = await readFlags({ name, ...definition }, flags, args, provider.ui());
        if (!values) {
            return null;
        }
        const common = values as unknown as Values<typeof commonFlags>;
        const { context } = await open(provider, common);
        const found = await definition.read(context as unknown as Work<F, object>);
        provider.ui().write(common.json ? JSON.stringify(plain(found)) : table(found));
        return found;
    };
}

async function open(
    provider: NetworkProvider,
    values: Values<typeof commonFlags>,
    opensNetwork = false,
): Promise<{ context: Context<typeof values>; path: string }> {
    const chain = await readChain(provider);
    const path = values.file ?? deploymentPath(chain);
    const deployment = loadDeployment(path, chain);
    if (values.registry) {
        enterRegistry(path, deployment, values.registry);
    }
    const context = await Context.create(provider, chain, deployment, values);
    if (!opensNetwork) {
        if (deployment.registry === undefined) {
            throw new ScriptError(
                'missing-argument',
                `Which network? ${path} names no Registry; pass --registry, or open a network with deployNetwork`,
            );
        }
        await context.connect(Address.parse(deployment.registry));
    }
    return { context, path };
}

async function bringAbout<F extends Flags>(
    context: Work<F, typeof sendingFlags>,
    goal: Goal<F>,
    timeout: number,
): Promise<string> {
    const { connection, via } = context;
    const since = new Map<string, bigint>();
    const contracts = Object.values(context.contracts).map(({ address }) => Address.parse(address));
    for (const contract of contracts) {
        since.set(contract.toRawString(), await newestLt(connection, contract));
    }
    await goal.act(context);
    const message = via.sent.at(-1);
    if (!message) {
        throw new ScriptError('no-answer', 'Nothing was sent');
    }
    for (let attempts = Math.floor(timeout / POLL_SECONDS); ; attempts--) {
        const reached = await goal.reached(context);
        if (reached !== null) {
            return reached;
        }
        if (via.address) {
            const lt = since.get(message.to.toRawString()) ?? 0n;
            await requireNoRefusal(connection, message, via.address, lt);
        }
        if (attempts <= 0) {
            throw new ScriptError(
                'no-answer',
                `The message to ${written(message.to)} has had no effect within ${timeout} s; look at your wallet's transactions, ` +
                    'then run this again: what has arrived by then will not be done twice',
            );
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_SECONDS * 1000));
    }
}

function describe(outcome: Outcome, path: string, rest: string): string {
    const { script, network, globalId, status, message, contracts, sent } = outcome;
    const lines = Object.fromEntries(
        Object.entries(contracts).map(([name, { address, codeHash }]) => [name, `${address}  code ${codeHash}`]),
    );
    return [
        `${script} on ${network} (global id ${globalId}), recorded in ${path}`,
        table(lines, '  '),
        status === 'already' ? `Already done, nothing was sent. ${message}` : `Done. ${message}`,
        ...sent.map(({ to, value }) => `  ${value} nanoTON went to ${written(to)}; ${rest}`),
    ].join('\n');
}
