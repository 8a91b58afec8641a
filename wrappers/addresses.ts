import { Address, beginCell, Cell, contractAddress } from '@ton/core';
import { AttestationVerifier as VerifierCode } from '../build/AttestationVerifier/AttestationVerifier_AttestationVerifier';
import { JobEscrow as JobEscrowCode } from '../build/JobEscrow/JobEscrow_JobEscrow';
import { PaymentChannel as PaymentChannelCode } from '../build/PaymentChannel/PaymentChannel_PaymentChannel';
import { PayoutSettlement as PayoutSettlementCode } from '../build/PayoutSettlement/PayoutSettlement_PayoutSettlement';
import { PckCertificate as PckCertificateCode } from '../build/PckCertificate/PckCertificate_PckCertificate';
import { ProviderStake as ProviderStakeCode } from '../build/ProviderStake/ProviderStake_ProviderStake';
import { Registry as RegistryCode } from '../build/Registry/Registry_Registry';
import { AttestationPolicy, createAttestationPolicyCell, EMPTY_POLICY } from './attestationPolicy';
import { requireAddress, requireUint } from './checks';
import { CodeForm, libraryReference } from './libraries';
import { ForeignAddressError, InputError } from './marketError';

/** What a Registry's address is derived from. */
export interface RegistryIdentity {
    /** Global id of the chain: -239 on mainnet, -3 on testnet. */
    networkId: number;
    /** The first governor; a later one does not move the address. */
    governor: Address;
    salt: bigint;
}

/** What a ProviderStake's address is derived from. */
export interface StakeIdentity {
    registry: Address;
    owner: Address;
}

/** What a JobEscrow's address is derived from. */
export interface EscrowIdentity {
    client: Address;
    /** Address of the provider's stake. */
    stake: Address;
    /** 64 bits of the client's choice. */
    nonce: bigint;
}

/** What a PaymentChannel's address is derived from. */
export interface ChannelIdentity {
    client: Address;
    /** Address of the provider's till. */
    settlement: Address;
    /** 64 bits of the client's choice. */
    nonce: bigint;
}

/** What an AttestationVerifier's address is derived from. */
export interface VerifierIdentity {
    registry: Address;
    /** Key of the root that it pins: Intel's in production, a test's elsewhere. */
    root: { readonly x: bigint; readonly y: bigint };
    /** The policy that it begins with; default: one that accepts nothing. */
    policy?: AttestationPolicy;
}

/** What a PckCertificate's address is derived from. */
export interface PckCertificateIdentity {
    verifier: Address;
    holder: Address;
    /** As packQuote made them. */
    facts: Cell;
}

/** A contract's address with the StateInit that it follows from. */
export interface Derived {
    address: Address;
    init: { code: Cell; data: Cell };
}

function derived(contract: { address: Address; init?: { code: Cell; data: Cell } }): Derived {
    return { address: contract.address, init: contract.init! };
}

/** StateInit and address of a Registry. */
export async function deriveRegistry(identity: RegistryIdentity): Promise<Derived> {
    const { networkId } = identity;
    if (!Number.isSafeInteger(networkId) || networkId < -(2 ** 31) || networkId >= 2 ** 31) {
        throw new InputError(
            'out-of-range',
            'networkId',
            `${networkId} is not a global id; -239 is mainnet, -3 testnet`,
        );
    }
    requireAddress('governor', identity.governor);
    requireUint('salt', identity.salt, 64);
    return derived(
        await RegistryCode.fromInit(BigInt(networkId), identity.governor, identity.salt, 0n, 0n, 0n, null, null),
    );
}

/** Bits of feeBps, state, stake, hotSlashed and unbonding, zero at first. */
const UNINIT_ACCOUNT_BITS = 16 + 2 + 64 + 64 + 64;

/** StateInit and address of a provider's stake. */
export async function deriveStake(identity: StakeIdentity): Promise<Derived> {
    const config = beginCell()
        .storeAddress(requireAddress('registry', identity.registry))
        .storeAddress(requireAddress('owner', identity.owner))
        .endCell();
    const account = beginCell().storeUint(0, UNINIT_ACCOUNT_BITS).storeRef(config).asSlice();
    return derived(await ProviderStakeCode.fromInit(null, 0n, 0n, 0n, 0n, account));
}

/** StateInit and address of a provider's till. */
export async function deriveSettlement(stake: Address): Promise<Derived> {
    // All that is zero while Uninit, before the stake: version, feeBps, threshold, no payees.
    const terms = beginCell()
        .storeUint(0, 32 + 16 + 64 + 1)
        .storeAddress(requireAddress('stake', stake));
    return derived(await PayoutSettlementCode.fromInit(0n, terms.asSlice()));
}

/** StateInit and address of a job's escrow. */
export async function deriveEscrow(identity: EscrowIdentity): Promise<Derived> {
    const data = beginCell()
        .storeUint(0, 4 + 32 + 72) // state, deadline and lock
        .storeAddress(requireAddress('stake', identity.stake))
        .storeAddress(requireAddress('client', identity.client))
        .storeUint(0, 64 + 64 + 32) // price, openedLt and lockUntil: of the opening to come
        .storeUint(requireUint('nonce', identity.nonce, 64), 64);
    return derived(await JobEscrowCode.fromInit(data.asSlice()));
}

