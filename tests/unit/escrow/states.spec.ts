import { beginCell, Cell, toNano } from '@ton/core';
import {
    challengingValue,
    demandingValue,
    escrowStepValue,
    jobAcceptedValue,
    publishingValue,
    settleValue,
} from '../../../wrappers/fees';
import {
    approveFullBody,
    errorCode,
    expectGasWithinConstants,
    JOB_STATES,
    Market,
    Role,
    ROLES,
    StateName,
    verdictBody,
} from '../../fixtures/jobs';
import { PRICE_SETS } from '../../helpers/chain';
import { parseSubmission } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace } from '../../helpers/traces';

/** One message of the escrow: what it looks like, and when and from whom it is right. */
interface Operation {
    name: string;
    message: (market: Market) => Cell | Promise<Cell>;
    states: StateName[];
    senders: Role[] | 'anyone';
    /** Before or from the state's deadline; without one time does not matter. */
    time?: 'before' | 'from';
    /** The sender is judged before the state. */
    senderFirst?: boolean;
}

const storageId = (bytes: number) => beginCell().storeBuffer(Buffer.alloc(bytes, 0x61)).endCell();

const OPERATIONS: Operation[] = [
    { name: 'PostJob', message: (m) => m.job.postBody(), states: ['uninit'], senders: ['client'] },
    {
        name: 'JobAccepted',
        message: (m) => m.jobAcceptedBody(),
        states: ['open', 'quoting'],
        senders: ['stake'],
        senderFirst: true,
    },
    { name: 'ApproveFull', message: () => approveFullBody(), states: ['accepted'], senders: ['client'] },
    { name: 'ApproveSubmitted', message: (m) => m.approveSubmittedBody(), states: ['submitted'], senders: ['client'] },
    {
        name: 'SubmitResult',
        message: (m) => m.submitBody(),
        states: ['accepted'],
        senders: ['operator', 'owner'],
        time: 'before',
    },
    {
        name: 'FinalizeJob',
        message: () => body('FinalizeJob').endCell(),
        states: ['submitted'],
        senders: 'anyone',
        time: 'from',
    },
    {
        name: 'ExpireJob',
        message: () => body('ExpireJob').endCell(),
        states: ['accepted'],
        senders: 'anyone',
        time: 'from',
    },
    { name: 'CancelJob', message: () => body('CancelJob').endCell(), states: ['open', 'quoting'], senders: ['client'] },
    {
        name: 'DemandResult',
        message: () => body('DemandResult').endCell(),
        states: ['submitted'],
        senders: ['client'],
        time: 'before',
    },
    {
        name: 'PublishResult',
        message: (m) => body('PublishResult').storeRef(m.job.result).endCell(),
        states: ['demanded'],
        senders: 'anyone',
        time: 'before',
    },
    {
        name: 'PublishStorageId',
        message: () => body('PublishStorageId').storeRef(storageId(46)).endCell(),
        states: ['demanded'],
        senders: ['operator', 'owner'],
        time: 'before',
    },
    {
        name: 'ExpireDemand',
        message: () => body('ExpireDemand').endCell(),
        states: ['demanded'],
        senders: 'anyone',
        time: 'from',
    },
    {
        name: 'Challenge',
        message: () => body('Challenge').endCell(),
        states: ['submitted'],
        senders: ['client'],
        time: 'before',
    },
    {
        name: 'Verdict',
        message: () => verdictBody(false, 0),
        states: ['disputed'],
        senders: ['arbiter'],
        time: 'before',
    },
    {
        name: 'ExpireDispute',
        message: () => body('ExpireDispute').endCell(),
        states: ['disputed'],
        senders: 'anyone',
        time: 'from',
    },
];

let market: Market;
const VALUE = toNano(4);

beforeAll(async () => {
    market = await Market.open();
});

async function enter(state: StateName): Promise<void> {
    await market.enter(state);
    if (state === 'uninit') {
        const { code, data } = market.job.init;
        await market.chain.plant(market.escrow, { code, data, balance: toNano(1) });
    }
}

/** A sender who may send it, or the stranger where everybody may. */
const rightSender = ({ senders }: Operation): Role => (senders === 'anyone' ? 'stranger' : senders[0]!);

