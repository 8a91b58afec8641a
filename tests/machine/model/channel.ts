// PaymentChannel: a deposit drawn down by cumulative vouchers.

import { DAY, excess, HOUR, IGNORED, judged, least, MINUTE, send, signs, UNKNOWN, YEAR, type Rule } from './common';
import type { ChannelAccount, Costs, Delivery, Id, Send, Signature, Signed, Uint256, Verdict } from './types';

const AGREEMENT_LIFE = 10 * MINUTE;

/** The opening that was signed for: of all that is signed the message carries only this and what follows it. */
function openingOf(signed: Signed): bigint | null {
    return 'openedLt' in signed ? signed.openedLt : null;
}

/** What the channel takes the fields for: tag and channel are its own. Null for what was signed for another purpose. */
function readAs<T extends 'voucher' | 'closeAgreement'>(tag: T, signed: Signed, to: Id): (Signed & { tag: T }) | null {
    return signed.tag === tag ? ({ ...signed, channel: to } as Signed & { tag: T }) : null;
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
            const { signature } = message;
            const voucher = readAs('voucher', message.voucher, to);
            const due = voucher && least(voucher.amount, totalDeposited) - claimed;
            const cost = costs.redeeming();
            return judged(
                [
                    notOpen,
                    [open && openingOf(message.voucher) !== openedLt, 'SIGNED_FOR_ANOTHER'],
                    [open && !(voucher && signs(signature, account.clientKey, voucher)), 'BAD_VOUCHER_SIGNATURE'],
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
            const { clientSignature, providerSignature } = message;
            const agreed = readAs('closeAgreement', message.agreement, to);
            const signedBy = (signature: Signature, key: Uint256) => agreed !== null && signs(signature, key, agreed);
            const due = agreed === null ? 0n : agreed.finalAmount - claimed;
            const cost = due > 0n ? costs.closing() : costs.finalizingChannel();
            return judged(
                [
                    notOpen,
                    [open && openingOf(message.agreement) !== openedLt, 'SIGNED_FOR_ANOTHER'],
                    [open && !signedBy(clientSignature, account.clientKey), 'BAD_CLIENT_SIGNATURE'],
                    [open && !signedBy(providerSignature, account.providerKey), 'BAD_PROVIDER_SIGNATURE'],
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
