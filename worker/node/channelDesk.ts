import { Address, Sender } from '@ton/core';
import {
    acceptChannel,
    ChannelError,
    ChannelPolicy,
    decodeProviderState,
    encodeProviderState,
    inputCommitment,
    priceOf,
    providerBook,
    ProviderBookState,
    Rates,
    ReceiptGapError,
    RedeemPolicy,
    resultDigest,
    SignedCell,
    termsOf,
    Usage,
} from '../../protocol';
import {
    ChannelAccepted,
    ChannelOfferMessage,
    CloseConsent,
    CloseProposal,
    NewestReceipt,
    PaidRequestMessage,
    PaidResponse,
    Refusal,
    WireMessage,
} from '../../protocol/wire';
import { BookCodec, ChannelBook, ChannelStore } from '../../store';
import { Account, channelCodeHash, Connection, KnownChannel, Market, MarketError, openThrough } from '../../wrappers';
import { ChannelViews } from './channelViews';
import { InferenceEngine } from './inference';
import { OwnTier } from './ownTier';
import { refusal } from './refusal';
import { EncryptionKeys, openedOrRefused, openRequest } from './sealedInputs';

/** What serving channels needs. */
export interface ChannelDeskOptions {
    market: Market;
    /** The connection that the market was made with. */
    connection: Connection;
    /** Owner of the stake. */
    owner: Address;
    /** Pays for redemptions. */
    operator: Sender;
    /** 64 bytes: the secret of the profile's signingKey. */
    signingSecret: Uint8Array;
    /** The profile's encryption key, and older ones that clients may still use. */
    encryptionKeys: EncryptionKeys;
    engines: readonly InferenceEngine[];
    store: ChannelStore;
    policy: ChannelPolicy;
    redeeming: RedeemPolicy;
    /** Live prices by model: none above the profile's ceilings. A model without one is not served. */
    rates: ReadonlyMap<bigint, Rates>;
    /** Tokens of a request: both sides count them alike. Known before it is served. */
    meter: (modelRoot: bigint, input: Uint8Array) => Usage;
    /** Unix seconds by the chain's clock. */
    now: () => number;
    /** Told of a channel that could not be read from the chain where that stops nothing: when the desk resumes, and before it serves. */
    onError?: (error: Error) => void;
}

/** What a client says about a channel. */
export type ChannelMessage = ChannelOfferMessage | PaidRequestMessage | CloseProposal;

/** A redemption, or the end of a channel, that {@link ChannelDesk.tick} saw to. */
export interface ChannelStep {
    /** The channel. */
    readonly account: Address;
    readonly step: 'redeem' | 'forget';
    /** Why it failed; the next tick tries again. */
    readonly error?: Error;
}

const CODEC: BookCodec<ProviderBookState> = {
    side: 'provider',
    encode: encodeProviderState,
    decode: decodeProviderState,
};

/** So long a channel has to be out of the chain's sight before its book is dropped. */
const FORGET_SECONDS = 600;
/** So long a redemption may take to show before it is sent again. */
const RESEND_SECONDS = 60;

/** While its code is missing, nothing can be redeemed, and a voucher is worth nothing if that lasts until the end. */
const UNREADABLE = {
    code: 'unreadable-channel',
    message: 'the chain does not let this channel be read now; publish the library that is its code, or ask again',
};

/** A response with the request that it answers: sent again to a client that missed it, without computing it twice. */
interface Answered {
    readonly requestHash: bigint;
    readonly output: Uint8Array;
}

/**
 * Serves paid requests: examines channels, takes a voucher before it computes, keeps voucher and receipt before anything is released, and
 * redeems in time.
 */
export class ChannelDesk {
    private readonly books = new Map<string, ChannelBook<ProviderBookState>>();
    private readonly views: ChannelViews;
    private readonly tier: OwnTier;
    /** Unix seconds since when the chain does not show a channel any more, by channel. */
    private readonly goneSince = new Map<string, number>();
    /** The newest redemption that may not show yet, by channel. */
    private readonly redeemed = new Map<string, { readonly amount: bigint; readonly at: number }>();
    private readonly answered = new Map<string, Answered>();
    private readonly queues = new Map<string, Promise<unknown>>();

