import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../store';
import { channel, inFolder } from './support';

const COMMITTER = join(__dirname, 'committer.ts');
const ROOT = join(__dirname, '..', '..', '..');

// Each of these starts processes of its own.
jest.setTimeout(120_000);

interface Child {
    readonly process: ChildProcess;
    readonly ended: Promise<{ signal: NodeJS.Signals | null; lines: string[] }>;
    /** Resolves when it has said that line. */
    said(line: string): Promise<void>;
    /** Lets it begin. */
    begin(): void;
}

/** Starts a committer, behind another command if one is given. */
function start(prefix: readonly string[], ...args: readonly string[]): Child {
    const [command, ...rest] = [...prefix, process.execPath, '--import', 'tsx', COMMITTER, ...args];
    const child = spawn(command!, rest, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '' } });
    let output = '';
    const waiting = new Map<string, () => void>();
    child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        waiting.forEach((resolve, line) => output.includes(`${line}\n`) && resolve());
    });
    child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    return {
        process: child,
        ended: new Promise((resolve, reject) => {
            child.on('error', reject);
            child.on('close', (_, signal) => resolve({ signal, lines: output.split('\n').filter(Boolean) }));
        }),
        said: (line) =>
            output.includes(`${line}\n`)
                ? Promise.resolve()
                : new Promise((resolve) => void waiting.set(line, () => resolve())),
        begin: () => void child.stdin.end(),
    };
}

const committedIn = (lines: readonly string[]) =>
    lines.flatMap((line) => /^committed (\d+)$/.exec(line)?.[1] ?? []).map(Number);

/** Starts a committer alone, and sees it through. */
async function runAlone(prefix: readonly string[], ...args: readonly string[]): Promise<string[]> {
    const child = start(prefix, ...args);
    child.begin();
    return (await child.ended).lines;
}

async function storedRevision(path: string): Promise<number> {
    const store = await openStore(path);
    const row = await store.channels.load(channel, 'provider');
    await store.close();
    // A row is whole: its bytes are of its own revision.
    expect(new Set(row?.state)).toEqual(new Set(row ? [row.revision % 256] : []));
    return row?.revision ?? 0;
}

it('a process that is killed has what it said it had, and at most one commit more', () =>
    inFolder(async (folder) => {
        const path = join(folder, 'store.db');
        let before = 0;
        for (const wait of [10, 35, 60]) {
            const child = start([], 'durable', path, '1000000');
            child.begin();
            await child.said(`committed ${before + 1}`);
            await new Promise((resolve) => setTimeout(resolve, wait));
            child.process.kill('SIGKILL');
            const { signal, lines } = await child.ended;
            expect(signal).toBe('SIGKILL');
            const said = committedIn(lines).at(-1)!;
            const stored = await storedRevision(path);
            expect([said, said + 1]).toContain(stored);
            before = stored;
        }
    }));

it('processes that share a file never commit the same revision', () =>
    inFolder(async (folder) => {
        const path = join(folder, 'store.db');
        const children = [1, 2, 3].map(() => start([], 'durable', path, '60'));
        await Promise.all(children.map(({ said }) => said('open')));
        children.forEach(({ begin }) => begin());
        const ends = await Promise.all(children.map(({ ended }) => ended));
        const revisions = ends.flatMap(({ lines }) => committedIn(lines));
        expect(revisions).toHaveLength(180);
        expect(new Set(revisions).size).toBe(180);
        expect(await storedRevision(path)).toBe(180);
        // They did get in each other's way, and nothing but that.
        const others = ends.flatMap(({ lines }) => lines.filter((line) => !/^(open|committed \d+)$/.test(line)));
        expect(others.length).toBeGreaterThan(0);
        expect(others.filter((line) => !line.startsWith('conflict '))).toEqual([]);
    }));

it('a full disk is said to be one, and costs nothing that was committed', () =>
    inFolder(async (folder) => {
        const path = join(folder, 'store.db');
        // No file may grow beyond 256 KiB.
        const limited = ['/bin/bash', '-c', 'ulimit -f 256; trap "" XFSZ; exec "$0" "$@"'];
        const lines = await runAlone(limited, 'durable', path, '1000');
        const committed = committedIn(lines);
        expect(committed.length).toBeGreaterThan(10);
        expect(lines.at(-1)).toBe(`io ${committed.length + 1}`);
        expect(await storedRevision(path)).toBe(committed.length);
    }));

// SIGKILL leaves the page cache alone, so it says nothing about power cuts. What does is the order of system calls: the log is
// written, then synced, and only then is the commit reported.
describe('what reaches the device', () => {
    const unusable = whyNoStrace();
    const traced = unusable === undefined ? it : it.skip;
    if (unusable !== undefined) {
        process.stderr.write(`Skipped: syncs are not traced here, ${unusable}\n`);
    }

    it('can be traced, or it says why not', () => expect(unusable ?? '').not.toBe('unknown'));

    async function traceOf(mode: string, folder: string): Promise<string> {
        const trace = join(folder, 'trace');
        const strace = ['strace', '-f', '-y', '-s', '40', '-e', 'trace=fsync,fdatasync,pwrite64,write', '-o', trace];
        const lines = await runAlone(strace, mode, join(folder, 'store.db'), '5');
        expect(committedIn(lines)).toEqual([1, 2, 3, 4, 5]);
        return readFileSync(trace, 'utf8');
    }

    traced('a commit is on it before it is reported', () =>
        inFolder(async (folder) => expect(unsynced(await traceOf('durable', folder))).toEqual([])),
    );

    traced('a store that does not sync would be found out', () =>
        inFolder(async (folder) => {
            // Opening the log syncs its first frames.
            expect(unsynced(await traceOf('careless', folder))).toEqual(expect.arrayContaining([2, 3, 4, 5]));
        }),
    );
});

/** Commits that were reported while bytes of the log were not synced, or without any. */
function unsynced(trace: string): number[] {
    const found: number[] = [];
    let written = 0;
    let dirty = false;
    for (const line of wholeCalls(trace)) {
        const reported = /write\(.*"committed (\d+)\\n"/.exec(line)?.[1];
        if (/pwrite64\(\d+<[^>]*-wal>/.test(line)) {
            written++;
            dirty = true;
        } else if (/f(data)?sync\(\d+<[^>]*-wal>\)\s+= 0/.test(line)) {
            dirty = false;
        } else if (reported !== undefined) {
            if (dirty || written === 0) {
                found.push(Number(reported));
            }
            written = 0;
        }
    }
    return found;
}

/** The calls of a trace in the order of their ends, those that another thread interrupted made whole. */
function wholeCalls(trace: string): string[] {
    const begun = new Map<string, string>();
    return trace.split('\n').flatMap((line) => {
        const pid = line.slice(0, line.indexOf(' '));
        const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(line)?.[1];
        if (unfinished !== undefined) {
            begun.set(pid, unfinished);
            return [];
        }
        const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1];
        return [resumed === undefined ? line : `${begun.get(pid) ?? ''}${resumed}`];
    });
}

function whyNoStrace(): string | undefined {
    const { error, status, stderr } = spawnSync('strace', ['-e', 'trace=fsync', '-o', '/dev/null', 'true']);
    return error ? error.message : status === 0 ? undefined : stderr.toString().trim() || 'unknown';
}
