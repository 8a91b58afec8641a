// What may happen once only, and what has to be earned, told from the flow of accepted messages alone.

import { guarantee } from './guarantee';
import type { Account, ChannelAccount, Delivery, EscrowAccount, Id, JobTerms, Message, Signature } from './types';
import type { Send, StakeAccount, TillAccount, Verdict } from './types';

type Accepted = Extract<Verdict, { outcome: 'accepted' }>;

/** One life of an escrow. */
interface Job {
    readonly terms: JobTerms;
    readonly client: Id;
    acceptedAt?: number;
    /** Of the quote that its acceptance came by. */
    quote?: string;
    submittedAt?: number;
    /** From here the challenge window runs. */
    windowFrom?: number;
    demandedAt?: number;
    challengedAt?: number;
    /** Sum of Settle.amount. */
    paid: bigint;
    /** Release or slash that was sent. */
    endings: number;
}

interface Acceptance {
    readonly escrow: Id;
    readonly slot: number;
    readonly collateral: bigint;
    readonly byHot: boolean;
    readonly quote?: string;
    ended: boolean;
    /** An escrow took it. */
    used: boolean;
}

/** One life of a channel. */
interface Opening {
    deposited: bigint;
    paid: bigint;
}

/** What a History remembers. */
export interface Past {
    readonly accounts: Map<Id, Account>;
    readonly jobs: Map<Id, Job>;
    /** By stake and lockId. */
    readonly acceptances: Map<string, Acceptance>;
    /** Releases and slashes that escrows sent and no stake has received: by stake and lockId. */
    readonly underWay: Map<string, Message>;
    readonly channels: Map<Id, Opening>;
}

