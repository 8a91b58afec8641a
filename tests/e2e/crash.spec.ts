import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CrashResult } from '../../bench/crash/result';

const ROOT = join(__dirname, '..', '..');
/** Five times what the slowest machine known took. */
const LIMIT_MS = 300_000;

/** The command as its user runs it. */
async function crash(...args: string[]): Promise<{ status: number | null; result: CrashResult }> {
    const child = spawn(process.execPath, [require.resolve('tsx/cli'), join('bench', 'crash.ts'), '--json', ...args], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const status = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
    });
    return { status, result: JSON.parse(output) as CrashResult };
}

describe('a channel whose processes are killed', () => {
    it(
        'keeps everything that left either of them',
        async () => {
            const { status, result } = await crash('--kills', '6', '--seed', '1');
            expect(result.details).toEqual([]);
            expect([status, result.violations, result.kills.client + result.kills.worker]).toEqual([0, 0, 6]);
            expect(result.requestsPaid).toBeGreaterThan(5);
            expect(result.receipts).toBeGreaterThanOrEqual(result.requestsPaid);
            expect(result.redemptions).toBeGreaterThan(0);
        },
        LIMIT_MS,
    );

    it(
        'is caught forgetting when its stores acknowledge what is not yet durable',
        async () => {
            const { status, result } = await crash('--kills', '12', '--seed', '1', '--defect', 'late-commit');
            expect(status).toBe(1);
            expect(result.details).toContainEqual(expect.stringMatching(/^the (client|worker) kept/));
        },
        LIMIT_MS,
    );
});
