import { Address, beginCell, Cell, toNano } from '@ton/core';
import { stored } from '../fixtures/stakes';
import {
    channelInit,
    escrowInit,
    jobTermsCell,
    networkParamsCell,
    profileCell,
    registryInit,
    stakeInit,
    tillInit,
} from '../helpers/cells';
import { strayAddress } from '../helpers/chain';
import { StakeData } from '../helpers/layout';
import { codeOf, CONTRACT_NAMES, ContractName } from '../helpers/sources';
import { certificateForgeries, certificatesOfOthers, verifierForgeries, verifiersOfOthers } from './attestationInits';
import {
    ALL_ONES,
    bitsOf,
    Field,
    Forgery,
    forgery,
    longer,
    OPTIONAL,
    packed,
    REFERENCE,
    withFields,
    zeros,
} from './forging';
import { Scene } from './scene';

export type { Forgery } from './forging';

function registryForgeries({ market }: Scene): Forgery[] {
    const { governor, chain, network } = market;
    const identity: Field[] = [
        ['networkId', 32, BigInt.asUintN(32, BigInt(chain.globalId))],
        ['governor', 267, bitsOf(governor.address)],
        ['salt', 64, 0n],
    ];
    const rest = zeros(['version', 32], ['pausedUntil', 32], ['pausableFrom', 32], ['params', 0], ['governance', 0]);
    const governance = beginCell()
        .storeAddress(null)
        .storeUint(0, 8 + 1 + 1)
        .endCell();
    return withFields('Registry', [...identity, ...rest], {
        networkId: [1n, BigInt.asUintN(32, -239n)],
        governor: [bitsOf(market.stranger.address)],
        salt: [1n, ALL_ONES(64)],
        version: [1n, 2n, ALL_ONES(32)],
        pausedUntil: [1n],
        pausableFrom: [1n, ALL_ONES(32)],
        params: [networkParamsCell(network.params)],
        governance: [governance],
    });
}

function stakeForgeries({ market }: Scene): Forgery[] {
    const { registry, owner, stranger, now } = market;
    const identity = (of: Address, by: Address) => beginCell().storeAddress(of).storeAddress(by).endCell();
    const fresh: StakeData = {
        state: 0,
        stake: 0n,
        unbonding: 0n,
        locked: 0n,
        hotLocked: 0n,
        hotSlashed: 0n,
        usedSlots: 0n,
        record: 0n,
        feeBps: 0,
        locks: new Map(),
        config: identity(registry, owner.address),
    };
    const lock = { lockId: 1n, escrow: 1n, collateral: 1n, lockUntil: now, byHot: false };
    const opening = beginCell()
        .storeAddress(registry)
        .storeAddress(owner.address)
        .storeUint(1, 64)
        .storeUint(0, 8)
        .storeRef(profileCell(market.provider.profile))
        .endCell();
    const changes: Partial<StakeData>[] = [
        ...[1, 2, 3].map((state) => ({ state })),
        ...[1, 2].map((state) => ({ state, config: opening, stake: toNano(1_000_000) })),
        { stake: toNano(1_000_000) },
        { unbonding: 1n },
        { locked: 1n },
        { hotLocked: 1n },
        { hotSlashed: 1n },
        { usedSlots: 1n },
        { record: 1n },
        { feeBps: 1 },
        { locks: new Map([[0, lock]]) },
        { config: opening },
        { config: identity(registry, stranger.address) },
        { config: identity(stranger.address, owner.address) },
        { config: identity(owner.address, registry) },
    ];
    return changes.map((change) =>
        forgery(
            `ProviderStake with its own ${Object.keys(change).join(', ')}`,
            codeOf('ProviderStake'),
            stored.stake({ ...fresh, ...change }),
        ),
    );
}

