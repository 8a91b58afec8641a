import { Address, toNano } from '@ton/core';
import { ScriptError } from './errors';

/** Reads a value from a flag's text or from JSON. Throws a {@link ScriptError} `bad-argument`. */
export type Parser<T> = (value: unknown) => T;

/** What a record of parsers reads. */
export type Parsed<P> = { [K in keyof P]: P[K] extends Parser<infer T> ? T : never };

function refuse(value: unknown, wanted: string): never {
    throw new ScriptError('bad-argument', `${JSON.stringify(value) ?? 'nothing'} is not ${wanted}`);
}

function textOf(value: unknown, wanted: string): string {
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : refuse(value, wanted);
}

/** Text as it stands. */
export const text: Parser<string> = (value) => textOf(value, 'text');

/** An amount in TON, such as 12.5; the result is in nanoTON. */
export const ton: Parser<bigint> = (value) => {
    const wanted = 'an amount in TON such as 12.5';
    const amount = textOf(value, wanted);
    return /^\d+(\.\d{1,9})?$/.test(amount) ? toNano(amount) : refuse(value, wanted);
};

/** A whole number, zero or more. */
export const whole: Parser<bigint> = (value) => {
    const digits = textOf(value, 'a whole number');
    return /^(\d+|0x[0-9a-f]+)$/i.test(digits) ? BigInt(digits) : refuse(value, 'a whole number');
};

/** A whole number that is no amount: basis points, slots. */
export const count: Parser<number> = (value) => {
    const number = Number(whole(value));
    return Number.isSafeInteger(number) ? number : refuse(value, 'a whole number of this size');
};

/** An address in any of its written forms. */
export const address: Parser<Address> = (value) => {
    try {
        return Address.parse(textOf(value, 'an address'));
    } catch {
        return refuse(value, 'an address');
    }
};

/** 32 bytes in hexadecimal, with or without 0x: keys, roots, commitments. */
export const bytes32: Parser<bigint> = (value) => {
    const wanted = '32 bytes as 64 hexadecimal digits';
    const digits = textOf(value, wanted).replace(/^0x/i, '');
    return /^[0-9a-f]{64}$/i.test(digits) ? BigInt(`0x${digits}`) : refuse(value, wanted);
};

/** 64 bytes in hexadecimal: signatures. */
export const signature: Parser<Buffer> = (value) => {
    const wanted = '64 bytes as 128 hexadecimal digits';
    const digits = textOf(value, wanted).replace(/^0x/i, '');
    return /^[0-9a-f]{128}$/i.test(digits) ? Buffer.from(digits, 'hex') : refuse(value, wanted);
};

/** A kind of platform, 6 bytes in hexadecimal: Intel's FMSPC. */
export const fmspc: Parser<bigint> = (value) => {
    const wanted = 'an FMSPC as 12 hexadecimal digits';
    const digits = textOf(value, wanted);
    return /^[0-9a-f]{12}$/i.test(digits) ? BigInt(`0x${digits}`) : refuse(value, wanted);
};

/** A certificate's serial number in hexadecimal, at most 20 bytes, with or without 0x, and colons between the bytes. */
export const serial: Parser<bigint> = (value) => {
    const wanted = 'a serial number as at most 40 hexadecimal digits';
    const digits = textOf(value, wanted).replace(/^0x/i, '').replaceAll(':', '');
    return /^[0-9a-f]{1,40}$/i.test(digits) ? BigInt(`0x${digits}`) : refuse(value, wanted);
};

const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 };

/** A duration such as 90s, 30m, 12h or 14d; without a unit: seconds. */
export const duration: Parser<number> = (value) => {
    const wanted = 'a duration such as 90s, 30m, 12h or 14d';
    const [, number, unit] = /^(\d+)([smhd]?)$/.exec(textOf(value, wanted)) ?? refuse(value, wanted);
    return Number(number) * UNIT_SECONDS[unit!]!;
};

/** A moment: unix seconds, or a date such as 2026-12-31T12:00:00Z. */
export const moment: Parser<number> = (value) => {
    const wanted = 'a moment: unix seconds, or a date such as 2026-12-31T12:00:00Z';
    const written = textOf(value, wanted);
    const seconds = /^\d+$/.test(written) ? Number(written) : Date.parse(written) / 1000;
    return Number.isSafeInteger(seconds) ? seconds : refuse(value, wanted);
};

/** One of these words. */
export function oneOf<T extends string>(...words: T[]): Parser<T> {
    return (value) => words.find((word) => word === value) ?? refuse(value, `one of ${words.join(', ')}`);
}

/** The same, or this value where nothing is written. */
export function orElse<T, D>(parse: Parser<T>, fallback: D): Parser<T | D> {
    return (value) => (value === undefined ? fallback : parse(value));
}

/** A list of the same. */
export function listOf<T>(parse: Parser<T>): Parser<T[]> {
    return (value) =>
        Array.isArray(value) ? value.map((item, i) => within(`[${i}]`, () => parse(item))) : refuse(value, 'a list');
}

/** An object of the same under any names. */
export function record<T>(parse: Parser<T>): Parser<Record<string, T>> {
    return (value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, within(name, () => parse(item))]))
            : refuse(value, 'an object');
}

/** An object with exactly these fields. */
export function shape<P extends Record<string, Parser<unknown>>>(fields: P): Parser<Parsed<P>> {
    return (value) => {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
            return refuse(value, 'an object');
        }
        const unknown = Object.keys(value).find((name) => !(name in fields));
        if (unknown !== undefined) {
            throw new ScriptError(
                'bad-argument',
                `${unknown} is no field here; there are ${Object.keys(fields).join(', ')}`,
            );
        }
        return Object.fromEntries(
            Object.entries(fields).map(([name, parse]) => [
                name,
                within(name, () => parse((value as Record<string, unknown>)[name])),
            ]),
        ) as Parsed<P>;
    };
}

/** Puts a place before the message of what is thrown there. */
export function within<T>(place: string, parse: () => T): T {
    try {
        return parse();
    } catch (error) {
        if (error instanceof ScriptError && error.code === 'bad-argument') {
            throw new ScriptError('bad-argument', `${place}: ${error.message}`);
        }
        throw error;
    }
}
