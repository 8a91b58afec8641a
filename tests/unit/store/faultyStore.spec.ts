import { createInProcessTransport } from '../../../protocol/transport';
import { createMemoryStore } from '../../../store';
import { Fault, faulty, Journal, journalled } from './faultyStore';
import { channel, orderWith, rowWith } from './support';

function openFaulty(...faults: Fault[]) {
    const journal = new Journal();
    const { channels } = createMemoryStore();
    const store = faulty(channels, journal, ...faults);
    const stored = async () => (await channels.load(channel, 'provider'))?.revision ?? 0;
    return { journal, store, stored };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a faulty store', () => {
    it('fails before a commit: nothing is stored', async () => {
        const { journal, store, stored } = openFaulty({ at: 1, kind: 'fail-before' });
        await expect(store.commit(rowWith())).rejects.toThrow('not stored');
        expect(await stored()).toBe(0);
        await store.commit(rowWith());
        expect(journal.lines).toEqual(['commit-failed 1', 'commit 1']);
    });

    it('fails after a commit: it is stored all the same', async () => {
        const { journal, store, stored } = openFaulty({ at: 2, kind: 'fail-after' });
        await store.commit(rowWith());
        await expect(store.commit(rowWith({ revision: 2 }))).rejects.toThrow('who knows');
        expect(await stored()).toBe(2);
        await expect(store.commit(rowWith({ revision: 2 }))).rejects.toMatchObject({ code: 'conflict' });
        expect(journal.lines).toEqual(['commit 1', 'commit-failed 1', 'commit-failed 2']);
    });

    it('is slow', async () => {
        const { store, stored } = openFaulty({ at: 1, kind: 'delay', ms: 20 });
        const commit = store.commit(rowWith());
        await soon();
        expect(await stored()).toBe(0);
        await commit;
        expect(await stored()).toBe(1);
    });

    it('freezes until it is thawed', async () => {
        const { journal, store, stored } = openFaulty({ at: 1, kind: 'freeze' });
        const commit = store.commit(rowWith());
        await soon();
        expect([await stored(), journal.lines]).toEqual([0, []]);
        store.thaw();
        await commit;
        expect([await stored(), journal.lines]).toEqual([1, ['commit 1']]);
    });

    it('counts the saves of orders as well, and leaves the rest alone', async () => {
        const journal = new Journal();
        const orders = faulty(createMemoryStore().orders, journal, { at: 2, kind: 'fail-before' });
        await orders.save(orderWith());
        await expect(orders.save(orderWith({ nonce: 8n }))).rejects.toThrow('not stored');
        expect((await orders.all()).map(({ nonce }) => nonce)).toEqual([7n]);
    });
});

describe('the journal', () => {
    it('tells a sender that waits for its commit from one that does not', async () => {
        for (const waits of [true, false]) {
            const { journal, store } = openFaulty({ at: 1, kind: 'delay', ms: 5 });
            const [here] = createInProcessTransport();
            const line = journalled(here, journal);
            const commit = store.commit(rowWith());
            if (waits) {
                await commit;
            }
            line.send(Buffer.of(1));
            await commit;
            const check = () => journal.requireCommitBeforeSend();
            if (waits) {
                expect(check).not.toThrow();
            } else {
                expect(check).toThrow('send 1 left before commit 1');
            }
        }
    });

    it('does not take a failed commit for one, nor count what needs none', () => {
        const journal = new Journal();
        const [here] = createInProcessTransport();
        const line = journalled(here, journal, ([first]) => first === 1);
        line.send(Buffer.of(2));
        journal.note('commit-failed');
        expect(() => journal.requireCommitBeforeSend()).not.toThrow();
        line.send(Buffer.of(1));
        expect(() => journal.requireCommitBeforeSend()).toThrow('send 1');
    });
});
