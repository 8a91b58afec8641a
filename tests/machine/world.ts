import { Message as Letter, toNano, Transaction } from '@ton/core';
import { GENESIS, GLOBAL_ID } from '../helpers/chain';
import { Ledger } from '../helpers/ledger';
import { PriceSet } from '../helpers/prices';
import { Solvency } from '../helpers/solvency';
import { balanceOf, stateOf, storageFeesOf } from '../helpers/step';
import { isDeepStrictEqual } from 'node:util';
import { actorOf, addressFrom } from './actors';
import { bodyOf } from './bodies';
import { creditedOf, realOutcome, RealOutcome, valueOf } from './outcome';
import { costsAt } from './costs';
import { deliver, emptyAccount, Force, pricesOf, ShardState } from './emulator';
import { judge } from './model';
import { BrokenGuarantee, checkWorld, guarantee, History } from './model/invariants';
import { Account, Costs, Delivery, Id, Message, Send, Verdict } from './model/types';
import { exitCodeOf } from './exitCodes';
import { hashes, Place, placeOf } from './places';
import { modelView, storedView } from './storage';

/** A message that was sent and has not arrived. */
export interface Pending {
    readonly from: Id;
    readonly to: Id;
    readonly letter: Letter;
    readonly message: Message;
    readonly bounced: boolean;
    readonly deploys: boolean;
    /** What it carries was reckoned with these: of when its flow began, or lower ones since. */
    readonly prices: PriceSet;
    /** It carries less than its receiver takes for reading it. */
    readonly mayStarve: boolean;
}

/** nanoTON: with less, a message may not even be read. */
export const A_LITTLE = toNano('0.01');

/** What became of a delivery. */
export interface Arrival {
    readonly message: Message;
    readonly bounced: boolean;
    readonly kind: Account['kind'] | undefined;
    /** The receiver's state before. */
    readonly state: string;
    readonly outcome: Verdict['outcome'];
    readonly forced: boolean;
}

const CHEAPEST: PriceSet = '2026-06';
const LT_STEP = 1_000_000n;

/** The state that a diagram of docs/states.md names, as far as one account has one. */
export function stateNameOf(account: Account | undefined): string {
    if (account === undefined) {
        return 'Absent';
    }
    switch (account.kind) {
        case 'Registry':
            return account.version === 0 ? 'Uninit' : account.proposal ? 'Proposed' : 'Idle';
        case 'PayoutSettlement':
            return account.version === 0 ? 'Uninit' : 'Live';
        default:
            return account.state;
    }
}

/**
 * The contracts and the model side by side. Every message is delivered to both; whatever they do not agree on, and whatever
 * breaks a guarantee, is thrown as a {@link BrokenGuarantee}.
 */
export class World {
    now = GENESIS;
    prices: PriceSet = 'default';
    readonly model = new Map<Id, Account>();
    pending: Pending[] = [];
    private lt = 1_000_000_000n;
    private readonly shards = new Map<Id, ShardState>();
    private readonly ledger = new Ledger(broken);
    private readonly solvency = new Solvency(broken);
    private readonly history = new History();
    /** nanoTON that each actor got, less what it brought. */
    readonly gains = new Map<Id, bigint>();

    /** An independent copy. */
    fork(): World {
        const copy = new World();
        copy.now = this.now;
        copy.prices = this.prices;
        copy.lt = this.lt;
        this.model.forEach((account, id) => copy.model.set(id, account));
        this.shards.forEach((shard, id) => copy.shards.set(id, shard));
        this.gains.forEach((gain, id) => copy.gains.set(id, gain));
        copy.pending = [...this.pending];
        copy.ledger.restore(this.ledger.save());
        copy.solvency.restore(this.solvency.save());
        copy.history.restore(this.history.save());
        return copy;
    }

    get costs(): Costs {
        return costsAt(pricesOf(this.prices, GLOBAL_ID));
    }

    balance(id: Id): bigint {
        return balanceOf(this.shards.get(id)?.account);
    }

    isActive(id: Id): boolean {
        return stateOf(this.shards.get(id)?.account) !== null;
    }

