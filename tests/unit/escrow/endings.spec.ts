import { beginCell, Builder, Cell, Dictionary, toNano } from '@ton/core';
import { keyPairFromSeed } from '@ton/crypto';
import {
    cancellingValue,
    computeFee,
    demandBond,
    postingValue,
    releaseValue,
    settleValue,
    settlingEndValue,
    slashingEndValue,
} from '../../../wrappers/fees';
import {
    approveFullBody,
    expectGasWithinConstants,
    Market,
    OUTCOME,
    PLENTY,
    Role,
    StateName,
    valueIn,
    verdictBody,
} from '../../fixtures/jobs';
import { PRICE_SETS } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { parseStakeData, parseTillData } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace, received, transactionAt } from '../../helpers/traces';

const bodyNamed = (op: string) => body(op).endCell();

describe('Approvals by signature', () => {
    let market: Market;
    const other = keyPairFromSeed(Buffer.alloc(32, 9));

    beforeAll(async () => {
        market = await Market.open();
    });

    describe('ApproveFull', () => {
        beforeEach(() => market.enter('accepted'));

        it.each(['stranger', 'operator', 'owner', 'arbiter', 'stake', 'till'] as Role[])(
            'The %s may bring the client’s signature',
            async (role) => {
                const signature = await market.fullSignature();
                await market.expectSettled(() => market.tell(role, approveFullBody(signature)), {
                    from: market.addressOf(role),
                    op: 'ApproveFull',
                    amount: market.job.terms.price,
                    outcome: OUTCOME.settled,
                    payout: true,
                });
            },
        );

        it('The client needs none, and a wrong one does not matter', async () => {
            for (const signature of [undefined, Buffer.alloc(64), beginCell().storeUint(1, 7)]) {
                await market.enter('accepted');
                await market.expectSettled(() => market.tell('client', approveFullBody(signature)), {
                    from: market.job.client,
                    op: 'ApproveFull',
                    amount: market.job.terms.price,
                    outcome: OUTCOME.settled,
                    payout: true,
                });
            }
        });

        it('It works after deliverBy too, as long as nobody expired the job', async () => {
            await market.at(1000);
            await market.expectSettled(() => market.tell('client', approveFullBody()), {
                from: market.job.client,
                op: 'ApproveFull',
                amount: market.job.terms.price,
                outcome: OUTCOME.settled,
                payout: true,
            });
        });

        const bad: [string, string, () => Builder | Buffer | Promise<Builder | Buffer>][] = [
            ['none', 'WRONG_SENDER', () => beginCell()],
            ['511 bits', 'WRONG_SENDER', async () => beginCell().storeBits((await signed()).loadBits(511))],
            [
                '513 bits',
                'WRONG_SENDER',
                async () =>
                    beginCell()
                        .storeBuffer(await market.fullSignature())
                        .storeBit(0),
            ],
            ['512 zero bits', 'BAD_APPROVAL_SIGNATURE', () => Buffer.alloc(64)],
            [
                'one by another key',
                'BAD_APPROVAL_SIGNATURE',
                () => market.fullSignature({ secretKey: other.secretKey }),
            ],
            [
                'one by the provider',
                'BAD_APPROVAL_SIGNATURE',
                () => market.fullSignature({ secretKey: market.provider.signing.secretKey }),
            ],
            ['one for another job', 'BAD_APPROVAL_SIGNATURE', () => market.fullSignature({ jobKey: 1n })],
            ['one of ApproveSubmitted’s kind', 'BAD_APPROVAL_SIGNATURE', () => market.submittedSignature()],
        ];
        const signed = async () =>
            beginCell()
                .storeBuffer(await market.fullSignature())
                .endCell()
                .beginParse();

        it.each(bad)('A stranger with %s is refused', async (_, error, signature) => {
            await market.expectRefused('stranger', approveFullBody(await signature()), error);
        });
    });

    describe('ApproveSubmitted', () => {
        beforeEach(() => market.enter('submitted'));

        it.each(['stranger', 'operator', 'owner', 'arbiter', 'stake', 'till'] as Role[])(
            'The %s may bring the client’s signature',
            async (role) => {
                const signature = await market.submittedSignature();
                await market.expectSettled(() => market.tell(role, market.approveSubmittedBody({ signature })), {
                    from: market.addressOf(role),
                    op: 'ApproveSubmitted',
                    amount: market.job.terms.price,
                    outcome: OUTCOME.settled,
                    payout: true,
                });
            },
        );

        const bad: [string, string, () => Builder | Buffer | Promise<Builder | Buffer>][] = [
            ['none', 'WRONG_SENDER', () => beginCell()],
            ['511 bits', 'WRONG_SENDER', () => beginCell().storeUint(0, 256).storeUint(0, 255)],
            [
                '513 bits',
                'WRONG_SENDER',
                async () =>
                    beginCell()
                        .storeBuffer(await market.submittedSignature())
                        .storeBit(1),
            ],
            [
                'one by another key',
                'BAD_APPROVAL_SIGNATURE',
                () => market.submittedSignature({ secretKey: other.secretKey }),
            ],
            ['one for another job', 'BAD_APPROVAL_SIGNATURE', () => market.submittedSignature({ jobKey: 1n })],
            ['one for another amount', 'BAD_APPROVAL_SIGNATURE', () => market.submittedSignature({ amount: 6n })],
            [
                'one for another result',
                'BAD_APPROVAL_SIGNATURE',
                () => market.submittedSignature({ resultCommitment: 6n }),
            ],
            ['one of ApproveFull’s kind', 'BAD_APPROVAL_SIGNATURE', () => market.fullSignature()],
        ];

        it.each(bad)('A stranger with %s is refused', async (_, error, signature) => {
            await market.expectRefused(
                'stranger',
                market.approveSubmittedBody({ signature: await signature() }),
                error,
            );
        });

        it('Amount and commitment must be the submitted ones, for the client as for a signature', async () => {
            const { price } = market.job.terms;
            const wrong = [
                { amount: price - 1n },
                { amount: price + 1n },
                { amount: 0n },
                { resultCommitment: market.job.resultCommitment ^ 1n },
            ];
            for (const change of wrong) {
                const signature = await market.submittedSignature(change);
                await market.expectRefused('client', market.approveSubmittedBody(change), 'RESULT_MISMATCH');
                await market.expectRefused(
                    'stranger',
                    market.approveSubmittedBody({ ...change, signature }),
                    'RESULT_MISMATCH',
                );
            }
        });

        it('An approval of a part can never pay the whole', async () => {
            await market.enter('accepted');
            const amount = (market.job.terms.price * 6n) / 10n;
            const partial = await market.submittedSignature({ amount });
            await market.expectRefused('stranger', approveFullBody(partial), 'BAD_APPROVAL_SIGNATURE');
            await market.job.submit();
            await market.expectRefused(
                'stranger',
                market.approveSubmittedBody({ signature: partial }),
                'BAD_APPROVAL_SIGNATURE',
            );
        });
    });

    it.each(['demanded', 'disputed'] as const)('From %s no approval works, signed or not', async (state) => {
        await market.enter(state);
        for (const [role, full, submitted] of [
            ['client', undefined, undefined],
            ['stranger', await market.fullSignature(), await market.submittedSignature()],
        ] as const) {
            await market.expectRefused(role, approveFullBody(full), 'WRONG_STATE');
            await market.expectRefused(role, market.approveSubmittedBody({ signature: submitted }), 'WRONG_STATE');
        }
    });

    it('A job with a key that only the wallet of the client replaces still ends by the wallet', async () => {
        await market.enter('uninit');
        const job = await Job.prepare(market.provider, { nonce: 8n, terms: { clientKey: 0n } });
        await job.post();
        await job.accept();
        const result = await market.tell('client', approveFullBody(), { to: job.escrow });
        expectTrace(result, [
            { to: job.escrow, op: 'ApproveFull', destroyed: true },
            { op: 'Settle' },
            { op: 'ReleaseCollateral' },
            { op: 'JobClosed' },
            { op: 'Payout' },
        ]);
    });
});

