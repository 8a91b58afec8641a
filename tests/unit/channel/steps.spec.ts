import { Address, beginCell, Cell, toNano } from '@ton/core';
import { channelStepValue } from '../../../wrappers/fees';
import { ChannelStage, numbersOf, ROLES } from '../../fixtures/channelStage';
import { Channel, DAY, errorCode, HOUR, PLENTY } from '../../fixtures/channels';
import { internalFrom } from '../../fixtures/jobs';
import { keyPairOf } from '../../helpers/cells';
import { PRICE_SETS } from '../../helpers/chain';
import { expectTrace } from '../../helpers/traces';

const MOST_64 = (1n << 64n) - 1n;
const NOT_CLIENT = ROLES.filter((role) => role !== 'client');

describe.each(PRICE_SETS)('Steps of an open channel (prices: %s)', (prices) => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    describe('TopUpChannel', () => {
        it.each(ROLES)('The %s may add to the deposit, and gets the rest back', async (role) => {
            const amount = toNano('1.5');
            const before = await channel.data();
            await stage.expectStep(role, channel.topUpBody(amount, 4711n), amount, { value: toNano(2) });
            const after = await channel.data();
            expect(numbersOf(after)).toEqual({ ...numbersOf(before), totalDeposited: before.totalDeposited + amount });
            expect(after.terms).toEqualCell(before.terms);
        });

        it.each([1n, toNano(1), toNano(500_000)])(
            'Of %i nanoTON it needs exactly those and channelStepValue',
            async (amount) => {
                const least = amount + channelStepValue(stage.prices);
                const message = channel.topUpBody(amount);
                await stage.expectRefused('stranger', message, 'INSUFFICIENT_VALUE', { value: least - 1n });
                await stage.expectStep('stranger', message, amount, { value: least });
            },
        );

        it('No rent pays for it', async () => {
            await stage.strip();
            await stage.expectStep('stranger', channel.topUpBody(1n), 1n, {
                value: 1n + channelStepValue(stage.prices),
            });
        });

        it('Of nothing it is refused', async () => {
            await stage.expectRefused('client', channel.topUpBody(0n), 'ZERO_AMOUNT');
        });

        it('Of the most that fits it is refused, unpaid', async () => {
            await stage.expectRefused('client', channel.topUpBody(MOST_64), 'INSUFFICIENT_VALUE');
        });

        // All there are add up to less.
        it('Of more than 64 bits of nanoTON in all it is refused, paid', async () => {
            await stage.chain.setBalance(channel.stranger, MOST_64 * 2n);
            await stage.expectRefused('stranger', channel.topUpBody(MOST_64), 5, { value: MOST_64 + PLENTY });
            const rest = MOST_64 - channel.offer.deposit;
            await stage.expectStep('stranger', channel.topUpBody(rest), rest, { value: MOST_64 });
            expect((await channel.data()).totalDeposited).toBe(MOST_64);
        });

        it('Until a second before closesAt it works, from closesAt on it does not', async () => {
            const { closesAt } = await channel.data();
            stage.chain.at(closesAt - 1);
            await stage.expectStep('stranger', channel.topUpBody(1n), 1n);
            for (const time of [closesAt, closesAt + 1, closesAt + DAY]) {
                stage.chain.at(time);
                await stage.expectRefused('stranger', channel.topUpBody(1n), 'CHANNEL_CLOSED');
            }
        });

        it('After a close request it works until the new closesAt', async () => {
            await stage.tell('client', channel.requestCloseBody());
            stage.chain.pass(DAY - 1);
            await stage.expectStep('stranger', channel.topUpBody(1n), 1n);
            stage.chain.pass(1);
            await stage.expectRefused('stranger', channel.topUpBody(1n), 'CHANNEL_CLOSED');
        });
    });

    describe('RequestClose', () => {
        it('From the client it sets closesAt to closeDelay from now and nothing else', async () => {
            const before = await channel.data();
            stage.chain.pass(123);
            await stage.expectStep('client', channel.requestCloseBody(undefined, 4711n), 0n);
            const after = await channel.data();
            expect(numbersOf(after)).toEqual({ ...numbersOf(before), closesAt: stage.chain.now + DAY });
            expect(after.terms).toEqualCell(before.terms);
        });

        it.each(NOT_CLIENT)('From the %s it needs clientKey’s signature', async (role) => {
            await stage.expectRefused(role, channel.requestCloseBody(), 'WRONG_SENDER');
            await stage.expectStep(role, channel.requestCloseBody(await channel.closeRequest()), 0n);
            expect((await channel.data()).closesAt).toBe(stage.chain.now + DAY);
        });

        it('The client’s wallet needs none, whatever it sends instead', async () => {
            await stage.expectStep('client', channel.requestCloseBody(Buffer.alloc(64)), 0n);
            expect((await channel.data()).closesAt).toBe(stage.chain.now + DAY);
        });

        it('It needs exactly channelStepValue, from the client and by signature', async () => {
            const least = channelStepValue(stage.prices);
            const signed = channel.requestCloseBody(await channel.closeRequest());
            for (const [role, message] of [
                ['client', channel.requestCloseBody()],
                ['stranger', signed],
            ] as const) {
                await stage.expectRefused(role, message, 'INSUFFICIENT_VALUE', { value: least - 1n });
                await stage.expectStep(role, message, 0n, { value: least });
            }
        });

        it('closesAt is never moved later, whoever asks again', async () => {
            const first = stage.chain.now + DAY;
            const signed = channel.requestCloseBody(await channel.closeRequest());
            await stage.expectStep('stranger', signed, 0n);
            for (const seconds of [0, 1, HOUR, DAY - HOUR - 1, 1, DAY]) {
                stage.chain.pass(seconds);
                await stage.expectStep('stranger', signed, 0n);
                await stage.expectStep('client', channel.requestCloseBody(), 0n);
                expect((await channel.data()).closesAt).toBe(first);
            }
        });

        it.each([
            [-1, -1],
            [0, 0],
            [1, 0],
            [DAY, 0],
        ])('%i seconds after closeDelay before the end it changes closesAt by %i', async (offset, change) => {
            const { closesAt } = await channel.data();
            stage.chain.at(closesAt - DAY + offset);
            await stage.expectStep('client', channel.requestCloseBody(), 0n);
            expect((await channel.data()).closesAt).toBe(closesAt + change);
        });
    });

    describe('Plain transfers', () => {
        it('A bounceable one returns', async () => {
            await stage.expectRefused('stranger', beginCell().endCell(), 130);
            const text = beginCell().storeUint(0, 32).storeStringTail('for the rent').endCell();
            const before = await stage.chain.balance(channel.address);
            expectTrace(await stage.tell('stranger', text), [
                { to: channel.address, op: '0x00000000', exitCode: 130, messagesOut: 1 },
                { to: channel.stranger, op: 'bounced 0x00000000' },
            ]);
            expect(await stage.chain.balance(channel.address)).toBe(before);
        });

        it('What cannot bounce stays, belongs to no voucher, and goes to the client at the end', async () => {
            const before = await channel.data();
            const sent = { value: toNano(5), bounce: false };
            const result = await stage.tell('stranger', beginCell().endCell(), sent);
            expectTrace(result, [{ to: channel.address, op: 'empty', exitCode: 130, messagesOut: 0 }]);
            expect(numbersOf(await channel.data())).toEqual(numbersOf(before));
            const voucher = channel.redeemBody(await channel.voucher(MOST_64));
            await stage.expectRedeemed('operator', voucher, channel.offer.deposit);
            stage.chain.at(before.closesAt);
            expect(await stage.expectClosed('stranger', channel.finalizeBody(), 0n)).toBeGreaterThan(toNano('5.9'));
        });

        it.each([0x504300ff, 0x50430000, 0x50430007, 0x50430008, 0x50530001, 0xd53276db])(
            'Opcode %i is refused',
            async (opcode) => {
                const message = beginCell().storeUint(opcode, 32).storeUint(0, 64).endCell();
                await stage.expectRefused('client', message, 130);
            },
        );
    });
});