    /** What the model says of a message, were it to arrive now. Changes nothing. */
    foresee(message: Message, from: Id, to: Id, value: bigint, deploys: boolean): Verdict {
        const account = this.accountAt(to, deploys);
        const balance = this.balance(to) + value;
        return judge(
            account,
            { from, to, message, bounced: false, deploys, value, balance, now: this.now, lt: this.lt + LT_STEP },
            this.costs,
            hashes,
        );
    }

    /** Somebody sends a message, and it arrives at once. */
    async send(
        message: Message,
        from: Id,
        to: Id,
        options: { value: bigint; deploys?: boolean; bounceable?: boolean; mayStarve?: boolean; force?: Force },
    ): Promise<Arrival> {
        const { value, deploys = false, bounceable = true } = options;
        const place = placeOf(to);
        const letter: Letter = {
            info: {
                type: 'internal',
                ihrDisabled: true,
                bounce: bounceable,
                bounced: false,
                src: addressFrom(from),
                dest: addressFrom(to),
                value: { coins: value },
                ihrFee: 0n,
                forwardFee: 0n,
                createdLt: ++this.lt,
                createdAt: this.now,
            },
            init: deploys ? place?.init : null,
            body: bodyOf(message),
        };
        this.gain(from, -value);
        return await this.arrive(
            {
                ...{ from, to, letter, message, bounced: false, deploys, prices: this.prices },
                mayStarve: options.mayStarve ?? false,
            },
            options.force,
        );
    }

    /** The pairs of accounts that messages are under way between: of each pair the first must arrive first. */
    deliverable(): Pending[] {
        const heads = new Map<string, Pending>();
        for (const pending of this.pending) {
            const pair = `${pending.from} ${pending.to}`;
            if (!heads.has(pair)) {
                heads.set(pair, pending);
            }
        }
        return [...heads.values()];
    }

    /** One of {@link deliverable} arrives. */
    async deliver(pending: Pending, force?: Force): Promise<Arrival> {
        this.pending = this.pending.filter((other) => other !== pending);
        return await this.arrive(pending, force);
    }

    /** Everything under way arrives, in order. */
    async drain(): Promise<Arrival[]> {
        const arrivals: Arrival[] = [];
        while (this.pending.length > 0) {
            arrivals.push(await this.deliver(this.pending[0]!));
        }
        return arrivals;
    }

    private accountAt(to: Id, deploys: boolean): Account | undefined {
        return this.model.get(to) ?? (deploys ? placeOf(to)?.uninit : undefined);
    }

    private async arrive(pending: Pending, force: Force | undefined): Promise<Arrival> {
        const { to, from, message, bounced, deploys, letter } = pending;
        const address = addressFrom(to);
        const before = this.shards.get(to) ?? emptyAccount(address);
        this.lt += LT_STEP;
        const ran = await deliver(before, address, letter, {
            now: this.now,
            lt: this.lt,
            prices: this.prices,
            force,
            globalId: GLOBAL_ID,
        });
        const { transaction } = ran;
        this.lt = transaction.lt + BigInt(transaction.outMessagesCount) + 1n;
        this.ledger.enter(ran.step);
        this.solvency.enter({ ...ran.step, prices: pricesOf(this.lowest(pending), GLOBAL_ID) });
        this.shards.set(to, ran.after);

        const account = this.accountAt(to, deploys);
        const balance = balanceOf(before.account) - storageFeesOf(transaction) + valueOf(letter);
        const credited = creditedOf(transaction, letter);
        // What does not bounce is credited before the rent is taken, so rent that the balance lacked comes out of it.
        const value = credited < balance ? credited : balance;
        const delivery: Delivery = {
            ...{ from, to, message, bounced, deploys, value, balance, now: this.now, lt: transaction.lt },
        };
        const foreseen = judge(account, delivery, this.costs, hashes);
        const real: RealOutcome = ran.bouncedByAction ? { kind: 'action', bounced: true } : realOutcome(transaction);
        const where = `${bounced ? 'bounced ' : ''}${message.op} at ${placeOf(to)?.name ?? to}`;
        const verdict = this.reconcile(where, foreseen, real, { ...pending, left: value }, force);

        if (verdict.outcome === 'accepted') {
            this.expectStored(where, to, verdict.next);
            this.setModel(to, verdict.next);
            this.queueSends(where, verdict.sends, pending, transaction, force === 'action');
            this.history.record(delivery, verdict);
        } else {
            this.expectUnchanged(where, before, ran.after, placeOf(to));
            if (this.isActive(to) && account !== undefined) {
                this.setModel(to, account);
            }
            this.queueBounce(where, pending, transaction, verdict);
        }
        checkWorld(this.model);
        return {
            ...{ message, bounced, kind: placeOf(to)?.uninit.kind, state: stateNameOf(account) },
            outcome: verdict.outcome,
            forced: force !== undefined,
        };
    }

