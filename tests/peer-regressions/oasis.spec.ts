import { toNano } from '@ton/core';
import { ChannelStage } from '../fixtures/channelStage';
import { Market, OUTCOME, PLENTY } from '../fixtures/jobs';
import { body } from '../helpers/network';
import { FAILURES } from './failures';
import { feesDueOf, recordOf } from './support';

const cancel = body('CancelJob').endCell();

// There accepting is enough to be paid in full, if only somebody cancels. Here nothing is cancelled after the acceptance: the
// provider gets what he delivered, what was approved or what was vouched for, and the client all else: guarantee 5.
describe(FAILURES.oasis.cancelPaysAll, () => {
    it('is refused to everybody after the acceptance; without a result the client gets all of it back', async () => {
        const market = await Market.open();
        const { provider, chain, job, stranger } = market;
        await market.enter('accepted');
        const { acceptBy, price, requiredCollateral, lateSlashBps } = job.terms;
        const { deadline } = await job.data();
        for (const at of [chain.now, acceptBy, deadline]) {
            chain.at(at);
            for (const from of ['client', 'operator', 'owner', 'stranger'] as const) {
                await market.expectRefused(from, cancel, 'WRONG_STATE');
            }
        }
        const { toClient } = await market.expectSlashed(() => market.tell('stranger', body('ExpireJob').endCell()), {
            from: stranger,
            op: 'ExpireJob',
            slash: (requiredCollateral * BigInt(lateSlashBps)) / 10_000n,
            outcome: OUTCOME.late,
        });
        expect(toClient).toBeGreaterThan(price);
        expect(await feesDueOf(chain, provider.till)).toBe(0n);
        expect(await recordOf(chain, provider.stake)).toMatchObject({ late: 1, settled: 0 });
    });

    it('refunds the client before the acceptance, and the provider cannot do it for him', async () => {
        const market = await Market.open();
        await market.enter('open');
        for (const from of ['operator', 'owner', 'stranger'] as const) {
            await market.expectRefused(from, cancel, 'WRONG_SENDER');
        }
        const { client } = market.job;
        const { toClient } = await market.expectRefunded(() => market.tell('client', cancel), {
            from: client,
            op: 'CancelJob',
            outcome: OUTCOME.cancelled,
        });
        expect(toClient).toBeGreaterThan(market.job.terms.price);
    });

    it('pays of a channel that the client closes only what he vouched for', async () => {
        const stage = await ChannelStage.open();
        const { channel, chain } = stage;
        const { deposit, closeDelay } = channel.offer;
        const vouched = toNano(3);
        await stage.expectStep('client', channel.requestCloseBody(), 0n);
        const whole = await channel.agreement(deposit);
        const alone = channel.sign(whole, channel.provider.signing);
        const grab = channel.closeBody(whole, { client: alone, provider: alone });
        await stage.expectRefused('operator', grab, 'BAD_CLIENT_SIGNATURE');
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(vouched)), vouched);
        chain.pass(closeDelay);
        const toClient = await stage.expectClosed('stranger', channel.finalizeBody(), 0n, { value: PLENTY });
        expect(toClient).toBeGreaterThan(deposit - vouched);
        expect(await feesDueOf(chain, channel.provider.till)).toBe(vouched / 50n);
    });
});
