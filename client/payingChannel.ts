import { Address } from '@ton/core';
import {
    BookStep,
    clientBook,
    ClientBookState,
    decodeClientState,
    encodeClientState,
    inputCommitment,
    newSalt,
    Receipt,
    resultDigest,
    termsOf,
    verifyCloseAgreement,
} from '../protocol';
import { WireMessage } from '../protocol/wire';
import { BookCodec, ChannelBook } from '../store';
import { ChannelName, ForeignAddressError, InputError, KnownChannel, Market, StateError, Tier } from '../wrappers';
import { ChannelSeals } from './channelSeals';
import { RefusedError, WorkerConnection } from './connection';
import { OpenOptions, PaidRequestOptions, PaidResult, PayerOptions } from './payerOptions';

const CODEC: BookCodec<ClientBookState> = { side: 'client', encode: encodeClientState, decode: decodeClientState };

/** Seconds that a proposed close is good for; the channel takes no more than ten minutes. */
const CLOSE_SECONDS = 300;

/**
 * The client's side of a payment channel with one worker: pays for each request before it is sent, takes the receipt that comes with
 * the response, and keeps both first. Requests go out one after another, sealed to the provider: whoever runs its worker
 * can read them, unless the tier is Attested.
 */
export class PayingChannel {
    private requests: Promise<unknown> = Promise.resolve();
    private offered = false;

    private constructor(
        readonly name: ChannelName,
        readonly address: Address,
        private readonly options: PayerOptions,
        private readonly book: ChannelBook<ClientBookState>,
        private readonly line: WorkerConnection,
        private readonly seals: ChannelSeals,
    ) {}

    /**
     * Opens a channel on chain, and offers it to the provider's worker. A provider that has to be attested is examined before the deposit
     * leaves.
     *
     * @throws what {@link PayingChannel.request} does for a provider that nothing may be sealed to; nothing was sent
     * @throws StateError `not-found` if the chain does not show the channel yet: {@link PayingChannel.attach} to it later
     * @throws RefusedError if the worker does not serve it; `requestClose` and `finalize` of the market bring the deposit back
     */
    static async open(options: OpenOptions, line: WorkerConnection): Promise<PayingChannel> {
        const { market, wallet, clientSecret } = options;
        const { provider, deposit, lifetime, closeDelay, nonce, form, tier = Tier.Open } = options;
        const seals = new ChannelSeals(provider, options, line);
        await seals.recipient(tier);
        const clientKey = Buffer.from(clientSecret).subarray(32);
        const terms = { provider, deposit, lifetime, closeDelay, nonce, form, tier, clientKey };
        const name = await market.channels.open(wallet, terms);
        const channel = await PayingChannel.at(name, { ...options, tier }, line, seals);
        await channel.offer();
        return channel;
    }

    /**
     * Goes on with a channel that is open on chain, with the book of the store if it has one. The worker is asked for nothing before the
     * first request: whatever it or its attestation has become, the channel can be closed.
     *
     * @throws StateError `not-found`
     * @throws InputError `not-found` without a tier, if there is no book that says it either
     */
    static attach(name: ChannelName, options: PayerOptions, line: WorkerConnection): Promise<PayingChannel> {
        return PayingChannel.at(name, options, line, new ChannelSeals(name.provider, options, line));
    }

    private static async at(
        name: ChannelName,
        options: PayerOptions,
        line: WorkerConnection,
        seals: ChannelSeals,
    ): Promise<PayingChannel> {
        const found = await options.market.channels.find(name);
        if (!found) {
            throw new StateError('not-found', 'The chain does not show this channel: wait for it, or it has ended');
        }
        const { address, openedLt } = found;
        const { store, tier } = options;
        const place = { channel: address, openedLt };
        let book = await ChannelBook.load(store, CODEC, place);
        if (!book) {
            if (tier === undefined) {
                const text =
                    'is missing, and there is no book that has it; pass the one that the channel was opened with';
                throw new InputError('not-found', 'tier', text);
            }
            book = await ChannelBook.create(store, CODEC, place, clientBook.open({ ...found, channel: address }, tier));
        } else if (tier !== undefined) {
            await book.apply((state) => clientBook.raiseTier(state, tier));
        }
        const channel = new PayingChannel(name, address, options, book, line, seals);
        await channel.see(found);
        return channel;
    }

