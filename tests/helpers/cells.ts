import { Address, beginCell, Builder, Cell, contractAddress, StateInit } from '@ton/core';
import { keyPairFromSeed, KeyPair, sha256_sync, sign } from '@ton/crypto';
import type { JobTerms, NetworkParams, Offer, Profile } from './layout';
import { codeOf } from './sources';

// Cells that the setup of a test needs, written from schemas/*.tlb. They share no code with the wrappers: a test of a
// contract then tests the contract alone, and whoever compares the two finds a wrong assumption in either.

const keyPairs = new Map<string, KeyPair>();

/** A deterministic Ed25519 key pair. */
export function keyPairOf(name: string): KeyPair {
    let keyPair = keyPairs.get(name);
    if (keyPair === undefined) {
        keyPair = keyPairFromSeed(sha256_sync(name));
        keyPairs.set(name, keyPair);
    }
    return keyPair;
}

/** A public key or hash as the number that cells hold. */
export function uint256Of(bytes: Buffer): bigint {
    return BigInt(`0x${bytes.toString('hex')}`);
}

/** A deterministic 256-bit value, for roots and commitments. */
export function hashNamed(name: string): bigint {
    return uint256Of(sha256_sync(name));
}

const chained = <T>(items: readonly T[], store: (item: T) => Builder): Cell | null =>
    items.reduceRight<Cell | null>((next, item) => store(item).storeMaybeRef(next).endCell(), null);

export function networkParamsCell(params: NetworkParams): Cell {
    return beginCell()
        .storeUint(params.feeBps, 16)
        .storeUint(params.minStake, 64)
        .storeUint(params.unbondingPeriod, 32)
        .storeUint(params.timelockDelay, 32)
        .storeAddress(params.treasury)
        .storeAddress(params.arbiter)
        .storeAddress(params.verifier)
        .endCell();
}

export function profileCell(profile: Profile): Cell {
    return beginCell()
        .storeAddress(profile.operator)
        .storeUint(profile.allowanceCap, 64)
        .storeUint(profile.signingKey, 256)
        .storeUint(profile.encryptionKey, 256)
        .storeRef(beginCell().storeBuffer(profile.endpoint).endCell())
        .storeMaybeRef(
            chained<Offer>(profile.offers, (offer) =>
                beginCell()
                    .storeUint(offer.modelRoot, 256)
                    .storeUint(offer.prompt, 64)
                    .storeUint(offer.cached, 64)
                    .storeUint(offer.completion, 64)
                    .storeUint(offer.reasoning, 64),
            ),
        )
        .endCell();
}

export function payeesCell(payees: readonly { address: Address; bps: number }[]): Cell | null {
    return chained(payees, ({ address, bps }) => beginCell().storeAddress(address).storeUint(bps, 16));
}

export function jobTermsCell(terms: JobTerms): Cell {
    const pair = (first: bigint, second: bigint) => beginCell().storeUint(first, 256).storeUint(second, 256).endCell();
    return beginCell()
        .storeUint(terms.price, 64)
        .storeUint(terms.requiredCollateral, 64)
        .storeUint(terms.tier, 8)
        .storeUint(terms.acceptBy, 32)
        .storeUint(terms.deliverWithin, 32)
        .storeUint(terms.challengeWindow, 32)
        .storeUint(terms.responseWindow, 32)
        .storeUint(terms.arbitrationWindow, 32)
        .storeUint(terms.challengeBond, 64)
        .storeUint(terms.lateSlashBps, 16)
        .storeUint(terms.toClientBps, 16)
        .storeUint(terms.clientKey, 256)
        .storeAddress(terms.arbiter)
        .storeRef(pair(terms.modelRoot, terms.inputCommitment))
        .storeRef(pair(terms.encryptionKey, terms.resultRecipientKey))
        .endCell();
}

/** Domain tags of everything that is signed or hashed. */
export const TAGS = {
    jobKey: 'CM.job.1',
    quote: 'CM.qto.1',
    approveFull: 'CM.apf.1',
    approveSubmitted: 'CM.aps.1',
    reportData: 'CM.rdt.1',
    voucher: 'CM.vch.1',
    closeAgreement: 'CM.cls.1',
    requestClose: 'CM.rcl.1',
} as const;

