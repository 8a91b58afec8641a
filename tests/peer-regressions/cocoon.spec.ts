import { beginCell, Cell, toNano } from '@ton/core';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptChannel, providerBook } from '../../protocol';
import { redeemingValue } from '../../wrappers/fees';
import { ChannelStage } from '../fixtures/channelStage';
import { Channel, HOUR, YEAR } from '../fixtures/channels';
import { Market as JobMarket, OUTCOME, verdictBody } from '../fixtures/jobs';
import { DAY, Market, PLENTY, toRegistry, toStake, UNKNOWN_MESSAGE, useMarket } from '../fixtures/stakes';
import { keyPairOf, networkParamsCell, profileCell, uint256Of } from '../helpers/cells';
import { PRICE_SETS } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED, STAKE_REGISTERED, STAKE_UNREGISTERED } from '../helpers/layout';
import { body, openProvider, prepareProvider } from '../helpers/network';
import { tactSources } from '../helpers/sources';
import { expectTrace, received } from '../helpers/traces';
import {
    offerWith,
    policy,
    providerRefusal,
    openProvider as openBook,
    take,
    voucherWith,
} from '../unit/protocol/channelsSupport';
import { FAILURES } from './failures';
import { expectUntouched, recordOf, withVictim } from './support';

const DEPOSIT = toNano(10);

// There the counter moves before the money, and a bounce moves nothing back. Here `claimed` moves by what leaves in the same
// transaction, and what cannot be paid changes nothing: guarantees 3 and 6.
describe.each(PRICE_SETS)(`${FAILURES.cocoon.payoutBounces} (prices: %s)`, (prices) => {
    it('pays a voucher above the deposit as far as it goes, and the rest once that is there', async () => {
        const stage = await ChannelStage.open({ prices });
        const { channel } = stage;
        const redeem = channel.redeemBody(await channel.voucher(DEPOSIT + toNano(5)));
        await stage.expectRedeemed('operator', redeem, DEPOSIT);
        await stage.expectRefused('operator', redeem, 'NOTHING_DUE');
        expect((await channel.data()).claimed).toBe(DEPOSIT);
        await stage.expectStep('stranger', channel.topUpBody(toNano(5)), toNano(5), { value: toNano(6) });
        await stage.expectRedeemed('operator', redeem, toNano(5));
    });

    it('counts nothing where the balance is short, and pays all of it once somebody makes it good', async () => {
        const deposit = 30_000_000n;
        const stage = await ChannelStage.open({ prices, offer: () => ({ deposit }) });
        const { channel } = stage;
        let left: bigint;
        do {
            stage.chain.pass(YEAR);
            left = await stage.payRent();
        } while (left >= deposit);
        await stage.chain.send(channel.stranger, { to: channel.provider.till, value: PLENTY, bounce: false });
        const redeem = channel.redeemBody(await channel.voucher(deposit));
        const lacking = deposit - left;
        expect(lacking).toBeGreaterThan(0n);
        const least = redeemingValue(stage.prices) + lacking;
        await stage.expectRefused('operator', redeem, 'INSUFFICIENT_VALUE', { value: least - 1n });
        expect((await channel.data()).claimed).toBe(0n);
        await stage.expectRedeemed('operator', redeem, deposit, { value: least, lacking });
    });

    it('keeps a payment at the address of a till that does not run, for its owner', async () => {
        const stage = await ChannelStage.open({ prices });
        const { network, client } = stage.channel;
        const late = await prepareProvider(network, { name: 'late' });
        const channel = await Channel.prepare(late, { nonce: 2n });
        await channel.open();
        const paid = await channel.redeem(toNano(4), client);
        expectTrace(paid, [
            { from: client, to: channel.address, op: 'Redeem' },
            { from: channel.address, to: late.till, op: 'Settle', exitCode: 'skipped' },
        ]);
        expect(await stage.chain.balance(late.till)).toBe(received(paid, late.till, 'Settle'));
        await openProvider(network, { name: 'late' });
        const withdrawn = await stage.chain.send(late.owner, {
            to: late.till,
            value: PLENTY,
            body: body('Withdraw').endCell(),
        });
        // All of it but the forward fee of the payout and rent; the attached value covered most of that.
        expect(received(withdrawn, late.owner, 'Payout')).toBeGreaterThanOrEqual(toNano(4));
    });
});