    /** Prices may rise while a message is under way: what it pays for was reckoned, and brought, before. */
    private lowest({ prices }: Pending): PriceSet {
        return prices === CHEAPEST ? CHEAPEST : this.prices;
    }

    private roseSince({ prices }: Pending): boolean {
        return prices === CHEAPEST && this.prices !== CHEAPEST;
    }

    /** The verdict that model and contract agree on. */
    private reconcile(
        where: string,
        foreseen: Verdict,
        real: RealOutcome,
        pending: Pending & { left: bigint },
        force: Force | undefined,
    ): Verdict {
        if (real.kind === 'starved') {
            // The model does not count gas. A message must bring enough for its receiver, unless prices rose on the way, or an account's
            // old debt for rent took of it first.
            const indebted = pending.left < A_LITTLE && pending.left < valueOf(pending.letter);
            const excused = force === 'gas' || pending.mayStarve || indebted || this.roseSince(pending);
            guarantee(excused, `${where} ran out of gas`);
            return { outcome: 'refused', causes: [] };
        }
        if (force === 'gas') {
            guarantee(real.kind === 'refused' && foreseen.outcome === 'refused', `${where} ran without gas`);
        }
        if (force === 'action' && foreseen.outcome === 'accepted') {
            const failing = foreseen.sends.find(({ onFailure }) => onFailure !== 'ignore');
            if (failing) {
                guarantee(real.kind === 'action', `${where} sent what nobody can send`);
                const { info } = pending.letter;
                const bounces = failing.onFailure === 'bounce' && info.type === 'internal' && info.bounce;
                guarantee(
                    real.bounced === bounces,
                    `${where} ${bounces ? 'does not bounce' : 'bounces'} as it cannot send`,
                );
                return { outcome: 'refused', causes: [] };
            }
        }
        const shown = `${where}: the contract ${show(real)}, the model ${show(foreseen)}`;
        guarantee(real.kind !== 'action', shown);
        guarantee((real.kind === 'refused') === (foreseen.outcome === 'refused'), shown);
        if (foreseen.outcome === 'refused' && real.kind === 'refused' && real.exitCode !== undefined) {
            const { exitCode } = real;
            guarantee(
                foreseen.causes.some((cause) => exitCodeOf(cause) === exitCode),
                shown,
            );
        }
        return foreseen;
    }

    private expectStored(where: string, id: Id, next: Account | null): void {
        const state = stateOf(this.shards.get(id)!.account);
        if (next === null) {
            guarantee(state === null && this.balance(id) === 0n, `${where} leaves something behind`);
            return;
        }
        guarantee(state !== null, `${where} destroys the account`);
        const stored = storedView(next.kind, state!.data);
        const expected = modelView(id, next);
        for (const field of new Set([...Object.keys(stored), ...Object.keys(expected)])) {
            guarantee(
                isDeepStrictEqual(stored[field], expected[field]),
                `${where} stores ${field} = ${show(stored[field])}, the model says ${show(expected[field])}`,
            );
        }
    }

    private expectUnchanged(where: string, before: ShardState, after: ShardState, place: Place | undefined): void {
        const [old, now] = [stateOf(before.account), stateOf(after.account)];
        if (now === null) {
            guarantee(old === null, `${where} should have no effect and destroyed the account`);
            return;
        }
        const data = old?.data ?? place?.init.data;
        guarantee(
            data !== undefined && data !== null && now.data.equals(data),
            `${where} should have no effect and changed the storage`,
        );
    }

