import { compare, Snapshot, toSnapshot } from '../../../gas/compare';
import { Cost } from '../../../gas/measure';

const row = (gas: number, fees = gas * 400) => ({ gas, transactions: 3, fees: { default: fees, '2026-06': fees / 4 } });
const committed: Snapshot = { 'job.approve': row(20_000) };

describe('The gas gate', () => {
    it('passes what is as cheap as it was', () => {
        expect(compare({ 'job.approve': row(20_000) }, committed, {}).failures).toEqual([]);
        expect(compare({ 'job.approve': row(19_000) }, committed, {}).failures).toEqual([]);
    });

    it('fails on a rise of one gas, and names it', () => {
        expect(compare({ 'job.approve': row(20_001, 20_000 * 400) }, committed, {}).failures).toEqual([
            'job.approve: gas rose from 20000 to 20001',
        ]);
    });

    it('fails on a rise of the fees alone', () => {
        expect(compare({ 'job.approve': row(20_000, 20_000 * 400 + 4) }, committed, {}).failures).toEqual([
            'job.approve: fees at default prices rose from 8000000 to 8000004',
            'job.approve: fees at 2026-06 prices rose from 2000000 to 2000001',
        ]);
    });

    it('fails above a ceiling even if the snapshot was updated', () => {
        const limits = { 'job.approve': { gas: 19_999 } };
        expect(compare(committed, committed, limits).failures).toEqual([
            'job.approve: 20000 gas is above the ceiling of 19999',
        ]);
    });

    it('fails a nanoTON above a ceiling of the fees', () => {
        const limits = { 'job.approve': { fees: 7_999_999 } };
        expect(compare(committed, committed, limits).failures).toEqual([
            'job.approve: 8000000 nanoTON are above the ceiling of 7999999',
        ]);
        expect(compare(committed, committed, { 'job.approve': { fees: 8_000_000 } }).failures).toEqual([]);
    });

    it('fails on a scenario that is new, or no longer measured', () => {
        expect(compare({ 'job.submit': row(1) }, committed, {}).failures).toEqual([
            'job.submit is not in gas/chains.json; accept it with npm run gas -- --update',
            'job.approve was not measured',
        ]);
    });

    it('refuses scenarios whose gas depends on prices', () => {
        const at = (gas: bigint) => new Map<string, Cost>([['job.approve', { gas, transactions: 3, fees: 1n }]]);
        expect(() => toSnapshot(at(1n), at(2n))).toThrow('depends on prices');
    });
});
