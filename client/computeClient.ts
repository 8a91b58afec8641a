import { Address, Cell, OpenedContract, Sender } from '@ton/core';
import { randomBytes } from 'node:crypto';
import { Evidence, inputCommitment, SALT_BYTES, saltedPayload } from '../protocol';
import { EncryptionKeyPair, jobInput, Kem, seal, SEED_BYTES } from '../protocol/envelope';
import { WireMessage } from '../protocol/wire';
import {
    Connection,
    createJobTermsCell,
    jobKey as jobKeyOf,
    JobState,
    KnownJob,
    Market,
    openThrough,
    Quote,
    Receipt,
    signApproveFull,
    signApproveSubmitted,
    StateError,
    Tier,
} from '../wrappers';
import { AttestationGuard, AttestationTrust } from './attestation';
import { CheckedResult, checkResult } from './checking';
import { keyOf, RefusedError, WorkerConnection } from './connection';
import { ClientKeys } from './keys';
import { providerKey } from './providerKey';
import { PublishedResults } from './published';
import { requireGoodQuote } from './quoteCheck';
import { MemoryOrderStore, Order, OrderStore } from './store';

/** What a client is made of. */
export interface ComputeClientOptions {
    market: Market;
    /** The connection that the market was made with. */
    connection: Connection;
    /** The client's wallet; its address is the client's name on chain. */
    wallet: Sender & { address?: Address };
    keys: ClientKeys;
    /** Unix seconds by the chain's clock. */
    now: () => number;
    /** Model files to re-execute results with. */
    models: readonly Uint8Array[];
    /** Default: memory, which forgets salts and keys at the end of the process: no result can be opened then. */
    store?: OrderStore;
    /** Whom to believe about machines; without it nothing of the tier Attested is ever sent. */
    attestation?: AttestationTrust;
    /** What results are sealed by; X25519 by default, X-Wing against those who keep what they cannot read yet. */
    kem?: Kem;
    /** Source of nonces, salts, keys of orders and request names; the operating system's by default. */
    random?: (length: number) => Buffer;
}

/** What a client asks for. */
export interface OrderRequest {
    /** Owner of the provider's stake. */
    provider: Address;
    modelRoot: bigint;
    input: Uint8Array;
    /** nanoTON: the most the provider can get. */
    price: bigint;
    /** nanoTON that the provider has to put at risk. */
    collateral: bigint;
    /** nanoTON that a demand or a challenge costs whoever turns out wrong. */
    challengeBond: bigint;
    /**
     * {@link Tier.Open} by default: the input is sealed on its way and on chain, but **whoever runs the worker can read it**, and the
     * result. Attested asks for a provider that the network's verifier has attested.
     */
    tier?: Tier;
    /** The network's by default. */
    arbiter?: Address;
    /** Seconds. */
    windows?: Partial<Windows>;
    /** Basis points of the collateral that lateness costs. */
    lateSlashBps?: number;
    /** Basis points of a slash that go to the client. */
    toClientBps?: number;
}

/** Seconds of each deadline of a job. */
export type Windows = Record<'accept' | 'deliver' | 'challenge' | 'response' | 'arbitration', number>;

/** Where an order does not say otherwise. */
export const DEFAULT_WINDOWS: Windows = {
    accept: 600,
    deliver: 1_800,
    challenge: 3_600,
    response: 3_600,
    arbitration: 86_400,
};

/**
 * A client of the market: orders, checks by re-execution, and pays for what is right. It shares nothing with a worker but the
 * chain and the bytes that a {@link WorkerConnection} carries.
 */
export class ComputeClient {
    private readonly store: OrderStore;
    private readonly random: (length: number) => Buffer;
    private readonly guard: AttestationGuard;

    constructor(private readonly options: ComputeClientOptions) {
        this.guard = new AttestationGuard({ ...options, trust: options.attestation });
        this.store = options.store ?? new MemoryOrderStore();
        this.random = options.random ?? randomBytes;
    }

