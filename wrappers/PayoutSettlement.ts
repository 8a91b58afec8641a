import { Address, beginCell, Cell, Contract, ContractProvider, Sender } from '@ton/core';
import { deriveSettlement } from './addresses';
import { requireAddress, requireUint } from './checks';
import * as fees from './fees';
import { SettlementOp } from './opcodes';
import { createPayeesCell, parsePayees, Payee } from './payees';
import { DEFAULT_PRICES, Prices } from './prices';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/** What a till's address is derived from. */
export interface SettlementIdentity {
    /** Address of the provider's stake. */
    stake: Address;
}

/** A till as its contract has it. */
export interface TillInfo {
    providerStake: Address;
    /** Version of the parameters that were synced last; 0 before the stake initialised it. */
    version: number;
    /** Basis points of what is settled. */
    feeBps: number;
    /** nanoTON that belong to the treasury. */
    feesDue: bigint;
    /** nanoTON from which a settlement pays out by itself. */
    threshold: bigint;
    owner: Address | null;
    treasury: Address | null;
    /** Empty: the owner gets everything. */
    payees: Payee[];
    /** nanoTON above fees due and rent. */
    withdrawable: bigint;
}

/** Options of Settle. */
export interface SettleOptions extends MessageOptions {
    /** nanoTON for the provider, the network's fee included. */
    amount: bigint;
    /** Who paid, for indexers. */
    source: Address;
}

/** Options of SetPayees. */
export interface SetPayeesOptions extends MessageOptions {
    /** At most four whose shares add up to 10000 basis points; empty or null: the owner. A cell goes as it is. */
    payees: readonly Payee[] | Cell | null;
    /** nanoTON from which a settlement pays out by itself; 2^64 - 1 turns that off. */
    threshold: bigint;
}

/** Options of TillParams. */
export interface TillParamsOptions extends WireOptions {
    version: number;
    /** Basis points. */
    feeBps: number;
    owner: Address;
    treasury: Address;
    excessesTo: Address;
}

function payeesCellOf(payees: readonly Payee[] | Cell | null): Cell | null {
    return payees instanceof Cell ? payees : createPayeesCell(payees ?? []);
}

/**
 * A provider's till: everything in it above the network's fees and the rent is the provider's. Its address follows from the
 * stake's.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class PayoutSettlement implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * The till of a provider.
     *
     * @param prices - the network's prices; see {@link loadPrices}
     * @throws InputError for an address that is missing or outside the basechain, or a number that does not fit
     */
    static async createFromConfig(
        config: SettlementIdentity,
        prices: Prices = DEFAULT_PRICES,
    ): Promise<PayoutSettlement> {
        const { address, init } = await deriveSettlement(config.stake);
        return new PayoutSettlement(address, init, prices);
    }

    /**
     * The contract at a known address; it cannot be deployed through this object.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): PayoutSettlement {
        return new PayoutSettlement(requireAddress('address', address), undefined, prices);
    }

    // Messages that people and workers send.

    /** From anyone: pays the provider. */
    static createSettleBody(options: SettleOptions): Cell {
        return beginCell()
            .storeUint(SettlementOp.Settle, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('amount', options.amount, 64), 64)
            .storeAddress(requireAddress('source', options.source))
            .endCell();
    }

    /** Settle, ready for any wallet. Default value: the amount and gas. */
    getSettleTxParams(options: SettleOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.settlingValue(this.prices, options.amount)),
            body: PayoutSettlement.createSettleBody(options),
        };
    }

    /** Sends Settle. */
    async sendSettle(provider: ContractProvider, via: Sender, options: SettleOptions): Promise<void> {
        await sendTx(provider, via, this.getSettleTxParams(options));
    }

    /** From the owner: pays everything above fees due and rent to the payees. */
    static createWithdrawBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(SettlementOp.Withdraw, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** Withdraw, ready for any wallet. Default value: its gas. */
    getWithdrawTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.tillStepValue(this.prices)),
            body: PayoutSettlement.createWithdrawBody(options),
        };
    }

    /** Sends Withdraw. */
    async sendWithdraw(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getWithdrawTxParams(options));
    }

    /**
     * From the owner: changes who is paid and when; what is there goes to the payees of before.
     *
     * @throws InputError for a list that the till would refuse
     */
    static createSetPayeesBody(options: SetPayeesOptions): Cell {
        return beginCell()
            .storeUint(SettlementOp.SetPayees, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('threshold', options.threshold, 64), 64)
            .storeMaybeRef(payeesCellOf(options.payees))
            .endCell();
    }

    /** SetPayees, ready for any wallet. Default value: its gas. */
    getSetPayeesTxParams(options: SetPayeesOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.settingPayeesValue(this.prices)),
            body: PayoutSettlement.createSetPayeesBody(options),
        };
    }

    /** Sends SetPayees. */
    async sendSetPayees(provider: ContractProvider, via: Sender, options: SetPayeesOptions): Promise<void> {
        await sendTx(provider, via, this.getSetPayeesTxParams(options));
    }

    /** From anyone: sends the network's fees to the treasury. */
    static createFlushFeesBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(SettlementOp.FlushFees, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** FlushFees, ready for any wallet. Default value: its gas. */
    getFlushFeesTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.tillStepValue(this.prices)),
            body: PayoutSettlement.createFlushFeesBody(options),
        };
    }

    /** Sends FlushFees. */
    async sendFlushFees(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getFlushFeesTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** From the stake, with the StateInit: initialises, updates, or is ignored. */
    static createTillParamsBody(options: TillParamsOptions): Cell {
        return beginCell()
            .storeUint(SettlementOp.TillParams, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('version', options.version, 32), 32)
            .storeUint(requireUint('feeBps', options.feeBps, 16), 16)
            .storeAddress(requireAddress('owner', options.owner))
            .storeRef(
                beginCell()
                    .storeAddress(requireAddress('treasury', options.treasury))
                    .storeAddress(requireAddress('excessesTo', options.excessesTo))
                    .endCell(),
            )
            .endCell();
    }

    /** To a payee. */
    static createPayoutBody(options: WireOptions = {}): Cell {
        return beginCell().storeUint(SettlementOp.Payout, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    // Getters.

    /** Whether the account exists. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole till. */
    async getTill(provider: ContractProvider): Promise<TillInfo> {
        const { stack } = await provider.get('till', []);
        return {
            providerStake: stack.readAddress(),
            version: stack.readNumber(),
            feeBps: stack.readNumber(),
            feesDue: stack.readBigNumber(),
            threshold: stack.readBigNumber(),
            owner: stack.readAddressOpt(),
            treasury: stack.readAddressOpt(),
            payees: parsePayees(stack.readCellOpt()),
            withdrawable: stack.readBigNumber(),
        };
    }

    /** nanoTON that Withdraw would pay out. */
    async getWithdrawable(provider: ContractProvider): Promise<bigint> {
        return (await this.getTill(provider)).withdrawable;
    }

    /** nanoTON that a Settle must carry beyond its amount, by the contract's own reckoning. */
    async getSettlementValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('settlementValue', [])).stack.readBigNumber();
    }
}
