import Libsql from 'libsql';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, SqlStore } from '../../../store';
import { BUSY_TIMEOUT_MS } from '../../../store/database';
import { MIGRATIONS } from '../../../store/sqlStore';
import { channel, codeOf, inFolder, jobWith, orderWith, plain, rowWith } from './support';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A connection past the store, for what only tests do. */
function raw(path: string, ...statements: string[]): Libsql.Database {
    const database = new Libsql(path);
    statements.forEach((statement) => database.exec(statement));
    return database;
}

/** Opens, uses and closes. */
async function using<T>(path: string, use: (store: SqlStore) => Promise<T>): Promise<T> {
    const store = await openStore(path);
    try {
        return await use(store);
    } finally {
        await store.close();
    }
}

describe('the file', () => {
    it("is its owner's alone, in folders that are, and so are its companions", () =>
        inFolder(async (folder) => {
            const path = join(folder, 'a', 'b', 'store.db');
            await using(path, async ({ channels }) => {
                await channels.commit(rowWith());
                const files = readdirSync(join(folder, 'a', 'b')).sort();
                expect(files).toEqual(['store.db', 'store.db-shm', 'store.db-wal']);
                for (const file of files) {
                    expect(modeOf(join(folder, 'a', 'b', file))).toBe('600');
                }
            });
            expect([modeOf(join(folder, 'a')), modeOf(join(folder, 'a', 'b'))]).toEqual(['700', '700']);
        }));

    it('leaves the mode of a folder that was there to its owner', () =>
        inFolder(async (folder) => {
            mkdirSync(join(folder, 'shared'));
            chmodSync(join(folder, 'shared'), 0o750);
            await using(join(folder, 'shared', 'store.db'), async () => undefined);
            expect(modeOf(join(folder, 'shared'))).toBe('750');
        }));

    it('holds channels, jobs and orders, also after it was closed and opened', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            await using(path, async ({ channels, jobs, orders }) => {
                await channels.commit(rowWith());
                await jobs.commit(jobWith());
                await orders.save(orderWith());
            });
            await using(path, async ({ channels, jobs, orders }) => {
                expect(plain(await channels.list('provider'))).toBe(plain([rowWith()]));
                expect(plain(await jobs.list(jobWith().stake))).toBe(plain([jobWith()]));
                expect(plain(await orders.all())).toBe(plain([orderWith()]));
                await channels.commit(rowWith({ revision: 2 }));
            });
        }));

    it('is opened under its absolute path, never as a URL', () =>
        inFolder(async (folder) => {
            const before = process.cwd();
            process.chdir(folder);
            try {
                await using('file:x.db', async ({ path }) => expect(path).toBe(join(process.cwd(), 'file:x.db')));
                expect(readdirSync(folder)).toContain('file:x.db');
            } finally {
                process.chdir(before);
            }
        }));

    it('is never one that cannot be made', () =>
        inFolder(async (folder) => {
            writeFileSync(join(folder, 'plain'), '');
            expect(await codeOf(openStore(join(folder, 'plain', 'store.db')))).toBe('io');
            expect(await codeOf(openStore(folder))).toBe('io');
        }));
});

describe('the live connection', () => {
    it('says itself that it is in WAL mode, syncs every commit, and waits for others', () =>
        inFolder((folder) =>
            using(join(folder, 'store.db'), async ({ durability }) => {
                expect(durability).toEqual({ journalMode: 'wal', synchronous: 2, busyTimeoutMs: BUSY_TIMEOUT_MS });
            }),
        ));

    it('is in WAL mode also on a file that was not', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            raw(path, 'PRAGMA journal_mode = DELETE', ...MIGRATIONS, 'PRAGMA user_version = 3').close();
            await using(path, async ({ durability }) => expect(durability.journalMode).toBe('wal'));
        }));
});

