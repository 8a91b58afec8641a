import { Address, Cell, toNano } from '@ton/core';
import { keyPairFromSeed, sha256_sync } from '@ton/crypto';
import { WalletContractV5R1 } from '@ton/ton';
import * as w from '../../../wrappers';
import { Channel } from '../../fixtures/channels';
import { keyPairOf } from '../../helpers/cells';
import { expectTrace, Trace } from '../../helpers/traces';

const CHANNELS = 20;
/** Three more than a wallet v5 sends at once. */
const REDEMPTIONS = 258;
/** nanoTON by which each voucher of a channel is above the one before. */
const STEP = toNano('0.1');

/** A market over the stage's chain. */
async function marketOf(stage: Channel): Promise<w.Market> {
    const { chain, network } = stage;
    return await w.Market.connect({
        registry: network.registry,
        connection: chain.blockchain,
        prices: w.loadPrices(chain.blockchain.config),
        now: () => chain.now,
    });
}

/** The real wallet v5 with money, and the traces that it causes. */
async function walletV5(stage: Channel, balance = toNano(100)) {
    const { chain, client } = stage;
    const key = keyPairFromSeed(sha256_sync('watchtower'));
    const wallet = chain.blockchain.openContract(
        WalletContractV5R1.create({ publicKey: key.publicKey, walletId: { networkGlobalId: chain.globalId } }),
    );
    if (balance > 0n) {
        await chain.send(client, { to: wallet.address, value: balance, bounce: false });
    }
    const traces: Trace[] = [];
    const batch: w.BatchWallet = {
        address: wallet.address,
        init: wallet.init,
        getSeqno: () => wallet.getSeqno(),
        createTransfer: (args) => wallet.createTransfer({ ...args, authType: 'external' }),
        send: async (message) => void traces.push(await wallet.send(message)),
    };
    return { batch, traces, secretKey: key.secretKey };
}

/** The wallet, and how many bytes each of its messages had. */
function measuring(batch: w.BatchWallet): { measured: w.BatchWallet; sizes: number[] } {
    const sizes: number[] = [];
    const send = async (message: Cell) => {
        sizes.push(message.toBoc().length);
        await batch.send(message);
    };
    return { measured: { ...batch, send }, sizes };
}

describe('Redeeming many channels by a wallet v5', () => {
    let stage: Channel;
    let market: w.Market;
    const redemptions: (w.ChannelName & w.SignedVoucher)[] = [];

    beforeAll(async () => {
        stage = await Channel.stage({ prices: '2026-06' });
        market = await marketOf(stage);
        const { provider, client } = stage;
        const channels: Channel[] = [];
        for (let index = 0; index < CHANNELS; index++) {
            channels.push(await Channel.prepare(provider, { nonce: 1000n + BigInt(index) }));
            await channels[index]!.open();
        }
        for (let index = 0; index < REDEMPTIONS; index++) {
            const channel = channels[index % CHANNELS]!;
            const voucher = await channel.voucher(STEP * BigInt(1 + Math.floor(index / CHANNELS)));
            const name = { client: client.address, provider: provider.owner.address, nonce: channel.nonce };
            redemptions.push({ ...name, voucher, signature: channel.sign(voucher) });
        }
    });

    it('splits by the count of messages, and every channel is paid once', async () => {
        const { batch, traces, secretKey } = await walletV5(stage);
        const progress: number[] = [];
        const { measured, sizes } = measuring(batch);
        const redeem = (count: number) =>
            market.channels.redeemMany(measured, redemptions.slice(0, count), {
                secretKey,
                onProgress: (sent) => progress.push(sent),
            });
        await stage.chain.rewinding(async () => {
            expect(await redeem(REDEMPTIONS)).toEqual([255, 3]);
            expect(progress).toEqual([255, 258]);
            expect(traces.map(({ transactions }) => transactions.length)).toEqual([1 + 3 * 255, 1 + 3 * 3]);
            // The network takes 65,535 bytes; this is the body of the external message.
            expect(sizes[0]).toBeGreaterThan(45_000);
            expect(sizes[0]).toBeLessThan(65_535);
            for (const [index, rounds] of [
                [0, 13n],
                [17, 13n],
                [18, 12n],
            ] as const) {
                expect((await market.channels.find(redemptions[index]!))!.claimed).toBe(rounds * STEP);
            }
            // Again, as after a crash: everything is refused, nothing paid twice.
            traces.length = 0;
            await redeem(20);
            const exits = traces.flatMap(({ transactions }) =>
                transactions.flatMap(({ description }) =>
                    description.type === 'generic' && description.computePhase.type === 'vm'
                        ? [description.computePhase.exitCode]
                        : [],
                ),
            );
            expect(exits.filter((code) => code === 0x403)).toHaveLength(20);
            expect((await market.channels.find(redemptions[0]!))!.claimed).toBe(13n * STEP);
        });
    });

    it('splits by serialised size where that is less', async () => {
        const { batch, secretKey } = await walletV5(stage);
        await stage.chain.rewinding(async () => {
            const { measured, sizes } = measuring(batch);
            const limits = { messages: 255, bytes: 8_192 };
            const counts = await market.channels.redeemMany(measured, redemptions.slice(0, 100), { secretKey, limits });
            expect(counts.reduce((sum, count) => sum + count)).toBe(100);
            expect(counts.length).toBeGreaterThan(2);
            for (const size of sizes.slice(0, -1)) {
                expect(size).toBeLessThanOrEqual(8_192);
                expect(size).toBeGreaterThan(6_000);
            }
        });
    });

    it('names a message that fits in none, and a wallet that takes none', async () => {
        const { batch, secretKey } = await walletV5(stage);
        const tiny = { secretKey, limits: { messages: 255, bytes: 100 } };
        await expect(market.channels.redeemMany(batch, redemptions, tiny)).rejects.toMatchObject({ code: 'too-long' });
        const deaf = { ...batch, send: async () => {} };
        const hasty = { secretKey, timeoutMs: 20, pollMs: 5 };
        await expect(market.channels.redeemMany(deaf, redemptions.slice(0, 2), hasty)).rejects.toMatchObject({
            name: 'StateError',
            code: 'unconfirmed',
        });
    });
});

