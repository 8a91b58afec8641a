import { beginCell, toNano } from '@ton/core';
import { closingValue, finalizingChannelValue } from '../../../wrappers/fees';
import { ChannelStage, ROLES } from '../../fixtures/channelStage';
import { Channel, DAY, PLENTY, YEAR } from '../../fixtures/channels';
import { keyPairOf } from '../../helpers/cells';
import { PRICE_SETS } from '../../helpers/chain';

const MOST_64 = (1n << 64n) - 1n;
const MOST_32 = 0xffffffff;
const CLAIMED = toNano(2);

describe.each(PRICE_SETS)('CloseChannel (prices: %s)', (prices) => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
        channel = stage.channel;
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(CLAIMED)), CLAIMED);
        stage.keepAs('open');
    });
    beforeEach(() => stage.enter('open'));

    const deposit = () => channel.offer.deposit;
    const close = async (amount: bigint, validUntil?: number) =>
        channel.closeBody(await channel.agreement(amount, { validUntil }));

    describe('The agreed sum', () => {
        const amounts: [string, () => bigint][] = [
            ['a nanoTON more than was claimed', () => CLAIMED + 1n],
            ['between the two', () => toNano(5)],
            ['a nanoTON less than the deposit', () => deposit() - 1n],
            ['the whole deposit', () => deposit()],
        ];
        it.each(amounts)('%s is paid', async (_, amount) => {
            const due = amount() - CLAIMED;
            // The till itself pays out what is worth it.
            const toClient = await stage.expectClosed('stranger', await close(amount()), due, { payout: due > 1n });
            expect(toClient).toBeGreaterThan(deposit() - amount());
            expect(toClient).toBeLessThan(deposit() - amount() + stage.kept() - deposit() + PLENTY);
        });

        it('What was claimed already: no message goes to the till', async () => {
            expect(await stage.expectClosed('stranger', await close(CLAIMED), 0n)).toBeGreaterThan(deposit() - CLAIMED);
        });

        it('Nothing, of a channel of which nothing was claimed, likewise', async () => {
            await stage.enter('closed');
            await stage.expectOpened({ closesAt: stage.chain.now + DAY });
            expect(await stage.expectClosed('stranger', await close(0n), 0n)).toBeGreaterThan(deposit());
        });

        it.each([
            ['a nanoTON less than was claimed', () => CLAIMED - 1n],
            ['nothing', () => 0n],
            ['a nanoTON more than the deposit', () => deposit() + 1n],
            ['the most that fits', () => MOST_64],
        ])('%s is refused', async (_, amount) => {
            await stage.expectRefused('stranger', await close(amount()), 'FINAL_AMOUNT');
        });

        it('What was topped up counts', async () => {
            await stage.expectStep('stranger', channel.topUpBody(1n), 1n);
            const amount = deposit() + 1n;
            await stage.expectClosed('stranger', await close(amount), amount - CLAIMED);
        });

        it('A voucher redeemed in between makes an agreement on less worthless', async () => {
            const agreed = await close(toNano(3));
            const voucher = channel.redeemBody(await channel.voucher(toNano(4)));
            await stage.expectRedeemed('operator', voucher, toNano(4) - CLAIMED);
            await stage.expectRefused('stranger', agreed, 'FINAL_AMOUNT');
        });
    });

    describe('Until when', () => {
        const now = () => stage.chain.now;

        it.each([
            ['a second ahead', () => now() + 1],
            ['ten minutes ahead', () => now() + 600],
        ])('%s it is good', async (_, validUntil) => {
            await stage.expectClosed('stranger', await close(toNano(3), validUntil()), toNano(1));
        });

        it.each([
            ['now', () => now()],
            ['a second ago', () => now() - 1],
            ['at the beginning of time', () => 0],
            ['ten minutes and a second ahead', () => now() + 601],
            ['at the end of time', () => MOST_32],
        ])('%s it is refused', async (_, validUntil) => {
            await stage.expectRefused('stranger', await close(toNano(3), validUntil()), 'AGREEMENT_WINDOW');
        });

        it('One signed for too late is good when its last ten minutes begin, and until their end', async () => {
            const validUntil = now() + DAY;
            const message = await close(toNano(3), validUntil);
            const at = async (offset: number, run: () => Promise<unknown>) =>
                stage.chain.rewinding(async () => {
                    stage.chain.at(validUntil + offset);
                    await run();
                });
            for (const offset of [-601, 0]) {
                await at(offset, () => stage.expectRefused('stranger', message, 'AGREEMENT_WINDOW'));
            }
            for (const offset of [-600, -1]) {
                await at(offset, () => stage.expectClosed('stranger', message, toNano(1)));
            }
        });

        it.each([-1, 0, 1, YEAR])('At %i seconds from closesAt it works', async (offset) => {
            stage.chain.at((await channel.data()).closesAt + offset);
            await stage.expectClosed('stranger', await close(toNano(3)), toNano(1));
        });
    });

    describe('Who', () => {
        it.each(ROLES)('The %s may send it', async (role) => {
            const message = channel.closeBody(await channel.agreement(toNano(3)), {}, 4711n);
            await stage.expectClosed(role, message, toNano(1));
        });

        const agreement = () => channel.agreement(toNano(3));
        const byClient = async () => channel.sign(await agreement());
        const byProvider = async () => channel.sign(await agreement(), channel.provider.signing);
        const byNobody = async () => channel.sign(await agreement(), keyPairOf('somebody'));
        const otherwise = async () => channel.sign(await channel.agreement(toNano(4)), channel.provider.signing);
        const signatures: [string, () => Promise<Buffer>, () => Promise<Buffer>, string][] = [
            ['the two swapped', byProvider, byClient, 'BAD_CLIENT_SIGNATURE'],
            ['the client’s twice', byClient, byClient, 'BAD_PROVIDER_SIGNATURE'],
            ['the provider’s twice', byProvider, byProvider, 'BAD_CLIENT_SIGNATURE'],
            ['a stranger’s for the client’s', byNobody, byProvider, 'BAD_CLIENT_SIGNATURE'],
            ['a stranger’s for the provider’s', byClient, byNobody, 'BAD_PROVIDER_SIGNATURE'],
            ['the provider’s over another sum', byClient, otherwise, 'BAD_PROVIDER_SIGNATURE'],
            ['64 zeros for the client’s', async () => Buffer.alloc(64), byProvider, 'BAD_CLIENT_SIGNATURE'],
            ['64 zeros for the provider’s', byClient, async () => Buffer.alloc(64), 'BAD_PROVIDER_SIGNATURE'],
        ];
        it.each(signatures)('With %s it is refused', async (_, client, provider, error) => {
            const message = channel.closeBody(await agreement(), {
                client: await client(),
                provider: await provider(),
            });
            for (const role of ['client', 'operator', 'stranger'] as const) {
                await stage.expectRefused(role, message, error);
            }
        });
    });

    describe('What it costs', () => {
        it.each([CLAIMED, toNano(5), toNano(10)])(
            'Without rent it needs exactly closingValue (agreed: %i)',
            async (amount) => {
                const least = closingValue(stage.prices);
                await stage.strip();
                await stage.expectRefused('stranger', await close(amount), 'INSUFFICIENT_VALUE', { value: least - 1n });
                const due = amount - CLAIMED;
                const toClient = await stage.expectClosed('stranger', await close(amount), due, { value: least });
                expect(toClient).toBeGreaterThanOrEqual(deposit() - amount);
            },
        );

        it('What is left of the rent counts, to the nanoTON', async () => {
            const least = closingValue(stage.prices);
            const value = least / 2n + least / 4n;
            await stage.strip(least - value - 1n);
            await stage.expectRefused('stranger', await close(toNano(5)), 'INSUFFICIENT_VALUE', { value });
            await stage.strip(least - value);
            const toClient = await stage.expectClosed('stranger', await close(toNano(5)), toNano(3), { value });
            expect(toClient).toBeGreaterThanOrEqual(deposit() - toNano(5));
        });
    });

    describe('FinalizeChannel', () => {
        it.each([0, 1, 30 * DAY])('At %i seconds from closesAt anyone refunds the rest', async (offset) => {
            stage.chain.at((await channel.data()).closesAt + offset);
            expect(await stage.expectClosed('stranger', channel.finalizeBody(9n), 0n)).toBeGreaterThan(
                deposit() - CLAIMED,
            );
        });

        it.each(ROLES)('A second before closesAt the %s cannot, at it he can', async (role) => {
            const { closesAt } = await channel.data();
            stage.chain.at(closesAt - 1);
            await stage.expectRefused(role, channel.finalizeBody(), 'CHANNEL_RUNNING');
            stage.chain.at(closesAt);
            await stage.expectClosed(role, channel.finalizeBody(), 0n);
        });

        it('Of a channel that was claimed whole the client gets what is left of the rent', async () => {
            const voucher = channel.redeemBody(await channel.voucher(MOST_64));
            await stage.expectRedeemed('operator', voucher, deposit() - CLAIMED);
            stage.chain.at((await channel.data()).closesAt);
            const toClient = await stage.expectClosed('stranger', channel.finalizeBody(), 0n);
            expect(toClient).toBeGreaterThan(0n);
            expect(toClient).toBeLessThan(stage.kept({ deposit: 0n, closesAt: stage.chain.now + 30 * DAY }) + PLENTY);
        });

        it('Without rent it needs exactly finalizingChannelValue', async () => {
            const least = finalizingChannelValue(stage.prices);
            stage.chain.at((await channel.data()).closesAt);
            await stage.strip();
            const message = channel.finalizeBody();
            await stage.expectRefused('stranger', message, 'INSUFFICIENT_VALUE', { value: least - 1n });
            const toClient = await stage.expectClosed('stranger', message, 0n, { value: least });
            expect(toClient).toBeGreaterThanOrEqual(deposit() - CLAIMED);
        });

        it('What is left of the rent counts, to the nanoTON', async () => {
            const least = finalizingChannelValue(stage.prices);
            const value = least / 2n + least / 4n;
            stage.chain.at((await channel.data()).closesAt);
            await stage.strip(least - value - 1n);
            await stage.expectRefused('stranger', channel.finalizeBody(), 'INSUFFICIENT_VALUE', { value });
            await stage.strip(least - value);
            await stage.expectClosed('stranger', channel.finalizeBody(), 0n, { value });
        });
    });
});

