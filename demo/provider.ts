import { Address, toNano } from '@ton/core';
import { KeyPair, keyPairFromSeed } from '@ton/crypto';
import { SandboxContract, TreasuryContract } from '@ton/sandbox';
import { EncryptionKeyPair, Kem } from '../protocol/envelope';
import { Market, Offer, Tier } from '../wrappers';
import { Names } from './names';
import { RandomBytes } from './random';

/** The tiers by name: the demo has one provider of each. */
export const TIER_NAMES = ['Open', 'Attested'] as const;
export type TierName = (typeof TIER_NAMES)[number];

/** nanoTON that a provider stakes. */
const STAKE = toNano(1_000);
/** nanoTON that a worker's keys can put at risk together. */
const ALLOWANCE = toNano(300);
/** From this sum on a till would pay out by itself; high, so that the end shows what it holds. */
const PAYOUT_THRESHOLD = toNano(10_000);

type Wallet = SandboxContract<TreasuryContract>;

/** A provider with its keys and accounts. */
export interface Provider {
    readonly tierName: TierName;
    readonly tier: Tier;
    readonly owner: Wallet;
    readonly operator: Wallet;
    readonly stake: Address;
    readonly till: Address;
    /** The hot key, as the profile names it. */
    readonly signing: KeyPair;
    /** What inputs are sealed to, likewise. */
    readonly encryption: EncryptionKeyPair;
}

/** Who opens a provider where. */
export interface ProviderOptions {
    readonly market: Market;
    readonly names: Names;
    readonly tierName: TierName;
    readonly owner: Wallet;
    readonly operator: Wallet;
    readonly random: RandomBytes;
    readonly offer: Offer;
}

/** Stakes, registers, and has the till hold what is earned. Whatever tier is asked for, the provider is Open until it is attested. */
export async function openProvider(options: ProviderOptions): Promise<Provider> {
    const { market, names, tierName, owner, operator, random, offer } = options;
    const signing = keyPairFromSeed(random(32));
    const encryption = await EncryptionKeyPair.fromSeed(Kem.X25519, random(32));
    await market.openStake(owner.getSender(), {
        amount: STAKE,
        profile: {
            operator: operator.address,
            allowanceCap: ALLOWANCE,
            signingKey: signing.publicKey,
            encryptionKey: encryption.publicKey.name,
            endpoint: `https://${tierName.toLowerCase()}.example`,
            offers: [offer],
        },
    });
    await market.setPayees(owner.getSender(), { payees: [], threshold: PAYOUT_THRESHOLD });
    const { stakeAddress: stake, settlementAddress: till } = await market.provider(owner.address);
    names.set(stake, `${tierName} stake`);
    names.set(till, `${tierName} till`);
    return { tierName, tier: Tier[tierName], owner, operator, stake, till, signing, encryption };
}