    /**
     * Writes an order down: terms with a salted commitment to the input, and the escrow that they will be posted to.
     *
     * @throws InputError for terms that the escrow would refuse
     * @throws StateError `not-found` if there is no such provider
     */
    async order(request: OrderRequest): Promise<Order> {
        const { market, keys, now, kem = Kem.X25519 } = this.options;
        const { profile } = (await market.provider(request.provider)).stake ?? {};
        if (!profile) {
            throw new StateError('not-found', `${request.provider.toString()} has no stake in this network`);
        }
        const windows = { ...DEFAULT_WINDOWS, ...request.windows };
        const salt = this.random(SALT_BYTES);
        const recipient = await EncryptionKeyPair.fromSeed(kem, this.random(SEED_BYTES));
        const draft = await market.draftJob({
            client: this.address,
            provider: request.provider,
            nonce: this.random(8).readBigUInt64BE(),
            terms: {
                price: request.price,
                requiredCollateral: request.collateral,
                tier: request.tier ?? Tier.Open,
                acceptBy: now() + windows.accept,
                deliverWithin: windows.deliver,
                challengeWindow: windows.challenge,
                responseWindow: windows.response,
                arbitrationWindow: windows.arbitration,
                challengeBond: request.challengeBond,
                lateSlashBps: request.lateSlashBps ?? 1_000,
                toClientBps: request.toClientBps ?? 5_000,
                clientKey: keys.clientKey,
                arbiter: request.arbiter ?? (await market.network()).params!.arbiter,
                modelRoot: request.modelRoot,
                inputCommitment: inputCommitment(salt, request.input),
                encryptionKey: profile.encryptionKey,
                resultRecipientKey: recipient.publicKey.name,
            },
        });
        return await this.keep({ ...draft, salt, input: request.input, recipientKey: recipient.stored() });
    }

    /**
     * Asks the provider's worker for a quote, handing it the input, sealed, and checks what it signs. With the tier Attested the
     * attestation is verified first.
     *
     * @throws AttestationRefusedError if the terms ask for Attested and the provider is not, by the chain or by the client's own check
     * @throws RefusedError with the worker's reasons
     * @throws EnvelopeError for a worker that serves another key than its profile pins
     * @throws MarketError for a quote that is not the provider's for this very order
     */
    async requestQuote(order: Order, worker: WorkerConnection): Promise<Order & { quote: Quote }> {
        const { market, now } = this.options;
        const requestId = this.random(8).readBigUInt64BE();
        const { escrow, termsHash, terms } = order;
        if (terms.tier === Tier.Attested) {
            await this.guard.require(order.provider, terms.encryptionKey, worker);
        }
        const { publicKey } = await EncryptionKeyPair.fromStored(order.recipientKey);
        const sealedInput = await seal(saltedPayload(order.input, order.salt), {
            recipient: await providerKey(terms.encryptionKey, worker),
            binding: jobInput({ networkId: await market.networkId(), escrow, termsHash, modelRoot: terms.modelRoot }),
        });
        const answer = await worker.ask(
            {
                kind: 'quoteRequest',
                requestId,
                terms: createJobTermsCell(terms),
                client: order.client,
                nonce: order.nonce,
                sealedInput,
                recipientKey: publicKey.bytes,
            },
            [`quoteReply:${requestId}`, `refusal:${requestId}`],
        );
        if (answer.kind === 'refusal') {
            throw new RefusedError(answer.reasons);
        }
        const { quote } = answer as Extract<WireMessage, { kind: 'quoteReply' }>;
        const { profile } = (await market.provider(order.provider)).stake!;
        requireGoodQuote(order, quote, profile!.signingKey, now());
        return await this.keep({ ...order, quote });
    }

    /** Posts the job: with a quote it is accepted in the same trace, without one it waits for an acceptance. */
    async post(order: Order): Promise<Receipt> {
        const { market, wallet } = this.options;
        const { provider, stake, terms, nonce, quote } = order;
        return await market.postJob(wallet, { provider, stake, terms, nonce, quote, arbiters: [terms.arbiter] });
    }

    /**
     * Waits for the worker's delivery, opens it, and re-executes it.
     *
     * @throws NoAnswerError if nothing comes
     * @throws StateError `not-found` if the job is not on chain
     */
    async receive(order: Order, worker: WorkerConnection): Promise<CheckedResult> {
        const { jobKey } = await this.job(order);
        return await this.check(order, await worker.result(jobKey), jobKey);
    }

    /**
     * Fetches what the provider published on chain, opens it, and re-executes it.
     *
     * @throws StateError `not-found` if nothing was published
     */
    async receivePublished(order: Order): Promise<CheckedResult> {
        const published = await this.open(order.escrow).getPublished();
        if (!published) {
            throw new StateError('not-found', 'Nothing was published for this job; demand the result first');
        }
        const { ciphertext, openedLt } = published;
        return await this.check(order, ciphertext, jobKeyOf(order.escrow, order.termsHash, openedLt));
    }

