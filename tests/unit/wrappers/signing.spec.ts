import { createHash } from 'node:crypto';
import { Address } from '@ton/core';
import * as w from '../../../wrappers';
import { addressOf, clientKeys, keysOf, signingKeys } from './fixtures';

const sha = (...parts: (string | Buffer)[]) => {
    const hash = createHash('sha256');
    parts.forEach((part) => hash.update(part));
    return hash.digest();
};
const u64 = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return bytes;
};
const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
};
const big = (bytes: Buffer) => BigInt('0x' + bytes.toString('hex'));
const escrow = addressOf('escrow');
const hashed = sha('terms');
const key = sha('job key');

// Packed by hand, from the field widths of the contracts.
it('packs and hashes what the contracts hash', () => {
    expect(w.jobKey(escrow, hashed, 9n)).toBe(big(sha('CM.job.1', escrow.hash, hashed, u64(9n))));
    expect(w.quoteHash({ escrow, termsHash: hashed, collateral: 5n, validUntil: 7 })).toEqual(
        sha('CM.qto.1', escrow.hash, hashed, u64(5n), u32(7)),
    );
    expect(w.approveFullHash(key)).toEqual(sha('CM.apf.1', key));
    expect(w.approveSubmittedHash({ jobKey: key, resultCommitment: big(hashed), amount: 5n })).toEqual(
        sha('CM.aps.1', key, hashed, u64(5n)),
    );
    const keys = [keysOf('a').publicKey, keysOf('b').publicKey] as const;
    expect(w.reportData(escrow, ...keys)).toEqual(
        Buffer.concat([sha('CM.rdt.1', escrow.hash, keys[0], keys[1]), Buffer.alloc(32)]),
    );
});

it('signs what verifies under the right key, and nothing else', () => {
    const fields = { escrow, termsHash: big(hashed), collateral: 5n, validUntil: 7 };
    const quote = w.signQuote(fields, signingKeys.secretKey);
    expect(w.verifyHash(w.quoteHash(fields), quote.signature, signingKeys.publicKey)).toBe(true);
    expect(w.verifyHash(w.quoteHash(fields), quote.signature, clientKeys.publicKey)).toBe(false);
    expect(w.verifyHash(w.quoteHash({ ...fields, collateral: 6n }), quote.signature, signingKeys.publicKey)).toBe(
        false,
    );
    expect(w.parseQuote(w.createQuoteCell(quote))).toEqual(quote);
});

it('keeps the two approvals apart: one of a part never pays the whole', () => {
    const full = w.signApproveFull(key, clientKeys.secretKey);
    const submitted = { jobKey: key, resultCommitment: 1n, amount: 2n };
    expect(w.verifyHash(w.approveFullHash(key), full, clientKeys.publicKey)).toBe(true);
    expect(w.verifyHash(w.approveSubmittedHash(submitted), full, clientKeys.publicKey)).toBe(false);
    const part = w.signApproveSubmitted(submitted, clientKeys.secretKey);
    expect(w.verifyHash(w.approveSubmittedHash(submitted), part, clientKeys.publicKey)).toBe(true);
    expect(w.verifyHash(w.approveFullHash(key), part, clientKeys.publicKey)).toBe(false);
});

it('refuses weak keys, short secrets, malformed signatures and foreign workchains', () => {
    const hash = w.approveFullHash(key);
    const codeOf = (act: () => unknown) => {
        try {
            act();
        } catch (error) {
            return (error as w.MarketError).code;
        }
        return null;
    };
    expect(codeOf(() => w.verifyHash(hash, Buffer.alloc(64), 0n))).toBe('weak-key');
    expect(codeOf(() => w.verifyHash(hash, Buffer.alloc(63), clientKeys.publicKey))).toBe('malformed-signature');
    expect(codeOf(() => w.signHash(hash, clientKeys.secretKey.subarray(0, 32)))).toBe('malformed-signature');
    expect(codeOf(() => w.jobKey(new Address(-1, escrow.hash), 1n, 1n))).toBe('wrong-workchain');
    expect(codeOf(() => w.createQuoteCell({ termsHash: 1n, validUntil: 1, signature: Buffer.alloc(1) }))).toBe(
        'malformed-signature',
    );
});
