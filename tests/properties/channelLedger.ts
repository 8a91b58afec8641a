// What docs/protocol.md, sections 6 and 8, says of one channel's address, in plain numbers: no cell, no message, no contract.

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Something signed. A voucher counts as the client's if clientKey signed it; an agreement needs both. */
export interface Paper {
    readonly shape: 'voucher' | 'agreement' | 'request';
    /** What it says that it is for. */
    readonly purpose: 'voucher' | 'agreement' | 'request';
    readonly channel: number;
    readonly openedLt: bigint;
    /** Cumulative nanoTON; 0 of a request. */
    readonly amount: bigint;
    /** Unix seconds; 0 of anything but an agreement. */
    readonly validUntil: number;
}

/** Who made a signature. */
export type Key = 'client' | 'provider' | 'stranger';

export interface Offer {
    readonly deposit: bigint;
    readonly closesAt: number;
    readonly closeDelay: number;
}

/** A message, as far as it matters what it says. */
export type Act =
    | { readonly op: 'OpenChannel'; readonly offer: Offer }
    | { readonly op: 'TopUpChannel'; readonly amount: bigint }
    | { readonly op: 'Redeem'; readonly paper: Paper; readonly key: Key }
    | { readonly op: 'CloseChannel'; readonly paper: Paper; readonly first: Key; readonly second: Key }
    | { readonly op: 'RequestClose'; readonly paper: Paper | null; readonly key: Key }
    | { readonly op: 'FinalizeChannel' };

/** What came with it, in nanoTON. */
export interface Means {
    readonly now: number;
    readonly byClient: boolean;
    /** What the message brought. */
    readonly value: bigint;
    /** The address's balance without it, its rent paid. */
    readonly balance: bigint;
    /** What this message costs at least, besides amounts and deposits. */
    readonly costs: bigint;
}

/** What an accepted message does. */
export interface Effect {
    /** To the till. */
    readonly due: bigint;
    /** What no voucher claimed, to the client; only of an end. */
    readonly refund?: bigint;
}

export interface Opening {
    readonly openedLt: bigint;
    deposited: bigint;
    claimed: bigint;
    closesAt: number;
    readonly closeDelay: number;
}

/** One address: at most one opening at a time, any number of them one after the other. */
export class ChannelLedger {
    opening: Opening | undefined;
    /** Logical times of all openings so far. */
    readonly openings: bigint[] = [];

    constructor(readonly channel: number) {}

    get owed(): bigint {
        return this.opening ? this.opening.deposited - this.opening.claimed : 0n;
    }

    /** Undefined: the message is refused and changes nothing. An accepted opening becomes known with {@link opened}. */
    judge(act: Act, means: Means): Effect | undefined {
        const { opening } = this;
        const { now, value, costs, balance } = means;
        if (act.op === 'OpenChannel') {
            const { deposit, closesAt, closeDelay } = act.offer;
            const sound = deposit > 0n && closeDelay >= HOUR && closeDelay <= 30 * DAY;
            const inTime = closesAt >= now + closeDelay && closesAt <= now + YEAR;
            const paid = balance + value >= deposit + costs;
            return !opening && means.byClient && sound && inTime && paid ? { due: 0n } : undefined;
        }
        if (!opening) {
            return undefined;
        }
        const { deposited, claimed } = opening;
        switch (act.op) {
            case 'TopUpChannel':
                return act.amount > 0n && now < opening.closesAt && value >= act.amount + costs
                    ? { due: 0n }
                    : undefined;
            case 'Redeem': {
                const good = act.key === 'client' && this.isFor(act.paper, 'voucher');
                const due = smaller(act.paper.amount, deposited) - claimed;
                // What rent took is never made good by another's claim: the sender brings it.
                const lacking = due > balance ? due - balance : 0n;
                return good && due > 0n && value >= costs + lacking ? { due } : undefined;
            }
            case 'CloseChannel': {
                const { amount, validUntil } = act.paper;
                const signed =
                    act.first === 'client' && act.second === 'provider' && this.isFor(act.paper, 'agreement');
                const inTime = now < validUntil && validUntil <= now + 600;
                const fair = amount >= claimed && amount <= deposited;
                const end = { due: amount - claimed, refund: deposited - amount };
                return signed && inTime && fair && this.isPaid(end.due, means) ? end : undefined;
            }
            case 'RequestClose': {
                const signed = act.paper !== null && act.key === 'client' && this.isFor(act.paper, 'request');
                return (means.byClient || signed) && value >= costs ? { due: 0n } : undefined;
            }
            case 'FinalizeChannel':
                return now >= opening.closesAt && this.isPaid(0n, means)
                    ? { due: 0n, refund: deposited - claimed }
                    : undefined;
        }
    }

    /** Enters what was accepted. */
    apply(act: Act, effect: Effect, now: number, lt: bigint): void {
        if (act.op === 'OpenChannel') {
            const { deposit, closesAt, closeDelay } = act.offer;
            this.opening = { openedLt: lt, deposited: deposit, claimed: 0n, closesAt, closeDelay };
            this.openings.push(lt);
            return;
        }
        const opening = this.opening!;
        opening.claimed += effect.due;
        if (act.op === 'TopUpChannel') {
            opening.deposited += act.amount;
        } else if (act.op === 'RequestClose') {
            opening.closesAt = Math.min(opening.closesAt, now + opening.closeDelay);
        } else if (effect.refund !== undefined) {
            this.opening = undefined;
        }
    }

    private isFor(paper: Paper, purpose: Paper['purpose']): boolean {
        return (
            paper.shape === purpose &&
            paper.purpose === purpose &&
            paper.channel === this.channel &&
            paper.openedLt === this.opening!.openedLt
        );
    }

    /** Costs of an end come with the message or out of spare rent; nobody's money is touched for them. */
    private isPaid(due: bigint, { value, costs, balance }: Means): boolean {
        const spare = balance + value - this.owed;
        return (value >= costs || spare >= costs) && balance + value >= due + costs;
    }
}

export function smaller(a: bigint, b: bigint): bigint {
    return a < b ? a : b;
}
