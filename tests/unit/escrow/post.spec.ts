import { Address, beginCell, Builder, Cell, Dictionary, toNano } from '@ton/core';
import { JobEscrow } from '../../../wrappers';
import { acceptQuoteValue, dust, openingReserve, postingValue } from '../../../wrappers/fees';
import {
    bodyOf,
    errorCode,
    expectGasWithinConstants,
    gasPrice,
    internalFrom,
    Market,
    PLENTY,
} from '../../fixtures/jobs';
import { escrowInit, jobTermsCell, quoteCell } from '../../helpers/cells';
import { PRICE_SETS, strayAddress } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { JOB_OPEN, JOB_QUOTING, JOB_UNINIT, JobTerms, parseEscrowData } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace, transactionAt } from '../../helpers/traces';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let market: Market;

beforeAll(async () => {
    market = await Market.open();
});

beforeEach(() => market.enter('uninit'));

/** The same job with other terms; same client, stake and nonce, so the same escrow. */
function withTerms(change: Partial<JobTerms>): Promise<Job> {
    return Job.prepare(market.provider, { terms: change });
}

function post(job: Job, options: { terms?: Cell; quote?: Cell | null; value?: bigint; body?: Cell } = {}) {
    return market.chain.send(job.client, {
        to: job.escrow,
        value: options.value ?? job.terms.price + PLENTY,
        init: job.init,
        body:
            options.body ??
            body('PostJob')
                .storeRef(options.terms ?? job.termsCell)
                .storeMaybeRef(options.quote ?? null)
                .endCell(),
    });
}

async function expectOpened(job: Job): Promise<void> {
    expectTrace(await post(job), [{ from: job.client, to: job.escrow, op: 'PostJob', messagesOut: 0 }]);
    expect(await job.data()).toMatchObject({ state: JOB_OPEN, deadline: 0, lockUntil: job.lockUntil });
}

async function expectNotOpened(job: Job, error: string | number, options: Parameters<typeof post>[1] = {}) {
    const code = typeof error === 'string' ? errorCode(error) : error;
    const result = await post(job, options);
    expectTrace(result, [
        { from: job.client, to: job.escrow, op: 'PostJob', exitCode: code, messagesOut: 1 },
        { from: job.escrow, to: job.client, op: 'bounced PostJob' },
    ]);
    market.noteGas(result);
    await market.expectUnopened();
}

