import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

const ROOT = path.join(__dirname, '..');

/** Rewrites a page, formatted as the repository's pages are. */
export async function rewrite(page: string, change: (text: string) => string): Promise<void> {
    const file = path.join(ROOT, page);
    const options = { ...(await resolveConfig(file)), filepath: file };
    writeFileSync(file, await format(change(readFileSync(file, 'utf8')), options));
}