/** SHA-256 of a domain tag and the packed fields behind it: [value, bits] each, big endian. */
export function packedHash(tag: keyof typeof TAGS, ...fields: [value: bigint, bits: number][]): Buffer {
    return sha256_sync(
        Buffer.concat([
            Buffer.from(TAGS[tag], 'ascii'),
            ...fields.map(([value, bits]) => Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex')),
        ]),
    );
}

export function jobKeyOf(escrow: Address, terms: Cell, openedLt: bigint): bigint {
    return uint256Of(
        packedHash('jobKey', [uint256Of(escrow.hash), 256], [uint256Of(terms.hash()), 256], [openedLt, 64]),
    );
}

/** A provider's signed quote for one opening-to-be. */
export function quoteCell(
    quote: { escrow: Address; terms: Cell; collateral: bigint; validUntil: number },
    signing: KeyPair,
): Cell {
    const termsHash = uint256Of(quote.terms.hash());
    const hash = packedHash(
        'quote',
        [uint256Of(quote.escrow.hash), 256],
        [termsHash, 256],
        [quote.collateral, 64],
        [BigInt(quote.validUntil), 32],
    );
    return beginCell()
        .storeUint(termsHash, 256)
        .storeUint(quote.validUntil, 32)
        .storeBuffer(sign(hash, signing.secretKey))
        .endCell();
}

/** A StateInit with its basechain address. */
export interface Deployable {
    readonly address: Address;
    readonly init: StateInit & { code: Cell; data: Cell };
}

function deployable(code: Cell, data: Builder): Deployable {
    const init = { code, data: data.endCell() };
    return { address: contractAddress(0, init), init };
}

export function registryInit(identity: { networkId: number; governor: Address; salt: bigint }): Deployable {
    return deployable(
        codeOf('Registry'),
        beginCell()
            .storeInt(identity.networkId, 32)
            .storeAddress(identity.governor)
            .storeUint(identity.salt, 64)
            .storeUint(0, 32 + 32 + 32 + 1 + 1),
    );
}

/** A verifier whose root has that key. */
export function verifierInit(identity: {
    registry: Address;
    root: { x: bigint; y: bigint };
    policy: Cell;
}): Deployable {
    return deployable(
        codeOf('AttestationVerifier'),
        beginCell()
            .storeAddress(identity.registry)
            .storeUint(identity.root.x, 256)
            .storeUint(identity.root.y, 256)
            .storeRef(identity.policy),
    );
}

export function pckCertificateInit(identity: { verifier: Address; holder: Address; facts: Cell }): Deployable {
    return deployable(
        codeOf('PckCertificate'),
        beginCell()
            .storeAddress(identity.verifier)
            .storeAddress(identity.holder)
            .storeBit(false)
            .storeRef(identity.facts),
    );
}

export function stakeInit(identity: { registry: Address; owner: Address }): Deployable {
    return deployable(
        codeOf('ProviderStake'),
        beginCell()
            .storeUint(0, 1 + 256 + 64 + 64)
            .storeUint(0, 256)
            .storeUint(0, 16 + 2 + 64 + 64 + 64)
            .storeRef(beginCell().storeAddress(identity.registry).storeAddress(identity.owner).endCell()),
    );
}

export function escrowInit(identity: { client: Address; providerStake: Address; nonce: bigint }): Deployable {
    return deployable(
        codeOf('JobEscrow'),
        beginCell()
            .storeUint(0, 4 + 32 + 64 + 8)
            .storeAddress(identity.providerStake)
            .storeAddress(identity.client)
            .storeUint(0, 64 + 64 + 32)
            .storeUint(identity.nonce, 64),
    );
}

export function tillInit(providerStake: Address): Deployable {
    return deployable(
        codeOf('PayoutSettlement'),
        beginCell()
            .storeUint(0, 64 + 32 + 16 + 64 + 1)
            .storeAddress(providerStake),
    );
}

export function channelInit(
    identity: { client: Address; settlement: Address; nonce: bigint },
    code: Cell = codeOf('PaymentChannel'),
): Deployable {
    return deployable(
        code,
        beginCell()
            .storeUint(0, 64 + 64 + 32)
            .storeAddress(identity.client)
            .storeAddress(identity.settlement)
            .storeUint(identity.nonce, 64),
    );
}

/** A domain tag as the 64 bits that begin a signed cell. */
export function tagBits(tag: keyof typeof TAGS): bigint {
    return uint256Of(Buffer.from(TAGS[tag], 'ascii'));
}
