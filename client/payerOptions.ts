import { Address, Sender } from '@ton/core';
import { Receipt, SignedCell } from '../protocol';
import { EncryptionKeyPair } from '../protocol/envelope';
import { ChannelStore } from '../store';
import { CodeForm, Market, Tier } from '../wrappers';
import { AttestationTrust } from './attestation';

/** What a client pays by. */
export interface PayerOptions {
    market: Market;
    /** The client's wallet. */
    wallet: Sender;
    /** 64 bytes: the secret of clientKey. */
    clientSecret: Uint8Array;
    store: ChannelStore;
    /**
     * At {@link Tier.Open}, the default of an opening, **whoever runs the worker can read every request** and response. Attested refuses
     * a provider that is not, before anything is sealed. A channel that was Attested once stays so: its book keeps the tier, and a lower
     * one is ignored.
     */
    tier?: Tier;
    /** Whom to believe about machines; the tier Attested needs it. */
    attestation?: AttestationTrust;
    /** What responses are sealed to; by default a fresh key that dies with this object, as a request that is asked again is sealed anew. */
    responseKey?: EncryptionKeyPair;
    /** Unix seconds by the chain's clock. */
    now: () => number;
}

/** How a channel is opened. */
export interface OpenOptions extends PayerOptions {
    /** Owner of the provider's stake. */
    provider: Address;
    /** nanoTON */
    deposit: bigint;
    /** Seconds; 30 days by default. */
    lifetime?: number;
    /** Seconds; a day by default. */
    closeDelay?: number;
    /** 64 bits; random by default. */
    nonce?: bigint;
    /** How the channel's account holds its code; the market decides by default. */
    form?: CodeForm;
}

/** What a paid request brought. */
export interface PaidResult {
    readonly output: Uint8Array;
    readonly receipt: Receipt;
    /** The receipt as the provider signed it, to be kept in a log. */
    readonly signed: SignedCell;
    /** nanoTON that this request cost. */
    readonly cost: bigint;
}

/** A request that its caller wants to be able to repeat after a crash. */
export interface PaidRequestOptions {
    modelRoot: bigint;
    input: Uint8Array;
    /** nanoTON: the most that this request may cost. */
    maxCost: bigint;
    /** 32 bytes; random by default. The same salt with the same input is the same request, which is paid for once. */
    salt?: Uint8Array;
}
