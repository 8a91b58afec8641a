/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { PayingChannel, WorkerConnection } from '../../client';
import { createInProcessTransport } from '../../protocol/transport';
import { MemoryChannelStore } from '../../store';
import { Fault, Faulty, faulty, Journal, journalled } from '../unit/store/faultyStore';
import { ask, COST, payer, serving } from './channelStage';
import { describeFlow, Stage } from './stage';

const moment = () => new Promise((resolve) => setTimeout(resolve, 50));
const SALT = Buffer.alloc(32, 5);

interface Scene {
    readonly journal: Journal;
    readonly store: Faulty<MemoryChannelStore>;
    /** Inputs that were computed. */
    readonly computed: Uint8Array[];
    open(): Promise<PayingChannel>;
}

/** A channel one of whose sides keeps its book in a store with faults, and has its sends written down. */
async function scene(stage: Stage, side: 'client' | 'worker', ...faults: Fault[]): Promise<Scene> {
    const journal = new Journal();
    const store = faulty(new MemoryChannelStore(), journal, ...faults);
    const computed: Uint8Array[] = [];
    const engine = {
        ...stage.engine,
        run: (input: Uint8Array) => {
            computed.push(input);
            return stage.engine.run(input);
        },
    };
    const { worker } = await serving(stage, { engine, ...(side === 'worker' && { store }) });
    const [here, there] = createInProcessTransport();
    worker.connect(side === 'worker' ? journalled(there, journal) : there);
    const line = new WorkerConnection(side === 'client' ? journalled(here, journal) : here, 5_000);
    const open = () => PayingChannel.open(payer(stage, side === 'client' ? store : undefined), line);
    return { journal, store, computed, open };
}

describeFlow('what leaves a process of a channel was kept first', (play) => {
    // The client: its book, the offer; the voucher, the request; the receipt.
    const CLIENT = ['commit 1', 'send 1', 'commit 2', 'send 2', 'commit 3'];
    // The worker: its book, the acceptance; the voucher, the receipt, the response.
    const WORKER = ['commit 1', 'send 1', 'commit 2', 'commit 3', 'send 2'];

    it.each([
        ['client', 2, CLIENT.slice(0, 2)],
        ['client', 3, CLIENT.slice(0, 4)],
        ['worker', 2, WORKER.slice(0, 2)],
        ['worker', 3, WORKER.slice(0, 3)],
    ] as const)('by the %s: while commit %i waits, so does everything behind it', (side, at, before) =>
        play(async (stage) => {
            const { journal, store, open } = await scene(stage, side, { at, kind: 'freeze' });
            const channel = await open();
            let done = false;
            const asking = ask(channel, 0).then((result) => {
                done = true;
                return result;
            });
            for (let waited = 0; journal.lines.length < before.length && waited < 100; waited++) {
                await moment();
            }
            await moment();
            expect(journal.lines).toEqual(before);
            expect(done).toBe(false);
            store.thaw();
            expect((await asking).cost).toBe(COST);
            expect(journal.lines).toEqual(side === 'client' ? CLIENT : WORKER);
        }),
    );

    it('a voucher that could not be kept does not leave', () =>
        play(async (stage) => {
            const { journal, open, computed } = await scene(stage, 'client', { at: 2, kind: 'fail-before' });
            const channel = await open();
            await expect(ask(channel, 0)).rejects.toMatchObject({ name: 'InjectedFault' });
            await moment();
            expect(journal.lines).toEqual(['commit 1', 'send 1', 'commit-failed 1']);
            expect([computed.length, channel.state.voucher]).toEqual([0, null]);
            expect((await ask(channel, 0)).receipt.amount).toBe(COST);
        }));

    it('a voucher that was kept although the commit seemed to fail is the same when it leaves', () =>
        play(async (stage) => {
            const { open } = await scene(stage, 'client', { at: 2, kind: 'fail-after' });
            const channel = await open();
            await expect(ask(channel, 0, SALT)).rejects.toMatchObject({ name: 'InjectedFault' });
            const { receipt } = await ask(channel, 0, SALT);
            expect([receipt.amount, channel.state.voucher!.amount]).toEqual([COST, COST]);
        }));

    it('nothing is computed for a voucher that the worker could not keep', () =>
        play(async (stage) => {
            const { open, computed } = await scene(stage, 'worker', { at: 2, kind: 'fail-before' });
            const channel = await open();
            await expect(ask(channel, 0)).rejects.toMatchObject({ reasons: [{ code: 'internal' }] });
            expect(computed).toHaveLength(0);
            expect((await ask(channel, 0)).receipt).toMatchObject({ seq: 1n, amount: COST });
        }));

    it.each(['fail-before', 'fail-after'] as const)(
        'a response whose receipt was not surely kept (%s) is not released, and is paid for once',
        (kind) =>
            play(async (stage) => {
                const { journal, open } = await scene(stage, 'worker', { at: 3, kind });
                const channel = await open();
                await expect(ask(channel, 0, SALT)).rejects.toMatchObject({ reasons: [{ code: 'internal' }] });
                // The second send is the refusal.
                expect(journal.lines.slice(0, 5)).toEqual([
                    'commit 1',
                    'send 1',
                    'commit 2',
                    'commit-failed 1',
                    'send 2',
                ]);
                const { receipt } = await ask(channel, 0, SALT);
                expect([receipt.seq, receipt.amount, channel.state.voucher!.amount]).toEqual([1n, COST, COST]);
            }),
    );
});
