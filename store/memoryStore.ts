import { Address } from '@ton/core';
import { ChannelRow, ChannelSide, ChannelStore, requireSuccessor } from './channelStore';
import { decodeJob, encodeJob, JobId, jobIdOf, jobName, JobRecord, JobStore } from './jobStore';
import { Order, OrderStore } from './orderStore';
import { Store } from './store';
import { closedError, requireRevision } from './storeError';

/** Everything for as long as the process lives: for tests and demonstrations, never for money. */
export function createMemoryStore(): Store {
    const tables = { channels: new MemoryChannelStore(), jobs: new MemoryJobStore(), orders: new MemoryOrderStore() };
    return {
        ...tables,
        close: async () => {
            await Promise.all(Object.values(tables).map((table) => table.close()));
        },
    };
}

class MemoryTable<R> {
    private readonly held = new Map<string, R>();
    private closed = false;

    async close(): Promise<void> {
        this.closed = true;
    }

    protected get rows(): Map<string, R> {
        if (this.closed) {
            throw closedError();
        }
        return this.held;
    }
}

/** Keeps channels for as long as the process lives. */
export class MemoryChannelStore extends MemoryTable<ChannelRow> implements ChannelStore {
    async load(channel: Address, side: ChannelSide): Promise<ChannelRow | null> {
        const row = this.rows.get(keyOf(channel, side));
        return row ? copyOf(row) : null;
    }

    async commit(row: ChannelRow): Promise<void> {
        const key = keyOf(row.channel, row.side);
        requireSuccessor(this.rows.get(key) ?? null, row);
        this.rows.set(key, copyOf(row));
    }

    async list(side: ChannelSide): Promise<ChannelRow[]> {
        const ofSide = [...this.rows].filter(([, row]) => row.side === side);
        return ofSide.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => copyOf(row));
    }

    async remove(channel: Address, side: ChannelSide, openedLt: bigint): Promise<void> {
        const key = keyOf(channel, side);
        if (this.rows.get(key)?.openedLt === openedLt) {
            this.rows.delete(key);
        }
    }
}

interface StoredJob {
    readonly stake: Address;
    readonly revision: number;
    readonly bytes: Uint8Array;
}

/** Keeps a worker's jobs for as long as the process lives; in bytes, so that it takes and gives just what a file would. */
export class MemoryJobStore extends MemoryTable<StoredJob> implements JobStore {
    async load(job: JobId): Promise<JobRecord | null> {
        const name = jobName(job);
        const row = this.rows.get(name);
        return row ? decodeJob(name, row.bytes, row.revision) : null;
    }

    async commit(job: JobRecord): Promise<void> {
        const { stake, revision } = job;
        const name = jobName(jobIdOf(job));
        requireRevision(`The job ${name}`, this.rows.get(name)?.revision ?? 0, revision - 1);
        this.rows.set(name, { stake, revision, bytes: encodeJob(job) });
    }

    async list(stake: Address): Promise<JobRecord[]> {
        const ofStake = [...this.rows].filter(([, row]) => row.stake.equals(stake));
        return ofStake.map(([name, { bytes, revision }]) => decodeJob(name, bytes, revision));
    }

    async remove(job: JobId & { readonly revision: number }): Promise<void> {
        const name = jobName(job);
        const stored = this.rows.get(name);
        if (stored) {
            requireRevision(`The job ${name}`, stored.revision, job.revision);
            this.rows.delete(name);
        }
    }
}

/** Keeps orders for as long as the process lives. */
export class MemoryOrderStore extends MemoryTable<Order> implements OrderStore {
    async save(order: Order): Promise<void> {
        this.rows.set(order.escrow.toRawString(), order);
    }

    async find(escrow: Address): Promise<Order | undefined> {
        return this.rows.get(escrow.toRawString());
    }

    async all(): Promise<readonly Order[]> {
        return [...this.rows.values()];
    }

    async remove(escrow: Address): Promise<void> {
        this.rows.delete(escrow.toRawString());
    }
}

function keyOf(channel: Address, side: ChannelSide): string {
    return `${channel.toRawString()}/${side}`;
}

/** Bytes of its own: what the caller does to his afterwards must not reach what is stored. */
function copyOf(row: ChannelRow): ChannelRow {
    return { ...row, state: Uint8Array.from(row.state) };
}
