import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..', '..');

/** Every page that people read, by its path below the repository's root. */
export const PAGES: readonly string[] = [
    'README.md',
    'deployments/README.md',
    ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.md'))
        .sort()
        .map((name) => `docs/${name}`),
];

/** A file's text. */
export function textOf(path: string): string {
    return readFileSync(join(ROOT, path), 'utf8');
}

/** Whether a file or folder is there. */
export function isThere(path: string): boolean {
    return existsSync(join(ROOT, path));
}

/** Files below some folders, by extension. */
export function filesIn(folders: readonly string[], extension: string): string[] {
    return folders.flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
            .filter((name) => name.endsWith(extension))
            .map((name) => join(folder, name)),
    );
}

/** Folders of the repository, without those that git ignores and hidden ones. */
export function folders(): string[] {
    const ignored = new Set(['node_modules', 'build', 'dist', 'coverage', 'temp']);
    return readdirSync(ROOT, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !ignored.has(entry.name))
        .map(({ name }) => name)
        .sort();
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The text without its fenced blocks. */
export function prose(text: string): string {
    return text.replace(FENCE, '');
}

/** The fenced blocks in a language. */
export function blocks(text: string, language: string): string[] {
    return [...text.matchAll(FENCE)].filter(([, found]) => found === language).map(([, , content]) => content!);
}

/** What stands between single backticks, outside fenced blocks. */
export function literals(text: string): string[] {
    return [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, literal]) => literal!);
}

/** Words between backticks in one cell or line. */
export function literalsIn(cell: string): string[] {
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, literal]) => literal!);
}

/** One row of a table, by the titles of its columns. */
export type Row = Readonly<Record<string, string>>;

/** Rows of every table with exactly these titles. */
export function rowsOf(text: string, titles: readonly string[]): Row[] {
    const rows: Row[] = [];
    let columns: string[] | undefined;
    for (const line of prose(text).split('\n')) {
        if (!line.startsWith('|')) {
            columns = undefined;
            continue;
        }
        const cells = line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim());
        if (columns === undefined) {
            columns = cells;
        } else if (!cells.every((cell) => /^:?-+:?$/.test(cell)) && columns.join() === titles.join()) {
            rows.push(Object.fromEntries(columns.map((title, i) => [title, cells[i]!])));
        }
    }
    return rows;
}

/** Anchors of a page as GitHub makes them of its headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
    const seen = new Map<string, number>();
    const anchors = new Set<string>();
    for (const [, heading] of prose(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
        const slug = heading!
            .toLowerCase()
            .replace(/[^\p{L}\p{N}\s_-]/gu, '')
            .replace(/\s/g, '-');
        const count = seen.get(slug) ?? 0;
        seen.set(slug, count + 1);
        anchors.add(count === 0 ? slug : `${slug}-${count}`);
    }
    return anchors;
}

/** Targets of the links of a page that lead into this repository. */
export function localLinks(text: string): string[] {
    return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target));
}

/** One arrow of a sequence diagram. */
export interface Arrow {
    from: string;
    to: string;
    kind: '->>' | '--x' | '-)';
    label: string;
}

/**
 * Arrows of every sequence diagram of a page.
 *
 * @throws Error for a line with an arrow that is not of the three kinds, or between parties that were not introduced
 */
export function arrowsOf(text: string): Arrow[] {
    return blocks(text, 'mermaid')
        .filter((diagram) => diagram.startsWith('sequenceDiagram'))
        .flatMap((diagram) => {
            const parties = new Set([...diagram.matchAll(/^ +(?:actor|participant) (\w+)/gm)].map(([, name]) => name!));
            return diagram
                .split('\n')
                .filter((line) => /^\s*\w+\s*[-<]/.test(line))
                .map((line) => {
                    const match = /^ +(\w+)(->>|--x|-\))(\w+): ([^;#]+)$/.exec(line);
                    if (!match || !parties.has(match[1]!) || !parties.has(match[3]!)) {
                        throw new Error(`Not an arrow between parties of this diagram: ${line.trim()}`);
                    }
                    return { from: match[1]!, to: match[3]!, kind: match[2] as Arrow['kind'], label: match[4]! };
                });
        });
}