// There the refund waits for a proxy with money of its own. Here a channel holds the deposit itself, and after closeDelay anybody
// can have it paid, whatever has become of the provider: guarantee 5.
describe(FAILURES.cocoon.strandedDeposit, () => {
    it('refunds everything not vouched for by a provider that has withdrawn its last nanoTON of stake', async () => {
        const stage = await ChannelStage.open();
        const { channel, chain } = stage;
        const { owner, stake, amount } = channel.provider;
        const tell = (message: Cell) => chain.send(owner, { to: stake, value: PLENTY, body: message });
        await tell(toStake.requestUnbond(amount));
        chain.pass(14 * DAY);
        expect(received(await tell(toStake.withdraw()), owner, 'Excesses')).toBeGreaterThan(amount);
        await stage.expectRedeemed('operator', channel.redeemBody(await channel.voucher(toNano(4))), toNano(4));

        await stage.expectRefused('client', channel.finalizeBody(), 'CHANNEL_RUNNING');
        await stage.expectStep('client', channel.requestCloseBody(), 0n);
        chain.pass(DAY - 1);
        await stage.expectRefused('client', channel.finalizeBody(), 'CHANNEL_RUNNING');
        chain.pass(1);
        // The rest of the deposit, and what is left of the rent.
        expect(await stage.expectClosed('stranger', channel.finalizeBody(), 0n)).toBeGreaterThan(DEPOSIT - toNano(4));
    });
});

// There all clients' money lies in one account, and a payout names no charge. Here a payout is the client's own voucher, over
// this channel and this opening, and a channel holds nobody else's money: guarantees 5 and 7.
describe(FAILURES.cocoon.unlinkedPayout, () => {
    it('pays from no channel but that of whoever vouched', async () => {
        const { stage, victim } = await withVictim();
        const { channel } = stage;
        const own = await channel.voucher(toNano(4));
        await stage.expectRefused('operator', channel.redeemBody(own), 'SIGNED_FOR_ANOTHER', { to: victim });
        const forged = await victim.voucher(toNano(4));
        for (const key of [channel.clientKey, channel.provider.signing, keyPairOf('a worker')]) {
            const message = victim.redeemBody(forged, victim.sign(forged, key));
            await stage.expectRefused('operator', message, 'BAD_VOUCHER_SIGNATURE', { to: victim });
        }
        await stage.expectRedeemed('operator', channel.redeemBody(own), toNano(4));
        await expectUntouched(stage, victim);
    });

    it('pays from no other channel even of the same clientKey', async () => {
        const { stage, victim } = await withVictim({ clientKey: uint256Of(keyPairOf('client.key').publicKey) });
        const { channel } = stage;
        expect((await victim.terms()).clientKey).toBe((await channel.terms()).clientKey);
        const own = await channel.voucher(toNano(4));
        // Nor if both were opened at the same time.
        const twin = await channel.voucher(toNano(4), { openedLt: (await victim.terms()).openedLt });
        await stage.expectRefused('operator', channel.redeemBody(own), 'SIGNED_FOR_ANOTHER', { to: victim });
        await stage.expectRefused('operator', channel.redeemBody(twin), 'BAD_VOUCHER_SIGNATURE', { to: victim });
        await stage.expectRedeemed('operator', channel.redeemBody(own), toNano(4));
        await expectUntouched(stage, victim);
    });
});

// There the shared balance pays what a client's own does not cover. Here a voucher is worth at most its own channel's deposit,
// and a worker does not serve for more: guarantees 2 and 5.
describe(FAILURES.cocoon.absorbedOverspend, () => {
    it('pays at most the deposit of the channel that overspends', async () => {
        const { stage, victim } = await withVictim();
        const { channel } = stage;
        const overspent = channel.redeemBody(await channel.voucher(DEPOSIT * 2n));
        await stage.expectRedeemed('operator', overspent, DEPOSIT);
        await stage.expectRefused('operator', overspent, 'NOTHING_DUE');
        await expectUntouched(stage, victim);
    });

    it('lets a worker take a voucher up to the deposit, not a nanoTON above it', () => {
        const book = openBook();
        const { totalDeposited } = book.terms;
        const vouching = (amount: bigint) => take(book, voucherWith({ amount }), 'a');
        expect(providerRefusal(book, () => vouching(totalDeposited + 1n))).toBe('above-deposit');
        expect(providerBook.redeemable(vouching(totalDeposited).state)!.due).toBe(totalDeposited);
    });
});

