import { Address } from '@ton/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelRow, openStore, SqlStore } from '../../../store';

const row = (index: number, revision = 1): ChannelRow => ({
    channel: new Address(0, Buffer.alloc(32, index)),
    side: 'client',
    openedLt: 1n,
    revision,
    state: Uint8Array.of(index, revision),
});

describe('Commits that come together', () => {
    let folder: string;
    let store: SqlStore;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), 'group-commit-'));
        store = await openStore(join(folder, 'store.db'));
    });
    afterEach(async () => {
        await store.close();
        rmSync(folder, { recursive: true });
    });

    const stateOf = async (index: number) => [...(await store.channels.load(row(index).channel, 'client'))!.state];

    it('are all there, in the order of their addresses', async () => {
        await Promise.all([3, 1, 2].map((index) => store.channels.commit(row(index))));
        expect((await store.channels.list('client')).map(({ state }) => state[0])).toEqual([1, 2, 3]);
    });

    it('are refused one by one', async () => {
        const outcomes = await Promise.allSettled([
            store.channels.commit(row(1)),
            store.channels.commit(row(2, 5)),
            store.channels.commit(row(1)),
            store.channels.commit({ ...row(3), openedLt: -1n }),
            store.channels.commit(row(1, 2)),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual([
            'fulfilled',
            'rejected',
            'rejected',
            'rejected',
            'fulfilled',
        ]);
        expect((await store.channels.list('client')).map(({ state }) => [...state])).toEqual([[1, 2]]);
    });

    it('are seen by whoever reads after them, and kept by whoever closes', async () => {
        const committing = store.channels.commit(row(1));
        expect(await stateOf(1)).toEqual([1, 1]);
        await committing;
        const last = store.channels.commit(row(1, 2));
        await store.close();
        await last;
        store = await openStore(join(folder, 'store.db'));
        expect(await stateOf(1)).toEqual([1, 2]);
    });

    it('are all refused when the transaction fails', async () => {
        await store.close();
        const outcomes = await Promise.allSettled([1, 2].map((index) => store.channels.commit(row(index))));
        expect(outcomes).toMatchObject([{ reason: { code: 'closed' } }, { reason: { code: 'closed' } }]);
    });
});
