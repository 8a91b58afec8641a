import { Address, beginCell, Cell, ShardAccount, toNano } from '@ton/core';
import { channelStepValue } from '../../wrappers/fees';
import { ChannelStage, numbersOf } from '../fixtures/channelStage';
import { Channel, DAY, errorCode, PLENTY } from '../fixtures/channels';
import { gasFeesOf } from '../fixtures/jobs';
import { PRICE_SETS, strayAddress } from '../helpers/chain';
import { label } from '../helpers/labels';
import { body, openProvider, prepareProvider } from '../helpers/network';
import { storageFeesOf } from '../helpers/step';
import { expectTrace, received, transactionAt } from '../helpers/traces';

/** An action code of TVM. */
const NO_SUCH_ADDRESS = 36;

describe.each(PRICE_SETS)('A send that fails (prices: %s)', (prices) => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    const nowhere = strayAddress(5, 5);

    /** Writes an address to which nothing can be sent into the open channel, as no message ever could. */
    async function sendingNowhere(party: 'client' | 'settlement'): Promise<void> {
        await stage.payRent();
        const data = await channel.data();
        const { clientKey, openedLt, client, settlement, closing } = await channel.terms();
        await stage.chain.setData(
            channel.address,
            beginCell()
                .storeUint(data.totalDeposited, 64)
                .storeUint(data.claimed, 64)
                .storeUint(data.closesAt, 32)
                .storeUint(openedLt, 64)
                .storeUint(clientKey, 256)
                .storeAddress(party === 'settlement' ? nowhere : settlement)
                .storeAddress(party === 'client' ? nowhere : client)
                .storeRef(closing)
                .endCell(),
        );
    }

    const bounces = (message: Cell) =>
        stage.expectRefused('stranger', message, NO_SUCH_ADDRESS, { action: true, value: PLENTY });

    it('Redeem’s Settle: the message bounces and nothing was claimed', async () => {
        await sendingNowhere('settlement');
        await bounces(channel.redeemBody(await channel.voucher(toNano(1))));
        expect((await channel.data()).claimed).toBe(0n);
    });

    it('CloseChannel’s Settle: the message bounces and the channel stays', async () => {
        await sendingNowhere('settlement');
        await bounces(channel.closeBody(await channel.agreement(toNano(1))));
        // Without a Settle it ends.
        expectTrace(await stage.tell('stranger', channel.closeBody(await channel.agreement(0n))), [
            { to: channel.address, op: 'CloseChannel', destroyed: true },
            { to: channel.client, op: 'ChannelClosed' },
        ]);
    });

    it('CloseChannel’s refund: the Settle before it does not leave either', async () => {
        await sendingNowhere('client');
        await bounces(channel.closeBody(await channel.agreement(toNano(1))));
        await bounces(channel.closeBody(await channel.agreement(0n)));
    });

    it('FinalizeChannel’s refund: the message bounces and the channel stays', async () => {
        await sendingNowhere('client');
        stage.chain.at((await channel.data()).closesAt);
        await bounces(channel.finalizeBody());
    });

    it.each(['TopUpChannel', 'RequestClose'] as const)(
        'The excess of a %s to an account that it cannot be sent to: the step counts, the rest stays',
        async (op) => {
            // Forwarding to the masterchain costs more than what the least value leaves.
            const master = strayAddress(9, -1);
            label(master, 'masterchain');
            const message =
                op === 'TopUpChannel'
                    ? channel.topUpBody(toNano(1))
                    : channel.requestCloseBody(await channel.closeRequest());
            const added = op === 'TopUpChannel' ? toNano(1) : 0n;
            const value = added + channelStepValue(stage.prices);
            const before = await stage.chain.balance(channel.address);
            const result = await stage.tell(master, message, { value });
            expectTrace(result, [{ from: master, to: channel.address, op, messagesOut: 0 }]);
            expect(numbersOf(await channel.data())).toEqual({
                totalDeposited: channel.offer.deposit + added,
                claimed: 0n,
                closesAt: op === 'TopUpChannel' ? channel.offer.closesAt : stage.chain.now + DAY,
            });
            const spent = gasFeesOf(transactionAt(result, channel.address));
            expect(await stage.chain.balance(channel.address)).toBe(before + value - spent);
        },
    );

    it('A message with too little for its gas changes nothing, and what it brought stays', async () => {
        const messages = [
            channel.topUpBody(1n),
            channel.requestCloseBody(),
            channel.redeemBody(await channel.voucher(1n)),
            channel.closeBody(await channel.agreement(1n)),
            channel.finalizeBody(),
        ];
        const before = (await stage.chain.data(channel.address))!;
        for (const message of messages) {
            for (const [value, exitCode] of [
                [1n, 'skipped'],
                [100_000n, -14],
            ] as const) {
                const balance = await stage.chain.balance(channel.address);
                const result = await stage.tell('client', message, { value });
                expectTrace(result, [{ to: channel.address, exitCode, messagesOut: 0, destroyed: false }]);
                expect(await stage.chain.data(channel.address)).toEqualCell(before);
                const spent = gasFeesOf(transactionAt(result, channel.address));
                expect(await stage.chain.balance(channel.address)).toBe(balance + value - spent);
            }
        }
    });
});

