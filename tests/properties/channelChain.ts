import { Cell, toNano, Transaction } from '@ton/core';
import { loadPrices, Prices } from '../../wrappers';
import * as fees from '../../wrappers/fees';
import { Channel, YEAR } from '../fixtures/channels';
import { Chain, PriceSet, Wallet } from '../helpers/chain';
import { operationOf } from '../helpers/labels';
import { deployNetwork } from '../helpers/network';
import { transactionsAt } from '../helpers/traces';
import { Act, ChannelLedger, Effect, Paper, smaller } from './channelLedger';
import { costsOf, gasOf, messageOf, Purse, valueOf } from './channelMessages';

export const SENDERS = ['client', 'operator', 'stranger'] as const;
export type Sender = (typeof SENDERS)[number];

/** A message that was sent once, for whoever sends it again. */
interface Sent {
    act: Act;
    message: Cell;
}

/** A promise of the protocol that did not hold. */
export class BrokenGuarantee extends Error {}

export function guarantee(kept: boolean, what: string): void {
    if (!kept) {
        throw new BrokenGuarantee(what);
    }
}

/** Two channels of one client with one provider on a real chain, and what the ledger says of them. */
export class ChannelChain {
    readonly ledgers = [new ChannelLedger(0), new ChannelLedger(1)];
    readonly papers: Paper[] = [];
    readonly sent: Sent[] = [];
    /** How often what happened. */
    readonly seen = new Map<string, number>();
    /** The greatest voucher that clientKey signed, by opening. */
    private readonly newest = new Map<bigint, bigint>();
    /** nanoTON of claims that went to the till, by opening. */
    private readonly paid = new Map<bigint, bigint>();

    private constructor(
        readonly chain: Chain,
        readonly channels: readonly Channel[],
        private readonly wallets: Record<Sender, Wallet>,
        private readonly prices: Prices,
    ) {}

    static async open(prices: PriceSet): Promise<() => Promise<ChannelChain>> {
        const { chain, provider } = await deployNetwork({ prices });
        const channels = [
            await Channel.prepare(provider, { nonce: 1n }),
            await Channel.prepare(provider, { nonce: 2n }),
        ];
        const [first] = channels as [Channel, Channel];
        const wallets = { client: first.client, operator: provider.operator, stranger: first.stranger };
        const start = chain.blockchain.snapshot();
        const loaded = loadPrices(chain.blockchain.config, chain.now);
        return async () => {
            await chain.blockchain.loadFrom(start);
            return new ChannelChain(chain, channels, wallets, loaded);
        };
    }

    get now(): number {
        return this.chain.now;
    }

    note(what: string): void {
        this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
    }

    /** The opening that something is signed for: this one, or one that was or never will be. */
    openedLt(at: number, ago: number): bigint {
        const { openings } = this.ledgers[at]!;
        return openings.at(-1 - ago) ?? openings.at(-1) ?? 1n;
    }

    /** clientKey, and whoever else has to, signs; from then on everybody has it. */
    sign(paper: Paper): Paper {
        this.papers.push(paper);
        if (paper.shape === 'voucher' && paper.purpose === 'voucher') {
            const before = this.newest.get(paper.openedLt) ?? 0n;
            if (this.ledgers[paper.channel]!.openings.includes(paper.openedLt) && paper.amount > before) {
                this.newest.set(paper.openedLt, paper.amount);
            }
        }
        return paper;
    }

