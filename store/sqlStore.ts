import { Address } from '@ton/core';
import { InputError } from '../wrappers';
import { ChannelRow, ChannelSide, ChannelStore, requireSuccessor } from './channelStore';
import { Durability, Query, SqlDatabase, SqlRow } from './database';
import { decodeJob, encodeJob, JobId, jobIdOf, jobName, JobRecord, JobStore } from './jobStore';
import { decodeOrder, encodeOrder, Order, OrderStore } from './orderStore';
import { corruptRow } from './rowBytes';
import { Store } from './store';
import { requireRevision, StoreError } from './storeError';

/** Versions of the schema, in order. */
export const MIGRATIONS: readonly string[] = [
    `CREATE TABLE channels (
        channel TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('client', 'provider')),
        opened_lt INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        state BLOB NOT NULL,
        PRIMARY KEY (channel, side)
    ) STRICT`,
    `CREATE TABLE jobs (
        job TEXT NOT NULL PRIMARY KEY,
        stake TEXT NOT NULL,
        revision INTEGER NOT NULL,
        record BLOB NOT NULL
    ) STRICT;
    CREATE INDEX jobs_of_stake ON jobs (stake)`,
    `CREATE TABLE orders (
        escrow TEXT NOT NULL PRIMARY KEY,
        record BLOB NOT NULL
    ) STRICT`,
];

/** A {@link Store} in a file. */
export interface SqlStore extends Store {
    /** Absolute, or `:memory:`. */
    readonly path: string;
    /** What the live connection says; a store that is not durable does not open. */
    readonly durability: Durability;
}

/**
 * Opens the file that holds what money depends on: SQLite, write-ahead log, synced at every commit. Several processes may share it:
 * writes follow one another, and the revision of a row refuses the one that came second. A client's holds inputs, salts and the keys of
 * results in the open, so it is made for its owner's eyes only; what is removed is overwritten. A worker's holds inputs and results
 * sealed: docs/confidentiality.md.
 *
 * Move it together with its `-wal` and `-shm`, and never put an older copy in its place while channels or jobs are open: what was
 * signed since then would be forgotten.
 *
 * @param path - of the file, made if missing like its folder; `:memory:` for tests
 * @throws StoreError `newer-schema`, `corrupt`, `locked` or `io`
 */
export async function openStore(path: string): Promise<SqlStore> {
    const database = await SqlDatabase.open(path, MIGRATIONS);
    try {
        const channels = new SqlChannelStore(database);
        return {
            path: database.path,
            get durability() {
                return database.durability;
            },
            channels,
            jobs: new SqlJobStore(database),
            orders: new SqlOrderStore(database),
            close: () => channels.close(),
        };
    } catch (error) {
        database.close();
        throw error;
    }
}

/** A row that waits for the next transaction. */
interface WaitingCommit {
    readonly row: ChannelRow;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
}

/** Commits that come together share one transaction, and so one sync: a thousand channels are paid over at the speed of one disk. */
class SqlChannelStore implements ChannelStore {
    private waiting: WaitingCommit[] = [];
    private readonly selectOne: Query;
    private readonly selectSide: Query;
    private readonly upsert: Query;
    private readonly drop: Query;

    constructor(private readonly database: SqlDatabase) {
        this.selectOne = database.prepare('SELECT * FROM channels WHERE channel = ? AND side = ?');
        this.selectSide = database.prepare('SELECT * FROM channels WHERE side = ? ORDER BY channel');
        this.upsert = database.prepare(
            `INSERT INTO channels (channel, side, opened_lt, revision, state) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (channel, side) DO UPDATE SET
                opened_lt = excluded.opened_lt, revision = excluded.revision, state = excluded.state`,
        );
        this.drop = database.prepare('DELETE FROM channels WHERE channel = ? AND side = ? AND opened_lt = ?');
    }

    async load(channel: Address, side: ChannelSide): Promise<ChannelRow | null> {
        this.flush();
        return this.find(channel, side);
    }

    commit(row: ChannelRow): Promise<void> {
        return new Promise((resolve, reject) => {
            if (this.waiting.push({ row, resolve, reject }) === 1) {
                setImmediate(() => this.flush());
            }
        });
    }

    async list(side: ChannelSide): Promise<ChannelRow[]> {
        this.flush();
        return this.selectSide.all(side).map(channelRow);
    }

    async remove(channel: Address, side: ChannelSide, openedLt: bigint): Promise<void> {
        this.flush();
        this.drop.run(channel.toRawString(), side, openedLt);
    }

    async close(): Promise<void> {
        this.flush();
        this.database.close();
    }

    /** Writes what waits in one transaction. A row that is refused is refused alone; if the transaction fails, none is there. */
    private flush(): void {
        const batch = this.waiting;
        if (batch.length === 0) {
            return;
        }
        this.waiting = [];
        try {
            const refusals = this.database.immediate(() => batch.map(({ row }) => this.write(row)));
            batch.forEach(({ resolve, reject }, index) => {
                const refusal = refusals[index];
                return refusal ? reject(refusal) : resolve();
            });
        } catch (error) {
            batch.forEach(({ reject }) => reject(error));
        }
    }

