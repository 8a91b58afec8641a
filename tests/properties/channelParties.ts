import * as p from '../../protocol';
import { client, hashOf, MODEL, policy, provider } from '../unit/protocol/channelsSupport';
import { ChannelWorld, Crash, Opening, promise, receipted } from './channelWorld';

/** What a step is made of. The numbers choose among what is there. */
export interface Draw {
    /** Which opening. */
    readonly at: number;
    readonly crash: Crash;
    /** Which request or message. */
    readonly pick: number;
    /** nanoTON. */
    readonly size: bigint;
    /** Which variant; seconds. */
    readonly twist: number;
}

/** Does something, or throws what a book refuses. */
export type Act = (world: ChannelWorld, opening: Opening, draw: Draw) => void;

export const REQUESTS = ['a', 'b', 'c', 'd', 'e'] as const;
export const MAX_SECONDS = 700;

export const choose = <T>(items: readonly T[], index: number): T | null =>
    items[index % Math.max(1, items.length)] ?? null;
export const requestNamed = (index: number) => choose(REQUESTS, index)!;
export const answerOf = (request: string) => hashOf(`${request} answered`);
export const nameOf = (requestHash: bigint) => REQUESTS.find((name) => hashOf(name) === requestHash) ?? 'a';
export const clientOf = (opening: Opening) => p.decodeClientState(opening.clientRow);
export const providerOf = (opening: Opening) => p.decodeProviderState(opening.providerRow);
export const isOf = ({ terms }: Opening, found: p.ChannelOpening) =>
    found.channel.equals(terms.channel) && found.openedLt === terms.openedLt;