// There neither check exists. Here the Registry admits, and a stake accepts, from minStake on only, and a channel's times are
// held to bounds by the contract and to its own by the worker: guarantees 6 and 8.
describe(FAILURES.cocoon.unenforcedStake, () => {
    const MIN_STAKE = toNano(100);

    describe('by the Registry', () => {
        const m = useMarket({ registered: false, amount: MIN_STAKE - 1n });

        it('does not register a stake of a nanoTON less, nor let it accept', async () => {
            const { stakeInit: init, amount, profile } = m.provider;
            const message = {
                to: m.stake,
                value: amount + PLENTY,
                init,
                body: toStake.open(amount, profileCell(profile)),
            };
            expectTrace(await m.send(m.owner, message), [
                { to: m.stake, op: 'OpenStake' },
                { to: m.registry, op: 'RegisterMe' },
                { to: m.stake, op: 'RegistrationRefused' },
            ]);
            expect((await m.data()).state).toBe(STAKE_UNREGISTERED);
            const job = await Job.prepare(m.provider);
            await job.post();
            const accept = { to: m.stake, value: PLENTY, body: await job.acceptBody() };
            await m.refused(m.owner, accept, 'WRONG_STATE');

            await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.topUp(1n) });
            await m.send(m.owner, { to: m.stake, value: PLENTY, body: toStake.retry() });
            expect(await m.data()).toMatchObject({ state: STAKE_REGISTERED, stake: MIN_STAKE });
            await job.accept('owner');
        });
    });

    describe('by the stake', () => {
        const m = useMarket({ amount: MIN_STAKE });

        it('does not accept with a nanoTON of the minimum unbonding', async () => {
            const job = await Job.prepare(m.provider);
            await job.post();
            const accept = { to: m.stake, value: PLENTY, body: await job.acceptBody() };
            await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.requestUnbond(1n) });
            await m.refused(m.operator, accept, 'JAILED');
            await m.stepped(m.owner, { to: m.stake, value: PLENTY, body: toStake.cancelUnbond() });
            await job.accept();
            expect((await job.data()).state).toBe(JOB_ACCEPTED);
        });
    });

    it('lets no channel close faster than an hour, nor end before it could be closed', async () => {
        const stage = await ChannelStage.open();
        const { channel, chain } = stage;
        await stage.enter('uninit');
        const value = DEPOSIT + PLENTY;
        const open = (closeDelay: number, closesAt: number) => channel.openBody({ closeDelay, closesAt });
        await stage.expectRefused('client', open(HOUR - 1, chain.now + DAY), 'CLOSE_DELAY', { value });
        await stage.expectRefused('client', open(HOUR, chain.now + HOUR - 1), 'CLOSES_AT', { value });
        await stage.expectOpened({ closeDelay: HOUR, closesAt: chain.now + HOUR });
    });

    it('lets a worker serve no channel with a shorter delay than he needs to redeem', () => {
        const offer = offerWith({});
        const holding = (minCloseDelay: number) => acceptChannel(offer, { ...policy, minCloseDelay });
        const short = holding(offer.closeDelay + 1);
        expect(short.ok ? [] : short.reasons.map(({ code }) => code)).toEqual(['close-delay']);
        expect(holding(offer.closeDelay).ok).toBe(true);
    });
});

