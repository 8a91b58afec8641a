import { Address, Sender } from '@ton/core';
import {
    Evidence,
    JobPolicy,
    newSalt,
    openEvidence,
    resultCell,
    resultCommitment,
    serveAccepted,
} from '../../protocol';
import { jobResult, seal } from '../../protocol/envelope';
import { ByteTransport } from '../../protocol/transport';
import {
    AttestationRequest,
    EncryptionKeyRequest,
    FullApproval,
    QuoteRequest,
    SubmittedApproval,
    WireMessage,
} from '../../protocol/wire';
import { WIRE_LIMITS } from '../../protocol/wireLimits';
import { JobStore } from '../../store/jobStore';
import { MemoryJobStore } from '../../store/memoryStore';
import {
    Account,
    approveFullHash,
    approveSubmittedHash,
    Connection,
    InputError,
    JobName,
    KnownJob,
    Market,
    openThrough,
    stakeAddress,
    toUint256,
    verifyHash,
} from '../../wrappers';
import { ChannelDesk, ChannelMessage, ChannelStep } from './channelDesk';
import { heard, say } from './clientLine';
import { InferenceEngine } from './inference';
import { DEFAULT_TIMING, nextStep, Timing } from './nextStep';
import { QuoteDesk } from './quoteDesk';
import { refusal } from './refusal';
import { EncryptionKeys, keyNamed } from './sealedInputs';
import { sealSeedOf } from './sealSeed';
import { ServedJob, ServedJobs, Step } from './servedJob';

/** What a worker is made of. It has no key of the owner's. */
export interface ProviderNodeOptions {
    market: Market;
    /** The connection that the market was made with. */
    connection: Connection;
    /** Owner of the stake that this worker serves for. */
    owner: Address;
    /** The operator's wallet, as the stake's profile names it. */
    operator: Sender;
    /** 64 bytes: the secret of the profile's signingKey. */
    signingSecret: Uint8Array;
    /** The profile's encryption key, and older ones: jobs that were sealed to them go on. */
    encryptionKeys: EncryptionKeys;
    engines: readonly InferenceEngine[];
    policy: JobPolicy;
    /** Reads the newest raw TDX quote over the profile's keys, for clients that verify it; without it the worker is Open. */
    attestation?: () => Uint8Array | Promise<Uint8Array>;
    /** Unix seconds by the chain's clock. */
    now: () => number;
    /** Default: memory. A worker that stops then forgets its quotes and its results: a demand costs it the collateral. */
    store?: JobStore;
    /** Serves payment channels; without it they are refused. */
    channels?: ChannelDesk;
    timing?: Partial<Timing>;
    /** Seconds that a quote is good for; at most 120. */
    quoteSeconds?: number;
    /** The 32 bytes of {@link Opening.sealSalt}, fresh for each result; the platform's random source by default. */
    sealSalt?: () => Uint8Array;
    /** Told of what went wrong with a client's message; the client is refused without a word about it. */
    onError?: (error: Error) => void;
}

/** A step that a worker took, for its log. */
export interface StepTaken {
    /** The job's escrow, or the channel. */
    readonly account: Address;
    readonly step: Step | ChannelStep['step'];
    /** Why it failed; the next {@link ProviderNode.tick} tries again. */
    readonly error?: Error;
}

/**
 * The reference provider: quotes what its policy takes, computes what its stake has accepted, delivers, and sees to it that it is
 * paid. All it does on chain it does in {@link ProviderNode.tick}, which a host calls every few seconds.
 */
export class ProviderNode {
    private readonly timing: Timing;
    private ticking: Promise<unknown> = Promise.resolve();

    private constructor(
        private readonly options: ProviderNodeOptions,
        private readonly served: ServedJobs,
        private readonly desk: QuoteDesk,
    ) {
        this.timing = { ...DEFAULT_TIMING, ...options.timing };
    }

    /**
     * Makes a worker that goes on with the jobs in its store.
     *
     * @throws InputError `not-found` if the policy lists a model that no engine has, or an encryption key is missing
     * @throws StoreError if a stored job cannot be read: better no worker than one that does not know what it owes
     */
    static async create(options: ProviderNodeOptions): Promise<ProviderNode> {
        const { market, owner, engines, policy, encryptionKeys, store = new MemoryJobStore() } = options;
        for (const model of policy.models) {
            if (!engines.some(({ modelRoot }) => modelRoot === model)) {
                throw new InputError(
                    'not-found',
                    'policy.models',
                    `lists the model ${model.toString(16)}, which none of the engines has; load its model file`,
                );
            }
        }
        if (!keyNamed(encryptionKeys, toUint256('policy.encryptionKey', policy.encryptionKey))) {
            const missing = 'lacks the key that the policy names; load the one whose public half the profile has';
            throw new InputError('not-found', 'encryptionKeys', missing);
        }
        const { registry } = market;
        const stake = await stakeAddress(registry, owner);
        const networkId = await market.networkId();
        const served = await ServedJobs.resume({ store, registry, owner, stake, encryptionKeys, networkId });
        return new ProviderNode(options, served, new QuoteDesk({ ...options, stake }, served));
    }

