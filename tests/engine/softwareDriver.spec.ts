import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTar } from '../../worker/engine/tar';

const ROOT = join(__dirname, '..', '..');
const PROBE = `
    const { useSoftwareDriver } = require('./worker/engine/softwareDriver');
    const { findNodeGpu } = require('./worker/engine/nodeGpu');
    (async () => {
        if (!(await useSoftwareDriver())) throw new Error('no driver');
        const adapter = await (await findNodeGpu()).requestAdapter();
        process.stdout.write(adapter.info.architecture);
    })();
`;

/** Looks for an adapter in a process of its own, whose cache of the driver lies in a given folder. */
function probe(temporaryFolder: string): Promise<{ code: number | null; output: string; errors: string }> {
    return new Promise((resolve, reject) => {
        const environment = { ...process.env, TMPDIR: temporaryFolder, NODE_OPTIONS: '' };
        const child = spawn(process.execPath, ['--import', 'tsx', '--eval', PROBE], { cwd: ROOT, env: environment });
        let output = '';
        let errors = '';
        child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, output, errors }));
    });
}

// Each probe starts a process of its own.
jest.setTimeout(180_000);

describe('the software driver', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'software-driver-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const cacheOf = (parent: string): string =>
        join(
            parent,
            readdirSync(parent).find((name) => name.startsWith('ton-'))!,
        );

    it('gives an adapter to several processes that unpack it at the same time, and again from its cache', async () => {
        const adapter = { code: 0, output: expect.stringMatching(/./) };
        const first = await Promise.all([probe(folder), probe(folder), probe(folder)]);
        expect(first).toEqual([1, 2, 3].map(() => expect.objectContaining(adapter)));
        // One complete copy stays, and no half-written one.
        expect(readdirSync(cacheOf(folder))).toEqual([expect.stringMatching(/^swiftshader-[0-9a-f]{16}$/)]);
        expect(await probe(folder)).toMatchObject(adapter);
    });

    it('refuses a cache that others can write to', async () => {
        await probe(folder);
        chmodSync(cacheOf(folder), 0o777);
        const { code, errors } = await probe(folder);
        expect(code).not.toBe(0);
        expect(errors).toContain('only this user');
    });
});

describe('readTar', () => {
    it('refuses an archive that ends within a file', () => {
        const header = Buffer.alloc(512);
        header.write('name', 0);
        header.write('00000001000', 124);
        expect(() => readTar(header)).toThrow(RangeError);
        header.write('not a number', 124);
        expect(() => readTar(header)).toThrow(RangeError);
    });

    it('reads nothing from nothing', () => {
        expect(readTar(Buffer.alloc(0)).size).toBe(0);
        expect(readTar(Buffer.alloc(1024)).size).toBe(0);
    });
});
