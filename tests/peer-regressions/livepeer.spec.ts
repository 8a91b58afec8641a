import { Address, beginCell, toNano } from '@ton/core';
import { forwardFee, slashValue } from '../../wrappers/fees';
import { ChannelStage } from '../fixtures/channelStage';
import { Channel } from '../fixtures/channels';
import { approveFullBody } from '../fixtures/jobs';
import { DAY, PLENTY, toRegistry, toStake, useMarket } from '../fixtures/stakes';
import { PRICE_SETS } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED } from '../helpers/layout';
import { body, prepareProvider } from '../helpers/network';
import { expectTrace, received } from '../helpers/traces';
import { FAILURES } from './failures';
import { feesDueOf } from './support';

const AMOUNT = toNano(1000);
const COLLATERAL = toNano(20);

// There a stake that unbonds cannot be slashed, so whoever has cheated unbonds first. Here it is slashable until it is withdrawn,
// and what a lock needs cannot be withdrawn: guarantee 9.
describe(FAILURES.livepeer.unbondingEscapes, () => {
    // The stake unbonds a day after the acceptance, the job may be delivered two days later.
    const m = useMarket({ params: { unbondingPeriod: DAY }, amount: AMOUNT });
    const late = toNano(5);
    const job = async () => {
        const accepted = await Job.prepare(m.provider, { terms: { deliverWithin: 3 * DAY, lateSlashBps: 2500 } });
        await accepted.postQuoted();
        return accepted;
    };
    const unbond = async () => {
        await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(AMOUNT) });
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: AMOUNT });
    };
    const withdrawal = () => ({ to: m.stake, value: PLENTY, body: toStake.withdraw() });

    async function expectLateSlash({ escrow, client }: Job): Promise<void> {
        const share = late / 2n - forwardFee(m.prices);
        expectTrace(await m.send(m.stranger, { to: escrow, value: PLENTY, body: body('ExpireJob').endCell() }), [
            { from: m.stranger, to: escrow, op: 'ExpireJob', destroyed: true },
            { from: escrow, to: m.stake, op: 'SlashCollateral', value: slashValue(m.prices) },
            { from: escrow, to: client, op: 'JobClosed' },
            { from: m.stake, to: client, op: 'SlashShare', value: share },
            { from: m.stake, to: m.network.treasury, op: 'SlashShare', value: share },
        ]);
    }

    it('slashes a stake of which every nanoTON unbonds', async () => {
        const accepted = await job();
        m.chain.pass(3 * DAY - 1);
        await unbond();
        m.chain.pass(1);
        await expectLateSlash(accepted);
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: AMOUNT - late, locked: 0n });
    });

    it('keeps the collateral when the rest is withdrawn in the middle of the job, and slashes it', async () => {
        const accepted = await job();
        await unbond();
        m.chain.pass(DAY - 1);
        await m.refused(m.owner, withdrawal(), 'STILL_UNBONDING');
        m.chain.pass(1);
        const first = await m.send(m.owner, withdrawal());
        expect(received(first, m.owner, 'Excesses')).toBeGreaterThan(AMOUNT - COLLATERAL);
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: COLLATERAL, locked: COLLATERAL });
        await m.refused(m.owner, withdrawal(), 'NOTHING_WITHDRAWABLE');
        m.chain.pass(2 * DAY);
        await expectLateSlash(accepted);
        // What was not slashed is the owner's at once.
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: COLLATERAL - late, locked: 0n });
        const last = await m.send(m.owner, withdrawal());
        expect(received(last, m.owner, 'Excesses')).toBeGreaterThan(COLLATERAL - late);
        expect(await m.data()).toMatchObject({ stake: 0n, unbonding: 0n });
    });
});

// There a winning ticket is spent by whatever part of it the deposit could pay. Here a voucher is no ticket: it says what is due
// in all, so a nanoTON paid on it leaves all the rest due: guarantees 6 and 7.
describe.each(PRICE_SETS)(`${FAILURES.livepeer.partialBurns} (prices: %s)`, (prices) => {
    let stage: ChannelStage;
    let channel: Channel;
    beforeAll(async () => {
        stage = await ChannelStage.open({ prices });
        channel = stage.channel;
    });
    beforeEach(() => stage.enter('open'));

    it('pays the rest of a voucher that a stranger had redeemed for the last nanoTON of the deposit', async () => {
        const { deposit } = channel.offer;
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(deposit - 1n)), deposit - 1n);
        const newest = channel.redeemBody(await channel.voucher(deposit + toNano(5)));
        await stage.expectRedeemed('stranger', newest, 1n);
        await stage.expectRefused('operator', newest, 'NOTHING_DUE');
        await stage.expectStep('client', channel.topUpBody(toNano(5)), toNano(5), { value: toNano(6) });
        await stage.expectRedeemed('operator', newest, toNano(5));
        expect(await feesDueOf(stage.chain, channel.provider.till)).toBe((deposit - 1n + toNano(5)) / 50n);
    });

    it('pays the newest voucher in full after a stranger redeemed old ones nanoTON by nanoTON', async () => {
        const newest = channel.redeemBody(await channel.voucher(toNano(4)));
        for (const amount of [1n, 2n, 3n]) {
            await stage.expectRedeemed('stranger', channel.redeemBody(await channel.voucher(amount)), 1n);
        }
        await stage.expectRedeemed('operator', newest, toNano(4) - 3n);
        expect((await channel.data()).claimed).toBe(toNano(4));
    });
});