    /** Every message that left must be one that the model says, and none of those that matter may be missing. */
    private queueSends(
        where: string,
        sends: readonly Send[],
        cause: Pending,
        transaction: Transaction,
        forced: boolean,
    ): void {
        const left = [...sends];
        for (const letter of transaction.outMessages.values()) {
            if (letter.info.type !== 'internal') {
                continue;
            }
            const { dest, value, bounce, forwardFee } = letter.info;
            const to = dest.toRawString();
            const at = left.findIndex((expected) => isSame(expected, to, letter));
            const [send] = at < 0 ? [] : left.splice(at, 1);
            guarantee(send !== undefined, `${where} sends something to ${nameOf(to)} that the model does not know`);
            guarantee(bounce === send.bounceable, `${where} sends ${send.message.op} with the wrong bounce flag`);
            // A refund is what is left: after a rise of prices on the way, less what that made dearer.
            const risen = send.message.op === 'JobClosed' && this.roseSince(cause);
            const fees = risen ? transaction.totalFees.coins + forwardFee : 0n;
            guarantee(
                value.coins + fees >= send.owed,
                `${where} sends ${send.message.op} with ${value.coins}, ${send.owed} are owed`,
            );
            this.post({
                ...{ from: cause.to, to, letter, message: send.message, bounced: false },
                ...{ deploys: send.deploys, prices: this.lowest(cause), mayStarve: false },
            });
        }
        for (const send of left) {
            guarantee(
                send.onFailure === 'ignore',
                `${where} does not send ${send.message.op} to ${nameOf(send.to)}${forced ? ' (forced)' : ''}`,
            );
        }
    }

    private queueBounce(where: string, cause: Pending, transaction: Transaction, verdict: Verdict): void {
        const letters = [...transaction.outMessages.values()];
        if (letters.length === 0) {
            return;
        }
        const [letter] = letters;
        const { info } = cause.letter;
        guarantee(
            letters.length === 1 &&
                verdict.outcome === 'refused' &&
                info.type === 'internal' &&
                info.bounce &&
                letter!.info.type === 'internal' &&
                letter!.info.bounced &&
                letter!.info.dest.toRawString() === cause.from,
            `${where} should have no effect and sends something`,
        );
        this.post({
            ...cause,
            ...{ from: cause.to, to: cause.from, letter: letter!, bounced: true, prices: this.lowest(cause) },
        });
    }

    /** To an actor it arrives at once: a wallet takes everything that does not bounce. */
    private post(pending: Pending): void {
        if (actorOf(pending.to) === undefined) {
            this.pending.push(pending);
            return;
        }
        const { info } = pending.letter;
        guarantee(
            pending.bounced || (info.type === 'internal' && !info.bounce),
            `${pending.message.op} to ${nameOf(pending.to)} could bounce`,
        );
        this.gain(pending.to, valueOf(pending.letter));
        this.ledger.leave(pending.letter);
    }

    private gain(id: Id, amount: bigint): void {
        this.gains.set(id, (this.gains.get(id) ?? 0n) + amount);
    }

    private setModel(id: Id, account: Account | null): void {
        if (account === null) {
            this.model.delete(id);
        } else {
            this.model.set(id, account);
        }
    }
}

function isSame(send: Send, to: Id, letter: Letter): boolean {
    return send.to === to && bodyOf(send.message).equals(letter.body) && send.deploys === Boolean(letter.init);
}

export function nameOf(id: Id): string {
    return actorOf(id) ?? placeOf(id)?.name ?? id;
}

function broken(violation: string): never {
    throw new BrokenGuarantee(violation);
}

/** Short and readable. */
export function show(value: unknown): string {
    return JSON.stringify(value, (_, part: unknown) =>
        typeof part === 'bigint'
            ? String(part)
            : part instanceof Map
              ? [...part]
              : typeof part === 'string' && part.startsWith('0:')
                ? nameOf(part)
                : part,
    );
}
