import { Address, beginCell, Cell, toNano } from '@ton/core';
import { channelCode, channelCodeHash, deriveChannel, LibraryPublisher, libraryReference } from '../../../wrappers';
import { Channel, DAY, YEAR } from '../../fixtures/channels';
import { uint256Of } from '../../helpers/cells';
import { PRICE_SETS } from '../../helpers/chain';
import { serveLibraries, servePublished } from '../../helpers/libraries';
import { deployNetwork, Provider } from '../../helpers/network';
import { codeOf, contractOf, libraryOf } from '../../helpers/sources';
import { expectTrace, gasUsed, Trace } from '../../helpers/traces';

/** Of TVM: the cell that was to be read is not there. */
const CELL_UNDERFLOW = 9;

describe('A library reference', () => {
    const code = codeOf('PaymentChannel');

    it('is an exotic cell of a tag and a hash', () => {
        const reference = libraryReference(code);
        expect(reference.isExotic).toBe(true);
        expect(reference.bits.toString()).toBe(`02${code.hash().toString('hex').toUpperCase()}`);
        expect(reference.refs).toEqual([]);
        expect(reference.equals(libraryOf('PaymentChannel'))).toBe(true);
    });

    it('makes another address and code hash; the data are the same', async () => {
        const any = new Address(0, Buffer.alloc(32, 7));
        const identity = { client: any, settlement: any, nonce: 3n };
        const full = await deriveChannel(identity);
        const library = await deriveChannel(identity, 'library');
        expect(library.init.data.equals(full.init.data)).toBe(true);
        // StateInit: no split depth, no special, code, data, no libraries.
        const init = beginCell().storeUint(0b00110, 5).storeRef(libraryOf('PaymentChannel')).storeRef(full.init.data);
        expect(library.address.equals(new Address(0, init.endCell().hash()))).toBe(true);
        expect(await channelCodeHash('library')).toBe(uint256Of(libraryOf('PaymentChannel').hash()));
        expect(await channelCodeHash('full')).toBe(uint256Of(code.hash()));
        expect((await channelCode()).equals(code)).toBe(true);
    });
});

