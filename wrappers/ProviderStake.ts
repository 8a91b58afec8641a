import { Address, beginCell, Cell, Contract, ContractProvider, Sender } from '@ton/core';
import { deriveStake, StakeIdentity } from './addresses';
import { Bits256, requireAddress, requirePositive, requireSignature, requireUint, toUint256 } from './checks';
import * as fees from './fees';
import { createNetworkParamsCell, NetworkParams } from './networkParams';
import { StakeOp } from './opcodes';
import { DEFAULT_PRICES, Prices } from './prices';
import { createProfileCell, parseProfile, Profile, ProfileInput } from './profile';
import { createQuoteCell, Quote } from './quote';
import { JobOutcome, RefusalReason, StakeState } from './states';
import { parseTrackRecord, TrackRecord } from './trackRecord';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/** A provider's stake as its contract has it; what a state does not have yet is zero or null. */
export interface StakeInfo {
    state: StakeState;
    registry: Address;
    owner: Address;
    /** nanoTON, without what is unbonding. */
    stake: bigint;
    /** nanoTON, slashable until withdrawn. */
    unbonding: bigint;
    /** Unix seconds from which {@link StakeInfo.unbonding} can be withdrawn. */
    unlockAt: number;
    /** nanoTON: the collateral of all locks. */
    locked: bigint;
    /** nanoTON of the allowance that is used: open hot locks, and what slashes took since the last reset. */
    allowanceUsed: bigint;
    /** nanoTON: the collateral of the locks that operator and quotes took. */
    hotLocked: bigint;
    /** Bit n is set while slot n holds a lock. */
    usedSlots: bigint;
    record: TrackRecord;
    /** Basis points. */
    feeBps: number;
    /** Version of the parameters that were synced last. */
    version: number;
    /** nanoTON */
    minStake: bigint;
    /** Seconds. */
    unbondingPeriod: number;
    /** Unix seconds until which nothing is accepted; 0 if never paused. */
    pausedUntil: number;
    /** Unix seconds until which the tier is Attested; 0 if it never was. */
    attestedUntil: number;
    /** Logical time of the registration attempt under way. */
    attemptLt: bigint;
    /** Why the last attempt failed. */
    refusal: RefusalReason | null;
    treasury: Address | null;
    verifier: Address | null;
    /** The provider's till. */
    settlement: Address | null;
    profile: Profile | null;
}

/** One open job's claim on a stake. */
export interface Lock {
    slot: number;
    /** Logical time of the acceptance. */
    lockId: bigint;
    escrow: Address;
    /** nanoTON */
    collateral: bigint;
    /** Unix seconds from which anyone may release it. */
    lockUntil: number;
    /** Taken by the operator or a quote: counts against the allowance. */
    byHot: boolean;
}

/** Options of OpenStake. */
export interface OpenStakeOptions extends MessageOptions {
    /** nanoTON to stake. */
    amount: bigint;
    /** Checked as the contract does, unless given as a cell, which goes as it is. */
    profile: ProfileInput | Cell;
}

/** Options of AcceptJob. */
export interface AcceptJobOptions extends MessageOptions {
    /** nanoTON, as the terms ask; may be 0. */
    collateral: bigint;
    client: Address;
    nonce: bigint;
    /** Of the opening that was examined; see {@link jobKey}. */
    jobKey: Bits256;
    /** Unix seconds; {@link lockUntilOf} the terms. */
    lockUntil: number;
}

/** Options of ReleaseStaleLock. */
export interface ReleaseStaleLockOptions extends MessageOptions {
    /** 0 to 255. */
    slot: number;
}

/** Options of TopUpStake. */
export interface TopUpStakeOptions extends MessageOptions {
    /** nanoTON; more than zero. */
    amount: bigint;
}

/** Options of UpdateProfile. */
export interface UpdateProfileOptions extends MessageOptions {
    /** Checked as the contract does, unless given as a cell, which goes as it is. */
    profile: ProfileInput | Cell;
}

/** Options of RequestUnbond. */
export interface RequestUnbondOptions extends MessageOptions {
    /** nanoTON; more than zero. */
    amount: bigint;
}