    /**
     * Goes on with every channel with this provider that the store knows and the chain shows. Books of the others stay: a node that
     * lags shows less than there is. A request that was under way when the process ended is given up: its voucher counts as spent.
     */
    static async resume(provider: Address, options: PayerOptions, line: WorkerConnection): Promise<PayingChannel[]> {
        const { market, store } = options;
        const resumed: PayingChannel[] = [];
        for (const { channel, openedLt } of await store.list('client')) {
            const found = await findWith(market, channel, provider);
            if (found?.openedLt !== openedLt) {
                continue;
            }
            const { client, nonce, form } = found;
            const payer = await PayingChannel.attach({ client, provider, nonce, form }, options, line);
            await payer.giveUp();
            resumed.push(payer);
        }
        return resumed;
    }

    /** What the client knows, as it was kept last. */
    get state(): ClientBookState {
        return this.book.state;
    }

    /**
     * Pays for a request, sends it, and takes response and receipt.
     *
     * @throws ChannelError if the book refuses to pay or to take the receipt; nothing of the request was sent in the first case
     * @throws AttestationRefusedError if the tier is Attested and the provider is not, or no longer; nothing was paid
     * @throws InputError `not-found` if the tier is Attested and nobody said whom to believe about machines; nothing was paid
     * @throws EnvelopeError if the response was not sealed for this request, or changed on its way
     * @throws RefusedError if the worker refuses, or NoAnswerError: the same request can be sent again, or given up
     */
    request(options: PaidRequestOptions): Promise<PaidResult> {
        const salt = options.salt ?? newSalt();
        const result = this.requests.then(async () => {
            try {
                return await this.pay({ ...options, salt });
            } catch (error) {
                if (error instanceof RefusedError) {
                    // It will not be served, so the next one need not wait for its receipt.
                    await this.giveUp();
                }
                throw error;
            }
        });
        this.requests = result.catch(() => undefined);
        return result;
    }

    /** Gives the request under way up, if there is one; what was paid for it stays paid. */
    async giveUp(): Promise<void> {
        if ((await this.book.fresh()).request) {
            await this.book.apply(clientBook.abandon);
        }
    }

    /** Looks at the chain, and keeps what it shows. */
    async refresh(): Promise<KnownChannel> {
        const found = await this.options.market.channels.find(this.name);
        if (!found) {
            throw new StateError('not-found', 'The channel has ended');
        }
        await this.see(found);
        return found;
    }

    /**
     * Adds to the deposit, and keeps it once the chain shows it. nanoTON.
     *
     * @throws AttestationRefusedError if the tier is Attested and the provider is not, or no longer; nothing was sent
     */
    async topUp(amount: bigint): Promise<void> {
        const { market, wallet } = this.options;
        if (this.state.tier === Tier.Attested) {
            await this.seals.recipient(this.state.tier);
        }
        await market.channels.topUp(wallet, this.name, { amount });
        await this.refresh();
    }

    /**
     * Ends the channel at once, if the worker agrees: the provider gets what the newest voucher says, the client the rest.
     *
     * @throws RefusedError if it does not; then {@link PayingChannel.requestClose} works without it
     */
    async close(): Promise<void> {
        const { market, wallet, clientSecret, now } = this.options;
        const { voucher, terms } = await this.book.fresh();
        const spent = voucher?.amount ?? 0n;
        const agreement = await this.book.apply((state) =>
            clientBook.signClose(state, {
                finalAmount: spent > terms.claimed ? spent : terms.claimed,
                validUntil: now() + CLOSE_SECONDS,
                now: now(),
                secretKey: clientSecret,
            }),
        );
        const requestId = newRequestId();
        const message = { kind: 'closeProposal', requestId, channel: this.address, agreement } as const;
        const { signature } = await this.ask(message, 'closeConsent');
        if (!verifyCloseAgreement(agreement.cell, signature, terms.providerKey)) {
            throw new RefusedError([{ code: 'bad-signature', text: "the worker's signature is not the provider's" }]);
        }
        await market.channels.closeCooperatively(wallet, this.name, {
            agreement: agreement.cell,
            clientSignature: agreement.signature,
            providerSignature: signature,
        });
        // What the chain does not show as ended may still go on.
        if (!(await market.channels.find(this.name))) {
            await this.book.remove();
        }
    }

    /** Asks the chain to let the channel end closeDelay from now; nothing is paid any more. Then `finalize` of the market. */
    async requestClose(): Promise<void> {
        const { market, wallet, clientSecret } = this.options;
        const signature = await this.book.apply((state) =>
            clientBook.signCloseRequest(state, { secretKey: clientSecret }),
        );
        await market.channels.requestClose(wallet, this.name, { signature });
    }

