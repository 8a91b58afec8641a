import { Address, Cell, Contract, OpenedContract, Sender } from '@ton/core';
import { getSecureRandomBytes } from '@ton/crypto';
import {
    codeHashes,
    escrowAddress,
    registryAddress,
    RegistryIdentity,
    requireDerived,
    settlementAddress,
    stakeAddress,
} from './addresses';
import { Bits256, requireAddress, toUint256 } from './checks';
import { Channels } from './Channels';
import { Account, addressOfSender, Connection, openThrough } from './connection';
import { JobEscrow, JobInfo } from './JobEscrow';
import { ForeignAddressError, InputError, MarketError, StateError } from './marketError';
import { NetworkParams } from './networkParams';
import { Payee } from './payees';
import { PayoutSettlement, TillInfo } from './PayoutSettlement';
import { DEFAULT_PRICES, loadPrices, Prices } from './prices';
import { ProfileInput } from './profile';
import { ProviderStake, StakeInfo } from './ProviderStake';
import { Quote, QUOTE_MAX_SECONDS } from './quote';
import { Registry, RegistryInfo } from './Registry';
import { quoteHash, signApproveFull, signApproveSubmitted, verifyHash } from './signing';
import { JobState, RefusalReason, StakeState } from './states';
import { createJobTermsCell, JobTerms, lockUntilOf, termsHashOf } from './terms';

/** How a {@link Market} reaches its chain. */
export interface ConnectOptions {
    /** Address of the network's Registry: the one address that has to be trusted. */
    registry: Address;
    connection: Connection;
    /** The chain's configuration, to reckon values with; without it {@link DEFAULT_PRICES}. */
    config?: Cell;
    /** Ready-made prices, instead of a configuration. */
    prices?: Prices;
    /**
     * Unix seconds until which the library with the channels' code is paid, as the network's record has it: channels that end a
     * day before are opened with it. 0 by default: every channel carries its code.
     */
    codeLibraryPaidUntil?: number;
    /** Unix seconds; the machine's clock by default. */
    now?: () => number;
}

/** Options that every sending method takes. */
export interface SendOptions {
    queryId?: bigint;
    /** nanoTON, instead of the computed value. */
    value?: bigint;
}

/** What was sent where. */
export interface Receipt {
    to: Address;
    /** What the connection's `send…` returned: transactions in the sandbox, nothing elsewhere. */
    sent: unknown;
}

/** Names a job without a derived address, so that it cannot lie. */
export interface JobName {
    client: Address;
    /** Owner of the provider's stake. */
    provider: Address;
    nonce: bigint;
}

/** A job by its name, or by its escrow's address, which then is checked against the Registry. */
export type JobReference = JobName | Address;

/** Where a job will be, before anything is sent: what a client takes to a provider for a quote. */
export interface JobDraft extends JobName {
    stake: Address;
    escrow: Address;
    terms: JobTerms;
    termsHash: bigint;
    /** Unix seconds. */
    lockUntil: number;
}

/** A job that exists, with everything derived. */
export interface KnownJob extends JobInfo, JobName {
    escrow: Address;
    stake: Address;
}

/** A provider as the chain has it. */
export interface ProviderInfo {
    owner: Address;
    stakeAddress: Address;
    settlementAddress: Address;
    /** null while the stake was never opened. */
    stake: StakeInfo | null;
    /** null until the stake is registered. */
    till: TillInfo | null;
}

/** Where a registration stands. */
export interface RegisterStatus {
    state: StakeState;
    /** Why the last attempt failed; then `retryRegister` or `withdrawUnregistered`. */
    refusal: RefusalReason | null;
}

/** Rent is paid for this much longer, so that a clock ahead of the chain's stops no posting. */
const CLOCK_LEEWAY_SECONDS = 600;

type StakeOperation = SendOptions & {
    /** Owner of the stake; the sender by default. */
    owner?: Address;
};

