import { Address, beginCell, Cell, toNano } from '@ton/core';
import {
    errorCode,
    expectGasWithinConstants,
    internalFrom,
    Market,
    MarketOptions,
    OUTCOME,
    PLENTY,
} from '../fixtures/jobs';
import { escrowInit, jobKeyOf, keyPairOf, quoteCell } from '../helpers/cells';
import { strayAddress } from '../helpers/chain';
import { Job } from '../helpers/jobs';
import { operationOf } from '../helpers/labels';
import { JOB_OPEN, JOB_QUOTING, parseEscrowData, parseStakeData } from '../helpers/layout';
import { body, prepareProvider } from '../helpers/network';
import { storageFeesOf } from '../helpers/step';
import { expectTrace, received, transactionAt, transactionsAt } from '../helpers/traces';

/** The body of a bounced AcceptQuote, as far as the network returns it: 224 bits after the opcode that says so. */
function bouncedAcceptQuote(queryId: bigint): Cell {
    return beginCell()
        .storeUint(0xffffffff, 32)
        .storeUint(0x53540002, 32)
        .storeUint(queryId, 64)
        .storeUint(0, 128)
        .endCell();
}

async function expectNothingLocked(market: Market): Promise<void> {
    const stake = parseStakeData((await market.chain.data(market.provider.stake))!);
    expect(stake).toMatchObject({ locked: 0n, hotLocked: 0n, usedSlots: 0n });
}

