import { Address } from '@ton/core';
import { Bits256, requireSeconds, requireUint } from '../../wrappers/checks';
import { requireSigningKey } from '../../wrappers/keys';
import type { CodeForm } from '../../wrappers/libraries';
import { InputError, MarketError } from '../../wrappers/marketError';
import { ChannelTerms, requireOpenAccount, requireSoundChannelTerms } from './channelTerms';

/** Which channels a worker serves. Amounts in nanoTON, times in seconds. */
export interface ChannelPolicy {
    /** The provider's own till. */
    settlement: Address;
    /** Ed25519 public key of this worker: receipts and close agreements. */
    signingKey: Bits256;
    /** What must be left of the deposit, claims deducted. */
    minDeposit: bigint;
    /** The least time until closesAt; more than redeemMargin. */
    minRemaining: number;
    /** The least time between a request to close and the end: in it the worker has to notice and to redeem. */
    minCloseDelay: number;
    /** So long before closesAt the worker takes no voucher any more. */
    redeemMargin: number;
    /** Open channels of one client, this one included. */
    maxChannelsPerClient: number;
    /**
     * Unix seconds until which the library with the channels' code is paid; 0: no channel is served whose code is a library. Once it is
     * missing its client chooses when to publish it again, and may finalize before a voucher is redeemed.
     */
    codeLibraryPaidUntil: number;
}

/** A channel as its client offers it, with what the chain shows of it. Amounts in nanoTON, times in unix seconds. */
export interface ChannelOffer extends ChannelTerms {
    /** The address that follows from client, settlement and nonce; the wrappers derive it. */
    derived: Address;
    /** Hash of the account's code. */
    codeHash: bigint;
    /** Hash of the network's PaymentChannel code; the wrappers know it. */
    expectedCodeHash: bigint;
    /** Whether that is the whole code or a library. */
    form: CodeForm;
    client: Address;
    settlement: Address;
    /** Other open channels of this client. */
    clientChannels: number;
    now: number;
}

/** Why a worker does not serve a channel; stable, for programs and for the client's message. */
export type ChannelRefusalCode =
    | 'malformed-channel'
    | 'foreign-code'
    | 'foreign-channel'
    | 'foreign-settlement'
    | 'foreign-provider-key'
    | 'weak-client-key'
    | 'shared-key'
    | 'deposit'
    | 'closes-at'
    | 'close-delay'
    | 'library-unpaid'
    | 'client-channels';

/** One reason, with the sentence for the client. */
export interface ChannelRefusal {
    code: ChannelRefusalCode;
    message: string;
}

declare const examined: unique symbol;

/** A channel that passed {@link acceptChannel}; nothing else makes one, and no book to serve by opens without it. */
export interface AcceptedChannel {
    readonly [examined]: true;
    readonly client: Address;
    readonly terms: Readonly<ChannelTerms>;
    /** Seconds before closesAt from which on nothing is served. */
    readonly redeemMargin: number;
}

/** The answer of {@link acceptChannel}. */
export type ChannelDecision = { ok: true; accepted: AcceptedChannel } | { ok: false; reasons: ChannelRefusal[] };

// The type keeps honest programs from skipping the examination, this set the others.
const issued = new WeakSet<AcceptedChannel>();

/**
 * Throws for anything that {@link acceptChannel} did not make.
 *
 * @throws MarketError `policy-refused`
 */
export function requireExaminedChannel(accepted: AcceptedChannel): AcceptedChannel {
    if (!issued.has(accepted)) {
        throw new MarketError('policy-refused', 'This channel was not examined; take what acceptChannel returned');
    }
    return accepted;
}

/**
 * Examines a channel: everything a provider can lose money by. All reasons are listed, not the first alone. Protocol, section 6.
 *
 * @returns the channel to open a book for, or every reason against it
 * @throws InputError for a policy or a time that no channel can be held against
 */
