import { Address, beginCell, Cell } from '@ton/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInProcessTransport, MAX_MESSAGE_BYTES, TransportError } from '../../protocol/transport';
import { decodeMessage, encodeMessage, WireError, WireErrorCode, WireMessage, WIRE_LIMITS } from '../../protocol/wire';

const cell = beginCell().storeUint(7, 32).storeRef(beginCell().storeUint(8, 8).endCell()).endCell();
const signature = Buffer.alloc(64, 3);

const MESSAGES: readonly WireMessage[] = [
    {
        kind: 'quoteRequest',
        requestId: (1n << 64n) - 1n,
        terms: cell,
        client: new Address(0, Buffer.alloc(32, 9)),
        nonce: 0n,
        sealedInput: Buffer.from('sealed'),
        recipientKey: Buffer.alloc(1216, 1),
    },
    { kind: 'quoteReply', requestId: 1n, quote: { termsHash: 5n, validUntil: 4_000_000_000, signature } },
    {
        kind: 'refusal',
        requestId: 2n,
        reasons: [
            { code: 'price', text: 'zu wenig – 1 TON' },
            { code: 'tier', text: '' },
        ],
    },
    { kind: 'result', jobKey: (1n << 256n) - 1n, result: cell },
    { kind: 'approveFull', jobKey: 3n, signature },
    { kind: 'approveSubmitted', jobKey: 4n, resultCommitment: 5n, amount: 6n, signature },
    { kind: 'approvalReceipt', jobKey: 7n },
    {
        kind: 'channelOffer',
        requestId: 8n,
        client: new Address(0, Buffer.alloc(32, 9)),
        nonce: (1n << 64n) - 1n,
        tier: 1,
    },
    { kind: 'channelAccepted', requestId: 9n },
    {
        kind: 'paidRequest',
        requestId: 10n,
        channel: new Address(0, Buffer.alloc(32, 4)),
        modelRoot: 5n,
        seq: (1n << 64n) - 1n,
        tier: 1,
        sealedInput: Buffer.from('sealed'),
        voucher: { cell, signature },
    },
    { kind: 'paidResponse', requestId: 11n, sealedOutput: Buffer.from('output'), receipt: { cell, signature } },
    { kind: 'newestReceipt', requestId: 12n, receipt: { cell, signature } },
    {
        kind: 'closeProposal',
        requestId: 13n,
        channel: new Address(0, Buffer.alloc(32, 4)),
        agreement: { cell, signature },
    },
    { kind: 'closeConsent', requestId: 14n, signature },
    { kind: 'encryptionKeyRequest', requestId: 15n, name: (1n << 256n) - 1n },
    { kind: 'encryptionKeyReply', requestId: 16n, publicKey: Buffer.alloc(1216, 2) },
    { kind: 'attestationRequest', requestId: 17n },
    { kind: 'attestationReply', requestId: 18n, quote: Buffer.alloc(5000, 4) },
];

it('is tried with every kind of message', () => {
    const source = readFileSync(join(__dirname, '..', '..', 'protocol', 'wire.ts'), 'utf8');
    const kinds = [...source.matchAll(/readonly kind: '(\w+)';/g)].map(([, kind]) => kind!);
    expect(MESSAGES.map(({ kind }) => kind).sort()).toEqual(kinds.sort());
});

const plain = (message: WireMessage) =>
    JSON.stringify(message, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value instanceof Cell ? value.hash().toString('hex') : value,
    );

function codeOf(decode: () => unknown): WireErrorCode | undefined {
    try {
        decode();
    } catch (error) {
        if (error instanceof WireError) {
            return error.code;
        }
        throw error;
    }
    return undefined;
}