describe('A quote that the stake refuses', () => {
    /** Posts the job with a quote, and expects the client to have everything back but fees. */
    async function expectRefund(
        market: Market,
        job: Job,
        quote: Cell,
        exitCode: number | 'skipped',
        stake: Address = market.provider.stake,
    ): Promise<void> {
        const value = job.terms.price + PLENTY;
        const result = await market.chain.send(job.client, {
            to: job.escrow,
            value,
            init: job.init,
            body: job.postBody(quote),
        });
        expectTrace(result, [
            { from: job.client, to: job.escrow, op: 'PostJob', messagesOut: 1 },
            { from: job.escrow, to: stake, op: 'AcceptQuote', exitCode },
            { from: stake, to: job.escrow, op: 'bounced AcceptQuote', messagesOut: 1, destroyed: true },
            { from: job.escrow, to: job.client, op: 'JobClosed' },
        ]);
        market.noteGas(result);
        const closed = transactionAt(result, job.client, 'JobClosed');
        expect(closed.inMessage!.body.beginParse().skip(96).loadUint(8)).toBe(OUTCOME.quoteRefused);
        const fees = value - received(result, job.client, 'JobClosed');
        expect(fees).toBeGreaterThan(0n);
        expect(fees).toBeLessThan(toNano('0.03'));
        expect(await market.chain.isGone(job.escrow)).toBe(true);
    }

    const options: [string, string, MarketOptions, (market: Market) => Cell | Promise<Cell>][] = [
        ['a quote that has expired', 'QUOTE_WINDOW', {}, (m) => m.job.quote({ validUntil: m.chain.now })],
        ['a quote that is valid too long', 'QUOTE_WINDOW', {}, (m) => m.job.quote({ validUntil: m.chain.now + 121 })],
        [
            'a quote by another key',
            'BAD_QUOTE_SIGNATURE',
            {},
            (m) => m.job.quote({ signing: keyPairOf('somebody else') }),
        ],
        [
            'a quote for other collateral',
            'BAD_QUOTE_SIGNATURE',
            {},
            (m) => m.job.quote({ collateral: m.job.terms.requiredCollateral - 1n }),
        ],
        [
            'a quote for other terms, which the escrow then refuses',
            'JOB_KEY_MISMATCH',
            {},
            (m) =>
                quoteCell(
                    {
                        escrow: m.escrow,
                        terms: beginCell().endCell(),
                        collateral: m.job.terms.requiredCollateral,
                        validUntil: m.chain.now + 60,
                    },
                    m.provider.signing,
                ),
        ],
    ];

    describe.each(['default', '2026-06'] as const)('with prices %s', (prices) => {
        let market: Market;

        beforeAll(async () => {
            market = await Market.open({ prices });
        });

        beforeEach(() => market.enter('uninit'));

        it.each(options.filter(([, error]) => error !== 'JOB_KEY_MISMATCH'))(
            '%s',
            async (_, error, _options, quote) => {
                await expectRefund(market, market.job, await quote(market), errorCode(error));
                await expectNothingLocked(market);
            },
        );

        it('A quote whose terms are others: the stake accepts, the escrow refuses, the slot is free, the client cancels', async () => {
            const quote = await options.at(-1)![3](market);
            const { job, provider, chain } = market;
            const result = await chain.send(job.client, {
                to: job.escrow,
                value: job.terms.price + PLENTY,
                init: job.init,
                body: job.postBody(quote),
            });
            expectTrace(result, [
                { to: job.escrow, op: 'PostJob' },
                { to: provider.stake, op: 'AcceptQuote' },
                { to: job.escrow, op: 'JobAccepted', exitCode: errorCode('JOB_KEY_MISMATCH') },
                { to: provider.stake, op: 'bounced JobAccepted' },
            ]);
            await expectNothingLocked(market);
            expect((await job.data()).state).toBe(JOB_QUOTING);
            await market.at(0);
            await market.expectRefunded(() => market.tell('client', body('CancelJob').endCell()), {
                from: job.client,
                op: 'CancelJob',
                outcome: OUTCOME.cancelled,
            });
        });

        it('A stake that was never deployed', async () => {
            const absent = await prepareProvider(market.network, { name: 'absent' });
            const job = await Job.prepare(absent);
            await expectRefund(market, job, job.quote(), 'skipped', absent.stake);
        });

        it('A stake that is deployed but not open', async () => {
            const early = await prepareProvider(market.network, { name: 'early' });
            await market.chain.plant(early.stake, {
                code: early.stakeInit.code!,
                data: early.stakeInit.data!,
                balance: toNano(1),
            });
            const job = await Job.prepare(early);
            await expectRefund(market, job, job.quote(), errorCode('WRONG_STATE'), early.stake);
        });

        it('A wallet in the place of the stake that takes the message leaves the job to CancelJob', async () => {
            const job = await Job.prepare({ ...market.provider, stake: market.stranger.address });
            const result = await market.chain.send(job.client, {
                to: job.escrow,
                value: job.terms.price + PLENTY,
                init: job.init,
                body: job.postBody(job.quote()),
            });
            expectTrace(result, [
                { to: job.escrow, op: 'PostJob' },
                { to: market.stranger, op: 'AcceptQuote' },
            ]);
            market.chain.at((await job.data()).deadline);
            expectTrace(await market.tell('client', body('CancelJob').endCell(), { to: job.escrow }), [
                { to: job.escrow, op: 'CancelJob', destroyed: true },
                { to: job.client, op: 'JobClosed' },
            ]);
        });
    });

    const states: [string, string, MarketOptions][] = [
        [
            'too much collateral for the stake',
            'INSUFFICIENT_STAKE',
            { job: { terms: { requiredCollateral: toNano(1001) } } },
        ],
        ['more than the allowance', 'ALLOWANCE_EXCEEDED', { job: { terms: { requiredCollateral: toNano(501) } } }],
    ];

    it.each(states)('%s', async (_, error, { job: jobOptions }) => {
        const market = await Market.open();
        await market.enter('uninit');
        const job = await Job.prepare(market.provider, jobOptions);
        await expectRefund(market, job, job.quote(), errorCode(error));
    });

    it('A jailed stake', async () => {
        const market = await Market.open({ amount: toNano(100) });
        await market.enter('uninit');
        await market.tell('owner', body('RequestUnbond').storeUint(1, 64).endCell(), { to: market.provider.stake });
        await expectRefund(market, market.job, market.job.quote(), errorCode('JAILED'));
    });
});