async function atTheRightTime(operation: Operation): Promise<void> {
    if (operation.time === 'from' && (await market.job.data()).deadline > 0) {
        await market.at(0);
    }
}

describe.each(OPERATIONS)('$name', (operation) => {
    const wrongStates = JOB_STATES.filter((state) => !operation.states.includes(state));

    it.each(wrongStates)('is refused in state %s', async (state) => {
        await enter(state);
        await atTheRightTime(operation);
        await market.expectRefused(rightSender(operation), await operation.message(market), 'WRONG_STATE', {
            value: VALUE,
        });
    });

    const { senders } = operation;
    if (senders !== 'anyone') {
        for (const state of operation.states) {
            it.each(ROLES.filter((role) => !senders.includes(role)))(
                `is refused from the %s in state ${state}`,
                async (role) => {
                    await enter(state);
                    await market.expectRefused(role, await operation.message(market), 'WRONG_SENDER', { value: VALUE });
                },
            );
        }
    } else {
        it.each(ROLES)('works from the %s', async (role) => {
            await enter(operation.states[0]!);
            await atTheRightTime(operation);
            const result = await market.tell(role, await operation.message(market), { value: VALUE });
            expect(result.transactions).toHaveTransaction({ to: market.escrow, success: true, exitCode: 0 });
            expect((await market.chain.data(market.escrow)) === null || operation.name === 'PublishResult').toBe(true);
        });
    }

    if (senders !== 'anyone') {
        it.each(senders.flatMap((role) => operation.states.map((state) => [role, state] as const)))(
            'works from the %s in state %s',
            async (role, state) => {
                await enter(state);
                if (operation.name === 'CancelJob' && state === 'quoting') {
                    await market.at(0);
                }
                const value = operation.name === 'PostJob' ? toNano(20) : VALUE;
                const result = await market.tell(role, await operation.message(market), { value });
                expect(result.transactions).toHaveTransaction({
                    to: market.escrow,
                    from: market.addressOf(role),
                    success: true,
                    exitCode: 0,
                });
            },
        );
    }

    const { time } = operation;
    if (time) {
        const error = time === 'before' ? 'TOO_LATE' : 'TOO_EARLY';
        it.each([
            [-1, time === 'before'],
            [0, time === 'from'],
            [1, time === 'from'],
        ])('at %i seconds from the deadline: allowed is %s', async (offset, allowed) => {
            await enter(operation.states[0]!);
            await market.at(offset);
            const message = await operation.message(market);
            if (!allowed) {
                await market.expectRefused(rightSender(operation), message, error, { value: VALUE });
                return;
            }
            const result = await market.tell(rightSender(operation), message, { value: VALUE });
            expect(result.transactions).toHaveTransaction({ to: market.escrow, success: true, exitCode: 0 });
        });
    }
});

describe('Who is judged first', () => {
    it('JobAccepted from a stranger in a wrong state is refused for its sender', async () => {
        await market.enter('accepted');
        await market.expectRefused('stranger', await market.jobAcceptedBody(), 'WRONG_SENDER');
    });

    it('An unknown opcode and a plain transfer are refused in every state', async () => {
        for (const state of JOB_STATES) {
            await enter(state);
            await market.expectRefused('client', beginCell().storeUint(0x4a45ffff, 32).endCell(), 130);
            await market.expectRefused('stranger', beginCell().endCell(), 130);
        }
    });

    it('JobClosed, which the escrow itself sends, means nothing to it', async () => {
        await market.enter('accepted');
        await market.expectRefused('client', body('JobClosed').storeUint(0, 8).endCell(), 130);
    });
});