    constructor(private readonly options: ChannelDeskOptions) {
        this.views = new ChannelViews(options);
        this.tier = new OwnTier(options);
    }

    /**
     * Answers a client; what its book refuses is told with the reason.
     *
     * @throws whatever else goes wrong: the client has nothing to do with that
     */
    async answer(message: ChannelMessage): Promise<WireMessage> {
        try {
            switch (message.kind) {
                case 'channelOffer':
                    return await this.offer(message);
                case 'paidRequest':
                    return await this.serve(message);
                case 'closeProposal':
                    return await this.close(message);
            }
        } catch (error) {
            if (error instanceof ChannelError || error instanceof MarketError) {
                return refusal(message.requestId, [{ code: error.code, message: error.message }]);
            }
            throw error;
        }
    }

    /** Examines a channel that a client offers, and opens a book for it. */
    private async offer({ requestId, client, nonce, tier }: ChannelOfferMessage): Promise<ChannelAccepted | Refusal> {
        const { market, owner } = this.options;
        const lacking = await this.tier.lacks(tier, this.options.now());
        if (lacking) {
            return refusal(requestId, [lacking]);
        }
        const none = () => refusal(requestId, [{ code: 'not-found', message: 'the chain does not show this channel' }]);
        const offered = await market.channels.findAnyForm({ client, provider: owner, nonce });
        if (!offered) {
            return none();
        }
        const { address } = offered;
        return await this.inTurn(address, async () => {
            const found = await market.channels.find(offered);
            if (!found) {
                return none();
            }
            if (await this.bookOf(found)) {
                return { kind: 'channelAccepted', requestId };
            }
            const decision = acceptChannel(
                {
                    ...found,
                    channel: address,
                    derived: address,
                    ...(await this.evidence(found)),
                    now: this.options.now(),
                },
                this.options.policy,
            );
            if (!decision.ok) {
                return refusal(requestId, decision.reasons);
            }
            await this.keep(found, providerBook.open(decision.accepted));
            return { kind: 'channelAccepted', requestId };
        });
    }

    /** Takes the payment, computes, and answers with response and receipt. */
    private async serve(request: PaidRequestMessage): Promise<PaidResponse | NewestReceipt | Refusal> {
        return await this.inTurn(request.channel, async () => {
            const { requestId, channel, modelRoot, seq, tier, voucher } = request;
            const lacking = await this.tier.lacks(tier, this.options.now());
            if (lacking) {
                return refusal(requestId, [lacking]);
            }
            const book = this.books.get(channel.toRawString());
            const engine = this.options.engines.find((candidate) => candidate.modelRoot === modelRoot);
            const rates = this.options.rates.get(modelRoot);
            if (!book || !engine || !rates) {
                const message = book ? 'this worker does not have the model' : 'offer the channel first';
                return refusal(requestId, [{ code: book ? 'unknown-model' : 'unknown-channel', message }]);
            }
            const opening = {
                networkId: await this.options.market.networkId(),
                openedLt: termsOf(book.state).openedLt,
            };
            const came = openRequest(request, this.options.encryptionKeys, opening);
            const readable = await openedOrRefused(requestId, came);
            if ('kind' in readable) {
                return readable;
            }
            const { salt, input, respond } = readable.opened;
            const requestHash = inputCommitment(salt, input);
            const newest = (await book.fresh()).receipt;
            if (newest?.requestHash === requestHash) {
                // Paid and served already: the client missed the answer.
                const output = await this.outputAgain(engine, channel, input, requestHash);
                return await respond(output, providerBook.newestReceipt(book.state)!);
            }
            if (!(await this.views.isRedeemable(channel))) {
                return refusal(requestId, [UNREADABLE]);
            }
            const usage = this.options.meter(modelRoot, input);
            const cost = priceOf(rates, usage);
            try {
                await book.apply((state) => {
                    const now = this.options.now();
                    const input = { ...voucher, requestHash, cost, now };
                    const step = providerBook.acceptVoucher(withoutInterrupted(state, requestHash), input);
                    if (seq !== (state.receipt?.seq ?? 0n) + 1n) {
                        // Sealed for another place in the channel than its voucher pays for.
                        throw new ReceiptGapError(providerBook.newestReceipt(state));
                    }
                    return step;
                });
            } catch (error) {
                if (error instanceof ReceiptGapError && error.newest) {
                    return { kind: 'newestReceipt', requestId, receipt: error.newest };
                }
                throw error;
            }
            let output: Uint8Array;
            try {
                output = await engine.run(input);
            } catch (error) {
                await book.apply(providerBook.releaseRequest);
                throw error;
            }
            const receipt: SignedCell = await book.apply((state) =>
                providerBook.issueReceipt(state, {
                    cost,
                    requestHash,
                    responseHash: resultDigest(salt, output),
                    modelRoot,
                    usage,
                    secretKey: this.options.signingSecret,
                }),
            );
            this.answered.set(channel.toRawString(), { requestHash, output });
            return await respond(output, receipt);
        });
    }

