import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomModel, randomRecord, squareConfiguration, Stage } from './stage';
import { verdictOn } from './verdict';

/** What one opening may cost, in one transaction. */
const LIMIT = 150_000;

const INPUTS = [64, 128, 256, 512, 1024];
const POSITIONS = 1000;

const TEXT = readFileSync(join(__dirname, '../../docs/engine/trace.md'), 'utf8');

/** Gas of opening the last element, which has the longest way, of each linear of a model in which all have K inputs. */
async function gasOf(K: number): Promise<number[]> {
    const model = randomModel(squareConfiguration(K), 'gas');
    const record = randomRecord(model, 'gas');
    const stage = new Stage(model, record, POSITIONS - 1, POSITIONS);
    const gas = [];
    for (const [operator, bytes] of [
        [2, 1],
        [4, 4],
        [7, 4],
        [9, 4],
    ] as const) {
        const verdict = await verdictOn(stage.subject(), stage.open(operator, record[operator]!.length / bytes - 1));
        expect(verdict.exitCode).toBe(0);
        gas.push(verdict.gas);
    }
    return gas;
}

it(`opens an element of 1,024 inputs for at most ${LIMIT} gas, and for what docs/engine/trace.md says`, async () => {
    const rows: string[][] = [];
    for (const K of INPUTS) {
        rows.push([K, ...(await gasOf(K))].map((value) => value.toLocaleString('en')));
    }
    console.log(['K, value heads, o, down, head', ...rows.map((row) => row.join(' | '))].join('\n'));
    for (const gas of rows.at(-1)!.slice(1)) {
        expect(Number(gas.replace(',', ''))).toBeLessThanOrEqual(LIMIT);
    }
    const told = TEXT.split('\n').flatMap((line) => {
        const cells = line.split('|').map((cell) => cell.trim());
        return /^[\d,]+$/.test(cells[1] ?? '') && cells.length === 7 ? [cells.slice(1, 6)] : [];
    });
    expect(told).toEqual(rows);
});
