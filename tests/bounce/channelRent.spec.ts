import { beginCell, Cell, toNano } from '@ton/core';
import { defaultConfig } from '@ton/sandbox';
import { loadPrices } from '../../wrappers';
import { channelStepValue, closingValue, finalizingChannelValue, redeemingValue } from '../../wrappers/fees';
import { ChannelStage } from '../fixtures/channelStage';
import { Channel, errorCode, PLENTY, YEAR } from '../fixtures/channels';
import { gasFeesOf } from '../fixtures/jobs';
import { PRICE_SETS, PriceSet } from '../helpers/chain';
import { configWith } from '../helpers/prices';
import { expectTrace, received, transactionAt } from '../helpers/traces';

const MOST_64 = (1n << 64n) - 1n;

describe.each(PRICE_SETS)('A channel that years of rent made poor (prices: %s)', (prices) => {
    let stage: ChannelStage;
    let channel: Channel;
    const deposit = 30_000_000n;
    const claimed = 5_000_000n;
    const owed = deposit - claimed;
    /** What rent left of it. */
    let left: bigint;

    beforeAll(async () => {
        stage = await ChannelStage.open({ prices, offer: () => ({ deposit }) });
        channel = stage.channel;
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(claimed)), claimed);
        await stage.strip();
        do {
            stage.chain.pass(YEAR / 4);
            left = await stage.payRent();
        } while (left > (owed * 2n) / 3n);
        expect(left).toBeGreaterThan(owed / 2n);
        // The till has paid rent as well; with this it pays out again.
        await stage.chain.send(channel.stranger, { to: channel.provider.till, value: PLENTY, bounce: false });
        stage.keepAs('open');
    });
    beforeEach(() => stage.enter('open'));

    const redeem = async (amount: bigint) => channel.redeemBody(await channel.voucher(amount));
    const close = async (amount: bigint) => channel.closeBody(await channel.agreement(amount));

    it('Redeem pays what is due whole; what is missing of it the sender brings', async () => {
        const lacking = owed - left;
        const least = redeemingValue(stage.prices) + lacking;
        for (const value of [redeemingValue(stage.prices), least - 1n]) {
            await stage.expectRefused('operator', await redeem(deposit), 'INSUFFICIENT_VALUE', { value });
        }
        await stage.expectRedeemed('operator', await redeem(deposit), owed, { value: least, lacking });
        expect(await stage.chain.balance(channel.address)).toBe(0n);
    });

    it('With more than that the rest is the provider’s, and the channel ends with nothing', async () => {
        const lacking = owed - left;
        await stage.expectRedeemed('stranger', await redeem(MOST_64), owed, { value: toNano(100), lacking });
        await stage.expectRefused('operator', await redeem(MOST_64), 'NOTHING_DUE');
        await stage.expectClosed('stranger', channel.finalizeBody(), 0n, {
            value: finalizingChannelValue(stage.prices),
        });
    });

    it('Redeem of what is still there costs the same as ever, of a nanoTON more that nanoTON more', async () => {
        const least = redeemingValue(stage.prices);
        const more = await redeem(claimed + left + 1n);
        await stage.expectRefused('operator', more, 'INSUFFICIENT_VALUE', { value: least });
        await stage.chain.rewinding(async () => {
            await stage.expectRedeemed('operator', more, left + 1n, { value: least + 1n, lacking: 1n });
        });
        await stage.expectRedeemed('operator', await redeem(claimed + left), left, { value: least });
        expect(await stage.chain.balance(channel.address)).toBe(0n);
        // Nothing is there any more: all that is still due the sender brings.
        const rest = owed - left;
        await stage.expectRefused('operator', await redeem(deposit), 'INSUFFICIENT_VALUE', {
            value: least + rest - 1n,
        });
        await stage.expectRedeemed('operator', await redeem(deposit), rest, { value: least + rest, lacking: rest });
    });

    it('Plain money that cannot bounce makes it good as well', async () => {
        const before = await stage.chain.balance(channel.address);
        const result = await stage.tell('stranger', beginCell().endCell(), { value: PLENTY, bounce: false });
        const kept = PLENTY - gasFeesOf(transactionAt(result, channel.address));
        expect(await stage.chain.balance(channel.address)).toBe(before + kept);
        await stage.expectRedeemed('operator', await redeem(deposit), owed, { value: redeemingValue(stage.prices) });
        expect(await stage.chain.balance(channel.address)).toBe(before + kept - owed);
    });

    describe('and whose rent is in arrears', () => {
        /** nanoTON that the network takes off the next message. */
        let debt: bigint;

        beforeEach(async () => {
            // With nothing left in it.
            await stage.expectRedeemed('operator', await redeem(claimed + left), left);
            stage.chain.pass(YEAR);
            await stage.tell('stranger', beginCell().endCell(), { value: 1n, bounce: false });
            await stage.chain.send(channel.stranger, { to: channel.provider.till, value: PLENTY, bounce: false });
            const { account } = await stage.chain.blockchain.getContract(channel.address);
            debt = account.account!.storageStats.duePayment ?? 0n;
            expect(debt).toBeGreaterThan(1_000_000n);
        });

        it('Redeem costs as ever: a message that can bounce comes before the debt', async () => {
            const due = owed - left;
            const least = redeemingValue(stage.prices) + due;
            const message = await redeem(deposit);
            await stage.expectRefused('operator', message, 'INSUFFICIENT_VALUE', { value: least - 1n });
            await stage.expectRedeemed('operator', message, due, { value: least, lacking: due });
        });

        it('A Redeem that cannot bounce pays the debt as well, to the nanoTON', async () => {
            const due = owed - left;
            const value = redeemingValue(stage.prices) + due + debt;
            const message = await redeem(deposit);
            await stage.chain.rewinding(async () => {
                const result = await stage.tell('operator', message, { value: value - 1n, bounce: false });
                const exitCode = errorCode('INSUFFICIENT_VALUE');
                expectTrace(result, [{ to: channel.address, op: 'Redeem', exitCode, messagesOut: 0 }]);
            });
            const result = await stage.tell('operator', message, { value, bounce: false });
            const spent = gasFeesOf(transactionAt(result, channel.address)) + stage.settleFwd;
            expectTrace(result, [
                { to: channel.address, op: 'Redeem' },
                { to: channel.provider.till, op: 'Settle', value: due + redeemingValue(stage.prices) - spent },
                { to: channel.provider.owner, op: 'Payout' },
            ]);
            expect((await channel.data()).claimed).toBe(deposit);
        });

        it('CloseChannel and FinalizeChannel cost as ever', async () => {
            for (const [message, value] of [
                [await close(claimed + left), closingValue(stage.prices)],
                [channel.finalizeBody(), finalizingChannelValue(stage.prices)],
            ] as const) {
                await stage.expectRefused('stranger', message, 'INSUFFICIENT_VALUE', { value: value - 1n });
                await stage.chain.rewinding(() => stage.expectClosed('stranger', message, 0n, { value }));
            }
        });
    });

    it('CloseChannel pays the agreed sum whole; what is missing of it the sender brings', async () => {
        const least = closingValue(stage.prices) + owed - left;
        await stage.expectRefused('stranger', await close(deposit), 'INSUFFICIENT_VALUE', { value: least - 1n });
        await stage.expectClosed('stranger', await close(deposit), owed, { value: least });
    });

    it('CloseChannel on what is still there costs the same as ever, and the client’s part shrinks', async () => {
        const least = closingValue(stage.prices);
        const final = claimed + left;
        await stage.expectRefused('stranger', await close(final), 'INSUFFICIENT_VALUE', { value: least - 1n });
        const toClient = await stage.expectClosed('stranger', await close(final), left, { value: least });
        expect(toClient).toBeLessThan(least);
    });

    it('CloseChannel on nothing more leaves the client what rent left', async () => {
        const least = closingValue(stage.prices);
        await stage.expectRefused('stranger', await close(claimed), 'INSUFFICIENT_VALUE', { value: least - 1n });
        const toClient = await stage.expectClosed('stranger', await close(claimed), 0n, { value: least });
        expect(toClient).toBeGreaterThanOrEqual(left);
    });

    it('FinalizeChannel leaves the client what rent left', async () => {
        const least = finalizingChannelValue(stage.prices);
        const message = channel.finalizeBody();
        await stage.expectRefused('stranger', message, 'INSUFFICIENT_VALUE', { value: least - 1n });
        const toClient = await stage.expectClosed('stranger', message, 0n, { value: least });
        expect(toClient).toBeGreaterThanOrEqual(left);
    });

    it('RequestClose and its excess work as ever', async () => {
        await stage.expectStep('client', channel.requestCloseBody(), 0n, { value: channelStepValue(stage.prices) });
    });
});

