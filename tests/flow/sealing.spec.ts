/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { ComputeClient, Order, PayingChannel, WorkerConnection } from '../../client';
import { resultBytes, signVoucher, termsOf } from '../../protocol';
import {
    channelRequest,
    EncryptionKeyPair,
    headerBytes,
    jobResult,
    Kem,
    packRequest,
    publicKeyNamed,
    seal,
} from '../../protocol/envelope';
import { ByteTransport, createInProcessTransport } from '../../protocol/transport';
import { decodeMessage, encodeMessage, WireMessage } from '../../protocol/wire';
import { MemoryJobStore } from '../../store';
import { InferenceEngine, ProviderNode } from '../../worker/node';
import { Tier } from '../../wrappers';
import { ask, COST, digit, payer, serving } from './channelStage';
import { restarting } from './restarts';
import { BOND, COLLATERAL, describeFlow, digits, modelFile, PRICE, root, Stage, work } from './stage';

/** A line on which somebody changes what passes. */
function changed(worker: ProviderNode, change: (message: WireMessage) => WireMessage): WorkerConnection {
    const [here, there] = createInProcessTransport();
    const tapped = (end: ByteTransport): ByteTransport => ({
        send: (bytes) => end.send(encodeMessage(change(decodeMessage(bytes)))),
        listen: (listener) => end.listen(listener),
        close: () => end.close(),
    });
    worker.connect(tapped(there));
    return new WorkerConnection(tapped(here), 5_000);
}

/** The provider names another encryption key; its worker has both. */
async function rotated(stage: Stage, kem: Kem) {
    const { market, provider, policy } = stage;
    const fresh = await EncryptionKeyPair.create(kem);
    const endpoint = provider.profile.endpoint.toString();
    const profile = { ...provider.profile, endpoint, encryptionKey: fresh.publicKey.name };
    await market.updateProfile(provider.owner.getSender(), { profile });
    const encryptionKeys = [fresh, provider.encryption];
    return { fresh, encryptionKeys, policy: { ...policy, encryptionKey: fresh.publicKey.name } };
}

/** A client whose results are sealed by X-Wing. */
function hybridClient({ market, connection, wallet, keys, chain }: Stage): ComputeClient {
    const now = () => chain.now;
    return new ComputeClient({
        market,
        connection,
        wallet: wallet.getSender(),
        keys,
        now,
        models: [modelFile],
        kem: Kem.XWing,
    });
}

const ordered = (stage: Stage, client: ComputeClient): Promise<Order> =>
    client.order({
        provider: stage.provider.owner.address,
        modelRoot: root,
        input: digits(),
        price: PRICE,
        collateral: COLLATERAL,
        challengeBond: BOND,
    });

describeFlow('with X-Wing on both sides', (play) => {
    it('a job is served, delivered, and published on chain', () =>
        play(async (stage) => {
            const { encryptionKeys, policy } = await rotated(stage, Kem.XWing);
            const worker = await stage.hire({ encryptionKeys, policy });
            const client = hybridClient(stage);
            const line = stage.connect(worker);
            const order = await client.requestQuote(await ordered(stage, client), line);
            await client.post(order);
            expect(await work(worker)).toEqual(['serve']);
            expect((await client.receive(order, line)).equalsReferee).toBe(true);
            stage.chain.pass(60);
            expect(await work(worker)).toEqual(['submit']);
            await client.demand(order);
            expect(await work(worker)).toEqual(['publish']);
            expect((await client.receivePublished(order)).equalsReferee).toBe(true);
        }));

    it('a channel carries paid requests', () =>
        play(async (stage) => {
            const { encryptionKeys } = await rotated(stage, Kem.XWing);
            const { worker } = await serving(stage, { encryptionKeys });
            const responseKey = await EncryptionKeyPair.create(Kem.XWing);
            const channel = await PayingChannel.open({ ...payer(stage), responseKey }, stage.connect(worker));
            expect(Buffer.from((await ask(channel, 0)).output)).toEqual(Buffer.from(await stage.engine.run(digit(0))));
        }));

    it('nothing is sealed to a key that is not the one which the profile pins', () =>
        play(async (stage) => {
            const { encryptionKeys, policy } = await rotated(stage, Kem.XWing);
            const worker = await stage.hire({ encryptionKeys, policy });
            const { publicKey } = await EncryptionKeyPair.create(Kem.XWing);
            const passed: string[] = [];
            const line = changed(worker, (message) => {
                passed.push(message.kind);
                return message.kind === 'encryptionKeyReply' ? { ...message, publicKey: publicKey.bytes } : message;
            });
            const order = await ordered(stage, stage.client);
            await expect(stage.client.requestQuote(order, line)).rejects.toMatchObject({ code: 'foreign-key' });
            const deaf = changed(worker, (message) =>
                message.kind === 'encryptionKeyRequest' ? { ...message, name: message.name + 1n } : message,
            );
            await expect(stage.client.requestQuote(order, deaf)).rejects.toMatchObject({
                reasons: [{ code: 'foreign-encryption-key' }],
            });
            expect(passed).toEqual(['encryptionKeyRequest', 'encryptionKeyReply']);
        }));
});

