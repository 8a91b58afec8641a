import { Address, Cell, OpenedContract, Sender } from '@ton/core';
import { getSecureRandomBytes } from '@ton/crypto';
import { channelAddress, requireDerived, settlementAddress, stakeAddress } from './addresses';
import { Bits256, toUint256 } from './checks';
import { addressOfSender, Connection, openThrough } from './connection';
import { redeemingValue } from './fees';
import { CODE_FORMS, CodeForm } from './libraries';
import type { ProviderInfo, Receipt, SendOptions } from './Market';
import { InputError, StateError } from './marketError';
import { CHANNEL_BOUNDS, ChannelInfo, PaymentChannel } from './PaymentChannel';
import { Prices } from './prices';
import { StakeState, Tier } from './states';
import { BatchOptions, BatchWallet, sendBatches } from './walletBatch';

/** Names a channel without a derived address, so that it cannot lie. */
export interface ChannelName {
    client: Address;
    /** Owner of the provider's stake. */
    provider: Address;
    nonce: bigint;
    /** How its account holds its code; `full` by default. */
    form?: CodeForm;
}

/** A channel that is open, with everything derived. */
export interface KnownChannel extends ChannelInfo {
    provider: Address;
    address: Address;
    form: CodeForm;
}

/** A voucher with its signature: all that a redemption takes, no key. */
export interface SignedVoucher {
    voucher: Cell;
    /** 64 bytes by clientKey. */
    signature: Uint8Array;
}

/** What {@link Channels} stands on: a market. */
export interface ChannelMarket {
    readonly registry: Address;
    readonly connection: Connection;
    readonly prices: Prices;
    /** Unix seconds until which the library with the channels' code is paid; 0: it is not published. */
    readonly codeLibraryPaidUntil: number;
    /** Unix seconds. */
    now(): number;
    provider(owner: Address): Promise<ProviderInfo>;
}

const DAY_SECONDS = 86_400;
/** A clock ahead of the chain's must not make the channel end too far away or pay too little rent. */
const CLOCK_LEEWAY_SECONDS = 600;
/** A worker wants the library paid for a while after closesAt, so that it can still redeem. */
const LIBRARY_LEEWAY_SECONDS = DAY_SECONDS;

/**
 * Payment channels on chain: opening, paying in, redeeming, ending. What is signed off chain is `protocol`'s. Every address is derived
 * from the Registry; anything else is refused before money moves (docs/flows.md).
 */
export class Channels {
    constructor(private readonly market: ChannelMarket) {}

    /** Where a channel is, whether or not it was opened. */
    async address({ client, provider, nonce, form }: ChannelName): Promise<Address> {
        const till = await settlementAddress(await stakeAddress(this.market.registry, provider));
        return await channelAddress(client, till, nonce, form);
    }

    /** A channel; null if it was never opened or has ended. */
    async find(name: ChannelName): Promise<KnownChannel | null> {
        const { provider, form = 'full' } = name;
        const address = await this.address(name);
        const opened = this.openedAt(address);
        const info = (await opened.getIsActive()) ? await opened.getChannel() : null;
        return info && info.openedLt > 0n ? { ...info, provider, address, form } : null;
    }

    /** The channel of that name in whichever form it is open; null if in none. */
    async findAnyForm(name: Omit<ChannelName, 'form'>): Promise<KnownChannel | null> {
        for (const form of CODE_FORMS) {
            const found = await this.find({ ...name, form });
            if (found) {
                return found;
            }
        }
        return null;
    }

    /**
     * The channel at an address, as one with this provider; null if it was never opened or has ended.
     *
     * @throws ForeignAddressError if it is none of the provider's
     */
    async findAt(address: Address, provider: Address): Promise<KnownChannel | null> {
        const opened = this.openedAt(address);
        if (!(await opened.getIsActive())) {
            return null;
        }
        const { client, nonce } = await opened.getChannel();
        const name: ChannelName = { client, provider, nonce };
        if (address.equals(await this.address({ ...name, form: 'library' }))) {
            return await this.find({ ...name, form: 'library' });
        }
        requireDerived('channel', address, await this.address(name));
        return await this.find(name);
    }

