import { Address, beginCell, Cell, Contract, ContractProvider, Dictionary, Sender, TupleReader } from '@ton/core';
import { deriveRegistry, RegistryIdentity } from './addresses';
import { createPolicyChangeCell, parsePolicyChange, PolicyChange, revocationKey } from './attestationPolicy';
import { Bits256, requireAddress, requireBytes, requireUint, toUint256 } from './checks';
import * as fees from './fees';
import { createNetworkParamsCell, NetworkParams, parseNetworkParams } from './networkParams';
import { RegistryOp } from './opcodes';
import { DEFAULT_PRICES, Prices } from './prices';
import { ProposalKind } from './states';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/** What waits for the timelock. */
export type Proposal =
    | {
          kind: ProposalKind.Params;
          /** Unix seconds; the proposal expires 14 days later. */
          executableAt: number;
          params: NetworkParams;
      }
    | {
          kind: ProposalKind.Model;
          /** Unix seconds; the proposal expires 14 days later. */
          executableAt: number;
          modelRoot: bigint;
          /** null removes the model. */
          descriptor: string | null;
      }
    | {
          kind: ProposalKind.Policy;
          /** Unix seconds; the proposal expires 14 days later. */
          executableAt: number;
          change: PolicyChange;
      };

/** A network as its Registry has it. */
export interface RegistryInfo {
    /** Global id of the chain. */
    networkId: number;
    governor: Address;
    pendingGovernor: Address | null;
    /** Counts changes of parameters and pauses; 0 before the opening. */
    version: number;
    /** Unix seconds until which no stake is admitted; 0 if never paused. */
    pausedUntil: number;
    /** Unix seconds from which the governor may pause again. */
    pausableFrom: number;
    /** null before the opening. */
    params: NetworkParams | null;
    proposal: Proposal | null;
    /** modelRoot → descriptor. */
    models: Map<bigint, string>;
}

function textOf(cell: Cell): string {
    const slice = cell.beginParse();
    return slice.loadBuffer(Math.floor(slice.remainingBits / 8)).toString('utf8');
}

function readParams(tuple: TupleReader): NetworkParams {
    return {
        feeBps: tuple.readNumber(),
        minStake: tuple.readBigNumber(),
        unbondingPeriod: tuple.readNumber(),
        timelockDelay: tuple.readNumber(),
        treasury: tuple.readAddress(),
        arbiter: tuple.readAddress(),
        verifier: tuple.readAddressOpt(),
    };
}

function readProposal(tuple: TupleReader): Proposal {
    const kind = tuple.readNumber() as ProposalKind;
    const executableAt = tuple.readNumber();
    const modelRoot = tuple.readBigNumber();
    const payload = tuple.readCellOpt();
    if (kind === ProposalKind.Policy) {
        return { kind, executableAt, change: parsePolicyChange(payload!) };
    }
    return kind === ProposalKind.Params
        ? { kind, executableAt, params: parseNetworkParams(payload!) }
        : { kind, executableAt, modelRoot, descriptor: payload && textOf(payload) };
}

/** Options of OpenNetwork. */
export interface OpenNetworkOptions extends MessageOptions {
    /** Checked as the contract does, unless given as a cell, which goes as it is. */
    params: NetworkParams | Cell;
}

/** Options of SyncParams. */
export interface SyncParamsOptions extends MessageOptions {
    /** Owner of the stake to bring up to date. */
    owner: Address;
}

/** Options of ProposeParams. */
export interface ProposeParamsOptions extends MessageOptions {
    /** Checked as the contract does, unless given as a cell, which goes as it is. */
    params: NetworkParams | Cell;
}

/** Options of ProposeModel. */
export interface ProposeModelOptions extends MessageOptions {
    /** Hash of the model file. */
    modelRoot: Bits256;
    /** 1 to 127 bytes that list or rename the model; null removes it. */
    descriptor: string | Uint8Array | null;
}

/** Options of ProposePolicy. */
export interface ProposePolicyOptions extends MessageOptions {
    /** Checked as the contract does, unless given as a cell, which goes as it is. */
    change: PolicyChange | Cell;
}