describeFlow('a worker', (play) => {
    it('does not start without the key that its policy names', () =>
        play(async (stage) => {
            const encryptionKeys = [await EncryptionKeyPair.create()];
            await expect(stage.hire({ encryptionKeys })).rejects.toMatchObject({
                code: 'not-found',
                field: 'encryptionKeys',
            });
        }));

    it(
        'with a new key goes on with jobs of the old one as long as it has that, too',
        restarting(play)(async (stage, restart) => {
            const { client } = stage;
            const order = await client.requestQuote(await stage.order(), stage.connect(await restart.worker()));
            const { fresh, encryptionKeys, policy } = await rotated(stage, Kem.X25519);
            await expect(restart.worker({ encryptionKeys: [fresh], policy })).rejects.toMatchObject({
                code: 'not-found',
                field: 'encryptionKeys',
            });
            const worker = await restart.worker({ encryptionKeys, policy });
            await client.post(order);
            expect(await work(worker)).toEqual(['serve']);
            // What is ordered from now on names the new one.
            const line = stage.connect(worker);
            const next = await client.requestQuote(await stage.order(), line);
            expect(next.terms.encryptionKey).toBe(fresh.publicKey.name);
        }),
    );

    it.each([
        ['changed on its way', (m: Asked): Asked => ({ ...m, sealedInput: flipped(m.sealedInput) })],
        ['of another job', (m: Asked): Asked => ({ ...m, nonce: m.nonce + 1n })],
        ['that is no envelope', (m: Asked): Asked => ({ ...m, sealedInput: Buffer.alloc(3) })],
        [
            'with a key of the client that the terms do not name',
            (m: Asked): Asked => ({ ...m, recipientKey: Buffer.alloc(32, 9) }),
        ],
        ['with a key of another length', (m: Asked): Asked => ({ ...m, recipientKey: Buffer.alloc(7, 9) })],
    ])('refuses an input %s', (_, change) =>
        play(async (stage) => {
            const line = changed(stage.worker, (message) =>
                message.kind === 'quoteRequest' ? change(message) : message,
            );
            await expect(stage.client.requestQuote(await stage.order(), line)).rejects.toMatchObject({
                reasons: [{ code: 'unreadable-input' }],
            });
            expect(stage.worker.jobs).toHaveLength(0);
        }),
    );

    it('computes nothing for a request that is sealed for another place, channel, or key', () =>
        play(async (stage) => {
            const { market, provider, keys } = stage;
            const run = jest.fn(stage.engine.run);
            const engine: InferenceEngine = { ...stage.engine, run };
            const line = stage.connect((await serving(stage, { engine })).worker);
            const channel = await PayingChannel.open(payer(stage), line);
            const { openedLt } = termsOf(channel.state);
            const place = {
                networkId: await market.networkId(),
                channel: channel.address,
                openedLt,
                seq: 1n,
                modelRoot: root,
            };
            const voucher = signVoucher(
                { ...termsOf(channel.state), amount: COST, receiptHead: 0n },
                keys.clientSecret,
            );
            const { publicKey: recipient } = await EncryptionKeyPair.create();
            const payload = packRequest({ recipient, salt: Buffer.alloc(32), input: digit(0) });
            let requestId = 0n;
            const demand = async (
                sealed: typeof place,
                said: bigint,
                to = provider.encryption.publicKey,
                content = payload,
            ) => {
                requestId++;
                const sealedInput = await seal(content, { recipient: to, binding: channelRequest(sealed) });
                const { address } = channel;
                const message = {
                    kind: 'paidRequest',
                    tier: Tier.Open,
                    requestId,
                    channel: address,
                    modelRoot: root,
                    seq: said,
                    sealedInput,
                    voucher,
                } as const;
                return await line.ask(message, [
                    `paidResponse:${requestId}`,
                    `newestReceipt:${requestId}`,
                    `refusal:${requestId}`,
                ]);
            };
            for (const sealed of [
                { ...place, seq: 2n },
                { ...place, openedLt: 1n },
                { ...place, networkId: -239 },
                { ...place, modelRoot: 1n },
                { ...place, channel: provider.till },
            ]) {
                expect(await demand(sealed, 1n)).toMatchObject({
                    kind: 'refusal',
                    reasons: [{ code: 'unreadable-input' }],
                });
            }
            expect(await demand(place, 1n, recipient)).toMatchObject({ reasons: [{ code: 'unreadable-input' }] });
            expect(await demand(place, 1n, undefined, Buffer.alloc(40))).toMatchObject({
                reasons: [{ code: 'unreadable-input' }],
            });
            // Sealed right, but for a place that the voucher does not pay for.
            expect(await demand({ ...place, seq: 2n }, 2n)).toMatchObject({
                kind: 'refusal',
                reasons: [{ code: 'receipt-gap' }],
            });
            expect(run).not.toHaveBeenCalled();
            expect(await demand(place, 1n)).toMatchObject({ kind: 'paidResponse' });
            expect(run).toHaveBeenCalledTimes(1);
        }));
});

