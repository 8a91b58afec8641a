import { verify, createPublicKey } from 'node:crypto';
import { Address, beginCell, Cell } from '@ton/core';
import { signVerify } from '@ton/crypto';
import * as p from '../../../protocol';
import { CHANNEL, client, codeOf, hashOf, keyOf, plain, provider } from './channelsSupport';

const opening = { channel: CHANNEL, openedLt: 7n };
const voucher: p.Voucher = { ...opening, amount: 5n, receiptHead: 6n };
const agreement: p.CloseAgreement = { ...opening, finalAmount: 5n, validUntil: 600 };
const receipt: p.Receipt = {
    ...opening,
    seq: 1n,
    amount: 5n,
    previous: 0n,
    requestHash: 1n,
    responseHash: 2n,
    modelRoot: 3n,
    usage: { prompt: 1, cached: 2, completion: 3, reasoning: 4 },
    traceRoot: 9n,
};
const cells = {
    voucher: p.createVoucherCell(voucher),
    agreement: p.createCloseAgreementCell(agreement),
    receipt: p.createReceiptCell(receipt),
};
const parsers = {
    voucher: p.parseVoucher,
    agreement: p.parseCloseAgreement,
    receipt: p.parseReceipt,
};

/** The cell with so many bits more, or less, and other references. */
function reshaped(cell: Cell, { cut = 0, add = '', refs = cell.refs }: { cut?: number; add?: string; refs?: Cell[] }) {
    const builder = beginCell().storeBits(cell.bits.substring(0, cell.bits.length - cut));
    [...add].forEach((bit) => builder.storeBit(bit === '1'));
    refs.forEach((ref) => builder.storeRef(ref));
    return builder.endCell();
}

describe.each(['voucher', 'agreement', 'receipt'] as const)('the cell of a %s', (kind) => {
    it('is read back, and no other', () => {
        expect(plain(parsers[kind](cells[kind]))).toEqual(plain({ voucher, agreement, receipt }[kind]));
        for (const other of ['voucher', 'agreement', 'receipt'] as const) {
            expect(codeOf(() => parsers[kind](cells[other]))).toBe(other === kind ? null : 'malformed-cell');
        }
    });

    it('is refused with a bit or a reference too many or too few, another tag, or an exotic type', () => {
        const cell = cells[kind];
        const retagged = beginCell()
            .storeUint(0x434d2e7663682e32n, 64)
            .storeBits(cell.bits.substring(64, cell.bits.length - 64));
        cell.refs.forEach((ref) => retagged.storeRef(ref));
        for (const wrong of [
            reshaped(cell, { cut: 1 }),
            reshaped(cell, { add: '0' }),
            reshaped(cell, { refs: [...cell.refs, Cell.EMPTY] }),
            reshaped(cell, { refs: cell.refs.slice(1).concat(cell.refs.length ? [] : [Cell.EMPTY]) }),
            retagged.endCell(),
            Cell.EMPTY,
            new Cell({ exotic: true, bits: beginCell().storeUint(2, 8).storeBuffer(cell.hash()).endCell().bits }),
        ]) {
            expect(codeOf(() => parsers[kind](wrong))).toBe('malformed-cell');
        }
    });
});

it('refuses receipts whose inner cells have another shape', () => {
    const [work] = cells.receipt.refs as [Cell];
    const [usage] = work.refs as [Cell];
    const withWork = (changed: Cell) => reshaped(cells.receipt, { refs: [changed] });
    const withUsage = (changed: Cell) => withWork(reshaped(work, { refs: [changed] }));
    expect(plain(p.parseReceipt(withUsage(usage)))).toEqual(plain(receipt));
    for (const wrong of [
        withWork(reshaped(work, { cut: 1 })),
        withWork(reshaped(work, { add: '1' })),
        withWork(reshaped(work, { refs: [] })),
        withWork(reshaped(work, { refs: [usage, usage] })),
        withUsage(reshaped(usage, { cut: 1 })),
        withUsage(reshaped(usage, { add: '1' })),
        withUsage(reshaped(usage, { refs: [Cell.EMPTY] })),
        // Marked as traced without a root, and the reverse.
        withUsage(beginCell().storeUint(0, 128).storeBit(true).endCell()),
        withUsage(beginCell().storeUint(0, 128).storeBit(false).storeUint(9, 256).endCell()),
    ]) {
        expect(codeOf(() => p.parseReceipt(wrong))).toBe('malformed-cell');
    }
});

