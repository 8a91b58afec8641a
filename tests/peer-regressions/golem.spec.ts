/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Address, toNano } from '@ton/core';
import { sign } from '@ton/crypto';
import { PayingChannel } from '../../client';
import { signCloseAgreement, termsOf } from '../../protocol';
import { computeFee, forwardFee, redeemingValue, settleValue } from '../../wrappers/fees';
import { ChannelStage } from '../fixtures/channelStage';
import { Channel, errorCode, PLENTY } from '../fixtures/channels';
import { approveFullBody } from '../fixtures/jobs';
import { toRegistry } from '../fixtures/stakes';
import { ask, COST, payer, serving } from '../flow/channelStage';
import { describeFlow, work } from '../flow/stage';
import { jobKeyOf, networkParamsCell, packedHash, registryInit } from '../helpers/cells';
import { Chain, GLOBAL_ID, PRICE_SETS } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { body, deployNetwork, openNetwork } from '../helpers/network';
import { tactConstant } from '../helpers/sources';
import { expectTrace, received, transactionAt } from '../helpers/traces';
import { FAILURES } from './failures';
import { feesDueOf } from './support';

// There the requestor accepts notes on the way and has to accept an invoice at the end, which many never do. Here the last voucher
// is the settlement, and the worker needs nobody for it: guarantee 6.
describeFlow(FAILURES.golem.unsettledNotes, (play) => {
    it('pays by the last voucher alone when the client is gone', () =>
        play(async (stage) => {
            const { provider, chain, prices, market } = stage;
            const { worker } = await serving(stage);
            const channel = await PayingChannel.open(payer(stage), stage.connect(worker));
            for (const index of [0, 1, 2]) {
                await ask(channel, index);
            }
            chain.at((await channel.refresh()).closesAt - 7_201);
            expect(await work(worker)).toEqual([]);
            chain.pass(1);
            stage.take();
            expect(await work(worker)).toEqual(['redeem']);
            expectTrace(stage.take(), [
                { from: provider.operator, to: channel.address, op: 'Redeem', value: redeemingValue(prices) },
                { from: channel.address, to: provider.till, op: 'Settle' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
            expect((await channel.refresh()).claimed).toBe(3n * COST);
            expect((await market.provider(provider.owner.address)).till!.feesDue).toBe((3n * COST) / 50n);
        }));

    it('ends by agreement with no less than the last voucher', () =>
        play(async (stage) => {
            const { provider, wallet, chain, keys, prices } = stage;
            const { worker } = await serving(stage);
            const line = stage.connect(worker);
            const channel = await PayingChannel.open(payer(stage), line);
            for (const index of [0, 1, 2]) {
                await ask(channel, index);
            }
            /** What the worker says to the client's last word. */
            const invoiced = async (finalAmount: bigint) => {
                const terms = { ...termsOf(channel.state), finalAmount, validUntil: chain.now + 300 };
                const agreement = signCloseAgreement(terms, keys.clientSecret);
                const message = {
                    kind: 'closeProposal',
                    requestId: finalAmount,
                    channel: channel.address,
                    agreement,
                } as const;
                return await line.ask(message, [`closeConsent:${finalAmount}`, `refusal:${finalAmount}`]);
            };
            for (const less of [0n, 2n * COST, 3n * COST - 1n]) {
                expect(await invoiced(less)).toMatchObject({ kind: 'refusal', reasons: [{ code: 'final-amount' }] });
            }
            expect(await invoiced(3n * COST)).toMatchObject({ kind: 'closeConsent' });
            stage.take();
            await channel.close();
            expectTrace(stage.take(), [
                { from: wallet, to: channel.address, op: 'CloseChannel', destroyed: true },
                { from: channel.address, to: provider.till, op: 'Settle', value: 3n * COST + settleValue(prices) },
                { from: channel.address, to: wallet, op: 'ChannelClosed' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
        }));
});

// There an allocation does not say of which network it is. Here the global id is in the Registry's address, so in every address and
// in everything signed, and a Registry opens on its own network only: guarantee 7.
describe(FAILURES.golem.foreignNetwork, () => {
    const MAINNET = -239;

    it('opens no Registry of another network', async () => {
        const chain = await Chain.create({ globalId: MAINNET });
        const { registry, governor, params } = await openNetwork(chain);
        const { address: to, init } = registryInit({ networkId: GLOBAL_ID, governor: governor.address, salt: 0n });
        expect(to.equals(registry)).toBe(false);
        const message = { to, value: toNano(5), init, body: toRegistry.open(networkParamsCell(params)) };
        expectTrace(await chain.send(governor, message), [
            { from: governor, to, op: 'OpenNetwork', exitCode: errorCode('WRONG_NETWORK') },
            { from: to, to: governor, op: 'bounced OpenNetwork' },
        ]);
    });

    /** The same wallets, keys, numbers and times on both networks. */
    async function twins() {
        const [testnet, mainnet] = await Promise.all(
            [GLOBAL_ID, MAINNET].map(async (globalId) => {
                const { chain, provider } = await deployNetwork({ globalId });
                return { chain, provider, channel: await Channel.prepare(provider), job: await Job.prepare(provider) };
            }),
        );
        return { testnet: testnet!, mainnet: mainnet! };
    }

    it('redeems no voucher of the twin of a channel', async () => {
        const { testnet, mainnet } = await twins();
        await testnet.channel.open();
        await mainnet.channel.open();
        const { openedLt } = await mainnet.channel.terms();
        const foreign = await testnet.channel.voucher(toNano(4), { openedLt });
        const own = await mainnet.channel.voucher(toNano(4), { openedLt });
        const { channel, provider } = mainnet;
        const redeem = (voucher: typeof own) => channel.tell(provider.operator, channel.redeemBody(voucher));
        expectTrace(await redeem(foreign), [
            { to: channel.address, op: 'Redeem', exitCode: errorCode('BAD_VOUCHER_SIGNATURE') },
            { from: channel.address, op: 'bounced Redeem' },
        ]);
        expect((await channel.data()).claimed).toBe(0n);
        await redeem(own);
        expect((await channel.data()).claimed).toBe(toNano(4));
    });

    it('accepts no quote and no approval of the twin of a job', async () => {
        const { testnet, mainnet } = await twins();
        const { job, provider, chain } = mainnet;
        expect(job.termsCell).toEqualCell(testnet.job.termsCell);
        const value = job.terms.price + PLENTY;
        const post = { to: job.escrow, value, init: job.init, body: job.postBody(testnet.job.quote()) };
        expectTrace(await chain.send(job.client, post), [
            { to: job.escrow, op: 'PostJob' },
            { to: provider.stake, op: 'AcceptQuote', exitCode: errorCode('BAD_QUOTE_SIGNATURE') },
            { to: job.escrow, op: 'bounced AcceptQuote', destroyed: true },
            { to: job.client, op: 'JobClosed' },
        ]);
        await job.postQuoted();

        const { openedLt } = await job.data();
        const approval = (escrow: Address) => {
            const hash = packedHash('approveFull', [jobKeyOf(escrow, job.termsCell, openedLt), 256]);
            const signature = sign(hash, job.clientKey.secretKey);
            return chain.send(provider.operator, { to: job.escrow, value: PLENTY, body: approveFullBody(signature) });
        };
        expectTrace(await approval(testnet.job.escrow), [
            { to: job.escrow, op: 'ApproveFull', exitCode: errorCode('BAD_APPROVAL_SIGNATURE') },
            { from: job.escrow, op: 'bounced ApproveFull' },
        ]);
        const settled = transactionAt(await approval(job.escrow), provider.till, 'Settle');
        expect(settled.description).toMatchObject({ aborted: false });
        expect(await chain.isGone(job.escrow)).toBe(true);
    });
});

// There the deposit and its payments are charged both. Here the till alone takes a fee, on what reaches it and when it does, and
// hands it on once: guarantees 1 and 7.
describe.each(PRICE_SETS)(`${FAILURES.golem.doubleFee} (prices: %s)`, (prices) => {
    let stage: ChannelStage;
    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
    });
    beforeEach(() => stage.enter('open'));

    const due = () => feesDueOf(stage.chain, stage.channel.provider.till);
    const flush = () => {
        const { stranger: from, provider } = stage.channel;
        return stage.chain.send(from, { to: provider.till, value: PLENTY, body: body('FlushFees').endCell() });
    };

    it('takes it once of a deposit that is paid in parts, with repetitions, and hands it on once', async () => {
        const { channel } = stage;
        const { till } = channel.provider;
        const { treasury } = channel.network;
        expect(await due()).toBe(0n);
        for (const amount of [2n, 5n]) {
            const redeem = channel.redeemBody(await channel.voucher(toNano(amount)));
            await stage.expectRedeemed('operator', redeem, toNano(amount) - (await channel.data()).claimed);
            await stage.expectRefused('operator', redeem, 'NOTHING_DUE');
        }
        expect(await due()).toBe(toNano(5) / 50n);
        await stage.expectClosed('client', channel.closeBody(await channel.agreement(toNano(7))), toNano(2));
        const fee = toNano(7) / 50n;
        expect(await due()).toBe(fee);

        const before = await stage.chain.balance(treasury);
        const flushed = await flush();
        expect(received(flushed, treasury, 'Payout')).toBe(fee - forwardFee(stage.prices));
        expect(await due()).toBe(0n);
        const after = await stage.chain.balance(treasury);
        expect(after).toBeGreaterThan(before);
        expectTrace(await flush(), [
            { to: till, op: 'FlushFees', exitCode: errorCode('NOTHING_TO_PAY') },
            { from: till, op: 'bounced FlushFees' },
        ]);
        expect(await stage.chain.balance(treasury)).toBe(after);
    });

    it('takes it of what a payment brings, not of what it says', async () => {
        const { stranger, provider } = stage.channel;
        const gas = computeFee(stage.prices, tactConstant('GAS_TILL_SETTLE'));
        const settling = (amount: bigint, value: bigint) => {
            const message = body('Settle').storeUint(amount, 64).storeAddress(stranger.address).endCell();
            return stage.chain.send(stranger, { to: provider.till, value, body: message });
        };
        await settling((1n << 64n) - 1n, gas);
        expect(await due()).toBe(0n);
        await settling((1n << 64n) - 1n, toNano(3));
        expect(await due()).toBe((toNano(3) - gas) / 50n);
        await settling(toNano(2), toNano(3));
        expect(await due()).toBe((toNano(3) - gas) / 50n + toNano(2) / 50n);
    });
});