/**
 * The market as its users see it: each method is a step of a flow. Every address is derived from the Registry; anything else is
 * refused before money moves (docs/flows.md).
 *
 * Methods that send throw {@link MarketError} before sending; what the chain then says is in the transactions.
 */
export class Market {
    /** Payment channels in this network. */
    readonly channels: Channels = new Channels(this);
    private knownNetworkId?: number;

    private constructor(
        /** The network's Registry. */
        readonly registry: Address,
        /** How this market reaches its chain. */
        readonly connection: Connection,
        /** What values are reckoned with. */
        readonly prices: Prices,
        /** Unix seconds until which the library with the channels' code is paid; 0: it is not published. */
        readonly codeLibraryPaidUntil: number,
        /** Unix seconds. */
        readonly now: () => number,
    ) {}

    /**
     * Connects to a network.
     *
     * @throws ForeignAddressError if the account is not a Registry of this version
     */
    static async connect(options: ConnectOptions): Promise<Market> {
        requireAddress('registry', options.registry);
        const found = await openThrough(options.connection, new Account(options.registry)).getCodeHash();
        if (found !== (await codeHashes()).registry) {
            throw new ForeignAddressError(
                `${options.registry.toString()} ${found === null ? 'has no code' : 'holds other code'}; pass the address of a ` +
                    'Registry of this version',
            );
        }
        const { registry, connection, codeLibraryPaidUntil = 0 } = options;
        return new Market(registry, connection, pricesOf(options), codeLibraryPaidUntil, clockOf(options));
    }

    /**
     * Deploys and opens a network as its governor, and connects to it.
     *
     * @throws InputError for parameters outside their bounds
     */
    static async openNetwork(
        via: Sender,
        options: Omit<ConnectOptions, 'registry'> & RegistryIdentity & SendOptions & { params: NetworkParams },
    ): Promise<Market> {
        const prices = pricesOf(options);
        const registry = await Registry.createFromConfig(options, prices);
        await openThrough(options.connection, registry).sendOpenNetwork(via, options);
        const { connection, codeLibraryPaidUntil = 0 } = options;
        return new Market(await registryAddress(options), connection, prices, codeLibraryPaidUntil, clockOf(options));
    }

    // Reading.

    /** The network: parameters, catalogue, proposals. */
    async network(): Promise<RegistryInfo> {
        return this.openRegistry().getRegistry();
    }

    /** The chain's global id, which the Registry's address follows from; asked for once. */
    async networkId(): Promise<number> {
        this.knownNetworkId ??= (await this.network()).networkId;
        return this.knownNetworkId;
    }

    /** A provider: stake, track record, profile, till. */
    async provider(owner: Address): Promise<ProviderInfo> {
        const stakeAt = await stakeAddress(this.registry, owner);
        const settlementAt = await settlementAddress(stakeAt);
        const stake = this.open(ProviderStake.createFromAddress(stakeAt, this.prices));
        const till = this.open(PayoutSettlement.createFromAddress(settlementAt, this.prices));
        return {
            owner,
            stakeAddress: stakeAt,
            settlementAddress: settlementAt,
            stake: (await stake.getIsActive()) ? await stake.getStake() : null,
            till: (await till.getIsActive()) ? await till.getTill() : null,
        };
    }

    /** Where the registration of a provider stands. */
    async registerStatus(owner: Address): Promise<RegisterStatus> {
        const { stake } = await this.provider(owner);
        return { state: stake?.state ?? StakeState.Uninit, refusal: stake?.refusal ?? null };
    }

    /**
     * A job; null if it was never posted or has ended.
     *
     * @throws ForeignAddressError if an escrow's address does not follow from the Registry
     */
    async job(reference: JobReference): Promise<KnownJob | null> {
        const escrow = Address.isAddress(reference)
            ? requireAddress('escrow', reference)
            : await this.escrowOf(reference);
        const opened = this.open(JobEscrow.createFromAddress(escrow, this.prices));
        if (!(await opened.getIsActive())) {
            return null;
        }
        const info = await opened.getJob();
        const { provider } = Address.isAddress(reference) ? await this.nameOf(escrow, info) : reference;
        return { ...info, provider, escrow, stake: info.providerStake };
    }

