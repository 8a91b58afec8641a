import { toNano } from '@ton/core';
import { PLENTY } from '../../fixtures/stakes';
import { Case, client, toChannelOf } from './case';

const VOUCHED = toNano(2);

export const channelCases: Case[] = [
    {
        name: 'OpenChannel',
        contract: 'PaymentChannel',
        at: 'registered',
        senders: client,
        message: ({ channel }) => ({
            to: channel.address,
            init: channel.init,
            value: channel.offer.deposit + PLENTY,
            body: channel.openBody(),
        }),
    },
    toChannelOf('Redeem', 'channel', 'anyone', async ({ channel }) =>
        channel.redeemBody(await channel.voucher(VOUCHED)),
    ),
    toChannelOf('TopUpChannel', 'channel', 'anyone', ({ channel }) => channel.topUpBody(toNano(1))),
    toChannelOf('CloseChannel', 'channel', 'anyone', async ({ channel }) =>
        channel.closeBody(await channel.agreement(VOUCHED)),
    ),
    toChannelOf('RequestClose', 'channel', client, ({ channel }) => channel.requestCloseBody()),
    toChannelOf(
        'RequestClose',
        'channel',
        'anyone',
        async ({ channel }) => channel.requestCloseBody(await channel.closeRequest()),
        { variant: 'signed' },
    ),
    toChannelOf('FinalizeChannel', 'channel', 'anyone', ({ channel }) => channel.finalizeBody(), {
        prepare: async ({ channel, market }) => await Promise.resolve(market.chain.at(channel.offer.closesAt)),
    }),
];
