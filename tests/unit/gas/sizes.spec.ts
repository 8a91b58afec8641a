import { beginCell, Cell } from '@ton/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sizeOf } from '../../../gas/cells';
import { MEASURED, MeasuredSize } from '../../../gas/sizes';
import { compareSizes, joinSizes, SizeRow, Sizes } from '../../../gas/sizesGate';
import { codeOf, CONTRACT_NAMES } from '../../helpers/sources';

const size = (cells: number, bits: number) => ({ cells, bits });
const row: SizeRow = {
    code: size(20, 12_000),
    uninit: size(1, 800),
    live: size(3, 1_400),
    account: size(24, 14_000),
    rent: { default: 12_000_000, '2026-06': 1_500_000 },
};
const committed: Sizes = { PaymentChannel: row };

describe('The gate of sizes', () => {
    it('passes what is as large as it was, or smaller', () => {
        expect(compareSizes(committed, committed)).toEqual([]);
        expect(compareSizes({ PaymentChannel: { ...row, live: size(2, 1_000) } }, committed)).toEqual([]);
    });

    it.each<[keyof SizeRow, SizeRow[keyof SizeRow], string]>([
        ['code', size(21, 12_000), 'cells of code rose from 20 to 21'],
        ['uninit', size(1, 801), 'bits of uninit rose from 800 to 801'],
        ['live', size(3, 1_401), 'bits of live rose from 1400 to 1401'],
        ['account', size(25, 14_000), 'cells of account rose from 24 to 25'],
        ['rent', { default: 12_000_001, '2026-06': 0 }, 'rent at default prices rose from 12000000 to 12000001'],
        ['rent', { default: 0, '2026-06': 1_500_001 }, 'rent at 2026-06 prices rose from 1500000 to 1500001'],
    ])('fails on a rise of %s, and names it', (part, value, failure) => {
        const measured = { PaymentChannel: { ...row, [part]: value } };
        expect(compareSizes(measured, committed)).toEqual([`PaymentChannel: ${failure}`]);
    });

    it('fails on a contract that is new, or no longer measured', () => {
        expect(compareSizes({ Registry: row }, committed)).toEqual([
            'PaymentChannel: its size was not measured',
            'Registry is not in gas/sizes.json; accept it with npm run gas -- --update',
        ]);
    });

    it('joins both price sets, the larger figures of each, and refuses what is stored otherwise', () => {
        const at = (rent: number, change: Partial<MeasuredSize> = {}) =>
            new Map([['PaymentChannel', { ...row, ...change, rent }]]);
        const larger = { account: size(24, 14_008) };
        expect(joinSizes(at(12_000_000), at(1_500_000, larger))).toEqual({ PaymentChannel: { ...row, ...larger } });
        expect(() => joinSizes(at(1), at(1, { live: size(4, 1_400) }))).toThrow('is stored otherwise');
    });
});

describe('Sizes', () => {
    it('count equal cells once', () => {
        const leaf = beginCell().storeUint(1, 8).endCell();
        const root = beginCell().storeUint(2, 16).storeRef(leaf).storeRef(leaf).endCell();
        expect(sizeOf(root)).toEqual(size(2, 24));
        expect(sizeOf(root, leaf, new Cell())).toEqual(size(3, 24));
    });

    it('are committed for every contract, with the code that is built', () => {
        const sizes = JSON.parse(readFileSync(join(__dirname, '../../../gas/sizes.json'), 'utf8')) as Sizes;
        expect(Object.keys(sizes)).toEqual(Object.keys(MEASURED));
        for (const contract of CONTRACT_NAMES) {
            expect([contract, sizes[contract]!.code]).toEqual([contract, sizeOf(codeOf(contract))]);
        }
    });
});