    /** Serves a client over this connection. */
    connect(client: ByteTransport): void {
        client.listen((bytes) => {
            this.receive(bytes, client).catch((error: Error) => this.options.onError?.(error));
        });
    }

    /** Jobs that are quoted or under way. */
    get jobs(): readonly ServedJob[] {
        return this.served.all;
    }

    /**
     * What shows an arbiter that a result is right, also if the client shows nothing. The output is computed once more: nothing of it
     * was kept. It is looked at as an arbiter does, who would find the provider wrong for evidence that does not hold.
     *
     * @throws InputError `not-found` for a job that was not served here, or whose model no engine has
     * @throws MarketError `not-found` if it does not hold: the store was changed, or the engine does not compute what it did
     */
    async evidence(jobKey: bigint): Promise<Evidence> {
        const job = this.served.byJobKey(jobKey);
        if (!job?.opening) {
            throw new InputError('not-found', 'jobKey', 'names no job that this worker has served and not forgotten');
        }
        const { accepted, sealed, opening } = job;
        const output = await this.engineFor(accepted.terms.modelRoot).run(accepted.input);
        const { result, sealSalt, commitment: resultCommitment } = opening;
        const { terms, escrow } = accepted;
        const seed = await sealSeedOf(this.options.encryptionKeys, terms.encryptionKey, jobKey, sealSalt);
        const shown = { recipient: sealed.recipient.bytes, seed, output };
        const evidence = { salt: sealed.salt, input: accepted.input, result, opening: shown };
        const networkId = await this.options.market.networkId();
        await openEvidence(evidence, { networkId, escrow, jobKey, terms, resultCommitment });
        return evidence;
    }

    /**
     * Looks at every job and every channel once, and does what is due. Calls may overlap; they run one after another.
     *
     * @returns the steps taken, failed ones included
     */
    tick(): Promise<StepTaken[]> {
        const tick = this.ticking.then(async () => [
            ...(await this.lookAtAll()),
            ...((await this.options.channels?.tick()) ?? []),
        ]);
        this.ticking = tick;
        return tick;
    }

    private async lookAtAll(): Promise<StepTaken[]> {
        const taken: StepTaken[] = [];
        for (const job of this.served.all) {
            const { escrow } = job.accepted;
            let step: Step = 'wait';
            try {
                const onChain = await this.find(job);
                step = nextStep(job, onChain, this.options.now(), this.timing);
                await this.take(step, job, onChain);
            } catch (error) {
                // One job that fails is no reason to be late with the others.
                taken.push({ account: escrow, step, error: error instanceof Error ? error : new Error(String(error)) });
                continue;
            }
            if (step !== 'wait') {
                taken.push({ account: escrow, step });
            }
        }
        return taken;
    }

    private async take(step: Step, job: ServedJob, onChain: KnownJob | null): Promise<void> {
        if (step === 'wait') {
            return;
        }
        if (step === 'forget' || !onChain) {
            return await this.served.forget(job);
        }
        if (step === 'serve') {
            return await this.serve(job, onChain);
        }
        job.sent = { step, at: this.options.now() };
        const { market, operator } = this.options;
        const name = this.nameOf(job);
        const { jobKey, commitment, result, approval } = job.opening ?? {};
        switch (step) {
            case 'redeem':
                await market.approve(operator, name, { signature: approval!.signature });
                break;
            case 'submit':
                await market.submitResult(operator, name, {
                    jobKey: jobKey!,
                    amount: job.accepted.terms.price,
                    resultCommitment: commitment!,
                });
                break;
            case 'publish':
                await market.publishResult(operator, name, { ciphertext: result! });
                break;
            case 'finalize':
                await market.finalize(operator, name);
                break;
            case 'expireDispute':
                await market.expire(operator, name);
                break;
        }
    }

    /** Computes only what the chain says is accepted, and delivers it; a client that is gone can still demand it. */
    private async serve(job: ServedJob, onChain: KnownJob): Promise<void> {
        const { market, connection, now, sealSalt = newSalt } = this.options;
        const codeHash = await openThrough(connection, new Account(onChain.escrow)).getCodeHash();
        const { accepted, jobKey } = await serveAccepted(job.accepted, { ...onChain, codeHash: codeHash ?? 0n });
        const { modelRoot, encryptionKey } = accepted.terms;
        const output = await this.engineFor(modelRoot).run(accepted.input);
        const binding = jobResult({ networkId: await market.networkId(), escrow: accepted.escrow, jobKey, modelRoot });
        const salt = sealSalt();
        const seed = await sealSeedOf(this.options.encryptionKeys, encryptionKey, jobKey, salt);
        const result = resultCell(await seal(output, { recipient: job.sealed.recipient, binding, seed }));
        const commitment = resultCommitment(result);
        const opening = { jobKey, result, sealSalt: salt, commitment, servedAt: Math.floor(now()) };
        // Another worker with this store may have been first: then its result is the one that counts.
        await this.served.change(job, (current) => (current.opening?.jobKey === jobKey ? undefined : { opening }));
        deliver(job);
    }