describe('Each term at its bounds', () => {
    const now = () => market.chain.now;
    const most64 = (1n << 64n) - 1n;
    const accepted: [string, () => Partial<JobTerms>][] = [
        ['the least price, 1 nanoTON', () => ({ price: 1n })],
        ['no collateral', () => ({ requiredCollateral: 0n })],
        ['the most collateral', () => ({ requiredCollateral: most64 })],
        ['tier Open', () => ({ tier: 0 })],
        ['tier Attested', () => ({ tier: 1 })],
        ['acceptBy in a second', () => ({ acceptBy: now() + 1 })],
        ['the least deliverWithin', () => ({ deliverWithin: 2 * MINUTE })],
        ['the most deliverWithin', () => ({ deliverWithin: 30 * DAY })],
        ['the least challengeWindow', () => ({ challengeWindow: 10 * MINUTE })],
        ['the most challengeWindow', () => ({ challengeWindow: 14 * DAY })],
        ['the least responseWindow', () => ({ responseWindow: HOUR })],
        ['the most responseWindow', () => ({ responseWindow: 14 * DAY })],
        ['the least arbitrationWindow', () => ({ arbitrationWindow: DAY })],
        ['the most arbitrationWindow', () => ({ arbitrationWindow: 30 * DAY })],
        ['no challenge bond', () => ({ challengeBond: 0n })],
        ['the most challenge bond', () => ({ challengeBond: most64 })],
        ['no late slash', () => ({ lateSlashBps: 0 })],
        ['the most late slash', () => ({ lateSlashBps: 2500 })],
        ['nothing of a slash to the client', () => ({ toClientBps: 0 })],
        ['the most of a slash to the client', () => ({ toClientBps: 5000 })],
        ['the stake as arbiter', () => ({ arbiter: market.provider.stake })],
        [
            'every window at its most and a lock of exactly 120 days',
            () => ({
                deliverWithin: 30 * DAY,
                challengeWindow: 14 * DAY,
                responseWindow: 14 * DAY,
                arbitrationWindow: 30 * DAY,
                acceptBy: now() + 11 * DAY,
            }),
        ],
    ];

    it.each(accepted)('%s is accepted', async (_, change) => {
        await expectOpened(await withTerms(change()));
    });

    const refused: [string, () => Partial<JobTerms>, string][] = [
        ['a price of zero', () => ({ price: 0n }), 'ZERO_AMOUNT'],
        ['tier 2', () => ({ tier: 2 }), 'UNKNOWN_TIER'],
        ['tier 255', () => ({ tier: 255 }), 'UNKNOWN_TIER'],
        ['acceptBy now', () => ({ acceptBy: now() }), 'ACCEPT_BY_PASSED'],
        ['acceptBy in the past', () => ({ acceptBy: now() - 1 }), 'ACCEPT_BY_PASSED'],
        ['a second less than the least deliverWithin', () => ({ deliverWithin: 2 * MINUTE - 1 }), 'DELIVER_WITHIN'],
        ['a second more than the most deliverWithin', () => ({ deliverWithin: 30 * DAY + 1 }), 'DELIVER_WITHIN'],
        ['a second less challengeWindow', () => ({ challengeWindow: 10 * MINUTE - 1 }), 'CHALLENGE_WINDOW'],
        ['a second more challengeWindow', () => ({ challengeWindow: 14 * DAY + 1 }), 'CHALLENGE_WINDOW'],
        ['a second less responseWindow', () => ({ responseWindow: HOUR - 1 }), 'RESPONSE_WINDOW'],
        ['a second more responseWindow', () => ({ responseWindow: 14 * DAY + 1 }), 'RESPONSE_WINDOW'],
        ['a second less arbitrationWindow', () => ({ arbitrationWindow: DAY - 1 }), 'ARBITRATION_WINDOW'],
        ['a second more arbitrationWindow', () => ({ arbitrationWindow: 30 * DAY + 1 }), 'ARBITRATION_WINDOW'],
        ['a late slash of 2501', () => ({ lateSlashBps: 2501 }), 'LATE_SLASH_BPS'],
        ['5001 of a slash to the client', () => ({ toClientBps: 5001 }), 'TO_CLIENT_BPS'],
        ['the client as arbiter', () => ({ arbiter: market.job.client.address }), 'ARBITER_IS_CLIENT'],
        ['an arbiter in the masterchain', () => ({ arbiter: strayAddress(7, -1) }), 'NOT_BASECHAIN'],
        ['an arbiter in workchain 1', () => ({ arbiter: strayAddress(7, 1) }), 'NOT_BASECHAIN'],
        [
            'a lock of 120 days and a second',
            () => ({
                deliverWithin: 30 * DAY,
                challengeWindow: 14 * DAY,
                responseWindow: 14 * DAY,
                arbitrationWindow: 30 * DAY,
                acceptBy: now() + 11 * DAY + 1,
            }),
            'JOB_TOO_LONG',
        ],
        [
            'windows of 2^32 - 1 seconds, which do not overflow into short ones',
            () => ({ acceptBy: 0xffffffff }),
            'JOB_TOO_LONG',
        ],
    ];

    it.each(refused)('%s is refused', async (_, change, error) => {
        await expectNotOpened(await withTerms(change()), error);
    });
});

