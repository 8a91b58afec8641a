import { Address } from '@ton/core';
import { acceptJobTerms, issueQuote, JobPolicy } from '../../protocol';
import { ByteTransport } from '../../protocol/transport';
import { QuoteRefusal, QuoteReply, QuoteRequest, WIRE_LIMITS } from '../../protocol/wire';
import { escrowAddress, Market } from '../../wrappers';
import { ServedJob } from './servedJob';

/** What quoting needs. */
export interface QuoteDeskOptions {
    market: Market;
    /** Owner of the stake. */
    owner: Address;
    /** Address of the stake. */
    stake: Address;
    /** 64 bytes: the secret of the profile's signingKey. */
    signingSecret: Uint8Array;
    policy: JobPolicy;
    /** Unix seconds. */
    now: () => number;
    /** Seconds that a quote is good for; at most 120. */
    quoteSeconds?: number;
}

/** Examines requests, signs quotes, and remembers for what: a signature that was given away binds until it expires. */
export class QuoteDesk {
    // By escrow and terms: two live quotes for one escrow are two jobs, of which the client can post either.
    private readonly served = new Map<string, ServedJob>();
    private answering: Promise<unknown> = Promise.resolve();

    constructor(private readonly options: QuoteDeskOptions) {}

    get jobs(): readonly ServedJob[] {
        return [...this.served.values()];
    }

    /** The job whose accepted opening has this key. */
    byJobKey(jobKey: bigint): ServedJob | undefined {
        return this.jobs.find(({ opening }) => opening?.jobKey === jobKey);
    }

    forget(job: ServedJob): void {
        this.served.delete(keyOf(job));
    }

    /** Answers a request; `client` is where it came from. One after another, so that no two share the room for one. */
    answer(request: QuoteRequest, client: ByteTransport): Promise<QuoteReply | QuoteRefusal> {
        const answer = this.answering.then(() => this.examine(request, client));
        this.answering = answer.catch(() => undefined);
        return answer;
    }

    private async examine(request: QuoteRequest, client: ByteTransport): Promise<QuoteReply | QuoteRefusal> {
        const { market, owner, stake, policy, now, signingSecret, quoteSeconds } = this.options;
        const { requestId } = request;
        const escrow = await escrowAddress(request.client, stake, request.nonce);
        const others = this.boundBesides(escrow, request.terms.hash());
        const ofClient = others.filter(({ accepted }) => accepted.client.equals(request.client));
        const decision = await acceptJobTerms(
            {
                registry: market.registry,
                provider: owner,
                client: request.client,
                nonce: request.nonce,
                escrow,
                terms: request.terms,
                input: { salt: request.salt, bytes: request.input },
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
        const unspent = collateralOf(others.filter(({ opening }) => !opening));
        if (accepted.terms.requiredCollateral + unspent > (await this.freeCollateral())) {
            return refusal(requestId, [{ code: 'capacity', message: 'the stake or its allowance has no room now' }]);
        }
        const quote = issueQuote(accepted, { secretKey: signingSecret, now: now(), validFor: quoteSeconds });
        this.remember({ accepted, quotedUntil: quote.validUntil, client });
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

    private remember(job: ServedJob): void {
        const known = this.served.get(keyOf(job));
        if (known) {
            known.client = job.client;
            known.quotedUntil = Math.max(known.quotedUntil, job.quotedUntil);
        } else {
            this.served.set(keyOf(job), job);
        }
    }

    /** Jobs that are under way, or can still become so. */
    private boundBesides(escrow: Address, termsHash: Buffer): ServedJob[] {
        const same = key(escrow, BigInt(`0x${termsHash.toString('hex')}`));
        const now = this.options.now();
        return this.jobs.filter((job) => keyOf(job) !== same && (job.opening || now < job.quotedUntil));
    }
}

function keyOf({ accepted }: ServedJob): string {
    return key(accepted.escrow, accepted.termsHash);
}

function key(escrow: Address, termsHash: bigint): string {
    return `${escrow.toRawString()}/${termsHash.toString(16)}`;
}

function collateralOf(jobs: readonly ServedJob[]): bigint {
    return jobs.reduce((sum, { accepted }) => sum + accepted.terms.requiredCollateral, 0n);
}

/** A refusal as the wire carries it. */
export function refusal(requestId: bigint, reasons: readonly { code: string; message: string }[]): QuoteRefusal {
    return {
        kind: 'quoteRefusal',
        requestId,
        reasons: reasons.slice(0, WIRE_LIMITS.REASONS).map(({ code, message }) => ({ code, text: shortened(message) })),
    };
}

/** At most as many bytes as the wire carries, cut between characters. */
function shortened(text: string): string {
    const bytes = Buffer.from(text, 'utf8').subarray(0, WIRE_LIMITS.REASON_TEXT_BYTES);
    return new TextDecoder().decode(bytes, { stream: true });
}
