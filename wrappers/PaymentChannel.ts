import { Address, beginCell, Cell, Contract, ContractProvider, Sender } from '@ton/core';
import { ChannelIdentity, deriveChannel } from './addresses';
import { carriedFields, requireSignedFor } from './channelCells';
import { Bits256, requireAddress, requirePositive, requireSignature, requireUint } from './checks';
import * as fees from './fees';
import { requireSigningKey } from './keys';
import { CodeForm } from './libraries';
import { InputError } from './marketError';
import { ChannelOp } from './opcodes';
import { DEFAULT_PRICES, Prices } from './prices';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/** Bounds of a channel's times, in seconds. Source: contracts/channel/storage.tact. */
export const CHANNEL_BOUNDS = {
    CLOSE_DELAY_MIN_SECONDS: 3_600,
    CLOSE_DELAY_MAX_SECONDS: 2_592_000,
    AGREEMENT_MAX_SECONDS: 600,
    /** From the opening to closesAt: YEAR_SECONDS. */
    LIFETIME_MAX_SECONDS: 31_536_000,
} as const;

/** A channel as its contract has it. */
export interface ChannelInfo {
    client: Address;
    /** The till that is paid. */
    settlement: Address;
    nonce: bigint;
    /** Logical time of the opening; 0 before the first. */
    openedLt: bigint;
    /** Ed25519: vouchers, close agreements and requests. */
    clientKey: bigint;
    /** Ed25519: close agreements, and off chain receipts. */
    providerKey: bigint;
    /** nanoTON, cumulative. */
    totalDeposited: bigint;
    /** nanoTON of it that went to the till. */
    claimed: bigint;
    /** Unix seconds from which anyone can finalize. */
    closesAt: number;
    /** Seconds from a close request to closesAt. */
    closeDelay: number;
}

/** Options of OpenChannel. */
export interface OpenChannelOptions extends MessageOptions {
    /** nanoTON */
    deposit: bigint;
    /** Unix seconds; closeDelay to a year from now. */
    closesAt: number;
    /** Seconds; 1 hour to 30 days. */
    closeDelay: number;
    /** Ed25519 public key of the client. */
    clientKey: Bits256;
    /** Ed25519 public key of the provider: signingKey of its profile. */
    providerKey: Bits256;
    /** Seconds from now to closesAt, for the rent in the default value; the longest by default. */
    lifetime?: number;
}

/** Options of Redeem. */
export interface RedeemOptions extends MessageOptions {
    /** The voucher as it was signed. */
    voucher: Cell;
    /** 64 bytes by clientKey over the voucher's hash. */
    signature: Uint8Array;
}

/** Options of TopUpChannel. */
export interface TopUpChannelOptions extends MessageOptions {
    /** nanoTON */
    amount: bigint;
}

/** Options of CloseChannel. */
export interface CloseChannelOptions extends MessageOptions {
    /** The close agreement as both signed it. */
    agreement: Cell;
    /** 64 bytes by clientKey over the agreement's hash. */
    clientSignature: Uint8Array;
    /** 64 bytes by providerKey over the agreement's hash. */
    providerSignature: Uint8Array;
}

/** Options of RequestClose. */
export interface RequestCloseOptions extends MessageOptions {
    /** 64 bytes by clientKey; not needed from the client's wallet. */
    signature?: Uint8Array | null;
}

