import { beginCell, Cell, toNano } from '@ton/core';
import { ChannelStage } from '../fixtures/channelStage';
import { approveFullBody } from '../fixtures/jobs';
import { PLENTY, useMarket } from '../fixtures/stakes';
import { hashNamed, jobKeyOf } from '../helpers/cells';
import { Job } from '../helpers/jobs';
import { JOB_ACCEPTED } from '../helpers/layout';
import { expectTrace, transactionAt } from '../helpers/traces';
import { FAILURES } from './failures';

/** The same message with another query id. */
function withQueryId(message: Cell, queryId: bigint): Cell {
    const rest = message.beginParse();
    return beginCell().storeUint(rest.loadUint(32), 32).storeUint(queryId, 64).storeSlice(rest.skip(64)).endCell();
}

// There a ticket wins by numbers that its parties choose, so two who collude win always. Here no payment rests on chance, and what
// tells openings and locks apart is the chain's logical time, which nobody chooses: guarantees 1 and 7.
describe(FAILURES.hopr.colludersEntropy, () => {
    const GROUND = Array.from({ length: 12 }, (_, index) => hashNamed(`ground ${index}`));

    it('pays what a voucher says, once, whatever its parties put in of their own', async () => {
        const stage = await ChannelStage.open();
        const { channel } = stage;
        const vouched = toNano(4);
        const messages = await Promise.all(
            GROUND.map(async (receiptHead) => {
                const voucher = await channel.voucher(vouched, { receiptHead });
                return channel.redeemBody(voucher, channel.sign(voucher), receiptHead >> 192n);
            }),
        );
        expect(new Set(messages.map((message) => message.hash().toString('hex'))).size).toBe(GROUND.length);
        for (const message of messages) {
            await stage.chain.rewinding(() => stage.expectRedeemed('operator', message, vouched));
        }
        await stage.expectRedeemed('operator', messages[0]!, vouched);
        for (const message of messages) {
            await stage.expectRefused('operator', message, 'NOTHING_DUE');
        }
        expect((await channel.data()).claimed).toBe(vouched);
    });

    describe('of a lock', () => {
        const m = useMarket();

        it('names it by logical time, not by what client and operator agreed on', async () => {
            const victim = await Job.prepare(m.provider, { client: 'victim' });
            await victim.postQuoted();
            const { lockId, slot } = await victim.data();
            const theirs = await m.data();

            const job = await Job.prepare(m.provider, { client: 'colluder', nonce: 2n });
            const { client, escrow, init, terms } = job;
            const value = terms.price + PLENTY;
            const body = withQueryId(job.postBody(), lockId);
            const posted = transactionAt(await m.send(client, { to: escrow, value, init, body }), escrow, 'PostJob');
            const { openedLt } = await job.data();
            expect(openedLt).toBe(posted.lt);
            expect(await job.jobKey()).toBe(jobKeyOf(escrow, job.termsCell, posted.lt));
            const accept = withQueryId(await job.acceptBody(), lockId);
            const trace = await m.send(m.operator, { to: m.stake, value: PLENTY, body: accept });
            const mine = await job.data();
            expect(mine.state).toBe(JOB_ACCEPTED);
            expect(mine.lockId).toBe(transactionAt(trace, m.stake, 'AcceptJob').lt);
            expect([mine.lockId === lockId, mine.slot === slot]).toEqual([false, false]);

            // Ending it frees its own lock alone.
            const ended = await m.send(client, {
                to: escrow,
                value: PLENTY,
                body: withQueryId(approveFullBody(), lockId),
            });
            expect(transactionAt(ended, m.stake, 'ReleaseCollateral').description).toMatchObject({ aborted: false });
            const { locks, locked } = await m.data();
            expect([locks, locked]).toEqual([theirs.locks, theirs.locked]);
            expectTrace(await m.send(victim.client, { to: victim.escrow, value: PLENTY, body: approveFullBody() }), [
                { to: victim.escrow, op: 'ApproveFull', destroyed: true },
                { to: m.provider.till, op: 'Settle' },
                { to: m.stake, op: 'ReleaseCollateral' },
                { to: victim.client, op: 'JobClosed' },
                { to: m.owner, op: 'Payout' },
            ]);
            expect((await m.data()).locked).toBe(0n);
        });
    });
});
