import { Address, toNano } from '@ton/core';
import { BlockchainSnapshot } from '@ton/sandbox';
import { packed, quoteOf, verifierOf } from '../fixtures/attestation/stage';
import { Channel } from '../fixtures/channels';
import { Deployable, networkParamsCell, pckCertificateInit, profileCell, registryInit } from '../helpers/cells';
import { Chain, PriceSet, Wallet } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { label } from '../helpers/labels';
import { parseStakeData, parseTillData, STAKE_REGISTERED } from '../helpers/layout';
import { Network, openNetwork, openProvider, prepareProvider, Provider } from '../helpers/network';
import { ContractName } from '../helpers/sources';
import { lightConfig } from './configs';
import { Kind } from './table';

const DAY = 86400;

const CONTRACTS = {
    registry: 'Registry',
    stake: 'ProviderStake',
    till: 'PayoutSettlement',
    escrow: 'JobEscrow',
    channel: 'PaymentChannel',
    verifier: 'AttestationVerifier',
    certificate: 'PckCertificate',
} as const satisfies Record<string, ContractName>;

export type WalletName = 'client' | 'operator' | 'owner' | 'arbiter' | 'governor' | 'treasury' | 'stranger' | 'heir';
export type ContractRole = keyof typeof CONTRACTS;
export type Role = WalletName | ContractRole;

export const CONTRACT_ROLES = Object.keys(CONTRACTS) as ContractRole[];

export function isContract(role: string): role is ContractRole {
    return role in CONTRACTS;
}

export function kindOf(role: Role): Kind {
    return isContract(role) ? CONTRACTS[role] : 'wallet';
}

/** How far the world is built when a story begins: nothing at all, an open Registry with its verifier, or a registered provider too. */
export type Base = 'empty' | 'network' | 'registered';

/** nanoTON, by whom they belong to in the end. */
export interface Wealth {
    client: bigint;
    provider: bigint;
    network: bigint;
    others: bigint;
}

/** Hash of the data of each contract; null where no code runs. */
export type States = Record<ContractRole, string | null>;

/** One chain with everybody who takes part in any flow. */
export class World {
    private constructor(
        readonly chain: Chain,
        readonly network: Network,
        readonly provider: Provider,
        readonly job: Job,
        readonly channel: Channel,
        private readonly verifier: Deployable,
        private readonly certificate: Deployable,
        private readonly wallets: Record<WalletName, Wallet>,
        private readonly start: BlockchainSnapshot,
    ) {}

    static async build(prices: PriceSet, base: Base, amount = toNano(1000)): Promise<World> {
        const chain = await Chain.create({ prices });
        const { blockchain } = chain;
        (blockchain as unknown as { networkConfig: string }).networkConfig = lightConfig(blockchain.configBase64);
        const verifier = await verifierOf(chain);
        const params = { verifier: verifier.address };
        const network = base === 'empty' ? await closedNetwork(chain, params) : await openNetwork(chain, { params });
        if (base !== 'empty') {
            await chain.send(network.governor, { to: verifier.address, value: toNano(5), init: verifier.init });
        }
        const provider =
            base === 'registered'
                ? await openProvider(network, { amount })
                : await prepareProvider(network, { amount });
        const job = await Job.prepare(provider);
        const channel = await Channel.prepare(provider);
        const certificate = pckCertificateInit({
            verifier: verifier.address,
            holder: channel.stranger.address,
            facts: packed(quoteOf(provider)).facts,
        });
        label(certificate.address, 'PckCertificate');
        const wallets = {
            client: job.client,
            operator: provider.operator,
            owner: provider.owner,
            arbiter: network.arbiter,
            governor: network.governor,
            treasury: network.treasury,
            stranger: channel.stranger,
            heir: await chain.wallet('heir'),
        };
        const start = chain.blockchain.snapshot();
        return new World(chain, network, provider, job, channel, verifier, certificate, wallets, start);
    }

