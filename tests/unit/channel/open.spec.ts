import { Address, beginCell, Builder, Cell, contractAddress, toNano } from '@ton/core';
import { channelRent, openingChannelValue } from '../../../wrappers/fees';
import { ChannelStage, Role, ROLES } from '../../fixtures/channelStage';
import { Channel, ChannelOffer, DAY, errorCode, HOUR, PLENTY, YEAR } from '../../fixtures/channels';
import { internalFrom } from '../../fixtures/jobs';
import { channelInit, keyPairOf, uint256Of } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { body } from '../../helpers/network';
import { codeOf } from '../../helpers/sources';
import { expectTrace, received } from '../../helpers/traces';

const MOST_64 = (1n << 64n) - 1n;
const MOST_32 = 0xffffffff;

describe.each(PRICE_SETS)('OpenChannel (prices: %s)', (prices) => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('absent'));

    const now = () => stage.chain.now;

    /** Refused on an empty address: TON keeps the StateInit, and nothing else happened. */
    async function expectNotOpened(message: Cell, error: string | number, value: bigint): Promise<void> {
        const result = await stage.tell('client', message, { value, init: true });
        const exitCode = typeof error === 'string' ? errorCode(error) : error;
        expectTrace(result, [
            { from: channel.client, to: channel.address, op: 'OpenChannel', exitCode, messagesOut: 1 },
            { from: channel.address, to: channel.client, op: 'bounced OpenChannel' },
        ]);
        await stage.expectUnopened();
    }

    describe('What it costs', () => {
        it('What it stores, keeps and returns', async () => {
            const openedLt = await stage.expectOpened({}, { queryId: 77n });
            const terms = await channel.terms();
            expect(terms.openedLt).toBe(openedLt);
            expect(terms.clientKey).toBe(uint256Of(channel.clientKey.publicKey));
            expect(terms.settlement).toEqualAddress(channel.provider.till);
            expect(terms.client).toEqualAddress(channel.client.address);
            expect(terms.ending).toEqual({
                providerKey: uint256Of(channel.provider.signing.publicKey),
                closeDelay: DAY,
                nonce: 1n,
            });
        });

        const lifetimes: [string, Partial<ChannelOffer>, number][] = [
            ['for the shortest time', { closeDelay: HOUR }, HOUR],
            ['for a year', {}, YEAR],
            ['with a deposit of 1 nanoTON', { deposit: 1n }, 30 * DAY],
        ];
        it.each(lifetimes)('%s it needs exactly openingChannelValue', async (_, change, lifetime) => {
            const offer = { ...change, closesAt: now() + lifetime };
            const deposit = change.deposit ?? channel.offer.deposit;
            const least = openingChannelValue(stage.prices, deposit, BigInt(lifetime));
            await expectNotOpened(channel.openBody(offer), 'INSUFFICIENT_VALUE', least - 1n);
            await stage.enter('absent');
            await stage.expectOpened(offer, { value: least });
        });

        it('The rent that stays lasts until a year after closesAt', async () => {
            await stage.expectOpened();
            stage.chain.at(channel.offer.closesAt + YEAR);
            expect(await stage.payRent()).toBeGreaterThanOrEqual(channel.offer.deposit);
        });

        it('Money sent to the address before counts, and what is too much of it returns', async () => {
            const early = toNano(3);
            await stage.chain.send(channel.stranger, { to: channel.address, value: early, bounce: false });
            const least = openingChannelValue(stage.prices, channel.offer.deposit, BigInt(30 * DAY));
            const refused = await stage.tell('client', channel.openBody(), { value: least - early - 1n, init: true });
            expectTrace(refused, [
                { to: channel.address, op: 'OpenChannel', exitCode: errorCode('INSUFFICIENT_VALUE') },
                { to: channel.client, op: 'bounced OpenChannel' },
            ]);
            expect(await stage.chain.balance(channel.address)).toBe(early);
            await stage.expectOpened({}, { value: least - early });
            await stage.enter('absent');
            await stage.chain.send(channel.stranger, { to: channel.address, value: toNano(30), bounce: false });
            await stage.expectOpened({}, { value: PLENTY });
        });

        it('The largest deposit that fits can be opened and refunded', async () => {
            await stage.chain.setBalance(channel.client, MOST_64 * 2n);
            const big = await Channel.prepare(channel.provider, { nonce: 2n, offer: { deposit: MOST_64 } });
            await big.open();
            expect((await big.data()).totalDeposited).toBe(MOST_64);
            stage.chain.at(big.offer.closesAt);
            const result = await big.tell(big.stranger, big.finalizeBody());
            expect(received(result, big.client, 'ChannelClosed')).toBeGreaterThan(MOST_64);
        });
    });

    describe('An early deployment', () => {
        it('opens like an absent one, and the stranger’s money goes to the client', async () => {
            await stage.enter('uninit');
            expect(await stage.chain.balance(channel.address)).toBeGreaterThan(toNano('0.49'));
            await stage.expectOpened();
        });

        it('opens with the least value and the stranger’s rent, years later', async () => {
            await stage.enter('uninit');
            stage.chain.pass(5 * YEAR);
            await stage.expectOpened({ closesAt: now() + 30 * DAY });
        });

        it('that rent froze opens again, and pays its debt', async () => {
            const { address } = channel;
            const early = { to: address, value: toNano('0.002'), init: channel.init, bounce: false };
            await stage.chain.send(channel.stranger, early);
            const typeOf = async () => (await stage.chain.blockchain.getContract(address)).accountState?.type;
            expect(await typeOf()).toBe('active');
            // A state that is still its StateInit is not kept frozen: the account is without code again, with a debt.
            for (let years = 0; (await typeOf()) === 'active' && years < 75; years += 5) {
                stage.chain.pass(5 * YEAR);
                await stage.chain.send(channel.stranger, { to: address, value: 1n, bounce: false });
            }
            // At the prices of 2026 it owes too little for that before 32 bits of seconds end.
            expect(await typeOf()).toBe(stage.chain.priceSet === 'default' ? 'uninit' : 'active');
            const closesAt = now() + 30 * DAY;
            const value = channel.offer.deposit + PLENTY;
            expectTrace(await stage.tell('client', channel.openBody({ closesAt }), { value, init: true }), [
                { to: address, op: 'OpenChannel' },
                { to: channel.client, op: 'Excesses' },
            ]);
            expect(await stage.chain.balance(address)).toBe(
                channel.offer.deposit + channelRent(stage.prices, BigInt(30 * DAY)),
            );
        });
    });
});