    /** Sends it, and holds the chain to what the ledger says. Returns whether it was accepted. */
    async send(
        act: Act,
        options: { at: number; by: Sender; purse: Purse; message?: Cell; extra?: bigint },
    ): Promise<boolean> {
        const channel = this.channels[options.at]!;
        const ledger = this.ledgers[options.at]!;
        const message = options.message ?? (await messageOf(act, channel, this.channels));
        const costs = costsOf(act, this.prices, this.now);
        const value = valueOf(act, costs, this.prices, options.purse) + (options.extra ?? 0n);
        const before = await this.chain.balance(channel.address);
        const result = await this.chain.send(this.wallets[options.by], {
            to: channel.address,
            value,
            body: message,
            init: act.op === 'OpenChannel' ? channel.init : undefined,
        });
        this.sent.push({ act, message });

        const [transaction, ...others] = transactionsAt(result, channel.address);
        guarantee(others.length === 0, `${act.op} ran ${1 + others.length} times`);
        const { rent, debt, gas, success } = readingOf(transaction!);
        const balance = before - rent;
        const means = { now: this.now, byClient: options.by === 'client', value: value - debt, balance, costs };
        // What cannot pay for its gas is never run.
        const effect = options.purse === 'dust' ? undefined : ledger.judge(act, means);
        guarantee(success === (effect !== undefined), `${act.op} is ${success ? 'accepted' : 'refused'}: ${show(act)}`);
        this.note(`${act.op} ${success ? 'accepted' : 'refused'}`);
        this.noteCircumstances(act, ledger, success);
        if (effect === undefined) {
            await this.expectStored(options.at);
            guarantee((await this.chain.balance(channel.address)) >= balance, `a refused ${act.op} cost the channel`);
            return false;
        }
        const opening = ledger.opening;
        const owed = ledger.owed;
        ledger.apply(act, effect, this.now, transaction!.lt);
        await this.expectStored(options.at);
        this.expectPaid(act, effect, transaction!, channel, {
            opening: opening?.openedLt ?? transaction!.lt,
            spare: balance - owed,
            value: value - debt,
        });
        guarantee(effect.refund === undefined || (await this.chain.isGone(channel.address)), 'something is left');
        guarantee(gas <= fees.computeFee(this.prices, gasOf(act)), `${act.op} took more gas than it reckons with`);
        return true;
    }

    /** Plain money, which stays only if it cannot bounce. */
    async plain(at: number, value: bigint, bounce: boolean): Promise<void> {
        const { address } = this.channels[at]!;
        const before = await this.chain.balance(address);
        await this.chain.send(this.wallets.stranger, { to: address, value, bounce });
        guarantee(bounce || (await this.chain.balance(address)) > before - toNano('0.1'), 'plain money is lost');
        await this.expectStored(at);
    }

    pass(seconds: number): void {
        this.chain.pass(seconds);
    }

    /** Lets a year pass unless rent could then take an account away, which it may after years without anybody. */
    async passYear(): Promise<void> {
        for (const [at, { address }] of this.channels.entries()) {
            if (this.ledgers[at]!.opening && (await this.chain.balance(address)) < toNano('0.02')) {
                return;
            }
        }
        this.note('a year');
        this.chain.pass(YEAR);
    }

    /** The newest voucher of an open channel pays all that it is worth, whoever sends it, with what rent took of that. */
    async redeemNewest(at: number): Promise<void> {
        const { opening } = this.ledgers[at]!;
        const amount = opening && this.newest.get(opening.openedLt);
        if (!opening || amount === undefined || smaller(amount, opening.deposited) <= opening.claimed) {
            return;
        }
        const due = smaller(amount, opening.deposited) - opening.claimed;
        // What returns has rent paid; what is then missing comes with the message.
        await this.plain(at, toNano(1), true);
        const balance = await this.chain.balance(this.channels[at]!.address);
        const lacking = due > balance ? due - balance : 0n;
        if (lacking > 0n) {
            this.note('rent made good');
        }
        const paper: Paper = {
            shape: 'voucher',
            purpose: 'voucher',
            channel: at,
            openedLt: opening.openedLt,
            amount,
            validUntil: 0,
        };
        const done = await this.send(
            { op: 'Redeem', paper, key: 'client' },
            { at, by: 'stranger', purse: 'least', extra: lacking },
        );
        guarantee(done, 'the newest voucher cannot be redeemed');
        guarantee(
            this.paid.get(opening.openedLt) === smaller(amount, opening.deposited),
            'the provider has another sum than vouched',
        );
        this.note('newest voucher redeemed');
    }

    /** The same, undone afterwards. */
    async probe(at: number): Promise<void> {
        const { opening } = this.ledgers[at]!;
        const before = opening && { ...opening };
        const paid = new Map(this.paid);
        const sent = this.sent.length;
        await this.chain.rewinding(() => this.redeemNewest(at));
        if (opening && before) {
            Object.assign(opening, before);
        }
        this.paid.clear();
        paid.forEach((amount, lt) => this.paid.set(lt, amount));
        this.sent.length = sent;
    }

    /** Whatever has happened: strangers and time pay the provider what was vouched, the client the rest, and end it. */
    async finish(at: number): Promise<void> {
        const { opening } = this.ledgers[at]!;
        if (opening) {
            await this.redeemNewest(at);
            this.chain.at(Math.max(this.now, opening.closesAt));
            const ended = await this.send({ op: 'FinalizeChannel' }, { at, by: 'stranger', purse: 'least' });
            guarantee(ended, 'the channel cannot be finalized');
        }
        await this.expectStored(at);
    }

