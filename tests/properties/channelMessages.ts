import { beginCell, Cell, toNano } from '@ton/core';
import { KeyPair } from '@ton/crypto';
import { Prices } from '../../wrappers';
import * as fees from '../../wrappers/fees';
import { Channel } from '../fixtures/channels';
import { keyPairOf, tagBits, uint256Of } from '../helpers/cells';
import { tactConstant } from '../helpers/sources';
import { Act, Key, Paper } from './channelLedger';

/** How much a message brings: more than enough, just enough, a nanoTON less, its gas alone, or a nanoTON. */
export const PURSES = ['plenty', 'least', 'short', 'gas', 'dust'] as const;
export type Purse = (typeof PURSES)[number];

const TAG_OF = { voucher: 'voucher', agreement: 'closeAgreement', request: 'requestClose' } as const;
const STRANGER = keyPairOf('stranger.key');

/** The body of an act at a channel; `channels` are those that papers speak of. */
export async function messageOf(act: Act, channel: Channel, channels: readonly Channel[]): Promise<Cell> {
    const keyOf = (key: Key): KeyPair =>
        ({ client: channel.clientKey, provider: channel.provider.signing, stranger: STRANGER })[key];
    switch (act.op) {
        case 'OpenChannel':
            return channel.openBody(act.offer);
        case 'TopUpChannel':
            return channel.topUpBody(act.amount);
        case 'FinalizeChannel':
            return channel.finalizeBody();
        case 'RequestClose': {
            const { paper } = act;
            const key = keyOf(act.key);
            const signature = paper ? await channel.closeRequest({ ...fieldsOf(paper, channels), key }) : undefined;
            return channel.requestCloseBody(signature);
        }
        case 'Redeem': {
            const cell = await cellOf(act.paper, channels);
            return channel.redeemBody(cell, channel.sign(cell, keyOf(act.key)));
        }
        case 'CloseChannel': {
            const cell = await cellOf(act.paper, channels);
            const client = channel.sign(cell, keyOf(act.first));
            return channel.closeBody(cell, { client, provider: channel.sign(cell, keyOf(act.second)) });
        }
    }
}

function fieldsOf(paper: Paper, channels: readonly Channel[]) {
    return {
        tag: tagBits(TAG_OF[paper.purpose]),
        channel: uint256Of(channels[paper.channel]!.address.hash),
        openedLt: paper.openedLt,
    };
}

async function cellOf(paper: Paper, channels: readonly Channel[]): Promise<Cell> {
    const channel = channels[paper.channel]!;
    const fields = fieldsOf(paper, channels);
    switch (paper.shape) {
        case 'voucher':
            return await channel.voucher(paper.amount, fields);
        case 'agreement':
            return await channel.agreement(paper.amount, { ...fields, validUntil: paper.validUntil });
        case 'request':
            return beginCell()
                .storeUint(fields.tag, 64)
                .storeUint(fields.channel, 256)
                .storeUint(fields.openedLt, 64)
                .endCell();
    }
}

/** What the wrappers tell a sender to bring, besides amounts and deposits. */
export function costsOf(act: Act, prices: Prices, now: number): bigint {
    switch (act.op) {
        case 'OpenChannel':
            return fees.openingChannelValue(prices, 0n, BigInt(Math.max(0, act.offer.closesAt - now)));
        case 'Redeem':
            return fees.redeemingValue(prices);
        case 'CloseChannel':
            return fees.closingValue(prices);
        case 'FinalizeChannel':
            return fees.finalizingChannelValue(prices);
        default:
            return fees.channelStepValue(prices);
    }
}

export function valueOf(act: Act, costs: bigint, prices: Prices, purse: Purse): bigint {
    const own = act.op === 'OpenChannel' ? act.offer.deposit : act.op === 'TopUpChannel' ? act.amount : 0n;
    const least = costs + own;
    const values: Record<Purse, bigint> = {
        plenty: least + toNano(1),
        least,
        short: least - 1n,
        gas: fees.computeFee(prices, gasOf(act)),
        dust: 1n,
    };
    return values[purse];
}

const GAS_OF: Record<Act['op'], string> = {
    OpenChannel: 'OPEN',
    TopUpChannel: 'STEP',
    Redeem: 'REDEEM',
    CloseChannel: 'CLOSE',
    RequestClose: 'STEP',
    FinalizeChannel: 'CLOSE',
};

/** The constant that a message's gas is reckoned with. */
export function gasOf({ op }: Act): bigint {
    return tactConstant(`GAS_CHANNEL_${GAS_OF[op]}`);
}