describe('the schema', () => {
    it('is strict in every table, and has a number', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            await using(path, async () => undefined);
            const database = raw(path);
            const tables = database.prepare("SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite%'");
            expect(Object.fromEntries(tables.all().map((row) => Object.values(row as object)))).toEqual({
                channels: 1,
                jobs: 1,
                orders: 1,
            });
            expect(database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: MIGRATIONS.length });
            expect(() => database.exec("INSERT INTO channels VALUES ('0:1', 'router', 1, 1, x'')")).toThrow('CHECK');
            expect(() => database.exec("INSERT INTO channels VALUES ('0:1', 'client', 1, 1, 'text')")).toThrow('BLOB');
            database.close();
        }));

    it.each(MIGRATIONS.map((_, version) => version))('is brought up from version %d with all rows', (version) =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            const old = raw(path, ...MIGRATIONS.slice(0, version), `PRAGMA user_version = ${version}`);
            if (version > 0) {
                old.exec(`INSERT INTO channels VALUES ('${channel.toRawString()}', 'provider', 5, 1, x'626f6f6b')`);
            }
            old.close();
            await using(path, async ({ channels, jobs, orders }) => {
                expect(plain(await channels.list('provider'))).toBe(plain(version > 0 ? [rowWith()] : []));
                await jobs.commit(jobWith());
                await orders.save(orderWith());
            });
            await using(path, async ({ jobs }) => expect(await jobs.list(jobWith().stake)).toHaveLength(1));
        }),
    );

    it('of a newer program is not touched', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            await using(path, async ({ channels }) => channels.commit(rowWith()));
            raw(path, `PRAGMA user_version = ${MIGRATIONS.length + 1}`, 'PRAGMA wal_checkpoint(TRUNCATE)').close();
            const before = readFileSync(path);
            expect(await codeOf(openStore(path))).toBe('newer-schema');
            expect(readFileSync(path).equals(before)).toBe(true);
        }));
});

describe('a file that is damaged', () => {
    it.each([
        ['is no database', (path: string) => writeFileSync(path, Buffer.alloc(5_000, 7))],
        ['is cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 6_000))],
        [
            'has a spoilt page',
            (path: string) => {
                const bytes = readFileSync(path);
                bytes.fill(0xa5, 2 * 4_096, 3 * 4_096);
                writeFileSync(path, bytes);
            },
        ],
        ["is another program's", (path: string) => raw(path, 'DROP TABLE channels').close()],
    ])('does not open when it %s', (_, damage) =>
        inFolder(async (folder) => {
            const whole = join(folder, 'whole.db');
            await using(whole, async ({ channels }) => channels.commit(rowWith({ state: Buffer.alloc(50_000) })));
            raw(whole, 'PRAGMA wal_checkpoint(TRUNCATE)').close();
            const path = join(folder, 'store.db');
            copyFileSync(whole, path);
            damage(path);
            expect(await codeOf(openStore(path))).toBe('corrupt');
        }),
    );
});

describe('two connections to one file', () => {
    it('see what the other committed, and never commit the same revision', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            await using(path, (one) =>
                using(path, async (other) => {
                    await one.channels.commit(rowWith());
                    expect(plain(await other.channels.load(channel, 'provider'))).toBe(plain(rowWith()));
                    await other.channels.commit(rowWith({ revision: 2, state: Buffer.from('other') }));
                    const late = one.channels.commit(rowWith({ revision: 2, state: Buffer.from('one') }));
                    expect(await codeOf(late)).toBe('conflict');
                    expect(Buffer.from((await one.channels.load(channel, 'provider'))!.state).toString()).toBe('other');
                    await one.channels.commit(rowWith({ revision: 3 }));
                }),
            );
        }));

    it('wait for each other, and give up with nothing changed', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            await using(path, async ({ channels, jobs }) => {
                const holder = raw(path, 'BEGIN IMMEDIATE');
                const began = Date.now();
                expect(await codeOf(channels.commit(rowWith()))).toBe('locked');
                expect(Date.now() - began).toBeGreaterThanOrEqual(BUSY_TIMEOUT_MS - 100);
                // Reading waits for nobody.
                expect(await channels.load(channel, 'provider')).toBeNull();
                expect(await jobs.list(jobWith().stake)).toHaveLength(0);
                holder.exec('ROLLBACK');
                holder.close();
                await channels.commit(rowWith());
            });
        }));

    it('of one process keep the locks that it has: no other takes itself for the last and removes the log', () =>
        inFolder(async (folder) => {
            const path = join(folder, 'store.db');
            await using(path, async ({ channels }) => {
                await channels.commit(rowWith());
                await using(path, async () => undefined);
                const visit = `
                    const database = new (require('libsql'))(${JSON.stringify(path)});
                    database.exec('UPDATE channels SET revision = revision');
                    database.close();`;
                expect(spawnSync(process.execPath, ['-e', visit], { cwd: __dirname }).status).toBe(0);
                expect(readdirSync(folder)).toContain('store.db-wal');
                await channels.commit(rowWith({ revision: 2 }));
            });
            await using(path, async ({ channels }) => expect(await channels.list('provider')).toHaveLength(1));
        }));
});
