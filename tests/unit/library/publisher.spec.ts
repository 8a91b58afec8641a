import { beginCell, Cell, toNano } from '@ton/core';
import { channelCode, LibraryPublisher, loadMasterchainPrices, PublisherState } from '../../../wrappers';
import { PRICE_SETS } from '../../helpers/chain';
import { useChain } from '../../helpers/fixture';
import { librariesAt } from '../../helpers/libraries';
import { codeOf } from '../../helpers/sources';
import { expectTrace, gasUsed, Trace, transactionAt } from '../../helpers/traces';

const YEAR = 365 * 86_400;
const comment = beginCell().storeUint(0, 32).storeStringTail('rent').endCell();

describe.each(PRICE_SETS)('LibraryPublisher (prices: %s)', (prices) => {
    const fixture = useChain({ prices });
    let publisher: LibraryPublisher;

    beforeEach(async () => {
        const { config } = fixture.chain.blockchain;
        publisher = await LibraryPublisher.createFromLibrary(await channelCode(), loadMasterchainPrices(config));
    });

    const account = async () => (await fixture.chain.blockchain.getContract(publisher.address)).account.account!;
    const info = async () => await fixture.chain.blockchain.openContract(publisher).getInfo();
    const published = async () => await librariesAt(fixture.chain, publisher.address);
    const stranger = () => fixture.chain.wallet('stranger');

    /** Any wallet pays for so many seconds, as the account is now. */
    async function pay(seconds: number, body = new Cell()): Promise<Trace> {
        const { state } = await info();
        const params = publisher.getPublishTxParams({ state, seconds: BigInt(seconds) });
        return await fixture.chain.send(await stranger(), { ...params, body });
    }

    /** Lets the rent run out, and so many seconds more; then somebody touches the account. */
    async function expire(seconds: number): Promise<void> {
        fixture.chain.at(publisher.paidUntil(await fixture.chain.balance(publisher), fixture.chain.now) + seconds);
        await fixture.chain.send(await stranger(), { to: publisher, value: 1n, bounce: false });
    }

    async function expectState(state: PublisherState, libraries: number): Promise<void> {
        expect((await info()).state).toBe(state);
        expect(await published()).toHaveLength(libraries);
    }

    it('publishes the very code of a channel, in the masterchain, by one plain message', async () => {
        const trace = await pay(YEAR);
        expectTrace(trace, [{ to: publisher.address, op: 'empty' }]);
        expect(publisher.address.workChain).toBe(-1);
        const libraries = await published();
        expect(libraries).toHaveLength(1);
        expect(libraries[0]!.equals(codeOf('PaymentChannel'))).toBe(true);
        const gas = gasUsed(transactionAt(trace, publisher.address, 'empty'));
        // The bound that the wrapper reckons with, which at the masterchain's prices is 0.025 TON.
        expect(gas).toBeLessThanOrEqual(2_500n);
        expect(gas * 16n).toBeGreaterThanOrEqual(2_500n * 10n);
    });

    it('keeps everything, whoever sends it, and stays as it is', async () => {
        await pay(YEAR);
        const before = await fixture.chain.balance(publisher);
        const data = await fixture.chain.data(publisher);
        expectTrace(await pay(YEAR, comment), [{ to: publisher.address, op: '0x00000000' }]);
        expect(await fixture.chain.balance(publisher)).toBeGreaterThan(before + publisher.rent(BigInt(YEAR)));
        expect((await fixture.chain.data(publisher))!.equals(data!)).toBe(true);
        await expectState('active', 1);
    });

    it('bounces what is neither a plain transfer nor a comment', async () => {
        await pay(YEAR);
        const body = beginCell().storeUint(0x50430001, 32).storeUint(0, 64).endCell();
        const sent = { to: publisher, value: toNano(1), body };
        expectTrace(await fixture.chain.send(await stranger(), sent), [
            { to: publisher.address, op: 'Redeem', exitCode: 130 },
            { to: await stranger(), op: 'bounced Redeem' },
        ]);
    });

    it('is stored as size says, and at most a tenth less', async () => {
        await pay(YEAR);
        const { cells, bits } = (await account()).storageStats.used;
        const most = publisher.size;
        expect(most.cells).toBeGreaterThanOrEqual(cells);
        expect(most.bits).toBeGreaterThanOrEqual(bits);
        expect(most.cells * 9n).toBeLessThanOrEqual(BigInt(cells) * 10n);
        expect(most.bits * 9n).toBeLessThanOrEqual(BigInt(bits) * 10n);
    });

    it('lasts as long as paidUntil says', async () => {
        await pay(YEAR);
        const paidUntil = publisher.paidUntil(await fixture.chain.balance(publisher), fixture.chain.now);
        expect(paidUntil).toBeGreaterThanOrEqual(fixture.chain.now + YEAR);
        fixture.chain.at(paidUntil);
        await fixture.chain.send(await stranger(), { to: publisher, value: 1n, bounce: false });
        await expectState('active', 1);
    });

    it('freezes when the rent is used up, and comes back with the state that it was frozen with', async () => {
        await pay(YEAR);
        await expire(YEAR / 12);
        await expectState('frozen', 0);
        expectTrace(await pay(YEAR), [{ to: publisher.address, op: 'empty' }]);
        await expectState('active', 1);
        expect(publisher.paidUntil(await fixture.chain.balance(publisher), fixture.chain.now)).toBeGreaterThanOrEqual(
            fixture.chain.now + YEAR,
        );
    });

    it('is deleted when it owes more than a TON; the money returns, and the next message publishes anew', async () => {
        await pay(YEAR);
        await expire(YEAR);
        await expectState('frozen', 0);
        expectTrace(await pay(YEAR), [{ to: publisher.address, exitCode: 'skipped' }, { to: await stranger() }]);
        await expectState('uninit', 0);
        expectTrace(await pay(YEAR), [{ to: publisher.address, op: 'empty' }]);
        await expectState('active', 1);
    });

    it('asks how much', () => {
        expect(() => publisher.getPublishTxParams({ state: 'active' })).toThrow('value: is zero');
    });
});
