// PaymentChannel: a deposit drawn down by cumulative vouchers.

import { DAY, excess, HOUR, IGNORED, judged, least, MINUTE, send, signs, UNKNOWN, YEAR, type Rule } from './common';
import type { ChannelAccount, Costs, Delivery, Send, Signed, Verdict } from './types';

const AGREEMENT_LIFE = 10 * MINUTE;

/** Whether it was signed for this opening of this channel, and for `tag`. */
function isForThis(signed: Signed, tag: Signed['tag'], account: ChannelAccount, delivery: Delivery): boolean {
    return (
        signed.tag === tag &&
        'channel' in signed &&
        signed.channel === delivery.to &&
        signed.openedLt === account.openedLt
    );
}

/**
 * No cost comes out of the deposit: the message brings it, or it lies above all that can still be claimed. What rent has taken the
 * client loses first; what is then missing of `due` the message brings too.
 */
function tooPoorToEnd(account: ChannelAccount, delivery: Delivery, due: bigint, cost: bigint): boolean {
    const above = delivery.balance - (account.totalDeposited - account.claimed);
    return (delivery.value < cost && above < cost) || delivery.balance < due + cost;
}

function settle(account: ChannelAccount, delivery: Delivery, due: bigint): Send {
    const { queryId } = delivery.message;
    return send(account.settlement, { op: 'Settle', queryId, amount: due, source: account.client }, due);
}

function closing(account: ChannelAccount, delivery: Delivery, due: bigint, cost: bigint): Verdict {
    const { queryId } = delivery.message;
    const rest = send(account.client, { op: 'ChannelClosed', queryId }, delivery.balance - due - cost);
    return { outcome: 'accepted', next: null, sends: due > 0n ? [settle(account, delivery, due), rest] : [rest] };
}

export function judgeChannel(account: ChannelAccount, delivery: Delivery, costs: Costs): Verdict {
    if (delivery.bounced) return IGNORED;
    const { message, from, to, now, value, balance } = delivery;
    const { totalDeposited, claimed, openedLt } = account;
    const open = account.state === 'Open';
    const notOpen: Rule = [!open, 'WRONG_STATE'];
    const back = (next: ChannelAccount): Verdict => ({ outcome: 'accepted', next, sends: [excess(delivery)] });

    switch (message.op) {
        case 'OpenChannel': {
            const { deposit, closesAt, closeDelay, clientKey, providerKey } = message;
            const lifetime = BigInt(Math.max(0, closesAt - now));
            return judged(
                [
                    [open, 'WRONG_STATE'],
                    [from !== account.client, 'WRONG_SENDER'],
                    [deposit === 0n, 'ZERO_AMOUNT'],
                    [closeDelay < HOUR || closeDelay > 30 * DAY, 'CLOSE_DELAY'],
                    [closesAt < now + closeDelay || closesAt > now + YEAR, 'CLOSES_AT'],
                    // What was sent ahead counts.
                    [balance < costs.openingChannel(deposit, lifetime), 'INSUFFICIENT_VALUE'],
                ],
                () =>
                    back({
                        ...account,
                        state: 'Open',
                        openedLt: delivery.lt,
                        totalDeposited: deposit,
                        claimed: 0n,
                        closesAt,
                        closeDelay,
                        clientKey,
                        providerKey,
                    }),
            );
        }
        case 'Redeem': {
            const { voucher, signature } = message;
            const due = voucher.tag === 'voucher' ? least(voucher.amount, totalDeposited) - claimed : null;
            const cost = costs.redeeming();
            return judged(
                [
                    notOpen,
                    [open && !isForThis(voucher, 'voucher', account, delivery), 'SIGNED_FOR_ANOTHER'],
                    [voucher.tag !== 'voucher', 'MALFORMED_CELL'],
                    [open && !signs(signature, account.clientKey, voucher), 'BAD_VOUCHER_SIGNATURE'],
                    [open && due !== null && due <= 0n, 'NOTHING_DUE'],
                    [value < cost || (open && due !== null && balance < due + cost), 'INSUFFICIENT_VALUE'],
                ],
                () => {
                    const paid = due as bigint;
                    const next = { ...account, claimed: claimed + paid };
                    return { outcome: 'accepted', next, sends: [settle(account, delivery, paid)] };
                },
            );
        }
        case 'TopUpChannel':
            return judged(
                [
                    notOpen,
                    [message.amount === 0n, 'ZERO_AMOUNT'],
                    [open && now >= account.closesAt, 'CHANNEL_CLOSED'],
                    [value < message.amount + costs.channelStep(), 'INSUFFICIENT_VALUE'],
                ],
                () => back({ ...account, totalDeposited: totalDeposited + message.amount }),
            );
        case 'CloseChannel': {
            const { agreement, clientSignature, providerSignature } = message;
            const agreed = agreement.tag === 'closeAgreement' ? agreement : null;
            const due = agreed === null ? 0n : agreed.finalAmount - claimed;
            const cost = due > 0n ? costs.closing() : costs.finalizingChannel();
            return judged(
                [
                    notOpen,
                    [open && !isForThis(agreement, 'closeAgreement', account, delivery), 'SIGNED_FOR_ANOTHER'],
                    [agreed === null, 'MALFORMED_CELL'],
                    [open && !signs(clientSignature, account.clientKey, agreement), 'BAD_CLIENT_SIGNATURE'],
                    [open && !signs(providerSignature, account.providerKey, agreement), 'BAD_PROVIDER_SIGNATURE'],
                    [
                        agreed !== null && (now >= agreed.validUntil || agreed.validUntil > now + AGREEMENT_LIFE),
                        'AGREEMENT_WINDOW',
                    ],
                    [open && agreed !== null && (due < 0n || agreed.finalAmount > totalDeposited), 'FINAL_AMOUNT'],
                    [open && tooPoorToEnd(account, delivery, due, cost), 'INSUFFICIENT_VALUE'],
                ],
                () => closing(account, delivery, due, cost),
            );
        }
        case 'RequestClose': {
            const { signature } = message;
            const over: Signed = { tag: 'requestClose', channel: to, openedLt };
            const byClient = from === account.client;
            return judged(
                [
                    notOpen,
                    [!byClient && signature === null, 'WRONG_SENDER'],
                    [
                        open && !byClient && signature !== null && !signs(signature, account.clientKey, over),
                        'BAD_CLIENT_SIGNATURE',
                    ],
                    [value < costs.channelStep(), 'INSUFFICIENT_VALUE'],
                ],
                () => back({ ...account, closesAt: Math.min(account.closesAt, now + account.closeDelay) }),
            );
        }
        case 'FinalizeChannel': {
            const cost = costs.finalizingChannel();
            return judged(
                [
                    notOpen,
                    [open && now < account.closesAt, 'CHANNEL_RUNNING'],
                    [open && tooPoorToEnd(account, delivery, 0n, cost), 'INSUFFICIENT_VALUE'],
                ],
                () => closing(account, delivery, 0n, cost),
            );
        }
        default:
            return UNKNOWN;
    }
}