/** What honest parties do, each step checked against what the client or the provider was promised. */
export const HONEST = {
    pay(world, opening, { crash, pick, size }) {
        const before = clientOf(opening);
        const request = requestNamed(pick);
        const requestHash = hashOf(request);
        const maxCost = size;
        const input = { maxCost, requestHash, modelRoot: MODEL, now: world.now, secretKey: client.secretKey };
        const voucher = world.ofClient(opening, crash, (state) => p.clientBook.pay(state, input));
        promise(before.request === null || before.request.requestHash === requestHash, 'two requests at a time');
        const isNew = before.request === null && !before.abandoned.some((known) => known.requestHash === requestHash);
        if (crash !== 'beforeCommit' && isNew) {
            opening.agreedCosts += maxCost;
        }
        if (!voucher) {
            return;
        }
        const { amount, receiptHead, ...signedFor } = p.parseVoucher(voucher.cell);
        const promised = before.voucher?.amount ?? 0n;
        promise(isOf(opening, signedFor), 'signed for another opening');
        promise(amount <= opening.deposit, 'signed for more than was deposited');
        promise(amount <= opening.agreedCosts, 'signed for more than was agreed on in all');
        promise(amount === promised || amount - before.receipt.amount === maxCost, 'signed for more than this request');
        promise(amount >= before.receipt.amount + maxCost, 'signed for less than the request may cost');
        promise(receiptHead === before.receipt.head, 'signed over another receipt than the newest');
        promise(world.now < before.terms.closesAt && !before.closeRequested, 'paid on a channel that closes');
        promise(world.now >= opening.clientAgreedUntil, 'paid while a close agreement could be used');
        promise(p.verifyVoucher(voucher.cell, voucher.signature, client.publicKey), 'signed by another key');
        world.vouchers.push({ signed: voucher, request });
    },
    receive(world, opening, { crash, pick, twist }) {
        // The newest come most often.
        const signed = choose([...world.receipts].reverse(), pick % 4 === 0 ? pick : pick % 4);
        if (!signed) {
            return;
        }
        const before = clientOf(opening);
        const receipt = p.parseReceipt(signed.cell);
        const responseHash = [answerOf(nameOf(receipt.requestHash)), null, answerOf('b')][twist % 3] ?? null;
        const input = { ...signed, responseHash };
        world.ofClient(opening, crash, (state) => p.clientBook.acceptReceipt(state, input));
        const after = clientOf(opening);
        promise(isOf(opening, receipt), 'took a receipt of another opening');
        promise(responseHash === null || responseHash === receipt.responseHash, 'took a receipt of another response');
        if (after.receipt.seq === before.receipt.seq) {
            return;
        }
        const { requestHash } = receipt;
        const request = [...before.abandoned, ...(before.request ? [before.request] : [])].find(
            (known) => known.requestHash === requestHash,
        );
        const cost = after.receipt.amount - before.receipt.amount;
        promise(request !== undefined && cost <= request.maxCost, 'took a receipt of more than was agreed on');
        promise(receipt.modelRoot === MODEL, 'took a receipt of another model');
        promise(after.receipt.seq === before.receipt.seq + 1n && receipt.previous === before.receipt.head, 'a gap');
        promise(before.request?.requestHash !== requestHash || responseHash !== null, 'a receipt without a response');
        opening.receiptedCosts += cost;
        promise(opening.receiptedCosts === after.receipt.amount, 'receipts do not add up');
    },
    abandon(world, opening, { crash }) {
        world.ofClient(opening, crash, p.clientBook.abandon);
    },
    clientClose(world, opening, { crash, size, twist }) {
        const finalAmount = clientOf(opening).receipt.amount + size;
        const validUntil = world.now + (twist % MAX_SECONDS);
        const input = { finalAmount, validUntil, now: world.now, secretKey: client.secretKey };
        const signed = world.ofClient(opening, crash, (state) => p.clientBook.signClose(state, input));
        if (signed) {
            opening.clientAgreedUntil = Math.max(opening.clientAgreedUntil, validUntil);
            world.agreements.push(signed);
        }
    },
    take(world, opening, { crash, pick, size, twist }) {
        const found = choose([...world.vouchers].reverse(), pick % 4 === 0 ? pick : pick % 4);
        if (!found) {
            return;
        }
        const before = providerOf(opening);
        const requestHash = hashOf(world.mispairs && twist % 4 === 0 ? requestNamed(twist) : found.request);
        const input = { ...found.signed, requestHash, cost: size, now: world.now };
        const voucher = world.ofProvider(opening, crash, (state) => p.providerBook.acceptVoucher(state, input));
        if (!voucher) {
            return;
        }
        const newest = p.providerBook.newestReceipt(before);
        promise(isOf(opening, voucher), 'served for a voucher of another opening');
        promise(voucher.amount >= receipted(before) + size, 'served what nobody paid for');
        promise(voucher.receiptHead === (newest ? p.cellHash(newest.cell) : 0n), 'served over a gap');
        promise(before.request === null || before.request.requestHash === requestHash, 'served two for one voucher');
        promise(opening.alive, 'served on a channel that is gone');
        promise(world.now < opening.closesAt - policy.redeemMargin, 'served too late to redeem');
        promise(world.now >= opening.providerAgreedUntil, 'served while a close agreement could be used');
    },
    issue(world, opening, { crash, pick, size, twist }) {
        const { request } = providerOf(opening);
        const requestHash = twist % 6 === 0 || !request ? hashOf(requestNamed(pick)) : request.requestHash;
        const cost = request && size > request.cost && twist % 5 !== 0 ? request.cost : size;
        const input = {
            cost,
            requestHash,
            responseHash: answerOf(nameOf(requestHash)),
            modelRoot: MODEL,
            usage: { prompt: pick, completion: twist },
            secretKey: provider.secretKey,
        };
        const signed = world.ofProvider(opening, crash, (state) => p.providerBook.issueReceipt(state, input));
        if (crash !== 'beforeCommit') {
            opening.issued.push(p.providerBook.newestReceipt(providerOf(opening))!);
            opening.issuedCosts += cost;
            promise(opening.issuedCosts === receipted(providerOf(opening)), 'receipts do not add up');
        }
        if (signed) {
            world.receipts.push(signed);
        }
    },
    resend(world, opening) {
        const newest = p.providerBook.newestReceipt(providerOf(opening));
        if (newest) {
            world.receipts.push(newest);
        }
    },
    release(world, opening, { crash }) {
        world.ofProvider(opening, crash, p.providerBook.releaseRequest);
    },
    providerClose(world, opening, { crash, pick }) {
        const found = choose([...world.agreements].reverse(), pick);
        if (!found) {
            return;
        }
        const before = providerOf(opening);
        const input = { agreement: found.cell, now: world.now, secretKey: provider.secretKey };
        const signed = world.ofProvider(opening, crash, (state) => p.providerBook.signClose(state, input));
        if (signed) {
            const agreement = p.parseCloseAgreement(signed.cell);
            promise(isOf(opening, agreement), 'ended another opening');
            promise(agreement.finalAmount >= (before.voucher?.amount ?? 0n), 'gave a voucher away');
            promise(agreement.validUntil > world.now && agreement.validUntil <= world.now + 600, 'agreed for too long');
            opening.providerAgreedUntil = Math.max(opening.providerAgreedUntil, agreement.validUntil);
            world.agreedByBoth.push({ opening, agreement });
        }
    },
    redeem(_, opening) {
        const state = providerOf(opening);
        const found = p.providerBook.redeemable(state);
        if (found && opening.alive) {
            const { cell, signature } = found.voucher;
            promise(p.verifyVoucher(cell, signature, client.publicKey), 'kept a voucher that nobody signed');
            promise(isOf(opening, p.parseVoucher(cell)), 'kept a voucher of another opening');
            const { amount } = p.parseVoucher(cell);
            const payable = amount < opening.deposit ? amount : opening.deposit;
            opening.claimed = payable > opening.claimed ? payable : opening.claimed;
            promise(opening.claimed >= receipted(state), 'redeemed less than was served');
        }
    },
} satisfies Record<string, Act>;

/** One request from its payment to its receipt, cut short or crashed anywhere. What was cut short before is taken up first. */
export const turn: Act = (world, opening, draw) => {
    const { request } = clientOf(opening);
    if (request && p.providerBook.newestReceipt(providerOf(opening)) && draw.pick % 2 === 0) {
        HONEST.resend(world, opening);
        HONEST.abandon(world, opening, { ...draw, crash: 'never' });
        HONEST.receive(world, opening, { ...draw, crash: 'never', pick: 0, twist: 1 });
        return;
    }
    const again = request ? REQUESTS.findIndex((name) => hashOf(name) === request.requestHash) : draw.pick;
    const size = request?.maxCost ?? draw.size;
    const parts: [Act, Partial<Draw>][] = [
        [HONEST.pay, { pick: again, twist: 1 }],
        [HONEST.take, { pick: 0, twist: 1 }],
        [HONEST.issue, { pick: 0, twist: 1 }],
        [HONEST.receive, { pick: 0, twist: 0 }],
    ];
    const last = Math.min(draw.twist % 8, parts.length - 1);
    parts.slice(0, last + 1).forEach(([act, aimed], index) => {
        act(world, opening, { ...draw, size, ...aimed, crash: index === last ? draw.crash : 'never' });
    });
};