/** Every way to end a job after its acceptance. */
interface Ending {
    name: string;
    state: StateName;
    from: Role;
    message: (market: Market) => Cell;
    /** Whether it needs the state's deadline to have passed. */
    late?: boolean;
    op: string;
    outcome: number;
    /** Basis points of the collateral; without them the provider is paid. */
    slashBps?: number;
    /** Which bond the escrow holds. */
    bond?: 'demand' | 'challenge';
    /** Of the bond, to the till. */
    bondShare?: (bond: bigint) => bigint;
}

const ENDINGS: Ending[] = [
    {
        name: 'ApproveFull',
        state: 'accepted',
        from: 'client',
        message: () => approveFullBody(),
        op: 'ApproveFull',
        outcome: OUTCOME.settled,
    },
    {
        name: 'ApproveSubmitted',
        state: 'submitted',
        from: 'client',
        message: (m) => m.approveSubmittedBody(),
        op: 'ApproveSubmitted',
        outcome: OUTCOME.settled,
    },
    {
        name: 'FinalizeJob',
        state: 'submitted',
        from: 'stranger',
        message: () => bodyNamed('FinalizeJob'),
        late: true,
        op: 'FinalizeJob',
        outcome: OUTCOME.settled,
    },
    {
        name: 'ExpireJob',
        state: 'accepted',
        from: 'stranger',
        message: () => bodyNamed('ExpireJob'),
        late: true,
        op: 'ExpireJob',
        outcome: OUTCOME.late,
        slashBps: 1000,
    },
    {
        name: 'ExpireDemand',
        state: 'demanded',
        from: 'stranger',
        message: () => bodyNamed('ExpireDemand'),
        late: true,
        op: 'ExpireDemand',
        outcome: OUTCOME.undelivered,
        slashBps: 10000,
        bond: 'demand',
    },
    {
        name: 'a verdict of right',
        state: 'disputed',
        from: 'arbiter',
        message: () => verdictBody(false, 0),
        op: 'Verdict',
        outcome: OUTCOME.disputeWon,
        bond: 'challenge',
        bondShare: (bond) => bond,
    },
    {
        name: 'a verdict of right that names a slash all the same',
        state: 'disputed',
        from: 'arbiter',
        message: () => verdictBody(false, 0xffff),
        op: 'Verdict',
        outcome: OUTCOME.disputeWon,
        bond: 'challenge',
        bondShare: (bond) => bond,
    },
    ...[0, 1, 3333, 10000].map((slashBps) => ({
        name: `a verdict of wrong with ${slashBps} basis points`,
        state: 'disputed' as const,
        from: 'arbiter' as const,
        message: () => verdictBody(true, slashBps),
        op: 'Verdict',
        outcome: OUTCOME.wrong,
        slashBps,
        bond: 'challenge' as const,
    })),
    {
        name: 'ExpireDispute',
        state: 'disputed',
        from: 'stranger',
        message: () => bodyNamed('ExpireDispute'),
        late: true,
        op: 'ExpireDispute',
        outcome: OUTCOME.arbiterSilent,
        bond: 'challenge',
        bondShare: (bond) => (bond + 1n) / 2n,
    },
];

