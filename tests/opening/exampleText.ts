import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/engine/examples.md. */
export const TEXT = readFileSync(join(__dirname, '../../docs/engine/examples.md'), 'utf8');

/** The salt of its commitments: 00 01 02 … 1f. */
export const SALT = Buffer.from(Array.from({ length: 32 }, (_, i) => i));

/** Hexadecimal numbers of 32 bytes or more in the one row of a table that begins so. */
export function hexadecimals(begin: string): string[] {
    const [row, ...others] = TEXT.split('\n').filter((line) => line.startsWith(begin));
    if (row === undefined || others.length > 0) {
        throw new Error(`Not one row of examples.md begins with '${begin}'`);
    }
    return [...row.matchAll(/`([0-9a-f]{64,})`/g)].map(([, digits]) => digits!);
}

/** Outputs of the operators of position 0, in order. */
export function outputsOfPosition0(): number[][] {
    return [...TEXT.matchAll(/^\| +(\d+) \| `\[([−\d, ]+)\]` +\|$/gm)].map(([, operator, values], i) => {
        if (Number(operator) !== i) {
            throw new Error(`Operator ${i} is missing in examples.md`);
        }
        return values!.split(', ').map((value) => Number(value.replace('−', '-')));
    });
}