    private async pay(request: PaidRequestOptions & { salt: Uint8Array }): Promise<PaidResult> {
        const { modelRoot, input, maxCost, salt } = request;
        const { clientSecret, now } = this.options;
        const requestHash = inputCommitment(salt, input);
        for (;;) {
            const state = await this.book.fresh();
            const { tier, receipt: before } = state;
            await this.seals.recipient(tier);
            await this.offer();
            const { channel, openedLt } = termsOf(state);
            const seq = before.seq + 1n;
            const place = { channel, openedLt, seq, modelRoot };
            // Sealed before it is paid for: a provider that nothing may be sealed to costs nothing.
            const sealedInput = await this.seals.request(place, tier, { salt, input });
            const voucher = await this.book.apply((book) =>
                clientBook.pay(book, { maxCost, requestHash, modelRoot, now: now(), secretKey: clientSecret }),
            );
            const requestId = newRequestId();
            const paid = { channel, modelRoot, seq, tier, sealedInput, voucher };
            const message = { kind: 'paidRequest', requestId, ...paid } as const;
            const answer = await this.ask(message, 'paidResponse', 'newestReceipt');
            const { receipt: signed } = answer;
            if (answer.kind === 'newestReceipt') {
                // A receipt was lost on its way; the voucher has to name it, so the request is paid for anew.
                const newest = await this.book.apply((book) =>
                    clientBook.acceptReceipt(book, { ...signed, responseHash: null }),
                );
                requireNewer(newest, before.seq);
                continue;
            }
            const output = await this.seals.response(place, answer.sealedOutput);
            const responseHash = resultDigest(salt, output);
            const receipt = await this.book.apply((book) =>
                answered(clientBook.acceptReceipt(book, { ...signed, responseHash }), requestHash),
            );
            return { output, receipt, signed, cost: receipt.amount - before.amount };
        }
    }

    /** Tells the book what the chain shows. */
    private async see(found: KnownChannel): Promise<void> {
        const { openedLt, totalDeposited, claimed, closesAt } = found;
        const at = this.options.now();
        await this.book.apply((state) => clientBook.toppedUp(state, { openedLt, totalDeposited }));
        await this.book.apply((state) => clientBook.claimedOnChain(state, { openedLt, claimed }));
        await this.book.apply((state) => clientBook.closesAtMoved(state, { openedLt, closesAt }));
        await this.book.apply((state) => clientBook.seenAlive(state, { openedLt, at }));
    }

    /** Makes the worker know the channel, once. */
    private async offer(): Promise<void> {
        if (!this.offered) {
            const { client, nonce } = this.name;
            const { tier } = this.book.state;
            const message = { kind: 'channelOffer', requestId: newRequestId(), client, nonce, tier } as const;
            await this.ask(message, 'channelAccepted');
            this.offered = true;
        }
    }

    private async ask<K extends WireMessage['kind']>(
        message: WireMessage & { requestId: bigint },
        ...kinds: K[]
    ): Promise<Extract<WireMessage, { kind: K }>> {
        const { requestId } = message;
        const answer = await this.line.ask(
            message,
            [...kinds, 'refusal'].map((kind) => `${kind}:${requestId}`),
        );
        if (answer.kind === 'refusal') {
            throw new RefusedError(answer.reasons);
        }
        return answer as Extract<WireMessage, { kind: K }>;
    }
}

/** The channel, if it is open and with this provider. */
async function findWith(market: Market, channel: Address, provider: Address): Promise<KnownChannel | null> {
    try {
        return await market.channels.findAt(channel, provider);
    } catch (error) {
        if (error instanceof ForeignAddressError) {
            return null;
        }
        throw error;
    }
}

/** Several channels may share a line, so a number that counts in each would name two answers. */
function newRequestId(): bigint {
    return globalThis.crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

/** A worker that asks for a voucher over a receipt which the last one named would have the client seal without end. */
function requireNewer({ seq }: Receipt, known: bigint): void {
    if (seq <= known) {
        throw new RefusedError([
            { code: 'stale-receipt', text: `its newest receipt is number ${seq}, which the voucher named already` },
        ]);
    }
}

/**
 * A request that is asked again after its receipt was taken, as after a crash, gets that receipt again, which changes nothing in the
 * book: so the request is no longer under way, and owed no second receipt.
 */
function answered(
    { state, output }: BookStep<ClientBookState, Receipt>,
    requestHash: bigint,
): BookStep<ClientBookState, Receipt> {
    return { state: state.request?.requestHash === requestHash ? { ...state, request: null } : state, output };
}
