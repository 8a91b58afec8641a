import { ChannelStore } from './channelStore';
import { JobStore } from './jobStore';
import { OrderStore } from './orderStore';

/** Everything that a participant has to know after a restart, in one place. */
export interface Store {
    /** Payment channels, of either side. */
    readonly channels: ChannelStore;
    /** Jobs that a worker signed quotes for. */
    readonly jobs: JobStore;
    /** Jobs that a client ordered. */
    readonly orders: OrderStore;
    /** Closes all of it; what is used afterwards rejects with StoreError `closed`. Closing twice is no error. */
    close(): Promise<void>;
}