    /** Forgets everything since {@link build}. */
    async restart(): Promise<void> {
        await this.chain.blockchain.loadFrom(this.start);
    }

    wallet(name: WalletName): Wallet {
        return this.wallets[name];
    }

    addressOf(role: Role): Address {
        switch (role) {
            case 'registry':
                return this.network.registry;
            case 'stake':
            case 'till':
                return this.provider[role];
            case 'escrow':
                return this.job.escrow;
            case 'channel':
                return this.channel.address;
            case 'verifier':
            case 'certificate':
                return this[role].address;
            default:
                return this.wallets[role].address;
        }
    }

    /** StateInits of what wallets deploy. */
    initOf(role: ContractRole) {
        return {
            registry: this.network.registryInit,
            stake: this.provider.stakeInit,
            till: this.provider.tillInit,
            escrow: this.job.init,
            channel: this.channel.init,
            verifier: this.verifier.init,
            certificate: this.certificate.init,
        }[role];
    }

    async states(): Promise<States> {
        const entries = CONTRACT_ROLES.map(async (role) => {
            const data = await this.chain.data(this.addressOf(role));
            return [role, data === null ? null : data.hash().toString('hex')] as const;
        });
        return Object.fromEntries(await Promise.all(entries)) as States;
    }

    /** What everybody has, once jobs and channels are over. */
    async wealth(): Promise<Wealth> {
        const of = (role: Role) => this.chain.balance(this.addressOf(role));
        const sum = async (...roles: Role[]) => (await Promise.all(roles.map(of))).reduce((a, b) => a + b, 0n);
        const till = await this.chain.data(this.provider.till);
        const fees = till === null ? 0n : parseTillData(till).feesDue;
        return {
            client: await sum('client'),
            provider: (await sum('owner', 'operator', 'stake', 'till')) - fees,
            network: (await sum('treasury', 'registry', 'verifier', 'governor')) + fees,
            others: await sum('arbiter', 'stranger', 'certificate', 'heir'),
        };
    }

    /** Jobs and channels are gone, no collateral is locked, and a stake is either registered with a till that works or gone. */
    async expectOver(): Promise<void> {
        for (const role of ['escrow', 'channel'] as const) {
            const data = await this.chain.data(this.addressOf(role));
            if (data !== null) {
                expect({ [role]: data.hash() }).toEqual({ [role]: this.initOf(role).data!.hash() });
            }
            expect({ [role]: await this.chain.balance(this.addressOf(role)) }).toEqual({ [role]: 0n });
        }
        const data = await this.chain.data(this.provider.stake);
        if (data === null) {
            expect(await this.chain.isGone(this.provider.stake)).toBe(true);
        } else {
            const stake = parseStakeData(data);
            expect(stake).toMatchObject({ state: STAKE_REGISTERED, locked: 0n, usedSlots: 0n });
            const till = (await this.chain.data(this.provider.till))!;
            expect(parseTillData(till).version).toBeGreaterThan(0);
        }
    }

    get paramsCell() {
        return networkParamsCell(this.network.params);
    }

    get profile() {
        return profileCell(this.provider.profile);
    }
}

/** Everything about a network before its first message. */
async function closedNetwork(chain: Chain, change: { verifier: Address }): Promise<Network> {
    const [governor, treasury, arbiter] = await Promise.all(
        ['governor', 'treasury', 'arbiter'].map((name) => chain.wallet(name)),
    );
    const { address: registry, init } = registryInit({
        networkId: chain.globalId,
        governor: governor!.address,
        salt: 0n,
    });
    label(registry, 'Registry');
    return {
        chain,
        registry,
        registryInit: init,
        governor: governor!,
        treasury: treasury!,
        arbiter: arbiter!,
        params: {
            feeBps: 200,
            minStake: toNano(100),
            unbondingPeriod: 14 * DAY,
            timelockDelay: 2 * DAY,
            treasury: treasury!.address,
            arbiter: arbiter!.address,
            ...change,
        },
    };
}
