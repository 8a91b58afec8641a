// PayoutSettlement, the till: all above the fees due and five years' rent is the provider's.

import { BPS, excess, IGNORED, judged, least, most, present, send, share, UNKNOWN, type Rule } from './common';
import type { Costs, Delivery, Payee, Send, TillAccount, Verdict } from './types';

/** What each payee gets of `sum`: the rest of the rounding goes to the first. */
function shares(sum: bigint, account: TillAccount): { to: string; amount: bigint }[] {
    if (account.payees.length === 0) return [{ to: present(account.owner), amount: sum }];
    const parts = account.payees.map(({ address, bps }) => ({ to: address, amount: share(sum, bps) }));
    const given = parts.reduce((total, part) => total + part.amount, 0n);
    return parts.map((part, index) => (index === 0 ? { ...part, amount: part.amount + sum - given } : part));
}

/** A share pays its own forward fee, half of dust; one below dust stays. */
function payout(to: string, amount: bigint, delivery: Delivery, costs: Costs, how: Partial<Send> = {}): Send[] {
    if (amount < costs.dust()) return [];
    const { queryId } = delivery.message;
    return [send(to, { op: 'Payout', queryId }, most(0n, amount - costs.dust() / 2n), how)];
}

function badPayees(payees: readonly Payee[]): boolean {
    if (payees.length === 0) return false;
    const sum = payees.reduce((total, payee) => total + BigInt(payee.bps), 0n);
    return payees.length > 4 || payees.some((payee) => payee.bps === 0) || sum !== BPS;
}

/**
 * A settlement pays out by itself if its value covers that, and the sum, less the handler's gas, reaches the owner's threshold and the
 * floor of D16: twenty forward fees for each payout.
 */
function autopayout(account: TillAccount, delivery: Delivery, costs: Costs, base: bigint, feesDue: bigint): Send[] {
    const alone = account.payees.length === 0;
    const forwardFee = costs.dust() / 2n;
    const gas = alone ? costs.settleGas() : costs.severalPayoutsGas();
    const spare = delivery.value - costs.settleGas() - base;
    const payable = delivery.balance - feesDue - costs.tillRent() - gas;
    const floor = most(account.threshold, (alone ? 20n : 80n) * forwardFee);
    if (spare < forwardFee || payable < floor || (!alone && delivery.value < gas)) return [];
    return shares(payable, account).flatMap(({ to, amount }) =>
        payout(to, amount, delivery, costs, { onFailure: 'rollback' }),
    );
}

export function judgeTill(account: TillAccount, delivery: Delivery, costs: Costs): Verdict {
    if (delivery.bounced) return IGNORED;
    const { message, from, value } = delivery;
    const live = account.version > 0;
    const notLive: Rule = [!live, 'WRONG_STATE'];
    const stranger: Rule = [live && from !== account.owner, 'WRONG_SENDER'];
    const poor = (least: bigint): Rule => [value < least, 'INSUFFICIENT_VALUE'];
    // Without the message's value: what it does not use returns to its sender.
    const there = delivery.balance - value - costs.tillRent();
    const earned = there - account.feesDue;
    const accepted = (next: TillAccount, sends: readonly Send[]): Verdict => ({ outcome: 'accepted', next, sends });
    const payAll = (): Send[] =>
        shares(earned, account).flatMap(({ to, amount }) => payout(to, amount, delivery, costs));

    switch (message.op) {
        case 'Empty':
            return accepted(account, []);
        case 'TillParams': {
            const { version, feeBps, owner, treasury } = message;
            if (from === account.providerStake && version < account.version) return IGNORED;
            return judged([[from !== account.providerStake, 'WRONG_SENDER']], () =>
                accepted({ ...account, version, feeBps, owner, treasury }, [excess(delivery, message.excessesTo)]),
            );
        }
        case 'Settle':
            return judged([notLive], () => {
                const base = most(0n, least(message.amount, value - costs.settleGas()));
                const feesDue = account.feesDue + share(base, account.feeBps);
                return accepted({ ...account, feesDue }, autopayout(account, delivery, costs, base, feesDue));
            });
        case 'Withdraw':
            return judged(
                [notLive, stranger, [live && earned < costs.dust(), 'NOTHING_TO_PAY'], poor(costs.tillStep())],
                () => accepted(account, [...payAll(), excess(delivery)]),
            );
        case 'SetPayees': {
            const { threshold, payees } = message;
            return judged([notLive, stranger, [badPayees(payees), 'BAD_PAYEES'], poor(costs.settingPayees())], () => {
                const before = earned < costs.dust() ? [] : payAll();
                return accepted({ ...account, threshold, payees }, [...before, excess(delivery)]);
            });
        }
        case 'FlushFees': {
            const due = most(0n, least(account.feesDue, there));
            return judged([notLive, [live && due < costs.dust(), 'NOTHING_TO_PAY'], poor(costs.tillStep())], () => {
                const fees = payout(present(account.treasury), due, delivery, costs);
                return accepted({ ...account, feesDue: account.feesDue - due }, [...fees, excess(delivery)]);
            });
        }
        default:
            return UNKNOWN;
    }
}