describe('The times of CancelJob', () => {
    const cancel = body('CancelJob').endCell();
    const at = (seconds: number) => market.chain.at(seconds);

    it('The client cancels an open job at once', async () => {
        await market.enter('open');
        await market.expectRefunded(() => market.tell('client', cancel), {
            from: market.job.client,
            op: 'CancelJob',
            outcome: 6,
        });
    });

    it('In Quoting the client waits ten minutes', async () => {
        await market.enter('quoting');
        await market.at(-1);
        await market.expectRefused('client', cancel, 'TOO_EARLY');
        for (const offset of [0, 1]) {
            await market.enter('quoting');
            await market.at(offset);
            await market.expectRefunded(() => market.tell('client', cancel), {
                from: market.job.client,
                op: 'CancelJob',
                outcome: 6,
            });
        }
    });

    it.each(['open', 'quoting'] as const)(
        'In %s anyone cancels from acceptBy on, nobody else before',
        async (state) => {
            await market.enter(state);
            const { acceptBy } = market.job.terms;
            at(acceptBy - 1);
            for (const role of ['stranger', 'operator', 'owner', 'stake', 'arbiter'] as const) {
                await market.expectRefused(role, cancel, 'WRONG_SENDER');
            }
            for (const [role, time] of [
                ['stranger', acceptBy],
                ['operator', acceptBy + 1],
                ['client', acceptBy],
            ] as const) {
                await market.enter(state);
                at(time);
                await market.expectRefunded(() => market.tell(role, cancel), {
                    from: market.addressOf(role),
                    op: 'CancelJob',
                    outcome: 6,
                });
            }
        },
    );

    it('With an acceptBy before the ten minutes are over anyone cancels then', async () => {
        await market.enter('quoting');
        const data = await market.job.data();
        expect(data.deadline).toBeLessThan(market.job.terms.acceptBy);
        await market.chain.setData(
            market.escrow,
            beginCell()
                .storeUint(data.state, 4)
                .storeUint(market.job.terms.acceptBy + 500, 32)
                .storeUint(0, 72)
                .storeAddress(data.providerStake)
                .storeAddress(data.client)
                .storeUint(data.price, 64)
                .storeUint(data.openedLt, 64)
                .storeUint(data.lockUntil, 32)
                .storeUint(data.nonce, 64)
                .storeRef(data.terms!)
                .endCell(),
        );
        at(market.job.terms.acceptBy - 1);
        await market.expectRefused('client', cancel, 'TOO_EARLY');
        at(market.job.terms.acceptBy);
        await market.expectRefunded(() => market.tell('stranger', cancel), {
            from: market.stranger,
            op: 'CancelJob',
            outcome: 6,
        });
    });
});

describe('What a step changes', () => {
    it('SubmitResult sets the challenge window and keeps the acceptance', async () => {
        await market.enter('accepted');
        const before = await market.job.data();
        market.chain.pass(100);
        await market.expectStep('operator', await market.submitBody({ amount: 7n }), 0n);
        const after = await market.job.data();
        expect(after).toMatchObject({
            state: 4,
            deadline: market.chain.now + market.job.terms.challengeWindow,
            lockId: before.lockId,
            slot: before.slot,
            lockUntil: before.lockUntil,
        });
        const submission = parseSubmission(after.progress!);
        expect(submission).toMatchObject({
            amount: 7n,
            bond: 0n,
            demanded: false,
            resultCommitment: market.job.resultCommitment,
            traceRoot: 123n,
        });
        expect(submission.party).toEqualCell(before.progress!);
    });

    it('A second SubmitResult is refused', async () => {
        await market.enter('submitted');
        await market.expectRefused('operator', await market.submitBody(), 'WRONG_STATE');
    });

    it('The excess of a step goes to its sender with the query id', async () => {
        await market.enter('accepted');
        const result = await market.tell('owner', await market.submitBody({ queryId: 4711n }));
        expectTrace(result, [
            { op: 'SubmitResult' },
            { from: market.escrow, to: market.provider.owner, op: 'Excesses' },
        ]);
        expect(result.transactions.at(-1)!.inMessage!.body).toEqualCell(body('Excesses', 4711n).endCell());
    });
});

