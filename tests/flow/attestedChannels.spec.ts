/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Builder, toNano } from '@ton/core';
import { AttestationTrust, OpenOptions, PayingChannel } from '../../client';
import { EncryptionKeyPair, Kem } from '../../protocol/envelope';
import { WIRE_LIMITS } from '../../protocol/wireLimits';
import { MemoryChannelStore } from '../../store';
import { OWN_TIER_SECONDS } from '../../worker/node';
import { Tier } from '../../wrappers';
import { changeProfile, FLOOR } from '../fixtures/attestation/stage';
import { networkParamsCell } from '../helpers/cells';
import { body } from '../helpers/network';
import {
    attested,
    attestedPayer,
    clientOf,
    describeAttestedFlow,
    failing,
    orderOf,
    TRUST,
    watched,
    workerOf,
} from './attestedStage';
import { ask, COST, payer } from './channelStage';

// What becomes of a channel's tier over restarts and lapses, and what the client's check asks for besides the quote.

describeAttestedFlow('a client of the tier Attested', (play) => {
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

    it('has to say the tier again of a channel that it has no book of yet', () =>
        play(async (stage) => {
            const store = new MemoryChannelStore();
            const { line } = watched(await workerOf(stage, await attested(stage)));
            const { name } = await PayingChannel.open(attestedPayer(stage), line);
            const missing = { code: 'not-found', field: 'tier' };
            await expect(PayingChannel.attach(name, payer(stage, store), line)).rejects.toMatchObject(missing);
            expect(await store.list('client')).toEqual([]);
            const attached = await PayingChannel.attach(name, attestedPayer(stage, store), line);
            expect(attached.state.tier).toBe(Tier.Attested);
        }));

    it('adds no deposit for a provider that is attested no longer', () =>
        play(async (stage) => {
            const { line } = watched(await workerOf(stage, await attested(stage)));
            const channel = await PayingChannel.open(attestedPayer(stage), line);
            const { totalDeposited } = channel.state.terms;
            await channel.topUp(toNano(1));
            expect(channel.state.terms.totalDeposited).toBe(totalDeposited + toNano(1));
            stage.chain.at(FLOOR.validUntil);
            stage.take();
            expect(await failing(channel.topUp(toNano(1)))).toEqual(['tier', 'platform']);
            expect(stage.take().transactions).toHaveLength(0);
        }));

    it('is told so by a worker whose quote is too long to be shown', () =>
        play(async (stage) => {
            const quote = await attested(stage);
            const errors: Error[] = [];
            const worker = await stage.hire({
                policy: { ...stage.policy, tier: Tier.Attested },
                attestation: () => Buffer.concat([quote, Buffer.alloc(WIRE_LIMITS.ATTESTATION_BYTES)]),
                onError: (error) => void errors.push(error),
            });
            const client = clientOf(stage, TRUST);
            const asked = client.requestQuote(await orderOf(stage, client), stage.connect(worker));
            await expect(asked).rejects.toMatchObject({ reasons: [{ code: 'internal' }] });
            expect(errors).toHaveLength(1);
        }));

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
});

describeAttestedFlow('a worker of the tier Attested', (play) => {
    it('asks the chain for its own tier once a minute, and at once where it would refuse', () =>
        play(async (stage) => {
            const quote = await attested(stage, false);
            const worker = await workerOf(stage, quote);
            const line = stage.connect(worker);
            const channel = await PayingChannel.open(payer(stage), line);
            let requestId = 0n;
            const offered = async () => {
                requestId += 1n;
                const offer = { kind: 'channelOffer', requestId, ...channel.name, tier: Tier.Attested } as const;
                return (await line.ask(offer, [`channelAccepted:${requestId}`, `refusal:${requestId}`])).kind;
            };
            expect(await offered()).toBe('refusal');
            await attested(stage);
            expect(await offered()).toBe('channelAccepted');

            await changeProfile(stage, stage.provider, { signingKey: stage.provider.profile.signingKey ^ 1n });
            stage.chain.pass(OWN_TIER_SECONDS - 1);
            expect(await offered()).toBe('channelAccepted');
            stage.chain.pass(1);
            expect(await offered()).toBe('refusal');
        }));
});
