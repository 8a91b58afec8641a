import { beginCell, Cell, toNano } from '@ton/core';
import { ChannelStage, withLibrary } from '../../fixtures/channelStage';
import { Channel, DAY, PLENTY, SignedFields } from '../../fixtures/channels';
import { tagBits, TAGS, uint256Of } from '../../helpers/cells';
import { openNetwork, openProvider, prepareProvider } from '../../helpers/network';

// What both sides sign, in wrong shapes, for another purpose, channel, opening or network. Every signature here is genuine: by the
// right key over just this cell.

let stage: ChannelStage;
let channel: Channel;

beforeAll(async () => {
    stage = await ChannelStage.open();
    channel = stage.channel;
});
beforeEach(() => stage.enter('open'));

const AMOUNT = toNano(2);

const bits = (count: number) =>
    beginCell()
        .storeBuffer(Buffer.alloc(Math.ceil(count / 8), 0x5a))
        .asSlice()
        .loadBits(count);
const cellOf = (count: number, ...refs: Cell[]) =>
    refs.reduce((builder, ref) => builder.storeRef(ref), beginCell().storeBits(bits(count))).endCell();
/** The cell with so many bits more or less at its end, or with references. */
const altered = (cell: Cell, change: { bits?: number; refs?: Cell[] }) => {
    const slice = cell.beginParse();
    const length = cell.bits.length + (change.bits ?? 0);
    const builder = beginCell().storeBits(slice.loadBits(Math.min(length, cell.bits.length)));
    builder.storeUint(0, Math.max(0, length - cell.bits.length));
    return (change.refs ?? []).reduce((all, ref) => all.storeRef(ref), builder).endCell();
};

/** What can be wrong with the shape of a cell. */
const SHAPES: [string, (good: Cell) => Cell][] = [
    ['a bit too few', (good) => altered(good, { bits: -1 })],
    ['a bit too many', (good) => altered(good, { bits: 1 })],
    ['a byte too few', (good) => altered(good, { bits: -8 })],
    ['as many bits as fit', (good) => altered(good, { bits: 1023 - good.bits.length })],
    ['nothing in it', () => beginCell().endCell()],
    ['a reference', (good) => altered(good, { refs: [cellOf(0)] })],
    ['four references', (good) => altered(good, { refs: [cellOf(0), cellOf(1), cellOf(2), cellOf(3)] })],
    ['itself only in a reference', (good) => beginCell().storeRef(good).endCell()],
];

/** Signed by both keys, so that neither signature is what stands in the way. */
const redeemOf = (voucher: Cell) => channel.redeemBody(voucher);
const closeOf = (agreement: Cell) => channel.closeBody(agreement);
/** The message of the one cell, with signatures over another. */
const redeemBy = (voucher: Cell, signed: Cell) => channel.redeemBody(voucher, channel.sign(signed));
const closeBy = (agreement: Cell, signed: Cell) =>
    channel.closeBody(agreement, {
        client: channel.sign(signed),
        provider: channel.sign(signed, channel.provider.signing),
    });

// Messages carry fields, never cells: the channel builds the hash of the one cell that it means, so that a signature over any other
// is a signature over something else.
describe('A voucher signed in a wrong shape', () => {
    it.each(SHAPES)('with %s is refused', async (_, shape) => {
        const voucher = await channel.voucher(AMOUNT);
        await stage.expectRefused('operator', redeemBy(voucher, shape(voucher)), 'BAD_VOUCHER_SIGNATURE');
    });

    it('behind a library cell is refused', async () => {
        const voucher = await channel.voucher(AMOUNT);
        await withLibrary(stage.chain, voucher, async (library) => {
            await stage.expectRefused('operator', redeemBy(voucher, library), 'BAD_VOUCHER_SIGNATURE');
        });
    });

    it('with other fields than the message says is refused', async () => {
        const voucher = await channel.voucher(AMOUNT, { receiptHead: 7n });
        const others = [
            await channel.voucher(AMOUNT + 1n, { receiptHead: 7n }),
            await channel.voucher(AMOUNT, { receiptHead: 6n }),
        ];
        for (const other of others) {
            await stage.expectRefused('operator', redeemBy(voucher, other), 'BAD_VOUCHER_SIGNATURE');
        }
        await stage.expectRedeemed('operator', redeemOf(voucher), AMOUNT);
    });
});

describe('An agreement signed in a wrong shape', () => {
    it.each(SHAPES)('with %s is refused', async (_, shape) => {
        const agreement = await channel.agreement(AMOUNT);
        await stage.expectRefused('stranger', closeBy(agreement, shape(agreement)), 'BAD_CLIENT_SIGNATURE');
    });

    it('behind a library cell is refused', async () => {
        const agreement = await channel.agreement(AMOUNT);
        await withLibrary(stage.chain, agreement, async (library) => {
            await stage.expectRefused('stranger', closeBy(agreement, library), 'BAD_CLIENT_SIGNATURE');
        });
    });

    it('with other fields than the message says is refused', async () => {
        const agreement = await channel.agreement(AMOUNT);
        const others = [
            await channel.agreement(AMOUNT + 1n),
            await channel.agreement(AMOUNT, { validUntil: stage.chain.now + 61 }),
        ];
        for (const other of others) {
            await stage.expectRefused('stranger', closeBy(agreement, other), 'BAD_CLIENT_SIGNATURE');
        }
    });
});

