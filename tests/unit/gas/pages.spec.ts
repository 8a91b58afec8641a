import { Snapshot } from '../../../gas/compare';
import { withQuotes, withTable } from '../../../gas/pages';

const row = (gas: number) => ({ gas, transactions: 2, fees: { default: gas * 400, '2026-06': gas * 67 } });
const snapshot: Snapshot = { 'job.approve': row(12_345), 'channel.open': row(8_000) };

it('the table of scenarios gets the new figures and keeps its words', () => {
    const text = [
        '| scenario       | what happens | transactions | gas   | ceiling | fees, default | fees, 2026-06 |',
        '| -------------- | ------------ | -----------: | ----: | ------: | ------------: | ------------: |',
        '| `job.approve`  | It is paid   |            3 | 9,999 |         |   0.000000001 |   0.000000001 |',
        '| `channel.open` | It opens     |            1 | 1     |         |   0           |   0           |',
    ].join('\n');
    expect(
        withTable(text, snapshot, { 'channel.open': { fees: 9_000_000 } })
            .split('\n')
            .slice(2),
    ).toEqual([
        '| `job.approve` | It is paid | 2 | 12,345 |  | 0.004938000 | 0.000827115 |',
        '| `channel.open` | It opens | 2 | 8,000 | 0.009000000 TON | 0.003200000 | 0.000536000 |',
    ]);
});

it('a scenario without a row is named', () => {
    expect(() => withTable('', { 'job.approve': row(1) }, {})).toThrow('docs/fees.md has no row for job.approve');
});

it('quotes get the new figures', () => {
    expect(withQuotes('opened: 8,186 gas, 0.0083 TON (`channel.open`), else 7 gas', snapshot)).toBe(
        'opened: 8,000 gas, 0.0032 TON (`channel.open`), else 7 gas',
    );
});
