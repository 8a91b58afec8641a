import { beginCell, Cell, toNano } from '@ton/core';
import { demandBond, demandingValue, publishingCost, publishingValue, settleValue } from '../../../wrappers/fees';
import { bodyOf, expectGasWithinConstants, Market, OUTCOME, PLENTY, verdictBody } from '../../fixtures/jobs';
import { PRICE_SETS } from '../../helpers/chain';
import { JOB_DEMANDED, JOB_DISPUTED, JOB_SUBMITTED } from '../../helpers/layout';
import { body } from '../../helpers/network';
import { expectTrace } from '../../helpers/traces';

/** A chain of `cells` different cells with `bits` bits in all, spread evenly. */
function ciphertext(cells: number, bits: number): Cell {
    let next: Cell | null = null;
    for (let index = cells - 1; index >= 0; index -= 1) {
        const share = Math.floor((bits * (index + 1)) / cells) - Math.floor((bits * index) / cells);
        const builder = beginCell();
        const tag = Math.min(share, 16);
        builder.storeUint(index, tag);
        for (let left = share - tag; left > 0; left -= 200) {
            builder.storeUint((1n << BigInt(Math.min(left, 200))) - 1n, Math.min(left, 200));
        }
        next = (next ? builder.storeRef(next) : builder).endCell();
    }
    return next!;
}

/** As few cells as `bits` bits need. */
const packed = (bits: number) => {
    let next: Cell | null = null;
    for (let left = bits; left > 0;) {
        const share = left % 1016 || 1016;
        const builder = beginCell()
            .storeUint(left, 16)
            .storeBuffer(Buffer.alloc(Math.floor((share - 16) / 8), 0xcc));
        builder.storeUint(0, share - 16 - 8 * Math.floor((share - 16) / 8));
        next = (next ? builder.storeRef(next) : builder).endCell();
        left -= share;
    }
    return next!;
};

const publish = (cell: Cell) => body('PublishResult').storeRef(cell).endCell();
const storageId = (bytes: number) =>
    body('PublishStorageId')
        .storeRef(beginCell().storeBuffer(Buffer.alloc(bytes, 0x61)).endCell())
        .endCell();

