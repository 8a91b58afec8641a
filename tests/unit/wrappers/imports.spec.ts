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

it('keeps the rules free of chains, files, networks and everything that builds on them', () => {
    const forbidden =
        /^(@ton\/(?!core$|crypto$)|worker$|client$|tests$|build$|scripts$|(node:)?(fs|net|http|https|child_process)\b)/;
    const foreign = filesUnder('protocol', '.ts').flatMap((file) =>
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