describe('Steps of an open channel', () => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open();
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    describe('A close request that is not clientKey’s', () => {
        const signatures: [string, () => Buffer | Promise<Buffer>, string][] = [
            ['of 63 bytes', () => Buffer.alloc(63), 'WRONG_SENDER'],
            ['of 65 bytes', () => Buffer.alloc(65), 'WRONG_SENDER'],
            ['of one byte', () => Buffer.alloc(1), 'WRONG_SENDER'],
            ['of zeros', () => Buffer.alloc(64), 'BAD_CLIENT_SIGNATURE'],
            ['by the provider', () => channel.closeRequest({ key: channel.provider.signing }), 'BAD_CLIENT_SIGNATURE'],
            ['by a stranger', () => channel.closeRequest({ key: keyPairOf('somebody') }), 'BAD_CLIENT_SIGNATURE'],
            ['for another channel', () => channel.closeRequest({ channel: 1n }), 'BAD_CLIENT_SIGNATURE'],
            ['for another opening', () => channel.closeRequest({ openedLt: 1n }), 'BAD_CLIENT_SIGNATURE'],
        ];
        it.each(signatures)('%s is refused', async (_, signature, error) => {
            await stage.expectRefused('stranger', channel.requestCloseBody(await signature()), error);
        });

        it.each([511, 513])('of %i bits is refused', async (bits) => {
            const signature = beginCell()
                .storeBuffer(await channel.closeRequest())
                .storeBit(1)
                .asSlice();
            const message = beginCell()
                .storeSlice(channel.requestCloseBody().asSlice())
                .storeBits(signature.loadBits(bits));
            await stage.expectRefused('stranger', message.endCell(), 'WRONG_SENDER');
        });

        it('from the client’s hash in the masterchain is refused', async () => {
            const twin = new Address(-1, channel.client.address.hash);
            expectTrace(await stage.tell(twin, channel.requestCloseBody()), [
                { from: twin, to: channel.address, op: 'RequestClose', exitCode: errorCode('WRONG_SENDER') },
                { to: twin, op: 'bounced RequestClose', exitCode: 'skipped' },
            ]);
        });
    });

    describe('A body that ends too early', () => {
        const whole: [string, () => Cell, number[]][] = [
            ['TopUpChannel', () => channel.topUpBody(1n), [0, 63, 64, 127]],
            ['RequestClose', () => channel.requestCloseBody(), [0, 63]],
        ];
        it.each(whole.flatMap(([op, message, cuts]) => cuts.map((bits) => [op, bits, message] as const)))(
            '%s with %i bits behind the opcode is refused',
            async (_, bits, message) => {
                const slice = message().beginParse();
                await stage.expectRefused(
                    'client',
                    beginCell()
                        .storeBits(slice.loadBits(32 + bits))
                        .endCell(),
                    9,
                );
            },
        );
    });

    describe('Where no channel is open', () => {
        const openedLt = 1n;
        const messages: [string, () => Cell | Promise<Cell>][] = [
            ['Redeem', async () => channel.redeemBody(await channel.voucher(1n, { openedLt }))],
            ['TopUpChannel', () => channel.topUpBody(1n)],
            ['CloseChannel', async () => channel.closeBody(await channel.agreement(1n, { openedLt }))],
            ['RequestClose', () => channel.requestCloseBody()],
            [
                'RequestClose with a signature',
                async () => channel.requestCloseBody(await channel.closeRequest({ openedLt })),
            ],
            ['FinalizeChannel', () => channel.finalizeBody()],
        ];

        it.each(messages)('%s is refused in Uninit, from everybody', async (_, message) => {
            await stage.enter('uninit');
            for (const role of ['client', 'stranger', 'till', 'stake'] as const) {
                await stage.expectRefused(role, await message(), 'WRONG_STATE');
            }
        });

        it.each(messages)('%s that brings the StateInit itself is refused', async (_, message) => {
            await stage.enter('absent');
            const cell = await message();
            expectTrace(await stage.tell('client', cell, { init: true }), [
                { to: channel.address, exitCode: errorCode('WRONG_STATE'), messagesOut: 1 },
                { to: channel.client },
            ]);
            await stage.expectUnopened();
        });

        it.each([...messages, ['OpenChannel', () => channel.openBody()] as (typeof messages)[number]])(
            '%s bounces off an address without an account, before the opening and after the end',
            async (_, message) => {
                for (const state of ['absent', 'closed'] as const) {
                    await stage.enter(state);
                    expectTrace(await stage.tell('client', await message()), [
                        { to: channel.address, exitCode: 'skipped', messagesOut: 1 },
                        { to: channel.client },
                    ]);
                    expect(await stage.chain.isGone(channel.address)).toBe(true);
                }
            },
        );
    });

    it.each(['uninit', 'open'] as const)('A bounced message changes nothing in state %s', async (state) => {
        await stage.enter(state);
        const before = (await stage.chain.data(channel.address))!;
        for (const opcode of [0x50430001, 0x50530001, 0x50430007, 0xd53276db, 0]) {
            const cell = beginCell().storeUint(0xffffffff, 32).storeUint(opcode, 32).storeUint(0, 192).endCell();
            for (const from of [channel.provider.till, channel.client.address]) {
                const balance = await stage.chain.balance(channel.address);
                const result = await stage.chain.blockchain.sendMessage(
                    internalFrom(from, channel.address, toNano(1), cell, false, null, true),
                );
                expectTrace(result, [{ to: channel.address, messagesOut: 0, destroyed: false }]);
                expect(await stage.chain.data(channel.address)).toEqualCell(before);
                expect(await stage.chain.balance(channel.address)).toBeGreaterThan(balance + toNano('0.99'));
            }
        }
    });

    it('The getter says what the storage says, in Uninit and open', async () => {
        const read = async () => {
            const { stackReader } = await stage.chain.blockchain.runGetMethod(channel.address, 'channel');
            return {
                parties: [stackReader.readAddress().toString(), stackReader.readAddress().toString()],
                numbers: Array.from({ length: 8 }, () => stackReader.readBigNumber()),
            };
        };
        const parties = [channel.client.address.toString(), channel.provider.till.toString()];
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(toNano(1))), toNano(1));
        const { openedLt } = await channel.terms();
        const { deposit, closesAt, clientKey, providerKey } = channel.offer;
        expect(await read()).toEqual({
            parties,
            numbers: [1n, openedLt, clientKey, providerKey, deposit, toNano(1), BigInt(closesAt), BigInt(DAY)],
        });
        await stage.enter('uninit');
        expect(await read()).toEqual({ parties, numbers: [1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] });
    });
});