describe('A market’s channels', () => {
    let stage: Channel;
    let market: w.Market;
    const key = keyPairOf('client.key');
    const name = () => ({ client: stage.client.address, provider: stage.provider.owner.address, nonce: 1n });
    const open = (options: Partial<Parameters<w.Channels['open']>[1]> = {}) =>
        market.channels.open(stage.client.getSender(), {
            provider: stage.provider.owner.address,
            deposit: toNano(10),
            clientKey: key.publicKey,
            nonce: 1n,
            ...options,
        });

    beforeAll(async () => {
        stage = await Channel.stage();
        market = await marketOf(stage);
    });

    it('open at the derived address, for the provider’s own key, and for exactly the value of the wrappers', () =>
        stage.chain.rewinding(async () => {
            expect(await market.channels.find(name())).toBeNull();
            const opening = await open();
            expect(opening.address).toEqualAddress(stage.address);
            const found = (await market.channels.find(name()))!;
            expect(found).toMatchObject({
                nonce: 1n,
                totalDeposited: toNano(10),
                claimed: 0n,
                providerKey: stage.offer.providerKey,
                closesAt: stage.chain.now + 30 * 86_400,
                closeDelay: 86_400,
            });
            const { openedLt } = (await market.channels.findAt(stage.address, stage.provider.owner.address))!;
            expect(openedLt).toBe(found.openedLt);
            await expect(open()).rejects.toMatchObject({ code: 'wrong-state' });
        }));

    it('are refused before money moves', () =>
        stage.chain.rewinding(async () => {
            await expect(open({ provider: stage.client.address })).rejects.toMatchObject({ code: 'not-found' });
            await expect(open({ lifetime: 31_536_000 })).rejects.toMatchObject({ code: 'out-of-range' });
            await expect(open({ lifetime: 86_400 })).rejects.toMatchObject({ code: 'out-of-range' });
            await expect(open({ closeDelay: 3_599 })).rejects.toMatchObject({ code: 'out-of-range' });
            await expect(open({ clientKey: 0n })).rejects.toMatchObject({ code: 'weak-key' });
            await expect(open({ deposit: 0n })).rejects.toMatchObject({ code: expect.any(String) });
            const via = stage.client.getSender();
            for (const act of [
                () => market.channels.topUp(via, name(), { amount: 1n }),
                () => market.channels.requestClose(via, name()),
                () => market.channels.finalize(via, name()),
            ]) {
                await expect(act()).rejects.toMatchObject({ code: 'not-found' });
            }
            expect(await stage.chain.isActive(stage.address)).toBe(false);
        }));

    it('are not found with another provider, nor taken for what they are not', () =>
        stage.chain.rewinding(async () => {
            await open();
            await expect(market.channels.findAt(stage.address, stage.client.address)).rejects.toMatchObject({
                code: 'foreign-address',
            });
            expect(await market.channels.findAt(new Address(0, Buffer.alloc(32, 9)), stage.client.address)).toBeNull();
        }));

    it('are paid in, redeemed, and closed by agreement', () =>
        stage.chain.rewinding(async () => {
            const { stranger, provider, client, address } = stage;
            await open();
            await market.channels.topUp(stranger.getSender(), name(), { amount: toNano(1) });
            const voucher = await stage.voucher(toNano(3));
            await market.channels.redeem(stranger.getSender(), name(), { voucher, signature: stage.sign(voucher) });
            expect(await market.channels.find(name())).toMatchObject({
                totalDeposited: toNano(11),
                claimed: toNano(3),
            });
            const agreement = await stage.agreement(toNano(4));
            const { sent } = await market.channels.closeCooperatively(stranger.getSender(), name(), {
                agreement,
                clientSignature: stage.sign(agreement),
                providerSignature: stage.sign(agreement, provider.signing),
            });
            expectTrace(sent as Trace, [
                { from: stranger, to: address, op: 'CloseChannel', destroyed: true },
                { from: address, to: provider.till, op: 'Settle' },
                { from: address, to: client, op: 'ChannelClosed' },
                { from: provider.till, to: provider.owner, op: 'Payout' },
            ]);
            expect(await market.channels.find(name())).toBeNull();
        }));

    it('end by time: by the wallet’s request or the key’s, and not before', () =>
        stage.chain.rewinding(async () => {
            await open();
            await expect(market.channels.finalize(stage.stranger.getSender(), name())).rejects.toMatchObject({
                code: 'too-early',
            });
            await market.channels.requestClose(stage.stranger.getSender(), name(), {
                signature: await stage.closeRequest(),
            });
            stage.chain.pass(86_400);
            await expect(
                market.channels.topUp(stage.stranger.getSender(), name(), { amount: 1n }),
            ).rejects.toMatchObject({ code: 'wrong-state' });
            await market.channels.finalize(stage.stranger.getSender(), name());
            expect(await stage.chain.isGone(stage.address)).toBe(true);
        }));
});
