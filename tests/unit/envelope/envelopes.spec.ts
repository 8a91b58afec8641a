import fc from 'fast-check';
import { Aead, channelRequest, envelopeOverhead, Kem, open, seal, wasSealed } from '../../../protocol/envelope';
import { BINDING, codeOf, KEMS, keyPair, OTHER_BINDINGS, OTHER_REQUESTS, REQUEST } from './support';

const CONTENT = Buffer.from('a prompt that nobody else may read');

describe.each(KEMS)('an envelope by %s', (_, kem) => {
    it('brings any content to its recipient, and is as long as documented', async () => {
        const key = await keyPair(kem);
        const aeads = fc.constantFrom(Aead.Aes256Gcm, Aead.ChaCha20Poly1305);
        await fc.assert(
            fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), aeads, async (content, aead) => {
                const envelope = await seal(content, { recipient: key.publicKey, binding: BINDING, aead });
                expect(envelope.length).toBe(content.length + envelopeOverhead(kem));
                expect(Buffer.compare(await open(envelope, { key, binding: BINDING }), content)).toBe(0);
            }),
            { numRuns: 30, seed: 1 },
        );
    });

    it('is another one each time', async () => {
        const { publicKey: recipient } = await keyPair(kem);
        const [one, two] = [
            await seal(CONTENT, { recipient, binding: BINDING }),
            await seal(CONTENT, { recipient, binding: BINDING }),
        ];
        expect(one.equals(two)).toBe(false);
    });

    it('is refused with any byte changed, any part missing, and anything behind it', async () => {
        const key = await keyPair(kem);
        const envelope = await seal(CONTENT, { recipient: key.publicKey, binding: BINDING });
        // Every byte but those in the middle of a long encapsulation, of which some are enough.
        const places = [...envelope.keys()].filter(
            (at) => kem === Kem.X25519 || at < 24 || at > 1_100 || at % 37 === 0,
        );
        for (const at of places) {
            const spoilt = Buffer.from(envelope);
            spoilt[at]! ^= 1 << (at % 8);
            // RFC 7748 does not read the highest bit of a public key; HPKE binds it all the same.
            expect([at, await codeOf(open(spoilt, { key, binding: BINDING }))]).toEqual([at, expect.any(String)]);
        }
        for (const length of places) {
            expect(await codeOf(open(envelope.subarray(0, length), { key, binding: BINDING }))).toBeDefined();
        }
        expect(await codeOf(open(Buffer.concat([envelope, Buffer.of(0)]), { key, binding: BINDING }))).toBe(
            'not-authentic',
        );
    });

    it('is refused by another key, of its own kind or the other', async () => {
        const { publicKey: recipient } = await keyPair(kem);
        const envelope = await seal(CONTENT, { recipient, binding: BINDING });
        expect(await codeOf(open(envelope, { key: await keyPair(kem, 2), binding: BINDING }))).toBe('not-authentic');
        const other = await keyPair(kem === Kem.X25519 ? Kem.XWing : Kem.X25519);
        expect(await codeOf(open(envelope, { key: other, binding: BINDING }))).toBe('foreign-key');
    });

    it('can be shown to hold what it holds, and nothing else, by whoever kept its seed', async () => {
        const { publicKey: recipient } = await keyPair(kem);
        const seed = Buffer.alloc(32, 9);
        const options = { recipient, binding: BINDING, seed, aead: Aead.ChaCha20Poly1305 };
        const envelope = await seal(CONTENT, options);
        expect(await wasSealed(envelope, CONTENT, options)).toBe(true);
        expect(await wasSealed(envelope, CONTENT.subarray(1), options)).toBe(false);
        expect(await wasSealed(envelope, CONTENT, { ...options, seed: Buffer.alloc(32, 8) })).toBe(false);
        expect(await wasSealed(envelope, CONTENT, { ...options, binding: OTHER_BINDINGS[0]![1] })).toBe(false);
        const { publicKey } = await keyPair(kem, 2);
        expect(await wasSealed(envelope, CONTENT, { ...options, recipient: publicKey })).toBe(false);
        expect(await codeOf(seal(CONTENT, { ...options, seed: seed.subarray(1) }))).toBe('bad-key');
    });
});

describe('an envelope opens for nothing but what it was sealed for', () => {
    it.each(OTHER_BINDINGS)('a result, other %s', async (_, binding) => {
        const key = await keyPair(Kem.X25519);
        const envelope = await seal(CONTENT, { recipient: key.publicKey, binding: BINDING });
        expect(await codeOf(open(envelope, { key, binding }))).toBe('not-authentic');
    });

    it.each(OTHER_REQUESTS)('a request, other %s', async (_, binding) => {
        const key = await keyPair(Kem.X25519);
        const envelope = await seal(CONTENT, { recipient: key.publicKey, binding: channelRequest(REQUEST) });
        expect(await codeOf(open(envelope, { key, binding }))).toBe('not-authentic');
        expect(await codeOf(open(envelope, { key, binding: channelRequest(REQUEST) }))).toBeUndefined();
    });
});

it('speaks no suite but its own', async () => {
    const key = await keyPair(Kem.X25519);
    const envelope = await seal(CONTENT, { recipient: key.publicKey, binding: BINDING });
    for (const [at, id] of [
        [0, 0x0010],
        [2, 0x0001],
        [2, 0xffff],
    ] as const) {
        const other = Buffer.from(envelope);
        other.writeUInt16BE(id, at);
        expect(await codeOf(open(other, { key, binding: BINDING }))).toBe('unknown-suite');
    }
    const renamed = Buffer.from(envelope);
    renamed.writeUInt16BE(Aead.ChaCha20Poly1305, 2);
    expect(await codeOf(open(renamed, { key, binding: BINDING }))).toBe('not-authentic');
});

it('is not opened by an encapsulation of small order, with which everybody would know its key', async () => {
    const key = await keyPair(Kem.X25519);
    const envelope = await seal(CONTENT, { recipient: key.publicKey, binding: BINDING });
    for (const point of [
        Buffer.alloc(32),
        Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex'),
    ]) {
        point.copy(envelope, 4);
        expect(await codeOf(open(envelope, { key, binding: BINDING }))).toBe('not-authentic');
    }
});
