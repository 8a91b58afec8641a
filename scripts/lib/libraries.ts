import { channelCode, LibraryPublisher, PublisherState, toUint256 } from '../../wrappers';
import type { Context } from './context';
import { newestTransactions } from './delivery';
import { hexOf, written } from './deployments';
import { asDate, Shown } from './output';

/** Who publishes the code of channels, as the chain shows it. */
export interface KnownPublisher {
    publisher: LibraryPublisher;
    state: PublisherState;
    /** Unix seconds; 0: it is not published. null: this API does not show what the time follows from. */
    paidUntil: number | null;
}

/** Looks at the publisher of the channels' code. */
export async function channelPublisher(context: Context): Promise<KnownPublisher> {
    const { connection, chain } = context;
    const publisher = await LibraryPublisher.createFromLibrary(await channelCode(), chain.masterchainPrices);
    context.contracts.LibraryPublisher = {
        address: written(publisher.address),
        codeHash: hexOf(toUint256('code', publisher.init.code.hash())),
    };
    const { state, balance } = await connection.open(publisher).getInfo();
    if (state !== 'active') {
        return { publisher, state, paidUntil: 0 };
    }
    // Rent was collected last in the newest transaction.
    const [newest] = await newestTransactions(connection, publisher.address);
    return { publisher, state, paidUntil: newest ? publisher.paidUntil(balance, newest.now) : null };
}

/** Whether the code of channels is a library, and until when that is paid, for output. */
export async function shownLibrary(context: Context): Promise<object> {
    const { publisher, state, paidUntil } = await channelPublisher(context);
    const published = state === 'active' ? 'yes' : state === 'frozen' ? 'no longer: its rent ran out' : 'no';
    return {
        channels: new Shown(state === 'active', published),
        publisher: publisher.address,
        paidUntil: paidUntil === null ? new Shown(null, 'this API does not show it') : asDate(paidUntil),
    };
}