    /** @returns why this row cannot be the next one */
    private write(row: ChannelRow): Error | undefined {
        const { channel, side, openedLt, revision, state } = row;
        try {
            requireSuccessor(this.find(channel, side), row);
        } catch (error) {
            if (error instanceof InputError || (error instanceof StoreError && error.code === 'conflict')) {
                return error;
            }
            throw error;
        }
        this.upsert.run(channel.toRawString(), side, openedLt, BigInt(revision), state);
        return undefined;
    }

    private find(channel: Address, side: ChannelSide): ChannelRow | null {
        const row = this.selectOne.one(channel.toRawString(), side);
        return row ? channelRow(row) : null;
    }
}

function channelRow(row: SqlRow): ChannelRow {
    return {
        channel: addressIn(row, 'channel'),
        side: row.text('side') as ChannelSide,
        openedLt: row.integer('opened_lt'),
        revision: Number(row.integer('revision')),
        state: row.bytes('state'),
    };
}

class SqlJobStore implements JobStore {
    private readonly selectOne: Query;
    private readonly selectRevision: Query;
    private readonly selectStake: Query;
    private readonly upsert: Query;
    private readonly drop: Query;

    constructor(private readonly database: SqlDatabase) {
        this.selectOne = database.prepare('SELECT * FROM jobs WHERE job = ?');
        this.selectRevision = database.prepare('SELECT revision FROM jobs WHERE job = ?');
        this.selectStake = database.prepare('SELECT * FROM jobs WHERE stake = ? ORDER BY rowid');
        this.upsert = database.prepare(
            `INSERT INTO jobs (job, stake, revision, record) VALUES (?, ?, ?, ?)
             ON CONFLICT (job) DO UPDATE SET revision = excluded.revision, record = excluded.record`,
        );
        this.drop = database.prepare('DELETE FROM jobs WHERE job = ?');
    }

    async load(job: JobId): Promise<JobRecord | null> {
        const row = this.selectOne.one(jobName(job));
        return row ? jobRecord(row) : null;
    }

    async commit(job: JobRecord): Promise<void> {
        const name = jobName(jobIdOf(job));
        const record = encodeJob(job);
        this.database.immediate(() => {
            requireRevision(`The job ${name}`, this.revisionOf(name) ?? 0, job.revision - 1);
            this.upsert.run(name, job.stake.toRawString(), BigInt(job.revision), record);
        });
    }

    async list(stake: Address): Promise<JobRecord[]> {
        return this.selectStake.all(stake.toRawString()).map(jobRecord);
    }

    async remove(job: JobId & { readonly revision: number }): Promise<void> {
        const name = jobName(job);
        this.database.immediate(() => {
            const stored = this.revisionOf(name);
            if (stored !== undefined) {
                requireRevision(`The job ${name}`, stored, job.revision);
                this.drop.run(name);
            }
        });
    }

    async close(): Promise<void> {
        this.database.close();
    }

    private revisionOf(name: string): number | undefined {
        const row = this.selectRevision.one(name);
        return row && Number(row.integer('revision'));
    }
}

function jobRecord(row: SqlRow): JobRecord {
    return decodeJob(row.text('job'), row.bytes('record'), Number(row.integer('revision')));
}

class SqlOrderStore implements OrderStore {
    private readonly selectOne: Query;
    private readonly selectAll: Query;
    private readonly upsert: Query;
    private readonly drop: Query;

    constructor(private readonly database: SqlDatabase) {
        this.selectOne = database.prepare('SELECT * FROM orders WHERE escrow = ?');
        this.selectAll = database.prepare('SELECT * FROM orders ORDER BY rowid');
        this.upsert = database.prepare(
            `INSERT INTO orders (escrow, record) VALUES (?, ?)
             ON CONFLICT (escrow) DO UPDATE SET record = excluded.record`,
        );
        this.drop = database.prepare('DELETE FROM orders WHERE escrow = ?');
    }

    async save(order: Order): Promise<void> {
        this.upsert.run(order.escrow.toRawString(), encodeOrder(order));
    }

    async find(escrow: Address): Promise<Order | undefined> {
        const row = this.selectOne.one(escrow.toRawString());
        return row && orderIn(row);
    }

    async all(): Promise<readonly Order[]> {
        return this.selectAll.all().map(orderIn);
    }

    async remove(escrow: Address): Promise<void> {
        this.drop.run(escrow.toRawString());
        this.database.checkpoint();
    }
}

function orderIn(row: SqlRow): Order {
    return decodeOrder(row.text('escrow'), row.bytes('record'));
}

function addressIn(row: SqlRow, column: string): Address {
    const text = row.text(column);
    try {
        return Address.parseRaw(text);
    } catch (error) {
        throw corruptRow(`The row of ${text}`, (error as Error).message, error);
    }
}