/** Options of AttestationVerdict. */
export interface AttestationVerdictOptions extends MessageOptions {
    measurement: Bits256;
    /** Unix seconds. */
    validUntil: number;
    /** 64 bytes; see {@link reportData}. */
    reportData: Uint8Array;
}

/** Options of AcceptQuote. */
export interface AcceptQuoteOptions extends WireOptions {
    /** nanoTON */
    collateral: bigint;
    client: Address;
    nonce: bigint;
    /** Unix seconds. */
    lockUntil: number;
    quote: Quote | Cell;
}

/** Options of ReleaseCollateral. */
export interface ReleaseCollateralOptions extends WireOptions {
    slot: number;
    /** nanoTON */
    paid: bigint;
    outcome: JobOutcome;
}

/** Options of SlashCollateral. */
export interface SlashCollateralOptions extends WireOptions {
    slot: number;
    /** nanoTON */
    amount: bigint;
    client: Address;
    /** Basis points. */
    toClientBps: number;
    reason: JobOutcome;
}

/** Options of Initialise. */
export interface InitialiseOptions extends WireOptions {
    version: number;
    /** Unix seconds. */
    pausedUntil: number;
    params: NetworkParams | Cell;
}

/** Options of RegistrationRefused. */
export interface RegistrationRefusedOptions extends WireOptions {
    reason: RefusalReason;
}

/** Options of UpdateParams. */
export interface UpdateParamsOptions extends WireOptions {
    version: number;
    /** Unix seconds. */
    pausedUntil: number;
    excessesTo: Address;
    params: NetworkParams | Cell;
}

function profileCellOf(profile: ProfileInput | Cell): Cell {
    return profile instanceof Cell ? profile : createProfileCell(profile);
}

function paramsCellOf(params: NetworkParams | Cell): Cell {
    return params instanceof Cell ? params : createNetworkParamsCell(params);
}