    /** Signs a close that pays every voucher. */
    private async close({ requestId, channel, agreement }: CloseProposal): Promise<CloseConsent | Refusal> {
        return await this.inTurn(channel, async () => {
            const book = this.books.get(channel.toRawString());
            if (!book) {
                return refusal(requestId, [{ code: 'unknown-channel', message: 'offer the channel first' }]);
            }
            const { signature } = await book.apply((state) =>
                providerBook.signClose(state, {
                    agreement: agreement.cell,
                    now: this.options.now(),
                    secretKey: this.options.signingSecret,
                }),
            );
            return { kind: 'closeConsent', requestId, signature };
        });
    }

    /**
     * Opens the book of every channel that the store knows; those that have ended are forgotten at the next tick. A channel that cannot be
     * read from the chain now is told to `onError`, and keeps nobody's vouchers from being redeemed.
     *
     * @throws StoreError if a book cannot be read: better no worker than one that does not know what it is owed
     */
    async resume(): Promise<void> {
        const stored = await this.options.store.list('provider');
        for (const place of stored) {
            this.books.set(place.channel.toRawString(), (await ChannelBook.load(this.options.store, CODEC, place))!);
        }
        // Whose it is counts against the client's other channels from the beginning; what fails the next tick reads again.
        for (const { channel } of stored) {
            await this.views.tryRead(channel);
        }
    }

    /** Looks at every channel once: keeps what the chain shows, redeems what is worth it or must not wait. */
    async tick(): Promise<ChannelStep[]> {
        const steps: ChannelStep[] = [];
        for (const key of [...this.books.keys()]) {
            const channel = Address.parse(key);
            let step: ChannelStep['step'] = 'forget';
            try {
                const done = await this.inTurn(channel, () => this.look(channel, (next) => (step = next)));
                if (done) {
                    steps.push({ account: channel, step });
                }
            } catch (error) {
                // One channel that fails is no reason to be late with the others.
                steps.push({
                    account: channel,
                    step,
                    error: error instanceof Error ? error : new Error(String(error)),
                });
            }
        }
        return steps;
    }

    private async look(channel: Address, begin: (step: ChannelStep['step']) => void): Promise<boolean> {
        const { market, operator, now, redeeming } = this.options;
        const book = this.books.get(channel.toRawString());
        const found = book && (await this.views.read(channel));
        if (!book) {
            return false;
        }
        if (found?.openedLt !== book.state.terms.openedLt) {
            return await this.forget(channel, book);
        }
        this.goneSince.delete(channel.toRawString());
        begin('redeem');
        await this.see(book, found);
        const worth = providerBook.redeemable(book.state);
        if (!worth || !providerBook.shouldRedeem(book.state, now(), redeeming)) {
            return false;
        }
        const { amount } = book.state.voucher!;
        const before = this.redeemed.get(channel.toRawString());
        if (before?.amount === amount && now() < before.at + RESEND_SECONDS) {
            return false;
        }
        this.redeemed.set(channel.toRawString(), { amount, at: now() });
        const { cell, signature } = worth.voucher;
        await market.channels.redeem(operator, found, { voucher: cell, signature });
        return true;
    }