describe('OpenChannel', () => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open();
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('uninit'));

    const refused = (message: Cell, error: string | number, from: Role = 'client') =>
        stage.expectRefused(from, message, error, { value: toNano(20) });

    describe('Each term at its bounds', () => {
        const now = () => stage.chain.now;
        const good: [string, () => Partial<ChannelOffer>][] = [
            ['the least closeDelay', () => ({ closeDelay: HOUR })],
            ['the most closeDelay', () => ({ closeDelay: 30 * DAY })],
            ['closesAt at once after closeDelay', () => ({ closesAt: now() + DAY })],
            ['closesAt a year ahead', () => ({ closesAt: now() + YEAR })],
            ['the smallest deposit', () => ({ deposit: 1n })],
            ['keys of zeros', () => ({ clientKey: 0n, providerKey: 0n })],
            ['one key for both', () => ({ providerKey: channel.offer.clientKey })],
        ];
        it.each(good)('%s is accepted', async (_, change) => {
            await stage.expectOpened(change(), { value: toNano(20) });
            const { clientKey, ending } = await channel.terms();
            const wanted = { ...channel.offer, ...change() };
            expect(clientKey).toBe(wanted.clientKey);
            expect(ending).toMatchObject({ providerKey: wanted.providerKey, closeDelay: wanted.closeDelay });
        });

        const bad: [string, () => Partial<ChannelOffer>, string][] = [
            ['no deposit', () => ({ deposit: 0n }), 'ZERO_AMOUNT'],
            ['a second less than the least closeDelay', () => ({ closeDelay: HOUR - 1 }), 'CLOSE_DELAY'],
            ['a second more than the most closeDelay', () => ({ closeDelay: 30 * DAY + 1 }), 'CLOSE_DELAY'],
            ['no closeDelay', () => ({ closeDelay: 0 }), 'CLOSE_DELAY'],
            ['the longest closeDelay that fits', () => ({ closeDelay: MOST_32 }), 'CLOSE_DELAY'],
            ['closesAt a second before closeDelay is over', () => ({ closesAt: now() + DAY - 1 }), 'CLOSES_AT'],
            ['closesAt now', () => ({ closesAt: now() }), 'CLOSES_AT'],
            ['closesAt of an Uninit channel', () => ({ closesAt: 0 }), 'CLOSES_AT'],
            ['closesAt a year and a second ahead', () => ({ closesAt: now() + YEAR + 1 }), 'CLOSES_AT'],
            ['the latest closesAt that fits', () => ({ closesAt: MOST_32 }), 'CLOSES_AT'],
            ['the largest deposit that fits, not paid', () => ({ deposit: MOST_64 }), 'INSUFFICIENT_VALUE'],
            ['a deposit of more than was sent', () => ({ deposit: toNano(21) }), 'INSUFFICIENT_VALUE'],
        ];
        it.each(bad)('%s is refused', async (_, change, error) => {
            await refused(channel.openBody(change()), error);
        });
    });

    describe('Who and where', () => {
        it.each(ROLES.filter((role) => role !== 'client'))('From the %s it is refused', async (role) => {
            await refused(channel.openBody(), 'WRONG_SENDER', role);
        });

        it('From the client’s hash in the masterchain it is refused', async () => {
            await stage.enter('absent');
            const twin = new Address(-1, channel.client.address.hash);
            await openAt(channel.address, channel.init, twin, errorCode('WRONG_SENDER'));
        });

        it('A second time it is refused, from the client and for its state also from a stranger', async () => {
            await stage.enter('open');
            await refused(channel.openBody(), 'WRONG_STATE');
            await refused(channel.openBody(), 'WRONG_STATE', 'stranger');
        });

        /** Opens what lies at an address from `from`, and says what came of it. */
        async function openAt(
            to: Address,
            init: { code: Cell; data: Cell },
            from: Address,
            exitCode: number | 'skipped',
        ): Promise<void> {
            const result = await stage.chain.blockchain.sendMessage(
                internalFrom(from, to, toNano(20), channel.openBody(), true, init),
            );
            expectTrace(result, [
                { from, to, op: 'OpenChannel', exitCode, messagesOut: 1 },
                {
                    from: to,
                    to: from,
                    op: 'bounced OpenChannel',
                    exitCode: from.equals(channel.client.address) ? 0 : 'skipped',
                },
            ]);
            expect(await stage.chain.balance(to)).toBe(0n);
        }

        it.each([-1, 1])('With the till in workchain %i it is refused', async (workchain) => {
            const client = channel.client.address;
            const { address, init } = channelInit({ client, settlement: strayAddress(1, workchain), nonce: 1n });
            await openAt(address, init, client, errorCode('NOT_BASECHAIN'));
        });

        it('With the client in the masterchain it is refused', async () => {
            const client = strayAddress(1, -1);
            const { address, init } = channelInit({ client, settlement: channel.provider.till, nonce: 1n });
            await openAt(address, init, client, errorCode('NOT_BASECHAIN'));
        });

        it('In the masterchain itself it is refused', async () => {
            const { init } = channelInit({
                client: channel.client.address,
                settlement: channel.provider.till,
                nonce: 1n,
            });
            const at = new Address(-1, contractAddress(0, init).hash);
            await openAt(at, init, channel.client.address, errorCode('NOT_BASECHAIN'));
        });

        const client = () => beginCell().storeAddress(channel.client.address);
        const till = () => beginCell().storeAddress(channel.provider.till);
        const nowhere = () => beginCell().storeAddress(null);
        const extern = () => beginCell().storeUint(1, 2).storeUint(8, 9).storeUint(5, 8);
        const identities: [string, () => Builder, string | number][] = [
            ['addr_none as client', () => nowhere().storeBuilder(till()).storeUint(1, 64), 'WRONG_SENDER'],
            ['addr_none as till', () => client().storeBuilder(nowhere()).storeUint(1, 64), 'NOT_BASECHAIN'],
            ['an external address as till', () => client().storeBuilder(extern()).storeUint(1, 64), 'NOT_BASECHAIN'],
            ['no nonce', () => client().storeBuilder(till()), 9],
            ['a nonce a bit short', () => client().storeBuilder(till()).storeUint(1, 63), 9],
            ['a bit behind the nonce', () => client().storeBuilder(till()).storeUint(1, 65), 9],
            ['a reference', () => client().storeBuilder(till()).storeUint(1, 64).storeRef(beginCell().endCell()), 9],
            ['nothing in the identity', () => beginCell(), 9],
        ];
        it.each(identities)('With %s it is refused', async (_, identity, error) => {
            const data = beginCell().storeUint(0, 160).storeBuilder(identity()).endCell();
            const init = { code: codeOf('PaymentChannel'), data };
            const exitCode = typeof error === 'string' ? errorCode(error) : error;
            await openAt(contractAddress(0, init), init, channel.client.address, exitCode);
        });

        it.each([
            ['a deposit', 1n, 0n, 0],
            ['a claim', 0n, 1n, 0],
            ['an end', 0n, 0n, MOST_32],
        ])('A StateInit that begins with %s is another address', async (_, deposited, claimed, closesAt) => {
            const { code, data } = channel.init;
            const forged = beginCell()
                .storeUint(deposited, 64)
                .storeUint(claimed, 64)
                .storeUint(closesAt, 32)
                .storeBits(data.bits.substring(160, data.bits.length - 160))
                .endCell();
            expect(contractAddress(0, { code, data })).toEqualAddress(channel.address);
            expect(contractAddress(0, { code, data: forged })).not.toEqualAddress(channel.address);
            await stage.enter('absent');
            await openAt(channel.address, { code, data: forged }, channel.client.address, 'skipped');
            await stage.expectUnopened();
        });
    });

    describe('A body that ends too early', () => {
        it.each([0, 1, 64, 128, 160, 192, 448, 639])('%i bits behind the query id are refused', async (bits) => {
            const slice = channel.openBody().beginParse();
            await refused(
                beginCell()
                    .storeBits(slice.loadBits(96 + bits))
                    .endCell(),
                9,
            );
        });

        it('So is one without a query id', async () => {
            await refused(beginCell().storeBits(body('OpenChannel').asSlice().loadBits(32)).endCell(), 9);
        });
    });

    it('Another key than the client’s own wallet’s may sign', async () => {
        const key = keyPairOf('any key');
        await stage.expectOpened({ clientKey: uint256Of(key.publicKey) });
        const voucher = await channel.voucher(toNano(1));
        await stage.expectRefused('operator', channel.redeemBody(voucher), 'BAD_VOUCHER_SIGNATURE');
        await stage.expectRedeemed('operator', channel.redeemBody(voucher, channel.sign(voucher, key)), toNano(1));
    });
});
