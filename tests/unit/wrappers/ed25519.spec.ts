import { keyPairFromSeed, sha256_sync, sign, signVerify } from '@ton/crypto';
import fc from 'fast-check';
import { signEd25519, verifyEd25519 } from '../../../wrappers/ed25519';
import { Channel } from '../../fixtures/channels';
import { expectTrace } from '../../helpers/traces';

const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;

/** The same signature with the group's order added to S: as valid an equation, but not by RFC 8032. */
function stretched(signature: Buffer): Buffer {
    const s = BigInt('0x' + Buffer.from(signature.subarray(32)).reverse().toString('hex')) + ORDER;
    const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    return Buffer.concat([signature.subarray(0, 32), bytes]);
}

const BROWSER = null as unknown as undefined;
const hosts = [
    ['in Node', undefined],
    ['without Node', BROWSER],
] as const;

describe.each(hosts)('Ed25519 %s', (_, crypto) => {
    it('signs and verifies like tweetnacl, for any message and key', () => {
        fc.assert(
            fc.property(
                fc.uint8Array({ minLength: 32, maxLength: 32 }),
                fc.uint8Array({ maxLength: 64 }),
                (seed, text) => {
                    const { publicKey, secretKey } = keyPairFromSeed(Buffer.from(seed));
                    const signature = signEd25519(text, secretKey, crypto);
                    expect(signature).toEqual(sign(Buffer.from(text), secretKey));
                    expect(verifyEd25519(text, signature, publicKey, crypto)).toBe(true);
                    const other = Buffer.from(signature);
                    const index = text.length % 64;
                    other[index] = other[index]! ^ 1;
                    expect(verifyEd25519(text, other, publicKey, crypto)).toBe(false);
                },
            ),
            { numRuns: 8, seed: 1 },
        );
    });

    it('refuses what tweetnacl accepts and the chain does not: S above the order', () => {
        const { publicKey, secretKey } = keyPairFromSeed(sha256_sync('a key'));
        const message = sha256_sync('a message');
        const forged = stretched(sign(message, secretKey));
        expect(signVerify(message, forged, publicKey)).toBe(true);
        expect(verifyEd25519(message, forged, publicKey, crypto)).toBe(false);
    });
});

it('agrees with the chain on such a signature', async () => {
    const channel = await Channel.stage();
    await channel.open();
    const voucher = await channel.voucher(1n);
    const forged = channel.redeemBody(voucher, stretched(channel.sign(voucher)));
    expectTrace(await channel.tell(channel.stranger, forged), [
        { op: 'Redeem', exitCode: 0x401 },
        { op: 'bounced Redeem' },
    ]);
});
