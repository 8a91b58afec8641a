import { Cell } from '@ton/core';

// A jest setup file. The sandbox, its wallets and every API shim parse and write the same accounts and contracts again and again,
// which takes longer than all that the tests do with them. Cells never change, so each is parsed and written once.

const KEPT = 4096;

const { fromBoc } = Cell;
const { toBoc } = Cell.prototype;
const parsed = new Map<string, readonly Cell[]>();
const written = new Map<string, Buffer>();

Cell.fromBoc = (boc) => [...remembered(parsed, boc.toString('latin1'), () => fromBoc(boc))];
Cell.prototype.toBoc = function (options) {
    const key = JSON.stringify([this.hash().toString('hex'), options]);
    return Buffer.from(remembered(written, key, () => toBoc.call(this, options)));
};

function remembered<T>(memory: Map<string, T>, key: string, make: () => T): T {
    let known = memory.get(key);
    if (known === undefined) {
        known = make();
        if (memory.size >= KEPT) {
            memory.clear();
        }
        memory.set(key, known);
    }
    return known;
}
