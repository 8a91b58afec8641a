import { Address } from '@ton/core';
import { CodeForm, KnownChannel, Market } from '../../wrappers';

/** What {@link ChannelViews} reads the chain by. */
export interface ViewOptions {
    market: Market;
    /** Owner of the stake. */
    owner: Address;
    /** Told of a channel that could not be read where that stops nothing. */
    onError?: (error: Error) => void;
}

/** What the chain showed of the channels that are served: whose they are, and how they hold their code. */
export class ChannelViews {
    private readonly known = new Map<string, { readonly client: Address; readonly form: CodeForm }>();

    constructor(private readonly options: ViewOptions) {}

    /**
     * The channel as the chain shows it now; null if it is not there.
     *
     * @throws what its getter fails with, as it does while the code is a library that is not published
     */
    async read(channel: Address): Promise<KnownChannel | null> {
        const found = await this.options.market.channels.findAt(channel, this.options.owner);
        if (found) {
            this.note(found);
        }
        return found;
    }

    /** The same, where a failure is told to `onError` and stops nothing: then null too. */
    async tryRead(channel: Address): Promise<KnownChannel | null> {
        try {
            return await this.read(channel);
        } catch (error) {
            this.options.onError?.(error instanceof Error ? error : new Error(String(error)));
            return null;
        }
    }

    /** Whether vouchers can be redeemed now. A channel that carries its code can; of any other the chain is asked. */
    async isRedeemable(channel: Address): Promise<boolean> {
        const known = this.known.get(channel.toRawString());
        return known?.form === 'full' || (await this.tryRead(channel)) !== null;
    }

    /** How many channels of this client are served besides one. */
    othersOf(client: Address, channel: Address): number {
        const key = channel.toRawString();
        return [...this.known].filter(([other, known]) => known.client.equals(client) && other !== key).length;
    }

    note({ address, client, form }: KnownChannel): void {
        this.known.set(address.toRawString(), { client, form });
    }

    forget(channel: Address): void {
        this.known.delete(channel.toRawString());
    }
}
