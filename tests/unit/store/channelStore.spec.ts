import { Address } from '@ton/core';
import fc from 'fast-check';
import { ChannelRow, ChannelSide, createMemoryStore, openStore, Store } from '../../../store';
import { addressOf } from '../wrappers/fixtures';
import { channel, codeOf, inFolder, plain, rowWith, STORES } from './support';

describe.each(STORES)('a channel store %s', (_, open) => {
    const withStore = (test: (store: Store) => Promise<void>) => () =>
        inFolder(async (folder) => {
            const store = await open(folder);
            await test(store);
            await store.close();
        });

    it(
        'gives back what was committed last',
        withStore(async ({ channels }) => {
            expect(await channels.load(channel, 'provider')).toBeNull();
            await channels.commit(rowWith());
            await channels.commit(rowWith({ revision: 2, state: Buffer.from('later') }));
            const loaded = (await channels.load(channel, 'provider'))!;
            expect(plain(loaded)).toBe(plain(rowWith({ revision: 2, state: Buffer.from('later') })));
            expect(loaded.channel.equals(channel)).toBe(true);
        }),
    );

    it(
        'keeps the two sides of a channel apart',
        withStore(async ({ channels }) => {
            await channels.commit(rowWith());
            expect(await channels.load(channel, 'client')).toBeNull();
            await channels.commit(rowWith({ side: 'client', state: Buffer.from('other') }));
            expect(plain(await channels.load(channel, 'provider'))).toBe(plain(rowWith()));
        }),
    );

    it(
        'shares no memory with its callers',
        withStore(async ({ channels }) => {
            const state = Buffer.from('book');
            await channels.commit(rowWith({ state }));
            state.fill(0);
            (await channels.load(channel, 'provider'))!.state.fill(0);
            (await channels.list('provider'))[0]!.state.fill(0);
            expect(plain(await channels.load(channel, 'provider'))).toBe(plain(rowWith()));
        }),
    );

    it.each([0, 2, -1, 1.5, NaN])('begins with revision 1, not %d', (revision) =>
        withStore(async ({ channels }) => {
            expect(await codeOf(channels.commit(rowWith({ revision })))).toBe('conflict');
            expect(await channels.load(channel, 'provider')).toBeNull();
        })(),
    );

    it.each([1, 2, 4])('goes on from revision 2 with 3, not %d', (revision) =>
        withStore(async ({ channels }) => {
            const second = rowWith({ revision: 2 });
            await channels.commit(rowWith());
            await channels.commit(second);
            const refused = rowWith({ revision, state: Buffer.from('refused') });
            expect(await codeOf(channels.commit(refused))).toBe('conflict');
            expect(plain(await channels.load(channel, 'provider'))).toBe(plain(second));
        })(),
    );

    it(
        'lets one of two commits of the same revision through',
        withStore(async ({ channels }) => {
            const rivals = ['a', 'b'].map((name) => channels.commit(rowWith({ state: Buffer.from(name) })));
            expect(await Promise.all(rivals.map(codeOf))).toEqual([undefined, 'conflict']);
            expect(Buffer.from((await channels.load(channel, 'provider'))!.state).toString()).toBe('a');
        }),
    );

    it(
        'replaces an opening by a later one only, which begins anew',
        withStore(async ({ channels }) => {
            await channels.commit(rowWith());
            await channels.commit(rowWith({ revision: 2 }));
            for (const [openedLt, revision] of [
                [4n, 1],
                [4n, 3],
                [6n, 3],
                [6n, 2],
            ] as const) {
                expect(await codeOf(channels.commit(rowWith({ openedLt, revision })))).toBe('conflict');
            }
            await channels.commit(rowWith({ openedLt: 6n }));
            expect(await codeOf(channels.commit(rowWith({ openedLt: 5n, revision: 3 })))).toBe('conflict');
            expect(plain(await channels.load(channel, 'provider'))).toBe(plain(rowWith({ openedLt: 6n })));
        }),
    );

    it(
        'forgets the opening that is named, and no other',
        withStore(async ({ channels }) => {
            await channels.commit(rowWith());
            await channels.commit(rowWith({ side: 'client' }));
            await channels.remove(channel, 'provider', 4n);
            await channels.remove(channel, 'provider', 6n);
            expect(await channels.list('provider')).toHaveLength(1);
            await channels.remove(channel, 'provider', 5n);
            await channels.remove(channel, 'provider', 5n);
            expect(await channels.list('provider')).toHaveLength(0);
            expect(await channels.list('client')).toHaveLength(1);
        }),
    );

    it(
        'lists a side in the order of addresses',
        withStore(async ({ channels }) => {
            const addresses = Array.from({ length: 120 }, (_, i) => addressOf(`channel ${i}`));
            for (const address of addresses) {
                await channels.commit(rowWith({ channel: address }));
            }
            await channels.commit(rowWith({ side: 'client' }));
            const sorted = addresses.map((address) => address.toRawString()).sort();
            expect((await channels.list('provider')).map((row) => row.channel.toRawString())).toEqual(sorted);
        }),
    );

    it(
        'holds the largest opening, empty books and long ones',
        withStore(async ({ channels }) => {
            const largest = rowWith({ openedLt: (1n << 63n) - 1n, state: Buffer.alloc(0) });
            await channels.commit(largest);
            expect(plain(await channels.load(channel, 'provider'))).toBe(plain(largest));
            const long = { ...largest, revision: 2, state: Buffer.alloc(1 << 20, 7) };
            await channels.commit(long);
            expect(plain(await channels.load(channel, 'provider'))).toBe(plain(long));
        }),
    );

    it(
        'refuses what no channel can be',
        withStore(async ({ channels }) => {
            expect(await codeOf(channels.commit(rowWith({ openedLt: 1n << 63n })))).toBe('out-of-range');
            expect(await codeOf(channels.commit(rowWith({ openedLt: -1n })))).toBe('negative-amount');
            const masterchain = new Address(-1, channel.hash);
            expect(await codeOf(channels.commit(rowWith({ channel: masterchain })))).toBe('wrong-workchain');
            expect(await channels.list('provider')).toHaveLength(0);
        }),
    );

    it(
        'answers nothing once it is closed, whichever way',
        withStore(async (store) => {
            const { channels } = store;
            await channels.commit(rowWith());
            await channels.close();
            await channels.close();
            await store.close();
            const calls = [
                channels.load(channel, 'provider'),
                channels.commit(rowWith({ revision: 2 })),
                channels.list('provider'),
                channels.remove(channel, 'provider', 5n),
                store.jobs.list(channel),
                store.orders.all(),
            ];
            expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'closed'));
        }),
    );
});

