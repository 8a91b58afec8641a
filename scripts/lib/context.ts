import type { NetworkProvider } from '@ton/blueprint';
import { Address, OpenedContract } from '@ton/core';
import {
    Account,
    CodeHashes,
    codeHashes,
    escrowAddress,
    JobReference,
    KnownJob,
    Market,
    ProviderInfo,
    Registry,
    settlementAddress,
    stakeAddress,
    StateError,
} from '../../wrappers';
import { ChainInfo } from './chain';
import { RecordingSender } from './delivery';
import { Deployment, hexOf, written } from './deployments';
import { ScriptError } from './errors';
import { byDefault, Flag, flag, optional } from './flags';

/** How a job is named on the command line: by its escrow, or by provider and nonce (and client, if that is not you). */
export const jobFlags = {
    job: optional(flag.address('Address of the escrow')),
    provider: optional(flag.address("Instead of --job: owner of the provider's stake, together with --nonce")),
    nonce: optional(flag.whole('Instead of --job: the nonce it was posted with')),
    client: optional(flag.address('Instead of --job: who posted it; you by default')),
};

/** Names the stake of somebody else. */
export const ownerFlag: Flag<Address | undefined> = optional(
    flag.address("Owner of the provider's stake; you by default"),
);

/** Flags of every script that sends. */
export const sendingFlags = {
    value: optional(flag.ton('To send instead of the computed value; what is left returns')),
    timeout: byDefault(flag.duration('How long to wait for the result'), 60, '60s'),
    mainnet: flag.on('Confirms that mainnet is meant'),
};

/** Flags of every script. */
export const commonFlags = {
    registry: optional(flag.address('Registry of the network; from the deployment file by default')),
    file: optional(flag.text('Deployment file; deployments/<network>.json by default')),
    json: flag.on('Writes the result as one line of JSON'),
};

/** The contracts by the names that wrappers give their code hashes. */
const CONTRACT_NAMES: Readonly<Record<keyof CodeHashes, string>> = {
    registry: 'Registry',
    providerStake: 'ProviderStake',
    jobEscrow: 'JobEscrow',
    payoutSettlement: 'PayoutSettlement',
    paymentChannel: 'PaymentChannel',
    attestationVerifier: 'AttestationVerifier',
    pckCertificate: 'PckCertificate',
};

/** Options that every sending method takes. */
export interface Sending {
    value?: bigint;
}

/** What a script works with: the chain, the market on it, the wallet, the flags, and the deployment file's content. */
export class Context<V = object> {
    /** Contracts that were looked at, by name. */
    readonly contracts: Record<string, { address: string; codeHash: string }> = {};
    /** What a script keeps between its looks at the chain. */
    private readonly start = new Map<string, unknown>();
    private connected: Market | undefined;

    private constructor(
        readonly connection: NetworkProvider,
        readonly chain: ChainInfo,
        readonly deployment: Deployment,
        readonly flags: V,
        readonly hashes: CodeHashes,
        readonly via: RecordingSender,
    ) {}

    /** Reads nothing from the chain yet. */
    static async create<V>(
        connection: NetworkProvider,
        chain: ChainInfo,
        deployment: Deployment,
        flags: V,
    ): Promise<Context<V>> {
        return new Context(
            connection,
            chain,
            deployment,
            flags,
            await codeHashes(),
            new RecordingSender(connection.sender()),
        );
    }

    /**
     * Connects to the network of this Registry.
     *
     * @throws StateError `not-found` if there is none
     * @throws ScriptError `wrong-code`
     */
    async connect(registry: Address): Promise<void> {
        if (!(await this.exists('registry', registry))) {
            throw new StateError(
                'not-found',
                `No Registry is at ${written(registry)} on this chain; run deployNetwork, or pass --registry`,
            );
        }
        const { connection, chain, deployment } = this;
        const codeLibraryPaidUntil = deployment.libraries?.paymentChannel.paidUntil;
        this.connected = await Market.connect({ registry, connection, prices: chain.prices, codeLibraryPaidUntil });
    }

    /** The network; scripts that open one have none yet. */
    get market(): Market {
        if (!this.connected) {
            throw new ScriptError('wrong-deployment', 'This script has not connected to a network');
        }
        return this.connected;
    }

    /** The Registry's own methods: the governor's acts. */
    get registry(): OpenedContract<Registry> {
        return this.connection.open(Registry.createFromAddress(this.market.registry, this.chain.prices));
    }

    /**
     * Address of the wallet.
     *
     * @throws ScriptError `no-wallet`
     */
    get me(): Address {
        const { address } = this.via;
        if (!address) {
            throw new ScriptError(
                'no-wallet',
                'This wallet does not tell its address; use --tonconnect or --mnemonic, or name the owner or client by a flag',
            );
        }
        return address;
    }