// There one switch stops everything. Here a pause stops new registrations and acceptances, ends by time, and is read by no message
// that pays anybody: guarantees 5, 6 and 8.
describe(FAILURES.livepeer.pauseBlocksExits, () => {
    let running: Job;
    let channel: Channel;
    const m = useMarket({ amount: AMOUNT }, async () => {
        running = await Job.prepare(m.provider, { nonce: 2n });
        await running.postQuoted();
        channel = await Channel.prepare(m.provider);
        await channel.open();
        await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(toNano(100)) });
        m.chain.pass(14 * DAY);
        // The longest pause, carried to the stake.
        await m.stepped(m.governor, { to: m.registry, value: PLENTY, body: toRegistry.pause(m.now + 7 * DAY) });
        await m.send(m.governor, { to: m.registry, value: PLENTY, body: toRegistry.sync(m.owner.address) });
    });
    const tell = (to: Address, message: ReturnType<typeof toStake.withdraw>) => ({ to, value: PLENTY, body: message });

    it('does what it is for, and ends by itself', async () => {
        expect((await m.config()).pausedUntil).toBe(m.now + 7 * DAY);
        const job = await Job.prepare(m.provider, { terms: { acceptBy: m.now + 8 * DAY } });
        await job.post();
        const accept = tell(m.stake, await job.acceptBody());
        await m.refused(m.operator, accept, 'PAUSED');
        m.chain.pass(7 * DAY - 1);
        await m.refused(m.operator, accept, 'PAUSED');
        m.chain.pass(1);
        await job.accept();
        expect((await job.data()).state).toBe(JOB_ACCEPTED);
    });

    it('lets the owner withdraw what has unbonded', async () => {
        const withdrawn = await m.send(m.owner, tell(m.stake, toStake.withdraw()));
        expectTrace(withdrawn, [
            { from: m.owner, to: m.stake, op: 'WithdrawStake' },
            { from: m.stake, to: m.owner, op: 'Excesses' },
        ]);
        expect(received(withdrawn, m.owner, 'Excesses')).toBeGreaterThan(toNano(100));
        expect(await m.data()).toMatchObject({ stake: AMOUNT - toNano(100), unbonding: 0n });
    });

    it('lets the owner begin to unbond, and a refused provider leave', async () => {
        await m.send(m.owner, tell(m.stake, toStake.withdraw()));
        await m.stepped(m.owner, tell(m.stake, toStake.requestUnbond(toNano(1))));
        const late = await prepareProvider(m.network, { name: 'late' });
        const { stake, owner, amount } = late;
        const open = { to: stake, value: amount + PLENTY, init: late.stakeInit };
        const { profile } = await m.settled();
        expectTrace(await m.send(owner, { ...open, body: toStake.open(amount, profile) }), [
            { to: stake, op: 'OpenStake' },
            { to: m.registry, op: 'RegisterMe' },
            { to: stake, op: 'RegistrationRefused' },
        ]);
        const left = await m.send(owner, tell(stake, body('WithdrawUnregistered').endCell()));
        expect(received(left, owner, 'Excesses')).toBeGreaterThan(amount);
        expect(await m.chain.isGone(stake)).toBe(true);
    });

    it('lets jobs pay, channels pay and refund, and tills be emptied', async () => {
        const { till } = m.provider;
        expectTrace(await m.send(running.client, tell(running.escrow, approveFullBody())), [
            { from: running.client, to: running.escrow, op: 'ApproveFull', destroyed: true },
            { from: running.escrow, to: till, op: 'Settle' },
            { from: running.escrow, to: m.stake, op: 'ReleaseCollateral' },
            { from: running.escrow, to: running.client, op: 'JobClosed' },
            { from: till, to: m.owner, op: 'Payout' },
        ]);
        expectTrace(await channel.redeem(toNano(4), m.stranger), [
            { from: m.stranger, to: channel.address, op: 'Redeem' },
            { from: channel.address, to: till, op: 'Settle' },
            { from: till, to: m.owner, op: 'Payout' },
        ]);
        await m.send(m.stranger, { ...tell(till, beginCell().endCell()), bounce: false });
        const emptied = await m.send(m.owner, tell(till, body('Withdraw').endCell()));
        expect(received(emptied, m.owner, 'Payout')).toBeGreaterThan(PLENTY / 2n);
        await m.stepped(channel.client, tell(channel.address, channel.requestCloseBody()));
        m.chain.pass(DAY);
        const ended = await m.send(m.stranger, tell(channel.address, channel.finalizeBody()));
        expect(received(ended, channel.client, 'ChannelClosed')).toBeGreaterThan(toNano(6));
    });
});
