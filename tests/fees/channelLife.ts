import { Address, toNano } from '@ton/core';
import { Channel, DAY, PLENTY } from '../fixtures/channels';
import { Provider } from '../helpers/network';
import { Trace } from '../helpers/traces';

const MOST_64 = (1n << 64n) - 1n;

/**
 * Everything that a channel can do, each message once in every way that takes another path: both kinds of close request, sooner
 * and later than closesAt, both branches of what is due, and the two endings with and without a payment.
 *
 * @param whileOpen - is called when every field is in use
 */
export async function channelLife(
    provider: Provider,
    measure: (trace: Trace) => void,
    whileOpen?: (channel: Address) => Promise<void>,
): Promise<void> {
    const { chain } = provider.network;
    const channel = await Channel.prepare(provider, { nonce: MOST_64 });
    const tell = async (message: Parameters<Channel['tell']>[1], value = PLENTY) =>
        measure(await channel.tell(channel.stranger, message, value));
    const end = (amount: bigint) =>
        chain.rewinding(async () => tell(channel.closeBody(await channel.agreement(amount))));

    measure(await channel.open());
    await end(0n);
    await end(channel.offer.deposit);
    await tell(channel.topUpBody(toNano(3)), toNano(4));
    await tell(channel.redeemBody(await channel.voucher(toNano(1), { receiptHead: MOST_64 })));
    await whileOpen?.(channel.address);
    await end(toNano(1));
    await end(toNano(13));
    await chain.rewinding(async () => tell(channel.redeemBody(await channel.voucher(MOST_64))));
    await tell(channel.requestCloseBody(await channel.closeRequest()));
    measure(await channel.tell(channel.client, channel.requestCloseBody()));
    chain.pass(DAY);
    await tell(channel.requestCloseBody(await channel.closeRequest()));
    await chain.rewinding(async () => tell(channel.finalizeBody()));
    await tell(channel.redeemBody(await channel.voucher(MOST_64)));
    await tell(channel.finalizeBody());
}
