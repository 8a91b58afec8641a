import Libsql from 'libsql';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { openStore } from '../../../store';
import { channel, rowWith } from './support';

// A process of its own that commits revisions one after another, and says so when each commit has resolved. Tests kill it, trace
// it, fill its disk, and set it against itself.
// Usage: committer.ts <durable | careless> <file> <commits>

const [mode, path, commits] = process.argv.slice(2) as [string, string, string];

// Written before the call returns: what was said was said, whenever the process dies.
const say = (line: string) => void writeSync(1, `${line}\n`);

async function commitAll(): Promise<void> {
    const { channels } = await openStore(path);
    say('open');
    // Until it may begin: until its input ends.
    await once(process.stdin.resume(), 'end');
    for (let done = 0; done < Number(commits);) {
        const revision = ((await channels.load(channel, 'provider'))?.revision ?? 0) + 1;
        // Here a rival has its chance.
        await new Promise(setImmediate);
        try {
            await channels.commit(rowWith({ revision, state: Buffer.alloc(1_000, revision) }));
            say(`committed ${revision}`);
            done++;
        } catch (error) {
            const { code } = error as { code?: string };
            say(`${code ?? String(error)} ${revision}`);
            if (code !== 'conflict') {
                return;
            }
        }
    }
}

/** What a store without syncs would do: the check of the checks. */
function commitCarelessly(): void {
    const database = new Libsql(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (n)');
    for (let revision = 1; revision <= Number(commits); revision++) {
        database.exec(`BEGIN IMMEDIATE; INSERT INTO t VALUES (${revision}); COMMIT`);
        say(`committed ${revision}`);
    }
}

if (mode === 'careless') {
    commitCarelessly();
} else {
    void commitAll();
}
