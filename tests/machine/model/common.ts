// What the models of the five contracts share.

import type { Cause, Delivery, Id, Message, Send, Signature, Signed, Uint256, Verdict } from './types';

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;
export const YEAR = 365 * DAY;
export const BPS = 10_000n;

/** A cause of a refusal, and whether it holds. */
export type Rule = readonly [holds: boolean, cause: Cause];

/** Refuses with every cause that holds; accepts if none does. */
export function judged(rules: readonly Rule[], accept: () => Verdict): Verdict {
    const causes = [...new Set(rules.filter(([holds]) => holds).map(([, cause]) => cause))];
    return causes.length > 0 ? { outcome: 'refused', causes } : accept();
}

export const IGNORED: Verdict = { outcome: 'ignored' };
export const UNKNOWN: Verdict = { outcome: 'refused', causes: ['UNKNOWN_MESSAGE'] };

/** A value that the state guarantees; its absence is a defect of the model. */
export function present<T>(value: T | null | undefined): T {
    if (value === null || value === undefined) throw new Error('The model lacks what its own state promises.');
    return value;
}

export function least(...amounts: bigint[]): bigint {
    return amounts.reduce((a, b) => (b < a ? b : a));
}

export function most(...amounts: bigint[]): bigint {
    return amounts.reduce((a, b) => (b > a ? b : a));
}

/** `amount` in basis points, rounded down. */
export function share(amount: bigint, bps: number): bigint {
    return (amount * BigInt(bps)) / BPS;
}

/** `amount` in basis points, rounded up. */
export function shareUp(amount: bigint, bps: number): bigint {
    return (amount * BigInt(bps) + BPS - 1n) / BPS;
}

/** A message of an entry handler that does not bounce and brings no StateInit, unless `how` says otherwise. */
export function send(to: Id, message: Message, owed = 0n, how: Partial<Send> = {}): Send {
    return { to, message, owed, bounceable: false, onFailure: 'bounce', deploys: false, ...how };
}

/** What is left, back to whoever brought it (or to `to`): sent last, with errors ignored. */
export function excess(delivery: Delivery, to: Id = delivery.from): Send {
    return send(to, { op: 'Excesses', queryId: delivery.message.queryId }, 0n, { onFailure: 'ignore' });
}

export function sameSigned(a: Signed, b: Signed): boolean {
    const fields = new Map<string, unknown>(Object.entries(b));
    const entries = Object.entries(a);
    return entries.length === fields.size && entries.every(([name, value]) => fields.get(name) === value);
}

/** Whether it is good for `over` under `by`. */
export function signs(signature: Signature, by: Uint256, over: Signed): boolean {
    return signature.by === by && sameSigned(signature.over, over);
}
