import { Address, beginCell, Cell, internal, storeMessageRelaxed, toNano } from '@ton/core';
import { approveFullBody, Market, OUTCOME, PLENTY, verdictBody } from '../fixtures/jobs';
import { toRegistry, toStake } from '../fixtures/stakes';
import { networkParamsCell } from '../helpers/cells';
import { strayAddress, Wallet } from '../helpers/chain';
import { operationOf } from '../helpers/labels';
import { JOB_DEMANDED, JOB_DISPUTED } from '../helpers/layout';
import { body } from '../helpers/network';
import { expectTrace, transactionAt } from '../helpers/traces';
import { FAILURES } from './failures';
import { recordOf, stakeOf } from './support';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const finalize = body('FinalizeJob').endCell();
const expireDispute = body('ExpireDispute').endCell();

// There the result has to be accepted by the client. Here time alone accepts it, and anybody may say so: guarantees 4 and 6.
describe(FAILURES.lilypad.silentClient, () => {
    let market: Market;
    beforeAll(async () => {
        market = await Market.open();
    });

    it('pays the whole amount once the window has passed, whoever sends it', async () => {
        await market.enter('submitted');
        await market.at(-1);
        await market.expectRefused('operator', finalize, 'TOO_EARLY');
        await market.at(0);
        const from = market.stranger;
        await market.expectSettled(() => market.tell(from, finalize), {
            from,
            op: 'FinalizeJob',
            amount: market.job.terms.price,
            outcome: OUTCOME.settled,
            payout: true,
        });
        expect(await recordOf(market.chain, market.provider.stake)).toMatchObject({ settled: 1 });
    });

    it('pays it too when the client demanded or challenged and then fell silent', async () => {
        await market.enter('demanded');
        const published = body('PublishResult').storeRef(market.job.result).endCell();
        await market.tell('operator', published);
        await market.at(0);
        await market.expectSettled(() => market.tell('stranger', finalize), {
            from: market.stranger,
            op: 'FinalizeJob',
            amount: market.job.terms.price,
            outcome: OUTCOME.settled,
            payout: true,
        });
        await market.enter('disputed');
        await market.at(0);
        await market.expectSettled(() => market.tell('stranger', expireDispute), {
            from: market.stranger,
            op: 'ExpireDispute',
            amount: market.job.terms.price,
            bondShare: market.job.terms.challengeBond / 2n,
            outcome: OUTCOME.arbiterSilent,
            payout: true,
        });
    });
});

// There whoever runs the network earns by slashing. Here the client's share is fixed by the terms, the rest goes to the treasury
// that every stake knew before the dispute, and nobody can name himself in between: guarantees 8 and 9.
describe(FAILURES.lilypad.slashToOwner, () => {
    it('gives half to the client and half to the treasury, while the governor tries to be the treasury', async () => {
        const market = await Market.open();
        await market.enter('disputed');
        const { network, chain, provider } = market;
        const grabbing = { ...network.params, treasury: network.governor.address };
        const registry = { to: network.registry };
        await market.tell('governor', toRegistry.proposeParams(networkParamsCell(grabbing)), registry);
        await market.expectRefused('governor', toRegistry.execute(), 'TIMELOCK_RUNNING', registry);
        const forged = toStake.updateParams(grabbing, 2, network.governor.address);
        await market.expectRefused('governor', forged, 'WRONG_SENDER', { to: provider.stake });
        await market.tell('governor', toRegistry.sync(provider.owner.address), registry);

        const bystanders = [network.governor, network.registry, provider.owner, provider.till];
        const before = await Promise.all(bystanders.map((who) => chain.balance(who)));
        await market.expectSlashed(() => market.tell('arbiter', verdictBody(true, 10_000)), {
            from: network.arbiter,
            op: 'Verdict',
            slash: market.job.terms.requiredCollateral,
            outcome: OUTCOME.wrong,
        });
        expect(await Promise.all(bystanders.map((who) => chain.balance(who)))).toEqual(before);
        expect((await stakeOf(chain, provider.stake)).stake).toBe(
            provider.amount - market.job.terms.requiredCollateral,
        );
    });
});

