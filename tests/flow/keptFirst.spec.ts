/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { NoAnswerError, WorkerConnection } from '../../client';
import { createInProcessTransport } from '../../protocol/transport';
import { MemoryJobStore } from '../../store';
import { Fault, faulty, Journal, journalled } from '../unit/store/faultyStore';
import { describeFlow, Stage, work } from './stage';

/** Type of a refusal on the wire: nothing is promised by it. */
const REFUSAL = 3;

/** A worker with a faulty store and a line to it, both in a journal: quotes, results and receipts count. */
async function withFaults(stage: Stage, faults: readonly Fault[], patienceMs = 300) {
    const journal = new Journal();
    const store = faulty(new MemoryJobStore(), journal, ...faults);
    const errors: Error[] = [];
    const worker = await stage.hire({ store, onError: (error) => errors.push(error) });
    const [here, there] = createInProcessTransport();
    worker.connect(journalled(there, journal, ([, type]) => type !== REFUSAL));
    return { journal, store, errors, worker, line: new WorkerConnection(here, patienceMs) };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

describeFlow('what a worker says is kept first', (play) => {
    const IN_ORDER = ['commit 1', 'send 1', 'commit 2', 'send 2', 'commit 3', 'send 3'];

    it.each([1, 2, 3])('whatever was said: quote, result and receipt wait for commit %d', (at) =>
        play(async (stage) => {
            const { client } = stage;
            const { journal, store, worker, line } = await withFaults(stage, [{ at, kind: 'freeze' }], 10_000);
            const all = (async () => {
                const order = await stage.post(line);
                await work(worker);
                const result = await client.receive(order, line);
                await client.approveBySignature(order, result, line);
            })();
            while (journal.lines.length < 2 * (at - 1)) {
                await moment();
            }
            await moment();
            expect(journal.lines).toEqual(IN_ORDER.slice(0, 2 * (at - 1)));
            store.thaw();
            await all;
            expect(journal.lines).toEqual(IN_ORDER);
            journal.requireCommitBeforeSend();
        }),
    );

    it('a job that is quoted again while it is about to be forgotten stays', () =>
        play(async (stage) => {
            const { client, chain } = stage;
            const { store, worker, line } = await withFaults(stage, [{ at: 2, kind: 'freeze' }], 10_000);
            const order = await client.requestQuote(await stage.order({ windows: { accept: 3_600 } }), line);
            chain.pass(660);
            const again = client.requestQuote(order, line);
            await moment();
            const ticking = worker.tick();
            await moment();
            store.thaw();
            await client.post(await again);
            await ticking;
            expect(await work(worker)).toEqual(['serve']);
        }));

    it('a quote that could not be kept does not leave, and can be asked for again', () =>
        play(async (stage) => {
            const { journal, errors, worker, line } = await withFaults(stage, [{ at: 1, kind: 'fail-before' }]);
            const order = await stage.order();
            await expect(stage.client.requestQuote(order, line)).rejects.toMatchObject({
                reasons: [{ code: 'internal' }],
            });
            expect(errors).toHaveLength(1);
            expect(worker.jobs).toHaveLength(0);
            await stage.client.requestQuote(order, line);
            expect(journal.lines).toEqual(['commit-failed 1', 'commit 1', 'send 1']);
        }));

    it('a result that could not be kept is computed again', () =>
        play(async (stage) => {
            const { journal, worker, line } = await withFaults(stage, [{ at: 2, kind: 'fail-before' }]);
            const order = await stage.post(line);
            expect(await worker.tick()).toMatchObject([{ step: 'serve', error: { name: 'InjectedFault' } }]);
            expect(journal.lines).toEqual(['commit 1', 'send 1', 'commit-failed 1']);
            expect(await work(worker)).toEqual(['serve']);
            expect((await stage.client.receive(order, line)).equalsReferee).toBe(true);
            journal.requireCommitBeforeSend();
        }));

    it('a signature that could not be kept is not confirmed, and nothing is done with it', () =>
        play(async (stage) => {
            const { client } = stage;
            const { errors, worker, line } = await withFaults(stage, [{ at: 3, kind: 'fail-before' }]);
            const order = await stage.post(line);
            await work(worker);
            const result = await client.receive(order, line);
            await expect(client.approveBySignature(order, result, line)).rejects.toThrow(NoAnswerError);
            expect(errors).toHaveLength(1);
            expect(await work(worker)).toEqual([]);
            await client.approveBySignature(order, result, line);
            expect(await work(worker)).toEqual(['redeem']);
        }));

    it('what is found stored after a commit that seemed to fail counts as kept', () =>
        play(async (stage) => {
            const { client } = stage;
            const faults = [1, 2, 3].map((at) => ({ at, kind: 'fail-after' }) as const);
            const { journal, worker, line } = await withFaults(stage, faults);
            const order = await stage.post(line);
            expect(await work(worker)).toEqual(['serve']);
            await client.approveBySignature(order, await client.receive(order, line), line);
            expect(await work(worker)).toEqual(['redeem']);
            expect(journal.lines).toEqual(IN_ORDER.map((event) => event.replace('commit', 'commit-failed')));
        }));
});
