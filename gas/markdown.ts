/** A table of Markdown as the repository formats it; columns whose title begins with `>` are aligned to the right, without it. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const right = titles.map((title) => title.startsWith('>'));
    const head = titles.map((title) => title.replace(/^>/, ''));
    const widths = head.map((title, column) =>
        Math.max(3, ...[title, ...rows.map((row) => row[column]!)].map((cell) => [...cell].length)),
    );
    const line = (cells: readonly string[]) =>
        `| ${cells.map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(' | ')} |`;
    const rule = widths.map((width, column) => (right[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
    return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)];
}

/** A whole number as people read it. */
export const grouped = (value: number): string => value.toLocaleString('en');

/** nanoTON in TON. */
export const inTon = (nano: number, decimals = 4): string => (nano / 1e9).toFixed(decimals);