describe('Malformed cells', () => {
    /** The fields of the terms before the arbiter, and the two references, to be put together wrongly. */
    const parts = () => {
        const slice = market.job.termsCell.beginParse();
        return {
            head: beginCell().storeBits(slice.loadBits(648)),
            arbiter: beginCell().storeAddress(market.job.terms.arbiter),
            work: slice.loadRef(),
            keys: slice.loadRef(),
        };
    };
    const bits = (count: number) =>
        beginCell()
            .storeBuffer(Buffer.alloc(Math.ceil(count / 8), 0x5a))
            .asSlice()
            .loadBits(count);
    const cellOf = (count: number, ...refs: Cell[]) =>
        refs.reduce((builder, ref) => builder.storeRef(ref), beginCell().storeBits(bits(count))).endCell();
    const terms = (change: { arbiter?: Builder; refs?: Cell[]; tail?: number }) => {
        const { head, arbiter, work, keys } = parts();
        const builder = head.storeBuilder(change.arbiter ?? arbiter);
        if (change.tail) {
            builder.storeBits(bits(change.tail));
        }
        return (change.refs ?? [work, keys]).reduce((all, ref) => all.storeRef(ref), builder).endCell();
    };
    const padded = (address: Builder) => address.storeUint(0, 267 - address.bits);

    // An address of another length leaves the rest unread, which TVM itself refuses with 9.
    const malformed: [string, () => Cell, string | number][] = [
        ['nothing', () => beginCell().endCell(), 'MALFORMED_CELL'],
        ['a bit too few', () => terms({ arbiter: beginCell().storeUint(4, 3).storeBits(bits(263)) }), 'MALFORMED_CELL'],
        ['a bit too many', () => terms({ tail: 1 }), 'MALFORMED_CELL'],
        ['as many bits as fit', () => terms({ tail: 108 }), 'MALFORMED_CELL'],
        ['no reference', () => terms({ refs: [] }), 'MALFORMED_CELL'],
        ['one reference', () => terms({ refs: [parts().work] }), 'MALFORMED_CELL'],
        ['three references', () => terms({ refs: [parts().work, parts().keys, parts().keys] }), 'MALFORMED_CELL'],
        [
            'four references',
            () => terms({ refs: [parts().work, parts().keys, parts().keys, parts().keys] }),
            'MALFORMED_CELL',
        ],
        ['a first pair a bit short', () => terms({ refs: [cellOf(511), parts().keys] }), 'MALFORMED_CELL'],
        ['a first pair a bit long', () => terms({ refs: [cellOf(513), parts().keys] }), 'MALFORMED_CELL'],
        ['a second pair a bit short', () => terms({ refs: [parts().work, cellOf(511)] }), 'MALFORMED_CELL'],
        ['a second pair a bit long', () => terms({ refs: [parts().work, cellOf(513)] }), 'MALFORMED_CELL'],
        [
            'a tree below the first pair',
            () => terms({ refs: [cellOf(512, cellOf(8)), parts().keys] }),
            'MALFORMED_CELL',
        ],
        [
            'a deep tree below the second pair',
            () => {
                let deep = cellOf(8);
                for (let level = 0; level < 200; level += 1) {
                    deep = cellOf(8, deep);
                }
                return terms({ refs: [parts().work, cellOf(512, deep)] });
            },
            'MALFORMED_CELL',
        ],
        [
            'addr_none for the arbiter, the field not filled',
            () => terms({ arbiter: beginCell().storeAddress(null) }),
            'MALFORMED_CELL',
        ],
        [
            'addr_none for the arbiter, the field filled',
            () => terms({ arbiter: padded(beginCell().storeUint(0, 2)) }),
            'NOT_BASECHAIN',
        ],
        [
            'addr_extern for the arbiter',
            () => terms({ arbiter: padded(beginCell().storeUint(1, 2).storeUint(256, 9).storeUint(1, 256)) }),
            'NOT_BASECHAIN',
        ],
        [
            'addr_var for the arbiter',
            () =>
                terms({
                    arbiter: beginCell()
                        .storeUint(6, 3)
                        .storeUint(221, 9)
                        .storeInt(0, 32)
                        .storeBits(bits(221))
                        .storeBit(0)
                        .storeBit(0),
                }),
            9,
        ],
    ];

    it.each(malformed)('Terms with %s are refused', async (_, cell, error) => {
        await expectNotOpened(market.job, error, { terms: cell() });
    });

    it('Terms with an anycast arbiter are refused', async () => {
        // TVM itself refuses to read one (exit code 9) from the version on that forbids anycast; either way nothing opens.
        const arbiter = beginCell().storeUint(5, 3).storeUint(1, 5).storeUint(0, 1).storeInt(0, 8).storeBits(bits(250));
        const result = await post(market.job, { terms: terms({ arbiter }) });
        const { description } = transactionAt(result, market.escrow, 'PostJob');
        expect(description).toMatchObject({ aborted: true });
        expect([9, errorCode('NOT_BASECHAIN')]).toContain(
            (description as { computePhase: { exitCode: number } }).computePhase.exitCode,
        );
        await market.expectUnopened();
    });

    // A library cell is read as what it points to as long as the masterchain keeps it, and not at all afterwards: a job on such
    // terms could be made impossible to end.
    it('Terms behind a library cell are refused', async () => {
        const { job, chain } = market;
        const library = beginCell().storeUint(2, 8).storeBuffer(job.termsCell.hash()).endCell({ exotic: true });
        const before = chain.blockchain.libs;
        chain.blockchain.libs = beginCell()
            .storeDictDirect(
                Dictionary.empty(Dictionary.Keys.Buffer(32), Dictionary.Values.Cell()).set(
                    job.termsCell.hash(),
                    job.termsCell,
                ),
            )
            .endCell();
        try {
            await expectNotOpened(job, 'MALFORMED_CELL', { terms: library });
        } finally {
            chain.blockchain.libs = before;
        }
    });

    const quotes: [string, () => Cell][] = [
        ['nothing', () => beginCell().endCell()],
        ['a bit too few', () => cellOf(799)],
        ['a bit too many', () => cellOf(801)],
        ['a reference', () => cellOf(800, cellOf(0))],
        ['a deep tree', () => cellOf(800, cellOf(8, cellOf(8, cellOf(8, cellOf(8)))))],
    ];

    it.each(quotes)('A quote with %s is refused', async (_, quote) => {
        await expectNotOpened(market.job, 'MALFORMED_CELL', { quote: quote() });
    });

    const bodies: [string, () => Cell][] = [
        ['no terms', () => body('PostJob').storeBit(0).endCell()],
        ['a quote announced and missing', () => body('PostJob').storeRef(market.job.termsCell).storeBit(1).endCell()],
        ['nothing after the opcode', () => beginCell().storeUint(0x4a450001, 32).endCell()],
    ];

    it.each(bodies)('A PostJob with %s is refused', async (_, cell) => {
        await expectNotOpened(market.job, 9, { body: cell() });
    });
});

