import { Address } from '@ton/core';
import { sha256_sync } from '@ton/crypto';
import * as p from '../../../protocol';
import { toUint256 } from '../../../wrappers';
import { addressOf, keysOf, NOW } from '../wrappers/fixtures';

export { NOW };

export const client = keysOf('channel client key');
export const provider = keysOf('channel provider key');
export const stranger = keysOf('somebody');
export const keyOf = ({ publicKey }: { publicKey: Uint8Array }) => toUint256('key', publicKey);

/** A hash for a request, a response or a model. */
export const hashOf = (name: string) => toUint256('hash', sha256_sync(name));
export const MODEL = hashOf('model');
export const CHANNEL: Address = addressOf('channel');
export const SETTLEMENT: Address = addressOf('till');

/** 1,000 nanoTON for a day. */
export const terms: p.ChannelTerms = {
    channel: CHANNEL,
    openedLt: 77n,
    clientKey: keyOf(client),
    providerKey: keyOf(provider),
    totalDeposited: 1_000n,
    claimed: 0n,
    closesAt: NOW + 86_400,
    closeDelay: 7_200,
};

export const policy: p.ChannelPolicy = {
    settlement: SETTLEMENT,
    signingKey: provider.publicKey,
    minDeposit: 500n,
    minRemaining: 3_600,
    minCloseDelay: 3_600,
    redeemMargin: 1_800,
    maxChannelsPerClient: 2,
    codeLibraryPaidUntil: 0,
};

export function offerWith(change: Partial<p.ChannelOffer> = {}): p.ChannelOffer {
    return {
        ...terms,
        derived: CHANNEL,
        codeHash: 5n,
        expectedCodeHash: 5n,
        form: 'full',
        client: addressOf('client'),
        settlement: SETTLEMENT,
        clientChannels: 0,
        now: NOW,
        ...change,
    };
}

export function openProvider(change: Partial<p.ChannelOffer> = {}): p.ProviderBookState {
    const decision = p.acceptChannel(offerWith(change), policy);
    if (!decision.ok) {
        throw new Error(decision.reasons.map(({ code }) => code).join());
    }
    return p.providerBook.open(decision.accepted);
}

export const openClient = (change: Partial<p.ChannelTerms> = {}) => p.clientBook.open({ ...terms, ...change });

/** The same with its address as text, which compares. */
export const plain = <T extends { channel: Address }>(value: T) => ({ ...value, channel: value.channel.toRawString() });

/** The code of what is thrown, or null. */
export function codeOf(act: () => unknown): string | null {
    try {
        act();
    } catch (error) {
        return (error as { code?: string }).code ?? String(error);
    }
    return null;
}

type Pay = Parameters<typeof p.clientBook.pay>[1];
type Issue = Parameters<typeof p.providerBook.issueReceipt>[1];
type Take = Parameters<typeof p.providerBook.acceptVoucher>[1];

/** Pays at most 100 for the named request. */
export const pay = (state: p.ClientBookState, name: string, change: Partial<Pay> = {}) =>
    p.clientBook.pay(state, {
        maxCost: 100n,
        requestHash: hashOf(name),
        modelRoot: MODEL,
        now: NOW,
        secretKey: client.secretKey,
        ...change,
    });

/** Takes a voucher for the named request, which costs at most 80. */
export const take = (state: p.ProviderBookState, voucher: p.SignedCell, name: string, change: Partial<Take> = {}) =>
    p.providerBook.acceptVoucher(state, { ...voucher, requestHash: hashOf(name), cost: 80n, now: NOW, ...change });

/** Receipts the named request, which cost 80. */
export const issue = (state: p.ProviderBookState, name: string, change: Partial<Issue> = {}) =>
    p.providerBook.issueReceipt(state, {
        cost: 80n,
        requestHash: hashOf(name),
        responseHash: hashOf(`${name} answered`),
        modelRoot: MODEL,
        usage: { prompt: 3, completion: 4 },
        secretKey: provider.secretKey,
        ...change,
    });

/** Takes a receipt, with the response of the named request in hand. */
export const receive = (state: p.ClientBookState, receipt: p.SignedCell, name: string | null) =>
    p.clientBook.acceptReceipt(state, {
        ...receipt,
        responseHash: name === null ? null : hashOf(`${name} answered`),
    });

/** The books of both sides, and the newest receipt, after the named requests were paid, served and receipted. */
export function served(...names: string[]) {
    let c = openClient();
    let s = openProvider();
    const receipts: p.SignedCell[] = [];
    for (const name of names) {
        const paid = pay(c, name);
        const issued = issue(take(s, paid.output, name).state, name);
        s = issued.state;
        c = receive(paid.state, issued.output, name).state;
        receipts.push(issued.output);
    }
    return { client: c, provider: s, receipts };
}

function unchanged<State>(state: State, encode: (state: State) => Uint8Array, act: () => unknown): string | null {
    const before = Buffer.from(encode(state));
    const code = codeOf(act);
    expect(Buffer.from(encode(state))).toEqual(before);
    return code;
}

/** The code of a client's refusal; whatever is refused has changed nothing. */
export const clientRefusal = (state: p.ClientBookState, act: () => unknown) =>
    unchanged(state, p.encodeClientState, act);

/** The code of a provider's refusal; whatever is refused has changed nothing. */
export const providerRefusal = (state: p.ProviderBookState, act: () => unknown) =>
    unchanged(state, p.encodeProviderState, act);

/** A receipt as the provider could sign it: the first, for the request "a", unless told otherwise. */
export const receiptWith = (change: Partial<p.Receipt> = {}, by = provider) =>
    p.signReceipt(
        {
            channel: terms.channel,
            openedLt: terms.openedLt,
            seq: 1n,
            amount: 80n,
            previous: 0n,
            requestHash: hashOf('a'),
            responseHash: hashOf('a answered'),
            modelRoot: MODEL,
            usage: { prompt: 1, cached: 0, completion: 1, reasoning: 0 },
            traceRoot: null,
            ...change,
        },
        by.secretKey,
    );

/** A voucher as the client could sign it: the first, for 80 nanoTON, unless told otherwise. */
export const voucherWith = (change: Partial<p.Voucher> = {}, by = client) =>
    p.signVoucher(
        { channel: terms.channel, openedLt: terms.openedLt, amount: 80n, receiptHead: 0n, ...change },
        by.secretKey,
    );

/** The amount of a signed voucher, in nanoTON. */
export const amountOf = ({ cell }: p.SignedCell) => p.parseVoucher(cell).amount;
