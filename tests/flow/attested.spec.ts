/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Builder, toNano } from '@ton/core';
import {
    AttestationCheck,
    AttestationRefusedError,
    AttestationTrust,
    ComputeClient,
    OpenOptions,
    PayingChannel,
    WorkerConnection,
} from '../../client';
import { decodeClientState, saltedPayload, signVoucher, termsOf } from '../../protocol';
import { EncryptionKeyPair, jobInput, Kem, seal } from '../../protocol/envelope';
import { ByteTransport, createInProcessTransport } from '../../protocol/transport';
import { decodeMessage, WireMessage } from '../../protocol/wire';
import { ChannelStore, MemoryChannelStore } from '../../store';
import { EncryptionKeys, ProviderNode } from '../../worker/node';
import { createJobTermsCell, jobKey, Tier } from '../../wrappers';
import { collateral, rootCertificate } from '../fixtures/attestation/collateral';
import { quoteBytes, quoteSpec } from '../fixtures/attestation/quotes';
import { attest, AttestationStage, FLOOR, openAttestation, packed, quoteOf } from '../fixtures/attestation/stage';
import { TestAuthority } from '../fixtures/attestation/testAuthority';
import { networkParamsCell } from '../helpers/cells';
import { body, openProvider } from '../helpers/network';
import { expectTrace } from '../helpers/traces';
import { ask, COST, digit, payer, serving } from './channelStage';
import { BOND, COLLATERAL, describeFlow, digits, modelFile, PRICE, root, Stage, work } from './stage';

// Client, worker and contracts together, in a network whose verifier pins the test authority: what asks for the tier Attested reaches
// nobody who is not.

const TRUST: AttestationTrust = {
    rootCertificate: rootCertificate(),
    collateral: () => Promise.resolve(collateral()),
};