describe.each(PRICE_SETS)('Demanding and publishing (prices: %s)', (prices) => {
    let market: Market;

    beforeAll(async () => {
        market = await Market.open({ prices });
    });

    const bond = () => demandBond(market.prices, market.job.terms.challengeBond);
    const toTill = () => bond() + settleValue(market.prices);

    async function demanded(result: Cell): Promise<void> {
        await market.enter('accepted');
        await market.job.submit({ resultCommitment: BigInt('0x' + result.hash().toString('hex')) });
        await market.job.demand();
    }

    it('A demand holds the bond, opens the response window, and happens once', async () => {
        await market.enter('submitted');
        await market.expectStep('client', body('DemandResult').endCell(), bond(), { value: toNano(4) });
        expect(await market.job.data()).toMatchObject({
            state: JOB_DEMANDED,
            deadline: market.chain.now + market.job.terms.responseWindow,
        });
        expect(await market.job.submission()).toMatchObject({ bond: bond(), demanded: true });
        await market.expectStep('stranger', publish(market.job.result), -bond(), { toTill: toTill(), payout: true });
        expect(await market.job.data()).toMatchObject({
            state: JOB_SUBMITTED,
            deadline: market.chain.now + market.job.terms.challengeWindow,
        });
        expect(await market.job.submission()).toMatchObject({ bond: 0n, demanded: true });
        await market.expectRefused('client', body('DemandResult').endCell(), 'ALREADY_DEMANDED', { value: toNano(4) });
    });

    it('A bond below the cost of publishing is raised to it', async () => {
        const cheap = await Market.open({ prices, job: { terms: { challengeBond: 1n } } });
        await cheap.enter('submitted');
        const least = publishingCost(cheap.prices);
        const value = demandingValue(cheap.prices, 1n);
        await cheap.expectRefused('client', body('DemandResult').endCell(), 'INSUFFICIENT_VALUE', {
            value: value - 1n,
        });
        await cheap.expectStep('client', body('DemandResult').endCell(), least, { value });
        expect((await cheap.job.submission()).bond).toBe(least);
        const { stackReader } = await cheap.chain.blockchain.runGetMethod(cheap.escrow, 'demandBond', [
            { type: 'int', value: 1n },
        ]);
        expect(stackReader.readBigNumber()).toBe(least);
    });

    it('After an answered demand the client may still challenge, in a window of its own', async () => {
        await market.enter('demanded');
        market.chain.pass(3600);
        await market.tell('stranger', publish(market.job.result));
        await market.at(-1);
        await market.job.challenge();
        expect(await market.job.data()).toMatchObject({
            state: JOB_DISPUTED,
            deadline: market.chain.now + market.job.terms.arbitrationWindow,
        });
        await market.expectSlashed(() => market.tell('arbiter', verdictBody(true, 10000)), {
            from: market.network.arbiter,
            op: 'Verdict',
            outcome: OUTCOME.wrong,
            slash: market.job.terms.requiredCollateral,
        });
    });

    const fitting: [string, Cell][] = [
        ['no bits at all', beginCell().endCell()],
        ['4 KiB in 33 cells', packed(32768)],
        ['4 KiB in 40 cells', ciphertext(40, 32768)],
        ['40 cells with hardly anything in them', ciphertext(40, 40 * 16)],
    ];

    it.each(fitting)('A ciphertext of %s is published with the least value', async (_, cell) => {
        await demanded(cell);
        await market.expectStep('stranger', publish(cell), -bond(), {
            value: publishingValue(market.prices),
            toTill: toTill(),
            payout: true,
        });
    });

    it.each([
        ['4 KiB and a bit in 33 cells', packed(32769)],
        ['4 KiB and a bit in 40 cells', ciphertext(40, 32769)],
        ['41 cells', ciphertext(41, 41 * 16)],
        ['300 cells', ciphertext(300, 300 * 16)],
    ])('A ciphertext of %s is refused', async (_, cell) => {
        await demanded(cell);
        await market.expectRefused('operator', publish(cell), 'RESULT_TOO_LARGE');
    });

    it('A ciphertext that branches is refused', async () => {
        const leaf = beginCell().storeBuffer(Buffer.alloc(127, 1)).endCell();
        const forked = beginCell().storeRef(leaf).storeRef(leaf).endCell();
        for (const cell of [forked, beginCell().storeRef(forked).endCell()]) {
            await demanded(cell);
            await market.expectRefused('operator', publish(cell), 'MALFORMED_CELL');
        }
    });

    it('Anything but what was committed to is refused', async () => {
        await market.enter('demanded');
        for (const cell of [beginCell().endCell(), beginCell().storeRef(market.job.result).endCell()]) {
            await market.expectRefused('operator', publish(cell), 'RESULT_MISMATCH');
        }
    });

    it('A PublishResult without a cell is refused', async () => {
        await market.enter('demanded');
        await market.expectRefused('operator', body('PublishResult').endCell(), 9);
        await market.expectRefused('operator', body('PublishStorageId').endCell(), 9);
    });

    it.each([1, 2, 126, 127])('A storage id of %i bytes answers', async (bytes) => {
        for (const role of ['operator', 'owner'] as const) {
            await market.enter('demanded');
            await market.expectStep(role, storageId(bytes), -bond(), { toTill: toTill(), payout: true });
            expect(await market.job.data()).toMatchObject({
                state: JOB_SUBMITTED,
                deadline: market.chain.now + market.job.terms.challengeWindow,
            });
        }
    });

    const badIds: [string, () => Cell][] = [
        ['nothing', () => beginCell().endCell()],
        ['7 bits', () => beginCell().storeUint(1, 7).endCell()],
        ['9 bits', () => beginCell().storeUint(1, 9).endCell()],
        ['1017 bits', () => beginCell().storeBuffer(Buffer.alloc(127)).storeBit(1).endCell()],
        // A cell holds 127 bytes and 7 bits; a 128th byte only fits into a reference.
        [
            '128 bytes',
            () => beginCell().storeBuffer(Buffer.alloc(127)).storeRef(beginCell().storeUint(1, 8).endCell()).endCell(),
        ],
        ['a reference', () => beginCell().storeUint(1, 8).storeRef(beginCell().endCell()).endCell()],
    ];

    it.each(badIds)('A storage id of %s is refused', async (_, cell) => {
        await market.enter('demanded');
        await market.expectRefused('operator', body('PublishStorageId').storeRef(cell()).endCell(), 'MALFORMED_CELL');
    });

    it('The bond of an answered demand is the provider’s on top of the amount, and no fee is taken of it', async () => {
        await market.enter('demanded');
        const result = await market.tell('stranger', publish(market.job.result), { value: PLENTY });
        expect(bodyOf(result, market.provider.till, 'Settle')).toEqualCell(
            body('Settle').storeUint(0, 64).storeAddress(market.job.client.address).endCell(),
        );
    });

    it('From Demanded the job ends only by silence, and the client has bond and price back', async () => {
        await market.enter('demanded');
        await market.at(0);
        const { toClient } = await market.expectSlashed(() => market.tell('stranger', body('ExpireDemand').endCell()), {
            from: market.stranger,
            op: 'ExpireDemand',
            outcome: OUTCOME.undelivered,
            slash: market.job.terms.requiredCollateral,
        });
        expect(toClient).toBeGreaterThan(market.job.terms.price + bond());
    });

    it('A challenge after the demand is refused while the demand is open', async () => {
        await market.enter('demanded');
        await market.expectRefused('client', body('Challenge').endCell(), 'WRONG_STATE', { value: toNano(4) });
        expectTrace(await market.tell('client', body('DemandResult').endCell()), [
            { op: 'DemandResult', exitCode: 0x102 },
            { op: 'bounced DemandResult' },
        ]);
    });
});

it('No handler used more gas than its constant says', expectGasWithinConstants);