    /**
     * Opens a channel with a provider: deploys it and pays the deposit in, in one message. If its code is a library that is not there,
     * the message bounces.
     *
     * @throws InputError for times out of bounds or a weak key
     * @throws StateError `not-found` if the provider is not registered, `wrong-state` if this channel is open already or the
     * provider is not of the tier that is asked for
     */
    async open(
        via: Sender,
        options: SendOptions & {
            /** Owner of the provider's stake. */
            provider: Address;
            /** nanoTON */
            deposit: bigint;
            /** Ed25519 public key: its secret signs the vouchers. */
            clientKey: Bits256;
            /** Seconds from now until anybody can refund the rest; 30 days by default, a year at most. */
            lifetime?: number;
            /** Seconds that a close request leaves the provider; a day by default. */
            closeDelay?: number;
            /** 64 bits; random by default. */
            nonce?: bigint;
            /** The sender by default. */
            client?: Address;
            /** `library` carries one cell instead of the code; by default where the library is paid until a day after closesAt. */
            form?: CodeForm;
            /** Open by default: whoever runs the provider's worker can read what is asked. Attested refuses a provider that is not. */
            tier?: Tier;
        },
    ): Promise<Receipt & ChannelName & { address: Address }> {
        const client = addressOfSender(via, options.client, 'client');
        const { provider, deposit } = options;
        const lifetime = options.lifetime ?? 30 * DAY_SECONDS;
        const closeDelay = options.closeDelay ?? DAY_SECONDS;
        requireLifetime(lifetime, closeDelay);
        const { stake } = await this.market.provider(provider);
        if (stake?.state !== StakeState.Registered || !stake.profile) {
            throw new StateError(
                'not-found',
                `${provider.toString()} is not a registered provider of this network; take another`,
            );
        }
        if (options.tier === Tier.Attested && stake.attestedUntil <= this.market.now()) {
            throw new StateError('wrong-state', 'The provider is not attested now; take another, or the tier Open');
        }
        const nonce = options.nonce ?? BigInt('0x' + (await getSecureRandomBytes(8)).toString('hex'));
        const closesAt = this.market.now() + lifetime;
        const form =
            options.form ??
            (closesAt + LIBRARY_LEEWAY_SECONDS <= this.market.codeLibraryPaidUntil ? 'library' : 'full');
        const name = { client, provider, nonce, form };
        if (await this.findAnyForm(name)) {
            throw new StateError('wrong-state', 'This channel is open; top it up, or choose another nonce');
        }
        const settlement = await settlementAddress(await stakeAddress(this.market.registry, provider));
        const channel = await PaymentChannel.createFromConfig({ client, settlement, nonce }, this.market.prices, form);
        const { queryId, value } = options;
        const sent = await openThrough(this.market.connection, channel).sendOpenChannel(via, {
            queryId,
            value,
            deposit,
            closesAt,
            closeDelay,
            clientKey: toUint256('clientKey', options.clientKey),
            providerKey: stake.profile.signingKey,
            lifetime: lifetime + CLOCK_LEEWAY_SECONDS,
        });
        return { ...name, address: channel.address, to: channel.address, sent };
    }

    /** Adds to the deposit; anybody may. */
    async topUp(
        via: Sender,
        name: ChannelName,
        options: SendOptions & {
            /** nanoTON */
            amount: bigint;
        },
    ): Promise<Receipt> {
        const channel = await this.requireOpen(name);
        if (this.market.now() >= channel.closesAt) {
            throw new StateError('wrong-state', 'closesAt has passed; finalize the channel and open another');
        }
        return this.receipt(channel, this.openedAt(channel.address).sendTopUpChannel(via, options));
    }