describe('What the channel sends does not come back', () => {
    let stage: ChannelStage;
    let channel: Channel;

    beforeAll(async () => {
        stage = await ChannelStage.open();
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    /** A channel of the client with the till of a provider that never registered. */
    async function withAbsentTill() {
        const provider = await prepareProvider(channel.network, { name: 'absent' });
        const other = await Channel.prepare(provider);
        await other.open();
        return { provider, other };
    }

    it('Redeem and CloseChannel to a till that is not there: the money waits for its owner', async () => {
        const { provider, other } = await withAbsentTill();
        const { till } = provider;
        const redeemed = await other.redeem(toNano(3));
        expectTrace(redeemed, [
            { to: other.address, op: 'Redeem' },
            { from: other.address, to: till, op: 'Settle', exitCode: 'skipped', messagesOut: 0 },
        ]);
        expect((await other.data()).claimed).toBe(toNano(3));
        const closed = await other.tell(other.stranger, other.closeBody(await other.agreement(toNano(7))));
        expectTrace(closed, [
            { to: other.address, op: 'CloseChannel', destroyed: true },
            { from: other.address, to: till, op: 'Settle', exitCode: 'skipped', messagesOut: 0 },
            { from: other.address, to: other.client, op: 'ChannelClosed' },
        ]);
        const waiting = received(redeemed, till) + received(closed, till);
        expect(waiting).toBeGreaterThan(toNano(7));
        expect(await stage.chain.balance(till)).toBe(waiting);

        await openProvider(channel.network, { name: 'absent' });
        const withdrawal = await stage.chain.send(provider.owner, {
            to: till,
            value: PLENTY,
            body: body('Withdraw').endCell(),
        });
        expect(received(withdrawal, provider.owner, 'Payout')).toBeGreaterThan(toNano(7));
    });

    it('Redeem to a till that somebody deployed early: the money stays there', async () => {
        const { provider, other } = await withAbsentTill();
        await stage.chain.plant(provider.till, { ...provider.tillInit, balance: 0n });
        const result = await other.redeem(toNano(3));
        expectTrace(result, [
            { to: other.address, op: 'Redeem' },
            { to: provider.till, op: 'Settle', exitCode: errorCode('WRONG_STATE'), messagesOut: 0 },
        ]);
        expect(await stage.chain.balance(provider.till)).toBeGreaterThan(toNano(3));
    });

    const frozen = (address: Address, balance: bigint): ShardAccount => ({
        lastTransactionHash: 0n,
        lastTransactionLt: 0n,
        account: {
            addr: address,
            storage: {
                lastTransLt: 0n,
                balance: { coins: balance },
                state: { type: 'frozen', stateHash: 5n },
            },
            storageStats: {
                used: { cells: 1n, bits: 1n },
                storageExtra: null,
                lastPaid: stage.chain.now,
                duePayment: null,
            },
        },
    });

    it.each(['CloseChannel', 'FinalizeChannel'] as const)(
        '%s to a client whose account is gone, or frozen: the refund waits there',
        async (op) => {
            const message =
                op === 'CloseChannel'
                    ? channel.closeBody(await channel.agreement(0n, { validUntil: channel.offer.closesAt + 60 }))
                    : channel.finalizeBody();
            const gone: ShardAccount = { lastTransactionHash: 0n, lastTransactionLt: 0n, account: null };
            for (const account of [gone, frozen(channel.client.address, 7n)]) {
                await stage.enter('open');
                await stage.chain.plant(channel.client, account);
                stage.chain.at(channel.offer.closesAt);
                const before = await stage.chain.balance(channel.client);
                const result = await stage.tell('stranger', message);
                expectTrace(result, [
                    { to: channel.address, op, destroyed: true },
                    { to: channel.client, op: 'ChannelClosed', exitCode: 'skipped', messagesOut: 0 },
                ]);
                const refund = received(result, channel.client);
                expect(refund).toBeGreaterThan(channel.offer.deposit);
                const rent = storageFeesOf(transactionAt(result, channel.client));
                expect(await stage.chain.balance(channel.client)).toBe(before + refund - rent);
                expect(await stage.chain.isGone(channel.address)).toBe(true);
            }
        },
    );
});
