/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { PayingChannel } from '../../client';
import { decodeClientState, saltedPayload, signVoucher, termsOf } from '../../protocol';
import { EncryptionKeyPair, jobInput, seal } from '../../protocol/envelope';
import { MemoryChannelStore } from '../../store';
import { createJobTermsCell, jobKey, Tier } from '../../wrappers';
import { FLOOR } from '../fixtures/attestation/stage';
import { expectTrace } from '../helpers/traces';
import {
    attested,
    attestedPayer,
    clientOf,
    describeAttestedFlow,
    expectRefused,
    orderOf,
    TRUST,
    watched,
    workerOf,
} from './attestedStage';
import { ask, COST, digit, payer } from './channelStage';
import { root, work } from './stage';

// Client, worker and contracts together, in a network whose verifier pins the test authority: what asks for the tier Attested reaches
// nobody who is not.

describeAttestedFlow('an attested provider', (play) => {
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

describeAttestedFlow('an Open provider', (play) => {
    it('is refused by the wrappers: no channel is opened, and the deposit stays', () =>
        play(async (stage) => {
            const { market, wallet, keys, provider, chain } = stage;
            const { deposit, tier } = attestedPayer(stage);
            const clientKey = keys.clientSecret.subarray(32);
            const opening = { provider: provider.owner.address, deposit, tier, clientKey, nonce: 99n };
            const held = await chain.balance(wallet);
            const opened = market.channels.open(wallet.getSender(), opening);
            await expect(opened).rejects.toMatchObject({ code: 'wrong-state' });
            expect(await chain.balance(wallet)).toBe(held);
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
