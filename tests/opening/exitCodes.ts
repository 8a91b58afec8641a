import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = readFileSync(join(__dirname, '../contracts/opening/errors.tact'), 'utf8');

/** Exit codes of tests/contracts/opening, by what follows `ERROR_OPENING_`. */
export const EXIT: Readonly<Record<string, number>> = Object.fromEntries(
    [...SOURCE.matchAll(/^const ERROR_OPENING_(\w+): Int = (0x\w+);/gm)].map(([, name, code]) => [name, Number(code)]),
);

/** An exit code's name; the number of another one. */
export function nameOf(exitCode: number): string {
    return exitCode === 0 ? 'accepted' : (Object.keys(EXIT).find((name) => EXIT[name] === exitCode) ?? `${exitCode}`);
}
