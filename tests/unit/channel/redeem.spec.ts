import { beginCell, toNano } from '@ton/core';
import { computeFee, redeemingValue, settleValue } from '../../../wrappers/fees';
import { ChannelStage, ROLES, WALLETS } from '../../fixtures/channelStage';
import { Channel, DAY, PLENTY, YEAR } from '../../fixtures/channels';
import { hashNamed, keyPairOf } from '../../helpers/cells';
import { PRICE_SETS } from '../../helpers/chain';
import { parseTillData } from '../../helpers/layout';
import { tactConstant } from '../../helpers/sources';
import { received } from '../../helpers/traces';

const MOST_64 = (1n << 64n) - 1n;

describe.each(PRICE_SETS)('Redeem (prices: %s)', (prices) => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    const redeem = async (amount: bigint, due: bigint, options: { value?: bigint; payout?: boolean } = {}) =>
        stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(amount)), due, options);
    const refused = async (amount: bigint, error: string, value?: bigint) =>
        stage.expectRefused('operator', channel.redeemBody(await channel.voucher(amount)), error, { value });
    const deposit = () => channel.offer.deposit;

    describe('What is due', () => {
        it('A voucher pays what it is worth beyond what was paid before', async () => {
            await redeem(toNano(1), toNano(1));
            await redeem(toNano(1) + 1n, 1n);
            await redeem(toNano(7), toNano(6) - 1n);
            expect((await channel.data()).claimed).toBe(toNano(7));
        });

        it('The same voucher again, a lower one, and one of nothing pay nothing', async () => {
            await refused(0n, 'NOTHING_DUE');
            await redeem(toNano(2), toNano(2));
            for (const amount of [toNano(2), toNano(2) - 1n, 1n, 0n]) {
                await refused(amount, 'NOTHING_DUE');
            }
        });

        it('A voucher over the whole deposit pays all of it', async () => {
            await redeem(deposit(), deposit());
            await refused(deposit(), 'NOTHING_DUE');
        });

        it.each([1n, MOST_64])(
            'A voucher of %i nanoTON above the deposit pays the deposit, and a top-up then',
            async (above) => {
                const amount = above === MOST_64 ? MOST_64 : deposit() + above;
                await redeem(amount, deposit());
                await refused(amount, 'NOTHING_DUE');
                await stage.expectStep('stranger', channel.topUpBody(toNano(3)), toNano(3), { value: toNano(4) });
                const more = above === MOST_64 ? toNano(3) : above;
                await redeem(amount, more);
                await refused(amount, 'NOTHING_DUE');
            },
        );

        it('What the receipts say does not matter, and many vouchers of one amount pay once', async () => {
            for (const [index, due] of [toNano(1), 0n, 0n].entries()) {
                const voucher = await channel.voucher(toNano(1), { receiptHead: hashNamed(`receipt ${index}`) });
                if (due > 0n) {
                    await stage.expectRedeemed('stranger', channel.redeemBody(voucher), due);
                } else {
                    await stage.expectRefused('stranger', channel.redeemBody(voucher), 'NOTHING_DUE');
                }
            }
        });
    });

    describe('What it costs', () => {
        it('It needs exactly redeemingValue', async () => {
            const least = redeemingValue(stage.prices);
            await refused(toNano(1), 'INSUFFICIENT_VALUE', least - 1n);
            await redeem(toNano(1), toNano(1), { value: least });
            const { stackReader } = await stage.chain.blockchain.runGetMethod(channel.address, 'redeemingValue');
            expect(stackReader.readBigNumber()).toBe(least);
        });

        it('For a single nanoTON, which is too little for a payout, likewise', async () => {
            const least = redeemingValue(stage.prices);
            await redeem(1n, 1n, { value: least, payout: false });
        });

        it('The till takes its fee on all that was due, even with the least value', async () => {
            const due = toNano(1) + 49n;
            const voucher = await channel.voucher(due);
            await stage.tell('operator', channel.redeemBody(voucher), { value: redeemingValue(stage.prices) });
            const till = parseTillData((await stage.chain.data(channel.provider.till))!);
            expect(till.feesDue).toBe((due * 200n) / 10000n);
        });

        it('What arrives is enough for the till’s own handler, with what is due untouched', async () => {
            const due = toNano(1);
            const message = channel.redeemBody(await channel.voucher(due));
            const result = await stage.tell('operator', message, { value: redeemingValue(stage.prices) });
            const spare = received(result, channel.provider.till, 'Settle') - due;
            expect(spare).toBeGreaterThanOrEqual(settleValue(stage.prices));
            const gas = computeFee(stage.prices, tactConstant('GAS_CHANNEL_REDEEM') + tactConstant('GAS_TILL_SETTLE'));
            expect(spare).toBeLessThan(gas);
        });

        it('Nobody’s rent pays for it: a channel with not a nanoTON above the deposit redeems all', async () => {
            await stage.strip();
            await redeem(deposit(), deposit(), { value: redeemingValue(stage.prices) });
            expect(await stage.chain.balance(channel.address)).toBe(0n);
            expect(await stage.chain.isActive(channel.address)).toBe(true);
        });

        it('A large value is the provider’s, whole', async () => {
            await redeem(1n, 1n, { value: toNano(500) });
        });
    });

    describe('When', () => {
        it.each([-1, 0, 1, 90 * DAY, YEAR])('At %i seconds from closesAt it works', async (offset) => {
            const { closesAt } = await channel.data();
            stage.chain.at(closesAt + offset);
            await redeem(toNano(3), toNano(3));
            stage.chain.pass(5);
            await redeem(deposit(), deposit() - toNano(3));
        });

        it('After the close was requested it works, before and after the new closesAt', async () => {
            await stage.tell('client', channel.requestCloseBody());
            stage.chain.pass(DAY - 1);
            await redeem(toNano(3), toNano(3));
            stage.chain.pass(1);
            await redeem(toNano(4), toNano(1));
        });
    });

    describe('Who', () => {
        it.each(ROLES)('The %s may send it, and the money goes to the till', async (role) => {
            const message = channel.redeemBody(await channel.voucher(toNano(2)), undefined, 4711n);
            await stage.expectRedeemed(role, message, toNano(2));
        });

        it.each(WALLETS)('From the %s a wrong signature is refused', async (role) => {
            const voucher = await channel.voucher(toNano(2));
            const signature = channel.sign(voucher, keyPairOf('somebody'));
            await stage.expectRefused(role, channel.redeemBody(voucher, signature), 'BAD_VOUCHER_SIGNATURE');
        });
    });
});