function escrowForgeries({ market, job }: Scene): Forgery[] {
    const { client, stake, stranger } = market;
    const genuine: Field[] = [
        ...zeros(['state', 4], ['deadline', 32], ['lockId', 64], ['slot', 8]),
        ['providerStake', 267, bitsOf(stake)],
        ['client', 267, bitsOf(client.address)],
        ...zeros(['price', 64], ['openedLt', 64], ['lockUntil', 32]),
        ['nonce', 64, job.nonce],
        ['longer identity', 1, null],
        ['terms', REFERENCE, null],
        ['progress', REFERENCE, null],
    ];
    return withFields('JobEscrow', genuine, {
        client: [bitsOf(stranger.address), bitsOf(stake)],
        providerStake: [bitsOf(stranger.address), bitsOf(client.address)],
        nonce: [0n, 2n, ALL_ONES(64)],
        state: [1n, 2n, 3n, 4n, 5n, 6n, 15n],
        price: [1n, ALL_ONES(64)],
        openedLt: [1n, ALL_ONES(64)],
        lockId: [1n],
        slot: [1n, 255n],
        deadline: [1n],
        lockUntil: [1n, BigInt(job.lockUntil)],
        'longer identity': [0n, 1n],
        terms: [jobTermsCell(job.terms)],
        progress: [beginCell().endCell()],
    });
}

function tillForgeries({ market }: Scene): Forgery[] {
    const { stake, stranger, network } = market;
    const genuine: Field[] = [
        ...zeros(['feesDue', 64], ['version', 32], ['feeBps', 16], ['threshold', 64], ['payees', OPTIONAL]),
        ['providerStake', 267, bitsOf(stake)],
    ];
    const live = (owner: Address) =>
        beginCell()
            .storeUint(0, 64)
            .storeUint(1, 32)
            .storeUint(0, 16 + 64 + 1)
            .storeAddress(owner)
            .storeAddress(network.treasury.address)
            .storeAddress(stake)
            .endCell();
    return [
        ...withFields('PayoutSettlement', genuine, {
            providerStake: [bitsOf(stranger.address)],
            version: [1n, ALL_ONES(32)],
            feeBps: [1n],
            feesDue: [1n],
            threshold: [1n, ALL_ONES(64)],
            payees: [beginCell().storeAddress(stranger.address).storeUint(10000, 16).storeBit(0).endCell()],
        }),
        forgery('PayoutSettlement with another owner, as if live', codeOf('PayoutSettlement'), live(stranger.address)),
        ...longer('PayoutSettlement', packed(genuine)),
    ];
}

function channelForgeries({ market, channel, till }: Scene): Forgery[] {
    const { client, stranger, now } = market;
    const { clientKey, providerKey } = channel.offer;
    const genuine: Field[] = [
        ...zeros(['totalDeposited', 64], ['claimed', 64], ['closesAt', 32]),
        ['client', 267, bitsOf(client.address)],
        ['settlement', 267, bitsOf(till)],
        ['nonce', 64, channel.nonce],
    ];
    const opened = (closesAt: number) =>
        beginCell()
            .storeUint(toNano(10), 64)
            .storeUint(0, 64)
            .storeUint(closesAt, 32)
            .storeUint(1, 64)
            .storeUint(clientKey, 256)
            .storeAddress(till)
            .storeAddress(client.address)
            .storeRef(beginCell().storeUint(providerKey, 256).storeUint(3600, 32).storeUint(channel.nonce, 64))
            .endCell();
    const swapped = channelInit({ client: till, settlement: client.address, nonce: channel.nonce }).init;
    return [
        ...withFields('PaymentChannel', genuine, {
            totalDeposited: [1n, ALL_ONES(64)],
            claimed: [1n],
            closesAt: [1n, BigInt(now + 86400)],
            client: [bitsOf(stranger.address)],
            settlement: [bitsOf(stranger.address)],
            nonce: [channel.nonce + 1n],
        }),
        forgery('PaymentChannel with client and till swapped', codeOf('PaymentChannel'), swapped.data),
        ...[0, now + 86400].map((closesAt) =>
            forgery(`PaymentChannel as if open until ${closesAt}`, codeOf('PaymentChannel'), opened(closesAt)),
        ),
        ...longer('PaymentChannel', packed(genuine)),
    ];
}