/** Signatures are told apart by what they say. */
function nameOf(signature: Signature): string {
    return JSON.stringify(signature, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

function only<Op extends Message['op']>(sends: readonly Send[], op: Op): Extract<Message, { op: Op }>[] {
    return sends.map((sent) => sent.message).filter((m): m is Extract<Message, { op: Op }> => m.op === op);
}

function settledIn(sends: readonly Send[]): bigint {
    return only(sends, 'Settle').reduce((sum, settle) => sum + settle.amount, 0n);
}

/**
 * Everything that was accepted so far. Feed it each transaction in order; it throws BrokenGuarantee where something happens twice or is
 * not earned.
 *
 * Deadlines are reckoned anew from the times of the messages and the terms, not read from the accounts.
 */
export class History {
    private past: Past = {
        accounts: new Map(),
        jobs: new Map(),
        acceptances: new Map(),
        underWay: new Map(),
        channels: new Map(),
    };

    /** A copy, to go back to with restore(). */
    save(): Past {
        return structuredClone(this.past);
    }

    /** Goes back to what save() gave; may be done again and again. */
    restore(past: Past): void {
        this.past = structuredClone(past);
    }

    /** What the account was after its last accepted transaction; undefined: nothing, or gone. */
    accountAt(id: Id): Account | undefined {
        return this.past.accounts.get(id);
    }

    /**
     * Takes the next transaction. What was ignored or refused changed nothing.
     *
     * @throws BrokenGuarantee
     */
    record(delivery: Delivery, verdict: Verdict): void {
        if (verdict.outcome !== 'accepted') return;
        const before = this.past.accounts.get(delivery.to);
        const kind = (verdict.next ?? before)?.kind;
        guarantee(kind !== undefined, `${delivery.to} ended, and had never begun.`);
        if (kind === 'JobEscrow') this.recordEscrow(delivery, verdict, before as EscrowAccount | undefined);
        if (kind === 'ProviderStake') this.recordStake(delivery, verdict, before as StakeAccount | undefined);
        if (kind === 'PaymentChannel') this.recordChannel(delivery, verdict);
        if (kind === 'PayoutSettlement') this.recordTill(delivery, verdict, before as TillAccount | undefined);
        if (verdict.next === null) this.past.accounts.delete(delivery.to);
        else this.past.accounts.set(delivery.to, verdict.next);
    }

    private recordEscrow(delivery: Delivery, verdict: Accepted, before: EscrowAccount | undefined): void {
        const { message, to, bounced, from } = delivery;
        const { sends, next } = verdict;
        if (message.op === 'PostJob' && !bounced) {
            guarantee(!this.past.jobs.has(to), `Escrow ${to} opened twice without an end.`);
            const { client } = next as EscrowAccount;
            guarantee(from === client, `Escrow ${to} was opened by somebody else than its client.`);
            this.past.jobs.set(to, { terms: message.terms, client, paid: 0n, endings: 0 });
            return;
        }
        const job = this.past.jobs.get(to);
        guarantee(
            job !== undefined,
            `Escrow ${to} took ${message.op} without an opening: it ended before, or never began.`,
        );
        if (!bounced) this.progress(job, delivery);
        for (const settle of only(sends, 'Settle')) {
            if (settle.amount > 0n) this.checkEarned(job, delivery);
        }
        job.paid += settledIn(sends);
        guarantee(job.paid <= job.terms.price, `Escrow ${to} paid ${job.paid} of ${job.terms.price}.`);
        const stake = before?.providerStake ?? '';
        for (const slash of only(sends, 'SlashCollateral')) this.checkSlashEarned(job, delivery, slash);
        for (const sent of sends) {
            const { op, queryId } = sent.message;
            if (op !== 'ReleaseCollateral' && op !== 'SlashCollateral') continue;
            job.endings += 1;
            guarantee(sent.to === stake, `Escrow ${to} sent ${op} to ${sent.to}.`);
            guarantee(job.endings === 1, `Escrow ${to} freed its lock twice.`);
            guarantee(job.acceptedAt !== undefined, `Escrow ${to} freed a lock that it never had.`);
            const name = `${stake}/${queryId}`;
            // A wallet in the stake's place may have named one lock twice.
            if (!this.past.acceptances.has(name)) continue;
            guarantee(!this.past.underWay.has(name), `Lock ${name} is freed by two messages.`);
            this.past.underWay.set(name, sent.message);
        }
        if (next === null) this.past.jobs.delete(to);
        else guarantee(job.endings === 0 && job.paid === 0n, `Escrow ${to} lives on after its end.`);
    }

    /** Who did what when, as far as later messages rest on it. */
    private progress(job: Job, delivery: Delivery): void {
        const { message, to, now, from } = delivery;
        switch (message.op) {
            case 'JobAccepted': {
                guarantee(job.acceptedAt === undefined, `Escrow ${to} was accepted twice.`);
                guarantee(now < job.terms.acceptBy, `Escrow ${to} was accepted too late.`);
                const acceptance = this.past.acceptances.get(`${from}/${message.queryId}`);
                job.acceptedAt = now;
                // A wallet in the stake's place has no locks.
                if (acceptance === undefined) return;
                guarantee(!acceptance.used, `Acceptance ${from}/${message.queryId} was taken twice.`);
                acceptance.used = true;
                if (acceptance.quote === undefined) return;
                const twin = [...this.past.jobs.values()].some((other) => other.quote === acceptance.quote);
                guarantee(!twin, `A quote has two live acceptances: at ${to} and elsewhere.`);
                job.quote = acceptance.quote;
                return;
            }
            case 'SubmitResult':
                guarantee(job.submittedAt === undefined, `A result was submitted to escrow ${to} twice.`);
                guarantee(now < (job.acceptedAt ?? 0) + job.terms.deliverWithin, `Escrow ${to} took a late result.`);
                job.submittedAt = job.windowFrom = now;
                return;
            case 'DemandResult':
                guarantee(from === job.client, `Somebody else than the client demanded the result of escrow ${to}.`);
                job.demandedAt = now;
                return;
            case 'PublishResult':
            case 'PublishStorageId':
                guarantee(
                    job.demandedAt !== undefined && now < job.demandedAt + job.terms.responseWindow,
                    `Escrow ${to} took an answer to no demand, or a late one.`,
                );
                job.demandedAt = undefined;
                job.windowFrom = now;
                return;
            case 'Challenge':
                guarantee(from === job.client, `Somebody else than the client challenged escrow ${to}.`);
                guarantee(now < this.windowEnd(job), `Escrow ${to} was challenged after its window.`);
                job.challengedAt = now;
                return;
        }
    }

    private windowEnd(job: Job): number {
        return job.windowFrom === undefined ? Infinity : job.windowFrom + job.terms.challengeWindow;
    }

    private arbitrationEnd(job: Job): number {
        return job.challengedAt === undefined ? -Infinity : job.challengedAt + job.terms.arbitrationWindow;
    }

    /** Money goes to the provider by an approval, by silence, or by the arbiter; never while a demand is open. */
    private checkEarned(job: Job, { message, from, now, to }: Delivery): void {
        const { terms } = job;
        const open = job.demandedAt === undefined && job.challengedAt === undefined;
        const approved = (signature: Signature | null) =>
            from === job.client ||
            (signature?.by === terms.clientKey && `A${signature.over.tag.slice(1)}` === message.op);
        const earned =
            (message.op === 'ApproveFull' && job.submittedAt === undefined && open && approved(message.signature)) ||
            (message.op === 'ApproveSubmitted' && open && approved(message.signature)) ||
            (message.op === 'FinalizeJob' && open && now >= this.windowEnd(job)) ||
            (message.op === 'Verdict' && from === terms.arbiter && !message.wrong && now < this.arbitrationEnd(job)) ||
            (message.op === 'ExpireDispute' && job.challengedAt !== undefined && now >= this.arbitrationEnd(job));
        guarantee(earned, `Escrow ${to} paid the provider for ${message.op} of ${from} at ${now}.`);
    }

    private checkSlashEarned(
        job: Job,
        { message, from, now, to }: Delivery,
        slash: Extract<Message, { op: 'SlashCollateral' }>,
    ): void {
        const { terms } = job;
        const late =
            job.submittedAt === undefined &&
            job.acceptedAt !== undefined &&
            now >= job.acceptedAt + terms.deliverWithin;
        const undelivered = job.demandedAt !== undefined && now >= job.demandedAt + terms.responseWindow;
        const wrong =
            message.op === 'Verdict' && message.wrong && from === terms.arbiter && now < this.arbitrationEnd(job);
        const reasons = new Map([
            [3, late],
            [4, undelivered],
            [5, wrong],
        ]);
        guarantee(reasons.get(slash.reason) === true, `Escrow ${to} slashes for ${slash.reason} at ${now}, unearned.`);
        const most =
            slash.reason === 3 ? (terms.requiredCollateral * BigInt(terms.lateSlashBps) + 9999n) / 10_000n : null;
        guarantee(slash.amount <= terms.requiredCollateral, `Escrow ${to} slashes more than its collateral.`);
        guarantee(most === null || slash.amount <= most, `Escrow ${to} slashes ${slash.amount} for a late result.`);
        guarantee(slash.client === job.client, `Escrow ${to} slashes for somebody else than its client.`);
        guarantee(slash.toClientBps === terms.toClientBps, `Escrow ${to} divides a slash otherwise than its terms.`);
    }

    private recordStake(delivery: Delivery, verdict: Accepted, before: StakeAccount | undefined): void {
        const { message, to, from, bounced } = delivery;
        const next = verdict.next as StakeAccount | null;
        const lost = (before?.stake ?? 0n) + (before?.unbonding ?? 0n) - (next?.stake ?? 0n) - (next?.unbonding ?? 0n);
        const used = (next?.hotSlashed ?? 0n) - (before?.hotSlashed ?? 0n);
        const { op } = message;
        if (op === 'SlashCollateral') {
            const lock = this.endLock(to, message.queryId, message.slot, from);
            const announced = this.past.underWay.get(`${to}/${message.queryId}`);
            guarantee(announced?.op === op, `Stake ${to} was slashed without a slash of an escrow.`);
            this.past.underWay.delete(`${to}/${message.queryId}`);
            guarantee(
                lost >= 0n && lost <= message.amount,
                `Stake ${to} lost ${lost} to a slash of ${message.amount}.`,
            );
            guarantee(lost <= lock.collateral, `Stake ${to} lost ${lost} of a lock of ${lock.collateral}.`);
            const shares = verdict.sends.reduce((sum, sent) => sum + sent.owed, 0n);
            guarantee(shares <= lost, `Stake ${to} gave ${shares} away and lost ${lost}.`);
            guarantee(used === (lock.byHot ? lost : 0n), `The allowance of ${to} lost ${used} to a slash of ${lost}.`);
            return;
        }
        const owner = before !== undefined && from === before.owner;
        const withdrawn =
            owner &&
            ((op === 'WithdrawUnregistered' && before.state !== 'Registered') ||
                (op === 'WithdrawStake' && lost <= before.unbonding && delivery.now >= before.unlockAt));
        guarantee(lost <= 0n || withdrawn, `Stake ${to} lost ${lost} by ${op}.`);
        guarantee(
            used === 0n || (op === 'ResetAllowanceUsed' && used < 0n),
            `${op} changed what slashes used of ${to}.`,
        );
        if (op === 'ReleaseCollateral') {
            this.endLock(to, message.queryId, message.slot, from);
            const announced = this.past.underWay.get(`${to}/${message.queryId}`);
            guarantee(announced?.op === op, `Stake ${to} was released without a release of an escrow.`);
            this.past.underWay.delete(`${to}/${message.queryId}`);
        }
        if (op === 'JobAccepted' && bounced) this.endLock(to, message.queryId, message.slot, from);
        if (op === 'ReleaseStaleLock') {
            const lock = before?.locks.get(message.slot);
            guarantee(lock !== undefined, `Stake ${to} freed slot ${message.slot}, where no lock was.`);
            guarantee(delivery.now >= lock.lockUntil, `Stake ${to} freed a lock before its end.`);
            this.endLock(to, lock.lockId, message.slot, lock.escrow);
        }
        if (op === 'AcceptJob' || op === 'AcceptQuote') this.recordAcceptance(delivery, verdict, next as StakeAccount);
    }

    private recordAcceptance({ message, to }: Delivery, { sends }: Accepted, next: StakeAccount): void {
        const sent = sends.find((candidate) => candidate.message.op === 'JobAccepted');
        const accepted = only(sends, 'JobAccepted')[0];
        guarantee(sent !== undefined && accepted !== undefined, `Stake ${to} accepted a job and told nobody.`);
        const { queryId: lockId, slot, collateral } = accepted;
        const name = `${to}/${lockId}`;
        guarantee(!this.past.acceptances.has(name), `Lock ${name} was made twice.`);
        const lock = next.locks.get(slot);
        guarantee(lock?.lockId === lockId && lock.escrow === sent.to, `Lock ${name} is not in slot ${slot}.`);
        const quote = message.op === 'AcceptQuote' ? nameOf(message.quote.signature) : undefined;
        const { byHot } = lock;
        this.past.acceptances.set(name, { escrow: sent.to, slot, collateral, byHot, quote, ended: false, used: false });
        if (!byHot) return;
        let atRisk = next.hotSlashed;
        for (const other of next.locks.values()) if (other.byHot) atRisk += other.collateral;
        const cap = next.profile?.allowanceCap ?? 0n;
        guarantee(atRisk <= cap, `The hot keys of stake ${to} put ${atRisk} at risk, and may put ${cap}.`);
    }

    /** A lock ends once, in its slot, and by its escrow. */
    private endLock(stake: Id, lockId: bigint, slot: number, escrow: Id): Acceptance {
        const name = `${stake}/${lockId}`;
        const lock = this.past.acceptances.get(name);
        guarantee(lock !== undefined, `Lock ${name} ended, and was never made.`);
        guarantee(!lock.ended, `Lock ${name} ended twice.`);
        guarantee(lock.escrow === escrow && lock.slot === slot, `Lock ${name} was ended by ${escrow} in slot ${slot}.`);
        lock.ended = true;
        return lock;
    }

    private recordChannel(delivery: Delivery, { next, sends }: Accepted): void {
        const { message, to } = delivery;
        if (message.op === 'OpenChannel') {
            guarantee(!this.past.channels.has(to), `Channel ${to} opened twice without an end.`);
            this.past.channels.set(to, { deposited: message.deposit, paid: 0n });
        }
        const opening = this.past.channels.get(to);
        guarantee(opening !== undefined, `Channel ${to} took ${message.op} without an opening.`);
        if (message.op === 'TopUpChannel') opening.deposited += message.amount;
        const paid = settledIn(sends);
        const vouched = message.op === 'Redeem' || message.op === 'CloseChannel';
        guarantee(paid === 0n || vouched, `Channel ${to} paid ${paid} for ${message.op}.`);
        opening.paid += paid;
        const { deposited } = opening;
        guarantee(opening.paid <= deposited, `Channel ${to} paid ${opening.paid} of ${deposited}.`);
        if (message.op === 'Redeem' && message.voucher.tag === 'voucher') {
            const { amount } = message.voucher;
            guarantee(opening.paid <= amount, `Channel ${to} paid ${opening.paid} for vouchers of ${amount}.`);
        }
        if (next === null) {
            this.past.channels.delete(to);
            return;
        }
        const { claimed, totalDeposited } = next as ChannelAccount;
        guarantee(claimed === opening.paid, `Channel ${to} counts ${claimed} claimed, and paid ${opening.paid}.`);
        guarantee(totalDeposited === deposited, `Channel ${to} counts ${totalDeposited}, and got ${deposited}.`);
    }

    private recordTill(delivery: Delivery, { next }: Accepted, before: TillAccount | undefined): void {
        const till = next as TillAccount | null;
        guarantee(till !== null, `Till ${delivery.to} is gone.`);
        const grown = till.feesDue - (before?.feesDue ?? 0n);
        const most = delivery.message.op === 'Settle' ? (delivery.value * BigInt(till.feeBps)) / 10_000n : 0n;
        guarantee(grown <= most, `Till ${delivery.to} owes ${grown} more after a value of ${delivery.value}.`);
    }
}