// There one key does it in one transaction. Here every change waits out the timelock in the open, the next governor has to accept,
// and no code can be replaced at all: guarantee 8.
describe(FAILURES.cocoon.instantOwner, () => {
    const m = useMarket();
    const tell = (message: Cell) => ({ to: m.registry, value: PLENTY, body: message });

    it('changes no parameter before the timelock is over', async () => {
        const before = await m.registryData();
        const next = { ...m.network.params, feeBps: 500, treasury: m.governor.address };
        await m.stepped(m.governor, tell(toRegistry.proposeParams(networkParamsCell(next))));
        for (const wait of [0, 2 * DAY - 1]) {
            m.chain.pass(wait);
            await m.refused(m.governor, tell(toRegistry.execute()), 'TIMELOCK_RUNNING');
        }
        expect((await m.registryData()).params).toEqualCell(before.params!);
        m.chain.pass(1);
        await m.stepped(m.stranger, tell(toRegistry.execute()));
        expect((await m.registryData()).params).toEqualCell(networkParamsCell(next));
    });

    it('leaves the office with the governor until the next one has accepted it', async () => {
        await m.stepped(m.governor, tell(toRegistry.proposeGovernor(m.stranger.address)));
        expect((await m.registryData()).governor).toEqualAddress(m.governor.address);
        const pause = tell(toRegistry.pause(m.now + DAY));
        await m.refused(m.stranger, pause, 'WRONG_SENDER');
        await m.refused(m.client, tell(toRegistry.acceptGovernor()), 'WRONG_SENDER');
        await m.stepped(m.stranger, tell(toRegistry.acceptGovernor()));
        await m.refused(m.governor, pause, 'WRONG_SENDER');
        await m.stepped(m.stranger, pause);
    });

    it('replaces no code: no contract has an instruction for it, nor a message', async () => {
        const upgrade = beginCell()
            .storeUint(0x2508d66a, 32)
            .storeUint(0, 64)
            .storeRef(beginCell().endCell())
            .endCell();
        const code = async (at: Market['stake']) => {
            const { accountState } = await m.chain.blockchain.getContract(at);
            return accountState?.type === 'active' ? accountState.state.code!.hash().toString('hex') : null;
        };
        for (const to of [m.registry, m.stake, m.provider.till]) {
            const before = await code(to);
            for (const from of [m.governor, m.owner]) {
                await m.refused(from, { to, value: PLENTY, body: upgrade }, UNKNOWN_MESSAGE);
            }
            expect(await code(to)).toBe(before);
        }
        const setsCode = (text: string) => /\bSETCODE\b|\bset_code\b/i.test(text);
        expect(setsCode('SETCODE') && setsCode('set_code(x)')).toBe(true);
        expect(tactSources().filter(({ text }) => setsCode(text))).toEqual([]);
        const build = join(__dirname, '..', '..', 'build');
        const compiled = readdirSync(build, { recursive: true, encoding: 'utf8' }).filter((path) =>
            path.endsWith('.fif'),
        );
        expect(compiled.length).toBeGreaterThanOrEqual(5);
        expect(compiled.filter((path) => setsCode(readFileSync(join(build, path), 'utf8')))).toEqual([]);
    });
});

// There a worker risks nothing. Here each job has its own escrow and collateral, a wrong result is challenged, judged, slashed and
// counted, and a right one is paid: guarantees 5, 6 and 9.
describe(FAILURES.cocoon.nothingAtStake, () => {
    let market: JobMarket;
    beforeAll(async () => {
        market = await JobMarket.open();
    });
    const record = () => recordOf(market.chain, market.provider.stake);

    it('costs the provider of a wrong result price and collateral, and its record', async () => {
        await market.enter('disputed');
        const { price, challengeBond, requiredCollateral } = market.job.terms;
        const { toClient } = await market.expectSlashed(() => market.tell('arbiter', verdictBody(true, 10_000)), {
            from: market.network.arbiter,
            op: 'Verdict',
            slash: requiredCollateral,
            outcome: OUTCOME.wrong,
        });
        expect(toClient).toBeGreaterThan(price + challengeBond);
        expect(await record()).toMatchObject({ wrong: 1, disputesWon: 0, settled: 0 });
    });

    it('pays the provider of a right one price and bond, and counts it', async () => {
        await market.enter('disputed');
        const { price, challengeBond } = market.job.terms;
        await market.expectSettled(() => market.tell('arbiter', verdictBody(false, 0)), {
            from: market.network.arbiter,
            op: 'Verdict',
            amount: price,
            bondShare: challengeBond,
            outcome: OUTCOME.disputeWon,
            payout: true,
        });
        expect(await record()).toMatchObject({ wrong: 0, disputesWon: 1, settled: 0 });
    });
});
