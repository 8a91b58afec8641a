import { Address, StateInit } from '@ton/core';
import {
    channelInit,
    Deployable,
    escrowInit,
    packedHash,
    registryInit,
    stakeInit,
    tillInit,
    uint256Of,
} from '../helpers/cells';
import { GLOBAL_ID } from '../helpers/chain';
import { accountIdOf, Actor, addressFrom, idOf, Key } from './actors';
import { Account, Hashes, Id } from './model/types';

// The stage: two networks, three providers, six jobs and three channels, none of them deployed.

/** An address that a contract follows from. */
export interface Place {
    readonly name: string;
    readonly id: Id;
    readonly address: Address;
    readonly init: StateInit;
    /** What it is once deployed and before its first message. */
    readonly uninit: Account;
    /** Whose signatures it heeds: clientKey of a job or channel, signingKey of a stake. */
    readonly key?: Key;
}

const places = new Map<Id, Place>();

function place(name: string, { address, init }: Deployable, uninit: Account, key?: Key): Place {
    const made = { name, id: address.toRawString(), address, init, uninit, key };
    places.set(made.id, made);
    return made;
}

function registryPlace(name: string, salt: bigint): Place {
    const governor = idOf('governor');
    return place(name, registryInit({ networkId: GLOBAL_ID, governor: addressFrom(governor), salt }), {
        ...{ kind: 'Registry', networkId: GLOBAL_ID, governor, salt, version: 0, pausedUntil: 0, pausableFrom: 0 },
        ...{ params: null, pendingGovernor: null, proposal: null, models: new Map() },
    });
}

function stakePlace(name: string, registry: Place, owner: Actor, key: Key): Place {
    const identity = { registry: registry.id, owner: idOf(owner) };
    return place(
        name,
        stakeInit({ registry: registry.address, owner: addressFrom(identity.owner) }),
        {
            ...{ kind: 'ProviderStake', ...identity, state: 'Uninit', stake: 0n, unbonding: 0n, unlockAt: 0 },
            ...{ locks: new Map(), hotSlashed: 0n, record: 0n, attemptLt: 0n, refusal: 0, profile: null },
            ...{ attestedUntil: 0, params: null, version: 0, pausedUntil: 0 },
        },
        key,
    );
}

function tillPlace(name: string, stake: Place): Place {
    return place(name, tillInit(stake.address), {
        ...{ kind: 'PayoutSettlement', providerStake: stake.id, version: 0, feeBps: 0, feesDue: 0n, threshold: 0n },
        ...{ owner: null, treasury: null, payees: [] },
    });
}

function escrowPlace(name: string, client: Actor, stake: Place, nonce: bigint, key: Key): Place {
    return place(
        name,
        escrowInit({ client: addressFrom(idOf(client)), providerStake: stake.address, nonce }),
        {
            ...{ kind: 'JobEscrow', client: idOf(client), providerStake: stake.id, nonce, state: 'Uninit' },
            ...{ openedLt: 0n, lockId: 0n, slot: 0, deadline: 0, lockUntil: 0 },
            ...{ terms: null, party: null, submission: null },
        },
        key,
    );
}

function channelPlace(name: string, client: Actor, till: Place, nonce: bigint, key: Key): Place {
    return place(
        name,
        channelInit({ client: addressFrom(idOf(client)), settlement: till.address, nonce }),
        {
            ...{ kind: 'PaymentChannel', client: idOf(client), settlement: till.id, nonce, state: 'Uninit' },
            ...{ openedLt: 0n, clientKey: 0n, providerKey: 0n, totalDeposited: 0n, claimed: 0n },
            ...{ closesAt: 0, closeDelay: 0 },
        },
        key,
    );
}

export const REGISTRY = registryPlace('Registry', 0n);
/** Another network of the same governor. */
export const FOREIGN_REGISTRY = registryPlace('Registry′', 1n);

export const STAKE = stakePlace('Stake p', REGISTRY, 'p.owner', 'p.signing');
const SECOND_STAKE = stakePlace('Stake q', REGISTRY, 'q.owner', 'q.signing');
const FOREIGN_STAKE = stakePlace('Stake p′', FOREIGN_REGISTRY, 'p.owner', 'p.signing');

export const TILL = tillPlace('Till p', STAKE);
const SECOND_TILL = tillPlace('Till q', SECOND_STAKE);
tillPlace('Till p′', FOREIGN_STAKE);

escrowPlace('Job a1', 'a.client', STAKE, 1n, 'a.key');
escrowPlace('Job a2', 'a.client', STAKE, 2n, 'a.key');
escrowPlace('Job b1', 'b.client', STAKE, 1n, 'b.key');
escrowPlace('Job a/q', 'a.client', SECOND_STAKE, 1n, 'a.key');
escrowPlace('Job a/p′', 'a.client', FOREIGN_STAKE, 1n, 'a.key');

channelPlace('Channel a1', 'a.client', TILL, 1n, 'a.key');
channelPlace('Channel a2', 'a.client', TILL, 2n, 'a.key');
channelPlace('Channel b/q', 'b.client', SECOND_TILL, 1n, 'b.key');

export const PLACES: readonly Place[] = [...places.values()];

export function placeOf(id: Id): Place | undefined {
    return places.get(id);
}

const raw = ({ address }: Deployable): Id => address.toRawString();

/** Derivations, by hand from schemas/*.tlb: the same that the tests' fixtures use. */
export const hashes: Hashes = {
    globalId: GLOBAL_ID,
    escrow: (client, stake, nonce) =>
        raw(escrowInit({ client: addressFrom(client), providerStake: addressFrom(stake), nonce })),
    stake: (registry, owner) => raw(stakeInit({ registry: addressFrom(registry), owner: addressFrom(owner) })),
    till: (stake) => raw(tillInit(addressFrom(stake))),
    jobKey: (escrow, termsHash, openedLt) =>
        uint256Of(packedHash('jobKey', [accountIdOf(escrow), 256], [termsHash, 256], [openedLt, 64])),
    reportData: (stake, signingKey, encryptionKey) =>
        uint256Of(packedHash('reportData', [accountIdOf(stake), 256], [signingKey, 256], [encryptionKey, 256])),
};
