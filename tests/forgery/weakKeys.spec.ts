import { Address, beginCell, toNano } from '@ton/core';
import { acceptChannel, ChannelOffer, ChannelPolicy } from '../../protocol';
import {
    createJobTermsCell,
    createProfileCell,
    InputError,
    PaymentChannel,
    requireSigningKey,
    verifyHash,
} from '../../wrappers';
import { Channel } from '../fixtures/channels';
import { errorCode, PLENTY, toStake } from '../fixtures/stakes';
import { approveFullBody } from '../fixtures/jobs';
import { keyPairOf, packedHash, quoteCell, uint256Of } from '../helpers/cells';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED, parseEscrowData } from '../helpers/layout';
import { expectTrace, received } from '../helpers/traces';
import { useScene } from './scene';
import { forgeUnder, WeakKey, weakKeys } from './weakKeys';

// Keys for which a signature needs no secret. The chain takes them, so wrappers and workers must not; and whoever
// writes one into a contract all the same can lose by it only what that key is his to lose.

const KEYS = weakKeys().map((weak) => [weak.key.toString('hex'), weak] as const);
const numberOf = ({ key }: WeakKey) => uint256Of(key);

it('There are eight of them, written in fourteen ways', () => {
    const orders = KEYS.filter(([, { canonical }]) => canonical).map(([, { order }]) => order);
    expect(orders.sort()).toEqual([1, 2, 4, 4, 8, 8, 8, 8]);
    expect(new Set(KEYS.map(([hex]) => hex)).size).toBe(14);
});

const codeOf = (act: () => unknown): unknown => {
    try {
        act();
    } catch (error) {
        return error instanceof InputError ? error.code : error;
    }
    return 'taken';
};

describe('Off chain nobody takes', () => {
    const somewhere = new Address(0, Buffer.alloc(32, 5));
    const sound = uint256Of(keyPairOf('a key').publicKey);
    const worker = uint256Of(keyPairOf('a worker').publicKey);
    const opening = { deposit: 1n, closesAt: 2_000_000_000, closeDelay: 3600, clientKey: sound, providerKey: worker };
    const terms = {
        price: 1n,
        requiredCollateral: 0n,
        tier: 0,
        acceptBy: 2_000_000_000,
        deliverWithin: 3600,
        challengeWindow: 3600,
        responseWindow: 3600,
        arbitrationWindow: 86400,
        challengeBond: 0n,
        lateSlashBps: 0,
        toClientBps: 0,
        clientKey: sound,
        arbiter: somewhere,
        modelRoot: 1n,
        inputCommitment: 1n,
        encryptionKey: 9n,
        resultRecipientKey: 9n,
    };
    const profile = {
        operator: somewhere,
        allowanceCap: 1n,
        signingKey: sound,
        encryptionKey: 9n,
        endpoint: '',
        offers: [],
    };
    const channelTerms = { totalDeposited: 10n, claimed: 0n, openedLt: 1n, ...opening };
    const offer: ChannelOffer = {
        ...channelTerms,
        channel: somewhere,
        derived: somewhere,
        codeHash: 1n,
        expectedCodeHash: 1n,
        form: 'full',
        client: somewhere,
        settlement: somewhere,
        clientChannels: 0,
        now: 1_900_000_000,
    };
    const policy: ChannelPolicy = {
        settlement: somewhere,
        signingKey: worker,
        minDeposit: 1n,
        minRemaining: 3600,
        minCloseDelay: 3600,
        redeemMargin: 1800,
        maxChannelsPerClient: 1,
        codeLibraryPaidUntil: 0,
    };
    const reasonsOf = (change: Partial<ChannelOffer>) => {
        const decision = acceptChannel({ ...offer, ...change }, policy);
        return decision.ok ? [] : decision.reasons.map(({ code }) => code);
    };

    it('a sound key is taken everywhere', () => {
        expect(codeOf(() => requireSigningKey('key', sound))).toBe('taken');
        expect(codeOf(() => PaymentChannel.createOpenChannelBody(opening))).toBe('taken');
        expect(codeOf(() => createJobTermsCell(terms))).toBe('taken');
        expect(codeOf(() => createProfileCell(profile))).toBe('taken');
        expect(codeOf(() => verifyHash(Buffer.alloc(32), Buffer.alloc(64), sound))).toBe('taken');
        expect(reasonsOf({})).toEqual([]);
    });

    it.each(KEYS)('%s', (_, weak) => {
        const key = numberOf(weak);
        expect(codeOf(() => requireSigningKey('key', weak.key))).toBe('weak-key');
        expect(codeOf(() => PaymentChannel.createOpenChannelBody({ ...opening, clientKey: key }))).toBe('weak-key');
        expect(codeOf(() => PaymentChannel.createOpenChannelBody({ ...opening, providerKey: key }))).toBe('weak-key');
        expect(codeOf(() => createJobTermsCell({ ...terms, clientKey: key }))).toBe('weak-key');
        expect(codeOf(() => createProfileCell({ ...profile, signingKey: key }))).toBe('weak-key');
        expect(codeOf(() => verifyHash(Buffer.alloc(32), Buffer.alloc(64), key))).toBe('weak-key');
        expect(reasonsOf({ clientKey: key })).toEqual(['weak-client-key']);
        expect(reasonsOf({ providerKey: key })).toEqual(['foreign-provider-key']);
        expect(codeOf(() => acceptChannel(offer, { ...policy, signingKey: key }))).toBe('weak-key');
    });
});

