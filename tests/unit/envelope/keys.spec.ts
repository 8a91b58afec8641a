import { hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';
import {
    EncryptionKeyPair,
    isPinned,
    Kem,
    nameOfKey,
    packRequest,
    publicKeyNamed,
    requestOverhead,
    unpackRequest,
} from '../../../protocol/envelope';
import { createJobTermsCell } from '../../../wrappers';
import { termsWith } from '../wrappers/fixtures';
import { codeOf, hex, KEMS, keyPair } from './support';

const SMALL_ORDER = [
    '00'.repeat(32),
    '01' + '00'.repeat(31),
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ec' + 'ff'.repeat(30) + '7f',
    'ed' + 'ff'.repeat(30) + '7f',
    'ee' + 'ff'.repeat(30) + '7f',
];

describe.each(KEMS)('a key pair of %s', (_, kem) => {
    it('comes back from its stored form, and from no other', async () => {
        const pair = await EncryptionKeyPair.create(kem);
        const stored = pair.stored();
        expect((await EncryptionKeyPair.fromStored(stored)).publicKey).toEqual(pair.publicKey);
        expect((await EncryptionKeyPair.create(kem)).publicKey.name).not.toBe(pair.publicKey.name);
        for (const other of [stored.subarray(1), Buffer.concat([stored, Buffer.of(0)]), Buffer.alloc(0)]) {
            expect(await codeOf(EncryptionKeyPair.fromStored(other))).toBe('bad-key');
        }
        expect(await codeOf(EncryptionKeyPair.fromStored(Buffer.concat([hex('0010'), stored.subarray(2)])))).toBe(
            'unknown-suite',
        );
        expect(await codeOf(EncryptionKeyPair.fromSeed(kem, Buffer.alloc(31)))).toBe('bad-key');
    });

    it('derives secrets by HKDF, other ones for another key, salt or purpose', async () => {
        const pair = await EncryptionKeyPair.fromSeed(Kem.X25519, Buffer.alloc(32, 7));
        const other = await EncryptionKeyPair.fromSeed(Kem.X25519, Buffer.alloc(32, 8));
        const [salt, info] = [Buffer.from('salt'), Buffer.from('info')];
        const derived = await pair.derive(salt, info);
        expect(derived).toEqual(Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 7), salt, info, 32)));
        for (const another of [pair.derive(info, info), pair.derive(salt, salt), other.derive(salt, info)]) {
            expect(await another).not.toEqual(derived);
        }
    });

    it('does not show its secret, however it is printed', async () => {
        const pair = await keyPair(kem, 0x5a);
        const shown = [
            inspect(pair, { depth: 20, showHidden: true, getters: true, maxArrayLength: null }),
            JSON.stringify({ pair }, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
            String(pair),
            inspect(Object.entries(pair), { depth: 20 }),
        ].join('\n');
        for (const secret of [
            '5a'.repeat(8),
            '5a '.repeat(8).trim(),
            '90, '.repeat(8).trim(),
            Buffer.alloc(9, 0x5a).toString('base64'),
        ]) {
            expect(shown).not.toContain(secret);
        }
        // The search would find it.
        expect(inspect(pair.stored(), { maxArrayLength: null })).toContain('5a '.repeat(8).trim());
        expect(shown).toContain(pair.publicKey.name.toString(16).slice(0, 8));
    });
});

describe('a name of 256 bits', () => {
    it('is the key itself for X25519, and its marked hash for X-Wing', async () => {
        for (let fill = 1; fill < 40; fill++) {
            const { publicKey } = await keyPair(Kem.X25519, fill);
            expect(isPinned(publicKey.name)).toBe(false);
            expect(await publicKeyNamed(publicKey.name)).toEqual(publicKey);
        }
        const { publicKey } = await keyPair(Kem.XWing);
        expect(isPinned(publicKey.name)).toBe(true);
        expect(await publicKeyNamed(publicKey.name, publicKey.bytes)).toEqual(publicKey);
        expect(await codeOf(publicKeyNamed(publicKey.name))).toBe('key-needed');
        // What contracts and wrappers take for an encryption key.
        expect(() => createJobTermsCell(termsWith({ encryptionKey: publicKey.name }))).not.toThrow();
    });

    it('does not let another key in', async () => {
        const { publicKey } = await keyPair(Kem.XWing);
        const others = [
            (await keyPair(Kem.XWing, 2)).publicKey.bytes,
            publicKey.bytes.subarray(1),
            Buffer.alloc(32),
            Buffer.alloc(0),
        ];
        for (const bytes of others) {
            expect(await codeOf(publicKeyNamed(publicKey.name, bytes))).toBe('foreign-key');
        }
        const x25519 = (await keyPair(Kem.X25519)).publicKey;
        expect(await codeOf(publicKeyNamed(x25519.name, (await keyPair(Kem.X25519, 2)).publicKey.bytes))).toBe(
            'foreign-key',
        );
        for (let at = 0; at < publicKey.bytes.length; at += 97) {
            const spoilt = Buffer.from(publicKey.bytes);
            spoilt[at]! ^= 1;
            expect(await codeOf(publicKeyNamed(publicKey.name, spoilt))).toBe('foreign-key');
        }
    });

    it('is refused for keys of small order, alone or in a hybrid, and for hybrids that nothing can be sealed to', async () => {
        const { bytes } = (await keyPair(Kem.XWing)).publicKey;
        for (const point of SMALL_ORDER.map(hex)) {
            expect(await codeOf(publicKeyNamed(point))).toBe('weak-key');
            const hybrid = Buffer.concat([bytes.subarray(0, 1184), point]);
            expect(await codeOf(publicKeyNamed(nameOfKey(Kem.XWing, hybrid), hybrid))).toBe('weak-key');
        }
        // FIPS 203, section 7.2: coefficients are below 3329.
        const malformed = Buffer.from(bytes).fill(0xff, 0, 30);
        expect(await codeOf(publicKeyNamed(nameOfKey(Kem.XWing, malformed), malformed))).toBe('bad-key');
        const masked = Buffer.alloc(32, 9);
        masked[31]! |= 0x80;
        expect(() => nameOfKey(Kem.X25519, masked)).toThrow('RFC 7748');
        expect(() => nameOfKey(Kem.X25519, Buffer.alloc(31))).toThrow('31 bytes');
    });
});

describe.each(KEMS)("a request's payload with a key of %s", (_, kem) => {
    it('comes back whole, and is refused in pieces', async () => {
        const { publicKey: recipient } = await keyPair(kem);
        const request = { recipient, salt: Buffer.alloc(32, 7), input: Buffer.from('prompt') };
        const payload = packRequest(request);
        expect(payload.length).toBe(requestOverhead(kem) + 6);
        expect(await unpackRequest(payload)).toEqual(request);
        for (const length of [0, 1, 2, 33, requestOverhead(kem) - 1]) {
            expect(await codeOf(unpackRequest(payload.subarray(0, length)))).toMatch(/malformed|unknown-suite/);
        }
    });
});