describe('Redeem', () => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open();
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    describe('Signatures that are not clientKey’s over this voucher', () => {
        const signatures: [string, () => Promise<Buffer>][] = [
            ['64 zeros', async () => Buffer.alloc(64)],
            ['64 ones', async () => Buffer.alloc(64, 0xff)],
            ['the provider’s', async () => channel.sign(await channel.voucher(1n), channel.provider.signing)],
            ['over another amount', async () => channel.sign(await channel.voucher(2n))],
            ['over another receipt', async () => channel.sign(await channel.voucher(1n, { receiptHead: 1n }))],
            ['over an agreement', async () => channel.sign(await channel.agreement(1n))],
            ['over a close request', () => channel.closeRequest()],
            [
                'with one bit changed',
                async () => {
                    const signature = Buffer.from(channel.sign(await channel.voucher(1n)));
                    signature[20]! ^= 1;
                    return signature;
                },
            ],
        ];
        it.each(signatures)('%s', async (_, signature) => {
            const voucher = await channel.voucher(1n);
            await stage.expectRefused(
                'operator',
                channel.redeemBody(voucher, await signature()),
                'BAD_VOUCHER_SIGNATURE',
            );
        });
    });

    describe('A body that ends too early', () => {
        it.each([0, 63, 64, 447, 448, 959])('%i bits behind the opcode', async (bits) => {
            const slice = channel.redeemBody(await channel.voucher(1n)).beginParse();
            await stage.expectRefused(
                'operator',
                beginCell()
                    .storeBits(slice.loadBits(32 + bits))
                    .endCell(),
                9,
            );
        });
    });

    it('The state is judged first, then the opening, the signature, the amount, the value', async () => {
        const nobody = Buffer.alloc(64);
        const another = channel.redeemBody(await channel.voucher(0n, { openedLt: 1n }), nobody);
        const bad = channel.redeemBody(await channel.voucher(0n), nobody);
        const zero = channel.redeemBody(await channel.voucher(0n));
        const value = toNano('0.005');
        await stage.expectRefused('operator', another, 'SIGNED_FOR_ANOTHER', { value });
        await stage.expectRefused('operator', bad, 'BAD_VOUCHER_SIGNATURE', { value });
        await stage.expectRefused('operator', zero, 'NOTHING_DUE', { value });
        await stage.enter('uninit');
        await stage.expectRefused('operator', bad, 'WRONG_STATE', { value: PLENTY });
    });
});