describe.each(PRICE_SETS)('Endings to the nanoTON (prices: %s)', (prices) => {
    let market: Market;
    /** An odd bond and a price that no percentage divides. */
    const terms = { price: 10_000_000_007n, requiredCollateral: 20_000_000_003n, challengeBond: 2_000_000_001n };

    beforeAll(async () => {
        market = await Market.open({ prices, job: { terms } });
    });

    const bondOf = (ending: Ending) =>
        ending.bond === 'demand'
            ? demandBond(market.prices, terms.challengeBond)
            : ending.bond === 'challenge'
              ? terms.challengeBond
              : 0n;

    async function enter(ending: Ending): Promise<void> {
        await market.enter(ending.state);
        if (ending.late) {
            await market.at(0);
        }
    }

    /** Of the collateral, rounded up. */
    const slashOf = (slashBps: number) => (terms.requiredCollateral * BigInt(slashBps) + 9999n) / 10000n;

    async function end(ending: Ending, value: bigint, payout = true): Promise<{ toClient: bigint }> {
        const send = () => market.tell(ending.from, ending.message(market), { value });
        const from = market.addressOf(ending.from);
        const { op, outcome, slashBps } = ending;
        if (slashBps !== undefined) {
            return await market.expectSlashed(send, { from, op, outcome, slash: slashOf(slashBps) });
        }
        return await market.expectSettled(send, {
            from,
            op,
            outcome,
            amount: terms.price,
            bondShare: ending.bondShare?.(bondOf(ending)),
            payout,
        });
    }

    it.each(ENDINGS)('$name pays everyone', async (ending) => {
        await enter(ending);
        const stakeBefore = parseStakeData((await market.chain.data(market.provider.stake))!);
        await end(ending, PLENTY);
        const stakeAfter = parseStakeData((await market.chain.data(market.provider.stake))!);
        const slash = slashOf(ending.slashBps ?? 0);
        expect(stakeAfter.locked).toBe(0n);
        expect(stakeAfter.usedSlots).toBe(0n);
        expect(stakeAfter.stake).toBe(stakeBefore.stake - slash);
        const till = parseTillData((await market.chain.data(market.provider.till))!);
        expect(till.feesDue).toBe(ending.slashBps === undefined ? (terms.price * 200n) / 10000n : 0n);
    });

    it.each([0n, 1n, 4_999_999_999n, terms.price])('Of a submitted %i nanoTON exactly that is paid', async (amount) => {
        await market.enter('accepted');
        await market.job.submit({ amount });
        await market.at(0);
        const balance = await market.chain.balance(market.escrow);
        const { toClient } = await market.expectSettled(() => market.tell('stranger', bodyNamed('FinalizeJob')), {
            from: market.stranger,
            op: 'FinalizeJob',
            amount,
            outcome: OUTCOME.settled,
            payout: amount > toNano(1),
        });
        expect(toClient).toBeGreaterThan(terms.price - amount);
        expect(toClient).toBeLessThan(balance - amount + PLENTY);
    });

    it('A verdict above 10000 basis points is refused', async () => {
        await market.enter('disputed');
        for (const slashBps of [10001, 0xffff]) {
            await market.expectRefused('arbiter', verdictBody(true, slashBps), 'SLASH_BPS');
        }
    });

    it('A full slash with nothing to the client all goes to the treasury', async () => {
        await market.enter('uninit');
        const job = await Job.prepare(market.provider, { nonce: 3n, terms: { ...terms, toClientBps: 0 } });
        await job.post();
        await job.accept();
        market.chain.at((await job.data()).deadline);
        const result = await market.tell('stranger', bodyNamed('ExpireJob'), { to: job.escrow });
        expectTrace(result, [
            { to: job.escrow, op: 'ExpireJob', destroyed: true },
            { op: 'SlashCollateral' },
            { to: job.client, op: 'JobClosed' },
            { to: market.network.treasury, op: 'SlashShare', value: slashOf(1000) - market.fwd },
        ]);
    });

    it('A job without collateral slashes nothing and still frees its slot', async () => {
        await market.enter('uninit');
        const job = await Job.prepare(market.provider, { nonce: 4n, terms: { ...terms, requiredCollateral: 0n } });
        await job.post();
        await job.accept();
        market.chain.at((await job.data()).deadline);
        const result = await market.tell('stranger', bodyNamed('ExpireJob'), { to: job.escrow });
        expectTrace(result, [
            { to: job.escrow, op: 'ExpireJob', destroyed: true },
            { op: 'SlashCollateral' },
            { to: job.client, op: 'JobClosed' },
        ]);
        expect(parseStakeData((await market.chain.data(market.provider.stake))!).usedSlots).toBe(0n);
    });

    it('A challenge without a bond ends like any other', async () => {
        await market.enter('uninit');
        const job = await Job.prepare(market.provider, { nonce: 6n, terms: { ...terms, challengeBond: 0n } });
        await job.post();
        await job.accept();
        await job.submit();
        await job.challenge();
        market.chain.at((await job.data()).deadline);
        const result = await market.tell('stranger', bodyNamed('ExpireDispute'), { to: job.escrow });
        expectTrace(result, [
            { to: job.escrow, op: 'ExpireDispute', destroyed: true },
            { op: 'Settle', value: terms.price + settleValue(market.prices) },
            { op: 'ReleaseCollateral', value: releaseValue(market.prices) },
            { op: 'JobClosed' },
            { op: 'Payout' },
        ]);
    });

    describe('With a balance of exactly price and bond', () => {
        const leastOf = ({ slashBps }: Ending) =>
            slashBps === undefined ? settlingEndValue(market.prices) : slashingEndValue(market.prices);

        it.each(ENDINGS)('$name is refused a nanoTON below its costs, by everybody', async (ending) => {
            await enter(ending);
            await market.payRent(market.escrow);
            await market.chain.setBalance(market.escrow, terms.price + bondOf(ending));
            await market.expectRefused(ending.from, ending.message(market), 'INSUFFICIENT_VALUE', {
                value: leastOf(ending) - 1n,
            });
        });

        it.each(ENDINGS)('$name passes with exactly its costs, and nobody’s money pays for it', async (ending) => {
            await enter(ending);
            await market.payRent(market.escrow);
            const bond = bondOf(ending);
            await market.chain.setBalance(market.escrow, terms.price + bond);
            const { toClient } = await end(ending, leastOf(ending));
            const owed = ending.slashBps === undefined ? bond - (ending.bondShare?.(bond) ?? 0n) : terms.price + bond;
            expect(toClient).toBeGreaterThanOrEqual(owed);
        });

        it('CancelJob is refused a nanoTON below its costs and passes with them', async () => {
            await market.enter('open');
            await market.payRent(market.escrow);
            await market.chain.setBalance(market.escrow, terms.price);
            const least = cancellingValue(market.prices);
            await market.expectRefused('client', bodyNamed('CancelJob'), 'INSUFFICIENT_VALUE', { value: least - 1n });
            const { toClient } = await market.expectRefunded(
                () => market.tell('client', bodyNamed('CancelJob'), { value: least }),
                { from: market.job.client, op: 'CancelJob', outcome: OUTCOME.cancelled },
            );
            expect(toClient).toBeGreaterThanOrEqual(terms.price);
        });
    });

    describe('With costs left over from the opening', () => {
        it.each(ENDINGS)('$name needs nothing but the gas of its message', async (ending) => {
            await enter(ending);
            await end(ending, computeFee(market.prices, 14000n));
        });
    });

    it('The reserve of an exact opening pays for the dearest end at the end of the lock', async () => {
        const { chain, job } = market;
        for (const [late, op] of [
            [false, 'ApproveFull'],
            [true, 'ExpireJob'],
        ] as const) {
            await market.enter('uninit');
            const lockSeconds = BigInt(job.lockUntil - chain.now);
            await chain.send(job.client, {
                to: job.escrow,
                value: postingValue(market.prices, { price: terms.price, lockSeconds, quoted: false }),
                init: job.init,
                body: job.postBody(),
            });
            await job.accept();
            chain.at(job.lockUntil);
            const result = await market.tell('client', late ? bodyNamed(op) : approveFullBody(), {
                value: computeFee(market.prices, 14000n),
            });
            expect(result.transactions).toHaveTransaction({ to: job.escrow, success: true, destroyed: true });
            const refund = valueIn(transactionAt(result, job.client, 'JobClosed'));
            expect(refund).toBeGreaterThan(late ? terms.price : 0n);
        }
    });
});