/** What the chain itself lets a StateInit carry beside code and data. */
function withExtras(contract: ContractName, { code, data }: { code: Cell; data: Cell }): Forgery[] {
    return [
        ...CONTRACT_NAMES.filter((name) => name !== contract).map((name) =>
            forgery(`${name} with the data of ${contract}`, codeOf(name), data),
        ),
        forgery(`${contract} with another code`, beginCell().storeRef(code).endCell(), data),
        forgery(`${contract} split`, code, data, { splitDepth: 1 }),
        forgery(`${contract} that ticks`, code, data, { special: { tick: true, tock: true } }),
    ];
}

/** The genuine StateInit of each contract as the scene has it. */
export function genuineOf(scene: Scene, contract: ContractName) {
    const { market, job, channel, till } = scene;
    const { governor, registry, owner, client, stake } = market;
    switch (contract) {
        case 'Registry':
            return registryInit({ networkId: market.chain.globalId, governor: governor.address, salt: 0n });
        case 'ProviderStake':
            return stakeInit({ registry, owner: owner.address });
        case 'JobEscrow':
            return escrowInit({ client: client.address, providerStake: stake, nonce: job.nonce });
        case 'PayoutSettlement':
            return tillInit(stake);
        case 'PaymentChannel':
            return channelInit({ client: client.address, settlement: till, nonce: channel.nonce });
        case 'AttestationVerifier':
            return scene.verifier;
        case 'PckCertificate':
            return scene.certificate;
    }
}

/** Every forgery of a contract: another code, another identity, or anything set that is zero before the opening. */
export function forgeriesOf(scene: Scene, contract: ContractName): Forgery[] {
    const fields = {
        Registry: registryForgeries,
        ProviderStake: stakeForgeries,
        JobEscrow: escrowForgeries,
        PayoutSettlement: tillForgeries,
        PaymentChannel: channelForgeries,
        AttestationVerifier: verifierForgeries,
        PckCertificate: certificateForgeries,
    };
    return [...fields[contract](scene), ...withExtras(contract, genuineOf(scene, contract).init)];
}

/** Children of another parent: of a Registry, an owner, a client or a stake that are none of this market's. */
export function strangersChildren(scene: Scene, contract: ContractName): [what: string, address: Address][] {
    const { market, till, unopenedRegistry } = scene;
    const { registry, owner, client, stake, stranger, governor, chain } = market;
    const foreignStake = stakeInit({ registry: unopenedRegistry.address, owner: owner.address }).address;
    const secondStake = stakeInit({ registry, owner: stranger.address }).address;
    const escrowOf = (of: Address, providerStake: Address) =>
        escrowInit({ client: of, providerStake, nonce: 1n }).address;
    switch (contract) {
        case 'Registry':
            return [
                ['the Registry with another salt', unopenedRegistry.address],
                [
                    'the Registry of another network with the same governor and salt',
                    registryInit({ networkId: -239, governor: governor.address, salt: 0n }).address,
                ],
                [
                    'the Registry of another governor',
                    registryInit({ networkId: chain.globalId, governor: stranger.address, salt: 0n }).address,
                ],
            ];
        case 'ProviderStake':
            return [
                ['the same owner’s stake in another network', foreignStake],
                ['another owner’s stake in this network', secondStake],
                ['the stake of the stake', stakeInit({ registry: stake, owner: owner.address }).address],
            ];
        case 'JobEscrow':
            return [
                [
                    'the same client’s job with the same owner in another network',
                    escrowOf(client.address, foreignStake),
                ],
                ['the same client’s job with another provider', escrowOf(client.address, secondStake)],
                ['another client’s job with this provider', escrowOf(stranger.address, stake)],
                ['a job whose provider stake is a wallet', escrowOf(client.address, strayAddress(0x55))],
                ['a job whose provider stake is the till', escrowOf(client.address, till)],
            ];
        case 'PayoutSettlement':
            return [
                ['the same owner’s till in another network', tillInit(foreignStake).address],
                ['another owner’s till in this network', tillInit(secondStake).address],
            ];
        case 'PaymentChannel':
            return [
                [
                    'the same client’s channel with another till',
                    channelInit({ client: client.address, settlement: tillInit(secondStake).address, nonce: 1n })
                        .address,
                ],
            ];
        case 'AttestationVerifier':
            return verifiersOfOthers(scene);
        case 'PckCertificate':
            return certificatesOfOthers(scene);
    }
}
