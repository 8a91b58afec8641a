import { dirname, join, relative } from 'node:path';
import { filesUnder, source } from './sources';

const ROOT = join(__dirname, '../../..');

function importsOf(file: string): string[] {
    const found = [...source(file).matchAll(/(?:from|import|require\()\s*['"]([^'"]+)['"]/g)].map(([, name]) => name!);
    return found.map((name) =>
        name.startsWith('.') ? relative(ROOT, join(dirname(file), name)).split('/')[0]! : name,
    );
}

// What integrators install: neither a test chain nor build tools may come along.
it('lets wrappers import the core and their own contracts alone', () => {
    const files = filesUnder('wrappers', '.ts');
    expect(files.length).toBeGreaterThan(20);
    const foreign = files.flatMap((file) =>
        importsOf(file)
            .filter((name) => !['@ton/core', '@ton/crypto', 'wrappers', 'build'].includes(name))
            .map((name) => `${relative(ROOT, file)}: ${name}`),
    );
    expect(foreign).toEqual([]);
});

// Nothing points back: contracts → wrappers → protocol → store → worker and client → scripts.
it.each([
    [
        'protocol',
        /^(@ton\/(?!core$|crypto$)|store$|worker$|client$|tests$|build$|scripts$|(node:)?(fs|net|http|https|child_process)\b)/,
    ],
    [
        'store',
        /^(@ton\/(?!core$)|worker$|client$|tests$|build$|scripts$|demo$|(node:)?(net|http|https|child_process)\b)/,
    ],
    ['client', /^(@ton\/(?!core$|crypto$)|tests$|build$|scripts$|demo$)/],
    ['worker', /^(@ton\/(?!core$|crypto$)|client$|tests$|build$|scripts$|demo$)/],
    ['scripts', /^(@ton\/(?!core$|crypto$|blueprint$)|tests$|build$|demo$)/],
])('keeps %s free of everything that builds on it', (folder, forbidden) => {
    const files = filesUnder(folder, '.ts');
    expect(files.length).toBeGreaterThan(5);
    const foreign = files.flatMap((file) =>
        importsOf(file)
            .filter((name) => forbidden.test(name))
            .map((name) => `${relative(ROOT, file)}: ${name}`),
    );
    expect(foreign).toEqual([]);
});

it('exports every file of the wrappers from the index', () => {
    const index = source('wrappers/index.ts');
    const files = filesUnder('wrappers', '.ts').map((file) => relative(join(ROOT, 'wrappers'), file));
    for (const file of files.filter((name) => name !== 'index.ts')) {
        expect(index).toContain(`'./${file.replace(/\.ts$/, '')}'`);
    }
});