describe('Who and where', () => {
    it.each(['stranger', 'operator', 'owner', 'arbiter', 'governor'] as const)(
        'The %s cannot open it',
        async (role) => {
            const wallet = market.walletOf(role)!;
            const result = await market.chain.send(wallet, {
                to: market.escrow,
                value: toNano(20),
                init: market.job.init,
                body: market.job.postBody(),
            });
            expectTrace(result, [
                { from: wallet, to: market.escrow, op: 'PostJob', exitCode: errorCode('WRONG_SENDER') },
                { from: market.escrow, to: wallet, op: 'bounced PostJob' },
            ]);
            await market.expectUnopened();
        },
    );

    const places: [string, () => { client?: Address; providerStake?: Address; workchain?: number }][] = [
        ['client', () => ({ client: strayAddress(1, -1) })],
        ['provider stake', () => ({ providerStake: strayAddress(1, -1) })],
        ['escrow itself', () => ({ workchain: -1 })],
    ];

    it.each(places)('It does not open with the %s in the masterchain', async (_, place) => {
        const identity = {
            client: market.job.client.address,
            providerStake: market.provider.stake,
            nonce: 5n,
            ...place(),
        };
        const { address, init } = escrowInit(identity);
        const at = new Address(place().workchain ?? 0, address.hash);
        const result = await market.chain.blockchain.sendMessage(
            internalFrom(identity.client, at, toNano(20), market.job.postBody(), false, init),
        );
        expectTrace(result, [
            { from: identity.client, to: at, op: 'PostJob', exitCode: errorCode('NOT_BASECHAIN'), messagesOut: 0 },
        ]);
        expect(parseEscrowData((await market.chain.data(at))!).state).toBe(JOB_UNINIT);
    });

    it('A masterchain wallet with the hash of the client is a stranger', async () => {
        const { job } = market;
        const twin = new Address(-1, job.client.address.hash);
        const result = await market.chain.blockchain.sendMessage(
            internalFrom(twin, job.escrow, toNano(20), job.postBody(), false, job.init),
        );
        expectTrace(result, [{ from: twin, to: job.escrow, op: 'PostJob', exitCode: errorCode('WRONG_SENDER') }]);
    });

    it('A stranger who deploys early changes nothing for the client', async () => {
        const { job, chain } = market;
        for (const message of [beginCell().endCell(), body('FinalizeJob').endCell(), job.postBody()]) {
            await chain.send(market.stranger, {
                to: job.escrow,
                value: toNano('0.2'),
                init: job.init,
                body: message,
                bounce: false,
            });
        }
        expect((await job.data()).state).toBe(JOB_UNINIT);
        await expectOpened(job);
    });

    it('An account that somehow is there in Uninit opens like any other', async () => {
        const { job, chain } = market;
        await chain.plant(job.escrow, { code: job.init.code, data: job.init.data, balance: toNano('0.1') });
        expect((await job.data()).state).toBe(JOB_UNINIT);
        await expectOpened(job);
    });

    it('A second PostJob is refused, with or without a quote', async () => {
        await market.enter('open');
        for (const quote of [null, market.job.quote()]) {
            await market.expectRefused('client', market.job.postBody(quote), 'WRONG_STATE', { value: toNano(20) });
        }
    });
});

