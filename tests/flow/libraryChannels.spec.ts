/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Address, toNano } from '@ton/core';
import { PayingChannel } from '../../client';
import { MemoryChannelStore } from '../../store';
import { CodeForm, Market, MarketError, PaymentChannel } from '../../wrappers';
import { label } from '../helpers/labels';
import { serveLibraries } from '../helpers/libraries';
import { codeOf } from '../helpers/sources';
import { expectTrace } from '../helpers/traces';
import { ask, COST, payer, serving } from './channelStage';
import { describeFlow, Stage, work } from './stage';

const DAY = 86_400;

/** The stage's client in a market where the library is published and paid for so long. */
async function librarian(stage: Stage, seconds: number): Promise<Market> {
    const { chain, market, connection, prices } = stage;
    serveLibraries(chain, codeOf('PaymentChannel'));
    return await Market.connect({
        registry: market.registry,
        connection,
        prices,
        now: () => chain.now,
        codeLibraryPaidUntil: chain.now + seconds,
    });
}

/** What a worker serves by that knows the library to be paid for so long. */
const paidFor = ({ chain }: Stage, seconds: number) => ({ codeLibraryPaidUntil: chain.now + seconds });

/** Does what the masterchain does where nobody pays. */
const expire = ({ chain }: Stage) => serveLibraries(chain);