/**
 * One provider's stake: what its jobs can lose, and the locks that say so. Its address follows from the Registry and the owner.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class ProviderStake implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * The stake of an owner in a network.
     *
     * @param prices - the network's prices; see {@link loadPrices}
     * @throws InputError for an address that is missing or outside the basechain, or a number that does not fit
     */
    static async createFromConfig(config: StakeIdentity, prices: Prices = DEFAULT_PRICES): Promise<ProviderStake> {
        const { address, init } = await deriveStake(config);
        return new ProviderStake(address, init, prices);
    }

    /**
     * The contract at a known address; it cannot be deployed through this object.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): ProviderStake {
        return new ProviderStake(requireAddress('address', address), undefined, prices);
    }

    // Messages that people and workers send.

    /**
     * From the owner: opens the stake and asks the Registry for admission.
     *
     * @throws InputError for a zero amount or a profile that the contract would refuse
     */
    static createOpenStakeBody(options: OpenStakeOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.OpenStake, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requirePositive('amount', options.amount), 64)
            .storeRef(profileCellOf(options.profile))
            .endCell();
    }

    /**
     * OpenStake, ready for any wallet. Default value: the amount, five years' rent, and the registration; what is left
     * returns.
     */
    getOpenStakeTxParams(options: OpenStakeOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, options.amount + fees.openingValue(this.prices)),
            body: ProviderStake.createOpenStakeBody(options),
            init: this.init,
        };
    }

    /** Sends OpenStake. */
    async sendOpenStake(provider: ContractProvider, via: Sender, options: OpenStakeOptions): Promise<void> {
        await sendTx(provider, via, this.getOpenStakeTxParams(options));
    }

    /**
     * From the owner, or the operator within the allowance: takes an open job by hand.
     *
     * @throws InputError for values that do not fit
     */
    static createAcceptJobBody(options: AcceptJobOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.AcceptJob, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('collateral', options.collateral, 64), 64)
            .storeAddress(requireAddress('client', options.client))
            .storeUint(requireUint('nonce', options.nonce, 64), 64)
            .storeUint(toUint256('jobKey', options.jobKey), 256)
            .storeUint(requireUint('lockUntil', options.lockUntil, 32), 32)
            .endCell();
    }

    /** AcceptJob, ready for any wallet. Default value: the acceptance's round trip. */
    getAcceptJobTxParams(options: AcceptJobOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.acceptingValue(this.prices)),
            body: ProviderStake.createAcceptJobBody(options),
        };
    }

    /** Sends AcceptJob. */
    async sendAcceptJob(provider: ContractProvider, via: Sender, options: AcceptJobOptions): Promise<void> {
        await sendTx(provider, via, this.getAcceptJobTxParams(options));
    }

    /** From anyone, from the lock's lockUntil on: deletes a lock whose escrow never came back. */
    static createReleaseStaleLockBody(options: ReleaseStaleLockOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.ReleaseStaleLock, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('slot', options.slot, 8), 8)
            .endCell();
    }

    /** ReleaseStaleLock, ready for any wallet. Default value: its gas. */
    getReleaseStaleLockTxParams(options: ReleaseStaleLockOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createReleaseStaleLockBody(options),
        };
    }

    /** Sends ReleaseStaleLock. */
    async sendReleaseStaleLock(
        provider: ContractProvider,
        via: Sender,
        options: ReleaseStaleLockOptions,
    ): Promise<void> {
        await sendTx(provider, via, this.getReleaseStaleLockTxParams(options));
    }

    /**
     * From anyone, while Registered or Unregistered: adds to the stake.
     *
     * @throws InputError `zero-amount`
     */
    static createTopUpStakeBody(options: TopUpStakeOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.TopUpStake, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requirePositive('amount', options.amount), 64)
            .endCell();
    }

    /** TopUpStake, ready for any wallet. Default value: the amount and gas. */
    getTopUpStakeTxParams(options: TopUpStakeOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, options.amount + fees.stakeStepValue(this.prices)),
            body: ProviderStake.createTopUpStakeBody(options),
        };
    }

    /** Sends TopUpStake. */
    async sendTopUpStake(provider: ContractProvider, via: Sender, options: TopUpStakeOptions): Promise<void> {
        await sendTx(provider, via, this.getTopUpStakeTxParams(options));
    }

    /**
     * From the owner: replaces operator, allowance, keys, endpoint and offers.
     *
     * @throws InputError for a profile that the contract would refuse
     */
    static createUpdateProfileBody(options: UpdateProfileOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.UpdateProfile, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(profileCellOf(options.profile))
            .endCell();
    }

    /** UpdateProfile, ready for any wallet. Default value: its gas. */
    getUpdateProfileTxParams(options: UpdateProfileOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.profileValue(this.prices)),
            body: ProviderStake.createUpdateProfileBody(options),
        };
    }

    /** Sends UpdateProfile. */
    async sendUpdateProfile(provider: ContractProvider, via: Sender, options: UpdateProfileOptions): Promise<void> {
        await sendTx(provider, via, this.getUpdateProfileTxParams(options));
    }

    /** From the owner: forgives the allowance what slashes took of it. */
    static createResetAllowanceUsedBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(StakeOp.ResetAllowanceUsed, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** ResetAllowanceUsed, ready for any wallet. Default value: its gas. */
    getResetAllowanceUsedTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createResetAllowanceUsedBody(options),
        };
    }

    /** Sends ResetAllowanceUsed. */
    async sendResetAllowanceUsed(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getResetAllowanceUsedTxParams(options));
    }

    /**
     * From the owner, while nothing unbonds: starts to unbond.
     *
     * @throws InputError `zero-amount`
     */
    static createRequestUnbondBody(options: RequestUnbondOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.RequestUnbond, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requirePositive('amount', options.amount), 64)
            .endCell();
    }

    /** RequestUnbond, ready for any wallet. Default value: its gas. */
    getRequestUnbondTxParams(options: RequestUnbondOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createRequestUnbondBody(options),
        };
    }

    /** Sends RequestUnbond. */
    async sendRequestUnbond(provider: ContractProvider, via: Sender, options: RequestUnbondOptions): Promise<void> {
        await sendTx(provider, via, this.getRequestUnbondTxParams(options));
    }

    /** From the owner: takes what unbonds back into the stake. */
    static createCancelUnbondBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(StakeOp.CancelUnbond, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** CancelUnbond, ready for any wallet. Default value: its gas. */
    getCancelUnbondTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createCancelUnbondBody(options),
        };
    }

    /** Sends CancelUnbond. */
    async sendCancelUnbond(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getCancelUnbondTxParams(options));
    }

    /** From the owner, from unlockAt on: pays what has unbonded, as far as no lock needs it. */
    static createWithdrawStakeBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(StakeOp.WithdrawStake, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** WithdrawStake, ready for any wallet. Default value: its gas. */
    getWithdrawStakeTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createWithdrawStakeBody(options),
        };
    }

    /** Sends WithdrawStake. */
    async sendWithdrawStake(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getWithdrawStakeTxParams(options));
    }

    /** From the owner, in Unregistered: asks the Registry again. */
    static createRetryRegisterBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(StakeOp.RetryRegister, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** RetryRegister, ready for any wallet. Default value: the registration's round trip; what is left returns. */
    getRetryRegisterTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.retryingValue(this.prices)),
            body: ProviderStake.createRetryRegisterBody(options),
        };
    }

    /** Sends RetryRegister. */
    async sendRetryRegister(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getRetryRegisterTxParams(options));
    }

    /** From the owner, in Registering and Unregistered: takes everything back and destroys the account. */
    static createWithdrawUnregisteredBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(StakeOp.WithdrawUnregistered, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** WithdrawUnregistered, ready for any wallet. Default value: its gas. */
    getWithdrawUnregisteredTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createWithdrawUnregisteredBody(options),
        };
    }

    /** Sends WithdrawUnregistered. */
    async sendWithdrawUnregistered(
        provider: ContractProvider,
        via: Sender,
        options: MessageOptions = {},
    ): Promise<void> {
        await sendTx(provider, via, this.getWithdrawUnregisteredTxParams(options));
    }

    /**
     * From the network's verifier: the keys of this stake were attested.
     *
     * @throws InputError for values that do not fit
     */
    static createAttestationVerdictBody(options: AttestationVerdictOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.AttestationVerdict, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(toUint256('measurement', options.measurement), 256)
            .storeUint(requireUint('validUntil', options.validUntil, 32), 32)
            .storeBuffer(requireSignature('reportData', options.reportData))
            .endCell();
    }

    /** AttestationVerdict, ready for any wallet. Default value: its gas. */
    getAttestationVerdictTxParams(options: AttestationVerdictOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.stakeStepValue(this.prices)),
            body: ProviderStake.createAttestationVerdictBody(options),
        };
    }

    /** Sends AttestationVerdict. */
    async sendAttestationVerdict(
        provider: ContractProvider,
        via: Sender,
        options: AttestationVerdictOptions,
    ): Promise<void> {
        await sendTx(provider, via, this.getAttestationVerdictTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** From the derived escrow, with the provider's quote. queryId is openedLt. */
    static createAcceptQuoteBody(options: AcceptQuoteOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.AcceptQuote, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('collateral', options.collateral, 64), 64)
            .storeAddress(requireAddress('client', options.client))
            .storeUint(requireUint('nonce', options.nonce, 64), 64)
            .storeUint(requireUint('lockUntil', options.lockUntil, 32), 32)
            .storeRef(options.quote instanceof Cell ? options.quote : createQuoteCell(options.quote))
            .endCell();
    }

    /** From the escrow: the job ended without fault. queryId is the lockId. */
    static createReleaseCollateralBody(options: ReleaseCollateralOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.ReleaseCollateral, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('slot', options.slot, 8), 8)
            .storeUint(requireUint('paid', options.paid, 64), 64)
            .storeUint(requireUint('outcome', options.outcome, 8), 8)
            .endCell();
    }

    /** From the escrow: the provider was late, silent or wrong. queryId is the lockId. */
    static createSlashCollateralBody(options: SlashCollateralOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.SlashCollateral, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('slot', options.slot, 8), 8)
            .storeUint(requireUint('amount', options.amount, 64), 64)
            .storeAddress(requireAddress('client', options.client))
            .storeUint(requireUint('toClientBps', options.toClientBps, 16), 16)
            .storeUint(requireUint('reason', options.reason, 8), 8)
            .endCell();
    }

    /** From the Registry: admission. queryId is the attempt's logical time. */
    static createInitialiseBody(options: InitialiseOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.Initialise, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('version', options.version, 32), 32)
            .storeUint(requireUint('pausedUntil', options.pausedUntil, 32), 32)
            .storeRef(paramsCellOf(options.params))
            .endCell();
    }

    /** From the Registry: not now. queryId is the attempt's logical time. */
    static createRegistrationRefusedBody(options: RegistrationRefusedOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.RegistrationRefused, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('reason', options.reason, 8), 8)
            .endCell();
    }

    /** From the Registry: the network's parameters as they are now. */
    static createUpdateParamsBody(options: UpdateParamsOptions): Cell {
        return beginCell()
            .storeUint(StakeOp.UpdateParams, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('version', options.version, 32), 32)
            .storeUint(requireUint('pausedUntil', options.pausedUntil, 32), 32)
            .storeAddress(requireAddress('excessesTo', options.excessesTo))
            .storeRef(paramsCellOf(options.params))
            .endCell();
    }

    /** To client and treasury: a share of what was slashed. queryId is the lockId. */
    static createSlashShareBody(options: WireOptions = {}): Cell {
        return beginCell().storeUint(StakeOp.SlashShare, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    // Getters.

    /** Whether the account exists. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole stake. Only while the account exists. */
    async getStake(provider: ContractProvider): Promise<StakeInfo> {
        const { stack } = await provider.get('stake', []);
        const info = {
            state: stack.readNumber() as StakeState,
            registry: stack.readAddress(),
            owner: stack.readAddress(),
            stake: stack.readBigNumber(),
            unbonding: stack.readBigNumber(),
            unlockAt: stack.readNumber(),
            locked: stack.readBigNumber(),
            allowanceUsed: stack.readBigNumber(),
            hotLocked: stack.readBigNumber(),
            usedSlots: stack.readBigNumber(),
            record: parseTrackRecord(stack.readBigNumber()),
            feeBps: stack.readNumber(),
            version: stack.readNumber(),
            minStake: stack.readBigNumber(),
            unbondingPeriod: stack.readNumber(),
            pausedUntil: stack.readNumber(),
            attestedUntil: stack.readNumber(),
            attemptLt: stack.readBigNumber(),
        };
        const refusal = stack.readNumber();
        const treasury = stack.readAddressOpt();
        const verifier = stack.readAddressOpt();
        const settlement = stack.readAddressOpt();
        const profile = stack.readCellOpt();
        return {
            ...info,
            refusal: refusal === 0 ? null : (refusal as RefusalReason),
            treasury,
            verifier,
            settlement,
            profile: profile && parseProfile(profile),
        };
    }

    /** Where the registration stands. */
    async getStakeState(provider: ContractProvider): Promise<StakeState> {
        return (await this.getStake(provider)).state;
    }

    /** The lock in a slot, if there is one. */
    async getLockAt(provider: ContractProvider, slot: number): Promise<Lock | null> {
        requireUint('slot', slot, 8);
        const tuple = (await provider.get('lockAt', [{ type: 'int', value: BigInt(slot) }])).stack.readTupleOpt();
        if (!tuple) {
            return null;
        }
        return {
            slot,
            escrow: tuple.readAddress(),
            lockId: tuple.readBigNumber(),
            collateral: tuple.readBigNumber(),
            byHot: tuple.readBoolean(),
            lockUntil: tuple.readNumber(),
        };
    }

    /** All locks, by slot. One call per lock. */
    async getLocks(provider: ContractProvider): Promise<Lock[]> {
        const { usedSlots } = await this.getStake(provider);
        const locks: Lock[] = [];
        for (let slot = 0; slot < 256; slot++) {
            const lock = (usedSlots >> BigInt(slot)) & 1n ? await this.getLockAt(provider, slot) : null;
            if (lock) {
                locks.push(lock);
            }
        }
        return locks;
    }

    /** nanoTON that OpenStake must bring beyond the amount, by the contract's own reckoning. */
    async getOpeningValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('openingValue', [])).stack.readBigNumber();
    }

    /** nanoTON that AcceptJob must bring, by the contract's own reckoning. */
    async getAcceptingValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('acceptingValue', [])).stack.readBigNumber();
    }
}