    /** Drops a book whose channel the chain has not shown for a while: a node that lags must not cost the vouchers in it. */
    private async forget(channel: Address, book: ChannelBook<ProviderBookState>): Promise<boolean> {
        const key = channel.toRawString();
        const since = this.goneSince.get(key);
        if (since === undefined || this.options.now() < since + FORGET_SECONDS) {
            this.goneSince.set(key, since ?? this.options.now());
            return false;
        }
        [this.books, this.answered, this.goneSince, this.redeemed].forEach((map) => map.delete(key));
        this.views.forget(channel);
        await book.remove();
        return true;
    }

    private async see(book: ChannelBook<ProviderBookState>, found: KnownChannel): Promise<void> {
        const { openedLt, totalDeposited, claimed, closesAt } = found;
        this.views.note(found);
        const at = this.options.now();
        await book.apply((state) => providerBook.toppedUp(state, { openedLt, totalDeposited }));
        await book.apply((state) => providerBook.claimedOnChain(state, { openedLt, claimed }));
        await book.apply((state) => providerBook.closesAtMoved(state, { openedLt, closesAt }));
        await book.apply((state) => providerBook.seenAlive(state, { openedLt, at }));
    }

    /** The book of this opening, if there is one; it is told what the chain shows. */
    private async bookOf(found: KnownChannel): Promise<ChannelBook<ProviderBookState> | null> {
        const known = this.books.get(found.address.toRawString());
        const book =
            known?.state.terms.openedLt === found.openedLt
                ? known
                : await ChannelBook.load(this.options.store, CODEC, {
                      channel: found.address,
                      openedLt: found.openedLt,
                  });
        if (book) {
            this.books.set(found.address.toRawString(), book);
            await this.see(book, found);
        }
        return book;
    }

    private async keep(found: KnownChannel, state: ProviderBookState): Promise<void> {
        const place = { channel: found.address, openedLt: found.openedLt };
        const book = await ChannelBook.create(this.options.store, CODEC, place, state);
        this.books.set(found.address.toRawString(), book);
        this.views.note(found);
    }

    private async evidence(found: KnownChannel) {
        const { connection } = this.options;
        const codeHash = await openThrough(connection, new Account(found.address)).getCodeHash();
        return {
            codeHash: codeHash ?? 0n,
            expectedCodeHash: await channelCodeHash(found.form),
            clientChannels: this.views.othersOf(found.client, found.address),
        };
    }

    private async outputAgain(
        engine: InferenceEngine,
        channel: Address,
        input: Uint8Array,
        requestHash: bigint,
    ): Promise<Uint8Array> {
        const kept = this.answered.get(channel.toRawString());
        return kept?.requestHash === requestHash ? kept.output : await engine.run(input);
    }

    /** One message of a channel at a time. */
    private inTurn<T>(channel: Address, run: () => Promise<T>): Promise<T> {
        const key = channel.toRawString();
        const result = (this.queues.get(key) ?? Promise.resolve()).then(run);
        const settled = result.catch(() => undefined);
        this.queues.set(key, settled);
        void settled.then(() => {
            if (this.queues.get(key) === settled) {
                this.queues.delete(key);
            }
        });
        return result;
    }
}

/**
 * Lets go of another request that the book still has: one at a time is served, so this one was interrupted, by a crash or a failed
 * commit, and no receipt will come. Its client may have given it up, and must not be locked out by it.
 */
function withoutInterrupted(state: ProviderBookState, requestHash: bigint): ProviderBookState {
    const interrupted = state.request !== null && state.request.requestHash !== requestHash;
    return interrupted ? providerBook.releaseRequest(state).state : state;
}
