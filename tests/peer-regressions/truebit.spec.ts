import { toNano } from '@ton/core';
import { priceOf, signVoucher } from '../../protocol';
import { ChannelStage } from '../fixtures/channelStage';
import { PLENTY, toStake, useMarket } from '../fixtures/stakes';
import { Job } from '../helpers/jobs';
import { expectTrace } from '../helpers/traces';
import { codeOf, openProvider, providerRefusal, take, terms, voucherWith } from '../unit/protocol/channelsSupport';
import { FAILURES } from './failures';

const MOST = (1n << 64n) - 1n;
const COLLATERAL = toNano(20);

// There a price wraps round, so the largest order is free. Here prices are exact, every amount has bounds that it cannot wrap out
// of, and on chain an amount counts only as far as it was brought or locked: guarantees 1, 2 and 9.
describe(FAILURES.truebit.pricingOverflow, () => {
    it('prices an order exactly where 64 bits would wrap to nothing', () => {
        // 2^40 nanoTON a token.
        const rates = { prompt: 0n, cached: 0n, completion: 1_000_000n << 40n, reasoning: 0n };
        expect(priceOf(rates, { prompt: 0, completion: 2 ** 24 - 1 })).toBe(MOST + 1n - (1n << 40n));
        expect(priceOf(rates, { prompt: 0, completion: 2 ** 24 })).toBe(1n << 64n);
        const dearest = { prompt: MOST, cached: MOST, completion: MOST, reasoning: MOST };
        const count = Number.MAX_SAFE_INTEGER;
        const largest = { prompt: count, cached: count, completion: count, reasoning: count };
        expect(priceOf(dearest, largest)).toBe(664_613_997_892_457_862_628_898_438_284n);
        expect(priceOf(dearest, [largest, largest])).toBe(1_329_227_995_784_915_725_257_796_876_567n);
    });

    it('serves for no voucher that covers an order only modulo 2^64', () => {
        const book = openProvider();
        const voucher = voucherWith({ amount: 80n });
        const asking = (cost: bigint) => () => take(book, voucher, 'a', { cost });
        expect(providerRefusal(book, asking(81n))).toBe('not-covering');
        for (const cost of [1n << 64n, (1n << 64n) + 80n, 1n << 128n]) {
            expect(providerRefusal(book, asking(cost))).toBe('out-of-range');
        }
        expect(codeOf(asking(80n))).toBeNull();
        const signing = (amount: bigint) => () =>
            signVoucher({ ...terms, amount, receiptHead: 0n }, Buffer.alloc(64, 1));
        expect(codeOf(signing(MOST + 1n))).toBe('out-of-range');
        expect(codeOf(signing(MOST))).toBeNull();
    });

    describe('on chain', () => {
        const m = useMarket();

        it('nothing opens or grows by an amount that nobody brought', async () => {
            const priceless = await Job.prepare(m.provider, { nonce: 2n, terms: { price: MOST, challengeBond: MOST } });
            const post = { to: priceless.escrow, value: PLENTY, init: priceless.init, body: priceless.postBody() };
            await m.refused(m.client, post, 'INSUFFICIENT_VALUE');
            await m.refused(
                m.stranger,
                { to: m.stake, value: PLENTY, body: toStake.topUp(MOST) },
                'INSUFFICIENT_VALUE',
            );
            await m.refused(
                m.owner,
                { to: m.stake, value: PLENTY, body: toStake.requestUnbond(MOST) },
                'UNBOND_EXCEEDS_STAKE',
            );

            const job = await Job.prepare(m.provider);
            await job.post();
            const { client, nonce, lockUntil } = job;
            const jobKey = await job.jobKey();
            const accept = toStake.acceptJob({ collateral: MOST, client: client.address, nonce, jobKey, lockUntil });
            await m.refused(m.owner, { to: m.stake, value: PLENTY, body: accept }, 'INSUFFICIENT_STAKE');
            await job.accept('owner');
            await m.stepped(m.stranger, { to: m.stake, value: PLENTY, body: toStake.topUp(1n) });
            await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(1n) });
            expect(await m.data()).toMatchObject({ stake: m.provider.amount, unbonding: 1n, locked: COLLATERAL });
        });

        it('a slash takes the collateral, however much it says', async () => {
            const job = await Job.prepare(m.provider);
            await job.postQuoted();
            const { lockId, slot } = await job.data();
            const slash = { amount: MOST, client: job.client.address, toClientBps: 0xffff };
            expectTrace(
                await m.send(job.escrow, { to: m.stake, value: PLENTY, body: toStake.slash(lockId, slot, slash) }),
                [
                    { from: job.escrow, to: m.stake, op: 'SlashCollateral' },
                    { from: m.stake, to: job.client, op: 'SlashShare' },
                    { from: m.stake, to: m.network.treasury, op: 'SlashShare' },
                ],
            );
            expect(await m.data()).toMatchObject({ stake: m.provider.amount - COLLATERAL, locked: 0n });
        });

        it('a channel opens, grows and pays by what is in it', async () => {
            const stage = await ChannelStage.open();
            const { channel } = stage;
            await stage.expectRefused('stranger', channel.topUpBody(MOST), 'INSUFFICIENT_VALUE');
            await stage.expectRefused('client', channel.closeBody(await channel.agreement(MOST)), 'FINAL_AMOUNT');
            const { deposit } = channel.offer;
            await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(MOST)), deposit);
            await stage.enter('uninit');
            await stage.expectRefused('client', channel.openBody({ deposit: MOST }), 'INSUFFICIENT_VALUE');
            await stage.expectOpened();
        });
    });
});
