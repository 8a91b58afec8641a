import type Libsql from 'libsql';
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { types } from 'node:util';
import { corruptRow } from './rowBytes';
import { closedError, StoreError } from './storeError';

/** A database that lives and dies with its connection. */
export const IN_MEMORY = ':memory:';
/** So long a call waits for another process that is writing; the event loop waits with it. */
export const BUSY_TIMEOUT_MS = 2_000;

/** `PRAGMA synchronous` of FULL: a commit returns when the device says that it has the bytes. */
const SYNCHRONOUS_FULL = 2n;

/** What a column holds. */
export type Value = string | bigint | Uint8Array;
type Row = Readonly<Record<string, unknown>>;

/** What the live connection says of its own durability. */
export interface Durability {
    /** `wal`, or `memory` for a database in memory. */
    readonly journalMode: string;
    /** 2 is FULL. */
    readonly synchronous: number;
    readonly busyTimeoutMs: number;
}

/** One connection to an SQLite file that syncs every commit. All calls are synchronous, and so no two of them can interleave. */
export class SqlDatabase {
    private closed = false;

    private constructor(
        private readonly connection: Libsql.Database,
        readonly path: string,
    ) {}

    /**
     * Opens a file, makes it if it is missing (mode 0600, in a folder of mode 0700), and brings its schema up to date.
     *
     * @param migrations - statements of each version of the schema, in order; what was released is never edited, only followed
     * @throws StoreError `newer-schema`, `corrupt`, `locked` or `io`
     */
    static async open(path: string, migrations: readonly string[]): Promise<SqlDatabase> {
        // Native code, loaded for those only who open a file.
        const { default: Connection } = await import('libsql');
        // An absolute path is never taken for a URL.
        const file = path === IN_MEMORY ? path : resolve(path);
        const database = guarded(file, () => {
            if (file !== IN_MEMORY) {
                createFile(file);
            }
            return new SqlDatabase(new Connection(file), file);
        });
        try {
            database.makeDurable();
            database.check();
            database.migrate(migrations);
            return database;
        } catch (error) {
            database.close();
            throw error;
        }
    }

    get durability(): Durability {
        return {
            journalMode: String(this.pragma('journal_mode')),
            synchronous: Number(this.pragma('synchronous')),
            busyTimeoutMs: Number(this.pragma('busy_timeout')),
        };
    }

    /**
     * Compiles a statement.
     *
     * @throws StoreError `corrupt` if the file lacks what it names
     */
    prepare(sql: string): Query {
        const statement = this.run(() => this.connection.prepare(sql).safeIntegers());
        return new Query((use) => this.run(() => use(statement)));
    }

    /** Runs `work` in a transaction that holds the write lock from its beginning, so that what it reads stays true. */
    immediate<T>(work: () => T): T {
        this.exec('BEGIN IMMEDIATE');
        try {
            const result = work();
            this.exec('COMMIT');
            return result;
        } catch (error) {
            // Some failures, a full disk among them, have rolled back already.
            if (this.connection.inTransaction) {
                this.exec('ROLLBACK');
            }
            throw error;
        }
    }

    /** Moves the log into the file and empties it, so that what was deleted is in neither; does nothing while somebody reads. */
    checkpoint(): void {
        this.pragma('wal_checkpoint(TRUNCATE)');
    }

    close(): void {
        if (!this.closed) {
            this.closed = true;
            this.connection.close();
        }
    }

    private makeDurable(): void {
        this.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
        this.pragma('journal_mode = WAL');
        this.exec('PRAGMA synchronous = FULL');
        // What is deleted or replaced is overwritten with zeros.
        this.pragma('secure_delete = ON');
        // On macOS only this reaches the device; elsewhere it says nothing.
        this.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
        const { journalMode } = this.durability;
        if (this.pragma('synchronous') !== SYNCHRONOUS_FULL || (this.path !== IN_MEMORY && journalMode !== 'wal')) {
            throw new StoreError('io', `${this.path} cannot be made durable here; put it on a local disk`);
        }
    }

