import { Cell, toNano } from '@ton/core';
import { Channel, DAY } from '../tests/fixtures/channels';
import { serveLibraries } from '../tests/helpers/libraries';
import { Provider } from '../tests/helpers/network';
import { codeOf, libraryOf } from '../tests/helpers/sources';
import { expectTrace } from '../tests/helpers/traces';
import { CodeForm, PaymentChannel } from '../wrappers';
import { Cost, costOf } from './measure';
import { openWalletV5, sendByWalletV5 } from './walletV5';

/** Openings of channels whose code is a library, and both forms together with all that a wallet v5 pays for itself. */
export async function measureOpenings(
    provider: Provider,
    enter: (scenario: string, cost: Cost) => void,
): Promise<void> {
    const { chain } = provider.network;
    await chain.rewinding(async () => {
        serveLibraries(chain, codeOf('PaymentChannel'));
        const channel = await Channel.prepare(provider, { code: libraryOf('PaymentChannel') });
        enter('channel.openLibrary', costOf(await channel.open(), [channel.address]));
        enter('channel.openByWallet', await openByWallet(provider, 'full'));
        enter('channel.openLibraryByWallet', await openByWallet(provider, 'library'));
    });
}

/** The wallet's external message, its own transactions and the channel's. */
async function openByWallet(provider: Provider, form: CodeForm): Promise<Cost> {
    const { network, till, owner, signing } = provider;
    const { chain } = network;
    return await chain.rewinding(async () => {
        const wallet = await openWalletV5(chain, owner, 'client');
        await sendByWalletV5(wallet, { to: owner.address, value: 1n, body: new Cell() });
        const { address } = wallet.contract;
        const channel = await PaymentChannel.createFromConfig(
            { client: address, settlement: till, nonce: 1n },
            undefined,
            form,
        );
        const trace = await sendByWalletV5(
            wallet,
            channel.getOpenChannelTxParams({
                deposit: toNano(10),
                closesAt: chain.now + 30 * DAY,
                closeDelay: DAY,
                clientKey: signing.publicKey,
                providerKey: signing.publicKey,
                value: toNano(11),
            }),
        );
        expectTrace(trace, [
            { from: address, to: channel.address, op: 'OpenChannel' },
            { from: channel.address, to: address, op: 'Excesses' },
        ]);
        return costOf(trace, [address, channel.address]);
    });
}