describe('A second life', () => {
    it('A finished job opens again at the same address with another openedLt and jobKey', async () => {
        const { job } = market;
        await market.enter('open');
        const first = await job.data();
        const firstKey = await job.jobKey();
        await market.expectRefunded(() => market.tell('client', body('CancelJob').endCell()), {
            from: job.client,
            op: 'CancelJob',
            outcome: 6,
        });
        await expectOpened(job);
        const second = await job.data();
        expect(second.openedLt).toBeGreaterThan(first.openedLt);
        expect(await job.jobKey()).not.toBe(firstKey);
        expect(second).toMatchObject({ state: JOB_OPEN, lockId: 0n, slot: 0, deadline: 0, progress: null });
    });

    it('Nothing of the first life is left in the second', async () => {
        const { job } = market;
        await market.enter('submitted');
        const oldSignature = await market.submittedSignature();
        const oldKey = await job.jobKey();
        await market.tell('client', market.approveSubmittedBody());
        expect(await market.chain.isGone(job.escrow)).toBe(true);
        await expectOpened(job);
        await market.expectRefused('stake', await market.jobAcceptedBody({ jobKey: oldKey }), 'JOB_KEY_MISMATCH');
        await job.accept();
        await market.expectRefused('operator', await market.submitBody({ jobKey: oldKey }), 'JOB_KEY_MISMATCH');
        await job.submit();
        await market.expectRefused(
            'stranger',
            market.approveSubmittedBody({ signature: oldSignature }),
            'BAD_APPROVAL_SIGNATURE',
        );
    });
});