describe('A bounce that is not the answer to this opening', () => {
    let market: Market;

    beforeAll(async () => {
        market = await Market.open();
    });

    const bounce = (from: Address, queryId: bigint) =>
        market.chain.blockchain.sendMessage(
            internalFrom(from, market.escrow, toNano('0.1'), bouncedAcceptQuote(queryId), false, null, true),
        );

    async function expectIgnored(from: Address, queryId: bigint): Promise<void> {
        const before = (await market.chain.data(market.escrow))!;
        const balance = await market.chain.balance(market.escrow);
        const result = await bounce(from, queryId);
        expectTrace(result, [{ to: market.escrow, op: 'bounced AcceptQuote', messagesOut: 0 }]);
        expect(await market.chain.data(market.escrow)).toEqualCell(before);
        // Its value stays, above what is owed.
        const ignored = transactionAt(result, market.escrow);
        expect(await market.chain.balance(market.escrow)).toBeGreaterThan(balance - storageFeesOf(ignored));
    }

    it('In Quoting only the stake’s with this queryId counts', async () => {
        await market.enter('quoting');
        const { openedLt } = await market.job.data();
        await expectIgnored(market.provider.stake, openedLt - 1n);
        await expectIgnored(market.provider.stake, openedLt + 1n);
        await expectIgnored(market.provider.stake, 0n);
        await expectIgnored(market.stranger.address, openedLt);
        await expectIgnored(new Address(-1, market.provider.stake.hash), openedLt);
        expectTrace(await bounce(market.provider.stake, openedLt), [
            { to: market.escrow, op: 'bounced AcceptQuote', destroyed: true },
            { to: market.job.client, op: 'JobClosed' },
        ]);
    });

    it.each(['open', 'accepted', 'submitted', 'demanded', 'disputed'] as const)('In %s none counts', async (state) => {
        await market.enter(state);
        const { openedLt } = await market.job.data();
        await expectIgnored(market.provider.stake, openedLt);
    });

    it('Bounces of any other message are ignored', async () => {
        await market.enter('quoting');
        const { openedLt } = await market.job.data();
        for (const opcode of [0x53540004, 0x53540005, 0x50530001, 0x4a450010, 0]) {
            const cell = beginCell().storeUint(0xffffffff, 32).storeUint(opcode, 32).storeUint(openedLt, 64).endCell();
            const result = await market.chain.blockchain.sendMessage(
                internalFrom(market.provider.stake, market.escrow, toNano('0.1'), cell, false, null, true),
            );
            expect(result.transactions).toHaveLength(1);
            expect((await market.job.data()).state).toBe(JOB_QUOTING);
        }
    });

    it('A late bounce of the first life finds the second and does nothing', async () => {
        const { job, chain, provider } = market;
        await market.enter('uninit');
        const post = (quote: Cell) =>
            internalFrom(job.client.address, job.escrow, job.terms.price + PLENTY, job.postBody(quote), true, job.init);

        // The first AcceptQuote is on its way when the client cancels and opens the same escrow again.
        const first = await chain.blockchain.sendMessageIter(post(job.quote()), { allowParallel: true });
        await first.next();
        const firstLt = (await job.data()).openedLt;
        chain.pass(601);
        await market.tell('client', body('CancelJob').endCell());
        const second = await chain.blockchain.sendMessageIter(post(job.quote()), { allowParallel: true });
        await second.next();
        expect((await job.data()).openedLt).toBeGreaterThan(firstLt);
        const secondLife = (await chain.data(job.escrow))!;

        // Its quote is long expired: the stake bounces it, into the second life.
        const steps: string[] = [];
        for await (const step of first) {
            steps.push(operationOf(step.inMessage!.body));
        }
        expect(steps).toEqual(['AcceptQuote', 'bounced AcceptQuote']);
        expect(await chain.data(job.escrow)).toEqualCell(secondLife);

        // And the second is accepted as if nothing had been.
        for await (const step of second) {
            steps.push(operationOf(step.inMessage!.body));
        }
        expect(steps.slice(2)).toEqual(['AcceptQuote', 'JobAccepted']);
        expect(parseStakeData((await chain.data(provider.stake))!).locks.size).toBe(1);
    });

    it('A first AcceptQuote whose quote still holds cannot accept the second life', async () => {
        const { job, chain, provider } = market;
        await market.enter('uninit');
        const cancelled = await chain.blockchain.sendMessageIter(
            internalFrom(
                job.client.address,
                job.escrow,
                job.terms.price + PLENTY,
                job.postBody(job.quote()),
                true,
                job.init,
            ),
            { allowParallel: true },
        );
        await cancelled.next();
        // The stake accepts; the acceptance is on its way while the first life ends by a bounce from elsewhere.
        await cancelled.next();
        await bounce(provider.stake, (await job.data()).openedLt);
        expect(await chain.isGone(job.escrow)).toBe(true);
        await job.post();
        const step = await cancelled.next();
        expect(operationOf(step.value!.inMessage!.body)).toBe('JobAccepted');
        expect(step.value!.description).toMatchObject({ computePhase: { exitCode: errorCode('JOB_KEY_MISMATCH') } });
        await cancelled.next();
        expect((await job.data()).state).toBe(JOB_OPEN);
        await expectNothingLocked(market);
    });
});

