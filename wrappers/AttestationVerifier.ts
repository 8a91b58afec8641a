import { Address, beginCell, Cell, Contract, ContractProvider, Sender } from '@ton/core';
import { deriveVerifier, VerifierIdentity } from './addresses';
import { AttestationPolicy, readAttestationPolicy, revocationKey } from './attestationPolicy';
import { requireAddress } from './checks';
import * as fees from './fees';
import { VerifierOp } from './opcodes';
import { DEFAULT_PRICES, Prices } from './prices';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/**
 * Key of Intel's SGX root CA, which production verifiers pin, and the SHA-256 of the certificate's DER that it was taken from.
 * Source: https://certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer
 */
export const INTEL_ROOT = {
    x: 0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5n,
    y: 0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394n,
    certificateSha256: '44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3',
} as const;

/** A verifier as its contract has it. */
export interface VerifierInfo {
    registry: Address;
    /** The pinned root's key. */
    root: { x: bigint; y: bigint };
    policy: AttestationPolicy;
}

/** Options of AttestQuote. */
export interface AttestQuoteOptions extends MessageOptions {
    /** Address of the provider's stake. */
    stake: Address;
    /** Whether the certificate is remembered for the sender; a later quote under it costs half. Default: false. */
    remember?: boolean;
    /** As packQuote made it. */
    quote: Cell;
    /** As packQuote made it. */
    chain: Cell;
}

/** Options of SubmitTcbInfo: as packTcbInfo made them. */
export interface SubmitTcbInfoOptions extends MessageOptions {
    info: Cell;
    signed: Cell;
    signer: Cell;
}

/** Options of AttestRemembered. */
export interface AttestRememberedOptions extends WireOptions {
    stake: Address;
    holder: Address;
    facts: Cell;
    quote: Cell;
}

/** Options of ApplyPolicy. */
export interface ApplyPolicyOptions extends WireOptions {
    excessesTo: Address;
    change: Cell;
}

/** Options of RevokeCertificate. */
export interface RevokeCertificateOptions extends WireOptions {
    /** Of the certificate. */
    serial: bigint;
    excessesTo: Address;
}