describe('A provider signature in a wrong shape', () => {
    const shapes = SHAPES.filter(([name]) => name !== 'a byte too few');

    it.each(shapes)('with %s is refused', async (_, shape) => {
        const agreement = await channel.agreement(AMOUNT);
        const good = beginCell().storeBuffer(channel.sign(agreement, channel.provider.signing)).endCell();
        const message = channel.closeBody(agreement, { provider: shape(good) });
        await stage.expectRefused('stranger', message, 'MALFORMED_CELL');
    });

    it('behind a library cell is refused', async () => {
        const agreement = await channel.agreement(AMOUNT);
        const good = beginCell().storeBuffer(channel.sign(agreement, channel.provider.signing)).endCell();
        await withLibrary(stage.chain, good, async (library) => {
            const message = channel.closeBody(agreement, { provider: library });
            await stage.expectRefused('stranger', message, 'MALFORMED_CELL');
        });
    });
});

describe('Signed for another purpose', () => {
    const receipt = BigInt(`0x${Buffer.from('CM.rcp.1').toString('hex')}`);
    const tags: [string, bigint][] = [
        ...(Object.keys(TAGS) as (keyof typeof TAGS)[]).map((name) => [name, tagBits(name)] as [string, bigint]),
        ['receipt', receipt],
        ['nothing', 0n],
    ];

    it.each(tags.filter(([name]) => name !== 'voucher'))('A voucher with the tag of %s is refused', async (_, tag) => {
        const message = redeemOf(await channel.voucher(AMOUNT, { tag }));
        await stage.expectRefused('operator', message, 'BAD_VOUCHER_SIGNATURE');
    });

    it.each(tags.filter(([name]) => name !== 'closeAgreement'))(
        'An agreement with the tag of %s is refused',
        async (_, tag) => {
            const agreement = await channel.agreement(AMOUNT, { tag });
            await stage.expectRefused('stranger', closeOf(agreement), 'BAD_CLIENT_SIGNATURE');
        },
    );

    it.each(tags.filter(([name]) => name !== 'requestClose'))(
        'A close request with the tag of %s is refused',
        async (_, tag) => {
            const message = channel.requestCloseBody(await channel.closeRequest({ tag }));
            await stage.expectRefused('stranger', message, 'BAD_CLIENT_SIGNATURE');
        },
    );

    it('A voucher is no agreement, an agreement no voucher, and neither is a close request', async () => {
        const voucher = await channel.voucher(AMOUNT);
        const agreement = await channel.agreement(AMOUNT);
        await stage.expectRefused('stranger', closeBy(agreement, voucher), 'BAD_CLIENT_SIGNATURE');
        await stage.expectRefused('stranger', redeemBy(voucher, agreement), 'BAD_VOUCHER_SIGNATURE');
        for (const cell of [voucher, agreement]) {
            const message = channel.requestCloseBody(channel.sign(cell));
            await stage.expectRefused('stranger', message, 'BAD_CLIENT_SIGNATURE');
        }
    });

    it('A receipt that the client signed like a voucher is none', async () => {
        const head = beginCell()
            .storeUint(receipt, 64)
            .storeUint(uint256Of(channel.address.hash), 256)
            .storeUint((await channel.terms()).openedLt, 64)
            .storeUint(1, 64)
            .storeUint(AMOUNT, 64);
        const whole = beginCell().storeBuilder(head).storeUint(0, 256).storeRef(cellOf(8)).endCell();
        const short = beginCell().storeBuilder(head).storeUint(0, 192).endCell();
        expect(short.bits.length).toBe(704);
        for (const amount of [1n, AMOUNT]) {
            const voucher = await channel.voucher(amount);
            await stage.expectRefused('operator', redeemBy(voucher, whole), 'BAD_VOUCHER_SIGNATURE');
            await stage.expectRefused('operator', redeemBy(voucher, short), 'BAD_VOUCHER_SIGNATURE');
        }
        await stage.expectRefused('operator', redeemOf(short), 'BAD_VOUCHER_SIGNATURE');
    });
});

/**
 * Everything of both sides that names its subject by these fields, sent to a channel: another opening is seen before signatures are,
 * another channel makes them wrong.
 */