describe('An acceptance that the escrow refuses', () => {
    let market: Market;

    beforeAll(async () => {
        market = await Market.open();
    });

    const accept = (
        change: { collateral?: bigint; jobKey?: bigint; lockUntil?: number; nonce?: bigint; client?: Address } = {},
    ) =>
        (async () =>
            body('AcceptJob')
                .storeUint(change.collateral ?? market.job.terms.requiredCollateral, 64)
                .storeAddress(change.client ?? market.job.client.address)
                .storeUint(change.nonce ?? market.job.nonce, 64)
                .storeUint(change.jobKey ?? (await market.jobKeyOrZero()), 256)
                .storeUint(change.lockUntil ?? market.job.lockUntil, 32)
                .endCell())();

    const refusals: [string, string, () => Promise<Cell>][] = [
        ['another job key', 'JOB_KEY_MISMATCH', () => accept({ jobKey: 5n })],
        ['other collateral', 'COLLATERAL_MISMATCH', () => accept({ collateral: 1n })],
        ['another lock', 'LOCK_UNTIL_MISMATCH', () => accept({ lockUntil: market.job.lockUntil + 1 })],
    ];

    it.each(refusals)('With %s: the bounce frees the slot', async (_, error, message) => {
        for (const role of ['operator', 'owner'] as const) {
            await market.enter('open');
            const result = await market.tell(role, await message(), { to: market.provider.stake });
            expectTrace(result, [
                { to: market.provider.stake, op: 'AcceptJob' },
                { to: market.escrow, op: 'JobAccepted', exitCode: errorCode(error) },
                { to: market.addressOf(role), op: 'Excesses' },
                { to: market.provider.stake, op: 'bounced JobAccepted' },
            ]);
            await expectNothingLocked(market);
            expect((await market.job.data()).state).toBe(JOB_OPEN);
        }
    });

    it('Too late at acceptBy', async () => {
        await market.enter('open');
        market.chain.at(market.job.terms.acceptBy);
        expectTrace(await market.tell('operator', await accept(), { to: market.provider.stake }), [
            { op: 'AcceptJob' },
            { op: 'JobAccepted', exitCode: errorCode('TOO_LATE') },
            { op: 'Excesses' },
            { op: 'bounced JobAccepted' },
        ]);
        await expectNothingLocked(market);
    });

    it('A second time', async () => {
        await market.enter('accepted');
        const before = parseStakeData((await market.chain.data(market.provider.stake))!);
        expectTrace(await market.tell('operator', await accept(), { to: market.provider.stake }), [
            { op: 'AcceptJob' },
            { op: 'JobAccepted', exitCode: errorCode('WRONG_STATE') },
            { op: 'Excesses' },
            { op: 'bounced JobAccepted' },
        ]);
        const after = parseStakeData((await market.chain.data(market.provider.stake))!);
        expect(after.locks).toEqual(before.locks);
        expect(after.locked).toBe(before.locked);
    });

    it.each(['submitted', 'demanded', 'disputed'] as const)('In state %s', async (state) => {
        await market.enter(state);
        const result = await market.tell('owner', await accept(), { to: market.provider.stake });
        expect(transactionsAt(result, market.escrow)).toHaveLength(1);
        expectTrace(result, [
            { op: 'AcceptJob' },
            { op: 'JobAccepted', exitCode: errorCode('WRONG_STATE') },
            { op: 'Excesses' },
            { op: 'bounced JobAccepted' },
        ]);
    });

    it('Of an escrow that is not there', async () => {
        await market.enter('open');
        expectTrace(await market.tell('operator', await accept({ nonce: 99n }), { to: market.provider.stake }), [
            { op: 'AcceptJob' },
            { op: 'JobAccepted', exitCode: 'skipped' },
            { op: 'Excesses' },
            { op: 'bounced JobAccepted' },
        ]);
        await expectNothingLocked(market);
    });
});