describe('CloseChannel and FinalizeChannel', () => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open();
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    it.each([0, 63, 64, 223, 735])('A CloseChannel of %i bits behind the opcode is refused', async (bits) => {
        const whole = channel.closeBody(await channel.agreement(toNano(1)));
        const message = beginCell()
            .storeBits(whole.beginParse().loadBits(32 + bits))
            .storeRef(whole.refs[0]!)
            .endCell();
        await stage.expectRefused('stranger', message, 9);
    });

    it('A CloseChannel without the provider’s signature is refused', async () => {
        const whole = channel.closeBody(await channel.agreement(toNano(1)));
        await stage.expectRefused('stranger', beginCell().storeBits(whole.bits).endCell(), 9);
    });

    it('A FinalizeChannel without its query id is refused', async () => {
        stage.chain.at((await channel.data()).closesAt);
        const message = beginCell().storeBits(channel.finalizeBody().beginParse().loadBits(95)).endCell();
        await stage.expectRefused('stranger', message, 9);
    });

    it('The causes of a refusal come in a fixed order', async () => {
        const value = toNano('0.007');
        const agreement = await channel.agreement(MOST_64, { validUntil: 1 });
        const another = await channel.agreement(MOST_64, { validUntil: 1, openedLt: 1n });
        const refused = (message: Parameters<ChannelStage['expectRefused']>[1], error: string) =>
            stage.expectRefused('stranger', message, error, { value });
        await stage.strip();
        const nobody = Buffer.alloc(64);
        await refused(
            channel.closeBody(another, { client: nobody, provider: beginCell().endCell() }),
            'SIGNED_FOR_ANOTHER',
        );
        await refused(
            channel.closeBody(agreement, { client: nobody, provider: beginCell().endCell() }),
            'BAD_CLIENT_SIGNATURE',
        );
        await refused(channel.closeBody(agreement, { provider: beginCell().endCell() }), 'MALFORMED_CELL');
        await refused(channel.closeBody(agreement, { provider: nobody }), 'BAD_PROVIDER_SIGNATURE');
        await refused(channel.closeBody(agreement), 'AGREEMENT_WINDOW');
        await refused(channel.closeBody(await channel.agreement(MOST_64)), 'FINAL_AMOUNT');
        await refused(channel.closeBody(await channel.agreement(toNano(1))), 'INSUFFICIENT_VALUE');
        await refused(channel.finalizeBody(), 'CHANNEL_RUNNING');
    });
});
