import { Address } from '@ton/core';
import { ChannelRow, ChannelSide, ChannelStore } from '../../store';
import { Defect } from './messages';
import { pause } from './random';

/** Milliseconds before and after a commit, at most. */
const ORDINARY_PAUSE = 6;
/** After some commits so long that kills hit the moment between a commit and what is sent then. */
const LONG_PAUSE = 80;
const LONG_SHARE = 0.2;

/**
 * The store behind pauses, so that kills also fall in the short moments between a decision, its commit and what is sent then. With
 * the defect it says that a row is durable which only the next commit writes.
 */
export function slowStore(inner: ChannelStore, random: () => number, defect: Defect | null): ChannelStore {
    const kept = defect === 'late-commit' ? lateStore(inner) : inner;
    return {
        load: (channel, side) => kept.load(channel, side),
        list: (side) => kept.list(side),
        remove: (channel, side, openedLt) => kept.remove(channel, side, openedLt),
        close: () => kept.close(),
        commit: async (row) => {
            await pause(random() * ORDINARY_PAUSE);
            await kept.commit(row);
            await pause(random() * (random() < LONG_SHARE ? LONG_PAUSE : ORDINARY_PAUSE));
        },
    };
}

/** Holds the newest row of each channel back until the next one comes: what a store must never do. */
function lateStore(inner: ChannelStore): ChannelStore {
    const held = new Map<string, ChannelRow>();
    const key = (channel: Address, side: ChannelSide) => `${side} ${channel.toRawString()}`;
    const flush = async (at: string) => {
        const row = held.get(at);
        held.delete(at);
        if (row) {
            await inner.commit(row);
        }
    };
    return {
        load: async (channel, side) => held.get(key(channel, side)) ?? (await inner.load(channel, side)),
        list: (side) => inner.list(side),
        remove: (channel, side, openedLt) => inner.remove(channel, side, openedLt),
        close: () => inner.close(),
        commit: async (row) => {
            const at = key(row.channel, row.side);
            await flush(at);
            held.set(at, row);
        },
    };
}