describe('What a closing escrow sends cannot come back', () => {
    // The escrow is gone when a bounce would arrive, so none of its last messages may bounce.
    let market: Market;
    const client = strayAddress(21);
    const stake = strayAddress(22);
    const till = strayAddress(23);
    const { address: escrow, init } = escrowInit({ client, providerStake: stake, nonce: 1n });

    beforeAll(async () => {
        market = await Market.open();
    });

    /** An accepted job among accounts that do not exist. */
    async function accepted(): Promise<void> {
        await market.enter('uninit');
        const { blockchain } = market.chain;
        await blockchain.sendMessage(
            internalFrom(client, escrow, market.job.terms.price + PLENTY, market.job.postBody(), true, init),
        );
        const data = parseEscrowData((await market.chain.data(escrow))!);
        const party = beginCell().storeAddress(till).storeAddress(client).storeAddress(client).endCell();
        await blockchain.sendMessage(
            internalFrom(
                stake,
                escrow,
                PLENTY,
                await market.jobAcceptedBody({ jobKey: jobKeyOf(escrow, market.job.termsCell, data.openedLt), party }),
            ),
        );
    }

    it('Till, stake and client without an account keep what they are sent', async () => {
        await accepted();
        const result = await market.chain.blockchain.sendMessage(
            internalFrom(client, escrow, PLENTY, body('ApproveFull').endCell()),
        );
        expectTrace(result, [
            { to: escrow, op: 'ApproveFull', destroyed: true },
            { to: till, op: 'Settle', exitCode: 'skipped', messagesOut: 0 },
            { to: stake, op: 'ReleaseCollateral', exitCode: 'skipped', messagesOut: 0 },
            { to: client, op: 'JobClosed', exitCode: 'skipped', messagesOut: 0 },
        ]);
        expect(await market.chain.balance(till)).toBe(received(result, till));
        expect(await market.chain.balance(client)).toBe(received(result, client));
    });

    it('Likewise when it slashes', async () => {
        await accepted();
        market.chain.at(parseEscrowData((await market.chain.data(escrow))!).deadline);
        const result = await market.chain.blockchain.sendMessage(
            internalFrom(strayAddress(24), escrow, PLENTY, body('ExpireJob').endCell()),
        );
        expectTrace(result, [
            { to: escrow, op: 'ExpireJob', destroyed: true },
            { to: stake, op: 'SlashCollateral', exitCode: 'skipped', messagesOut: 0 },
            { to: client, op: 'JobClosed', exitCode: 'skipped', messagesOut: 0 },
        ]);
        expect(await market.chain.balance(client)).toBe(received(result, client));
    });
});

it('No handler used more gas than its constant says', expectGasWithinConstants);
