import { beginCell } from '@ton/core';
import Libsql from 'libsql';
import { join } from 'node:path';
import { openStore, Store } from '../../../store';
import { decodeJob, encodeJob, jobIdOf, jobName } from '../../../store/jobStore';
import { decodeOrder, encodeOrder } from '../../../store/orderStore';
import { StoreError } from '../../../store/storeError';
import { termsHashOf } from '../../../wrappers';
import { addressOf, termsWith } from '../wrappers/fixtures';
import { codeOf, inFolder, JOBS, jobWith, ORDERS, orderWith, plain, STORES } from './support';

const id = jobIdOf(jobWith());
const name = jobName(id);
const escrow = orderWith().escrow.toRawString();

function decodingCode(decode: () => unknown): string | undefined {
    try {
        decode();
    } catch (error) {
        return error instanceof StoreError ? error.code : String(error);
    }
    return undefined;
}

describe.each(STORES)('a store %s', (_, open) => {
    const withStore = (test: (store: Store) => Promise<void>) => () =>
        inFolder(async (folder) => {
            const store = await open(folder);
            await test(store);
            await store.close();
        });

    it.each(JOBS)('keeps a job that is %s', (_shape, job) =>
        withStore(async ({ jobs }) => {
            await jobs.commit(job);
            expect(plain(await jobs.load(id))).toBe(plain(job));
            expect(plain(await jobs.list(job.stake))).toBe(plain([job]));
        })(),
    );

    it.each(ORDERS)('keeps an order that is %s', (_shape, order) =>
        withStore(async ({ orders }) => {
            await orders.save(order);
            expect(plain(await orders.find(order.escrow))).toBe(plain(order));
            expect(plain(await orders.all())).toBe(plain([order]));
        })(),
    );

    it(
        'writes a job only over the revision that its author has seen',
        withStore(async ({ jobs }) => {
            expect(await codeOf(jobs.commit(jobWith({ revision: 2 })))).toBe('conflict');
            await jobs.commit(jobWith());
            expect(await codeOf(jobs.commit(jobWith({ quotedUntil: 9 })))).toBe('conflict');
            expect(await codeOf(jobs.commit(jobWith({ revision: 3, quotedUntil: 9 })))).toBe('conflict');
            expect(plain(await jobs.load(id))).toBe(plain(jobWith()));
            await jobs.commit(jobWith({ revision: 2, quotedUntil: 9 }));
            expect((await jobs.load(id))!.quotedUntil).toBe(9);
        }),
    );

    it(
        'takes other terms for one escrow as another job, and keeps stakes apart',
        withStore(async ({ jobs }) => {
            const other = jobWith({ terms: termsWith({ price: 3n }) });
            const foreign = jobWith({ stake: addressOf('another stake'), escrow: addressOf('another escrow') });
            for (const job of [jobWith(), other, foreign]) {
                await jobs.commit(job);
            }
            expect(plain(await jobs.list(jobWith().stake))).toBe(plain([jobWith(), other]));
            expect(plain(await jobs.list(foreign.stake))).toBe(plain([foreign]));
        }),
    );

    it(
        'forgets a job in the revision that is named, and once',
        withStore(async ({ jobs }) => {
            await jobs.commit(jobWith());
            await jobs.commit(jobWith({ revision: 2 }));
            expect(await codeOf(jobs.remove({ ...id, revision: 1 }))).toBe('conflict');
            expect(await jobs.load(id)).not.toBeNull();
            await jobs.remove({ ...id, revision: 2 });
            await jobs.remove({ ...id, revision: 2 });
            expect(await jobs.load(id)).toBeNull();
            await jobs.commit(jobWith());
        }),
    );

    it(
        'keeps the last of an order, and all orders in the order of their coming',
        withStore(async ({ orders }) => {
            const second = orderWith({ escrow: addressOf('a second escrow') });
            await orders.save(orderWith());
            await orders.save(second);
            await orders.save(ORDERS[1]![1]);
            expect(plain(await orders.all())).toBe(plain([ORDERS[1]![1], second]));
            expect(await orders.find(addressOf('nowhere'))).toBeUndefined();
            await orders.remove(second.escrow);
            await orders.remove(second.escrow);
            expect(plain(await orders.all())).toBe(plain([ORDERS[1]![1]]));
        }),
    );
});

