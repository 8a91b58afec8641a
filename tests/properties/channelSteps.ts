import * as p from '../../protocol';
import { client, hashOf, MODEL, provider } from '../unit/protocol/channelsSupport';
import {
    Act,
    answerOf,
    choose,
    clientOf,
    Draw,
    HONEST,
    isOf,
    MAX_SECONDS,
    nameOf,
    providerOf,
    requestNamed,
    turn,
} from './channelParties';
import { BrokenPromise, ChannelWorld, promise, receipted } from './channelWorld';

/** One thing that happens. */
export interface Step extends Draw {
    readonly kind: StepKind;
}

/** What the chain, time and everybody else do. */
const WORLD = {
    wait(world, _, { twist }) {
        world.now += twist % MAX_SECONDS;
    },
    topUp(_, opening, { size }) {
        opening.deposit += opening.alive ? size : 0n;
    },
    executeClose(world, _, { pick }) {
        const found = choose([...world.agreedByBoth].reverse(), pick);
        if (found) {
            const { opening, agreement } = found;
            const { finalAmount, validUntil } = agreement;
            if (
                opening.alive &&
                world.now < validUntil &&
                opening.claimed <= finalAmount &&
                finalAmount <= opening.deposit
            ) {
                const state = providerOf(opening);
                promise(finalAmount >= receipted(state), 'closed below the receipts');
                promise(finalAmount >= (state.voucher?.amount ?? 0n), 'closed below the voucher');
                opening.alive = false;
            }
        }
    },
    requestClose(world, opening, { crash, twist }) {
        if (twist % 4 === 0) {
            world.ofClient(opening, crash, (state) => p.clientBook.signCloseRequest(state, client));
        }
        opening.closesAt = Math.min(opening.closesAt, world.now + opening.terms.closeDelay);
        // Whoever watches less often than closeDelay loses; that is what minCloseDelay is for.
        const { closesAt, terms } = opening;
        const sighting = { openedLt: terms.openedLt, closesAt };
        world.ofProvider(opening, 'never', (state) => p.providerBook.closesAtMoved(state, sighting));
    },
    finalize(world, opening) {
        opening.alive = opening.alive && world.now < opening.closesAt;
    },
    tell(world, opening, { crash, pick, twist, size }) {
        const { deposit, claimed, closesAt, alive } = opening;
        // Views of another opening, and older ones, come too.
        const openedLt = opening.terms.openedLt + (twist % 7 === 0 ? 1n : 0n);
        const older = twist % 5 === 0 ? size : 0n;
        type Told = <S extends p.ClientBookState | p.ProviderBookState>(state: S) => p.BookStep<S, null>;
        const told: Told | null = (
            [
                (state) => p.clientBook.toppedUp(state, { openedLt, totalDeposited: deposit - older }),
                (state) => p.clientBook.claimedOnChain(state, { openedLt, claimed }),
                (state) => p.clientBook.closesAtMoved(state, { openedLt, closesAt: closesAt + Number(older) }),
                alive ? (state) => p.clientBook.seenAlive(state, { openedLt, at: world.now }) : null,
            ] satisfies (Told | null)[]
        )[pick % 4]!;
        if (told) {
            const before = p.encodeProviderState(providerOf(opening));
            world.ofClient(opening, crash, told);
            world.ofProvider(opening, crash, told);
            const changed = !Buffer.from(before).equals(opening.providerRow);
            promise(openedLt === opening.terms.openedLt || !changed, 'believed a view of another opening');
        }
    },
} satisfies Record<string, Act>;

/** What hostile parties add: anything that their own keys can sign. */
const HOSTILE = {
    forgeVoucher(world, opening, { pick, size, twist }) {
        const newest = p.providerBook.newestReceipt(providerOf(opening));
        const { channel, openedLt } = opening.terms;
        const base = [0n, receipted(providerOf(opening)), opening.deposit][twist % 3]!;
        const receiptHead = newest && pick % 3 !== 0 ? p.cellHash(newest.cell) : BigInt(pick % 2);
        const voucher = { channel, openedLt, amount: base + size, receiptHead };
        world.vouchers.push({ signed: p.signVoucher(voucher, client.secretKey), request: requestNamed(pick) });
    },
    forgeReceipt(world, opening, { pick, size, twist }) {
        const { receipt, request, abandoned, voucher } = clientOf(opening);
        const { channel, openedLt } = opening.terms;
        const requestHash = request?.requestHash ?? abandoned[0]?.requestHash ?? hashOf(requestNamed(pick));
        const forged: p.Receipt = {
            channel,
            openedLt,
            seq: receipt.seq + [1n, 1n, 1n, 0n, 2n][twist % 5]!,
            // All that was ever promised is what pays most.
            amount: twist % 2 === 0 && voucher ? voucher.amount : receipt.amount + size,
            previous: pick % 6 === 0 ? 1n : receipt.head,
            requestHash,
            responseHash: pick % 7 === 0 ? hashOf('rubbish') : answerOf(nameOf(requestHash)),
            modelRoot: pick % 8 === 0 ? hashOf('a cheaper model') : MODEL,
            usage: { prompt: 1, cached: 0, completion: 1, reasoning: 0 },
            traceRoot: null,
        };
        world.receipts.push(p.signReceipt(forged, provider.secretKey));
    },
    forgeAgreement(world, opening, { size, twist }) {
        const { channel, openedLt } = opening.terms;
        const agreement = { channel, openedLt, finalAmount: size, validUntil: world.now + (twist % MAX_SECONDS) };
        world.agreements.push(p.signCloseAgreement(agreement, client.secretKey));
    },
    redeemAny(world, opening, { pick }) {
        const found = choose(world.vouchers, pick);
        if (found && opening.alive && isOf(opening, p.parseVoucher(found.signed.cell))) {
            const { amount } = p.parseVoucher(found.signed.cell);
            const payable = amount < opening.deposit ? amount : opening.deposit;
            opening.claimed = payable > opening.claimed ? payable : opening.claimed;
        }
    },
} satisfies Record<string, Act>;

const ACTS = { turn, ...HONEST, ...WORLD, ...HOSTILE } satisfies Record<string, Act>;

/** Every kind of step. */
export type StepKind = keyof typeof ACTS;
export const HONEST_KINDS = ['turn', ...Object.keys(HONEST), ...Object.keys(WORLD)] as StepKind[];
export const HOSTILE_KINDS = Object.keys(HOSTILE) as StepKind[];

/** Does one step; a refusal is an answer too, and is counted by its code, as success is by the kind of step. */
export function takeStep(world: ChannelWorld, step: Step, seen: Map<string, number>): void {
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    try {
        ACTS[step.kind](world, world.openings[step.at % world.openings.length]!, step);
        count(step.kind);
    } catch (error) {
        if (error instanceof BrokenPromise) {
            throw error;
        }
        const { code } = error as p.ChannelError;
        if (typeof code !== 'string') {
            throw error;
        }
        count(code);
    }
}