// There the mediation's time-out is reckoned from another time-out's parameter. Here each state's one deadline is reckoned from
// the message that began it, by its own window; all windows differ here, so that none can stand in for another: guarantee 4.
describe(FAILURES.lilypad.wrongTimeout, () => {
    const windows = {
        deliverWithin: 20 * MINUTE,
        challengeWindow: 30 * MINUTE,
        responseWindow: 2 * HOUR,
        arbitrationWindow: 3 * DAY,
    };
    let market: Market;
    beforeAll(async () => {
        market = await Market.open({ job: { terms: windows } });
    });
    beforeEach(async () => {
        await market.enter('submitted');
        await market.at(-1); // the last second to challenge
    });

    it('gives the arbiter of a challenge in the last second his whole window', async () => {
        await market.job.challenge();
        const { state, deadline } = await market.job.data();
        expect([state, deadline]).toEqual([JOB_DISPUTED, market.chain.now + windows.arbitrationWindow]);
        for (const passed of [0, 1, windows.deliverWithin, windows.challengeWindow, windows.responseWindow]) {
            market.chain.at(deadline - windows.arbitrationWindow + passed);
            await market.expectRefused('operator', expireDispute, 'TOO_EARLY');
        }
        await market.at(-1);
        await market.expectRefused('operator', expireDispute, 'TOO_EARLY');
        await market.expectSlashed(() => market.tell('arbiter', verdictBody(true, 10_000)), {
            from: market.network.arbiter,
            op: 'Verdict',
            slash: market.job.terms.requiredCollateral,
            outcome: OUTCOME.wrong,
        });
    });

    it('is over when that window is, and not a second later', async () => {
        await market.job.challenge();
        await market.at(0);
        await market.expectRefused('arbiter', verdictBody(true, 10_000), 'TOO_LATE');
        await market.expectSettled(() => market.tell('operator', expireDispute), {
            from: market.provider.operator,
            op: 'ExpireDispute',
            amount: market.job.terms.price,
            bondShare: market.job.terms.challengeBond / 2n,
            outcome: OUTCOME.arbiterSilent,
            payout: true,
        });
    });

    it('gives the provider his whole window to answer a demand in the last second', async () => {
        await market.job.demand();
        const { state, deadline } = await market.job.data();
        expect([state, deadline]).toEqual([JOB_DEMANDED, market.chain.now + windows.responseWindow]);
        await market.expectRefused('client', body('ExpireDemand').endCell(), 'TOO_EARLY');
        await market.at(-1);
        await market.expectRefused('client', body('ExpireDemand').endCell(), 'TOO_EARLY');
        await market.tell('operator', body('PublishResult').storeRef(market.job.result).endCell());
        expect((await market.job.data()).deadline).toBe(market.chain.now + windows.challengeWindow);
    });
});

/** A contract that sends on whatever message it is handed: SETCP0, DROP, LDREF, DROP, 64 PUSHINT, SENDRAWMSG. */
const RELAY = beginCell().storeBuffer(Buffer.from('ff0030d4308040fb00', 'hex')).endCell();

// There a contract that its victim calls acts in the victim's name. Here only the sender counts, and a relay is nobody, whoever
// began the transaction: guarantee 8.
describe(FAILURES.lilypad.transactionOrigin, () => {
    const relay = strayAddress(0x4e);
    let market: Market;
    beforeAll(async () => {
        market = await Market.open();
    });

    /** A victim calls the relay, which sends on a message. */
    async function lured(victim: Wallet, to: Address, message: Cell) {
        await market.chain.plant(relay, { code: RELAY, data: new Cell(), balance: toNano(1) }, 'Relay');
        const onward = beginCell().store(storeMessageRelaxed(internal({ to, value: 0n, body: message, bounce: true })));
        const handed = beginCell().storeRef(onward.endCell()).endCell();
        return await market.chain.send(victim, { to: relay, value: PLENTY, body: handed });
    }

    async function expectStopped(victim: Wallet, to: Address, message: Cell): Promise<void> {
        const before = await market.chain.data(to);
        const op = operationOf(message);
        expectTrace(await lured(victim, to, message), [
            { from: victim, to: relay, op: 'empty', messagesOut: 1 },
            { from: relay, to, op, exitCode: 0x101 },
            { from: to, to: relay, op: `bounced ${op}`, exitCode: 9 },
        ]);
        expect(await market.chain.data(to)).toEqualCell(before!);
    }

    it.each<[string, 'owner' | 'governor', () => [Address, Cell]]>([
        ['an owner unbond', 'owner', () => [market.provider.stake, toStake.requestUnbond(toNano(1))]],
        ['an owner empty his till', 'owner', () => [market.provider.till, body('Withdraw').endCell()]],
        ['a governor pause', 'governor', () => [market.network.registry, toRegistry.pause(market.chain.now + DAY)]],
        [
            'a governor give up his office',
            'governor',
            () => [market.network.registry, toRegistry.proposeGovernor(market.stranger.address)],
        ],
    ])('does not let %s through a contract that he calls', async (_, role, make) => {
        await market.enter('accepted');
        await market.tell('stranger', new Cell(), { to: market.provider.till, bounce: false });
        const [to, message] = make();
        await expectStopped(market.walletOf(role)!, to, message);
        const result = await market.tell(role, message, { to });
        expect(transactionAt(result, to, operationOf(message)).description).toMatchObject({ aborted: false });
    });

    it('does not let a client approve, nor an arbiter judge, through a contract that they call', async () => {
        await market.enter('accepted');
        await expectStopped(market.job.client, market.escrow, approveFullBody());
        await market.enter('disputed');
        await expectStopped(market.network.arbiter, market.escrow, verdictBody(false, 0));
        await market.expectSettled(() => market.tell('arbiter', verdictBody(false, 0)), {
            from: market.network.arbiter,
            op: 'Verdict',
            amount: market.job.terms.price,
            bondShare: market.job.terms.challengeBond,
            outcome: OUTCOME.disputeWon,
            payout: true,
        });
    });

    it('lets through what anybody may send', async () => {
        await market.enter('submitted');
        await market.at(0);
        const result = await lured(market.stranger, market.escrow, finalize);
        expectTrace(result, [
            { from: market.stranger, to: relay, op: 'empty' },
            { from: relay, to: market.escrow, op: 'FinalizeJob', destroyed: true },
            { from: market.escrow, to: market.provider.till, op: 'Settle' },
            { from: market.escrow, to: market.provider.stake, op: 'ReleaseCollateral' },
            { from: market.escrow, to: market.job.client, op: 'JobClosed' },
            { from: market.provider.till, to: market.provider.owner, op: 'Payout' },
        ]);
    });
});
