import { Address } from '@ton/core';
import { requireAddress, requireUint } from '../wrappers/checks';
import { requireRevision, StoreError } from './storeError';

/** Which end of a channel a row belongs to. A router has both kinds, each for another channel. */
export type ChannelSide = 'client' | 'provider';

/** What one side knows of one channel. */
export interface ChannelRow {
    channel: Address;
    side: ChannelSide;
    /** Logical time of the opening, less than 2^63: the same address can be opened again after its end. */
    openedLt: bigint;
    /** 1 for the first row of an opening, one more with each commit. */
    revision: number;
    /** The channel's book as its owner encoded it; no store looks inside. */
    state: Uint8Array;
}

/**
 * Where a side keeps its channels: one row per channel and side. Nothing that binds its owner, a voucher or a response, may leave
 * the process before the commit of what it says has resolved.
 */
export interface ChannelStore {
    /**
     * The row as it was committed last; what is returned is durable.
     *
     * @throws StoreError `corrupt`, `locked`, `io` or `closed`
     */
    load(channel: Address, side: ChannelSide): Promise<ChannelRow | null>;
    /**
     * Writes a row; it is durable when this resolves. When it rejects with anything but `conflict` the row may be stored or not:
     * load it again.
     *
     * @throws StoreError `conflict`, and nothing has changed, unless the revision is the stored one + 1, or the opening is a later
     * one and the revision 1
     * @throws StoreError `locked`, `io` or `closed`
     * @throws InputError for a row that no channel can have
     */
    commit(row: ChannelRow): Promise<void>;
    /** All rows of a side, in the order of their addresses. */
    list(side: ChannelSide): Promise<ChannelRow[]>;
    /**
     * Forgets a channel that has ended; does nothing if the row belongs to another opening. Afterwards the store cannot tell an
     * old opening from a new one: check openedLt with the chain before you write the address again.
     */
    remove(channel: Address, side: ChannelSide, openedLt: bigint): Promise<void>;
    /** Closes the store, and whatever else lies in the same file. Closing twice is no error. */
    close(): Promise<void>;
}

/**
 * Whether a row may take the place of the stored one: the rule that every store keeps.
 *
 * @throws StoreError `conflict`
 * @throws InputError for a row that no channel can have
 */
export function requireSuccessor(stored: Pick<ChannelRow, 'openedLt' | 'revision'> | null, row: ChannelRow): void {
    requireAddress('channel', row.channel);
    requireUint('openedLt', row.openedLt, 63);
    const name = `The ${row.side}'s channel ${row.channel.toRawString()}`;
    if (stored && row.openedLt < stored.openedLt) {
        throw new StoreError(
            'conflict',
            `${name} was opened again at ${stored.openedLt}; the opening of ${row.openedLt} is over, drop it`,
        );
    }
    requireRevision(name, stored?.openedLt === row.openedLt ? stored.revision : 0, row.revision - 1);
}
