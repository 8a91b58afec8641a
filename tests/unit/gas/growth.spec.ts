import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpoints, measureJobs, measureOpen, measureProviders } from '../../../gas/growth';
import { compareGrowth, Growth, joinIdle } from '../../../gas/growthGate';
import { growthTables } from '../../../gas/growthTables';
import { IDLE_SECONDS, measureIdle } from '../../../gas/idle';
import { PRICE_SETS } from '../../helpers/chain';

const committed = JSON.parse(readFileSync(join(__dirname, '../../../gas/growth.json'), 'utf8')) as Growth;
const still = () => undefined;

describe('The growth report, a short way', () => {
    it('measures jobs one after another: neither gas nor cells grow', async () => {
        const jobs = await measureJobs(12, still);
        expect(jobs.map(({ count }) => count)).toEqual([1, 10, 12]);
        const [first, ...later] = jobs;
        expect(first!.post).toBeGreaterThan(10_000);
        for (const row of later) {
            expect([row.post, row.approve, row.stake.cells]).toEqual([first!.post, first!.approve, first!.stake.cells]);
        }
        expect(compareGrowth({ jobs }, committed)).toEqual([]);
    }, 60_000);

    it('measures open jobs: each lock adds a leaf and a fork, and a level of the dictionary costs gas', async () => {
        const open = await measureOpen(4, still);
        expect(open.map(({ count }) => count)).toEqual([1, 2, 4]);
        const [one, two, four] = open;
        expect(two!.post).toBeGreaterThan(one!.post);
        expect(four!.post).toBeGreaterThan(two!.post);
        expect(four!.stake.cells - two!.stake.cells).toBe(4);
        expect(compareGrowth({ open }, committed)).toEqual([]);
    }, 60_000);

    it('measures providers: the Registry keeps nothing of them', async () => {
        const providers = await measureProviders(3, still);
        expect(providers.map(({ count }) => count)).toEqual([1, 3]);
        expect(providers[1]).toEqual({ ...providers[0]!, count: 3 });
        expect(compareGrowth({ providers }, committed)).toEqual([]);
    }, 60_000);

    it('measures five years of silence: what stays for good has its rent, and gas is what it was', async () => {
        const [atDefault, at2026] = await Promise.all(PRICE_SETS.map(measureIdle));
        const idle = joinIdle(atDefault!, at2026!);
        for (const { contract, gas, rent, prepaid } of idle) {
            expect(gas.idle).toBe(gas.fresh);
            expect(rent.default).toBeGreaterThan(rent['2026-06']);
            if (['Registry', 'ProviderStake', 'PayoutSettlement'].includes(contract)) {
                expect(prepaid.default).toBeGreaterThanOrEqual(rent.default);
                expect(prepaid['2026-06']).toBeGreaterThanOrEqual(rent['2026-06']);
            }
        }
        expect(IDLE_SECONDS).toBe(157_680_000);
        expect(compareGrowth({ idle }, committed)).toEqual([]);
    }, 60_000);
});

describe('The growth gate', () => {
    const { jobs } = committed;

    it('fails on a rise of any figure, and names it', () => {
        const risen = jobs.map((row) => ({ ...row, stake: { ...row.stake, cells: row.stake.cells + 1 } }));
        const { cells } = jobs[0]!.stake;
        expect(compareGrowth({ jobs: risen }, committed)).toContain(
            `jobs 1: stake cells rose from ${cells} to ${cells + 1}`,
        );
        expect(compareGrowth({ jobs: risen }, committed)).toHaveLength(jobs.length);
    });

    it('passes what fell, and rows that only one side has', () => {
        const fallen = jobs.map((row) => ({ ...row, post: row.post - 1 }));
        expect(compareGrowth({ jobs: fallen }, committed)).toEqual([]);
        expect(compareGrowth({ jobs: [{ ...jobs[0]!, count: 7, post: 1e9 }] }, committed)).toEqual([]);
    });

    it('looks at powers and at the end', () => {
        expect(checkpoints(1_000, 10)).toEqual([1, 10, 100, 1_000]);
        expect(checkpoints(256, 2)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
        expect(checkpoints(12, 10)).toEqual([1, 10, 12]);
        expect(checkpoints(1, 10)).toEqual([1]);
    });

    it('shows what was measured, and nothing else', () => {
        expect(growthTables({ jobs }).filter((line) => line.startsWith('###'))).toEqual(['### One job after another']);
        expect(growthTables({})).toEqual([]);
    });
});
