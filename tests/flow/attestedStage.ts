import {
    AttestationCheck,
    AttestationRefusedError,
    AttestationTrust,
    ComputeClient,
    OpenOptions,
    PayingChannel,
    WorkerConnection,
} from '../../client';
import { decodeClientState } from '../../protocol';
import { ByteTransport, createInProcessTransport } from '../../protocol/transport';
import { decodeMessage, WireMessage } from '../../protocol/wire';
import { ChannelStore } from '../../store';
import { EncryptionKeys, ProviderNode } from '../../worker/node';
import { Tier } from '../../wrappers';
import { collateral, rootCertificate } from '../fixtures/attestation/collateral';
import { quoteBytes } from '../fixtures/attestation/quotes';
import { attest, AttestationStage, FLOOR, openAttestation, packed, quoteOf } from '../fixtures/attestation/stage';
import { TestAuthority } from '../fixtures/attestation/testAuthority';
import { PriceSet } from '../helpers/chain';
import { ask, payer, serving } from './channelStage';
import { BOND, COLLATERAL, describeFlow, digits, modelFile, PRICE, root, Stage } from './stage';

/** Believes the test authority. */
export const TRUST: AttestationTrust = {
    rootCertificate: rootCertificate(),
    collateral: () => Promise.resolve(collateral()),
};

/** A suite in a network whose verifier pins the test authority; see {@link describeFlow}. */
export const describeAttestedFlow = (
    name: string,
    suite: (play: (scene: (stage: Stage) => Promise<void>) => Promise<void>) => void,
    priceSets?: readonly PriceSet[],
) => describeFlow(name, suite, openAttestation, priceSets);

export async function attestationOf({ chain, network, provider }: Stage): Promise<AttestationStage> {
    const submitter = await chain.wallet('submitter');
    return {
        chain,
        network,
        provider,
        verifier: network.params.verifier!,
        authority: new TestAuthority(),
        submitter,
    };
}

/** The quote of the provider's TD; by default the verifier gets to see it, too. */
export async function attested(stage: Stage, onChain = true): Promise<Buffer> {
    const attestation = await attestationOf(stage);
    const spec = quoteOf(stage.provider);
    if (onChain) {
        await attest(attestation, packed(spec));
        const { stake } = await stage.market.provider(stage.provider.owner.address);
        expect(stake?.attestedUntil).toBe(FLOOR.validUntil);
    }
    return quoteBytes(spec);
}

/** A client that believes the test authority, unless it is told whom else. */
export function clientOf(
    { market, connection, wallet, keys, chain }: Stage,
    attestation?: AttestationTrust,
): ComputeClient {
    return new ComputeClient({
        market,
        connection,
        wallet: wallet.getSender(),
        keys,
        now: () => chain.now,
        models: [modelFile],
        attestation,
    });
}

export const orderOf = (stage: Stage, client: ComputeClient) =>
    client.order({
        provider: stage.provider.owner.address,
        modelRoot: root,
        input: digits(),
        price: PRICE,
        collateral: COLLATERAL,
        challengeBond: BOND,
        tier: Tier.Attested,
    });

export const attestedPayer = (stage: Stage, store?: ChannelStore): OpenOptions => ({
    ...payer(stage, store),
    tier: Tier.Attested,
    attestation: TRUST,
});

/** A worker for jobs and channels that shows this quote, or none; its policy takes Attested either way. */
export async function workerOf(
    stage: Stage,
    quote?: Uint8Array,
    encryptionKeys: EncryptionKeys = [stage.provider.encryption],
): Promise<ProviderNode> {
    const { channels } = await serving(stage, { encryptionKeys });
    const policy = { ...stage.policy, tier: Tier.Attested };
    return await stage.hire({ channels, encryptionKeys, policy, attestation: quote && (() => quote) });
}

/** A line, and what the client sent over it. */
export interface WatchedLine {
    readonly line: WorkerConnection;
    readonly sent: WireMessage['kind'][];
}

export function watched(worker: ProviderNode): WatchedLine {
    const [here, there] = createInProcessTransport();
    const sent: WireMessage['kind'][] = [];
    const tapped: ByteTransport = {
        send: (bytes) => {
            sent.push(decodeMessage(bytes).kind);
            here.send(bytes);
        },
        listen: (listener) => here.listen(listener),
        close: () => here.close(),
    };
    worker.connect(there);
    return { line: new WorkerConnection(tapped, 5_000), sent };
}

/** The checks that failed. */
export async function failing(promise: Promise<unknown>): Promise<AttestationCheck[]> {
    const error = await promise.then(
        () => undefined,
        (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AttestationRefusedError);
    return (error as AttestationRefusedError).failed.map(({ check }) => check);
}

/**
 * The client refuses the stage's provider by these checks, for a job, for a channel to be opened, and for one that is open already. Nothing
 * is sealed, sent or paid: only the question for the quote leaves, and the chain hears nothing.
 *
 * @param quote - what the worker shows; or the worker
 */
export async function expectRefused(
    stage: Stage,
    quote: Uint8Array | undefined | ProviderNode,
    checks: AttestationCheck[],
    trust = TRUST,
): Promise<void> {
    const { chain, market, wallet, provider, keys } = stage;
    const worker = quote instanceof ProviderNode ? quote : await workerOf(stage, quote);
    const client = clientOf(stage, trust);
    const order = await orderOf(stage, client);
    const paying = { ...attestedPayer(stage), attestation: trust };
    const clientKey = keys.clientSecret.subarray(32);
    const open = { provider: provider.owner.address, deposit: paying.deposit, clientKey, nonce: 99n };
    const name = await market.channels.open(wallet.getSender(), open);
    stage.take();
    const held = await chain.balance(wallet);
    const { line, sent } = watched(worker);
    expect(await failing(client.requestQuote(order, line))).toEqual(checks);
    expect(await failing(PayingChannel.open(paying, line))).toEqual(checks);
    expect(await failing(ask(await PayingChannel.attach(name, paying, line), 0))).toEqual(checks);
    expect(sent).toEqual(['attestationRequest', 'attestationRequest', 'attestationRequest']);
    expect(stage.take().transactions).toEqual([]);
    expect(await chain.balance(wallet)).toBe(held);
    expect(worker.jobs).toHaveLength(0);
    const books = await paying.store.list('client');
    expect(books.map(({ state }) => decodeClientState(state).voucher)).toEqual([null]);
}