it('refuses values that do not fit, and channels outside the basechain', () => {
    const elsewhere = new Address(-1, CHANNEL.hash);
    const big = 1n << 64n;
    for (const [make, code] of [
        [() => p.createVoucherCell({ ...voucher, amount: big }), 'out-of-range'],
        [() => p.createVoucherCell({ ...voucher, amount: -1n }), 'negative-amount'],
        [() => p.createVoucherCell({ ...voucher, openedLt: big }), 'out-of-range'],
        [() => p.createVoucherCell({ ...voucher, receiptHead: 1n << 256n }), 'out-of-range'],
        [() => p.createVoucherCell({ ...voucher, channel: elsewhere }), 'wrong-workchain'],
        [() => p.createCloseAgreementCell({ ...agreement, finalAmount: big }), 'out-of-range'],
        [() => p.createCloseAgreementCell({ ...agreement, validUntil: 2 ** 32 }), 'out-of-range'],
        [() => p.createCloseAgreementCell({ ...agreement, validUntil: 0.5 }), 'out-of-range'],
        [() => p.createReceiptCell({ ...receipt, seq: big }), 'out-of-range'],
        [() => p.createReceiptCell({ ...receipt, amount: big }), 'out-of-range'],
        [() => p.createReceiptCell({ ...receipt, traceRoot: 1n << 256n }), 'out-of-range'],
        [() => p.createReceiptCell({ ...receipt, usage: { ...receipt.usage, cached: 2 ** 32 } }), 'out-of-range'],
        [() => p.closeRequestHash({ channel: elsewhere, openedLt: 1n }), 'wrong-workchain'],
        [() => p.closeRequestHash({ channel: CHANNEL, openedLt: big }), 'out-of-range'],
    ] as const) {
        expect(codeOf(make)).toBe(code);
    }
});

describe('signatures', () => {
    const signed = {
        voucher: p.signVoucher(voucher, client.secretKey),
        agreement: p.signCloseAgreement(agreement, client.secretKey),
        receipt: p.signReceipt(receipt, client.secretKey),
    };
    const verifiers = { voucher: p.verifyVoucher, agreement: p.verifyCloseAgreement, receipt: p.verifyReceipt };
    const kinds = ['voucher', 'agreement', 'receipt'] as const;

    it('verify under their own key, over their own cell, and nothing else', () => {
        for (const kind of kinds) {
            const { cell, signature } = signed[kind];
            const check = verifiers[kind];
            expect(check(cell, signature, client.publicKey)).toBe(true);
            expect(check(cell, signature, keyOf(client))).toBe(true);
            expect(check(cell, signature, provider.publicKey)).toBe(false);
            const other = { voucher: { ...voucher, amount: 6n }, agreement: { ...agreement, validUntil: 9 }, receipt };
            const changed = {
                voucher: p.createVoucherCell(other.voucher),
                agreement: p.createCloseAgreementCell(other.agreement),
                receipt: p.createReceiptCell({ ...receipt, usage: { ...receipt.usage, prompt: 9 } }),
            }[kind];
            expect(check(changed, signature, client.publicKey)).toBe(false);
        }
    });

    it('of one kind never pass for another', () => {
        for (const kind of kinds) {
            for (const other of kinds.filter((name) => name !== kind)) {
                const { cell, signature } = signed[other];
                expect(codeOf(() => verifiers[kind](cell, signature, client.publicKey))).toBe('malformed-cell');
                expect(verifiers[kind](cells[kind], signature, client.publicKey)).toBe(false);
            }
        }
    });

    it('of a request to close name one opening', () => {
        const signature = p.signCloseRequest(opening, client.secretKey);
        expect(p.verifyCloseRequest(opening, signature, client.publicKey)).toBe(true);
        expect(p.verifyCloseRequest({ ...opening, openedLt: 8n }, signature, client.publicKey)).toBe(false);
        expect(p.verifyCloseRequest(opening, signature, provider.publicKey)).toBe(false);
        expect(codeOf(() => p.verifyCloseRequest(opening, signature, 0n))).toBe('weak-key');
    });

    it('are refused under weak keys and with another length than 64', () => {
        for (const kind of kinds) {
            const { cell, signature } = signed[kind];
            expect(codeOf(() => verifiers[kind](cell, signature, 0n))).toBe('weak-key');
            expect(codeOf(() => verifiers[kind](cell, signature.subarray(1), client.publicKey))).toBe(
                'malformed-signature',
            );
        }
        expect(codeOf(() => p.signVoucher(voucher, client.secretKey.subarray(32)))).toBe('malformed-signature');
    });

    it('with a scalar above the order are refused, as the chain does and @ton/crypto does not', () => {
        const order = (1n << 252n) + 27742317777372353535851937790883648493n;
        const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), client.publicKey]);
        const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
        for (const kind of kinds) {
            const { cell, signature } = signed[kind];
            const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
            const raised = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse();
            const malleated = Buffer.concat([signature.subarray(0, 32), raised]);
            expect(signVerify(cell.hash(), malleated, client.publicKey)).toBe(true);
            expect(verify(null, cell.hash(), key, malleated)).toBe(false);
            expect(verifiers[kind](cell, malleated, client.publicKey)).toBe(false);
            expect(verify(null, cell.hash(), key, signature)).toBe(true);
        }
    });
});

it('names a receipt by the hash of its cell', () => {
    expect(p.receiptHash(receipt)).toBe(p.cellHash(cells.receipt));
    expect(p.receiptHash({ ...receipt, traceRoot: null })).not.toBe(p.receiptHash(receipt));
    expect(p.receiptHash({ ...receipt, responseHash: hashOf('other') })).not.toBe(p.receiptHash(receipt));
});
