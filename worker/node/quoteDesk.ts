import { Address } from '@ton/core';
import { acceptJobTerms, issueQuote, JobPolicy } from '../../protocol';
import { ByteTransport } from '../../protocol/transport';
import { QuoteReply, QuoteRequest, Refusal } from '../../protocol/wire';
import { jobName } from '../../store/jobStore';
import { escrowAddress, Market, termsHashOf } from '../../wrappers';
import { InferenceEngine } from './inference';
import { OwnTier } from './ownTier';
import { refusal } from './refusal';
import { EncryptionKeys, openedOrRefused, openJobInput } from './sealedInputs';
import { ServedJob, ServedJobs } from './servedJob';

/** What quoting needs. */
export interface QuoteDeskOptions {
    market: Market;
    /** Owner of the stake. */
    owner: Address;
    /** Address of the stake. */
    stake: Address;
    /** 64 bytes: the secret of the profile's signingKey. */
    signingSecret: Uint8Array;
    encryptionKeys: EncryptionKeys;
    policy: JobPolicy;
    /** One for each model of the policy. */
    engines: readonly InferenceEngine[];
    /** Unix seconds. */
    now: () => number;
    /** Seconds that a quote is good for; at most 120. */
    quoteSeconds?: number;
}

/** Examines requests and signs quotes; what it signed for is kept first, since a signature binds until it expires. */
export class QuoteDesk {
    private answering: Promise<unknown> = Promise.resolve();
    private readonly tier: OwnTier;

    constructor(
        private readonly options: QuoteDeskOptions,
        private readonly jobs: ServedJobs,
    ) {
        this.tier = new OwnTier(options);
    }

    /**
     * Answers a request; `client` is where it came from. One after another, so that no two share the room for one.
     *
     * @throws StoreError if the quote could not be kept; then none is given away
     */
    answer(request: QuoteRequest, client: ByteTransport): Promise<QuoteReply | Refusal> {
        const answer = this.answering.then(() => this.examine(request, client));
        this.answering = answer.catch(() => undefined);
        return answer;
    }

    private async examine(request: QuoteRequest, client: ByteTransport): Promise<QuoteReply | Refusal> {
        const { market, owner, stake, policy, now, signingSecret, quoteSeconds } = this.options;
        const { requestId } = request;
        const escrow = await escrowAddress(request.client, stake, request.nonce);
        const came = openJobInput({ ...request, escrow }, this.options.encryptionKeys, await market.networkId());
        const readable = await openedOrRefused(requestId, came);
        if ('kind' in readable) {
            return readable;
        }
        const input = readable.opened;
        const others = this.boundBesides(escrow, termsHashOf(request.terms));
        const ofClient = others.filter(({ accepted }) => accepted.client.equals(request.client));
        const decision = await acceptJobTerms(
            {
                registry: market.registry,
                provider: owner,
                client: request.client,
                nonce: request.nonce,
                escrow,
                terms: request.terms,
                input,
                clientJobs: ofClient.length,
                clientCollateral: collateralOf(ofClient),
                now: now(),
            },
            policy,
        );
        if (!decision.ok) {
            return refusal(requestId, decision.reasons);
        }
        const { accepted } = decision;
        const { tier, acceptBy, deliverWithin } = accepted.terms;
        const lacking = await this.tier.lacks(tier, acceptBy + deliverWithin);
        if (lacking) {
            return refusal(requestId, [lacking]);
        }
        // Without an input nothing passes.
        const { bytes, salt, recipient } = input!;
        const engine = this.options.engines.find(({ modelRoot }) => modelRoot === accepted.terms.modelRoot);
        if (!engine?.reads(bytes)) {
            return refusal(requestId, [{ code: 'input-unreadable', message: 'the model has no such input' }]);
        }
        const unspent = collateralOf(others.filter(({ opening }) => !opening));
        if (accepted.terms.requiredCollateral + unspent > (await this.freeCollateral())) {
            return refusal(requestId, [{ code: 'capacity', message: 'the stake or its allowance has no room now' }]);
        }
        const quote = issueQuote(accepted, { secretKey: signingSecret, now: now(), validFor: quoteSeconds });
        const sealed = { input: request.sealedInput, salt, recipient };
        await this.jobs.quoted({ accepted, sealed, until: quote.validUntil, client });
        return { kind: 'quoteReply', requestId, quote };
    }

    /** nanoTON that the stake would still lock for a quote, by the chain. */
    private async freeCollateral(): Promise<bigint> {
        const { stake } = await this.options.market.provider(this.options.owner);
        if (!stake?.profile || stake.stake < stake.minStake || this.options.now() < stake.pausedUntil) {
            return -1n;
        }
        const free = stake.stake - stake.locked;
        const allowed = stake.profile.allowanceCap - stake.allowanceUsed;
        return free < allowed ? free : allowed;
    }

    /** Jobs that are under way, or can still become so. */
    private boundBesides(escrow: Address, termsHash: bigint): ServedJob[] {
        const same = jobName({ escrow, termsHash });
        const now = this.options.now();
        return this.jobs.all.filter((job) => jobName(job.accepted) !== same && (job.opening || now < job.quotedUntil));
    }
}

function collateralOf(jobs: readonly ServedJob[]): bigint {
    return jobs.reduce((sum, { accepted }) => sum + accepted.terms.requiredCollateral, 0n);
}
