import { filesIn, textOf } from './pages';

/** Folders whose TypeScript the pages speak of. */
export const SOURCE_FOLDERS: readonly string[] = [
    'wrappers',
    'protocol',
    'store',
    'client',
    'worker',
    'scripts',
    'demo',
    'bench',
    'gas',
];

/** Every file of theirs. */
export const typescriptFiles = filesIn(SOURCE_FOLDERS, '.ts').map((path) => ({ path, text: textOf(path) }));

/** A source without its comments. */
export function withoutComments(text: string): string {
    return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

/** `export type NameCode = 'a' | 'b';` of the sources, by `Name`. */
export const codeTypes: ReadonlyMap<string, readonly string[]> = new Map(
    typescriptFiles.flatMap(({ text }) =>
        [...withoutComments(text).matchAll(/^export type (\w+)Code =([^;]+);/gm)].map(
            ([, name, union]): [string, string[]] => [
                name!,
                [...union!.matchAll(/'([^']+)'/g)].map(([, code]) => code!),
            ],
        ),
    ),
);

/** Exported classes with what they extend. */
const parents = new Map(
    typescriptFiles.flatMap(({ text }) =>
        [...text.matchAll(/^export class (\w+) extends (\w+)/gm)].map(([, name, parent]) => [name!, parent!] as const),
    ),
);

/** A class and all that extend it, however far. */
export function familyOf(name: string): string[] {
    const children = [...parents].filter(([, parent]) => parent === name).map(([child]) => child);
    return [name, ...children.flatMap(familyOf)];
}

/** Every exported class of errors. */
export const errorClasses: readonly string[] = familyOf('Error').slice(1);

/**
 * Codes that a method, or a whole file, gives as its own reasons: `{ code: 'a' … }`, also where a condition chooses.
 *
 * @throws Error for a method that is not there
 */
export function reasonsOf(path: string, method?: string): string[] {
    const text = withoutComments(textOf(path));
    const [body] =
        method === undefined
            ? [text]
            : (new RegExp(`^    private async ${method}\\([\\s\\S]*?^    }`, 'm').exec(text) ?? []);
    if (body === undefined) {
        throw new Error(`${path} has no method ${method}`);
    }
    return [...body.matchAll(/\bcode: ([^,}]+)/g)].flatMap(([, expression]) =>
        [...expression!.matchAll(/'([^']+)'/g)].map(([, code]) => code!),
    );
}
