import * as p from '../../../protocol';
import { addressOf } from '../wrappers/fixtures';
import { client, codeOf, provider, receiptWith, terms } from './channelsSupport';

const signedBy = (change: Partial<p.Receipt>, by = provider) => receiptWith({ amount: 10n, ...change }, by);
const hash = ({ cell }: p.SignedCell) => p.cellHash(cell);
const first = signedBy({});
const second = signedBy({ seq: 2n, amount: 10n, previous: hash(first) });
const third = signedBy({ seq: 3n, amount: 35n, previous: hash(second) });
const log = [first, second, third];

it('finds nothing wrong with a whole log', () => {
    expect(p.verifyReceiptChain(log, terms)).toEqual({ ok: true, count: 3, head: hash(third), amount: 35n });
    expect(p.verifyReceiptChain([], terms)).toEqual({ ok: true, count: 0, head: 0n, amount: 0n });
});

it.each<[p.ReceiptFault, number, p.SignedCell[]]>([
    ['gap', 0, [second, third]],
    ['gap', 1, [first, third]],
    ['gap', 0, [signedBy({ seq: 0n }), first]],
    ['repeated', 1, [first, first, second]],
    ['repeated', 3, [first, second, third, first]],
    ['fork', 1, [first, signedBy({ amount: 11n })]],
    ['fork', 3, [first, second, third, signedBy({ seq: 2n, amount: 11n, previous: hash(first) })]],
    ['wrong-link', 0, [signedBy({ previous: 1n })]],
    ['wrong-link', 2, [first, second, signedBy({ seq: 3n, amount: 35n, previous: hash(first) })]],
    ['falling-amount', 2, [first, second, signedBy({ seq: 3n, amount: 9n, previous: hash(second) })]],
    ['bad-signature', 1, [first, signedBy({ seq: 2n, previous: hash(first) }, client)]],
    ['bad-signature', 1, [first, { cell: second.cell, signature: first.signature }]],
    ['bad-signature', 0, [{ cell: first.cell, signature: Buffer.alloc(12) }]],
    ['foreign-channel', 0, [signedBy({ channel: addressOf('another channel') })]],
    ['foreign-opening', 1, [first, signedBy({ openedLt: 78n, seq: 2n, previous: hash(first) })]],
    [
        'malformed',
        1,
        [first, p.signVoucher({ ...terms, amount: 1n, receiptHead: hash(first) }, provider.secretKey), second],
    ],
])('finds the first fault: %s at %i', (fault, index, receipts) => {
    expect(p.verifyReceiptChain(receipts, terms)).toEqual({ ok: false, fault, index });
});

it('does not audit with a key under which everything verifies', () => {
    expect(codeOf(() => p.verifyReceiptChain(log, { ...terms, providerKey: 0n }))).toBe('weak-key');
});
