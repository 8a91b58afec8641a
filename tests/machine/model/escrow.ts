// JobEscrow: a job's deposit, terms and result commitment.

import { IGNORED, judged, MINUTE, present, send, shareUp, UNKNOWN, type Rule } from './common';
import { Handling, lockUntilOf, outside, Outcome, termsRules } from './escrowRules';
import type { Costs, Delivery, EscrowAccount, Hashes, Message, Signed, Verdict } from './types';

const QUOTING_WAIT = 10 * MINUTE;

function post(h: Handling, message: Extract<Message, { op: 'PostJob' }>): Verdict {
    const { account, delivery, costs } = h;
    const { now } = delivery;
    const { terms, quote } = message;
    const lockUntil = lockUntilOf(terms);
    const lockSeconds = BigInt(Math.max(0, lockUntil - now));
    const posting = costs.posting({ price: terms.price, lockSeconds, quoted: quote !== null });
    return judged(
        [
            h.notIn('Uninit'),
            h.notClient(),
            ...termsRules(terms, account.client, now, costs.dust()),
            // What was sent ahead counts.
            [delivery.balance < posting, 'INSUFFICIENT_VALUE'],
        ],
        () => {
            const opened: EscrowAccount = { ...account, state: 'Open', openedLt: delivery.lt, lockUntil, terms };
            if (quote === null) return h.accepted(opened, []);
            const accept: Message = {
                op: 'AcceptQuote',
                queryId: delivery.lt,
                collateral: terms.requiredCollateral,
                client: account.client,
                nonce: account.nonce,
                lockUntil,
                quote,
            };
            const next: EscrowAccount = { ...opened, state: 'Quoting', deadline: now + QUOTING_WAIT };
            return h.accepted(next, [send(account.providerStake, accept, 0n, { bounceable: true })]);
        },
    );
}

function acceptance(h: Handling, message: Extract<Message, { op: 'JobAccepted' }>): Verdict {
    const { account, delivery } = h;
    const { terms } = account;
    const { now } = delivery;
    const rules: Rule[] = [h.notIn('Open', 'Quoting'), [delivery.from !== account.providerStake, 'WRONG_SENDER']];
    if (terms !== null) {
        const attestedLongEnough = message.tier >= terms.tier && message.attestedUntil > now + terms.deliverWithin;
        rules.push(
            // The deadline of Open and Quoting is acceptBy: both names fit.
            [now >= terms.acceptBy, 'TOO_LATE'],
            [now >= terms.acceptBy, 'ACCEPT_BY_PASSED'],
            [message.jobKey !== h.jobKey(), 'JOB_KEY_MISMATCH'],
            [message.collateral !== terms.requiredCollateral, 'COLLATERAL_MISMATCH'],
            [message.lockUntil !== account.lockUntil, 'LOCK_UNTIL_MISMATCH'],
            [terms.tier > 0 && !attestedLongEnough, 'TIER_INSUFFICIENT'],
        );
    }
    return judged(rules, () =>
        h.accepted(
            {
                ...account,
                state: 'Accepted',
                lockId: message.queryId,
                slot: message.slot,
                party: message.party,
                deadline: now + present(terms).deliverWithin,
            },
            [],
        ),
    );
}

function bounced(h: Handling): Verdict {
    const { account, delivery } = h;
    const { message } = delivery;
    const ours =
        message.op === 'AcceptQuote' &&
        account.state === 'Quoting' &&
        delivery.from === account.providerStake &&
        message.queryId === account.openedLt;
    if (!ours) return IGNORED;
    // What came back pays for the refund.
    const refund = h.closed(Outcome.QuoteRefused, delivery.balance - delivery.value);
    return { outcome: 'accepted', next: null, sends: [{ ...refund, onFailure: 'rollback' }] };
}

