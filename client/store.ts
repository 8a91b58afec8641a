import { Address, Cell } from '@ton/core';
import { JobDraft, Quote } from '../wrappers';

/**
 * One job as its client knows it. Losing it means losing the salt, and with it every proof of what was asked, so it is
 * stored before anything is sent.
 */
export interface Order extends JobDraft {
    /** 32 bytes; opens the terms' inputCommitment. */
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
    /** The provider's, once it was verified. */
    readonly quote?: Quote;
    /** The cell that the worker delivered or published. */
    readonly result?: Cell;
}

/** Where a client keeps its orders. What was saved must be durable when `save` returns. */
export interface OrderStore {
    save(order: Order): Promise<void>;
    find(escrow: Address): Promise<Order | undefined>;
    all(): Promise<readonly Order[]>;
}

/** Keeps orders for as long as the process lives. */
export class MemoryOrderStore implements OrderStore {
    private readonly orders = new Map<string, Order>();

    async save(order: Order): Promise<void> {
        this.orders.set(order.escrow.toRawString(), order);
    }

    async find(escrow: Address): Promise<Order | undefined> {
        return this.orders.get(escrow.toRawString());
    }

    async all(): Promise<readonly Order[]> {
        return [...this.orders.values()];
    }
}
