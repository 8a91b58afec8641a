import { beginCell, Cell } from '@ton/core';
import { keyPairFromSeed, sha256_sync, sign } from '@ton/crypto';
import * as p from '../../../protocol';
import { addressOf, HASH_1, HASH_2, HASH_3, ID_A, ID_B } from './raw';

// Every signed cell of schemas/channel.tlb, field by field and by hand: nothing here goes through the code under test.

const number = (hex: string) => BigInt(`0x${hex}`);
const channel = addressOf(ID_A);
const openedLt = 0x0102030405060708n;
const keys = keyPairFromSeed(Buffer.alloc(32, 7));

const voucherCell = beginCell()
    .storeUint(0x434d2e7663682e31n, 64)
    .storeUint(number(ID_A), 256)
    .storeUint(0x0102030405060708n, 64)
    .storeUint(1_500_000_000n, 64)
    .storeUint(number(HASH_1), 256)
    .endCell();
const voucher: p.Voucher = { channel, openedLt, amount: 1_500_000_000n, receiptHead: number(HASH_1) };

const agreementCell = beginCell()
    .storeUint(0x434d2e636c732e31n, 64)
    .storeUint(number(ID_A), 256)
    .storeUint(0x0102030405060708n, 64)
    .storeUint(2_000_000_000n, 64)
    .storeUint(1_800_000_600, 32)
    .endCell();
const agreement: p.CloseAgreement = { channel, openedLt, finalAmount: 2_000_000_000n, validUntil: 1_800_000_600 };

const usageCell = beginCell().storeUint(11, 32).storeUint(22, 32).storeUint(33, 32).storeUint(44, 32);
const tracedCell = beginCell().storeBuilder(usageCell).storeUint(1, 1).storeUint(number(HASH_3), 256).endCell();
const untracedCell = beginCell().storeBuilder(usageCell).storeUint(0, 1).endCell();
const receiptCell = (usage: Cell) =>
    beginCell()
        .storeUint(0x434d2e7263702e31n, 64)
        .storeUint(number(ID_A), 256)
        .storeUint(0x0102030405060708n, 64)
        .storeUint(9, 64)
        .storeUint(1_400_000_000n, 64)
        .storeUint(number(HASH_2), 256)
        .storeRef(
            beginCell()
                .storeUint(number(HASH_3), 256)
                .storeUint(number(ID_B), 256)
                .storeUint(number(HASH_1), 256)
                .storeRef(usage)
                .endCell(),
        )
        .endCell();
const receipt: p.Receipt = {
    channel,
    openedLt,
    seq: 9n,
    amount: 1_400_000_000n,
    previous: number(HASH_2),
    requestHash: number(HASH_3),
    responseHash: number(ID_B),
    modelRoot: number(HASH_1),
    usage: { prompt: 11, cached: 22, completion: 33, reasoning: 44 },
    traceRoot: number(HASH_3),
};
const untraced: p.Receipt = { ...receipt, traceRoot: null };

// Addresses compare by their text.
const plain = <T extends p.ChannelOpening>(value: T) => ({ ...value, channel: value.channel.toRawString() });
const same = (built: Cell, expected: Cell) => expect(built.toString()).toBe(expected.toString());

it('Voucher', () => {
    same(p.createVoucherCell(voucher), voucherCell);
    expect(plain(p.parseVoucher(voucherCell))).toEqual(plain(voucher));
    expect([voucherCell.bits.length, voucherCell.refs.length]).toEqual([704, 0]);
});

it('CloseAgreement', () => {
    same(p.createCloseAgreementCell(agreement), agreementCell);
    expect(plain(p.parseCloseAgreement(agreementCell))).toEqual(plain(agreement));
    expect([agreementCell.bits.length, agreementCell.refs.length]).toEqual([480, 0]);
});

it('Receipt with and without a trace', () => {
    same(p.createReceiptCell(receipt), receiptCell(tracedCell));
    same(p.createReceiptCell(untraced), receiptCell(untracedCell));
    expect(plain(p.parseReceipt(receiptCell(tracedCell)))).toEqual(plain(receipt));
    expect(plain(p.parseReceipt(receiptCell(untracedCell)))).toEqual(plain(untraced));
    expect(p.receiptHash(receipt)).toBe(number(receiptCell(tracedCell).hash().toString('hex')));
    expect([receiptCell(tracedCell).bits.length, receiptCell(tracedCell).refs.length]).toEqual([768, 1]);
});

it('RequestCloseSignedData, 48 bytes', () => {
    const packed = Buffer.from(`434d2e72636c2e31${ID_A}0102030405060708`, 'hex');
    expect(packed).toHaveLength(48);
    expect(p.closeRequestHash({ channel, openedLt })).toEqual(sha256_sync(packed));
});

it('is signed over the hash of the cell, or of the packed bytes', () => {
    const signed: [p.SignedCell, Cell][] = [
        [p.signVoucher(voucher, keys.secretKey), voucherCell],
        [p.signCloseAgreement(agreement, keys.secretKey), agreementCell],
        [p.signReceipt(receipt, keys.secretKey), receiptCell(tracedCell)],
    ];
    for (const [{ cell, signature }, expected] of signed) {
        same(cell, expected);
        expect(signature).toEqual(sign(expected.hash(), keys.secretKey));
    }
    const packed = Buffer.from(`434d2e72636c2e31${ID_A}0102030405060708`, 'hex');
    expect(p.signCloseRequest({ channel, openedLt }, keys.secretKey)).toEqual(
        sign(sha256_sync(packed), keys.secretKey),
    );
});