describeFlow('a client', (play) => {
    it('takes no response that was changed, and pays once for what it asks again', () =>
        play(async (stage) => {
            const { worker } = await serving(stage);
            let spoil = true;
            const line = changed(worker, (message) =>
                message.kind === 'paidResponse' && spoil
                    ? { ...message, sealedOutput: flipped(message.sealedOutput) }
                    : message,
            );
            const channel = await PayingChannel.open(payer(stage), line);
            const salt = Buffer.alloc(32, 5);
            await expect(ask(channel, 0, salt)).rejects.toMatchObject({ name: 'EnvelopeError', code: 'not-authentic' });
            expect(channel.state.receipt.seq).toBe(0n);
            spoil = false;
            const { receipt } = await ask(channel, 0, salt);
            expect([receipt.seq, receipt.amount]).toEqual([1n, COST]);
        }));

    it("keeps nothing that opens a result without the worker's key", () =>
        play(async (stage) => {
            const store = new MemoryJobStore();
            const worker = await stage.hire({ store });
            const order = await stage.post(stage.connect(worker));
            expect(await work(worker)).toEqual(['serve']);
            const right = Buffer.from(await stage.engine.run(order.input));

            const [row] = await store.list(stage.provider.stake);
            const { terms, escrow, recipientKey, opening } = row!;
            const { jobKey, result, sealSalt } = opening!;
            const recipient = await publicKeyNamed(terms.resultRecipientKey, recipientKey);
            const networkId = await stage.market.networkId();
            const binding = jobResult({ networkId, escrow, jobKey, modelRoot: terms.modelRoot });
            const envelope = resultBytes(result);
            const from = headerBytes(Kem.X25519) + 1;
            // Whoever seals zeros from the same seed gets the key stream, and so the result.
            const readWith = async (seed: Uint8Array) => {
                const stream = await seal(Buffer.alloc(right.length), { recipient, binding, seed });
                return Buffer.from(right.map((_, i) => envelope[from + i]! ^ stream[from + i]!));
            };
            const shown = await worker.evidence(jobKey);
            expect('seed' in shown.opening && (await readWith(shown.opening.seed)).equals(right)).toBe(true);
            expect((await readWith(sealSalt)).equals(right)).toBe(false);
        }));

    it('finds a result that is another one than what was sealed to it wrong', () =>
        play(async (stage) => {
            const { client, worker } = stage;
            const line = stage.connect();
            const order = await stage.post(line);
            await work(worker);
            const recipientKey = (await EncryptionKeyPair.create()).stored();
            expect((await client.receive({ ...order, recipientKey }, line)).equalsReferee).toBe(false);
        }));
});

type Asked = Extract<WireMessage, { kind: 'quoteRequest' }>;

function flipped(bytes: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(bytes);
    copy[copy.length - 1]! ^= 1;
    return copy;
}