    /** What would make the test worthless if it never came about. */
    private noteCircumstances(act: Act, { opening, openings }: ChannelLedger, accepted: boolean): void {
        const verdict = accepted ? 'accepted' : 'refused';
        if (act.op === 'OpenChannel' && accepted && openings.length > 0) {
            this.note('opened again');
        }
        if (
            act.op === 'FinalizeChannel' &&
            opening &&
            this.now - opening.closesAt >= -1 &&
            this.now <= opening.closesAt
        ) {
            this.note(`finalized ${this.now - opening.closesAt} s from closesAt ${verdict}`);
        }
        if ('paper' in act && act.paper && opening) {
            const { paper } = act;
            if (paper.openedLt !== opening.openedLt && openings.includes(paper.openedLt)) {
                this.note(`${act.op} for an earlier opening ${verdict}`);
            }
            if (paper.channel !== this.ledgers.findIndex((ledger) => ledger.opening === opening)) {
                this.note(`${act.op} for the other channel ${verdict}`);
            }
            if (paper.shape !== paper.purpose) {
                this.note(`${act.op} for another purpose ${verdict}`);
            }
        }
    }

    private async expectStored(at: number): Promise<void> {
        const { opening } = this.ledgers[at]!;
        const channel = this.channels[at]!;
        const data = await this.chain.data(channel.address);
        if (!opening) {
            guarantee(data === null || data.equals(channel.init.data), 'an ended channel is stored');
            return;
        }
        const { totalDeposited, claimed, closesAt } = await channel.data();
        const { openedLt, clientKey, ending } = await channel.terms();
        const stored = [totalDeposited, claimed, closesAt, openedLt, ending.closeDelay, clientKey, ending.providerKey];
        const wanted = [
            ...[opening.deposited, opening.claimed, opening.closesAt, opening.openedLt, opening.closeDelay],
            ...[channel.offer.clientKey, channel.offer.providerKey],
        ];
        guarantee(String(stored) === String(wanted), `stored is ${stored.join()}, not ${wanted.join()}`);
        const known = this.ledgers[at]!.openings;
        guarantee(
            known.every((lt, index) => index === 0 || lt > known[index - 1]!),
            'an opening is not later than one before',
        );
    }

    /** Where an accepted message's money went. */
    private expectPaid(
        act: Act,
        { due, refund }: Effect,
        transaction: Transaction,
        channel: Channel,
        context: { opening: bigint; spare: bigint; value: bigint },
    ): void {
        const messages = [...transaction.outMessages.values()].flatMap(({ info, body }) =>
            info.type === 'internal' ? [{ to: info.dest, value: info.value.coins, op: operationOf(body) }] : [],
        );
        const toTill = messages.find(({ op }) => op === 'Settle');
        guarantee(due > 0n === (toTill !== undefined), `${act.op} settles without cause, or does not`);
        if (toTill) {
            guarantee(
                toTill.to.equals(channel.provider.till) && toTill.value >= due,
                `${act.op} pays the till too little`,
            );
            guarantee(toTill.value <= due + context.value, `${act.op} pays the till more than what is due`);
            this.paid.set(context.opening, (this.paid.get(context.opening) ?? 0n) + due);
        }
        const toClient = messages.find(({ op }) => op === 'ChannelClosed');
        guarantee((refund !== undefined) === (toClient !== undefined), `${act.op} refunds without cause, or does not`);
        if (toClient && refund !== undefined) {
            const lost = smaller(context.spare, 0n);
            guarantee(toClient.to.equals(channel.client.address), 'the refund goes elsewhere');
            guarantee(toClient.value >= refund + lost, `the client gets ${toClient.value}, ${refund} were not vouched`);
            guarantee(toClient.value <= refund + context.spare + context.value, 'the client gets what is not his');
            this.note(lost < 0n ? `${act.op} of a poor channel` : `${act.op} of a sound channel`);
        }
    }
}

function readingOf({ description }: Transaction) {
    if (description.type !== 'generic') {
        throw new Error('Not a message');
    }
    const { computePhase, actionPhase, storagePhase, creditPhase } = description;
    const ran = computePhase.type === 'vm';
    return {
        rent: storagePhase?.storageFeesCollected ?? 0n,
        debt: creditPhase?.dueFeesColelcted ?? 0n,
        gas: ran ? computePhase.gasFees : 0n,
        success: ran && computePhase.success && actionPhase?.success === true,
    };
}

function show(act: Act): string {
    return JSON.stringify(act, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