describe('On chain', () => {
    const held = useScene();

    describe('whose clientKey of a channel is weak pays the provider, out of his own deposit', () => {
        it.each(KEYS)('%s', async (_, weak) => {
            const { scene } = held;
            const { market, till } = scene;
            await scene.enter('registered');
            const channel = await Channel.prepare(market.provider, { offer: { clientKey: numberOf(weak) } });
            await channel.open();
            const stranger = market.stranger.address;
            const tell = (body: Parameters<typeof channel.tell>[1]) =>
                market.send(stranger, { to: channel.address, value: PLENTY, body });

            const voucher = await channel.voucher(toNano(4));
            const trace = await tell(channel.redeemBody(voucher, forgeUnder(weak, voucher.hash())));
            expectTrace(trace, [
                { to: channel.address, op: 'Redeem' },
                { from: channel.address, to: till, op: 'Settle' },
                { from: till, to: market.owner, op: 'Payout' },
            ]);
            expect(received(trace, till)).toBeGreaterThan(toNano(4));
            // The provider's signature is none of it: nobody closes without that.
            const agreement = await channel.agreement(toNano(4));
            const client = forgeUnder(weak, agreement.hash());
            const provider = forgeUnder(weak, agreement.hash());
            const close = channel.closeBody(agreement, { client, provider });
            await market.refused(
                stranger,
                { to: channel.address, value: PLENTY, body: close },
                'BAD_PROVIDER_SIGNATURE',
            );
        });
    });

    // Of order 2 and 8, and one that RFC 8032 would not even read.
    const FEW = KEYS.filter(([hex]) => /^ec.*7f$|^c7.*fa$|^ee.*ff$/.test(hex));

    // A client writes the providerKey, so workers serve no channel with another than their own.
    it.each(FEW)('whose providerKey is weak is at the mercy of his client alone: %s', async (_, weak) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('registered');
        const channel = await Channel.prepare(market.provider, { offer: { providerKey: numberOf(weak) } });
        await channel.open();
        const agreement = await channel.agreement(0n);
        const provider = forgeUnder(weak, agreement.hash());
        const byStranger = channel.closeBody(agreement, { client: provider, provider });
        const message = { to: channel.address, value: PLENTY };
        await market.refused(market.stranger.address, { ...message, body: byStranger }, 'BAD_CLIENT_SIGNATURE');
        expectTrace(
            await market.send(market.client.address, { ...message, body: channel.closeBody(agreement, { provider }) }),
            [
                { to: channel.address, op: 'CloseChannel', destroyed: true },
                { to: market.client, op: 'ChannelClosed' },
            ],
        );
    });

    it.each(FEW)('whose clientKey of a job is weak pays his own price: %s', async (_, weak) => {
        const { scene } = held;
        const { market, till } = scene;
        await scene.enter('registered');
        const job = await Job.prepare(market.provider, { terms: { clientKey: numberOf(weak) } });
        await job.postQuoted();
        const hash = packedHash('approveFull', [await job.jobKey(), 256]);
        const body = approveFullBody(forgeUnder(weak, hash));
        expectTrace(await market.send(market.stranger.address, { to: job.escrow, value: PLENTY, body }), [
            { to: job.escrow, op: 'ApproveFull', destroyed: true },
            { from: job.escrow, to: till, op: 'Settle' },
            { from: job.escrow, to: market.stake, op: 'ReleaseCollateral' },
            { from: job.escrow, to: market.client, op: 'JobClosed' },
            { from: till, to: market.owner, op: 'Payout' },
        ]);
    });

    it.each(FEW)('whose signingKey is weak is bound by anybody’s quotes, up to his allowance: %s', async (_, weak) => {
        const { scene } = held;
        const { market } = scene;
        await scene.enter('registered');
        const profile = market.profile({ signingKey: numberOf(weak), allowanceCap: toNano(30) });
        await market.send(market.owner, { to: market.stake, value: PLENTY, body: toStake.updateProfile(profile) });
        const post = async (nonce: bigint) => {
            const job = await Job.prepare(market.provider, { nonce });
            const fields = {
                escrow: job.escrow,
                terms: job.termsCell,
                collateral: job.terms.requiredCollateral,
                validUntil: market.now + 60,
            };
            const hash = packedHash(
                'quote',
                [uint256Of(fields.escrow.hash), 256],
                [uint256Of(fields.terms.hash()), 256],
                [fields.collateral, 64],
                [BigInt(fields.validUntil), 32],
            );
            const genuine = quoteCell(fields, market.provider.signing).beginParse();
            const quote = beginCell().storeBits(genuine.loadBits(288)).storeBuffer(forgeUnder(weak, hash)).endCell();
            const value = job.terms.price + PLENTY;
            const body = job.postBody(quote);
            return { job, trace: await market.send(market.client, { to: job.escrow, value, init: job.init, body }) };
        };
        const { job } = await post(1n);
        expect(parseEscrowData((await market.chain.data(job.escrow))!).state).toBe(JOB_ACCEPTED);
        const { job: second, trace } = await post(2n);
        expectTrace(trace, [
            { to: second.escrow, op: 'PostJob' },
            { to: market.stake, op: 'AcceptQuote', exitCode: errorCode('ALLOWANCE_EXCEEDED') },
            { to: second.escrow, op: 'bounced AcceptQuote', destroyed: true },
            { to: market.client, op: 'JobClosed' },
        ]);
    });
});