export function acceptChannel(offer: ChannelOffer, policy: ChannelPolicy): ChannelDecision {
    requireSoundPolicy(policy);
    const now = Number(requireUint('now', offer.now, 32));
    const clientChannels = Number(requireUint('clientChannels', offer.clientChannels, 32));
    const ownKey = requireSigningKey('signingKey', policy.signingKey);
    try {
        requireOpenAccount(offer);
    } catch (error) {
        return { ok: false, reasons: [{ code: 'malformed-channel', message: (error as Error).message }] };
    }
    const reasons: ChannelRefusal[] = [];
    const refuseIf = (refused: boolean, code: ChannelRefusalCode, message: string) => {
        if (refused) {
            reasons.push({ code, message });
        }
    };

    // Place
    refuseIf(offer.codeHash !== offer.expectedCodeHash, 'foreign-code', "the account's code is not this network's");
    refuseIf(
        !offer.derived.equals(offer.channel),
        'foreign-channel',
        'the channel does not follow from client, settlement and nonce',
    );
    refuseIf(!offer.settlement.equals(policy.settlement), 'foreign-settlement', "the channel pays another's till");

    // Keys
    refuseIf(offer.providerKey !== ownKey, 'foreign-provider-key', "the providerKey is not this worker's signing key");
    refuseIf(isWeak(offer.clientKey), 'weak-client-key', 'with this clientKey anybody can sign vouchers');
    // Whoever holds both could close the channel at any amount; the worker would be the only one who cannot deny it.
    refuseIf(
        offer.clientKey === ownKey || offer.clientKey === offer.providerKey,
        'shared-key',
        "the clientKey is the provider's own key",
    );

    // Money
    const left = offer.totalDeposited - offer.claimed;
    refuseIf(left < policy.minDeposit, 'deposit', `at least ${policy.minDeposit} nanoTON that are not claimed yet`);

    // Time
    refuseIf(
        offer.closesAt - now < policy.minRemaining,
        'closes-at',
        `at least ${policy.minRemaining} s before the channel closes`,
    );
    refuseIf(
        offer.closeDelay < policy.minCloseDelay,
        'close-delay',
        `at least ${policy.minCloseDelay} s between a request to close and the end`,
    );
    refuseIf(
        offer.form !== 'full' && offer.closesAt + policy.redeemMargin > policy.codeLibraryPaidUntil,
        'library-unpaid',
        `as its code a library that is paid until ${policy.redeemMargin} s after the channel closes; carry the code, or close earlier`,
    );

    // Client
    refuseIf(
        clientChannels + 1 > policy.maxChannelsPerClient,
        'client-channels',
        `at most ${policy.maxChannelsPerClient} channels of one client at a time`,
    );

    if (reasons.length > 0) {
        return { ok: false, reasons };
    }
    const accepted = Object.freeze({
        client: offer.client,
        terms: Object.freeze(requireSoundChannelTerms(offer)),
        redeemMargin: policy.redeemMargin,
    }) as AcceptedChannel;
    issued.add(accepted);
    return { ok: true, accepted };
}

// A limit that is no number would be passed by every channel.
function requireSoundPolicy(policy: ChannelPolicy): void {
    requireUint('minDeposit', policy.minDeposit, 64);
    requireUint('maxChannelsPerClient', policy.maxChannelsPerClient, 32);
    requireUint('minCloseDelay', policy.minCloseDelay, 32);
    requireUint('redeemMargin', policy.redeemMargin, 32);
    requireUint('codeLibraryPaidUntil', policy.codeLibraryPaidUntil, 64);
    // With less there would be channels that are accepted and never served.
    requireSeconds('minRemaining', policy.minRemaining, policy.redeemMargin + 1, 2 ** 32 - 1);
}

function isWeak(clientKey: bigint): boolean {
    try {
        requireSigningKey('clientKey', clientKey);
        return false;
    } catch (error) {
        if (error instanceof InputError) {
            return true;
        }
        throw error;
    }
}
