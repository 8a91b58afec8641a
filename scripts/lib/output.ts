import { Address, Cell, fromNano } from '@ton/core';

/** A value with the words that people read for it; JSON gets the value. */
export class Shown {
    constructor(
        readonly value: unknown,
        readonly words: string,
    ) {}
}

/** nanoTON, shown in TON. */
export const inTon = (amount: bigint) => new Shown(amount, `${fromNano(amount)} TON`);

/** Unix seconds, shown as a date; 0 is never. */
export const asDate = (seconds: number) =>
    new Shown(seconds, seconds === 0 ? '–' : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);

/** Basis points, shown in percent. */
export const inPercent = (bps: number) => new Shown(bps, `${bps / 100} %`);

/** A 256-bit value, shown in hexadecimal both ways. */
export const asHex = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;

/** Seconds, shown in days, hours and minutes. */
export function asDuration(seconds: number): Shown {
    const parts = [
        [Math.floor(seconds / 86400), 'd'],
        [Math.floor(seconds / 3600) % 24, 'h'],
        [Math.floor(seconds / 60) % 60, 'min'],
        [seconds % 60, 's'],
    ] as const;
    const words = parts.flatMap(([number, unit]) => (number ? [`${number} ${unit}`] : [])).join(' ');
    return new Shown(seconds, words || '0 s');
}

/** Several values, shown in one line. */
export const inLine = (values: readonly (string | number)[], between = ', ') =>
    new Shown(values, values.join(between) || '–');

/** What JSON holds of a value: amounts and other large numbers as decimal text. */
export function plain(value: unknown): unknown {
    if (value instanceof Shown) {
        return plain(value.value);
    }
    if (typeof value === 'bigint') {
        return value.toString();
    }
    if (Address.isAddress(value)) {
        return value.toString();
    }
    if (value instanceof Cell) {
        return value.toBoc().toString('base64');
    }
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (typeof value === 'object' && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
    }
    return value;
}

function wordsOf(value: unknown): string {
    if (value instanceof Shown) {
        return value.words;
    }
    return value === null || value === undefined || value === '' ? '–' : String(value);
}

function isGroup(value: unknown): value is object {
    return typeof value === 'object' && value !== null && !(value instanceof Shown) && !Address.isAddress(value);
}

/** Aligned lines: groups are indented, each group's values stand in one column. */
export function table(group: object, indent = ''): string {
    const entries = Object.entries(group);
    const width = Math.max(0, ...entries.filter(([, value]) => !isGroup(value)).map(([key]) => key.length));
    return entries
        .map(([key, value]) => {
            if (!isGroup(value)) {
                return `${indent}${key.padEnd(width)}  ${wordsOf(value)}`;
            }
            const inner = table(value, `${indent}  `);
            return inner === '' ? `${indent}${key}: –` : `${indent}${key}\n${inner}`;
        })
        .join('\n');
}
