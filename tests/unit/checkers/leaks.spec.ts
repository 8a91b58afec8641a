import { beginCell, Builder, Cell } from '@ton/core';
import { inspect } from 'node:util';
import { resultCell } from '../../../protocol';
import { LeakSearch } from '../../helpers/leaks';

const SECRET = Buffer.from('the planted prompt, in plain words, 0123456789');

const found = (look: (search: LeakSearch) => void, bytes: Uint8Array = SECRET) => {
    const search = new LeakSearch([{ name: 'prompt', bytes }]);
    look(search);
    return search.found;
};

/** The secret in cells of so many bits each, one below the other. */
function chain(bits: number): Cell {
    const all = [...SECRET].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const parts = all.match(new RegExp(`.{1,${bits}}`, 'g'))!;
    return parts.reduceRight<Cell | null>((next, part) => {
        const builder: Builder = [...part].reduce((b, bit) => b.storeBit(bit === '1'), beginCell());
        return (next ? builder.storeRef(next) : builder).endCell();
    }, null)!;
}

describe('the search for leaks', () => {
    it.each([
        ['raw', SECRET],
        ['a piece', SECRET.subarray(7, 27)],
        ['hex', Buffer.from(`0x${SECRET.toString('hex')}`)],
        ['capital hex', Buffer.from(SECRET.toString('hex').toUpperCase())],
        ['base64', Buffer.from(SECRET.toString('base64'))],
        ['base64 behind one byte', Buffer.from(Buffer.concat([Buffer.of(1), SECRET]).toString('base64'))],
        ['base64 behind two', Buffer.from(Buffer.concat([Buffer.of(1, 2), SECRET]).toString('base64'))],
        ['JSON of a Buffer', Buffer.from(JSON.stringify(SECRET))],
        ['a printed Buffer', Buffer.from(inspect(SECRET))],
        ['a printed Uint8Array', Buffer.from(inspect(Uint8Array.from(SECRET), { breakLength: Infinity }))],
    ])('finds it: %s', (_, bytes) => {
        expect(
            found((search) => search.bytes('here', Buffer.concat([Buffer.from('…'), bytes, Buffer.from('…')]))),
        ).toEqual(['prompt in here']);
    });

    it('finds it in base64 for the web, and in text', () => {
        const odd = Buffer.from('fbefbefffbffbefbefbeffffbffbefbe', 'hex');
        expect(odd.toString('base64url')).not.toBe(odd.toString('base64').replace(/=+$/, ''));
        expect(found((search) => search.text('here', odd.toString('base64url')), odd)).toHaveLength(1);
    });

    it.each([7, 13, 40, 127 * 8, 1_000])('finds it in cells of %i bits', (bits) => {
        expect(found((search) => search.cell('a cell', chain(Math.min(bits, 1_023))))).toEqual(['prompt in a cell']);
    });

    it('finds it in the cell of a result, and behind a few bits', () => {
        expect(
            found((search) => search.cell('a cell', resultCell(Buffer.concat([Buffer.alloc(120), SECRET])))),
        ).toHaveLength(1);
        const shifted = beginCell().storeUint(1, 3).storeBuffer(SECRET).endCell();
        expect(found((search) => search.cell('a cell', beginCell().storeRef(shifted).endCell()))).toHaveLength(1);
    });

    it('finds nothing where nothing is', () => {
        expect(found((search) => search.bytes('here', SECRET.subarray(0, 9)))).toEqual([]);
        expect(found((search) => search.cell('a cell', resultCell(Buffer.alloc(4_000, 7))))).toEqual([]);
        expect(() => new LeakSearch([{ name: 'short', bytes: Buffer.alloc(9) }])).toThrow('too short');
    });
});
