import { KeyObject } from 'node:crypto';
import { decodeMessage, WireMessage } from '../../protocol/wire';
import { Role } from './messages';
import { ClientRow, WorkerRow } from './rows';
import { readRequest, unseal } from './sealed';
import { commitment, publicKey, readReceipt, readVoucher, SeenReceipt, signedBy } from './signed';

/** What the checks know of the channel. */
export interface AuditTerms {
    readonly channel: bigint;
    readonly openedLt: bigint;
    readonly clientKey: bigint;
    readonly providerKey: bigint;
    /** The chain's global id. */
    readonly networkId: number;
    /** 32 bytes each: of the keys that requests and responses are sealed to. */
    readonly requestSeed: Buffer;
    readonly responseSeed: Buffer;
    /** nanoTON that a request of so many bytes costs. */
    readonly costOf: (input: Uint8Array) => bigint;
}

interface SeenRequest {
    readonly cost: bigint;
    readonly salt: Uint8Array;
    readonly modelRoot: bigint;
}

/** The journal of what left either process, and what has to be true of it. Every violation is kept. */
export class Audit {
    readonly violations: string[] = [];
    /** Vouchers that left, repetitions included. */
    vouchers = 0;
    /** nanoTON: the greatest amount that left. */
    greatest = 0n;
    /** By number, the first at 0. */
    readonly receipts: SeenReceipt[] = [];
    readonly paid = new Set<bigint>();
    readonly gaveUp = new Set<bigint>();
    /** Kills that found a voucher, or a receipt, kept which had not left. */
    readonly keptOnly: Record<Role, number> = { client: 0, worker: 0 };
    claimed = 0n;
    redemptions = 0;

    private readonly clientKey: KeyObject;
    private readonly providerKey: KeyObject;
    private readonly requests = new Map<bigint, SeenRequest>();
    /** Request by the amount of its voucher. */
    private readonly owners = new Map<bigint, bigint>();
    private readonly served = new Map<bigint, SeenReceipt>();
    /** Number of the newest receipt that a voucher named. */
    private acknowledged = 0n;

    constructor(private readonly terms: AuditTerms) {
        this.clientKey = publicKey(terms.clientKey);
        this.providerKey = publicKey(terms.providerKey);
    }

    /** nanoTON: what the newest receipt that left says. */
    get billed(): bigint {
        return this.receipts.at(-1)?.amount ?? 0n;
    }

    /** Keeps what must never be. */
    require(holds: boolean, violation: string): void {
        if (!holds) {
            this.violations.push(violation);
        }
    }

    /** A message left a process. */
    left(from: Role, bytes: Uint8Array): void {
        const message = decodeMessage(bytes);
        const allowed = from === 'client' ? ['channelOffer', 'paidRequest'] : ANSWERS;
        this.require(allowed.includes(message.kind), `the ${from} said ${message.kind}`);
        if (message.kind === 'paidRequest') {
            this.voucherLeft(message);
        } else if (message.kind === 'paidResponse' || message.kind === 'newestReceipt') {
            this.receiptLeft(message);
        }
    }

    /** The client died, or ended: its file is all that it knows. */
    clientDown(row: ClientRow | null): void {
        const { promised, seq, head } = row ?? { promised: 0n, seq: 0n, head: 0n };
        this.require(promised >= this.greatest, `the client kept ${promised}, but signed for ${this.greatest}`);
        this.require(seq >= this.acknowledged, `the client kept receipt ${seq}, but named ${this.acknowledged}`);
        const known = seq === 0n ? 0n : this.receipts[Number(seq) - 1]?.hash;
        this.require(head === known, `the client kept another receipt ${seq} than the one that left`);
        this.keptOnly.client += promised > this.greatest ? 1 : 0;
    }

    /** The worker died, or ended. */
    workerDown(row: WorkerRow | null): void {
        const newest = this.receipts.at(-1);
        const seq = newest?.seq ?? 0n;
        const kept = row?.receipt ?? null;
        const keptSeq = kept?.seq ?? 0n;
        this.require(keptSeq >= seq && keptSeq <= seq + 1n, `the worker kept receipt ${keptSeq}, and ${seq} had left`);
        if (keptSeq === seq) {
            this.require(kept?.hash === newest?.hash, `the worker kept another receipt ${seq} than the one that left`);
        } else if (kept && keptSeq === seq + 1n) {
            this.follows(kept, newest);
            this.keptOnly.worker += 1;
        }
        const { amount } = row?.voucher ?? { amount: 0n };
        this.require(amount <= this.greatest, `the worker kept a voucher of ${amount} that never left the client`);
        this.require(amount >= (kept?.amount ?? 0n), 'the worker kept a receipt above its voucher');
    }

    /** What the chain says after a redemption. */
    redeemed(claimed: bigint): void {
        this.require(claimed > this.claimed, `a redemption brought ${claimed} after ${this.claimed}`);
        this.require(claimed <= this.greatest, `${claimed} were redeemed, but ${this.greatest} signed for`);
        this.claimed = claimed;
        this.redemptions += 1;
    }