    /**
     * Signs the payment of a right result and hands it to the worker: the client's part without a transaction.
     *
     * @throws StateError `wrong-state` for a wrong result, or one that is not what was submitted
     * @throws NoAnswerError if the worker does not confirm; then pay by wallet, or leave it to the end of the window
     */
    async approveBySignature(order: Order, checked: CheckedResult, worker: WorkerConnection): Promise<void> {
        const { jobKey, submission } = await this.payable(order, checked);
        const { clientSecret } = this.options.keys;
        const approval: WireMessage = submission
            ? {
                  kind: 'approveSubmitted',
                  jobKey,
                  resultCommitment: submission.resultCommitment,
                  amount: submission.amount,
                  signature: signApproveSubmitted({ jobKey, ...submission }, clientSecret),
              }
            : { kind: 'approveFull', jobKey, signature: signApproveFull(jobKey, clientSecret) };
        await worker.ask(approval, [keyOf({ kind: 'approvalReceipt', jobKey })]);
    }

    /**
     * Pays for a right result by a transaction of the client's own.
     *
     * @throws StateError `wrong-state` for a wrong result, or one that is not what was submitted
     */
    async approveByWallet(order: Order, checked: CheckedResult): Promise<Receipt> {
        const { submission } = await this.payable(order, checked);
        return await this.options.market.approve(this.options.wallet, order, { expected: submission ?? undefined });
    }

    /** Asks for the result on chain. */
    async demand(order: Order): Promise<Receipt> {
        return await this.options.market.demandResult(this.options.wallet, order);
    }

    /** Disputes what was submitted; the arbiter wants to see {@link ComputeClient.evidence}. */
    async challenge(order: Order): Promise<Receipt> {
        return await this.options.market.challenge(this.options.wallet, order);
    }

    /** Takes back a job that nobody accepted. */
    async cancel(order: Order): Promise<Receipt> {
        return await this.options.market.cancel(this.options.wallet, order);
    }

    /** Ends a job whose provider missed a deadline: a late delivery, an unanswered demand. */
    async expire(order: Order): Promise<Receipt> {
        return await this.options.market.expire(this.options.wallet, order);
    }

    /**
     * What opens an order to an arbiter: input, result, and the key of this one result. Whoever gets it can read them.
     *
     * @throws StateError `not-found` if no result came
     */
    async evidence(escrow: Address): Promise<Evidence> {
        const { salt, input, result, recipientKey } = (await this.find(escrow)) ?? {};
        if (!salt || !input || !recipientKey || !result) {
            throw new StateError('not-found', 'There is no result of that order here; receive it first');
        }
        return { salt, input, result, opening: { recipientKey } };
    }

    /**
     * Forgets an order that has ended, with its input, its result and the key to it: nobody can open that result any more.
     *
     * @throws StateError `wrong-state` while the job is on chain
     */
    async forget(order: Order): Promise<void> {
        if (await this.options.market.job(order)) {
            throw new StateError('wrong-state', 'The job is still on chain; settle it first');
        }
        await this.store.remove(order.escrow);
    }

    /** An order as it was stored last. */
    async find(escrow: Address): Promise<Order | undefined> {
        return await this.store.find(escrow);
    }

    private get address(): Address {
        const { address } = this.options.wallet;
        if (!address) {
            throw new StateError('not-found', 'The wallet has no address; connect it first');
        }
        return address;
    }

    private async job(order: Order): Promise<KnownJob> {
        const job = await this.options.market.job(order);
        if (!job) {
            throw new StateError('not-found', 'The job is not on chain: it was never posted, or it has ended');
        }
        return job;
    }

    /** Only what was checked and found right is paid for, and only if it is what the chain knows. */
    private async payable(order: Order, checked: CheckedResult): Promise<KnownJob> {
        if (!checked.equalsReferee) {
            throw new StateError('wrong-state', 'The result is wrong; challenge it instead of paying for it');
        }
        const job = await this.job(order);
        if (job.state === JobState.Submitted && job.submission!.resultCommitment !== checked.commitment) {
            throw new StateError(
                'wrong-state',
                'The provider submitted something else than it delivered; challenge it',
            );
        }
        return job;
    }

    private async check(order: Order, result: Cell, jobKey: bigint): Promise<CheckedResult> {
        const networkId = await this.options.market.networkId();
        const checked = await checkResult(order, result, { networkId, jobKey }, this.options.models);
        await this.keep({ ...order, result });
        return checked;
    }

    private async keep<T extends Order>(order: T): Promise<T> {
        await this.store.save(order);
        return order;
    }

    private open(escrow: Address): OpenedContract<PublishedResults> {
        return openThrough(this.options.connection, new PublishedResults(escrow));
    }
}