    private engineFor(modelRoot: bigint): InferenceEngine {
        const engine = this.options.engines.find((candidate) => candidate.modelRoot === modelRoot);
        if (!engine) {
            const missing = `none has the model ${modelRoot.toString(16)} of an accepted job; load its model file again`;
            throw new InputError('not-found', 'engines', missing);
        }
        return engine;
    }

    private async receive(bytes: Uint8Array, client: ByteTransport): Promise<void> {
        const message = heard(bytes);
        switch (message?.kind) {
            case 'encryptionKeyRequest':
                say(client, this.serveKey(message));
                break;
            case 'attestationRequest':
                say(client, await this.showAttestation(message));
                break;
            case 'quoteRequest':
                say(client, await this.answer(message, client));
                await this.deliverAgain(message, client);
                break;
            case 'approveFull':
            case 'approveSubmitted':
                if (await this.keepApproval(message)) {
                    say(client, { kind: 'approvalReceipt', jobKey: message.jobKey });
                }
                break;
            case 'channelOffer':
            case 'paidRequest':
            case 'closeProposal':
                say(client, await this.answerChannel(message));
                break;
        }
    }

    private async answer(request: QuoteRequest, client: ByteTransport): Promise<WireMessage> {
        try {
            return await this.desk.answer(request, client);
        } catch (error) {
            // A client waits for an answer, whatever went wrong here.
            this.options.onError?.(error as Error);
            return refusal(request.requestId, [{ code: 'internal', message: 'the worker failed' }]);
        }
    }

    /** Public, so anybody may have it. */
    private serveKey({ requestId, name }: EncryptionKeyRequest): WireMessage {
        const key = keyNamed(this.options.encryptionKeys, name);
        const none = {
            code: 'foreign-encryption-key',
            message: 'this worker has no key of that name; read the profile again',
        };
        return key
            ? { kind: 'encryptionKeyReply', requestId, publicKey: key.publicKey.bytes }
            : refusal(requestId, [none]);
    }

    /** Public, too: it says nothing that the chain was not told. */
    private async showAttestation({ requestId }: AttestationRequest): Promise<WireMessage> {
        const { attestation, onError } = this.options;
        if (!attestation) {
            const none = { code: 'not-attested', message: 'this worker has no quote; its operator can read inputs' };
            return refusal(requestId, [none]);
        }
        try {
            const quote = await attestation();
            if (quote.length > WIRE_LIMITS.ATTESTATION_BYTES) {
                throw new RangeError(`The quote has ${quote.length} bytes, more than ${WIRE_LIMITS.ATTESTATION_BYTES}`);
            }
            return { kind: 'attestationReply', requestId, quote };
        } catch (error) {
            onError?.(error as Error);
            return refusal(requestId, [{ code: 'internal', message: 'the worker failed' }]);
        }
    }

    private async answerChannel(message: ChannelMessage): Promise<WireMessage> {
        const { channels, onError } = this.options;
        if (!channels) {
            const none = { code: 'no-channels', message: 'this worker serves no channels; post jobs instead' };
            return refusal(message.requestId, [none]);
        }
        try {
            return await channels.answer(message);
        } catch (error) {
            onError?.(error as Error);
            return refusal(message.requestId, [{ code: 'internal', message: 'the worker failed' }]);
        }
    }

    /** A client that asks again has lost its line, or the worker has: what it is waiting for goes to the new one. */
    private async deliverAgain(request: QuoteRequest, client: ByteTransport): Promise<void> {
        const job = await this.served.asked(request);
        if (job) {
            job.client = client;
            deliver(job);
        }
    }

    /** Only a signature that the escrow will take is worth keeping. */
    private async keepApproval(approval: FullApproval | SubmittedApproval): Promise<boolean> {
        const { jobKey, kind } = approval;
        const job = this.served.byJobKey(jobKey);
        if (!job?.opening) {
            return false;
        }
        const { price, clientKey } = job.accepted.terms;
        const { commitment } = job.opening;
        const full = kind === 'approveFull';
        const expected = full || (approval.amount === price && approval.resultCommitment === commitment);
        const hash = full ? approveFullHash(jobKey) : approveSubmittedHash(approval);
        if (!expected || !verifyHash(hash, approval.signature, clientKey)) {
            return false;
        }
        await this.served.change(job, ({ opening }) =>
            opening?.jobKey === jobKey && opening.approval?.kind !== kind
                ? { opening: { ...opening, approval } }
                : undefined,
        );
        return job.opening.jobKey === jobKey && job.opening.approval?.kind === kind;
    }

    /** The job in its escrow, if that holds the terms which were quoted. */
    private async find(job: ServedJob): Promise<KnownJob | null> {
        const onChain = await this.options.market.job(this.nameOf(job));
        return onChain?.termsHash === job.accepted.termsHash ? onChain : null;
    }

    private nameOf({ accepted }: ServedJob): JobName {
        return { client: accepted.client, nonce: accepted.nonce, provider: this.options.owner };
    }
}

/** Hands over what was computed; a client that is not there can still ask again, or demand it. */
function deliver({ client, opening }: ServedJob): void {
    if (client && opening) {
        say(client, { kind: 'result', jobKey: opening.jobKey, result: opening.result });
    }
}