    // The provider's owner.

    /** Opens the sender's stake and asks the Registry for admission; {@link Market.registerStatus} tells the answer. */
    async openStake(
        via: Sender,
        options: StakeOperation & {
            /** nanoTON */
            amount: bigint;
            profile: ProfileInput | Cell;
        },
    ): Promise<Receipt> {
        const owner = addressOfSender(via, options.owner, 'owner');
        const stake = await ProviderStake.createFromConfig({ registry: this.registry, owner }, this.prices);
        return this.receipt(stake.address, this.open(stake).sendOpenStake(via, options));
    }

    /** Asks the Registry again after a refusal. */
    async retryRegister(via: Sender, options: StakeOperation = {}): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendRetryRegister(via, options));
    }

    /** Takes everything back after a refusal. */
    async withdrawUnregistered(via: Sender, options: StakeOperation = {}): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendWithdrawUnregistered(via, options));
    }

    /** Adds to a stake; anybody may. */
    async topUpStake(
        via: Sender,
        options: StakeOperation & {
            /** nanoTON */
            amount: bigint;
        },
    ): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendTopUpStake(via, options));
    }

    /** Replaces the sender's profile. */
    async updateProfile(via: Sender, options: StakeOperation & { profile: ProfileInput | Cell }): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendUpdateProfile(via, options));
    }

    /** Forgives the allowance what slashes took of it. */
    async resetAllowanceUsed(via: Sender, options: StakeOperation = {}): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendResetAllowanceUsed(via, options));
    }

    /** Starts to unbond. */
    async unbond(
        via: Sender,
        options: StakeOperation & {
            /** nanoTON */
            amount: bigint;
        },
    ): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendRequestUnbond(via, options));
    }

    /** Takes what unbonds back into the stake. */
    async cancelUnbond(via: Sender, options: StakeOperation = {}): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendCancelUnbond(via, options));
    }

    /** Withdraws what has unbonded. */
    async withdrawStake(via: Sender, options: StakeOperation = {}): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendWithdrawStake(via, options));
    }

    /** Pays the till's earnings to the payees. */
    async withdrawEarnings(via: Sender, options: StakeOperation = {}): Promise<Receipt> {
        const till = await this.tillOf(via, options);
        return this.receipt(till.address, till.sendWithdraw(via, options));
    }

    /** Says who is paid, and from which sum on by itself. */
    async setPayees(
        via: Sender,
        options: StakeOperation & {
            payees: readonly Payee[];
            /** nanoTON */
            threshold: bigint;
        },
    ): Promise<Receipt> {
        const till = await this.tillOf(via, options);
        return this.receipt(till.address, till.sendSetPayees(via, options));
    }

    // Anyone, for the network.

    /** Carries the network's parameters of now to a provider's stake and till. */
    async syncParams(via: Sender, options: SendOptions & { owner: Address }): Promise<Receipt> {
        return this.receipt(this.registry, this.openRegistry().sendSyncParams(via, options));
    }

    /** Sends the network's fees from a provider's till to the treasury. */
    async flushFees(via: Sender, options: SendOptions & { owner: Address }): Promise<Receipt> {
        const till = await this.tillOf(via, options);
        return this.receipt(till.address, till.sendFlushFees(via, options));
    }

    /** Deletes a lock whose escrow never came back. */
    async releaseStaleLock(via: Sender, options: SendOptions & { owner: Address; slot: number }): Promise<Receipt> {
        const stake = await this.stakeOf(via, options);
        return this.receipt(stake.address, stake.sendReleaseStaleLock(via, options));
    }

    // The client.

    /**
     * Says where a job will be, so that its provider can sign a quote for it.
     *
     * @throws InputError for terms that the escrow would refuse
     */
    async draftJob(options: {
        client: Address;
        /** Owner of the provider's stake. */
        provider: Address;
        terms: JobTerms;
        /** 64 bits; random by default. */
        nonce?: bigint;
    }): Promise<JobDraft> {
        const { client, provider, terms } = options;
        createJobTermsCell(terms, { client, now: this.now() });
        const nonce = options.nonce ?? BigInt('0x' + (await getSecureRandomBytes(8)).toString('hex'));
        const stake = await stakeAddress(this.registry, provider);
        return {
            client,
            provider,
            nonce,
            stake,
            escrow: await escrowAddress(client, stake, nonce),
            terms,
            termsHash: termsHashOf(terms),
            lockUntil: lockUntilOf(terms),
        };
    }

    /**
     * Posts a job: open, or with a quote in one transaction. Before money moves it checks that the stake is genuine and live,
     * that the arbiter is the network's, and that the quote is the provider's and still good.
     *
     * @throws InputError `foreign-arbiter` for another arbiter than the network's, unless `arbiters` lists it
     * @throws ForeignAddressError if `stake` is given and is not the provider's
     * @throws StateError if the provider cannot accept now, or the quote has expired
     */
    async postJob(
        via: Sender,
        options: SendOptions & {
            /** Owner of the provider's stake. */
            provider: Address;
            terms: JobTerms;
            quote?: Quote;
            /** Of the draft that the quote was signed for; random by default. */
            nonce?: bigint;
            /** The stake that the provider claims to have; checked. */
            stake?: Address;
            /** Arbiters that the client trusts besides the network's. */
            arbiters?: readonly Address[];
            /** The sender by default. */
            client?: Address;
        },
    ): Promise<Receipt & JobDraft> {
        const client = addressOfSender(via, options.client, 'client');
        if (options.quote && options.nonce === undefined) {
            throw new InputError(
                'out-of-range',
                'nonce',
                'is missing; a quote is for one escrow, pass the nonce of its draft',
            );
        }
        const draft = await this.draftJob({ ...options, client });
        if (options.stake) {
            requireDerived('stake', options.stake, draft.stake);
        }
        await this.requireKnownArbiter(options.terms.arbiter, options.arbiters ?? []);
        await this.requireAccepting(draft, options.quote);
        const escrow = await JobEscrow.createFromConfig(draft, this.prices);
        const sent = this.open(escrow).sendPostJob(via, {
            ...options,
            now: this.now() - CLOCK_LEEWAY_SECONDS,
        });
        return { ...draft, ...(await this.receipt(escrow.address, sent)) };
    }

    /**
     * Pays a job at once: the whole price while Accepted, the submitted amount while Submitted. The client's wallet needs no
     * signature; anybody else passes clientKey's, or clientKey itself.
     *
     * @throws InputError `malformed-signature` if neither the sender is the client nor a signature is at hand
     * @throws StateError `wrong-state` if the job is in another state, or something else was submitted than `expected`
     */
    async approve(
        via: Sender,
        reference: JobReference,
        options: SendOptions & {
            /** clientKey, 64 bytes. */
            clientSecretKey?: Uint8Array;
            signature?: Uint8Array;
            /** What the client has checked; a job in Submitted with anything else is not approved. */
            expected?: { resultCommitment: Bits256; amount: bigint };
        } = {},
    ): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Accepted, JobState.Submitted);
        const escrow = this.openEscrow(job);
        const { submission } = job;
        const { expected, clientSecretKey } = options;
        if (expected && (!submission || !isExpected(submission, expected))) {
            throw new StateError(
                'wrong-state',
                'What was submitted is not what you checked; fetch the result again or challenge',
            );
        }
        const byClient = via.address?.equals(job.client) ?? false;
        if (!byClient && !options.signature && !clientSecretKey) {
            throw new InputError(
                'malformed-signature',
                'signature',
                "is missing; send from the client's wallet, or pass clientKey's signature",
            );
        }
        if (!submission) {
            const signature = options.signature ?? (clientSecretKey && signApproveFull(job.jobKey, clientSecretKey));
            return this.receipt(escrow.address, escrow.sendApproveFull(via, { ...options, signature }));
        }
        const { amount, resultCommitment } = submission;
        const signature =
            options.signature ??
            (clientSecretKey &&
                signApproveSubmitted({ jobKey: job.jobKey, resultCommitment, amount }, clientSecretKey));
        return this.receipt(
            escrow.address,
            escrow.sendApproveSubmitted(via, { ...options, amount, resultCommitment, signature }),
        );
    }

    /** Takes back a job that nobody accepted. */
    async cancel(via: Sender, reference: JobReference, options: SendOptions = {}): Promise<Receipt> {
        const escrow = this.openEscrow(await this.requireJob(reference, JobState.Open, JobState.Quoting));
        return this.receipt(escrow.address, escrow.sendCancelJob(via, options));
    }

    /** Asks for the ciphertext on chain, with the bond of the terms. */
    async demandResult(via: Sender, reference: JobReference, options: SendOptions = {}): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Submitted);
        const escrow = this.openEscrow(job);
        const { challengeBond } = job.terms!;
        return this.receipt(escrow.address, escrow.sendDemandResult(via, { ...options, challengeBond }));
    }

    /** Disputes a result, with the bond of the terms. */
    async challenge(via: Sender, reference: JobReference, options: SendOptions = {}): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Submitted);
        const escrow = this.openEscrow(job);
        const { challengeBond } = job.terms!;
        return this.receipt(escrow.address, escrow.sendChallenge(via, { ...options, challengeBond }));
    }

    // The provider's worker.

    /**
     * Takes an open job by hand, from the owner or the operator. `jobKey` is of the opening that the worker examined: a job
     * that was reopened with other terms has another.
     *
     * @throws StateError `wrong-state` if the job is not Open or is another opening
     */
    async acceptJob(
        via: Sender,
        reference: JobReference,
        options: SendOptions & { jobKey: Bits256 },
    ): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Open);
        this.requireJobKey(job, options.jobKey);
        const stake = this.open(ProviderStake.createFromAddress(job.stake, this.prices));
        return this.receipt(
            stake.address,
            stake.sendAcceptJob(via, {
                ...options,
                collateral: job.terms!.requiredCollateral,
                client: job.client,
                nonce: job.nonce,
                lockUntil: job.lockUntil,
            }),
        );
    }

    /**
     * Commits to a result.
     *
     * @throws StateError `wrong-state` if the job is not Accepted or is another opening
     */
    async submitResult(
        via: Sender,
        reference: JobReference,
        options: SendOptions & {
            jobKey: Bits256;
            /** nanoTON; at most the price. */
            amount: bigint;
            resultCommitment: Bits256;
            /** 0 by default: no trace. */
            traceRoot?: Bits256;
        },
    ): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Accepted);
        this.requireJobKey(job, options.jobKey);
        const escrow = this.openEscrow(job);
        return this.receipt(
            escrow.address,
            escrow.sendSubmitResult(via, { ...options, traceRoot: options.traceRoot ?? 0n }),
        );
    }

    /**
     * Answers a demand: with the ciphertext itself, from anyone; or with the place where it lies, from operator or owner.
     *
     * @throws InputError `too-long` for a ciphertext of more than 4 KiB
     * @throws StateError `wrong-state` if nothing was demanded, or the ciphertext is not what was committed to
     */
    async publishResult(
        via: Sender,
        reference: JobReference,
        options: SendOptions & ({ ciphertext: Cell } | { storageId: string | Uint8Array }),
    ): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Demanded);
        const escrow = this.openEscrow(job);
        if ('storageId' in options) {
            return this.receipt(escrow.address, escrow.sendPublishStorageId(via, options));
        }
        if (toUint256('ciphertext', options.ciphertext.hash()) !== job.submission!.resultCommitment) {
            throw new StateError(
                'wrong-state',
                'The ciphertext is not the cell that was committed to; publish that one',
            );
        }
        return this.receipt(escrow.address, escrow.sendPublishResult(via, options));
    }

    // Anyone, for a job.

    /** Pays what was submitted, once the challenge window has ended. */
    async finalize(via: Sender, reference: JobReference, options: SendOptions = {}): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Submitted);
        this.requireDeadline(job);
        const escrow = this.openEscrow(job);
        return this.receipt(escrow.address, escrow.sendFinalizeJob(via, options));
    }

    /**
     * Ends a job whose deadline nobody met: ExpireJob, ExpireDemand or ExpireDispute by its state.
     *
     * @throws StateError `too-early` before the deadline
     */
    async expire(via: Sender, reference: JobReference, options: SendOptions = {}): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Accepted, JobState.Demanded, JobState.Disputed);
        this.requireDeadline(job);
        const escrow = this.openEscrow(job);
        switch (job.state) {
            case JobState.Accepted:
                return this.receipt(escrow.address, escrow.sendExpireJob(via, options));
            case JobState.Demanded:
                return this.receipt(escrow.address, escrow.sendExpireDemand(via, options));
            default:
                return this.receipt(escrow.address, escrow.sendExpireDispute(via, options));
        }
    }

    /** Ends a dispute, as its arbiter. */
    async giveVerdict(
        via: Sender,
        reference: JobReference,
        options: SendOptions & {
            /** Whether the provider was wrong. */
            wrong: boolean;
            /** Basis points of the collateral; all of it by default, read only when wrong. */
            slashBps?: number;
        },
    ): Promise<Receipt> {
        const job = await this.requireJob(reference, JobState.Disputed);
        const escrow = this.openEscrow(job);
        const slashBps = options.wrong ? (options.slashBps ?? 10_000) : 0;
        return this.receipt(escrow.address, escrow.sendVerdict(via, { ...options, slashBps }));
    }

    // Inside.

    private open<T extends Contract>(contract: T): OpenedContract<T> {
        return openThrough(this.connection, contract);
    }

    private openRegistry(): OpenedContract<Registry> {
        return this.open(Registry.createFromAddress(this.registry, this.prices));
    }

    private openEscrow(job: KnownJob): OpenedContract<JobEscrow> {
        return this.open(JobEscrow.createFromAddress(job.escrow, this.prices));
    }

    private async stakeOf(via: Sender, options: { owner?: Address }): Promise<OpenedContract<ProviderStake>> {
        const owner = addressOfSender(via, options.owner, 'owner');
        return this.open(ProviderStake.createFromAddress(await stakeAddress(this.registry, owner), this.prices));
    }

    private async tillOf(via: Sender, options: { owner?: Address }): Promise<OpenedContract<PayoutSettlement>> {
        const owner = addressOfSender(via, options.owner, 'owner');
        const stake = await stakeAddress(this.registry, owner);
        return this.open(PayoutSettlement.createFromAddress(await settlementAddress(stake), this.prices));
    }

    private async receipt(to: Address, sending: Promise<unknown>): Promise<Receipt> {
        return { to, sent: await sending };
    }

    private async escrowOf(name: JobName): Promise<Address> {
        return escrowAddress(name.client, await stakeAddress(this.registry, name.provider), name.nonce);
    }

    /** An escrow cannot prove that its stake is genuine, so the stake is asked for its owner and derived from him. */
    private async nameOf(escrow: Address, info: JobInfo): Promise<JobName> {
        const { client, nonce, providerStake } = info;
        requireDerived('escrow', escrow, await escrowAddress(client, providerStake, nonce));
        // Its code first: another's getters would answer with anything, or not at all.
        if ((await this.open(new Account(providerStake)).getCodeHash()) !== (await codeHashes()).providerStake) {
            throw new ForeignAddressError(
                `The stake ${providerStake.toString()} of this job is none of this network, or gone; name the job by client, provider and nonce`,
            );
        }
        const { owner } = await this.open(ProviderStake.createFromAddress(providerStake, this.prices)).getStake();
        requireDerived('stake', providerStake, await stakeAddress(this.registry, owner));
        return { client, provider: owner, nonce };
    }

    private async requireJob(reference: JobReference, ...states: JobState[]): Promise<KnownJob> {
        const job = await this.job(reference);
        if (!job) {
            throw new StateError('not-found', 'There is no such job: it was never posted, or it has ended');
        }
        if (!states.includes(job.state)) {
            throw new StateError(
                'wrong-state',
                `The job is ${JobState[job.state]}; this works in ${states.map((state) => JobState[state]).join(', ')}`,
            );
        }
        return job;
    }

    private requireJobKey(job: KnownJob, expected: Bits256): void {
        if (job.jobKey !== toUint256('jobKey', expected)) {
            throw new StateError(
                'wrong-state',
                'The job was opened anew since you examined it; examine its terms again',
            );
        }
    }

    private requireDeadline(job: KnownJob): void {
        if (this.now() < job.deadline) {
            throw new StateError(
                'too-early',
                `The job's deadline is ${job.deadline} (unix seconds), now is ${this.now()}; try again then`,
            );
        }
    }

    private async requireKnownArbiter(arbiter: Address, trusted: readonly Address[]): Promise<void> {
        if (trusted.some((address) => address.equals(arbiter))) {
            return;
        }
        const { params } = await this.network();
        if (!params?.arbiter.equals(arbiter)) {
            throw new InputError(
                'foreign-arbiter',
                'terms.arbiter',
                `is not the network's (${params?.arbiter.toString() ?? 'none'}); list it in "arbiters" if you trust it`,
            );
        }
    }

    /** What the stake would refuse at once is better refused before the price is on its way; an open job can wait. */
    private async requireAccepting(draft: JobDraft, quote: Quote | undefined): Promise<void> {
        const { stake } = await this.provider(draft.provider);
        const now = this.now();
        const collateral = draft.terms.requiredCollateral;
        if (stake?.state !== StakeState.Registered) {
            throw new StateError('not-found', `${draft.provider.toString()} is no registered provider of this network`);
        }
        if (!quote) {
            return;
        }
        if (stake.stake < stake.minStake || stake.stake - stake.locked < collateral) {
            throw new StateError('wrong-state', "The provider's free stake does not cover this job; take another one");
        }
        if (now < stake.pausedUntil) {
            throw new StateError('too-early', `The network is paused until ${stake.pausedUntil} (unix seconds)`);
        }
        if (draft.terms.tier > 0 && stake.attestedUntil <= draft.terms.acceptBy + draft.terms.deliverWithin) {
            throw new StateError('wrong-state', "The provider's attestation does not last to the end of this job");
        }
        if (stake.allowanceUsed + collateral > stake.profile!.allowanceCap) {
            throw new StateError(
                'wrong-state',
                "The worker's allowance does not cover this job; take another provider",
            );
        }
        if (quote.validUntil <= now || quote.validUntil > now + QUOTE_MAX_SECONDS) {
            throw new StateError(
                'wrong-state',
                `The quote is valid until ${quote.validUntil}, now is ${now}; get a fresh one`,
            );
        }
        const hash = quoteHash({ ...draft, collateral, validUntil: quote.validUntil });
        if (quote.termsHash !== draft.termsHash || !verifyHash(hash, quote.signature, stake.profile!.signingKey)) {
            throw new MarketError(
                'malformed-signature',
                "The quote is not the provider's for this escrow and these terms; ask for one over this very draft",
            );
        }
    }
}

function pricesOf(options: { config?: Cell; prices?: Prices }): Prices {
    return options.prices ?? (options.config ? loadPrices(options.config) : DEFAULT_PRICES);
}

function clockOf(options: { now?: () => number }): () => number {
    return options.now ?? (() => Math.floor(Date.now() / 1000));
}

function isExpected(
    submission: { resultCommitment: bigint; amount: bigint },
    expected: { resultCommitment: Bits256; amount: bigint },
): boolean {
    return (
        submission.amount === expected.amount &&
        submission.resultCommitment === toUint256('expected.resultCommitment', expected.resultCommitment)
    );
}