async function expectDead(fields: SignedFields, to: Channel = channel): Promise<void> {
    const named = fields.openedLt ?? (await channel.terms()).openedLt;
    const otherOpening = named !== (await to.terms()).openedLt;
    const redeem = to.redeemBody(await channel.voucher(AMOUNT, fields));
    const close = to.closeBody(await channel.agreement(AMOUNT, fields));
    const request = to.requestCloseBody(await channel.closeRequest(fields));
    await stage.expectRefused('operator', redeem, otherOpening ? 'SIGNED_FOR_ANOTHER' : 'BAD_VOUCHER_SIGNATURE', {
        to,
    });
    await stage.expectRefused('operator', close, otherOpening ? 'SIGNED_FOR_ANOTHER' : 'BAD_CLIENT_SIGNATURE', { to });
    await stage.expectRefused('operator', request, 'BAD_CLIENT_SIGNATURE', { to });
}

describe('Signed for another channel', () => {
    it('of an address one bit away', async () => {
        const id = uint256Of(channel.address.hash);
        await expectDead({ channel: id ^ 1n });
        await expectDead({ channel: id ^ (1n << 255n) });
        await expectDead({ channel: 0n });
    });

    it('of the same parties under another nonce, opened in the same second', async () => {
        const other = await Channel.prepare(channel.provider, { nonce: 2n });
        await other.open();
        const { openedLt } = await other.terms();
        // As it was signed for the first, and with the second's opening.
        await expectDead({}, other);
        await expectDead({ openedLt }, other);
        await stage.expectRedeemed('operator', redeemOf(await channel.voucher(AMOUNT)), AMOUNT);
    });

    it('of the same client with another provider of the network, who has the same signing key', async () => {
        const prepared = await prepareProvider(channel.network, { name: 'second' });
        expect(prepared.till).not.toEqualAddress(channel.provider.till);
        const other = await Channel.prepare({ ...prepared, signing: channel.provider.signing });
        await other.open();
        await expectDead({}, other);
        await expectDead({ openedLt: (await other.terms()).openedLt }, other);
    });

    it('of the same client with the same owner’s provider in another network', async () => {
        const network = await openNetwork(stage.chain, { salt: 1n });
        const provider = await openProvider(network);
        expect(provider.owner.address).toEqualAddress(channel.provider.owner.address);
        const other = await Channel.prepare({ ...provider, signing: channel.provider.signing });
        expect(other.address).not.toEqualAddress(channel.address);
        await other.open();
        await expectDead({}, other);
        await expectDead({ openedLt: (await other.terms()).openedLt }, other);
    });
});

describe('Signed for another opening', () => {
    it.each([-1n, 1n, 1n << 63n])('with an openedLt %i away', async (offset) => {
        const { openedLt } = await channel.terms();
        await expectDead({ openedLt: openedLt + offset });
    });

    it('with an openedLt of 0', async () => {
        await expectDead({ openedLt: 0n });
    });

    it.each(['an agreement', 'its time'] as const)(
        'All that was signed before the end by %s is dead in the next life of the same address',
        async (end) => {
            const { chain } = stage;
            const first = (await channel.terms()).openedLt;
            const voucher = redeemOf(await channel.voucher(AMOUNT));
            if (end === 'its time') {
                await stage.tell('client', channel.requestCloseBody());
                chain.pass(DAY);
            }
            const agreements = await Promise.all(
                [0n, AMOUNT, channel.offer.deposit].map((amount) =>
                    channel.agreement(amount, { validUntil: chain.now + 600 }),
                ),
            );
            const closings = agreements.map((agreement) => closeOf(agreement));
            const request = channel.requestCloseBody(await channel.closeRequest());
            await stage.expectRedeemed('operator', voucher, AMOUNT);
            if (end === 'its time') {
                await stage.expectClosed('stranger', channel.finalizeBody(), 0n);
            } else {
                await stage.expectClosed('stranger', closings[1]!, 0n);
            }

            const second = await stage.expectOpened();
            expect(second).toBeGreaterThan(first);
            expect((await channel.terms()).openedLt).toBe(second);
            await stage.expectRefused('operator', voucher, 'SIGNED_FOR_ANOTHER');
            for (const closing of closings) {
                await stage.expectRefused('operator', closing, 'SIGNED_FOR_ANOTHER');
            }
            await stage.expectRefused('stranger', request, 'BAD_CLIENT_SIGNATURE');
            await stage.expectRedeemed('operator', redeemOf(await channel.voucher(AMOUNT)), AMOUNT);
        },
    );

    it('with another key of the client', async () => {
        const closesAt = (await channel.data()).closesAt;
        const voucher = redeemOf(await channel.voucher(AMOUNT));
        stage.chain.at(closesAt);
        await stage.expectClosed('stranger', channel.finalizeBody(), 0n);
        await stage.expectOpened({ closesAt: stage.chain.now + DAY, clientKey: 5n }, { value: toNano(20) });
        await stage.expectRefused('operator', voucher, 'SIGNED_FOR_ANOTHER', { value: PLENTY });
        await stage.expectRefused('operator', redeemOf(await channel.voucher(AMOUNT)), 'BAD_VOUCHER_SIGNATURE');
    });
});
