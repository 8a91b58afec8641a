import { Address, beginCell, Cell, Contract, ContractProvider, Sender } from '@ton/core';
import { derivePckCertificate, PckCertificateIdentity } from './addresses';
import { requireAddress } from './checks';
import * as fees from './fees';
import { PckOp } from './opcodes';
import { DEFAULT_PRICES, Prices } from './prices';
import { MessageOptions, queryIdOf, sendTx, TxParams, valueOf, WireOptions } from './transaction';

/** A remembered certificate as its contract has it. */
export interface PckCertificateInfo {
    verifier: Address;
    /** Who may use it. */
    holder: Address;
    /** Whether the verifier vouches for what stands here. */
    remembered: boolean;
    /** Unix seconds: the earlier end of certificate and issuer. */
    notAfter: number;
    /** Lower 128 bits. */
    serial: bigint;
    /** Lower 128 bits. */
    issuerSerial: bigint;
    key: { x: bigint; y: bigint };
    /** Kind of platform, 48 bits. */
    fmspc: bigint;
    /** 16 components, the first in the highest byte. */
    svns: bigint;
    pceSvn: number;
}

/** Options of AttestWithPck. */
export interface AttestWithPckOptions extends MessageOptions {
    /** Address of the provider's stake. */
    stake: Address;
    /** As packQuote made it. */
    quote: Cell;
}

/**
 * One PCK certificate that was verified once, for one holder: later quotes under it need not bring it again.
 *
 * The `get…TxParams` methods belong to this object, not to what a client's `open()` makes of it.
 */
export class PckCertificate implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell } | undefined,
        /** What default values are reckoned with. */
        readonly prices: Prices,
    ) {}

    /**
     * The certificate with these facts, for that holder, remembered or not.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static async createFromConfig(
        config: PckCertificateIdentity,
        prices: Prices = DEFAULT_PRICES,
    ): Promise<PckCertificate> {
        const { address, init } = await derivePckCertificate(config);
        return new PckCertificate(address, init, prices);
    }

    /**
     * The contract at a known address.
     *
     * @throws InputError for an address that is missing or outside the basechain
     */
    static createFromAddress(address: Address, prices: Prices = DEFAULT_PRICES): PckCertificate {
        return new PckCertificate(requireAddress('address', address), undefined, prices);
    }

    // Messages that people and workers send.

    /** From the holder: a quote under this certificate. */
    static createAttestWithPckBody(options: AttestWithPckOptions): Cell {
        return beginCell()
            .storeUint(PckOp.AttestWithPck, 32)
            .storeUint(queryIdOf(options), 64)
            .storeBuffer(requireAddress('stake', options.stake).hash)
            .storeRef(options.quote)
            .endCell();
    }

    /** AttestWithPck, ready for any wallet. Default value: the gas of all hops; what is left returns from the verifier. */
    getAttestWithPckTxParams(options: AttestWithPckOptions): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.withPckValue(this.prices)),
            body: PckCertificate.createAttestWithPckBody(options),
        };
    }

    /** Sends AttestWithPck. */
    async sendAttestWithPck(provider: ContractProvider, via: Sender, options: AttestWithPckOptions): Promise<void> {
        await sendTx(provider, via, this.getAttestWithPckTxParams(options));
    }

    /** From the holder: ends the account; everything in it returns. */
    static createForgetPckBody(options: MessageOptions = {}): Cell {
        return beginCell().storeUint(PckOp.ForgetPck, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    /** ForgetPck, ready for any wallet. Default value: its gas. */
    getForgetPckTxParams(options: MessageOptions = {}): TxParams {
        return {
            to: this.address,
            value: valueOf(options, fees.pckStepValue(this.prices)),
            body: PckCertificate.createForgetPckBody(options),
        };
    }

    /** Sends ForgetPck. */
    async sendForgetPck(provider: ContractProvider, via: Sender, options: MessageOptions = {}): Promise<void> {
        await sendTx(provider, via, this.getForgetPckTxParams(options));
    }

    // Messages between contracts: for tests, simulations and indexers.

    /** From the verifier: the facts were verified. */
    static createRememberPckBody(options: WireOptions = {}): Cell {
        return beginCell().storeUint(PckOp.RememberPck, 32).storeUint(queryIdOf(options), 64).endCell();
    }

    // Getters.

    /** Whether the account exists. */
    async getIsActive(provider: ContractProvider): Promise<boolean> {
        return (await provider.getState()).state.type === 'active';
    }

    /** The whole certificate. */
    async getCertificate(provider: ContractProvider): Promise<PckCertificateInfo> {
        const { stack } = await provider.get('certificate', []);
        const [verifier, holder, remembered] = [stack.readAddress(), stack.readAddress(), stack.readBoolean()];
        return {
            verifier,
            holder,
            remembered,
            notAfter: stack.readNumber(),
            serial: stack.readBigNumber(),
            issuerSerial: stack.readBigNumber(),
            key: { x: stack.readBigNumber(), y: stack.readBigNumber() },
            fmspc: stack.readBigNumber(),
            svns: stack.readBigNumber(),
            pceSvn: stack.readNumber(),
        };
    }
}