describe('Amounts and keys of SubmitResult', () => {
    beforeEach(() => market.enter('accepted'));

    it.each([
        ['nothing', () => 0n],
        ['1 nanoTON', () => 1n],
        ['the whole price', () => market.job.terms.price],
    ])('It may ask for %s', async (_, amount) => {
        await market.expectStep('operator', await market.submitBody({ amount: amount() }), 0n);
        expect((await market.job.submission()).amount).toBe(amount());
    });

    it.each([
        ['a nanoTON above the price', () => market.job.terms.price + 1n],
        ['the most that fits', () => (1n << 64n) - 1n],
    ])('It may not ask for %s', async (_, amount) => {
        await market.expectRefused('operator', await market.submitBody({ amount: amount() }), 'AMOUNT_ABOVE_PRICE');
    });

    it('A job key of another opening is refused', async () => {
        const key = await market.job.jobKey();
        for (const jobKey of [key ^ 1n, 0n]) {
            await market.expectRefused('operator', await market.submitBody({ jobKey }), 'JOB_KEY_MISMATCH');
        }
    });

    it('A job that the owner accepted is the owner’s alone to submit', async () => {
        await market.enter('open');
        await market.job.accept('owner');
        await market.expectRefused('operator', await market.submitBody(), 'WRONG_SENDER');
        await market.expectStep('owner', await market.submitBody(), 0n);
    });

    it('An operator who was replaced after the acceptance still submits, the new one does not', async () => {
        const { chain, provider } = market;
        const newcomer = await chain.wallet('newcomer');
        const profile = beginCell()
            .storeAddress(newcomer.address)
            .storeUint(provider.profile.allowanceCap, 64)
            .storeUint(provider.profile.signingKey, 256)
            .storeUint(provider.profile.encryptionKey, 256)
            .storeRef(beginCell().endCell())
            .storeMaybeRef(null)
            .endCell();
        await market.tell('owner', body('UpdateProfile').storeRef(profile).endCell(), { to: provider.stake });
        await market.expectRefused(newcomer, await market.submitBody(), 'WRONG_SENDER');
        await market.expectStep('operator', await market.submitBody(), 0n);
    });
});

describe.each(PRICE_SETS)('The least value of each step (prices: %s)', (prices) => {
    let priced: Market;

    beforeAll(async () => {
        priced = await Market.open({ prices });
    });

    interface Step {
        name: string;
        state: StateName;
        from: Role;
        message: () => Cell | Promise<Cell>;
        least: () => bigint;
        /** What it adds to the escrow's balance. */
        change: () => bigint;
        toTill?: () => bigint;
    }
    const bondOf = () => priced.job.terms.challengeBond;
    const steps: Step[] = [
        {
            name: 'SubmitResult',
            state: 'accepted',
            from: 'operator',
            message: () => priced.submitBody(),
            least: () => escrowStepValue(priced.prices),
            change: () => 0n,
        },
        {
            name: 'DemandResult',
            state: 'submitted',
            from: 'client',
            message: () => body('DemandResult').endCell(),
            least: () => demandingValue(priced.prices, bondOf()),
            change: bondOf,
        },
        {
            name: 'Challenge',
            state: 'submitted',
            from: 'client',
            message: () => body('Challenge').endCell(),
            least: () => challengingValue(priced.prices, bondOf()),
            change: bondOf,
        },
        {
            name: 'PublishResult',
            state: 'demanded',
            from: 'stranger',
            message: () => body('PublishResult').storeRef(priced.job.result).endCell(),
            least: () => publishingValue(priced.prices),
            change: () => -bondOf(),
            toTill: () => bondOf() + settleValue(priced.prices),
        },
        {
            name: 'PublishStorageId',
            state: 'demanded',
            from: 'operator',
            message: () => body('PublishStorageId').storeRef(storageId(127)).endCell(),
            least: () => publishingValue(priced.prices),
            change: () => -bondOf(),
            toTill: () => bondOf() + settleValue(priced.prices),
        },
    ];

    it.each(steps)('$name passes with exactly it and is refused a nanoTON below', async (step) => {
        await priced.enter(step.state);
        const message = await step.message();
        await priced.expectRefused(step.from, message, 'INSUFFICIENT_VALUE', { value: step.least() - 1n });
        await priced.expectStep(step.from, message, step.change(), {
            value: step.least(),
            toTill: step.toTill?.(),
            payout: step.toTill !== undefined,
        });
    });

    it('JobAccepted brings what it promises and leaves it to the client', async () => {
        await priced.enter('open');
        const before = await priced.chain.balance(priced.escrow);
        const result = await priced.job.accept();
        expectTrace(result, [
            { op: 'AcceptJob' },
            {
                from: priced.provider.stake,
                to: priced.escrow,
                op: 'JobAccepted',
                value: jobAcceptedValue(priced.prices),
            },
            { op: 'Excesses' },
        ]);
        expect(await priced.chain.balance(priced.escrow)).toBeGreaterThan(before);
        expect(errorCode('INSUFFICIENT_VALUE')).toBe(0x103);
    });
});

it('No handler used more gas than its constant says', expectGasWithinConstants);
