import { Address } from '@ton/core';
import { Aead, channelRequest, EncryptionKeyPair, Kem, seal, SealingStream } from '../../../protocol/envelope';
import { kemOf, suiteOf } from '../../../protocol/envelope/suites';
import rfc9180 from '../../fixtures/hpke/rfc9180.json';
import xwing from '../../fixtures/hpke/xwing.json';
import { publicOf, refereeOpen, secretOf } from '../../helpers/hpke';
import { hex, keyPair } from './support';

describe.each(rfc9180.vectors.map((vector) => [Aead[vector.aead_id]!, vector] as const))(
    'RFC 9180 with %s',
    (_, vector) => {
        it('is what the suite computes, on both sides, with the very numbers of the RFC', async () => {
            const suite = suiteOf(vector.kem_id, vector.aead_id);
            const kem = kemOf(vector.kem_id);
            const recipientPublicKey = await kem.deserializePublicKey(Uint8Array.from(hex(vector.pkRm)));
            const recipientKey = await kem.importKey('raw', Uint8Array.from(hex(vector.skRm)).buffer, false);
            const info = Uint8Array.from(hex(vector.info));
            const sender = await suite.createSenderContext({
                recipientPublicKey,
                info,
                ekm: Uint8Array.from(hex(vector.ikmE)),
            });
            expect(Buffer.from(sender.enc).toString('hex')).toBe(vector.enc);
            const recipient = await suite.createRecipientContext({ recipientKey, enc: sender.enc, info });
            let seq = 0;
            for (const encryption of vector.encryptions) {
                const skipped = Uint8Array.of();
                for (; seq < encryption.seq; seq++) {
                    await recipient.open(await sender.seal(skipped));
                }
                const sealed = await sender.seal(
                    Uint8Array.from(hex(encryption.pt)),
                    Uint8Array.from(hex(encryption.aad)),
                );
                expect(Buffer.from(sealed).toString('hex')).toBe(encryption.ct);
                const opened = await recipient.open(sealed, Uint8Array.from(hex(encryption.aad)));
                expect(Buffer.from(opened).toString('hex')).toBe(encryption.pt);
                seq++;
            }
        });

        it('is what the referee of these tests computes', () => {
            for (const { aad, ct, pt, seq } of vector.encryptions) {
                const context = { aead: vector.aead_id, info: hex(vector.info), aad: hex(aad), seq };
                expect(refereeOpen(hex(vector.skRm), hex(vector.enc), context, hex(ct)).toString('hex')).toBe(pt);
            }
        });
    },
);

it('X-Wing is that of the draft', async () => {
    const kem = kemOf(Kem.XWing);
    expect(xwing.vectors.length).toBeGreaterThan(2);
    for (const { seed, eseed, pk, ct, ss } of xwing.vectors) {
        const { publicKey, pair } = await EncryptionKeyPair.fromSeed(Kem.XWing, hex(seed));
        expect(publicKey.bytes.toString('hex')).toBe(pk);
        const sent = await kem.encap({ recipientPublicKey: pair.publicKey, ekm: Uint8Array.from(hex(eseed)) });
        expect([Buffer.from(sent.enc).toString('hex'), Buffer.from(sent.sharedSecret).toString('hex')]).toEqual([
            ct,
            ss,
        ]);
        const received = await kem.decap({ recipientKey: pair, enc: Uint8Array.from(hex(ct)).buffer });
        expect(Buffer.from(received).toString('hex')).toBe(ss);
    }
});

describe('an envelope', () => {
    // Tag, direction 3, global id −3, account, openedLt and seq, model.
    const channel = new Address(0, hex('11'.repeat(32)));
    const binding = channelRequest({ networkId: -3, channel, openedLt: 0x0102n, seq: 3n, modelRoot: 0x44n });
    const info = Buffer.from('ton-compute-market/envelope/v1');
    const associated = (mark: string) =>
        Buffer.concat([
            info,
            hex('03fffffffd'),
            hex('11'.repeat(32)),
            hex('00'.repeat(16) + '0000000000000102' + '0000000000000003'),
            hex('00'.repeat(31) + '44'),
            hex(mark),
        ]);

    it.each([
        ['ChaCha20-Poly1305', Aead.ChaCha20Poly1305],
        ['AES-256-GCM', Aead.Aes256Gcm],
    ])('with %s is HPKE over the associated data as documented', async (_, aead) => {
        const secret = secretOf(Buffer.alloc(32, 1));
        const { publicKey } = await keyPair(Kem.X25519);
        expect(publicKey.bytes).toEqual(publicOf(secret));
        const envelope = await seal(Buffer.from('a prompt'), { recipient: publicKey, binding, aead });
        expect(envelope.subarray(0, 4).toString('hex')).toBe(`0020000${aead}`);
        expect(envelope[36]).toBe(1);
        const context = { aead, info, aad: associated('01'), seq: 0 };
        expect(refereeOpen(secret, envelope.subarray(4, 36), context, envelope.subarray(37)).toString()).toBe(
            'a prompt',
        );
    });

    it('of several chunks numbers them as HPKE does, and marks the last', async () => {
        const { publicKey } = await keyPair(Kem.X25519);
        const stream = await SealingStream.begin({ recipient: publicKey, binding });
        const secret = secretOf(Buffer.alloc(32, 1));
        for (const [seq, text] of ['one', 'two', 'three'].entries()) {
            const chunk = await stream.seal(Buffer.from(text), seq === 2);
            const mark = seq === 2 ? '01' : '00';
            expect(chunk.subarray(0, 1).toString('hex')).toBe(mark);
            const context = { aead: Aead.Aes256Gcm, info, aad: associated(mark), seq };
            const opened = refereeOpen(secret, stream.header.subarray(4), context, chunk.subarray(1));
            expect(opened.toString()).toBe(text);
        }
    });
});
