import { Address } from '@ton/core';
import { BookStep } from '../protocol/channels';
import { ChannelSide, ChannelStore } from './channelStore';
import { StoreError } from './storeError';

/** How one side's book becomes the bytes of its row. */
export interface BookCodec<State> {
    readonly side: ChannelSide;
    encode(state: State): Uint8Array;
    decode(bytes: Uint8Array): State;
}

/** Where a book lies. */
export interface BookPlace {
    readonly channel: Address;
    /** Logical time of the opening. */
    readonly openedLt: bigint;
}

/**
 * A book of a channel and its row in a store. An operation's output is released only after the state that goes with it was
 * committed, and one operation at a time: so nothing that leaves the process was not kept first.
 */
export class ChannelBook<State> {
    private queue: Promise<unknown> = Promise.resolve();
    /** The last commit failed without saying whether it happened: the row has to be read again. */
    private uncertain = false;

    private constructor(
        private readonly store: ChannelStore,
        private readonly codec: BookCodec<State>,
        private readonly place: BookPlace,
        private current: State,
        private revision: number,
    ) {}

    /**
     * The book of this opening as it was kept.
     *
     * @returns null if there is none, or only one of another opening
     * @throws StoreError
     */
    static async load<State>(
        store: ChannelStore,
        codec: BookCodec<State>,
        place: BookPlace,
    ): Promise<ChannelBook<State> | null> {
        const row = await store.load(place.channel, codec.side);
        return row?.openedLt === place.openedLt
            ? new ChannelBook(store, codec, place, codec.decode(row.state), row.revision)
            : null;
    }

    /**
     * Keeps a fresh book.
     *
     * @throws StoreError `conflict` if there is one of this or a later opening
     */
    static async create<State>(
        store: ChannelStore,
        codec: BookCodec<State>,
        place: BookPlace,
        state: State,
    ): Promise<ChannelBook<State>> {
        await store.commit({ ...place, side: codec.side, revision: 1, state: codec.encode(state) });
        return new ChannelBook(store, codec, place, state, 1);
    }

    /** As it was committed last; after a commit that failed without saying whether it happened, as it was before. */
    get state(): State {
        return this.current;
    }

    /**
     * As the store has it, for decisions: read again where the last commit left a doubt.
     *
     * @throws StoreError
     */
    fresh(): Promise<State> {
        return this.apply((state) => ({ state, output: state }));
    }

    /**
     * Runs an operation, commits, and only then gives its output.
     *
     * @throws whatever the operation throws: then nothing has changed
     * @throws StoreError if the commit failed; `conflict` if another process keeps this book too
     */
    apply<Output>(operation: (state: State) => BookStep<State, Output>): Promise<Output> {
        const result = this.queue.then(async () => {
            if (this.uncertain) {
                await this.reload();
            }
            const { state, output } = operation(this.current);
            if (state !== this.current) {
                await this.commit(state);
            }
            return output;
        });
        this.queue = result.catch(() => undefined);
        return result;
    }

    /** Forgets the book of a channel that has ended. */
    async remove(): Promise<void> {
        await this.store.remove(this.place.channel, this.codec.side, this.place.openedLt);
    }

    private async commit(state: State): Promise<void> {
        const { side, encode } = this.codec;
        try {
            await this.store.commit({ ...this.place, side, revision: this.revision + 1, state: encode(state) });
        } catch (error) {
            this.uncertain = true;
            throw error;
        }
        this.revision += 1;
        this.current = state;
    }

    private async reload(): Promise<void> {
        const { channel, openedLt } = this.place;
        const row = await this.store.load(channel, this.codec.side);
        if (row?.openedLt !== openedLt) {
            throw new StoreError(
                'conflict',
                `The ${this.codec.side}'s book of ${channel.toRawString()} is gone, or of another opening; drop this one`,
            );
        }
        this.current = this.codec.decode(row.state);
        this.revision = row.revision;
        this.uncertain = false;
    }
}
