import { beginCell, Cell, Dictionary } from '@ton/core';
import * as w from '../../../wrappers';
import june2026 from '../../helpers/prices-2026-06.json';

const params = new Map(Object.entries(june2026.params).map(([id, boc]) => [Number(id), Cell.fromBase64(boc)]));

it("reads mainnet's prices out of its configuration, as a map and as a cell", () => {
    expect(w.loadPrices(params)).toEqual(w.MAINNET_PRICES);
    const dict = Dictionary.empty(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
    params.forEach((cell, id) => dict.set(id, cell));
    expect(w.loadPrices(beginCell().storeDictDirect(dict).endCell())).toEqual(w.MAINNET_PRICES);
});

it('chooses the storage prices of a time', () => {
    expect(w.loadPrices(params, 1).storage).toEqual({ bitPrice: 1n, cellPrice: 500n });
    expect(w.loadPrices(params, 2_000_000_000).storage).toEqual(w.MAINNET_PRICES.storage);
});

it('says what is wrong with a configuration', () => {
    const without = new Map([...params].filter(([id]) => id !== 21));
    expect(() => w.loadPrices(without)).toThrow('no parameter 21');
    const broken = new Map([...params, [25, beginCell().storeUint(0, 256).endCell()] as const]);
    expect(() => w.loadPrices(broken)).toThrow('parameter 25');
});

it('asks for half as much again where nothing was loaded, never for less than mainnet', () => {
    expect(w.DEFAULT_PRICES).toEqual(w.scalePrices(w.MAINNET_PRICES, 150n));
    for (const value of [w.openingValue, w.acceptingValue, w.syncingValue, w.settlingEndValue]) {
        expect(value(w.DEFAULT_PRICES)).toBeGreaterThanOrEqual((value(w.MAINNET_PRICES) * 3n) / 2n - 20n);
        expect(value(w.DEFAULT_PRICES)).toBeLessThan(value(w.MAINNET_PRICES) * 2n);
    }
});