/**
 * A client's deposit for one provider, drawn down by cumulative signed vouchers. Its address follows from client, till and
 * nonce.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class PaymentChannel implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * The channel of a client with a provider's till, under a nonce of the client.
     *
     * @param prices - the network's prices; see {@link loadPrices}
     * @param form - of its code, and so of its address
     * @throws InputError for an address that is missing or outside the basechain, or a number that does not fit
     */
    static async createFromConfig(
        config: ChannelIdentity,
        prices: Prices = DEFAULT_PRICES,
        form: CodeForm = 'full',
    ): Promise<PaymentChannel> {
        const { address, init } = await deriveChannel(config, form);
        return new PaymentChannel(address, init, prices);
    }

    /**
     * The contract at a known address; it cannot be deployed through this object.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): PaymentChannel {
        return new PaymentChannel(requireAddress('address', address), undefined, prices);
    }

    /**
     * From the client: opens the channel with its deposit.
     *
     * @throws InputError for terms that the contract would refuse at any time, and for weak keys
     */
    static createOpenChannelBody(options: OpenChannelOptions): Cell {
        const { CLOSE_DELAY_MIN_SECONDS: least, CLOSE_DELAY_MAX_SECONDS: most } = CHANNEL_BOUNDS;
        if (!(options.closeDelay >= least && options.closeDelay <= most)) {
            throw new InputError(
                'out-of-range',
                'closeDelay',
                `is ${options.closeDelay} seconds; choose ${least} to ${most}`,
            );
        }
        return beginCell()
            .storeUint(ChannelOp.OpenChannel, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requirePositive('deposit', options.deposit), 64)
            .storeUint(requireUint('closesAt', options.closesAt, 32), 32)
            .storeUint(requireUint('closeDelay', options.closeDelay, 32), 32)
            .storeUint(requireSigningKey('clientKey', options.clientKey), 256)
            .storeUint(requireSigningKey('providerKey', options.providerKey), 256)
            .endCell();
    }

    /** OpenChannel, ready for any wallet. Default value: deposit, rent until a year after the end, gas; the rest returns. */
    getOpenChannelTxParams(options: OpenChannelOptions): TxParams {
        const lifetime = BigInt(options.lifetime ?? CHANNEL_BOUNDS.LIFETIME_MAX_SECONDS);
        return {
            to: this.address,
            value: valueOf(options, fees.openingChannelValue(this.prices, options.deposit, lifetime)),
            body: PaymentChannel.createOpenChannelBody(options),
            init: this.init,
        };
    }

    /** Sends OpenChannel. */
    async sendOpenChannel(provider: ContractProvider, via: Sender, options: OpenChannelOptions): Promise<void> {
        await sendTx(provider, via, this.getOpenChannelTxParams(options));
    }

    /**
     * From anyone: pays the till what the voucher is worth beyond what was claimed.
     *
     * @throws InputError `malformed-signature`, or `malformed-cell` for what is no voucher
     */
    static createRedeemBody(options: RedeemOptions): Cell {
        return beginCell()
            .storeUint(ChannelOp.Redeem, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBits(carriedFields('voucher', 'Voucher', options.voucher))
            .storeBuffer(requireSignature('signature', options.signature))
            .endCell();
    }

    /**
     * Redeem, ready for any wallet. Default value: its gas and the till's; what is left is the provider's.
     *
     * @throws InputError as {@link PaymentChannel.createRedeemBody}, or `malformed-cell` for another channel's voucher
     */
    getRedeemTxParams(options: RedeemOptions): TxParams {
        requireSignedFor('voucher', options.voucher, this.address);
        return {
            to: this.address,
            value: valueOf(options, fees.redeemingValue(this.prices)),
            body: PaymentChannel.createRedeemBody(options),
        };
    }

    /** Sends Redeem. */
    async sendRedeem(provider: ContractProvider, via: Sender, options: RedeemOptions): Promise<void> {
        await sendTx(provider, via, this.getRedeemTxParams(options));
    }

    /** From anyone, before closesAt: adds to the deposit. */
    static createTopUpChannelBody(options: TopUpChannelOptions): Cell {
        return beginCell()
            .storeUint(ChannelOp.TopUpChannel, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requirePositive('amount', options.amount), 64)
            .endCell();
    }

    /** TopUpChannel, ready for any wallet. Default value: the amount and gas. */
    getTopUpChannelTxParams(options: TopUpChannelOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, options.amount + fees.channelStepValue(this.prices)),
            body: PaymentChannel.createTopUpChannelBody(options),
        };
    }

    /** Sends TopUpChannel. */
    async sendTopUpChannel(provider: ContractProvider, via: Sender, options: TopUpChannelOptions): Promise<void> {
        await sendTx(provider, via, this.getTopUpChannelTxParams(options));
    }

    /**
     * From anyone, with both signatures: pays the agreed sum, refunds the rest, and destroys the channel.
     *
     * @throws InputError `malformed-signature`, or `malformed-cell` for what is no close agreement
     */
    static createCloseChannelBody(options: CloseChannelOptions): Cell {
        return beginCell()
            .storeUint(ChannelOp.CloseChannel, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBits(carriedFields('agreement', 'CloseAgreement', options.agreement))
            .storeBuffer(requireSignature('clientSignature', options.clientSignature))
            .storeRef(
                beginCell().storeBuffer(requireSignature('providerSignature', options.providerSignature)).endCell(),
            )
            .endCell();
    }

    /**
     * CloseChannel, ready for any wallet. Default value: what the end costs at most; the rest goes to the client.
     *
     * @throws InputError as {@link PaymentChannel.createCloseChannelBody}, or `malformed-cell` for another channel's agreement
     */
    getCloseChannelTxParams(options: CloseChannelOptions): TxParams {
        requireSignedFor('agreement', options.agreement, this.address);
        return {
            to: this.address,
            value: valueOf(options, fees.closingValue(this.prices)),
            body: PaymentChannel.createCloseChannelBody(options),
        };
    }

    /** Sends CloseChannel. */
    async sendCloseChannel(provider: ContractProvider, via: Sender, options: CloseChannelOptions): Promise<void> {
        await sendTx(provider, via, this.getCloseChannelTxParams(options));
    }

    /**
     * From the client, or anyone with clientKey's signature: lets anyone finalize closeDelay from now.
     *
     * @throws InputError `malformed-signature`
     */
    static createRequestCloseBody(options: RequestCloseOptions = {}): Cell {
        return beginCell()
            .storeUint(ChannelOp.RequestClose, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBuffer(options.signature ? requireSignature('signature', options.signature) : Buffer.alloc(0))
            .endCell();
    }

    /** RequestClose, ready for any wallet. Default value: its gas. */
    getRequestCloseTxParams(options: RequestCloseOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.channelStepValue(this.prices)),
            body: PaymentChannel.createRequestCloseBody(options),
        };
    }

    /** Sends RequestClose. */
    async sendRequestClose(provider: ContractProvider, via: Sender, options: RequestCloseOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getRequestCloseTxParams(options));
    }

    /** From anyone, from closesAt on: refunds the client what no voucher claimed, and destroys the channel. */
    static createFinalizeChannelBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(ChannelOp.FinalizeChannel, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** FinalizeChannel, ready for any wallet. Default value: what the end costs at most; the rest goes to the client. */
    getFinalizeChannelTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.finalizingChannelValue(this.prices)),
            body: PaymentChannel.createFinalizeChannelBody(options),
        };
    }

    /** Sends FinalizeChannel. */
    async sendFinalizeChannel(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getFinalizeChannelTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** To the client with everything that is left. */
    static createChannelClosedBody(options: WireOptions = {}): Cell {
        return beginCell().storeUint(ChannelOp.ChannelClosed, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    // Getters.

    /** Whether the account exists. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole channel. */
    async getChannel(provider: ContractProvider): Promise<ChannelInfo> {
        const { stack } = await provider.get('channel', []);
        return {
            client: stack.readAddress(),
            settlement: stack.readAddress(),
            nonce: stack.readBigNumber(),
            openedLt: stack.readBigNumber(),
            clientKey: stack.readBigNumber(),
            providerKey: stack.readBigNumber(),
            totalDeposited: stack.readBigNumber(),
            claimed: stack.readBigNumber(),
            closesAt: stack.readNumber(),
            closeDelay: stack.readNumber(),
        };
    }

    /** nanoTON that OpenChannel must bring, by the contract's own reckoning. */
    async getOpeningValue(provider: ContractProvider, deposit: bigint, lifetime: bigint): Promise<bigint> {
        const args = [deposit, lifetime].map((value) => ({ type: 'int' as const, value }));
        return (await provider.get('openingValue', args)).stack.readBigNumber();
    }

    /** nanoTON that Redeem must bring, by the contract's own reckoning. */
    async getRedeemingValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('redeemingValue', [])).stack.readBigNumber();
    }
}