describeFlow('a channel whose code is a library', (play) => {
    it('is opened where the library is paid until a day after its end, served, resumed on both sides, and closed', () =>
        play(async (stage) => {
            const served = await serving(stage, { policy: paidFor(stage, 31 * DAY) });
            const market = await librarian(stage, 31 * DAY);
            const store = new MemoryChannelStore();
            const options = { ...payer(stage, store), market };
            const first = await PayingChannel.open(options, stage.connect(served.worker));
            label(first.address, 'PaymentChannel');
            expect(first.name.form).toBe('library');
            expect((await ask(first, 0)).cost).toBe(COST);

            const next = await serving(stage, { store: served.store, policy: paidFor(stage, 31 * DAY) });
            const [channel, ...others] = await PayingChannel.resume(
                stage.provider.owner.address,
                options,
                stage.connect(next.worker),
            );
            expect(others).toEqual([]);
            expect(channel!.address.equals(first.address)).toBe(true);
            for (let index = 1; index < 21; index++) {
                await ask(channel!, index % 16);
            }
            stage.take();
            expect(await work(next.worker)).toEqual(['redeem']);
            expectTrace(stage.take(), [
                { to: channel!.address, op: 'Redeem' },
                { to: stage.provider.till, op: 'Settle' },
                { op: 'Payout' },
            ]);
            await channel!.close();
            expect(await market.channels.find(channel!.name)).toBeNull();
        }));

    it('is not opened where the library is paid for a second less, nor where nothing is known of it', () =>
        play(async (stage) => {
            const market = await librarian(stage, 31 * DAY - 1);
            const terms = {
                provider: stage.provider.owner.address,
                deposit: toNano(1),
                clientKey: Buffer.from(stage.keys.clientSecret).subarray(32),
            };
            const opened = await market.channels.open(stage.wallet.getSender(), { ...terms, nonce: 1n });
            expect(opened.form).toBe('full');
            const unknown = await stage.market.channels.open(stage.wallet.getSender(), { ...terms, nonce: 2n });
            expect(unknown.form).toBe('full');
            const asked = await stage.market.channels.open(stage.wallet.getSender(), {
                ...terms,
                nonce: 3n,
                form: 'library',
            });
            expect((await stage.market.channels.find(asked))!.form).toBe('library');
            // The other form of an open channel would be another channel under the same name.
            for (const name of [
                { nonce: 1n, form: 'library' as const },
                { nonce: 3n, form: 'full' as const },
            ]) {
                await expect(
                    stage.market.channels.open(stage.wallet.getSender(), { ...terms, ...name }),
                ).rejects.toMatchObject({ name: 'StateError', code: 'wrong-state' } satisfies Partial<MarketError>);
            }
        }));

    it('is redeemed itself, whatever else its client opens under the same name', () =>
        play(async (stage) => {
            const served = await serving(stage, { policy: paidFor(stage, 31 * DAY) });
            const market = await librarian(stage, 31 * DAY);
            const options = { ...payer(stage), market };
            const channel = await PayingChannel.open(options, stage.connect(served.worker));
            for (let index = 0; index < 21; index++) {
                await ask(channel, index % 16);
            }
            const decoy = await openUnchecked(stage);
            stage.take();
            expect(await work(served.worker)).toEqual(['redeem']);
            expectTrace(stage.take(), [{ to: channel.address, op: 'Redeem' }, { op: 'Settle' }, { op: 'Payout' }]);
            const { provider } = channel.name;
            expect((await market.channels.findAt(channel.address, provider))!.claimed).toBe(21n * COST);
            expect((await market.channels.findAt(decoy, provider))!.claimed).toBe(0n);
        }));

    it('is served where the library is paid until the worker’s margin after its end, and not for a second less', () =>
        play(async (stage) => {
            const least = 30 * DAY + 1_800;
            const options = { ...payer(stage), form: 'library' as const };
            const market = await librarian(stage, 31 * DAY);
            for (const seconds of [0, least - 1]) {
                const { worker } = await serving(stage, { policy: paidFor(stage, seconds) });
                await expect(
                    PayingChannel.open({ ...options, market, nonce: BigInt(seconds) }, stage.connect(worker)),
                ).rejects.toMatchObject({ name: 'RefusedError', reasons: [{ code: 'library-unpaid' }] });
            }
            const { worker } = await serving(stage, { policy: paidFor(stage, least) });
            const channel = await PayingChannel.open({ ...options, market }, stage.connect(worker));
            expect((await ask(channel, 0)).cost).toBe(COST);
        }));

    it('is not served while its library is missing, and again afterwards', () =>
        play(async (stage) => {
            const { worker, store } = await serving(stage, { policy: paidFor(stage, 31 * DAY) });
            const market = await librarian(stage, 31 * DAY);
            const channel = await PayingChannel.open({ ...payer(stage), market }, stage.connect(worker));
            await ask(channel, 0);
            const kept = await store.list('provider');
            expire(stage);
            await expect(ask(channel, 1)).rejects.toMatchObject({
                name: 'RefusedError',
                reasons: [{ code: 'unreadable-channel' }],
            });
            expect(await store.list('provider')).toEqual(kept);
            serveLibraries(stage.chain, codeOf('PaymentChannel'));
            expect((await ask(channel, 2)).cost).toBe(COST);
        }));

    it('keeps no worker from starting, nor another channel from being redeemed, while its library is missing', () =>
        play(async (stage) => {
            const policy = { ...paidFor(stage, 31 * DAY), maxChannelsPerClient: 2 };
            const first = await serving(stage, { policy });
            const market = await librarian(stage, 31 * DAY);
            const open = (nonce: bigint, form: CodeForm) =>
                PayingChannel.open({ ...payer(stage), market, nonce, form }, stage.connect(first.worker));
            const missing = await open(7n, 'library');
            const other = await open(8n, 'full');
            for (let index = 0; index < 21; index++) {
                await ask(other, index % 16);
                await ask(missing, index % 16);
            }
            expire(stage);
            const errors: Error[] = [];
            const next = await serving(stage, { store: first.store, policy, onError: (error) => errors.push(error) });
            expect(errors).toHaveLength(1);
            const steps = await next.worker.tick();
            expect(
                steps.filter(({ error }) => !error).map(({ step, account }) => [step, account.toRawString()]),
            ).toEqual([['redeem', other.address.toRawString()]]);
            expect(steps.filter(({ error }) => error).map(({ account }) => account.toRawString())).toEqual([
                missing.address.toRawString(),
            ]);
            expect((await market.channels.find(other.name))!.claimed).toBe(21n * COST);
            // Once the library is there again the next look redeems.
            serveLibraries(stage.chain, codeOf('PaymentChannel'));
            await next.worker.tick();
            expect((await market.channels.find(missing.name))!.claimed).toBe(21n * COST);
        }));
});

/** A client without our wrappers opens the full form beside the other. */
async function openUnchecked({ market, wallet, chain, provider, keys }: Stage): Promise<Address> {
    const name = { client: wallet.address, provider: provider.owner.address, nonce: 7n };
    const channel = await PaymentChannel.createFromConfig(
        { client: wallet.address, settlement: provider.till, nonce: 7n },
        market.prices,
    );
    const params = channel.getOpenChannelTxParams({
        deposit: toNano(1),
        closesAt: chain.now + DAY,
        closeDelay: DAY,
        clientKey: Buffer.from(keys.clientSecret).subarray(32),
        providerKey: provider.profile.signingKey,
    });
    await chain.send(wallet, params);
    expect(await market.channels.find(name)).not.toBeNull();
    return channel.address;
}