    private check(): void {
        const answer = this.pragma('quick_check(1)');
        if (answer !== 'ok') {
            throw corruptRow(this.path, String(answer));
        }
    }

    private migrate(migrations: readonly string[]): void {
        this.immediate(() => {
            const version = Number(this.pragma('user_version'));
            if (version > migrations.length) {
                throw new StoreError(
                    'newer-schema',
                    `${this.path} has schema ${version}, this program knows ${migrations.length}; run the newer program`,
                );
            }
            migrations.slice(version).forEach((migration) => this.exec(migration));
            if (version < migrations.length) {
                this.exec(`PRAGMA user_version = ${migrations.length}`);
            }
        });
    }

    private pragma(pragma: string): unknown {
        const [row] = this.run(() => this.connection.prepare(`PRAGMA ${pragma}`).safeIntegers().all()) as Row[];
        return row && Object.values(row)[0];
    }

    private exec(sql: string): void {
        this.run(() => this.connection.exec(sql));
    }

    private run<T>(call: () => T): T {
        if (this.closed) {
            throw closedError();
        }
        return guarded(this.path, call);
    }
}

type Use = <T>(call: (statement: Libsql.Statement<unknown[]>) => T) => T;

/** A prepared statement; its errors are StoreErrors. */
export class Query {
    constructor(private readonly use: Use) {}

    /** The first row. */
    one(...parameters: Value[]): SqlRow | undefined {
        return this.all(...parameters)[0];
    }

    all(...parameters: Value[]): SqlRow[] {
        return this.use((statement) => statement.all(...parameters)).map((row) => new SqlRow(row as Row));
    }

    run(...parameters: Value[]): void {
        this.use((statement) => statement.run(...parameters));
    }
}

/** A row whose columns have to be of the type that they are asked for. */
export class SqlRow {
    constructor(private readonly row: Row) {}

    text(column: string): string {
        return this.require(column, this.row[column], (value): value is string => typeof value === 'string');
    }

    integer(column: string): bigint {
        return this.require(column, this.row[column], (value): value is bigint => typeof value === 'bigint');
    }

    bytes(column: string): Uint8Array {
        return new Uint8Array(this.require(column, this.row[column], types.isArrayBuffer));
    }

    private require<T>(column: string, value: unknown, is: (value: unknown) => value is T): T {
        if (!is(value)) {
            throw corruptRow(`The column ${column}`, `it holds ${typeof value}`);
        }
        return value;
    }
}

/** Makes an empty file that is its owner's alone; SQLite gives its companions the same mode. */
function createFile(file: string): void {
    const folder = dirname(file);
    const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
        // Never opened when it exists: closing it again would drop every lock that this process has on it.
        closeSync(openSync(file, 'wx', 0o600));
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
            throw error;
        }
    }
    if (first !== undefined) {
        syncFolders(folder, dirname(first));
    }
}

/** SQLite syncs the folder of its files; the folders above it are new as well. */
function syncFolders(from: string, to: string): void {
    for (let folder = from; ; folder = dirname(folder)) {
        const descriptor = openSync(folder, 'r');
        fsyncSync(descriptor);
        closeSync(descriptor);
        if (folder === to) {
            return;
        }
    }
}

function guarded<T>(path: string, call: () => T): T {
    try {
        return call();
    } catch (error) {
        throw error instanceof StoreError ? error : translated(path, error as Error & { rawCode?: number });
    }
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html, by what is to be done about them. */
function translated(path: string, error: Error & { rawCode?: number }): StoreError {
    const because = { cause: error };
    switch ((error.rawCode ?? 0) & 0xff) {
        case 5: // BUSY
        case 6: // LOCKED
            return new StoreError(
                'locked',
                `${path} is held by another process for more than ${BUSY_TIMEOUT_MS} ms; find it, then try again`,
                because,
            );
        case 1: // ERROR: a table or a column is missing
        case 11: // CORRUPT
        case 26: // NOTADB
            return corruptRow(path, error.message, error);
        default:
            return new StoreError(
                'io',
                `${path} cannot be read or written: ${error.message}; look at the disk's room, the rights and the device`,
                because,
            );
    }
}