    /** Unix seconds. */
    get now(): number {
        return Math.floor(Date.now() / 1000);
    }

    /** Whether this run has sent something. */
    get hasSent(): boolean {
        return this.via.sent.length > 0;
    }

    /** What the sending methods of market and wrappers take from the flags. */
    get sending(): Sending {
        const { value } = this.flags as Sending;
        return value === undefined ? {} : { value };
    }

    /** The first value that this run saw under a name: tells what was there before from what the run brought about. */
    atStart<T>(name: string, value: T): T {
        if (!this.start.has(name)) {
            this.start.set(name, value);
        }
        return this.start.get(name) as T;
    }

    /**
     * Whether the contract is there.
     *
     * @throws ScriptError `wrong-code` if something else is
     */
    async exists(contract: keyof CodeHashes, address: Address): Promise<boolean> {
        const name = CONTRACT_NAMES[contract];
        const expected = this.hashes[contract];
        this.contracts[name] = { address: written(address), codeHash: hexOf(expected) };
        const found = await this.connection.open(new Account(address)).getCodeHash();
        if (found !== null && found !== expected) {
            throw new ScriptError(
                'wrong-code',
                `${written(address)} holds the code ${hexOf(found)} instead of ${name}'s ${hexOf(expected)}; do not send anything to it`,
            );
        }
        return found !== null;
    }

    /**
     * A provider, its contracts' code checked before it is asked anything: other code answers as it likes, or not at all.
     *
     * @param owner - the wallet by default
     * @throws ScriptError `wrong-code`
     */
    async provider(owner: Address = this.me): Promise<ProviderInfo> {
        const stake = await stakeAddress(this.market.registry, owner);
        await this.exists('providerStake', stake);
        await this.exists('payoutSettlement', await settlementAddress(stake));
        const provider = await this.market.provider(owner);
        if (provider.stake) {
            this.deployment.providers[written(owner)] = {
                stake: written(provider.stakeAddress),
                settlement: written(provider.settlementAddress),
            };
        }
        return provider;
    }

    /**
     * A provider that has a stake.
     *
     * @throws StateError `not-found`
     */
    async openedProvider(owner: Address = this.me): Promise<OpenedProvider> {
        const { stake, ...provider } = await this.provider(owner);
        if (!stake) {
            throw new StateError(
                'not-found',
                `${written(owner)} has no stake in this network; open one with openStake, or name its owner by --owner`,
            );
        }
        return { ...provider, stake };
    }

    /**
     * A provider that has a till.
     *
     * @throws StateError `not-found`
     */
    async tillOf(owner: Address = this.me): Promise<OpenedProvider & { till: NonNullable<ProviderInfo['till']> }> {
        const { till, ...provider } = await this.openedProvider(owner);
        if (!till) {
            throw new StateError(
                'not-found',
                `The stake of ${written(owner)} is not registered, so it has no till yet`,
            );
        }
        return { ...provider, till };
    }

    /**
     * The job that the flags name.
     *
     * @returns null if it has ended
     * @throws StateError `not-found` if it was never seen
     */
    async job(flags: JobFlagValues): Promise<KnownJob | null> {
        const reference = this.jobReference(flags);
        const escrow = Address.isAddress(reference)
            ? reference
            : await escrowAddress(
                  reference.client,
                  await stakeAddress(this.market.registry, reference.provider),
                  reference.nonce,
              );
        const job = (await this.exists('jobEscrow', escrow)) ? await this.market.job(reference) : null;
        if (job) {
            this.enterJob(job);
        } else if (!this.deployment.jobs[written(escrow)]) {
            throw new StateError(
                'not-found',
                `There is no job at ${written(escrow)}: it was never posted, or it has ended`,
            );
        }
        return job;
    }

    /** Keeps that a job was seen. */
    enterJob({ escrow, client, provider, nonce }: Pick<KnownJob, 'escrow' | 'client' | 'provider' | 'nonce'>): void {
        this.deployment.jobs[written(escrow)] = {
            client: written(client),
            provider: written(provider),
            nonce: nonce.toString(),
        };
    }

    /**
     * What the flags call the job.
     *
     * @throws ScriptError `missing-argument`
     */
    jobReference({ job, client, provider, nonce }: JobFlagValues): JobReference {
        if (job) {
            return job;
        }
        if (!provider || nonce === undefined) {
            throw new ScriptError(
                'missing-argument',
                'Which job? Pass --job <address of the escrow>, or --provider and --nonce',
            );
        }
        return { client: client ?? this.me, provider, nonce };
    }
}

/** A provider that has a stake. */
export type OpenedProvider = ProviderInfo & { stake: NonNullable<ProviderInfo['stake']> };

/** What {@link jobFlags} hold. */
export interface JobFlagValues {
    job?: Address;
    client?: Address;
    provider?: Address;
    nonce?: bigint;
}
