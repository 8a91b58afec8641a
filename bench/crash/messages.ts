import { Prices } from '../../wrappers';

// What the parent and its two children say to each other: plain values that the structured clone carries.

/** Which of the two processes. */
export type Role = 'client' | 'worker';

/** A defect that a child is given on purpose, to see that the checks can fail. */
export type Defect = 'late-commit';

/** Everything that a child needs; it has nothing but this and its file. */
export interface Setup {
    readonly role: Role;
    /** Seeds the child's own choices. */
    readonly seed: number;
    /** Number of this life of the client; the worker answers each line on its own. */
    readonly line: number;
    /** The child's folder. */
    readonly folder: string;
    /** Addresses in raw form. */
    readonly registry: string;
    readonly provider: string;
    readonly till: string;
    readonly client: string;
    readonly operator: string;
    readonly nonce: bigint;
    readonly prices: Prices;
    /** Unix seconds: the chain stands still while processes die. */
    readonly now: number;
    /** 64 bytes: of clientKey or providerKey. */
    readonly secret: Uint8Array;
    /** Stored form of the side's encryption key: the profile's, or that of responses. */
    readonly encryption: Uint8Array;
    readonly defect: Defect | null;
}

/** A question about the chain. Cells are bags of cells, addresses in raw form. */
export type ChainQuestion =
    | { readonly ask: 'state'; readonly address: string }
    | { readonly ask: 'get'; readonly address: string; readonly method: string; readonly args: Uint8Array }
    | {
          readonly ask: 'send';
          readonly to: string;
          readonly value: bigint;
          readonly bounce: boolean;
          readonly body: Uint8Array | null;
          readonly sendMode: number | null;
      };

/** What the parent saw of an account. */
export interface AccountView {
    readonly balance: bigint;
    readonly active: boolean;
    readonly code: Uint8Array | null;
    readonly data: Uint8Array | null;
}

/** What a child tells besides messages for the other side. */
export type ChildEvent =
    | { readonly event: 'paid'; readonly requestHash: bigint; readonly cost: bigint }
    | { readonly event: 'gaveUp'; readonly requestHash: bigint }
    | { readonly event: 'fault'; readonly text: string }
    | { readonly event: 'finished' };

/** From a child to the parent. */
export type FromChild =
    | { readonly kind: 'ready' }
    | { readonly kind: 'bytes'; readonly line: number; readonly bytes: Uint8Array }
    | { readonly kind: 'question'; readonly id: number; readonly question: ChainQuestion }
    | ({ readonly kind: 'event' } & ChildEvent);

/** From the parent to a child. */
export type ToChild =
    | { readonly kind: 'start'; readonly setup: Setup }
    | { readonly kind: 'bytes'; readonly line: number; readonly bytes: Uint8Array }
    | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly error: string | null }
    | { readonly kind: 'finish' };