describe('A channel whose network changes its prices', () => {
    it.each([
        ['default', '2026-06'],
        ['2026-06', 'default'],
    ] as [PriceSet, PriceSet][])('opened at %s prices it costs and ends at %s prices', async (before, after) => {
        const stage = await ChannelStage.open({ prices: before });
        const { channel, chain } = stage;
        chain.at(channel.offer.closesAt);
        await stage.strip();
        const agreed = toNano(4);
        const config = configWith(Cell.fromBase64(defaultConfig), { globalId: chain.globalId, prices: after });
        chain.blockchain.setConfig(config);
        const prices = loadPrices(config, chain.now);
        const ways: [string, Cell, bigint, bigint][] = [
            [
                'Redeem',
                channel.redeemBody(await channel.voucher(MOST_64)),
                redeemingValue(prices),
                channel.offer.deposit,
            ],
            ['CloseChannel', channel.closeBody(await channel.agreement(agreed)), closingValue(prices), agreed],
            ['FinalizeChannel', channel.finalizeBody(), finalizingChannelValue(prices), 0n],
        ];
        for (const [op, message, least, due] of ways) {
            expectTrace(await stage.tell('stranger', message, { value: least - 1n }), [
                { to: channel.address, op, exitCode: errorCode('INSUFFICIENT_VALUE'), messagesOut: 1 },
                { to: channel.stranger, op: `bounced ${op}` },
            ]);
            await chain.rewinding(async () => {
                const result = await stage.tell('stranger', message, { value: least });
                expectTrace({ transactions: [transactionAt(result, channel.address)] }, [
                    { op, destroyed: op !== 'Redeem', messagesOut: op === 'CloseChannel' ? 2 : 1 },
                ]);
                expect(received(result, channel.provider.till, 'Settle')).toBeGreaterThanOrEqual(due);
                const refund = op === 'Redeem' ? 0n : channel.offer.deposit - due;
                expect(received(result, channel.client, 'ChannelClosed')).toBeGreaterThanOrEqual(refund);
            });
        }
    });
});