describe.each(PRICE_SETS)('An escrow that years of rent made poor (prices: %s)', (prices) => {
    let market: Market;
    const price = 50_000_000n;
    const bond = 20_000_000n;

    beforeAll(async () => {
        market = await Market.open({
            prices,
            job: { terms: { price, challengeBond: bond, requiredCollateral: toNano(1), lateSlashBps: 2500 } },
        });
    });

    /** Begins with what the escrow owes, and lets time pass until rent has taken a tenth of it. */
    async function impoverish(state: StateName, owed: bigint): Promise<bigint> {
        await market.enter(state);
        await market.payRent(market.escrow);
        await market.chain.setBalance(market.escrow, owed);
        for (let quarters = 0; quarters < 4000; quarters += 1) {
            market.chain.pass(90 * 86400);
            const balance = await market.payRent(market.escrow);
            if (balance < (owed * 9n) / 10n) {
                expect(balance).toBeGreaterThan(0n);
                return balance;
            }
        }
        throw new Error('Rent does not fall due');
    }

    const heldBond = (ending: Ending) =>
        ending.bond === 'demand' ? demandBond(market.prices, bond) : ending.bond === 'challenge' ? bond : 0n;

    /** As a stranger can send it: with the client's signature where that is asked for. */
    async function anybodys(ending: Ending): Promise<Cell> {
        switch (ending.name) {
            case 'ApproveFull':
                return approveFullBody(await market.fullSignature());
            case 'ApproveSubmitted':
                return market.approveSubmittedBody({ signature: await market.submittedSignature() });
            default:
                return ending.message(market);
        }
    }

    // The arbiter's time is over when years have passed.
    it.each(ENDINGS.filter(({ from }) => from !== 'arbiter'))(
        '$name bounces, until a stranger pays what is missing',
        async (ending) => {
            const held = heldBond(ending);
            const balance = await impoverish(ending.state, price + held);
            const settling = ending.slashBps === undefined;
            const bondShare = ending.bondShare?.(held) ?? 0n;
            const owedToTill = settling ? price + bondShare : 0n;
            const missing = owedToTill > balance ? owedToTill - balance : 0n;
            const value = missing + (settling ? settlingEndValue(market.prices) : slashingEndValue(market.prices));
            const message = await anybodys(ending);

            await market.expectRefused('stranger', message, 'INSUFFICIENT_VALUE', { value: value - 1n });

            const send = () => market.tell('stranger', message, { value });
            const from = market.stranger;
            const { op, outcome } = ending;
            if (settling) {
                await market.expectSettled(send, { from, op, outcome, amount: price, bondShare, payout: true });
            } else {
                const slash = (toNano(1) * BigInt(ending.op === 'ExpireJob' ? 2500 : ending.slashBps!)) / 10000n;
                await market.expectSlashed(send, { from, op, outcome, slash });
            }
        },
    );

    it('CancelJob gives the client what rent left of the price', async () => {
        await impoverish('open', price);
        await market.expectRefused('stranger', bodyNamed('CancelJob'), 'INSUFFICIENT_VALUE', {
            value: cancellingValue(market.prices) - 1n,
        });
        await market.expectRefunded(
            () => market.tell('stranger', bodyNamed('CancelJob'), { value: cancellingValue(market.prices) }),
            { from: market.stranger, op: 'CancelJob', outcome: OUTCOME.cancelled },
        );
    });

    // A demand that could not be answered would cost the provider everything.
    it('A demand on an escrow that rent made poor can still be answered', async () => {
        await market.enter('submitted');
        const dear = withStoragePrice(market.chain.blockchain.config, 1_000_000n);
        const before = market.chain.blockchain.config;
        await market.payRent(market.escrow);
        await market.chain.setBalance(market.escrow, price + 1000n);
        market.chain.blockchain.setConfig(dear);
        try {
            const { job } = market;
            while ((await market.payRent(market.escrow)) > 5_000_000n) {
                market.chain.pass(1800);
            }
            await market.tell('client', bodyNamed('DemandResult'), { value: PLENTY });
            expect((await job.data()).state).toBe(5);
            market.chain.pass(4 * 3600);
            const left = await market.payRent(market.escrow);
            expect(left).toBeLessThan((await job.submission()).bond);
            const result = await market.tell('operator', body('PublishResult').storeRef(job.result).endCell(), {
                value: PLENTY,
            });
            // What rent left of the bond goes to the till, whatever the till can do with it at such prices.
            expectTrace({ transactions: [transactionAt(result, job.escrow)] }, [
                { op: 'PublishResult', messagesOut: 2 },
            ]);
            expect(received(result, market.provider.till, 'Settle')).toBe(left + settleValue(market.prices));
        } finally {
            market.chain.blockchain.setConfig(before);
        }
    });
});

/** The configuration with rent at so much per cell and second. */
function withStoragePrice(config: Cell, cellPrice: bigint): Cell {
    const params = config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
    const entry = beginCell()
        .storeUint(0xcc, 8)
        .storeUint(0, 32)
        .storeUint(0, 64)
        .storeUint(cellPrice, 64)
        .storeUint(0, 64)
        .storeUint(0, 64);
    const prices = Dictionary.empty(Dictionary.Keys.Uint(32), {
        serialize: (_: null, builder: Builder) => builder.storeBuilder(entry),
        parse: () => null,
    }).set(0, null);
    params.set(18, beginCell().storeDictDirect(prices).endCell());
    return beginCell().storeDictDirect(params).endCell();
}

it('No handler used more gas than its constant says', expectGasWithinConstants);
