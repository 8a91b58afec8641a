import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

export function filesUnder(folder: string, extension: string): string[] {
    return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(extension))
        .map((name) => join(ROOT, folder, name));
}

export function source(path: string): string {
    return readFileSync(path.startsWith('/') ? path : join(ROOT, path), 'utf8');
}

/** `const NAME: Int = 123;` of a Tact file. */
export function constantsOf(path: string): Record<string, bigint> {
    const found = [...source(path).matchAll(/^const (\w+): Int = (0x[0-9a-fA-F]+|\d+);/gm)];
    return Object.fromEntries(found.map(([, name, value]) => [name!, BigInt(value!)]));
}