async function attestationOf({ chain, network, provider }: Stage): Promise<AttestationStage> {
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
async function attested(stage: Stage, onChain = true): Promise<Buffer> {
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
function clientOf({ market, connection, wallet, keys, chain }: Stage, attestation?: AttestationTrust): ComputeClient {
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

const orderOf = (stage: Stage, client: ComputeClient) =>
    client.order({
        provider: stage.provider.owner.address,
        modelRoot: root,
        input: digits(),
        price: PRICE,
        collateral: COLLATERAL,
        challengeBond: BOND,
        tier: Tier.Attested,
    });

const attestedPayer = (stage: Stage, store?: ChannelStore): OpenOptions => ({
    ...payer(stage, store),
    tier: Tier.Attested,
    attestation: TRUST,
});

/** A worker for jobs and channels that shows this quote, or none; its policy takes Attested either way. */
const workerOf = async (
    stage: Stage,
    quote?: Uint8Array,
    encryptionKeys: EncryptionKeys = [stage.provider.encryption],
): Promise<ProviderNode> => {
    const { channels } = await serving(stage, { encryptionKeys });
    const policy = { ...stage.policy, tier: Tier.Attested };
    return await stage.hire({ channels, encryptionKeys, policy, attestation: quote && (() => quote) });
};

/** A line, and what the client sent over it. */
function watched(worker: ProviderNode): { line: WorkerConnection; sent: WireMessage['kind'][] } {
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
async function failing(promise: Promise<unknown>): Promise<AttestationCheck[]> {
    const error = await promise.then(
        () => undefined,
        (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AttestationRefusedError);
    return (error as AttestationRefusedError).failed.map(({ check }) => check);
}

/** Neither a job nor a channel sends anything but the question for the quote. */
async function expectRefused(stage: Stage, quote: Uint8Array | undefined, checks: AttestationCheck[]): Promise<void> {
    const worker = await workerOf(stage, quote);
    const client = clientOf(stage, TRUST);
    const { line, sent } = watched(worker);
    expect(await failing(client.requestQuote(await orderOf(stage, client), line))).toEqual(checks);
    const { market, wallet, provider, keys } = stage;
    const clientKey = keys.clientSecret.subarray(32);
    const owner = provider.owner.address;
    const opened = { provider: owner, deposit: payer(stage).deposit, clientKey, nonce: 99n };
    const name = await market.channels.open(wallet.getSender(), opened);
    stage.take();
    expect(await failing(PayingChannel.open(attestedPayer(stage), line))).toEqual(checks);
    // The deposit has not left, either.
    expect(stage.take().transactions).toEqual([]);
    const channel = await PayingChannel.attach(name, attestedPayer(stage), line);
    expect(await failing(ask(channel, 0))).toEqual(checks);
    expect(channel.state.voucher).toBeNull();
    expect(sent).toEqual(['attestationRequest', 'attestationRequest', 'attestationRequest']);
    expect(worker.jobs).toHaveLength(0);
}

const flow = (name: string, suite: (play: (scene: (stage: Stage) => Promise<void>) => Promise<void>) => void) =>
    describeFlow(name, suite, openAttestation);

flow('an attested provider', (play) => {
    it('is sent a job that asks for Attested, and serves it', () =>
        play(async (stage) => {
            const worker = await workerOf(stage, await attested(stage));
            const client = clientOf(stage, TRUST);
            const { line, sent } = watched(worker);
            const order = await client.requestQuote(await orderOf(stage, client), line);
            expect(sent).toEqual(['attestationRequest', 'quoteRequest']);
            await client.post(order);
            expect(await work(worker)).toEqual(['serve']);
            expect((await client.receive(order, line)).equalsReferee).toBe(true);
        }));

    it('serves a channel that asks for Attested', () =>
        play(async (stage) => {
            const worker = await workerOf(stage, await attested(stage));
            const { line, sent } = watched(worker);
            const store = new MemoryChannelStore();
            const commit = jest.spyOn(store, 'commit');
            const channel = await PayingChannel.open(attestedPayer(stage, store), line);
            expect(Buffer.from((await ask(channel, 0)).output)).toEqual(Buffer.from(await stage.engine.run(digit(0))));
            expect(sent).toEqual(['attestationRequest', 'channelOffer', 'paidRequest']);
            // Wherever the process ends, what it leaves says Attested.
            const tiers = commit.mock.calls.map(([{ state }]) => decodeClientState(state).tier);
            expect(new Set(tiers)).toEqual(new Set([Tier.Attested]));
        }));

    it('gets nothing from a client that was not told whom to believe', () =>
        play(async (stage) => {
            const worker = await workerOf(stage, await attested(stage));
            const client = clientOf(stage);
            const { line, sent } = watched(worker);
            const missing = { code: 'not-found', field: 'attestation' };
            await expect(client.requestQuote(await orderOf(stage, client), line)).rejects.toMatchObject(missing);
            const untold = { ...attestedPayer(stage), attestation: undefined };
            stage.take();
            await expect(PayingChannel.open(untold, line)).rejects.toMatchObject(missing);
            expect(stage.take().transactions).toEqual([]);
            expect(sent).toEqual([]);
        }));

    it('refuses a job that outlasts its attestation', () =>
        play(async (stage) => {
            const worker = await workerOf(stage, await attested(stage));
            stage.chain.at(FLOOR.validUntil - 600);
            const client = clientOf(stage, TRUST);
            await expect(
                client.requestQuote(await orderOf(stage, client), stage.connect(worker)),
            ).rejects.toMatchObject({ reasons: [{ code: 'tier' }] });
        }));
});

flow('an Open provider', (play) => {
    it('is refused by the wrappers: no channel is opened, and the deposit stays', () =>
        play(async ({ market, wallet, keys, provider, take }) => {
            const clientKey = keys.clientSecret.subarray(32);
            const terms = { provider: provider.owner.address, deposit: toNano(5), clientKey, tier: Tier.Attested };
            take();
            await expect(market.channels.open(wallet.getSender(), terms)).rejects.toMatchObject({
                code: 'wrong-state',
            });
            expect(take().transactions).toEqual([]);
        }));

    it('is refused by the client, whether it shows no quote or one that the chain was not shown', () =>
        play(async (stage) => {
            const quote = await attested(stage, false);
            await stage.chain.rewinding(() => expectRefused(stage, undefined, ['tier', 'quote']));
            await expectRefused(stage, quote, ['tier']);
        }));

    it('refuses a job that asks for Attested, even where its policy would not', () =>
        play(async (stage) => {
            const { market, provider } = stage;
            const client = clientOf(stage, TRUST);
            const line = stage.connect(await workerOf(stage));
            const { escrow, termsHash, terms, nonce, ...order } = await orderOf(stage, client);
            const networkId = await market.networkId();
            const sealedInput = await seal(saltedPayload(order.input, order.salt), {
                recipient: provider.encryption.publicKey,
                binding: jobInput({ networkId, escrow, termsHash, modelRoot: root }),
            });
            const recipientKey = (await EncryptionKeyPair.fromStored(order.recipientKey)).publicKey.bytes;
            const asked = { requestId: 1n, client: order.client, nonce, sealedInput, recipientKey };
            const message = { kind: 'quoteRequest', terms: createJobTermsCell(terms), ...asked } as const;
            expect(await line.ask(message, ['quoteReply:1', 'refusal:1'])).toMatchObject({
                reasons: [{ code: 'tier' }],
            });
        }));

    it('refuses channels and requests that ask for Attested', () =>
        play(async (stage) => {
            const line = stage.connect(await workerOf(stage));
            const channel = await PayingChannel.open(payer(stage), line);
            const { client, nonce } = channel.name;
            const tier = Tier.Attested;
            const lacking = { kind: 'refusal', reasons: [{ code: 'tier' }] };
            const offer = { kind: 'channelOffer', requestId: 1n, client, nonce, tier } as const;
            expect(await line.ask(offer, ['channelAccepted:1', 'refusal:1'])).toMatchObject(lacking);
            const { clientSecret } = stage.keys;
            const voucher = signVoucher({ ...termsOf(channel.state), amount: COST, receiptHead: 0n }, clientSecret);
            const place = { channel: channel.address, modelRoot: root, seq: 1n };
            const request = {
                kind: 'paidRequest',
                requestId: 2n,
                tier,
                sealedInput: Buffer.alloc(9),
                voucher,
            } as const;
            expect(await line.ask({ ...request, ...place }, ['paidResponse:2', 'refusal:2'])).toMatchObject(lacking);
        }));

    it('cannot accept such a job on chain: the escrow refuses, and stays open', () =>
        play(async (stage) => {
            const { market, provider } = stage;
            const client = clientOf(stage, TRUST);
            const order = await orderOf(stage, client);
            await client.post(order);
            const job = (await market.job(order))!;
            stage.take();
            await market.acceptJob(provider.operator.getSender(), order, {
                jobKey: jobKey(order.escrow, order.termsHash, job.openedLt),
            });
            expectTrace(stage.take(), [
                { to: provider.stake, op: 'AcceptJob' },
                { to: order.escrow, op: 'JobAccepted', exitCode: 0x30e },
                { op: 'Excesses' },
                { to: provider.stake, op: 'bounced JobAccepted' },
            ]);
            expect((await market.job(order))!.state).toBe(job.state);
        }));
});

flow('Changing a key clears the tier; an expired, revoked or copied quote never yields it: the client', (play) => {
    it('sees an attestation end while its channel goes on', () =>
        play(async (stage) => {
            const { line, sent } = watched(await workerOf(stage, await attested(stage)));
            const channel = await PayingChannel.open(attestedPayer(stage), line);
            await ask(channel, 0);
            const asked = sent.length;
            stage.chain.at(FLOOR.validUntil);
            expect(await failing(ask(channel, 1))).toEqual(['tier', 'platform']);
            expect(sent.slice(asked)).toEqual(['attestationRequest']);
            // Nothing was paid for it.
            expect(channel.state.voucher!.amount).toBe(COST);
            // The worker would have refused it, too.
            const offer = { kind: 'channelOffer', requestId: 1n, ...channel.name, tier: Tier.Attested } as const;
            expect(await line.ask(offer, ['channelAccepted:1', 'refusal:1'])).toMatchObject({
                reasons: [{ code: 'tier' }],
            });
        }));

    it('pays for nothing that it would not seal: the look comes before the voucher is kept', () =>
        play(async (stage) => {
            const store = new MemoryChannelStore();
            let skew = 0;
            const options = { ...attestedPayer(stage, store), now: () => stage.chain.now + skew };
            const channel = await PayingChannel.open(
                options,
                stage.connect(await workerOf(stage, await attested(stage))),
            );
            await ask(channel, 0);
            const commit = store.commit.bind(store);
            store.commit = async (row) => {
                await commit(row);
                skew = FLOOR.validUntil - stage.chain.now;
            };
            // Sealed and booked while it was good: what ends after that is no reason to leave a paid request unsent.
            expect((await ask(channel, 1)).cost).toBe(COST);
            expect(await failing(ask(channel, 2))).toEqual(['tier', 'platform']);
            expect(channel.state).toMatchObject({ request: null, voucher: { amount: 2n * COST } });
        }));

    it('ends a channel after a restart, whatever its provider has become', () =>
        play(async (stage) => {
            const store = new MemoryChannelStore();
            const { line } = watched(await workerOf(stage, await attested(stage)));
            await ask(await PayingChannel.open(attestedPayer(stage, store), line), 0);
            stage.chain.at(FLOOR.validUntil);
            const resume = () => PayingChannel.resume(stage.provider.owner.address, attestedPayer(stage, store), line);
            const [channel] = await resume();
            expect(await failing(ask(channel!, 1))).toEqual(['tier', 'platform']);
            await channel!.requestClose();
            expect((await channel!.refresh()).closesAt).toBeLessThan(stage.chain.now + 86_401);
            await (await resume())[0]!.close();
            expect(await resume()).toEqual([]);
        }));

    it.each<[string, Partial<OpenOptions>]>([
        ['says no tier', {}],
        ['says Open', { tier: Tier.Open }],
    ])('keeps to the tier of its channel after a restart that %s', (_, asked) =>
        play(async (stage) => {
            const store = new MemoryChannelStore();
            const { market, provider } = stage;
            const first = watched(await workerOf(stage, await attested(stage)));
            await ask(await PayingChannel.open(attestedPayer(stage, store), first.line), 0);
            // Its provider takes a key that lives in no trust domain.
            const fresh = await EncryptionKeyPair.create(Kem.X25519);
            const endpoint = provider.profile.endpoint.toString();
            const profile = { ...provider.profile, endpoint, encryptionKey: fresh.publicKey.name };
            await market.updateProfile(provider.owner.getSender(), { profile });
            const again = watched(await workerOf(stage, undefined, [fresh, provider.encryption]));
            const options = { ...payer(stage, store), ...asked };
            const [channel] = await PayingChannel.resume(provider.owner.address, options, again.line);
            await expect(ask(channel!, 1)).rejects.toMatchObject({ code: 'not-found', field: 'attestation' });
            const [told] = await PayingChannel.resume(
                provider.owner.address,
                { ...options, attestation: TRUST },
                again.line,
            );
            expect(await failing(ask(told!, 1))).toEqual(['tier', 'quote']);
            expect(again.sent).toEqual(['attestationRequest']);
        }),
    );

    it('keeps a tier that a channel was given after it was opened', () =>
        play(async (stage) => {
            const store = new MemoryChannelStore();
            const line = stage.connect(await workerOf(stage));
            const owner = stage.provider.owner.address;
            const open = await PayingChannel.open(payer(stage, store), line);
            expect(open.state.tier).toBe(Tier.Open);
            expect((await PayingChannel.resume(owner, attestedPayer(stage, store), line))[0]!.state.tier).toBe(
                Tier.Attested,
            );
            const [channel] = await PayingChannel.resume(owner, { ...payer(stage, store), attestation: TRUST }, line);
            expect(await failing(ask(channel!, 0))).toEqual(['tier', 'quote']);
        }));

    it('refuses what has expired', () =>
        play(async (stage) => {
            const quote = await attested(stage);
            stage.chain.at(FLOOR.validUntil);
            await expectRefused(stage, quote, ['tier', 'platform']);
        }));

    it('refuses the old quote after a change of key', () =>
        play(async (stage) => {
            const quote = await attested(stage);
            const { market, provider } = stage;
            const fresh = await EncryptionKeyPair.create(Kem.X25519);
            const endpoint = provider.profile.endpoint.toString();
            const profile = { ...provider.profile, endpoint, encryptionKey: fresh.publicKey.name };
            await market.updateProfile(provider.owner.getSender(), { profile });
            const encryptionKeys = [fresh, provider.encryption];
            const policy = { ...stage.policy, tier: Tier.Attested, encryptionKey: fresh.publicKey.name };
            const worker = await stage.hire({ encryptionKeys, policy, attestation: () => quote });
            const client = clientOf(stage, TRUST);
            const { line, sent } = watched(worker);
            expect(await failing(client.requestQuote(await orderOf(stage, client), line))).toEqual([
                'tier',
                'report-data',
            ]);
            expect(sent).toEqual(['attestationRequest']);
        }));

    it('refuses a certificate that governance revoked after it was attested', () =>
        play(async (stage) => {
            const quote = await attested(stage);
            const { chain, network } = stage;
            const serial = quoteSpec().pck.serial & ((1n << 128n) - 1n);
            const revoking = body('RevokeAttestation').storeUint(serial, 128).endCell();
            await chain.send(network.governor, { to: network.registry, value: toNano(3), body: revoking });
            await expectRefused(stage, quote, ['revocation']);
        }));

    it.each<[string, Partial<AttestationTrust>, string]>([
        ['fails', { collateral: () => Promise.reject(new Error('503')) }, 'it cannot be fetched: 503'],
        [
            'never answers',
            { collateral: () => new Promise(() => undefined), timeoutMs: 50 },
            'it cannot be fetched: no answer within 50 ms',
        ],
    ])('refuses while the service that brings collateral %s, and says so', (_, broken, text) =>
        play(async (stage) => {
            const worker = await workerOf(stage, await attested(stage));
            const client = clientOf(stage, { ...TRUST, ...broken });
            const { line, sent } = watched(worker);
            await expect(client.requestQuote(await orderOf(stage, client), line)).rejects.toMatchObject({
                name: 'AttestationRefusedError',
                failed: [{ check: 'collateral', text }],
            });
            expect(sent).toEqual(['attestationRequest']);
        }),
    );

    it('refuses an image that the network allows and the client does not', () =>
        play(async (stage) => {
            const worker = await workerOf(stage, await attested(stage));
            const client = clientOf(stage, { ...TRUST, images: new Set([1n]) });
            expect(await failing(client.requestQuote(await orderOf(stage, client), stage.connect(worker)))).toEqual([
                'measurement',
            ]);
        }));

    it('refuses where the account that the network names as its verifier has other code', () =>
        play(async (stage) => {
            const { chain, network } = stage;
            const worker = await workerOf(stage, await attested(stage));
            const params = networkParamsCell({ ...network.params, verifier: stage.provider.stake });
            const send = async (message: Builder) => {
                const sent = { to: network.registry, value: toNano(3), body: message.endCell() };
                await chain.send(network.governor, sent);
            };
            await send(body('ProposeParams').storeRef(params));
            chain.pass(network.params.timelockDelay);
            await send(body('ExecuteProposal'));
            const client = clientOf(stage, TRUST);
            const { line, sent } = watched(worker);
            expect(await failing(client.requestQuote(await orderOf(stage, client), line))).toEqual(['verifier']);
            expect(sent).toEqual([]);
        }));

    it('refuses a quote that was copied from another provider', () =>
        play(async (stage) => {
            await attested(stage);
            const other = await openProvider(stage.network, { name: 'other' });
            await expectRefused(stage, quoteBytes(quoteOf(other)), ['report-data']);
        }));
});
