import { toNano } from '@ton/core';
import { OpenOptions, PaidResult, PayingChannel } from '../../client';
import { ChannelPolicy, Rates } from '../../protocol';
import { ChannelStore, MemoryChannelStore } from '../../store';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';
import { ChannelDesk, EncryptionKeys, InferenceEngine, ProviderNode } from '../../worker/node';
import { digits, root, Stage } from './stage';

const DAY = 86_400;
/** nanoTON per million tokens: a digit costs 0.1 TON. */
export const RATES: Rates = { prompt: 0n, cached: 0n, completion: toNano(100_000), reasoning: 0n };
/** nanoTON of a digit. */
export const COST = toNano('0.1');
/** A token for each byte and each class. */
export const meter = (_: bigint, input: Uint8Array) => ({
    prompt: input.length,
    completion: input.length / IMAGE_BYTES,
});

/** A worker with its channels' store. */
export interface Served {
    readonly worker: ProviderNode;
    readonly channels: ChannelDesk;
    readonly store: ChannelStore;
}

/** A worker that serves channels, with the store of one before it, if there was one. */
export async function serving(
    stage: Stage,
    options: {
        store?: ChannelStore;
        policy?: Partial<ChannelPolicy>;
        engine?: InferenceEngine;
        encryptionKeys?: EncryptionKeys;
        onError?: (error: Error) => void;
    } = {},
): Promise<Served> {
    const { market, connection, provider } = stage;
    const { store = new MemoryChannelStore(), encryptionKeys = [provider.encryption] } = options;
    const channels = new ChannelDesk({
        market,
        connection,
        owner: provider.owner.address,
        operator: provider.operator.getSender(),
        signingSecret: provider.signing.secretKey,
        encryptionKeys,
        engines: [options.engine ?? stage.engine],
        store,
        policy: {
            settlement: provider.till,
            signingKey: provider.profile.signingKey,
            minDeposit: toNano(1),
            minRemaining: DAY,
            minCloseDelay: 3_600,
            redeemMargin: 1_800,
            maxChannelsPerClient: 1,
            codeLibraryPaidUntil: 0,
            ...options.policy,
        },
        redeeming: { minDue: toNano(2), beforeClosing: 7_200 },
        rates: new Map([[root, RATES]]),
        meter,
        now: () => stage.chain.now,
        onError: options.onError,
    });
    await channels.resume();
    return { worker: await stage.hire({ channels, encryptionKeys }), channels, store };
}

/** What a client opens its channel by: 5 TON with this provider. */
export function payer(stage: Stage, store: ChannelStore = new MemoryChannelStore()): OpenOptions {
    const { market, wallet, keys, provider } = stage;
    return {
        market,
        wallet: wallet.getSender(),
        clientSecret: keys.clientSecret,
        store,
        now: () => stage.chain.now,
        provider: provider.owner.address,
        deposit: toNano(5),
        nonce: 7n,
    };
}

/** One image. */
export const digit = (index: number) => digits().subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES);
/** Pays for one image. */
export const ask = (channel: PayingChannel, index: number, salt?: Uint8Array): Promise<PaidResult> =>
    channel.request({ modelRoot: root, input: digit(index), maxCost: COST, salt });
