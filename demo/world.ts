import { toNano } from '@ton/core';
import { Blockchain, SandboxContract, TreasuryContract } from '@ton/sandbox';
import { configWith, PriceSet } from '../tests/helpers/prices';
import { AttestationVerifier, Connection, loadPrices, Market, Offer, openThrough, registryAddress } from '../wrappers';
import { Accounting } from './accounting';
import { Journal } from './journal';
import { Names } from './names';
import { openProvider, Provider, TierName } from './provider';
import { RandomBytes } from './random';
import { recorded, recordingConnection } from './recorder';
import { mendTransactionSearch } from './sandbox';
import { verifierOf } from './testAuthority';

const GLOBAL_ID = -3;
/** 2026-11-01T00:00:00Z */
const GENESIS = Date.UTC(2026, 10, 1) / 1000;
const DAY = 86_400;

/** nanoTON that each party begins with: all the money there is. */
const WALLETS = {
    governor: toNano(10),
    treasury: toNano(1),
    arbiter: toNano(10),
    'Open owner': toNano(2_000),
    'Open operator': toNano(20),
    'Attested owner': toNano(2_000),
    'Attested operator': toNano(20),
    client: toNano(1_000),
} as const;

/** Who takes part. */
export type Party = keyof typeof WALLETS;

/** A chain with one network and two providers on it, and the books of all. */
export interface World {
    readonly blockchain: Blockchain;
    readonly connection: Connection;
    readonly market: Market;
    readonly wallets: Readonly<Record<Party, SandboxContract<TreasuryContract>>>;
    readonly names: Names;
    readonly journal: Journal;
    readonly accounting: Accounting;
    readonly verifier: AttestationVerifier;
    /** What both providers offer. */
    readonly offer: Offer;
    readonly providers: Readonly<Record<TierName, Provider>>;
    /** Unix seconds. */
    now(): number;
    /** Lets seconds pass. */
    pass(seconds: number): void;
}

/** Where a world comes from. */
export interface WorldOptions {
    readonly prices: PriceSet;
    /** Bytes of their own for each label. */
    readonly random: (label: string) => RandomBytes;
    /** What the providers offer. */
    readonly offer: Offer;
}

/** Starts a chain, gives everybody money, opens the network with its verifier, and has two providers stake and register. */
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
    const governor = wallets.governor.getSender();
    const identity = { networkId: GLOBAL_ID, governor: wallets.governor.address, salt: 0n };
    const chainPrices = loadPrices(blockchain.config);
    const registry = await registryAddress(identity);
    const verifier = await verifierOf(registry, chainPrices);
    names.set(registry, 'Registry');
    names.set(verifier.address, 'Verifier');
    const market = await Market.openNetwork(governor, {
        ...identity,
        connection,
        prices: chainPrices,
        now,
        params: {
            feeBps: 200,
            minStake: toNano(100),
            unbondingPeriod: 14 * DAY,
            timelockDelay: 2 * DAY,
            treasury: wallets.treasury.address,
            arbiter: wallets.arbiter.address,
            verifier: verifier.address,
        },
    });
    await openThrough(connection, verifier).sendDeploy(governor);

    const provider = (tierName: TierName) =>
        openProvider({
            market,
            names,
            tierName,
            owner: wallets[`${tierName} owner`],
            operator: wallets[`${tierName} operator`],
            random: random(`${tierName} provider`),
            offer,
        });
    return {
        blockchain,
        connection,
        market,
        wallets,
        names,
        journal,
        accounting,
        verifier,
        offer,
        providers: { Open: await provider('Open'), Attested: await provider('Attested') },
        now,
        pass: (seconds) => (blockchain.now = now() + seconds),
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