describe('decoding', () => {
    const rows = [
        ...JOBS.map(([shape, job]) => [`job, ${shape}`, encodeJob(job), (b: Uint8Array) => decodeJob(name, b, 1)]),
        ...ORDERS.map(([shape, order]) => [
            `order, ${shape}`,
            encodeOrder(order),
            (b: Uint8Array) => decodeOrder(escrow, b),
        ]),
    ] as [string, Uint8Array, (bytes: Uint8Array) => unknown][];

    it.each(rows)('refuses every piece of a %s, and anything behind it', (_, bytes, decode) => {
        expect(decodingCode(() => decode(bytes))).toBeUndefined();
        for (let length = 0; length < bytes.length; length++) {
            expect(decodingCode(() => decode(bytes.subarray(0, length)))).toBe('corrupt');
        }
        expect(decodingCode(() => decode(Buffer.concat([bytes, Buffer.of(0)])))).toBe('corrupt');
    });

    it.each(rows)('of a %s with any one byte spoilt either refuses it or reads it as written', (_, bytes, decode) => {
        for (let at = 0; at < bytes.length; at++) {
            const spoilt = Buffer.from(bytes);
            spoilt[at]! ^= 0x55;
            // Other content may be content; what may not happen is any other error.
            expect([undefined, 'corrupt']).toContain(decodingCode(() => decode(spoilt)));
        }
    });

    it('refuses other layouts, and rows that hold another job or order', () => {
        for (const [, bytes, decode] of rows) {
            expect(decodingCode(() => decode(Buffer.concat([Buffer.of(1), bytes.subarray(1)])))).toBe('corrupt');
        }
        const job = encodeJob(jobWith({ terms: termsWith({ price: 3n }) }));
        expect(decodingCode(() => decodeJob(name, job, 1))).toBe('corrupt');
        const order = encodeOrder(orderWith({ escrow: addressOf('elsewhere') }));
        expect(decodingCode(() => decodeOrder(escrow, order))).toBe('corrupt');
    });

    it('refuses flags and kinds that there are not', () => {
        const quoted = Buffer.from(encodeJob(jobWith()));
        quoted[quoted.length - 1] = 2;
        expect(decodingCode(() => decodeJob(name, quoted, 1))).toBe('corrupt');
        const approved = Buffer.from(encodeJob(JOBS[2]![1]));
        expect(approved[approved.length - 65]).toBe(0);
        approved[approved.length - 65] = 2;
        expect(decodingCode(() => decodeJob(name, approved, 1))).toBe('corrupt');
    });

    it('says which row it is, and what to do', () => {
        expect(() => decodeJob(name, Buffer.of(1), 1)).toThrow(new RegExp(`${name}.*restore`));
    });
});

describe('encoding', () => {
    it('takes nothing that does not fit its field', () => {
        const result = beginCell().endCell();
        expect(() => encodeJob(jobWith({ nonce: 1n << 64n }))).toThrow('does not fit');
        expect(() => encodeOrder(orderWith({ recipientKey: Buffer.alloc(33) }))).toThrow('33 bytes');
        const opening = { jobKey: 1n, servedAt: 1, result, sealSalt: Buffer.alloc(32) };
        expect(() => encodeJob(jobWith({ opening: { ...opening, servedAt: -1 } }))).toThrow('does not fit');
        expect(() => encodeJob(jobWith({ opening: { ...opening, sealSalt: Buffer.alloc(31) } }))).toThrow('31 bytes');
        expect(() => encodeOrder(orderWith({ salt: Buffer.alloc(33) }))).toThrow('33 bytes');
        const quote = { termsHash: termsHashOf(termsWith()), validUntil: 1, signature: Buffer.alloc(63) };
        expect(() => encodeOrder(orderWith({ quote }))).toThrow('63 bytes');
    });
});

describe('a file that somebody edited', () => {
    const EDITS = [
        ['jobs', 'UPDATE jobs SET record = substr(record, 1, 90)'],
        ['jobs', "UPDATE jobs SET job = replace(job, '0:', '0:f')"],
        ['orders', "UPDATE orders SET record = x''"],
        ['channels', "UPDATE channels SET channel = 'nowhere'"],
    ] as const;

    it.each(EDITS)('is refused where it is read: %s, %s', (table, edit) =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            const store = await openStore(path);
            await store.jobs.commit(jobWith());
            await store.orders.save(orderWith());
            await store.channels.commit({
                channel: addressOf('channel'),
                side: 'client',
                openedLt: 1n,
                revision: 1,
                state: Buffer.of(1),
            });
            const editor = new Libsql(path);
            editor.exec(edit);
            editor.close();
            const reads = {
                jobs: () => store.jobs.list(jobWith().stake),
                orders: () => store.orders.all(),
                channels: () => store.channels.list('client'),
            };
            expect(await codeOf(reads[table]())).toBe('corrupt');
            await store.close();
        }),
    );
});