    /**
     * Pays the provider's till what a voucher is worth beyond what was claimed. Needs no key: a watchtower can.
     *
     * @throws StateError `wrong-state` if that is nothing
     */
    async redeem(via: Sender, name: ChannelName, options: SendOptions & SignedVoucher): Promise<Receipt> {
        const channel = await this.requireOpen(name);
        return this.receipt(channel, this.openedAt(channel.address).sendRedeem(via, options));
    }

    /**
     * Redeems any number of channels with a wallet v5, as many in one external message as fit.
     *
     * @returns how many each external message carried
     * @throws StateError `unconfirmed`; doing it all again is safe, what was redeemed is refused
     */
    async redeemMany(
        wallet: BatchWallet,
        redemptions: readonly (ChannelName & SignedVoucher)[],
        options: BatchOptions,
    ): Promise<number[]> {
        const messages = await Promise.all(
            redemptions.map(async ({ voucher, signature, ...name }) =>
                PaymentChannel.createFromAddress(await this.address(name), this.market.prices).getRedeemTxParams({
                    voucher,
                    signature,
                    value: redeemingValue(this.market.prices),
                }),
            ),
        );
        return await sendBatches(wallet, messages, options);
    }

    /** Ends a channel at once by an agreement that both sides signed. */
    async closeCooperatively(
        via: Sender,
        name: ChannelName,
        options: SendOptions & {
            agreement: Cell;
            /** 64 bytes by clientKey. */
            clientSignature: Uint8Array;
            /** 64 bytes by providerKey. */
            providerSignature: Uint8Array;
        },
    ): Promise<Receipt> {
        const channel = await this.requireOpen(name);
        return this.receipt(channel, this.openedAt(channel.address).sendCloseChannel(via, options));
    }

    /** Brings closesAt to closeDelay from now: as the client, or with clientKey's signature. */
    async requestClose(
        via: Sender,
        name: ChannelName,
        options: SendOptions & {
            /** 64 bytes by clientKey; not needed from the client's wallet. */
            signature?: Uint8Array;
        } = {},
    ): Promise<Receipt> {
        const channel = await this.requireOpen(name);
        return this.receipt(channel, this.openedAt(channel.address).sendRequestClose(via, options));
    }

    /**
     * Refunds the client what no voucher claimed; anybody may, from closesAt on.
     *
     * @throws StateError `too-early`
     */
    async finalize(via: Sender, name: ChannelName, options: SendOptions = {}): Promise<Receipt> {
        const channel = await this.requireOpen(name);
        if (this.market.now() < channel.closesAt) {
            throw new StateError(
                'too-early',
                `closesAt is ${channel.closesAt}, ${channel.closesAt - this.market.now()} seconds ahead; request the close, or wait`,
            );
        }
        return this.receipt(channel, this.openedAt(channel.address).sendFinalizeChannel(via, options));
    }

    private openedAt(address: Address): OpenedContract<PaymentChannel> {
        return openThrough(this.market.connection, PaymentChannel.createFromAddress(address, this.market.prices));
    }

    private async requireOpen(name: ChannelName): Promise<KnownChannel> {
        const channel = await this.find(name);
        if (!channel) {
            throw new StateError('not-found', 'There is no such channel: it was never opened, or it has ended');
        }
        return channel;
    }

    private async receipt({ address }: KnownChannel, sending: Promise<unknown>): Promise<Receipt> {
        return { to: address, sent: await sending };
    }
}

function requireLifetime(lifetime: number, closeDelay: number): void {
    const most = CHANNEL_BOUNDS.LIFETIME_MAX_SECONDS - CLOCK_LEEWAY_SECONDS;
    const least = closeDelay + CLOCK_LEEWAY_SECONDS;
    if (!(lifetime >= least && lifetime <= most)) {
        throw new InputError('out-of-range', 'lifetime', `is ${lifetime} seconds; choose ${least} to ${most}`);
    }
}
