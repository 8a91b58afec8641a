import { beginCell } from '@ton/core';
import { expectGasWithinConstants, internalFrom, JobAccepted, Market, OUTCOME, PLENTY } from '../../fixtures/jobs';
import { Job } from '../../helpers/jobs';
import { JOB_ACCEPTED, parseStakeData } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace } from '../../helpers/traces';

let market: Market;

beforeAll(async () => {
    market = await Market.open();
});

describe.each(['open', 'quoting'] as const)('JobAccepted in state %s', (state) => {
    beforeEach(() => market.enter(state));

    const mismatches: [string, string, () => Partial<JobAccepted>][] = [
        ['another job key', 'JOB_KEY_MISMATCH', () => ({ jobKey: 1n })],
        [
            'a nanoTON less collateral',
            'COLLATERAL_MISMATCH',
            () => ({ collateral: market.job.terms.requiredCollateral - 1n }),
        ],
        [
            'a nanoTON more collateral',
            'COLLATERAL_MISMATCH',
            () => ({ collateral: market.job.terms.requiredCollateral + 1n }),
        ],
        ['a lock of a second less', 'LOCK_UNTIL_MISMATCH', () => ({ lockUntil: market.job.lockUntil - 1 })],
        ['a lock of a second more', 'LOCK_UNTIL_MISMATCH', () => ({ lockUntil: market.job.lockUntil + 1 })],
    ];

    it.each(mismatches)('With %s it is refused and bounces', async (_, error, change) => {
        await market.expectRefused('stake', await market.jobAcceptedBody(change()), error);
    });

    it('It is stored field by field', async () => {
        const before = await market.job.data();
        const party = beginCell().storeUint(5, 8).endCell();
        await market.tell('stake', await market.jobAcceptedBody({ lockId: (1n << 64n) - 1n, slot: 255, party }));
        const after = await market.job.data();
        expect(after).toMatchObject({
            state: JOB_ACCEPTED,
            lockId: (1n << 64n) - 1n,
            slot: 255,
            deadline: market.chain.now + market.job.terms.deliverWithin,
            lockUntil: before.lockUntil,
            openedLt: before.openedLt,
        });
        expect(after.progress).toEqualCell(party);
    });

    it.each([
        [-1, null],
        [0, 'TOO_LATE'],
        [1, 'TOO_LATE'],
    ])('At %i seconds from acceptBy: %s', async (offset, error) => {
        market.chain.at(market.job.terms.acceptBy + offset);
        const message = await market.jobAcceptedBody();
        if (error) {
            await market.expectRefused('stake', message, error);
        } else {
            expectTrace(await market.tell('stake', message), [{ op: 'JobAccepted', messagesOut: 0 }]);
        }
    });

    it('A second one is refused', async () => {
        await market.tell('stake', await market.jobAcceptedBody());
        await market.expectRefused('stake', await market.jobAcceptedBody({ lockId: 78n }), 'WRONG_STATE');
    });
});

describe('The tier that a job asks for', () => {
    let attested: Job;

    beforeAll(async () => {
        await market.enter('uninit');
        attested = await Job.prepare(market.provider, { nonce: 9n, terms: { tier: 1 } });
        await attested.post();
        market.keepAs('open');
    });

    beforeEach(() => market.enter('open'));

    const accept = async (tier: number, attestedUntil: number) => {
        const cell = await market.jobAcceptedBody({ jobKey: await attested.jobKey(), tier, attestedUntil });
        return await market.chain.blockchain.sendMessage(
            internalFrom(market.provider.stake, attested.escrow, PLENTY, cell),
        );
    };
    const deliverBy = (): number => market.chain.now + attested.terms.deliverWithin;

    it.each([
        ['tier Open', 0, () => deliverBy() + 1],
        ['an attestation that ends at deliverBy', 1, () => deliverBy()],
        ['an attestation that has ended', 1, () => 0],
    ] as [what: string, tier: number, until: () => number][])('%s does not suffice', async (_, tier, until) => {
        expectTrace(await accept(tier, until()), [
            { to: attested.escrow, op: 'JobAccepted', exitCode: 0x30e },
            { to: market.provider.stake, op: 'bounced JobAccepted' },
        ]);
    });

    it.each([1, 2, 255])('Tier %i that lasts a second past deliverBy suffices', async (tier) => {
        expectTrace(await accept(tier, deliverBy() + 1), [{ to: attested.escrow, op: 'JobAccepted' }]);
        expect((await attested.data()).state).toBe(JOB_ACCEPTED);
    });

    it('The stake itself, which nobody attested, cannot take the job, and its slot is free again', async () => {
        const result = await market.chain.send(market.provider.operator, {
            to: market.provider.stake,
            value: PLENTY,
            body: await attested.acceptBody(),
        });
        expectTrace(result, [
            { op: 'AcceptJob' },
            { to: attested.escrow, op: 'JobAccepted', exitCode: 0x30e },
            { op: 'Excesses' },
            { to: market.provider.stake, op: 'bounced JobAccepted' },
        ]);
        expect(parseStakeData((await market.chain.data(market.provider.stake))!)).toMatchObject({
            locked: 0n,
            hotLocked: 0n,
            usedSlots: 0n,
        });
    });
});

describe('What an acceptance brought', () => {
    it('returns to the client with the refund', async () => {
        const market2 = await Market.open();
        await market2.enter('open');
        const before = await market2.chain.balance(market2.escrow);
        await market2.job.accept();
        const surplus = (await market2.chain.balance(market2.escrow)) - before;
        expect(surplus).toBeGreaterThan(0n);
        await market2.at(0);
        await market2.expectSlashed(() => market2.tell('stranger', body('ExpireJob').endCell()), {
            from: market2.stranger,
            op: 'ExpireJob',
            slash: market2.job.terms.requiredCollateral / 10n,
            outcome: OUTCOME.late,
        });
    });
});

it('No handler used more gas than its constant says', expectGasWithinConstants);