/**
 * Verifies Intel TDX quotes on chain, and tells a provider's stake that its keys live in such a TD. Never holds anybody's money.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class AttestationVerifier implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * A network's verifier with the root and the policy that it begins with.
     *
     * @throws InputError for an address that is missing or outside the basechain, or a policy that does not fit
     */
    static async createFromConfig(
        config: VerifierIdentity,
        prices: Prices = DEFAULT_PRICES,
    ): Promise<AttestationVerifier> {
        const { address, init } = await deriveVerifier(config);
        return new AttestationVerifier(address, init, prices);
    }

    /**
     * The contract at a known address; it cannot be deployed through this object.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): AttestationVerifier {
        return new AttestationVerifier(requireAddress('address', address), undefined, prices);
    }

    // Messages that people and workers send.

    /** A plain transfer that deploys the verifier, or pays rent. Default value: five years' rent and gas; all of it stays. */
    getDeployTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.verifierDeploymentValue(this.prices)),
            body: Cell.EMPTY,
            init: this.init,
        };
    }

    /** Sends the transfer that deploys the verifier, or pays rent. */
    async sendDeploy(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getDeployTxParams(options));
    }

    /**
     * From anyone: a quote with its certificates.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createAttestQuoteBody(options: AttestQuoteOptions): Cell {
        return beginCell()
            .storeUint(VerifierOp.AttestQuote, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBuffer(requireAddress('stake', options.stake).hash)
            .storeBit(options.remember ?? false)
            .storeRef(options.quote)
            .storeRef(options.chain)
            .endCell();
    }

    /** AttestQuote, ready for any wallet. Default value: its gas, the verdict's, and what it takes to remember; what is left returns. */
    getAttestQuoteTxParams(options: AttestQuoteOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.attestingValue(this.prices, options.remember ?? false)),
            body: AttestationVerifier.createAttestQuoteBody(options),
        };
    }

    /** Sends AttestQuote. */
    async sendAttestQuote(provider: ContractProvider, via: Sender, options: AttestQuoteOptions): Promise<void> {
        await sendTx(provider, via, this.getAttestQuoteTxParams(options));
    }

    /** From anyone: what Intel says of one kind of platform. */
    static createSubmitTcbInfoBody(options: SubmitTcbInfoOptions): Cell {
        return beginCell()
            .storeUint(VerifierOp.SubmitTcbInfo, 32)
            .storeUint(queryIdOf(options), 64)
            .storeRef(options.info)
            .storeRef(options.signed)
            .storeRef(options.signer)
            .endCell();
    }

    /** SubmitTcbInfo, ready for any wallet. Default value: its gas; what is left returns. */
    getSubmitTcbInfoTxParams(options: SubmitTcbInfoOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.tcbInfoValue(this.prices)),
            body: AttestationVerifier.createSubmitTcbInfoBody(options),
        };
    }

    /** Sends SubmitTcbInfo. */
    async sendSubmitTcbInfo(provider: ContractProvider, via: Sender, options: SubmitTcbInfoOptions): Promise<void> {
        await sendTx(provider, via, this.getSubmitTcbInfoTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** From a PckCertificate: a quote whose certificates were verified before. */
    static createAttestRememberedBody(options: AttestRememberedOptions): Cell {
        return beginCell()
            .storeUint(VerifierOp.AttestRemembered, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBuffer(requireAddress('stake', options.stake).hash)
            .storeAddress(requireAddress('holder', options.holder))
            .storeRef(options.facts)
            .storeRef(options.quote)
            .endCell();
    }

    /** From the Registry: a change of the policy whose timelock is over. */
    static createApplyPolicyBody(options: ApplyPolicyOptions): Cell {
        return beginCell()
            .storeUint(VerifierOp.ApplyPolicy, 32)
            .storeUint(queryIdOf(options), 64)
            .storeAddress(requireAddress('excessesTo', options.excessesTo))
            .storeRef(options.change)
            .endCell();
    }

    /** From the Registry: a certificate is believed no more. */
    static createRevokeCertificateBody(options: RevokeCertificateOptions): Cell {
        return beginCell()
            .storeUint(VerifierOp.RevokeCertificate, 32)
            .storeUint(queryIdOf(options), 64)
            .storeUint(revocationKey(options.serial), 128)
            .storeAddress(requireAddress('excessesTo', options.excessesTo))
            .endCell();
    }

    // Getters.

    /** Whether the account exists. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole verifier. */
    async getVerifier(provider: ContractProvider): Promise<VerifierInfo> {
        const { stack } = await provider.get('verifier', []);
        const registry = stack.readAddress();
        const root = { x: stack.readBigNumber(), y: stack.readBigNumber() };
        const policy = readAttestationPolicy(
            stack.readNumber(),
            stack.readCellOpt(),
            stack.readCellOpt(),
            stack.readCellOpt(),
        );
        return { registry, root, policy };
    }

    /** Where the certificate with these facts is remembered for its holder, by the contract's own reckoning. */
    async getCertificateAddress(provider: ContractProvider, holder: Address, facts: Cell): Promise<Address> {
        const args = [
            { type: 'slice' as const, cell: beginCell().storeAddress(holder).endCell() },
            { type: 'cell' as const, cell: facts },
        ];
        return (await provider.get('certificateAddress', args)).stack.readAddress();
    }

    /** nanoTON that AttestQuote must bring, by the contract's own reckoning. */
    async getQuoteValue(provider: ContractProvider, remember: boolean): Promise<bigint> {
        return (await provider.get('quoteValue', [{ type: 'int', value: remember ? -1n : 0n }])).stack.readBigNumber();
    }

    /** nanoTON that AttestWithPck must bring, by the contract's own reckoning. */
    async getRememberedValue(provider: ContractProvider): Promise<bigint> {
        return (await provider.get('rememberedValue', [])).stack.readBigNumber();
    }
}
