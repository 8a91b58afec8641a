import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Snapshot } from '../../../gas/compare';
import { costFigures, REDEEMED_EVERY, worthFrom } from '../../../gas/costFigures';
import { costPage } from '../../../gas/costPage';
import { Growth } from '../../../gas/growthGate';
import { markdownTable } from '../../../gas/markdown';
import { COCOON } from '../../../gas/peers';
import { Sizes } from '../../../gas/sizesGate';

const ROOT = join(__dirname, '../../..');
const read = <T>(path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
const chains = read<Snapshot>('gas/chains.json');
const sizes = read<Sizes>('gas/sizes.json');

it('docs/costs.md is what npm run report:cost writes', () => {
    const page = costPage({ chains, sizes, growth: read<Growth>('gas/growth.json') });
    expect(readFileSync(join(ROOT, 'docs/costs.md'), 'utf8')).toBe(page);
});

describe('The figures', () => {
    const figures = costFigures(chains, sizes);
    const fee = (scenario: string) => chains[scenario]!.fees;

    it('of a channel are its opening and its end, whatever is in it', () => {
        expect(figures.channels.map(({ requests }) => requests)).toEqual([1, 100, 10_000, 1_000_000]);
        for (const { least, library } of figures.channels) {
            expect(least.default).toBe(fee('channel.open').default + fee('channel.closeCooperative').default);
            expect(library['2026-06']).toBe(
                fee('channel.openLibrary')['2026-06'] + fee('channel.closeCooperative')['2026-06'],
            );
        }
    });

    it('of redemptions on the way count one for each ten thousand requests, and at least one', () => {
        expect(REDEEMED_EVERY).toBe(10_000);
        expect(figures.channels.map(({ redemptions }) => redemptions)).toEqual([1, 1, 1, 100]);
        const [, , third, fourth] = figures.channels;
        expect(fourth!.most.default - third!.most.default).toBe(99 * fee('channel.redeemPaidThrough').default);
    });

    it('of the library: so many openings save a year of its rent, one less does not', () => {
        const { saved, rent, breakEven } = figures.library;
        for (const prices of ['default', '2026-06'] as const) {
            for (const part of ['contracts', 'wallet'] as const) {
                expect(saved[part][prices]).toBeGreaterThan(0);
                expect(breakEven[part][prices] * saved[part][prices]).toBeGreaterThanOrEqual(rent[prices]);
                expect((breakEven[part][prices] - 1) * saved[part][prices]).toBeLessThan(rent[prices]);
            }
        }
    });

    it('of a job are both its steps', () => {
        expect(figures.job.gas).toBe(chains['job.postQuoted']!.gas + chains['job.approve']!.gas);
    });

    it('of a spending: from there on fixed costs and 2 % are no more than 5.5 %', () => {
        const spent = worthFrom(16_270_309, 200, 550);
        expect(16_270_309 + spent * 0.02).toBeLessThanOrEqual(spent * 0.055);
        expect(16_270_309 + (spent - 1) * 0.02).toBeGreaterThan((spent - 1) * 0.055);
    });

    it('of Cocoon are those that the README shows', () => {
        const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
        for (const { gas, fees } of [COCOON.payIn, COCOON.payInMore, COCOON.payOut, COCOON.close, COCOON.closeAlone]) {
            expect(readme).toContain(`${gas.toLocaleString('en')} gas, ${(fees / 1e9).toFixed(4)} TON`);
        }
    });
});

it('tables are formatted as prettier formats them', () => {
    expect(
        markdownTable(
            ['a', '>number'],
            [
                ['long text', '1'],
                ['b', '1,234,567'],
            ],
        ),
    ).toEqual([
        '| a         |    number |',
        '| --------- | --------: |',
        '| long text |         1 |',
        '| b         | 1,234,567 |',
    ]);
});