describe('the wire', () => {
    it.each(MESSAGES.map((message) => [message.kind, message] as const))('carries %s', (_, message) => {
        expect(plain(decodeMessage(encodeMessage(message)))).toBe(plain(message));
    });

    it.each(MESSAGES.map((message) => [message.kind, message] as const))('refuses every piece of %s', (_, message) => {
        const bytes = encodeMessage(message);
        for (let length = 0; length < bytes.length; length++) {
            expect(codeOf(() => decodeMessage(bytes.subarray(0, length)))).toBeDefined();
        }
        expect(codeOf(() => decodeMessage(Buffer.concat([bytes, Buffer.of(0)])))).toBe('trailing-bytes');
    });

    it('refuses other versions and unknown types', () => {
        const bytes = Buffer.from(encodeMessage(MESSAGES[6]!));
        expect(codeOf(() => decodeMessage(Buffer.concat([Buffer.of(1), bytes.subarray(1)])))).toBe('unknown-version');
        expect(codeOf(() => decodeMessage(Buffer.concat([Buffer.of(3, 99), bytes.subarray(2)])))).toBe('unknown-type');
    });

    it('refuses what is too long before it is there', () => {
        // jobKey, then a length of 2^32 − 1 with nothing behind it
        const bytes = Buffer.concat([Buffer.of(3, 4), Buffer.alloc(32), Buffer.alloc(4, 0xff)]);
        expect(codeOf(() => decodeMessage(bytes))).toBe('too-long');
        const request = MESSAGES[0] as Extract<WireMessage, { kind: 'quoteRequest' }>;
        const sealedInput = Buffer.alloc(WIRE_LIMITS.INPUT_BYTES + 1);
        expect(codeOf(() => encodeMessage({ ...request, sealedInput }))).toBe('too-long');
        expect(codeOf(() => encodeMessage({ ...request, recipientKey: Buffer.alloc(1217) }))).toBe('too-long');
    });

    it('refuses a tier that is none', () => {
        const offer = Buffer.from(encodeMessage(MESSAGES.find(({ kind }) => kind === 'channelOffer')!));
        offer[offer.length - 1] = 2;
        expect(codeOf(() => decodeMessage(offer))).toBe('out-of-range');
    });

    it('refuses cells and texts that are none', () => {
        const noCell = Buffer.concat([Buffer.of(3, 4), Buffer.alloc(32), Buffer.of(0, 0, 0, 2, 1, 2)]);
        expect(codeOf(() => decodeMessage(noCell))).toBe('malformed-cell');
        const noText = Buffer.concat([Buffer.of(3, 3), Buffer.alloc(8), Buffer.of(1, 0, 0, 0, 1, 0xff, 0, 0, 0, 0)]);
        expect(codeOf(() => decodeMessage(noText))).toBe('malformed-text');
        const noReason = Buffer.concat([Buffer.of(3, 3), Buffer.alloc(8), Buffer.of(0)]);
        expect(codeOf(() => decodeMessage(noReason))).toBe('out-of-range');
    });

    it('writes nothing that does not fit its field', () => {
        expect(codeOf(() => encodeMessage({ kind: 'approvalReceipt', jobKey: 1n << 256n }))).toBe('out-of-range');
        expect(codeOf(() => encodeMessage({ kind: 'approvalReceipt', jobKey: -1n }))).toBe('out-of-range');
        const short = { kind: 'approveFull', jobKey: 1n, signature: Buffer.alloc(63) } as const;
        expect(codeOf(() => encodeMessage(short))).toBe('out-of-range');
    });
});

describe('the transport in one process', () => {
    it('carries copies, in order, also of what was sent before anybody listened', async () => {
        const [here, there] = createInProcessTransport();
        const sent = Buffer.from([1, 2, 3]);
        here.send(sent);
        sent.fill(9);
        here.send(Buffer.of(4));
        const received = await new Promise<number[][]>((resolve) => {
            const list: number[][] = [];
            there.listen((bytes) => {
                list.push([...bytes]);
                if (list.length === 2) {
                    resolve(list);
                }
            });
        });
        expect(received).toEqual([[1, 2, 3], [4]]);
        here.close();
    });

    it('shares no memory: not even what lies beside the bytes of a view', async () => {
        const [here, there] = createInProcessTransport();
        const memory = Buffer.from('a secret key and a message');
        const received = new Promise<Uint8Array>((resolve) => there.listen(resolve));
        here.send(memory.subarray(memory.length - 7));
        expect((await received).buffer.byteLength).toBe(7);
        here.close();
    });

    it('refuses what is too long, and everything once it is closed', async () => {
        const [here, there] = createInProcessTransport();
        expect(() => here.send(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toThrow(TransportError);
        here.close();
        expect(() => here.send(Buffer.of(1))).toThrow(TransportError);
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(() => there.send(Buffer.of(1))).toThrow(TransportError);
    });
});