    /** Nothing is under way any more. */
    settled(): void {
        for (const requestHash of this.paid) {
            this.require(this.served.has(requestHash), 'a request was paid without a receipt');
        }
        const costs = [...this.served.keys()].reduce((sum, hash) => sum + (this.requests.get(hash)?.cost ?? 0n), 0n);
        this.require(this.billed === costs, `receipts say ${this.billed}, the requests served cost ${costs}`);
    }

    private voucherLeft({ seq, modelRoot, sealedInput, voucher }: Extract<WireMessage, { kind: 'paidRequest' }>): void {
        this.vouchers += 1;
        const { amount, receiptHead, ...opening } = readVoucher(voucher.cell);
        const { channel, openedLt, networkId, requestSeed } = this.terms;
        const place = { networkId, channel, openedLt, seq, modelRoot };
        const payload = unseal('request', requestSeed, place, Buffer.from(sealedInput));
        if (!payload) {
            return this.require(false, `a request left that is not sealed for number ${seq}`);
        }
        const { salt, input } = readRequest(payload);
        const requestHash = commitment('input', salt, input);
        this.here(opening, 'a voucher');
        this.require(signedBy(this.clientKey, voucher.cell, voucher.signature), 'a voucher with a bad signature left');
        this.require(amount >= this.greatest, `a voucher of ${amount} left after one of ${this.greatest}`);
        const cost = this.terms.costOf(input);
        const owner = this.owners.get(amount);
        // What a request that was given up left over pays for later ones; their receipts say how much of it is gone.
        const covered = owner !== undefined && this.served.has(owner) && this.billed + cost <= amount;
        const free = owner === undefined || owner === requestHash || this.gaveUp.has(owner) || covered;
        this.require(free, `two requests left with one voucher of ${amount}`);
        const named = receiptHead === 0n ? 0n : this.receipts.find(({ hash }) => hash === receiptHead)?.seq;
        this.require(named !== undefined, 'a voucher names a receipt that never left');
        this.require(named === undefined || named >= this.acknowledged, 'a voucher names an older receipt');
        this.acknowledged = named !== undefined && named > this.acknowledged ? named : this.acknowledged;
        this.greatest = amount > this.greatest ? amount : this.greatest;
        this.owners.set(amount, requestHash);
        this.requests.set(requestHash, { cost, salt, modelRoot });
    }

    private receiptLeft(message: Extract<WireMessage, { kind: 'paidResponse' | 'newestReceipt' }>): void {
        const { cell, signature } = message.receipt;
        const receipt = readReceipt(cell);
        this.here(receipt, 'a receipt');
        this.require(signedBy(this.providerKey, cell, signature), 'a receipt with a bad signature left');
        const known = this.receipts[Number(receipt.seq) - 1];
        if (known) {
            this.require(known.hash === receipt.hash, `two receipts ${receipt.seq} left`);
        } else {
            this.follows(receipt, this.receipts.at(-1));
            this.receipts.push(receipt);
            this.served.set(receipt.requestHash, receipt);
        }
        const request = this.requests.get(receipt.requestHash);
        if (message.kind === 'paidResponse' && request) {
            const { channel, openedLt, networkId, responseSeed } = this.terms;
            const output = [receipt.seq, receipt.seq + 1n]
                .map((seq) => ({ networkId, channel, openedLt, seq, modelRoot: request.modelRoot }))
                .map((place) => unseal('response', responseSeed, place, Buffer.from(message.sealedOutput)))
                .find((opened) => opened !== null);
            const digest = output && commitment('result', request.salt, output);
            this.require(digest === receipt.responseHash, `receipt ${receipt.seq} is for another response`);
        }
    }

    /** A receipt that is the next one. */
    private follows(receipt: SeenReceipt, last: SeenReceipt | undefined): void {
        const { seq, amount, previous, requestHash } = receipt;
        this.require(seq === (last?.seq ?? 0n) + 1n, `receipt ${seq} came after ${last?.seq ?? 0n}`);
        this.require(previous === (last?.hash ?? 0n), `receipt ${seq} does not follow from the one before it`);
        this.require(!this.served.has(requestHash), `receipt ${seq} counts a request twice`);
        const cost = this.requests.get(requestHash)?.cost;
        this.require(cost !== undefined, `receipt ${seq} is for a request that never left`);
        this.require(
            amount - (last?.amount ?? 0n) === cost,
            `receipt ${seq} adds another amount than the request cost`,
        );
        this.require(amount <= this.greatest, `receipt ${seq} says more than was signed for`);
    }

    private here({ channel, openedLt }: { channel: bigint; openedLt: bigint }, what: string): void {
        const { terms } = this;
        this.require(channel === terms.channel && openedLt === terms.openedLt, `${what} of another channel left`);
    }
}

const ANSWERS: readonly string[] = ['channelAccepted', 'paidResponse', 'newestReceipt', 'refusal'];
