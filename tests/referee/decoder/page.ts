import { blocks, type Row, rowsOf, textOf } from '../../unit/docs/pages';
import { hex } from '../support';

const EXAMPLES = textOf('docs/engine/examples.md');

/** The part of examples.md under that heading, up to the next heading of the same or a higher level. */
export function section(heading: string): string {
    const lines = EXAMPLES.split('\n');
    const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
    if (from < 0) throw new Error(`examples.md has no heading "${heading}"`);
    const level = lines[from]!.indexOf(' ');
    const length = lines.slice(from + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
    return lines.slice(from, length < 0 ? undefined : from + 1 + length).join('\n');
}

/** All integers of a text, with the minus of the pages. Digits that are part of a word or have a decimal point do not count. */
export function integers(text: string): number[] {
    return [...text.replace(/−/g, '-').matchAll(/(?<![\w.])-?\d+(?![\w.]*\w)/g)].map(([number]) => Number(number));
}

/** Rows of the one table of a section with these titles. */
export function table(heading: string, titles: readonly string[]): Row[] {
    const rows = rowsOf(section(heading), titles);
    if (rows.length === 0) throw new Error(`"${heading}" has no table of ${titles.join(', ')}`);
    return rows;
}

/** Bytes of the hexadecimal listings of a section: lines of an offset and up to 16 bytes. */
export function listings(heading: string): Uint8Array[] {
    return blocks(section(heading), '').map((block) =>
        hex(
            block
                .trim()
                .split('\n')
                .map((line) => line.slice(4))
                .join(''),
        ),
    );
}

/** The first match of a pattern in a section: its group. */
export function quoted(heading: string, pattern: RegExp): string {
    const found = pattern.exec(section(heading));
    if (found?.[1] === undefined) throw new Error(`"${heading}" has no ${pattern}`);
    return found[1];
}