describe('memory and SQL', () => {
    type Call =
        | { readonly name: 'commit' | 'remove'; readonly row: ChannelRow }
        | { readonly name: 'load' | 'list'; readonly row: ChannelRow };

    const rows = fc.record({
        channel: fc.constantFrom(addressOf('a'), addressOf('b')),
        side: fc.constantFrom<ChannelSide>('client', 'provider'),
        openedLt: fc.bigInt({ min: 1n, max: 3n }),
        revision: fc.integer({ min: 0, max: 4 }),
        state: fc.uint8Array({ maxLength: 4 }),
    });
    const calls: fc.Arbitrary<Call> = fc.record({
        name: fc.constantFrom('commit', 'commit', 'commit', 'remove', 'load', 'list'),
        row: rows,
    });

    async function answer({ channels }: Store, { name, row }: Call): Promise<string> {
        const { channel: address, side, openedLt } = row;
        const result = {
            commit: () => channels.commit(row),
            remove: () => channels.remove(address, side, openedLt),
            load: () => channels.load(address, side),
            list: () => channels.list(side),
        }[name]();
        return await result.then(plain, (error: { code?: string }) => error.code ?? String(error));
    }

    it('give the same answers, whatever they are asked', () =>
        fc.assert(
            fc.asyncProperty(fc.array(calls, { maxLength: 30 }), async (sequence) => {
                const stores = [createMemoryStore(), await openStore(':memory:')];
                for (const call of sequence) {
                    const [memory, sql] = await Promise.all(stores.map((store) => answer(store, call)));
                    expect(sql).toBe(memory);
                }
                await Promise.all(stores.map((store) => store.close()));
            }),
            { numRuns: 200 },
        ));
});
