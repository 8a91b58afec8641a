import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';

// Does the machine find what it is there for? Each defect is planted in a copy of the project, alone; the copy is built, the short tier
// runs there, and has to fail. The copy is removed, and the project itself is never touched.

interface Defect {
    readonly name: string;
    readonly file: string;
    /** The receiver that it is in; without one, it may be anywhere in the file. */
    readonly receiver?: string;
    /** Stands there exactly once. */
    readonly sound: string | RegExp;
    readonly planted: string;
}

const STAKE = 'contracts/staking/provider_stake.tact';
const ESCROW = 'contracts/escrow/job_escrow.tact';

const DEFECTS: readonly Defect[] = [
    {
        name: 'no bounce handler for JobAccepted',
        file: STAKE,
        sound: / {4}bounced\(msg: bounced<JobAccepted>\) \{[\s\S]*?\n {4}\}\n/,
        planted: '',
    },
    {
        name: 'release accepted from any sender',
        file: STAKE,
        receiver: 'ReleaseCollateral',
        sound: 'let removal = takeLock(self.locks, msg.slot, sender(), msg.queryId);',
        planted:
            'let lock = dictGet8(msg.slot, self.locks);' +
            'let escrow = lock.found ? Lock.fromSlice(lock.value!!).escrow : sender();' +
            'let removal = takeLock(self.locks, msg.slot, escrow, msg.queryId);',
    },
    {
        name: 'voucher without openedLt',
        file: 'contracts/channel/payment_channel.tact',
        receiver: 'Redeem',
        sound: 'throwUnless(ERROR_SIGNED_FOR_ANOTHER, voucher.loadUint(64) == terms.loadUint(64));',
        planted: 'voucher.skipBits(64); terms.skipBits(64);',
    },
    {
        name: 'a window boundary off by one',
        file: ESCROW,
        receiver: 'FinalizeJob',
        sound: 'now() >= job.loadUint(32)',
        planted: 'now() > job.loadUint(32)',
    },
    {
        name: 'a reserve omitted',
        file: ESCROW,
        receiver: 'DemandResult',
        sound: 'keepAndReturnExcess(bond, sender(), msg.queryId);',
        planted: 'returnExcess(sender(), msg.queryId);',
    },
    {
        name: 'allowance not enforced on quotes',
        file: STAKE,
        receiver: 'AcceptQuote',
        sound: /throwUnless\(ERROR_ALLOWANCE_EXCEEDED, [^;]*;/,
        planted: 'let _ = config.loadUint(64);',
    },
    {
        name: 'Settle trusting its amount',
        file: 'contracts/settlement/payout_settlement.tact',
        receiver: 'Settle',
        sound: 'let base = max(0, min(msg.amount, surplus));',
        planted: 'let base = msg.amount;',
    },
    {
        name: 'lockUntil not checked',
        file: ESCROW,
        receiver: 'JobAccepted',
        sound: /throwUnless\(ERROR_LOCK_UNTIL_MISMATCH, [^;]*\);/,
        planted: '',
    },
];

const ROOT = path.join(__dirname, '..', '..');
const LEFT_OUT = new Set(['node_modules', 'build', '.git', 'coverage', 'temp']);

function plant(folder: string, { name, file, receiver, sound, planted }: Defect): void {
    const target = path.join(folder, file);
    const text = readFileSync(target, 'utf8');
    const begin = receiver === undefined ? 0 : text.indexOf(`\n    receive(msg: ${receiver}) {\n`);
    const end = receiver === undefined ? text.length : text.indexOf('\n    }\n', begin);
    const part = begin < 0 ? '' : text.slice(begin, end);
    const places = part.split(sound).length - 1;
    if (places !== 1) {
        const place = receiver === undefined ? file : `${receiver} of ${file}`;
        throw new Error(`${name}: what it replaces stands ${places} times in ${place}`);
    }
    writeFileSync(target, text.slice(0, begin) + part.replace(sound, () => planted) + text.slice(end));
}

async function run(
    folder: string,
    command: string,
    args: readonly string[],
): Promise<{ code: number; output: string }> {
    return await new Promise((resolve, reject) => {
        const child = spawn(path.join(folder, 'node_modules', '.bin', command), args, { cwd: folder });
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.on('error', reject);
        child.on('exit', (code) => resolve({ code: code ?? 1, output }));
    });
}

/** What the short tier says about a copy of the project with that defect, or with none. */
async function examine(defect: Defect | undefined): Promise<{ broken: string | undefined; seconds: number }> {
    const folder = mkdtempSync(path.join(tmpdir(), 'planted-'));
    try {
        cpSync(ROOT, folder, { recursive: true, filter: (from) => !LEFT_OUT.has(path.relative(ROOT, from)) });
        symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
        if (defect) {
            plant(folder, defect);
        }
        const built = await run(folder, 'tact', ['--quiet', '--config', 'tact.config.json']);
        if (built.code !== 0) {
            throw new Error(`${defect?.name ?? 'The project'} does not build:\n${built.output}`);
        }
        const began = Date.now();
        const { code, output } = await run(folder, 'jest', ['tests/machine/machine.spec.ts', '--maxWorkers=1']);
        const broken = /BROKEN: (.*)/.exec(output)?.[1];
        if ((code === 0) !== (broken === undefined)) {
            throw new Error(`The machine failed for another reason than a broken guarantee:\n${output}`);
        }
        return { broken, seconds: (Date.now() - began) / 1000 };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

async function main(): Promise<number> {
    const { only, json } = new Command('fuzz:planted')
        .description(
            'Plants one defect at a time in a copy of the project and shows that the short tier of the machine finds it.',
        )
        .option('--only <text>', 'defects whose name contains that')
        .option('--json', 'prints the findings as JSON')
        .parse()
        .opts<{ only?: string; json?: boolean }>();
    const chosen = DEFECTS.filter(({ name }) => name.includes(only ?? ''));
    const tell = (text: string) => process.stderr.write(text);
    const findings = [];
    for (const defect of only === undefined ? [undefined, ...chosen] : chosen) {
        const name = defect?.name ?? 'nothing planted';
        tell(`${name} … `);
        const { broken, seconds } = await examine(defect);
        const right = (broken !== undefined) === (defect !== undefined);
        tell(`${broken === undefined ? 'nothing found' : 'found'}, ${seconds.toFixed(0)} s\n`);
        findings.push({ name, right, broken: broken ?? null, seconds });
    }
    if (json === true) {
        console.log(JSON.stringify(findings));
    } else {
        const table = new Table({
            head: ['planted', 'the machine says', 's'],
            colWidths: [36, 90, 6],
            wordWrap: true,
            style: { head: [], border: [] },
        });
        findings.forEach(({ name, broken, seconds }) =>
            table.push([name, broken ?? 'no guarantee broke', seconds.toFixed(0)]),
        );
        console.log(table.toString());
        console.log(`${findings.filter(({ right }) => right).length} of ${findings.length} as they should be`);
    }
    return findings.every(({ right }) => right) ? 0 : 1;
}

main().then(
    (code) => process.exit(code),
    (error: unknown) => {
        console.error(error);
        process.exit(1);
    },
);