describe.each(PRICE_SETS)('What PostJob must bring (prices: %s)', (prices) => {
    let priced: Market;

    beforeAll(async () => {
        priced = await Market.open({ prices });
    });

    beforeEach(() => priced.enter('uninit'));

    const shape = (quoted: boolean) => ({
        price: priced.job.terms.price,
        lockSeconds: BigInt(priced.job.lockUntil - priced.chain.now),
        quoted,
    });

    const send = (quote: Cell | null, value: bigint) =>
        priced.chain.send(priced.job.client, {
            to: priced.escrow,
            value,
            init: priced.job.init,
            body: priced.job.postBody(quote),
        });

    it('An open job opens with exactly postingValue and keeps it', async () => {
        const value = postingValue(priced.prices, shape(false));
        const result = await send(null, value);
        expectTrace(result, [{ to: priced.escrow, op: 'PostJob', messagesOut: 0 }]);
        priced.noteGas(result);
        expect((await priced.job.data()).state).toBe(JOB_OPEN);
    });

    it('An open job with a nanoTON less is refused', async () => {
        const result = await send(null, postingValue(priced.prices, shape(false)) - 1n);
        expectTrace(result, [
            { to: priced.escrow, op: 'PostJob', exitCode: errorCode('INSUFFICIENT_VALUE') },
            { to: priced.job.client, op: 'bounced PostJob' },
        ]);
    });

    it('A quoted job opens with exactly postingValue and is accepted in the same trace', async () => {
        const { job, provider } = priced;
        const value = postingValue(priced.prices, shape(true));
        const quote = job.quote();
        const result = await send(quote, value);
        expectTrace(result, [
            { from: job.client, to: job.escrow, op: 'PostJob', value },
            { from: job.escrow, to: provider.stake, op: 'AcceptQuote', value: acceptQuoteValue(priced.prices) },
            { from: provider.stake, to: job.escrow, op: 'JobAccepted' },
        ]);
        priced.noteGas(result);
        const data = await job.data();
        expect(bodyOf(result, provider.stake, 'AcceptQuote')).toEqualCell(
            body('AcceptQuote', data.openedLt)
                .storeUint(job.terms.requiredCollateral, 64)
                .storeAddress(job.client.address)
                .storeUint(job.nonce, 64)
                .storeUint(job.lockUntil, 32)
                .storeRef(quote)
                .endCell(),
        );
        expect(await priced.chain.balance(job.escrow)).toBeGreaterThanOrEqual(
            job.terms.price +
                openingReserve(priced.prices, shape(true).lockSeconds) -
                gasPrice(priced.prices, 'GAS_ESCROW_POST'),
        );
    });

    it('A quoted job with a nanoTON less is refused', async () => {
        const result = await send(priced.job.quote(), postingValue(priced.prices, shape(true)) - 1n);
        expectTrace(result, [
            { to: priced.escrow, op: 'PostJob', exitCode: errorCode('INSUFFICIENT_VALUE') },
            { to: priced.job.client, op: 'bounced PostJob' },
        ]);
    });

    it('Money that a stranger sent ahead counts', async () => {
        await priced.tell('stranger', beginCell().endCell(), { bounce: false, value: toNano(3) });
        const rest = postingValue(priced.prices, shape(false)) - (await priced.chain.balance(priced.escrow));
        expectTrace(await send(null, rest), [{ to: priced.escrow, op: 'PostJob' }]);
    });

    it('The getter and the wrappers reckon the same', async () => {
        await priced.enter('open');
        const { blockchain } = priced.chain;
        for (const quoted of [false, true]) {
            const { stackReader } = await blockchain.runGetMethod(priced.escrow, 'postingValue', [
                { type: 'int', value: shape(quoted).price },
                { type: 'int', value: shape(quoted).lockSeconds },
                { type: 'int', value: quoted ? -1n : 0n },
            ]);
            expect(stackReader.readBigNumber()).toBe(postingValue(priced.prices, shape(quoted)));
        }
        const escrow = blockchain.openContract(JobEscrow.createFromAddress(priced.escrow, priced.prices));
        expect(await escrow.getJob()).toMatchObject({ state: JOB_OPEN, jobKey: await priced.job.jobKey() });
    });

    it('Collateral is zero or at least dust', async () => {
        const { job, provider, chain } = priced;
        const least = dust(priced.prices);
        for (const [requiredCollateral, exitCode] of [
            [least, 0],
            [least - 1n, errorCode('COLLATERAL_IS_DUST')],
            [1n, errorCode('COLLATERAL_IS_DUST')],
        ] as const) {
            await priced.enter('uninit');
            const dusty = await Job.prepare(provider, { terms: { requiredCollateral } });
            const result = await chain.send(job.client, {
                to: dusty.escrow,
                value: toNano(12),
                init: dusty.init,
                body: dusty.postBody(),
            });
            expectTrace(result, [
                { to: dusty.escrow, op: 'PostJob', exitCode },
                ...(exitCode === 0 ? [] : [{ to: job.client, op: 'bounced PostJob' }]),
            ]);
        }
    });

    it('While it waits for the stake it is Quoting and the client may cancel after ten minutes', async () => {
        await priced.enter('quoting');
        const data = parseEscrowData((await priced.chain.data(priced.escrow))!);
        expect(data).toMatchObject({ state: JOB_QUOTING, deadline: priced.chain.now + 600, progress: null });
        expect(data.terms).toEqualCell(jobTermsCell(priced.job.terms));
    });

    it('A quote is for one escrow: the same quote does not serve another nonce', async () => {
        const other = await Job.prepare(priced.provider, { nonce: 2n });
        const quote = quoteCell(
            {
                escrow: priced.escrow,
                terms: other.termsCell,
                collateral: other.terms.requiredCollateral,
                validUntil: priced.chain.now + 60,
            },
            priced.provider.signing,
        );
        const result = await priced.chain.send(other.client, {
            to: other.escrow,
            value: toNano(12),
            init: other.init,
            body: other.postBody(quote),
        });
        expectTrace(result, [
            { to: other.escrow, op: 'PostJob' },
            { to: priced.provider.stake, op: 'AcceptQuote', exitCode: errorCode('BAD_QUOTE_SIGNATURE') },
            { to: other.escrow, op: 'bounced AcceptQuote', destroyed: true },
            { to: other.client, op: 'JobClosed' },
        ]);
    });
});

it('No handler used more gas than its constant says', expectGasWithinConstants);
