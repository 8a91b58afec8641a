import type { UIProvider } from '@ton/blueprint';
import { Command, CommanderError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { ScriptError } from './errors';
import * as parsers from './parsers';
import { Parser, within } from './parsers';

/** One flag of a script. */
export interface Flag<T> {
    /** What stands in angle brackets; null: the flag alone says it. */
    readonly form: string | null;
    readonly about: string;
    readonly parse: Parser<T>;
    /** What holds where the flag is missing; a flag without it is required. */
    readonly absent?: { readonly value: T };
    /** May be given several times: then the parser gets the list. */
    readonly many?: boolean;
}

/** The flags of a script by their names in camel case. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What the flags hold once they are read. */
export type Values<F> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

function ofForm<T>(form: string, parse: Parser<T>): (about: string) => Flag<T> {
    return (about) => ({ form, about, parse });
}

/** The kinds of flags. */
export const flag = {
    /** nanoTON, written in TON. */
    ton: ofForm('TON', parsers.ton),
    address: ofForm('address', parsers.address),
    whole: ofForm('number', parsers.whole),
    count: ofForm('number', parsers.count),
    bytes32: ofForm('hex', parsers.bytes32),
    signature: ofForm('hex', parsers.signature),
    fmspc: ofForm('hex', parsers.fmspc),
    serial: ofForm('hex', parsers.serial),
    duration: ofForm('duration', parsers.duration),
    moment: ofForm('moment', parsers.moment),
    text: ofForm('text', parsers.text),
    oneOf: <T extends string>(words: readonly T[], about: string): Flag<T> =>
        ofForm(words.join('|'), parsers.oneOf(...words))(about),
    /** A file of JSON. */
    json: <T>(parse: Parser<T>, about: string): Flag<T> =>
        ofForm('file', (path) => within(String(path), () => parse(jsonOf(String(path)))))(about),
    /** A file of bytes. */
    bytes: (about: string): Flag<Buffer> => ofForm('file', (path) => contentOf(String(path)))(about),
    many: <T>(form: string, parse: Parser<T>, about: string): Flag<T[]> => ({
        form,
        about,
        parse: parsers.listOf(parse),
        absent: { value: [] },
        many: true,
    }),
    on: (about: string): Flag<boolean> => ({
        form: null,
        about,
        parse: (value) => value === true,
        absent: { value: false },
    }),
};

/** The same flag, which may be missing. */
export function optional<T>(given: Flag<T>): Flag<T | undefined> {
    return { ...given, absent: { value: undefined } };
}

/** The same flag with a default, which `--help` shows. */
export function byDefault<T>(given: Flag<T>, value: T, shown: string): Flag<T> {
    return { ...given, about: `${given.about} (default: ${shown})`, absent: { value } };
}

/**
 * The bytes of a file that a flag names.
 *
 * @throws ScriptError `bad-argument`
 */
export function contentOf(path: string): Buffer {
    try {
        return readFileSync(path);
    } catch {
        throw new ScriptError('bad-argument', 'cannot be read; pass the path of a file');
    }
}

function jsonOf(path: string): unknown {
    try {
        return JSON.parse(contentOf(path).toString('utf8'));
    } catch (error) {
        throw error instanceof ScriptError ? error : new ScriptError('bad-argument', 'is not JSON');
    }
}

function dashed(name: string): string {
    return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What `--help` says besides the flags. */
export interface Manual {
    name: string;
    about: string;
    example: string;
}

function commandOf(manual: Manual, flags: Flags): Command {
    const command = new Command(manual.name)
        .description(manual.about)
        .usage('[flags]')
        .helpOption('--help', 'Shows this')
        .addHelpText(
            'after',
            `\nExample:\n  npx blueprint run ${manual.name} --testnet -- ${manual.example}`.trimEnd() +
                '\nWhat stands before the two dashes is for Blueprint: network and wallet.',
        )
        .exitOverride();
    for (const [name, { form, about, absent, many }] of Object.entries(flags)) {
        const option = new Option(
            form === null ? dashed(name) : `${dashed(name)} <${form}>`,
            absent ? about : `${about} (required)`,
        );
        command.addOption(
            many ? option.argParser((value, before: string[] | undefined) => [...(before ?? []), value]) : option,
        );
    }
    return command;
}

/** Whether somebody sits at the terminal. */
export function isInteractive(): boolean {
    return Boolean(process.stdin.isTTY && process.stdout.isTTY);
}

/**
 * Reads a script's arguments. At a terminal asks for what is missing; else says which flag to pass.
 *
 * @returns null if only help was wanted, which then was written
 * @throws ScriptError `missing-argument` or `bad-argument`
 */
export async function readFlags<F extends Flags>(
    manual: Manual,
    flags: F,
    args: string[],
    ui: UIProvider,
): Promise<Values<F> | null> {
    const command = commandOf(manual, flags).configureOutput({
        writeOut: (help) => ui.write(help),
        writeErr: () => undefined,
    });
    try {
        command.parse(args, { from: 'user' });
    } catch (error) {
        if (error instanceof CommanderError && error.code === 'commander.helpDisplayed') {
            return null;
        }
        const reason = error instanceof Error ? error.message.replace(/^error: /, '') : String(error);
        throw new ScriptError('bad-argument', `${reason}; --help shows every flag of ${manual.name}`);
    }
    const written = command.opts<Record<string, unknown>>();
    const values: Record<string, unknown> = {};
    for (const [name, given] of Object.entries(flags)) {
        let value = written[name];
        if (value === undefined && !given.absent) {
            if (!isInteractive() || written.json === true) {
                throw new ScriptError(
                    'missing-argument',
                    `${dashed(name)} <${given.form}> is missing: ${given.about}; example: ${manual.example}`,
                );
            }
            value = await ui.input(`${given.about} <${given.form}>`);
        }
        values[name] = value === undefined ? given.absent!.value : within(dashed(name), () => given.parse(value));
    }
    return values as Values<F>;
}