/** StateInit and address of a payment channel, with its code in this form. */
export async function deriveChannel(identity: ChannelIdentity, form: CodeForm = 'full'): Promise<Derived> {
    const terms = beginCell()
        .storeAddress(requireAddress('client', identity.client))
        .storeAddress(requireAddress('settlement', identity.settlement))
        .storeUint(requireUint('nonce', identity.nonce, 64), 64)
        .asSlice();
    const full = derived(await PaymentChannelCode.fromInit(0n, 0n, 0n, terms));
    if (form === 'full') {
        return full;
    }
    const init = { ...full.init, code: libraryReference(full.init.code) };
    return { address: contractAddress(0, init), init };
}

/** StateInit and address of a verifier. */
export async function deriveVerifier({ registry, root, policy }: VerifierIdentity): Promise<Derived> {
    return derived(
        await VerifierCode.fromInit(
            requireAddress('registry', registry),
            requireUint('root.x', root.x, 256),
            requireUint('root.y', root.y, 256),
            createAttestationPolicyCell(policy ?? EMPTY_POLICY),
        ),
    );
}

/** StateInit and address of a remembered certificate. */
export async function derivePckCertificate({ verifier, holder, facts }: PckCertificateIdentity): Promise<Derived> {
    return derived(
        await PckCertificateCode.fromInit(
            requireAddress('verifier', verifier),
            requireAddress('holder', holder),
            false,
            facts,
        ),
    );
}

/** Address of the network that a governor opens. */
export async function registryAddress(identity: RegistryIdentity): Promise<Address> {
    return (await deriveRegistry(identity)).address;
}

/** Address of the stake of a provider in a network. */
export async function stakeAddress(registry: Address, owner: Address): Promise<Address> {
    return (await deriveStake({ registry, owner })).address;
}

/** Address of the till that belongs to a stake. */
export async function settlementAddress(stake: Address): Promise<Address> {
    return (await deriveSettlement(stake)).address;
}

/** Address of the escrow of one job. */
export async function escrowAddress(client: Address, stake: Address, nonce: bigint): Promise<Address> {
    return (await deriveEscrow({ client, stake, nonce })).address;
}

/** Address of a client's channel with a provider's till, with its code in this form. */
export async function channelAddress(
    client: Address,
    settlement: Address,
    nonce: bigint,
    form: CodeForm = 'full',
): Promise<Address> {
    return (await deriveChannel({ client, settlement, nonce }, form)).address;
}

/** Address of a network's verifier with that root and the policy that it begins with. */
export async function verifierAddress(identity: VerifierIdentity): Promise<Address> {
    return (await deriveVerifier(identity)).address;
}

/** Address of the account that remembers a certificate for its holder. */
export async function pckCertificateAddress(identity: PckCertificateIdentity): Promise<Address> {
    return (await derivePckCertificate(identity)).address;
}

/** Hashes of the contracts' code, as explorers show them. */
export interface CodeHashes {
    registry: bigint;
    providerStake: bigint;
    jobEscrow: bigint;
    payoutSettlement: bigint;
    paymentChannel: bigint;
    attestationVerifier: bigint;
    pckCertificate: bigint;
}

/** The whole code of a channel: what is published as a library. */
export async function channelCode(): Promise<Cell> {
    const any = new Address(0, Buffer.alloc(32));
    return (await deriveChannel({ client: any, settlement: any, nonce: 0n })).init.code;
}

/** Hash of what a channel's account has as its code, in this form: of the code, or of the reference to it. */
export async function channelCodeHash(form: CodeForm): Promise<bigint> {
    const code = await channelCode();
    const held = form === 'full' ? code : libraryReference(code);
    return BigInt(`0x${held.hash().toString('hex')}`);
}

let hashes: Promise<CodeHashes> | undefined;

/** The code hashes of this version of the contracts; a different code is a different network. */
export function codeHashes(): Promise<CodeHashes> {
    return (hashes ??= readCodeHashes());
}

async function readCodeHashes(): Promise<CodeHashes> {
    const any = new Address(0, Buffer.alloc(32));
    const hashOf = async (init: Promise<Derived>) => BigInt('0x' + (await init).init.code.hash().toString('hex'));
    return {
        registry: await hashOf(deriveRegistry({ networkId: 0, governor: any, salt: 0n })),
        providerStake: await hashOf(deriveStake({ registry: any, owner: any })),
        jobEscrow: await hashOf(deriveEscrow({ client: any, stake: any, nonce: 0n })),
        payoutSettlement: await hashOf(deriveSettlement(any)),
        paymentChannel: await hashOf(deriveChannel({ client: any, settlement: any, nonce: 0n })),
        attestationVerifier: await hashOf(deriveVerifier({ registry: any, root: { x: 0n, y: 0n } })),
        pckCertificate: await hashOf(derivePckCertificate({ verifier: any, holder: any, facts: Cell.EMPTY })),
    };
}

/**
 * Refuses an address that does not follow from its identity. An escrow cannot prove that its stake is genuine, so whoever
 * sends money to one must.
 *
 * @param what - names the contract in the error's message
 * @throws ForeignAddressError
 */
export function requireDerived(what: string, claimed: Address, expected: Address): Address {
    if (!Address.isAddress(claimed) || !claimed.equals(expected)) {
        throw new ForeignAddressError(
            `${what} ${Address.isAddress(claimed) ? claimed.toString() : 'none'} does not follow from the Registry, which gives ` +
                `${expected.toString()}; do not send anything to it`,
        );
    }
    return expected;
}
