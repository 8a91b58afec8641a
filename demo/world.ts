import { Address, toNano } from '@ton/core';
import { KeyPair, keyPairFromSeed } from '@ton/crypto';
import { Blockchain, SandboxContract, TreasuryContract } from '@ton/sandbox';
import { configWith, PriceSet } from '../tests/helpers/prices';
import { Connection, loadPrices, Market, NetworkParams, Offer } from '../wrappers';
import { EncryptionKeyPair, Kem } from '../protocol/envelope';
import { Accounting } from './accounting';
import { Journal } from './journal';
import { Names } from './names';
import { RandomBytes } from './random';
import { recorded, recordingConnection } from './recorder';
import { mendTransactionSearch } from './sandbox';

const GLOBAL_ID = -3;
/** 2026-11-01T00:00:00Z */
const GENESIS = Date.UTC(2026, 10, 1) / 1000;
const DAY = 86_400;

/** nanoTON that each party begins with: all the money there is. */
const WALLETS = {
    governor: toNano(10),
    treasury: toNano(1),
    arbiter: toNano(10),
    owner: toNano(2_000),
    operator: toNano(20),
    client: toNano(1_000),
} as const;

/** Who takes part. */
export type Party = keyof typeof WALLETS;

/** nanoTON that the provider stakes. */
const STAKE = toNano(1_000);
/** nanoTON that the worker's keys can put at risk together. */
const ALLOWANCE = toNano(300);
/** From this sum on the till would pay out by itself; high, so that the end shows what it holds. */
const PAYOUT_THRESHOLD = toNano(10_000);

/** A chain with one network and one provider on it, and the books of both. */
export interface World {
    readonly blockchain: Blockchain;
    readonly connection: Connection;
    readonly market: Market;
    readonly wallets: Readonly<Record<Party, SandboxContract<TreasuryContract>>>;
    readonly names: Names;
    readonly journal: Journal;
    readonly accounting: Accounting;
    /** The provider's hot key, as its profile names it. */
    readonly signing: KeyPair;
    /** What inputs are sealed to, likewise. */
    readonly encryption: EncryptionKeyPair;
    readonly offer: Offer;
    /** Unix seconds. */
    now(): number;
    /** Lets seconds pass. */
    pass(seconds: number): void;
    /** Accounts that belong to the provider. */
    readonly provider: { readonly owner: Address; readonly stake: Address; readonly till: Address };
}

/** Where a world comes from. */
export interface WorldOptions {
    readonly prices: PriceSet;
    readonly random: RandomBytes;
    /** What the provider offers. */
    readonly offer: Offer;
}

/** Starts a chain, gives everybody money, opens the network, and has the provider stake and register. */
export async function createWorld({ prices, random, offer }: WorldOptions): Promise<World> {
    const blockchain = await Blockchain.create();
    mendTransactionSearch(blockchain);
    blockchain.setConfig(configWith(blockchain.config, { globalId: GLOBAL_ID, prices }));
    blockchain.now = GENESIS;

    const journal = new Journal();
    const names = new Names();
    const wallets = await giveMoney(blockchain, names, journal);
    const accounting = await Accounting.open(
        blockchain,
        journal,
        Object.values(wallets).map(({ address }) => address),
    );

    const now = () => blockchain.now!;
    const connection = recordingConnection(blockchain, journal);
    const market = await Market.openNetwork(wallets.governor.getSender(), {
        connection,
        prices: loadPrices(blockchain.config),
        now,
        networkId: GLOBAL_ID,
        governor: wallets.governor.address,
        salt: 0n,
        params: networkParams(wallets),
    });
    names.set(market.registry, 'Registry');

    const signing = keyPairFromSeed(random(32));
    const encryption = await EncryptionKeyPair.fromSeed(Kem.X25519, random(32));
    const owner = wallets.owner.getSender();
    await market.openStake(owner, {
        amount: STAKE,
        profile: {
            operator: wallets.operator.address,
            allowanceCap: ALLOWANCE,
            signingKey: signing.publicKey,
            encryptionKey: encryption.publicKey.name,
            endpoint: 'https://provider.example',
            offers: [offer],
        },
    });
    await market.setPayees(owner, { payees: [], threshold: PAYOUT_THRESHOLD });
    const { stakeAddress, settlementAddress } = await market.provider(wallets.owner.address);
    names.set(stakeAddress, 'ProviderStake');
    names.set(settlementAddress, 'PayoutSettlement');
    return {
        blockchain,
        connection,
        market,
        wallets,
        names,
        journal,
        accounting,
        signing,
        encryption,
        offer,
        now,
        pass: (seconds) => (blockchain.now = now() + seconds),
        provider: { owner: wallets.owner.address, stake: stakeAddress, till: settlementAddress },
    };
}

async function giveMoney(blockchain: Blockchain, names: Names, journal: Journal): Promise<World['wallets']> {
    const wallets: Partial<Record<Party, SandboxContract<TreasuryContract>>> = {};
    for (const [party, balance] of Object.entries(WALLETS)) {
        const wallet = await blockchain.treasury(party, { balance });
        names.set(wallet.address, party);
        wallets[party as Party] = recorded(wallet, journal);
    }
    return wallets as World['wallets'];
}

function networkParams(wallets: World['wallets']): NetworkParams {
    return {
        feeBps: 200,
        minStake: toNano(100),
        unbondingPeriod: 14 * DAY,
        timelockDelay: 2 * DAY,
        treasury: wallets.treasury.address,
        arbiter: wallets.arbiter.address,
        verifier: null,
    };
}