describe.each(PRICE_SETS)('A channel whose code is a library (prices: %s)', (prices) => {
    let provider: Provider;
    let start: ReturnType<Provider['network']['chain']['blockchain']['snapshot']>;
    const chain = () => provider.network.chain;
    const publish = () => serveLibraries(chain(), codeOf('PaymentChannel'));
    const expire = () => serveLibraries(chain());
    const prepare = () => Channel.prepare(provider, { nonce: 2n, code: libraryOf('PaymentChannel') });

    beforeAll(async () => {
        ({ provider } = await deployNetwork({ prices }));
        start = chain().blockchain.snapshot();
    });
    afterEach(() => chain().blockchain.loadFrom(start));

    const gasOf = ({ transactions }: Trace, of: Channel) =>
        transactions
            .filter(({ address }) => address === uint256Of(of.address.hash))
            .map(gasUsed)
            .reduce((sum, gas) => sum + gas);

    /** Every message that a channel takes, each with what it cost the channel in gas. */
    async function life(channel: Channel): Promise<bigint[]> {
        const { client, stranger } = channel;
        const gas: bigint[] = [];
        const enter = (trace: Trace, ...ops: string[]) => {
            expectTrace(
                trace,
                ops.map((op) => ({ op })),
            );
            gas.push(gasOf(trace, channel));
        };
        await chain().rewinding(async () => {
            enter(await channel.open(), 'OpenChannel', 'Excesses');
            enter(await channel.tell(stranger, channel.topUpBody(toNano(1)), toNano(2)), 'TopUpChannel', 'Excesses');
            enter(await channel.redeem(toNano(1)), 'Redeem', 'Settle', 'Payout');
            await chain().rewinding(async () => {
                const close = channel.closeBody(await channel.agreement(toNano(3)));
                enter(await channel.tell(stranger, close), 'CloseChannel', 'Settle', 'ChannelClosed', 'Payout');
                expect(await chain().isGone(channel.address)).toBe(true);
            });
            enter(await channel.tell(client, channel.requestCloseBody()), 'RequestClose', 'Excesses');
            chain().pass(DAY);
            enter(await channel.tell(stranger, channel.finalizeBody()), 'FinalizeChannel', 'ChannelClosed');
            expect(await chain().isGone(channel.address)).toBe(true);
        });
        return gas;
    }

    it('lives as any channel does, for the same gas', async () => {
        publish();
        const full = await life(await Channel.prepare(provider, { nonce: 2n }));
        expect(full).toHaveLength(6);
        expect(await life(await prepare())).toEqual(full);
    });

    it('is found by the getters, and holds one cell instead of its code', async () => {
        publish();
        const channel = await prepare();
        await channel.open();
        const { account } = await chain().blockchain.getContract(channel.address);
        expect(account.account!.storageStats.used.cells).toBeLessThan(10n);
        // As the checkers of conservation and solvency see it.
        const { accountState } = await chain().blockchain.getContract(channel.address);
        expect(accountState?.type === 'active' && contractOf(accountState.state.code)).toBe('PaymentChannel');
        const { stack } = await chain().blockchain.runGetMethod(channel.address, 'channel');
        expect((stack[0] as { cell: Cell }).cell.beginParse().loadAddress().equals(channel.client.address)).toBe(true);
    });

    it('cannot be opened without the library: everything but fees returns', async () => {
        expire();
        const channel = await prepare();
        const before = await chain().balance(channel.client);
        const trace = await channel.tell(channel.client, channel.openBody(), toNano(11), { init: true });
        expectTrace(trace, [
            { from: channel.client, to: channel.address, op: 'OpenChannel', exitCode: CELL_UNDERFLOW },
            { from: channel.address, to: channel.client, op: 'bounced OpenChannel' },
        ]);
        expect(await chain().balance(channel.client)).toBeGreaterThan(before - toNano('0.02'));
        expect(await chain().balance(channel.address)).toBe(0n);
        publish();
        await channel.open();
    });

    it('waits while the library is missing, whoever asks, and goes on when it is back', async () => {
        publish();
        const channel = await prepare();
        await channel.open();
        await channel.redeem(toNano(2));
        const data = await chain().data(channel.address);
        const balance = await chain().balance(channel.address);
        expire();
        const voucher = channel.redeemBody(await channel.voucher(toNano(3)));
        const close = channel.closeBody(await channel.agreement(toNano(3)));
        const { client, stranger } = channel;
        for (const [from, message] of [
            [stranger, voucher],
            [stranger, close],
            [client, channel.topUpBody(toNano(1))],
            [client, channel.requestCloseBody()],
        ] as const) {
            expectTrace(await channel.tell(from, message, toNano(2)), [
                { from, to: channel.address, exitCode: CELL_UNDERFLOW },
                { from: channel.address, to: from },
            ]);
        }
        chain().at((await channel.data()).closesAt + DAY);
        expectTrace(await channel.tell(stranger, channel.finalizeBody()), [
            { to: channel.address, exitCode: CELL_UNDERFLOW },
            { to: stranger },
        ]);
        expect((await chain().data(channel.address))!.equals(data!)).toBe(true);
        // A month's rent of six cells is all that has gone.
        expect(await chain().balance(channel.address)).toBeGreaterThan(balance - toNano('0.001'));

        publish();
        expectTrace(await channel.tell(stranger, voucher), [{ op: 'Redeem' }, { op: 'Settle' }, { op: 'Payout' }]);
        const before = await chain().balance(client);
        const end = await channel.tell(stranger, channel.finalizeBody());
        expectTrace(end, [{ op: 'FinalizeChannel' }, { op: 'ChannelClosed', to: client }]);
        expect(await chain().balance(client)).toBeGreaterThan(before + channel.offer.deposit - toNano(3));
        expect(await chain().isGone(channel.address)).toBe(true);
    });

    it('runs by what a publisher in the masterchain holds, and again when that is revived after its rent ran out', async () => {
        const publisher = await LibraryPublisher.createFromLibrary(await channelCode());
        const channel = await prepare();
        const pay = async (state: 'uninit' | 'frozen') => {
            await chain().send(channel.stranger, publisher.getPublishTxParams({ state, seconds: BigInt(YEAR / 12) }));
            await servePublished(chain(), publisher.address);
        };
        await pay('uninit');
        await channel.open();
        expectTrace(await channel.redeem(toNano(1)), [{ op: 'Redeem' }, { op: 'Settle' }, { op: 'Payout' }]);
        chain().pass(YEAR / 12 + 10 * DAY);
        await chain().send(channel.stranger, { to: publisher, value: 1n, bounce: false });
        await servePublished(chain(), publisher.address);
        expectTrace(await channel.redeem(toNano(2)), [
            { op: 'Redeem', exitCode: CELL_UNDERFLOW },
            { op: 'bounced Redeem' },
        ]);
        await pay('frozen');
        expectTrace(await channel.redeem(toNano(2)), [{ op: 'Redeem' }, { op: 'Settle' }, { op: 'Payout' }]);
    });
});
