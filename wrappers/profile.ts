import { Address, beginCell, Cell } from '@ton/core';
import { Bits256, requireAddress, requireBytes, requireUint, toUint256 } from './checks';
import { requireEncryptionKey, requireSigningKey } from './keys';
import { InputError } from './marketError';

/** Most models that one profile offers. */
export const MAX_OFFERS = 16;
/** Most bytes of an endpoint. */
export const ENDPOINT_MAX_BYTES = 127;

const PROFILE_BITS = 844;
const OFFER_BITS = 513;

/** Ceiling prices of one model, nanoTON per million tokens; the live price is in the signed quote. */
export interface Offer {
    /** Hash of the model file, as the Registry's catalogue lists it. */
    modelRoot: bigint;
    prompt: bigint;
    cached: bigint;
    completion: bigint;
    reasoning: bigint;
}

/** What a provider publishes of itself. */
export interface Profile {
    /** Hot wallet of the worker: accepts jobs and submits their results. */
    operator: Address;
    /** nanoTON of collateral that operator and signingKey can put at risk together. */
    allowanceCap: bigint;
    /** Ed25519 public key: quotes, receipts. */
    signingKey: bigint;
    /** What clients seal inputs to: an X25519 public key, or the pin of a longer one (docs/confidentiality.md). */
    encryptionKey: bigint;
    /** Where the worker answers, UTF-8, at most 127 bytes. */
    endpoint: string;
    /** At most 16. */
    offers: Offer[];
}

/** A profile as callers give it: keys also as their 32 bytes, offers optional. */
export interface ProfileInput extends Omit<Profile, 'signingKey' | 'encryptionKey' | 'offers'> {
    signingKey: Bits256;
    encryptionKey: Bits256;
    offers?: (Omit<Offer, 'modelRoot'> & { modelRoot: Bits256 })[];
}

/**
 * Packs a profile that a stake accepts.
 *
 * @throws InputError for an operator outside the basechain, a weak key, an endpoint above 127 bytes, more than 16 offers,
 * a model offered twice, or a price that does not fit 64 bits
 */
export function createProfileCell(profile: ProfileInput): Cell {
    const offers = profile.offers ?? [];
    if (offers.length > MAX_OFFERS) {
        throw new InputError('too-many', 'offers', `has ${offers.length} models; list at most ${MAX_OFFERS}`);
    }
    const roots = offers.map((offer, i) => toUint256(`offers[${i}].modelRoot`, offer.modelRoot));
    if (new Set(roots).size !== roots.length) {
        throw new InputError('duplicate', 'offers', 'names one model twice; list each model once');
    }
    let next: Cell | null = null;
    for (let i = offers.length - 1; i >= 0; i--) {
        const offer = offers[i]!;
        next = beginCell()
            .storeUint(roots[i]!, 256)
            .storeUint(requireUint(`offers[${i}].prompt`, offer.prompt, 64), 64)
            .storeUint(requireUint(`offers[${i}].cached`, offer.cached, 64), 64)
            .storeUint(requireUint(`offers[${i}].completion`, offer.completion, 64), 64)
            .storeUint(requireUint(`offers[${i}].reasoning`, offer.reasoning, 64), 64)
            .storeMaybeRef(next)
            .endCell();
    }
    const endpoint = requireBytes('endpoint', Buffer.from(profile.endpoint, 'utf8'), 0);
    return beginCell()
        .storeAddress(requireAddress('operator', profile.operator))
        .storeUint(requireUint('allowanceCap', profile.allowanceCap, 64), 64)
        .storeUint(requireSigningKey('signingKey', profile.signingKey), 256)
        .storeUint(requireEncryptionKey('encryptionKey', profile.encryptionKey), 256)
        .storeRef(beginCell().storeBuffer(endpoint).endCell())
        .storeMaybeRef(next)
        .endCell();
}

/**
 * Reads a profile.
 *
 * @throws InputError `malformed-cell`
 */
export function parseProfile(cell: Cell): Profile {
    if (cell.bits.length !== PROFILE_BITS) {
        throw new InputError('malformed-cell', 'profile', `has ${cell.bits.length} bits instead of ${PROFILE_BITS}`);
    }
    const slice = cell.beginParse();
    const operator = slice.loadAddress();
    const allowanceCap = slice.loadUintBig(64);
    const signingKey = slice.loadUintBig(256);
    const encryptionKey = slice.loadUintBig(256);
    const endpointSlice = slice.loadRef().beginParse();
    const endpoint = endpointSlice.loadBuffer(Math.floor(endpointSlice.remainingBits / 8)).toString('utf8');
    const offers: Offer[] = [];
    let next = slice.loadMaybeRef();
    slice.endParse();
    while (next) {
        if (next.bits.length !== OFFER_BITS || offers.length === MAX_OFFERS) {
            throw new InputError('malformed-cell', 'offers', 'is not a list of at most 16 offers');
        }
        const offer = next.beginParse();
        offers.push({
            modelRoot: offer.loadUintBig(256),
            prompt: offer.loadUintBig(64),
            cached: offer.loadUintBig(64),
            completion: offer.loadUintBig(64),
            reasoning: offer.loadUintBig(64),
        });
        next = offer.loadMaybeRef();
        offer.endParse();
    }
    return { operator, allowanceCap, signingKey, encryptionKey, endpoint, offers };
}
