// What the handlers of a JobEscrow have in common: bounds of terms, conditions, and the ways in which a job ends.

import { DAY, excess, HOUR, least, MINUTE, most, present, send, signs, type Rule } from './common';
import type {
    Costs,
    Delivery,
    EscrowAccount,
    Hashes,
    JobTerms,
    Message,
    Send,
    Signature,
    Signed,
    Verdict,
} from './types';

const LONGEST_LOCK = 120 * DAY;
const LOCK_TAIL = 7 * DAY;
const TIER_ATTESTED = 1;

/** What JobClosed, ReleaseCollateral and SlashCollateral say of an end. */
export const Outcome = {
    Settled: 0,
    DisputeWon: 1,
    ArbiterSilent: 2,
    Late: 3,
    Undelivered: 4,
    Wrong: 5,
    Cancelled: 6,
    QuoteRefused: 7,
} as const;

/** Seven days after the last second in which a slash can become due. */
export function lockUntilOf(terms: JobTerms): number {
    const windows = 2 * terms.challengeWindow + terms.responseWindow + terms.arbitrationWindow;
    return terms.acceptBy + terms.deliverWithin + windows + LOCK_TAIL;
}

export function outside(value: number, from: number, to: number): boolean {
    return value < from || value > to;
}

export function termsRules(terms: JobTerms, client: string, now: number, dust: bigint): Rule[] {
    const { requiredCollateral } = terms;
    return [
        [terms.price === 0n, 'ZERO_AMOUNT'],
        [now >= terms.acceptBy, 'ACCEPT_BY_PASSED'],
        [terms.arbiter === client, 'ARBITER_IS_CLIENT'],
        [outside(terms.deliverWithin, 2 * MINUTE, 30 * DAY), 'DELIVER_WITHIN'],
        [outside(terms.challengeWindow, 10 * MINUTE, 14 * DAY), 'CHALLENGE_WINDOW'],
        [outside(terms.responseWindow, HOUR, 14 * DAY), 'RESPONSE_WINDOW'],
        [outside(terms.arbitrationWindow, DAY, 30 * DAY), 'ARBITRATION_WINDOW'],
        [terms.lateSlashBps > 2500, 'LATE_SLASH_BPS'],
        [terms.toClientBps > 5000, 'TO_CLIENT_BPS'],
        [lockUntilOf(terms) > now + LONGEST_LOCK, 'JOB_TOO_LONG'],
        [requiredCollateral > 0n && requiredCollateral < dust, 'COLLATERAL_IS_DUST'],
        [terms.tier > TIER_ATTESTED, 'UNKNOWN_TIER'],
    ];
}

/** One message to one escrow: what the rules of its handlers need. */
export class Handling {
    constructor(
        readonly account: EscrowAccount,
        readonly delivery: Delivery,
        readonly costs: Costs,
        readonly hashes: Hashes,
    ) {}

    get bond(): bigint {
        return this.account.submission?.bond ?? 0n;
    }

    notIn(...states: EscrowAccount['state'][]): Rule {
        return [!states.includes(this.account.state), 'WRONG_STATE'];
    }

    poor(atLeast: bigint): Rule {
        return [this.delivery.value < atLeast, 'INSUFFICIENT_VALUE'];
    }

    notClient(): Rule {
        return [this.delivery.from !== this.account.client, 'WRONG_SENDER'];
    }

    /** Neither operator nor owner of the acceptance. */
    notProvider(): Rule {
        const { party } = this.account;
        const { from } = this.delivery;
        return [party !== null && from !== party.operator && from !== party.owner, 'WRONG_SENDER'];
    }

    tooLate(): Rule {
        return [this.delivery.now >= this.account.deadline, 'TOO_LATE'];
    }

    tooEarly(): Rule {
        return [this.delivery.now < this.account.deadline, 'TOO_EARLY'];
    }

    jobKey(): bigint | null {
        const { terms, openedLt } = this.account;
        return terms === null ? null : this.hashes.jobKey(this.delivery.to, terms.hash, openedLt);
    }

    /** From the client, or carrying clientKey's signature. */
    notApproved(signature: Signature | null, over: (jobKey: bigint) => Signed): Rule[] {
        if (this.delivery.from === this.account.client) return [];
        const { terms } = this.account;
        if (signature === null) return [[true, 'WRONG_SENDER']];
        if (terms === null) return [];
        const good = signs(signature, terms.clientKey, over(present(this.jobKey())));
        return [[!good, 'BAD_APPROVAL_SIGNATURE']];
    }

    /** D2: costs come from the message or from what the opening left over; what is due has to be there besides. */
    cannotEnd(cost: bigint, due = 0n): Rule {
        const { account, delivery } = this;
        const above = delivery.balance - (account.terms?.price ?? 0n) - this.bond;
        const poor = account.terms !== null && (most(delivery.value, above) < cost || delivery.balance < due + cost);
        return [poor, 'INSUFFICIENT_VALUE'];
    }

    accepted(next: EscrowAccount, sends: readonly Send[]): Verdict {
        return { outcome: 'accepted', next, sends };
    }

    back(changes: Partial<EscrowAccount>): Verdict {
        return this.accepted({ ...this.account, ...changes }, [excess(this.delivery)]);
    }

    closed(outcome: number, owed: bigint): Send {
        const { queryId } = this.delivery.message;
        return send(this.account.client, { op: 'JobClosed', queryId, outcome }, owed);
    }

    settle(amount: bigint, owed: bigint): Send {
        const { account } = this;
        const { queryId } = this.delivery.message;
        const message: Message = { op: 'Settle', queryId, amount, source: account.client };
        return send(present(account.party).settlement, message, owed);
    }

    /** Pays `amount` and `bondShare` to the till, the rest to the client. */
    settled(outcome: number, amount: bigint, bondShare: bigint): Verdict {
        const { account, delivery } = this;
        const { lockId, slot, providerStake } = account;
        const due = amount + bondShare;
        const release: Message = { op: 'ReleaseCollateral', queryId: lockId, slot, paid: amount, outcome };
        const rest = delivery.balance - due - this.costs.settlingEnd();
        const sends = [this.settle(amount, due), send(providerStake, release), this.closed(outcome, rest)];
        return { outcome: 'accepted', next: null, sends };
    }

    /** Everything to the client, and `slash` of the collateral. */
    slashed(reason: number, slash: bigint): Verdict {
        const { account, delivery } = this;
        const { lockId, slot, client } = account;
        const { toClientBps } = present(account.terms);
        const message: Message = {
            op: 'SlashCollateral',
            queryId: lockId,
            slot,
            amount: slash,
            client,
            toClientBps,
            reason,
        };
        const rest = delivery.balance - this.costs.slashingEnd();
        return {
            outcome: 'accepted',
            next: null,
            sends: [send(account.providerStake, message), this.closed(reason, rest)],
        };
    }

    /** The answer to a demand: what is left of the bond is the provider's, and the client has a new window. */
    published(): Verdict {
        const { account, delivery } = this;
        const submission = present(account.submission);
        const terms = present(account.terms);
        const left = least(submission.bond, most(0n, delivery.balance - delivery.value - terms.price));
        const next: EscrowAccount = {
            ...account,
            state: 'Submitted',
            deadline: delivery.now + terms.challengeWindow,
            submission: { ...submission, bond: 0n },
        };
        return this.accepted(next, [this.settle(0n, left), excess(delivery)]);
    }
}