export function judgeEscrow(account: EscrowAccount, delivery: Delivery, costs: Costs, hashes: Hashes): Verdict {
    const h = new Handling(account, delivery, costs, hashes);
    if (delivery.bounced) return bounced(h);
    const { message, from, now } = delivery;
    const { terms, submission, state } = account;
    const demand = terms === null ? 0n : costs.demandBond(terms.challengeBond);
    const notCommitted = (commitment: bigint): boolean =>
        submission !== null && commitment !== submission.resultCommitment;

    switch (message.op) {
        case 'PostJob':
            return post(h, message);
        case 'JobAccepted':
            return acceptance(h, message);
        case 'CancelJob': {
            const passed = terms !== null && now >= terms.acceptBy;
            const waited = state === 'Open' || now >= account.deadline;
            const byClient = from === account.client;
            const rules: Rule[] = [
                h.notIn('Open', 'Quoting'),
                [!byClient && !passed, 'WRONG_SENDER'],
                [terms !== null && !passed && !(byClient && waited), 'TOO_EARLY'],
                h.cannotEnd(costs.cancelling()),
            ];
            const refund = h.closed(Outcome.Cancelled, delivery.balance - costs.cancelling());
            return judged(rules, () => ({ outcome: 'accepted', next: null, sends: [refund] }));
        }
        case 'ApproveFull':
            return judged(
                [
                    h.notIn('Accepted'),
                    ...h.notApproved(message.signature, (jobKey) => ({ tag: 'approveFull', jobKey })),
                    h.cannotEnd(costs.settlingEnd(), terms?.price),
                ],
                () => h.settled(Outcome.Settled, present(terms).price, 0n),
            );
        case 'ApproveSubmitted': {
            const { amount, resultCommitment } = message;
            const over = (jobKey: bigint): Signed => ({ tag: 'approveSubmitted', jobKey, resultCommitment, amount });
            return judged(
                [
                    h.notIn('Submitted'),
                    [submission !== null && amount !== submission.amount, 'RESULT_MISMATCH'],
                    [notCommitted(resultCommitment), 'RESULT_MISMATCH'],
                    ...h.notApproved(message.signature, over),
                    h.cannotEnd(costs.settlingEnd(), submission?.amount),
                ],
                () => h.settled(Outcome.Settled, amount, 0n),
            );
        }
        case 'SubmitResult': {
            const { amount, resultCommitment, traceRoot } = message;
            return judged(
                [
                    h.notIn('Accepted'),
                    h.notProvider(),
                    h.tooLate(),
                    [terms !== null && message.jobKey !== h.jobKey(), 'JOB_KEY_MISMATCH'],
                    [terms !== null && amount > terms.price, 'AMOUNT_ABOVE_PRICE'],
                    h.poor(costs.escrowStep()),
                ],
                () =>
                    h.back({
                        state: 'Submitted',
                        deadline: now + present(terms).challengeWindow,
                        submission: { amount, bond: 0n, demanded: false, resultCommitment, traceRoot },
                    }),
            );
        }
        case 'FinalizeJob':
            return judged(
                [h.notIn('Submitted'), h.tooEarly(), h.cannotEnd(costs.settlingEnd(), submission?.amount)],
                () => h.settled(Outcome.Settled, present(submission).amount, 0n),
            );
        case 'ExpireJob':
            return judged([h.notIn('Accepted'), h.tooEarly(), h.cannotEnd(costs.slashingEnd())], () => {
                const { requiredCollateral, lateSlashBps } = present(terms);
                return h.slashed(Outcome.Late, shareUp(requiredCollateral, lateSlashBps));
            });
        case 'DemandResult':
            return judged(
                [
                    h.notIn('Submitted'),
                    h.notClient(),
                    h.tooLate(),
                    [submission?.demanded === true, 'ALREADY_DEMANDED'],
                    h.poor(demand + costs.escrowStep()),
                ],
                () =>
                    h.back({
                        state: 'Demanded',
                        deadline: now + present(terms).responseWindow,
                        submission: { ...present(submission), bond: demand, demanded: true },
                    }),
            );
        case 'PublishResult':
            return judged(
                [
                    h.notIn('Demanded'),
                    h.tooLate(),
                    [notCommitted(message.hash), 'RESULT_MISMATCH'],
                    [message.tooLarge, 'RESULT_TOO_LARGE'],
                    h.poor(costs.publishing()),
                ],
                () => h.published(),
            );
        case 'PublishStorageId':
            return judged(
                [
                    h.notIn('Demanded'),
                    h.notProvider(),
                    h.tooLate(),
                    [outside(message.bytes, 1, 127), 'MALFORMED_CELL'],
                    h.poor(costs.publishing()),
                ],
                () => h.published(),
            );
        case 'ExpireDemand':
            return judged([h.notIn('Demanded'), h.tooEarly(), h.cannotEnd(costs.slashingEnd())], () =>
                h.slashed(Outcome.Undelivered, present(terms).requiredCollateral),
            );
        case 'Challenge': {
            const bond = terms?.challengeBond ?? 0n;
            return judged([h.notIn('Submitted'), h.notClient(), h.tooLate(), h.poor(bond + costs.escrowStep())], () =>
                h.back({
                    state: 'Disputed',
                    deadline: now + present(terms).arbitrationWindow,
                    submission: { ...present(submission), bond },
                }),
            );
        }
        case 'Verdict': {
            const { wrong, slashBps } = message;
            const due = (submission?.amount ?? 0n) + h.bond;
            return judged(
                [
                    h.notIn('Disputed'),
                    [terms !== null && from !== terms.arbiter, 'WRONG_SENDER'],
                    h.tooLate(),
                    [wrong && slashBps > 10_000, 'SLASH_BPS'],
                    wrong ? h.cannotEnd(costs.slashingEnd()) : h.cannotEnd(costs.settlingEnd(), due),
                ],
                () =>
                    wrong
                        ? h.slashed(Outcome.Wrong, shareUp(present(terms).requiredCollateral, slashBps))
                        : h.settled(Outcome.DisputeWon, present(submission).amount, h.bond),
            );
        }
        case 'ExpireDispute': {
            // The odd nanoTON is the provider's.
            const half = (h.bond + 1n) / 2n;
            return judged(
                [
                    h.notIn('Disputed'),
                    h.tooEarly(),
                    h.cannotEnd(costs.settlingEnd(), (submission?.amount ?? 0n) + half),
                ],
                () => h.settled(Outcome.ArbiterSilent, present(submission).amount, half),
            );
        }
        default:
            return UNKNOWN;
    }
}