/** Options of RevokeAttestation. */
export interface RevokeAttestationOptions extends MessageOptions {
    /** Of the certificate, as long as it is. */
    serial: bigint;
}

/** Options of ExecuteProposal. */
export interface ExecuteProposalOptions extends MessageOptions {
    /** What is proposed, for the default value: a policy costs the verifier's gas too. Default: no policy. */
    kind?: ProposalKind;
}

/** Options of Pause. */
export interface PauseOptions extends MessageOptions {
    /** Unix seconds; at most 7 days ahead. */
    pausedUntil: number;
}

/** Options of ProposeGovernor. */
export interface ProposeGovernorOptions extends MessageOptions {
    governor: Address;
}

/** Options of RegisterMe. */
export interface RegisterMeOptions extends WireOptions {
    /** nanoTON */
    amount: bigint;
    owner: Address;
}

/**
 * One network: its parameters, its model catalogue, and the address that every provider's stake is derived from. Never holds
 * anybody's money.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class Registry implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * The network that a governor opens, or has opened.
     *
     * @param prices - the network's prices; see {@link loadPrices}
     * @throws InputError for an address that is missing or outside the basechain, or a number that does not fit
     */
    static async createFromConfig(config: RegistryIdentity, prices: Prices = DEFAULT_PRICES): Promise<Registry> {
        const { address, init } = await deriveRegistry(config);
        return new Registry(address, init, prices);
    }

    /**
     * The contract at a known address; it cannot be deployed through this object.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): Registry {
        return new Registry(requireAddress('address', address), undefined, prices);
    }

    // Messages that people and workers send.

    /**
     * From the governor, once: opens the network with its first parameters.
     *
     * @throws InputError for parameters outside the bounds
     */
    static createOpenNetworkBody(options: OpenNetworkOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.OpenNetwork, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(options.params instanceof Cell ? options.params : createNetworkParamsCell(options.params))
            .endCell();
    }

    /** OpenNetwork, ready for any wallet. Default value: five years' rent and gas; what is left returns. */
    getOpenNetworkTxParams(options: OpenNetworkOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.networkOpeningValue(this.prices)),
            body: Registry.createOpenNetworkBody(options),
            init: this.init,
        };
    }

    /** Sends OpenNetwork. */
    async sendOpenNetwork(provider: ContractProvider, via: Sender, options: OpenNetworkOptions): Promise<void> {
        await sendTx(provider, via, this.getOpenNetworkTxParams(options));
    }

    /** From anyone: carries the parameters of now to a provider's stake and till. */
    static createSyncParamsBody(options: SyncParamsOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.SyncParams, 32)
            .storeUint(queryIdOf(options), 64)
            .storeAddress(requireAddress('owner', options.owner))
            .endCell();
    }

    /** SyncParams, ready for any wallet. Default value: the gas of all three hops; what is left returns. */
    getSyncParamsTxParams(options: SyncParamsOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.syncingValue(this.prices)),
            body: Registry.createSyncParamsBody(options),
        };
    }

    /** Sends SyncParams. */
    async sendSyncParams(provider: ContractProvider, via: Sender, options: SyncParamsOptions): Promise<void> {
        await sendTx(provider, via, this.getSyncParamsTxParams(options));
    }

    /**
     * From the governor, while nothing is proposed: puts new parameters behind the timelock. minStake may at most double.
     *
     * @throws InputError for parameters outside the bounds
     */
    static createProposeParamsBody(options: ProposeParamsOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.ProposeParams, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(options.params instanceof Cell ? options.params : createNetworkParamsCell(options.params))
            .endCell();
    }

    /** ProposeParams, ready for any wallet. Default value: its gas. */
    getProposeParamsTxParams(options: ProposeParamsOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createProposeParamsBody(options),
        };
    }

    /** Sends ProposeParams. */
    async sendProposeParams(provider: ContractProvider, via: Sender, options: ProposeParamsOptions): Promise<void> {
        await sendTx(provider, via, this.getProposeParamsTxParams(options));
    }

    /**
     * From the governor, while nothing is proposed: puts a change of the model catalogue behind the timelock.
     *
     * @throws InputError `too-long`
     */
    static createProposeModelBody(options: ProposeModelOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.ProposeModel, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(toUint256('modelRoot', options.modelRoot), 256)
            .storeMaybeRef(
                options.descriptor === null
                    ? null
                    : beginCell()
                          .storeBuffer(requireBytes('descriptor', Buffer.from(options.descriptor), 1))
                          .endCell(),
            )
            .endCell();
    }

    /** ProposeModel, ready for any wallet. Default value: its gas. */
    getProposeModelTxParams(options: ProposeModelOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createProposeModelBody(options),
        };
    }

    /** Sends ProposeModel. */
    async sendProposeModel(provider: ContractProvider, via: Sender, options: ProposeModelOptions): Promise<void> {
        await sendTx(provider, via, this.getProposeModelTxParams(options));
    }

    /**
     * From the governor, while nothing is proposed: puts a change of the verifier's policy behind the timelock.
     *
     * @throws InputError for a change that does not fit
     */
    static createProposePolicyBody(options: ProposePolicyOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.ProposePolicy, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(options.change instanceof Cell ? options.change : createPolicyChangeCell(options.change))
            .endCell();
    }

    /** ProposePolicy, ready for any wallet. Default value: its gas. */
    getProposePolicyTxParams(options: ProposePolicyOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createProposePolicyBody(options),
        };
    }

    /** Sends ProposePolicy. */
    async sendProposePolicy(provider: ContractProvider, via: Sender, options: ProposePolicyOptions): Promise<void> {
        await sendTx(provider, via, this.getProposePolicyTxParams(options));
    }

    /** From the governor: has the verifier believe a certificate no more, at once. */
    static createRevokeAttestationBody(options: RevokeAttestationOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.RevokeAttestation, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(revocationKey(options.serial), 128)
            .endCell();
    }

    /** RevokeAttestation, ready for any wallet. Default value: the gas of Registry and verifier; what is left returns. */
    getRevokeAttestationTxParams(options: RevokeAttestationOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.revokingValue(this.prices)),
            body: Registry.createRevokeAttestationBody(options),
        };
    }

    /** Sends RevokeAttestation. */
    async sendRevokeAttestation(
        provider: ContractProvider,
        via: Sender,
        options: RevokeAttestationOptions,
    ): Promise<void> {
        await sendTx(provider, via, this.getRevokeAttestationTxParams(options));
    }

    /** From anyone, from the end of the timelock and for 14 days: makes the proposal real. */
    static createExecuteProposalBody(options: ExecuteProposalOptions = {}): Cell {
        return beginCell().storeUint(RegistryOp.ExecuteProposal, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** ExecuteProposal, ready for any wallet. Default value: its gas; of a policy the verifier's too, and what is left returns. */
    getExecuteProposalTxParams(options: ExecuteProposalOptions = {}): TxParams {
        const value = options.kind === ProposalKind.Policy ? fees.executingPolicyValue : fees.executingValue;
        return {
            to: this.address,
            value: valueOf(options, value(this.prices)),
            body: Registry.createExecuteProposalBody(options),
        };
    }

    /** Sends ExecuteProposal. */
    async sendExecuteProposal(
        provider: ContractProvider,
        via: Sender,
        options: ExecuteProposalOptions = {},
    ): Promise<void> {
        await sendTx(provider, via, this.getExecuteProposalTxParams(options));
    }

    /** From the governor: drops the proposal. */
    static createCancelProposalBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(RegistryOp.CancelProposal, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** CancelProposal, ready for any wallet. Default value: its gas. */
    getCancelProposalTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createCancelProposalBody(options),
        };
    }

    /** Sends CancelProposal. */
    async sendCancelProposal(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getCancelProposalTxParams(options));
    }

    /** From the governor: stops new registrations, and with a sync new acceptances, until a time. */
    static createPauseBody(options: PauseOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.Pause, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('pausedUntil', options.pausedUntil, 32), 32)
            .endCell();
    }

    /** Pause, ready for any wallet. Default value: its gas. */
    getPauseTxParams(options: PauseOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createPauseBody(options),
        };
    }

    /** Sends Pause. */
    async sendPause(provider: ContractProvider, via: Sender, options: PauseOptions): Promise<void> {
        await sendTx(provider, via, this.getPauseTxParams(options));
    }

    /** From the governor: names the next one, who has to accept. */
    static createProposeGovernorBody(options: ProposeGovernorOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.ProposeGovernor, 32)
            .storeUint(queryIdOf(options), 64)
            .storeAddress(requireAddress('governor', options.governor))
            .endCell();
    }

    /** ProposeGovernor, ready for any wallet. Default value: its gas. */
    getProposeGovernorTxParams(options: ProposeGovernorOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createProposeGovernorBody(options),
        };
    }

    /** Sends ProposeGovernor. */
    async sendProposeGovernor(provider: ContractProvider, via: Sender, options: ProposeGovernorOptions): Promise<void> {
        await sendTx(provider, via, this.getProposeGovernorTxParams(options));
    }

    /** From the proposed governor: takes the office. */
    static createAcceptGovernorBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(RegistryOp.AcceptGovernor, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** AcceptGovernor, ready for any wallet. Default value: its gas. */
    getAcceptGovernorTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.registryStepValue(this.prices)),
            body: Registry.createAcceptGovernorBody(options),
        };
    }

    /** Sends AcceptGovernor. */
    async sendAcceptGovernor(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getAcceptGovernorTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** From a stake that asks for admission. queryId is the attempt's logical time. */
    static createRegisterMeBody(options: RegisterMeOptions): Cell {
        return beginCell()
            .storeUint(RegistryOp.RegisterMe, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(requireUint('amount', options.amount, 64), 64)
            .storeAddress(requireAddress('owner', options.owner))
            .endCell();
    }

    // Getters.

    /** Whether the account exists. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole Registry. */
    async getRegistry(provider: ContractProvider): Promise<RegistryInfo> {
        const { stack } = await provider.get('registry', []);
        const info = {
            networkId: stack.readNumber(),
            governor: stack.readAddress(),
            pendingGovernor: stack.readAddressOpt(),
            version: stack.readNumber(),
            pausedUntil: stack.readNumber(),
            pausableFrom: stack.readNumber(),
        };
        const params = stack.readTupleOpt();
        const proposal = stack.readTupleOpt();
        stack.readNumber(); // how many models: the size of the map
        const models = stack.readCellOpt();
        const catalogue = models
            ? Dictionary.loadDirect(Dictionary.Keys.BigUint(256), Dictionary.Values.Cell(), models)
            : Dictionary.empty<bigint, Cell>();
        return {
            ...info,
            params: params && readParams(params),
            proposal: proposal && readProposal(proposal),
            models: new Map([...catalogue].map(([root, descriptor]) => [root, textOf(descriptor)])),
        };
    }

    /** The parameters of now; null before the opening. */
    async getParams(provider: ContractProvider): Promise<NetworkParams | null> {
        return (await this.getRegistry(provider)).params;
    }

    /** Where the stake of an owner is, whether or not it was opened, by the contract's own reckoning. */
    async getStakeAddress(provider: ContractProvider, owner: Address): Promise<Address> {
        const args = beginCell().storeAddress(requireAddress('owner', owner)).endCell();
        return (await provider.get('stakeAddress', [{ type: 'slice', cell: args }])).stack.readAddress();
    }

    /** nanoTON that SyncParams must bring, by the contract's own reckoning. */
    async getSyncingValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('syncingValue', [])).stack.readBigNumber();
    }

    /** nanoTON that OpenNetwork must bring, by the contract's own reckoning. */
    async getOpeningValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('openingValue', [])).stack.readBigNumber();
    }
}
