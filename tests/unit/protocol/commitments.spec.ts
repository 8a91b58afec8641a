import { createHash } from 'node:crypto';
import { beginCell, Cell } from '@ton/core';
import * as p from '../../../protocol/commitments';
import { inputCommitment, modelRoot, resultCommitment as digestOf } from '../../../worker/engine/referee/commitments';
import { JobEscrow } from '../../../wrappers';

const salt = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const hex = (value: bigint) => value.toString(16).padStart(64, '0');

it('gives the values of the example in docs/engine.md', () => {
    const input = Buffer.from('00ff8007c8000afa', 'hex');
    expect(hex(p.inputCommitment(salt, input))).toBe(
        'db358104148cd0cc47cd625740e042d7d6fb699877c9e5138b50c8884e808a65',
    );
    expect(hex(p.resultDigest(salt, Buffer.from([1, 0])))).toBe(
        '541aa4f208cd2cc07427b36795b4b1c9be3f663252748fd6723f74b978a6619b',
    );
});

it('agrees with the referee on any bytes', () => {
    for (const length of [0, 1, 784, 5_000]) {
        const bytes = createHash('shake256', { outputLength: length }).update('bytes').digest();
        expect(hex(p.inputCommitment(salt, bytes))).toBe(inputCommitment(salt, bytes));
        expect(hex(p.resultDigest(salt, bytes))).toBe(digestOf(salt, bytes));
        expect(hex(p.modelRoot(bytes))).toBe(modelRoot(bytes));
    }
});

it('draws a fresh salt of 32 bytes every time, and takes no other', () => {
    const salts = Array.from({ length: 50 }, () => p.newSalt().toString('hex'));
    expect(new Set(salts).size).toBe(50);
    expect(salts.every((value) => value.length === 64)).toBe(true);
    for (const length of [0, 31, 33]) {
        expect(() => p.inputCommitment(Buffer.alloc(length), salt)).toThrow('pass exactly 32');
        expect(() => p.saltedPayload(salt, Buffer.alloc(length))).toThrow('pass exactly 32');
    }
});

it('keeps salt and bytes apart in a payload', () => {
    const payload = p.saltedPayload(Buffer.from('result'));
    expect(p.openPayload(payload)).toMatchObject({ bytes: Buffer.from('result') });
    expect(p.openPayload(p.saltedPayload(Buffer.alloc(0), salt))).toEqual({ salt, bytes: Buffer.alloc(0) });
    expect(() => p.openPayload(Buffer.alloc(31))).toThrow('payload');
    const again = p.saltedPayload(Buffer.from('result'));
    expect(p.resultCommitment(p.resultCell(payload))).not.toBe(p.resultCommitment(p.resultCell(again)));
});

it.each([0, 1, 126, 127, 128, 254, 255, 4_095, 4_096])(
    'puts %i bytes in cells that an escrow takes, and back',
    (length) => {
        const bytes = Buffer.from(Array.from({ length }, (_, i) => i % 251));
        const cell = p.resultCell(bytes);
        expect(p.resultBytes(cell)).toEqual(bytes);
        expect(hex(p.resultCommitment(cell))).toBe(cell.hash().toString('hex'));
        expect(() => JobEscrow.createPublishResultBody({ ciphertext: cell })).not.toThrow();
    },
);

it('refuses more than 4 KiB, and cells that are cut in another way', () => {
    expect(() => p.resultCell(Buffer.alloc(4_097))).toThrow('on chain fit 4096');
    const refused: Cell[] = [
        beginCell().storeUint(1, 7).endCell(),
        beginCell().storeUint(1, 8).storeRef(Cell.EMPTY).endCell(),
        beginCell().storeBuffer(Buffer.alloc(127)).storeRef(Cell.EMPTY).endCell(),
        beginCell().storeRef(Cell.EMPTY).storeRef(Cell.EMPTY).endCell(),
        beginCell().storeUint(1, 8).storeRef(beginCell().storeUint(2, 8).endCell()).endCell(),
    ];
    for (const cell of refused) {
        expect(() => p.resultBytes(cell)).toThrow('result');
    }
});
