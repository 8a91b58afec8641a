import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SCENARIOS } from '../../demo/scenarios';
import { Summary } from '../../demo/summary';

const ROOT = join(__dirname, '..', '..');
/** Five times what the slowest machine known took. */
const LIMIT_MS = 300_000;

interface Run {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

/** The demo as its user runs it, without what CI or a shell has set. */
async function demo(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
    const { CI, COMPUTE_MARKET_NO_GPU, ...inherited } = process.env;
    void [CI, COMPUTE_MARKET_NO_GPU];
    const child = spawn(process.execPath, [require.resolve('tsx/cli'), join('demo', 'index.ts'), ...args], {
        cwd: ROOT,
        env: { ...inherited, NO_COLOR: '1', ...environment },
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const status = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
    });
    return { status, ...output };
}

/** Standard output is one JSON object and nothing else. */
function summaryOf({ stdout }: Run): Summary {
    expect(stdout).toMatch(/^\{.*\}\n$/);
    return JSON.parse(stdout) as Summary;
}

const NANOTON = expect.stringMatching(/^-?\d+$/) as string;

/** By branch: the provider's tier, how the escrow ends, whether the result is the referee's, and who gains. */
const EXPECTED: Record<
    string,
    readonly [tier: string, status: string, equalsReferee: boolean | null, providerGains: boolean]
> = {
    approved: ['Attested', 'settled', true, true],
    silentClient: ['Open', 'settled', true, true],
    lateProvider: ['Attested', 'late', null, false],
    wrongResult: ['Open', 'wrong', false, false],
    rightResult: ['Attested', 'disputeWon', true, true],
    silentArbiter: ['Open', 'arbiterSilent', true, true],
    demandAnswered: ['Attested', 'settled', true, true],
    demandIgnored: ['Open', 'undelivered', null, false],
    cancelled: ['Open', 'cancelled', null, false],
    refusedQuote: ['Attested', 'quoteRefused', null, false],
};

describe('the demo', () => {
    // The channel's thousand requests take longer than all jobs, and no price is in them: once is enough.
    it.each([
        ['default', []],
        ['2026-06', ['--only', ...Object.keys(EXPECTED)]],
    ])(
        'plays every branch on a WebGPU adapter and accounts for every nanoTON, prices %s',
        async (prices, only) => {
            const run = await demo(['--json', '--require-gpu', '--prices', prices, ...only]);
            expect(run).toMatchObject({ status: 0 });
            const summary = summaryOf(run);
            expect(summary).toEqual({
                adapter: expect.stringMatching(/./) as string,
                // Until the test authority's TCB info is due for another.
                attestation: {
                    attestedUntil: Date.UTC(2026, 10, 26) / 1000,
                    openRefusedFor: [expect.stringMatching(/^tier: /), expect.stringMatching(/^quote: /)],
                },
                jobs: SCENARIOS.map(({ branch }) => ({
                    branch,
                    tier: EXPECTED[branch]![0],
                    status: EXPECTED[branch]![1],
                    resultEqualsReferee: EXPECTED[branch]![2],
                    providerDelta: NANOTON,
                    clientDelta: NANOTON,
                })),
                ...(only.length === 0 && {
                    channel: {
                        tier: 'Attested',
                        requests: 1_000,
                        resultsEqualReferee: 1_000,
                        receiptsVerified: 1_000,
                        transactions: 2,
                        cost: '314600000000',
                        providerDelta: NANOTON,
                        clientDelta: NANOTON,
                    },
                }),
                balances: expect.objectContaining({
                    client: NANOTON,
                    'Open owner': NANOTON,
                    treasury: NANOTON,
                }) as unknown,
                fees: NANOTON,
                difference: '0',
                conserved: true,
            });
            expect(summary.jobs.map(({ branch }) => branch).sort()).toEqual(Object.keys(EXPECTED).sort());
            for (const { branch, providerDelta } of summary.jobs) {
                expect([branch, BigInt(providerDelta) > 0n]).toEqual([branch, EXPECTED[branch]![3]]);
            }
            const held = Object.values(summary.balances).reduce((sum, balance) => sum + BigInt(balance), 0n);
            // What the demo gives its eight wallets, in whole TON.
            expect(held + BigInt(summary.fees)).toBe(5_061_000_000_000n);
            expect(run.stderr).toContain(`WebGPU adapter: ${summary.adapter}`);
        },
        LIMIT_MS,
    );

    it.each([
        ['missing', '1', /1 nanoTON are missing/],
        ['too many', '-1', /1 nanoTON came from nowhere/],
    ])(
        'fails for one nanoTON that is %s',
        async (_, lost, complaint) => {
            const run = await demo(['--json', '--only', 'cancelled', '--lose', lost]);
            expect(run.status).toBe(1);
            expect(summaryOf(run)).toMatchObject({ conserved: false, difference: lost });
            expect(run.stderr).toMatch(complaint);
        },
        LIMIT_MS,
    );

    it.each([
        ['--require-gpu', ['--require-gpu'], {}],
        ['CI', [], { CI: 'true' }],
    ])(
        'fails without an adapter when %s asks for one',
        async (_, args, environment) => {
            const run = await demo(args, { ...environment, COMPUTE_MARKET_NO_GPU: '1' });
            expect(run).toMatchObject({ status: 1, stdout: '' });
            expect(run.stderr).toMatch(/No WebGPU adapter/);
        },
        LIMIT_MS,
    );

    it(
        'says loudly that the referee computes where there is no adapter and none is required',
        async () => {
            const run = await demo(['--json', '--only', 'approved'], { COMPUTE_MARKET_NO_GPU: '1' });
            expect(run.status).toBe(0);
            expect(summaryOf(run)).toMatchObject({
                adapter: null,
                jobs: [{ branch: 'approved', status: 'settled', resultEqualsReferee: true }],
                conserved: true,
            });
            expect(run.stderr).toMatch(/!!!!\nThere is no WebGPU adapter/);
            expect(run.stderr).toContain('WebGPU adapter: none');
        },
        LIMIT_MS,
    );

    it(
        'shows people what happens, and helps them',
        async () => {
            const shown = await demo(['--only', 'refusedQuote']);
            expect(shown.status).toBe(0);
            expect(shown.stdout).toMatch(/AcceptQuote \(QUOTE_WINDOW\)/);
            expect(shown.stdout).toMatch(/difference +0/);
            expect(shown.stdout).toMatch(/A TEST AUTHORITY signs here for Intel/);
            expect(shown.stdout).toMatch(/Open: whoever runs its machine can read every input and result/);
            const help = await demo(['--help']);
            expect(help).toMatchObject({ status: 0, stderr: '' });
            for (const option of ['--json', '--require-gpu', '--no-require-gpu', '--prices', '--seed', '--only']) {
                expect(help.stdout).toContain(option);
            }
            expect((await demo(['--seed', 'x'])).status).not.toBe(0);
        },
        LIMIT_MS,
    );
});
