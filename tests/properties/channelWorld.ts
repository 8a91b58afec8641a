import * as p from '../../protocol';
import { addressOf } from '../unit/wrappers/fixtures';
import { client, keyOf, NOW, policy, provider, SETTLEMENT } from '../unit/protocol/channelsSupport';

// Three openings, two of them of one channel, all under the same keys: every message of one can be replayed to the others. Each
// party is a row of bytes; what it releases goes to pools, from which anything arrives anywhere, any number of times, or never.

const OPENINGS = [
    { channel: addressOf('one channel'), openedLt: 5n },
    { channel: addressOf('one channel'), openedLt: 6n },
    { channel: addressOf('another channel'), openedLt: 5n },
] as const;

/** When a process dies: before its state was committed, or after that and before the output left. */
export type Crash = 'never' | 'beforeCommit' | 'afterCommit';

export interface Opening {
    readonly terms: p.ChannelTerms;
    clientRow: Uint8Array;
    providerRow: Uint8Array;
    /** What the chain has. */
    deposit: bigint;
    claimed: bigint;
    closesAt: number;
    alive: boolean;
    /** What the client agreed to pay at most, and what the receipts that it took say. */
    agreedCosts: bigint;
    receiptedCosts: bigint;
    /** Released by the provider, in order. */
    readonly issued: p.SignedCell[];
    issuedCosts: bigint;
    /** Void from then on. */
    clientAgreedUntil: number;
    providerAgreedUntil: number;
}

/** A broken promise. */
export class BrokenPromise extends Error {}

/** Holds a book to what it promises. */
export function promise(kept: boolean, what: string): void {
    if (!kept) {
        throw new BrokenPromise(what);
    }
}

/** Both books of three openings, what is under way between them, and the chain. */
export class ChannelWorld {
    now = NOW;
    readonly openings: readonly Opening[];
    readonly vouchers: { signed: p.SignedCell; request: string }[] = [];
    readonly receipts: p.SignedCell[] = [];
    readonly agreements: p.SignedCell[] = [];
    /** Signed by both sides, with the opening that each ends. */
    readonly agreedByBoth: { opening: Opening; agreement: p.CloseAgreement }[] = [];

    /**
     * @param claimedBefore - nanoTON
     * @param mispairs - whether a voucher may arrive with another request than it was signed for, which only a channel between
     * the two that is encrypted and authenticated excludes
     */
    constructor(
        claimedBefore: bigint,
        readonly mispairs: boolean,
    ) {
        this.openings = OPENINGS.map((opening) => {
            const terms: p.ChannelTerms = {
                ...opening,
                clientKey: keyOf(client),
                providerKey: keyOf(provider),
                totalDeposited: 1_000n,
                claimed: claimedBefore,
                closesAt: NOW + 10_000,
                closeDelay: 3_600,
            };
            const decision = p.acceptChannel(
                {
                    ...terms,
                    derived: terms.channel,
                    codeHash: 1n,
                    expectedCodeHash: 1n,
                    form: 'full',
                    client: addressOf('client'),
                    settlement: SETTLEMENT,
                    clientChannels: 0,
                    now: NOW,
                },
                policy,
            ) as Extract<p.ChannelDecision, { ok: true }>;
            return {
                terms,
                clientRow: p.encodeClientState(p.clientBook.open(terms)),
                providerRow: p.encodeProviderState(p.providerBook.open(decision.accepted)),
                deposit: terms.totalDeposited,
                claimed: claimedBefore,
                closesAt: terms.closesAt,
                alive: true,
                agreedCosts: claimedBefore,
                receiptedCosts: claimedBefore,
                issued: [],
                issuedCosts: claimedBefore,
                clientAgreedUntil: 0,
                providerAgreedUntil: 0,
            };
        });
    }

    /** One operation of a client's book as its process does it; null if it died before the output left. */
    ofClient<T>(
        opening: Opening,
        crash: Crash,
        operation: (state: p.ClientBookState) => p.BookStep<p.ClientBookState, T>,
    ): T | null {
        const before = p.decodeClientState(opening.clientRow);
        const step = attempt(before, p.encodeClientState, operation);
        if (crash === 'beforeCommit') {
            return null;
        }
        opening.clientRow = p.encodeClientState(step.state);
        const after = p.decodeClientState(opening.clientRow);
        promise(
            after.receipt.seq >= before.receipt.seq &&
                after.receipt.amount >= before.receipt.amount &&
                (after.voucher?.amount ?? 0n) >= (before.voucher?.amount ?? 0n) &&
                after.terms.totalDeposited >= before.terms.totalDeposited &&
                after.terms.claimed >= before.terms.claimed &&
                after.terms.closesAt <= before.terms.closesAt &&
                (after.closeRequested || !before.closeRequested),
            'a client went back',
        );
        return crash === 'afterCommit' ? null : step.output;
    }

    /** The same for a provider's book. */
    ofProvider<T>(
        opening: Opening,
        crash: Crash,
        operation: (state: p.ProviderBookState) => p.BookStep<p.ProviderBookState, T>,
    ): T | null {
        const before = p.decodeProviderState(opening.providerRow);
        const step = attempt(before, p.encodeProviderState, operation);
        if (crash === 'beforeCommit') {
            return null;
        }
        opening.providerRow = p.encodeProviderState(step.state);
        const after = p.decodeProviderState(opening.providerRow);
        const payable = (state: p.ProviderBookState) => state.voucher?.amount ?? 0n;
        promise(
            payable(after) >= payable(before) &&
                (after.receipt?.seq ?? 0n) >= (before.receipt?.seq ?? 0n) &&
                receipted(after) >= receipted(before) &&
                after.terms.totalDeposited >= before.terms.totalDeposited &&
                after.terms.claimed >= before.terms.claimed &&
                after.terms.closesAt <= before.terms.closesAt,
            'a provider went back',
        );
        promise(
            receipted(after) === after.claimedBefore || payable(after) >= receipted(after),
            'receipts without a voucher that pays for them',
        );
        promise(payable(after) <= opening.deposit, 'a voucher that the channel cannot pay');
        return crash === 'afterCommit' ? null : step.output;
    }
}

/** What the receipts of a provider say. */
export const receipted = (state: p.ProviderBookState) => state.receipt?.amount ?? state.claimedBefore;

/** What throws has changed nothing. */
function attempt<S, T>(
    state: S,
    encode: (state: S) => Uint8Array,
    operation: (state: S) => p.BookStep<S, T>,
): p.BookStep<S, T> {
    const before = Buffer.from(encode(state));
    try {
        return operation(state);
    } finally {
        promise(before.equals(encode(state)), 'an operation changed the state that it was given');
    }
}
