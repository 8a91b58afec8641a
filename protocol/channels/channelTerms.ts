import { Address } from '@ton/core';
import { requireAddress, requireSeconds, requireUint } from '../../wrappers/checks';
import { requireSigningKey } from '../../wrappers/keys';
import { InputError } from '../../wrappers/marketError';
import { CHANNEL_BOUNDS } from '../../wrappers/PaymentChannel';

/** What both sides know of one opening of a channel, as the chain last showed it. Amounts in nanoTON. Protocol, section 6. */
export interface ChannelTerms {
    channel: Address;
    /** Logical time of the opening; more than 0. */
    openedLt: bigint;
    /** Ed25519 public key: vouchers, close agreements, close requests. */
    clientKey: bigint;
    /** Ed25519 public key: receipts, close agreements. */
    providerKey: bigint;
    /** Cumulative. */
    totalDeposited: bigint;
    /** What of it went to the till. */
    claimed: bigint;
    /** Unix seconds; from then on anybody can end the channel. */
    closesAt: number;
    /** Seconds between a request to close and the end; 1 hour to 30 days. */
    closeDelay: number;
}

/**
 * Checks the terms of an open channel.
 *
 * @returns a copy
 * @throws InputError for a channel outside the basechain, a channel that is not open, more claimed than deposited, a value
 * outside its bounds, a weak key, or one key for both sides
 */
export function requireSoundChannelTerms(terms: ChannelTerms): ChannelTerms {
    requireOpenAccount(terms);
    requireSigningKey('clientKey', terms.clientKey);
    requireSigningKey('providerKey', terms.providerKey);
    if (terms.clientKey === terms.providerKey) {
        throw new InputError('duplicate', 'providerKey', "is the clientKey too; each side's key must be its own");
    }
    const { channel, openedLt, clientKey, providerKey, totalDeposited, claimed, closesAt, closeDelay } = terms;
    return { channel, openedLt, clientKey, providerKey, totalDeposited, claimed, closesAt, closeDelay };
}

/**
 * Checks everything but the keys: that such an account can exist, and is open.
 *
 * @throws InputError
 */
export function requireOpenAccount(terms: Omit<ChannelTerms, 'clientKey' | 'providerKey'>): void {
    requireAddress('channel', terms.channel);
    requireUint('openedLt', terms.openedLt, 64);
    requireUint('totalDeposited', terms.totalDeposited, 64);
    requireUint('claimed', terms.claimed, 64);
    requireUint('closesAt', terms.closesAt, 32);
    requireSeconds(
        'closeDelay',
        terms.closeDelay,
        CHANNEL_BOUNDS.CLOSE_DELAY_MIN_SECONDS,
        CHANNEL_BOUNDS.CLOSE_DELAY_MAX_SECONDS,
    );
    if (terms.openedLt === 0n || terms.closesAt === 0) {
        throw new InputError('out-of-range', 'openedLt', 'or closesAt is 0; the channel is not open');
    }
    if (terms.claimed > terms.totalDeposited) {
        throw new InputError('out-of-range', 'claimed', 'is above totalDeposited; no channel pays more than it has');
    }
}
