import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComputeClient } from '../../client';
import { openStore, SqlStore } from '../../store';
import { ProviderNode, ProviderNodeOptions } from '../../worker/node';
import { modelFile, Stage } from './stage';

/** Participants that leave nothing behind but their files. */
export interface Restarts {
    /** A worker from the file, after whoever had the file open lost it. */
    worker(options?: Partial<ProviderNodeOptions>): Promise<ProviderNode>;
    /** A client from a file of its own, likewise. */
    client(): Promise<ComputeClient>;
    /** One more connection to the worker's file. */
    open(): Promise<SqlStore>;
}

async function withRestarts(stage: Stage, scene: (restart: Restarts) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'restart-'));
    const opened = new Map<string, SqlStore>();
    const extra: SqlStore[] = [];
    const reopen = async (name: string) => {
        await opened.get(name)?.close();
        const store = await openStore(join(folder, name));
        opened.set(name, store);
        return store;
    };
    const { market, connection, wallet, keys, chain } = stage;
    try {
        await scene({
            worker: async (options) => stage.hire({ store: (await reopen('worker.db')).jobs, ...options }),
            client: async () =>
                new ComputeClient({
                    market,
                    connection,
                    wallet: wallet.getSender(),
                    keys,
                    now: () => chain.now,
                    models: [modelFile],
                    store: (await reopen('client.db')).orders,
                }),
            open: async () => {
                const store = await openStore(join(folder, 'worker.db'));
                extra.push(store);
                return store;
            },
        });
    } finally {
        await Promise.all([...opened.values(), ...extra].map((store) => store.close()));
        rmSync(folder, { recursive: true });
    }
}

/** A scene on a stage with restarts, as the body of a test. */
export const restarting =
    (play: (scene: (stage: Stage) => Promise<void>) => Promise<void>) =>
    (scene: (stage: Stage, restart: Restarts) => Promise<void>) =>
    () =>
        play((stage) => withRestarts(stage, (restart) => scene(stage, restart)));
