import { Address } from '@ton/core';
import { sha256_sync } from '@ton/crypto';
import { Bits256, requireAddress, requireSignature, requireUint, toBytes32 } from './checks';
import { signEd25519, verifyEd25519 } from './ed25519';
import { requireSigningKey } from './keys';
import { InputError } from './marketError';
import { Quote } from './quote';

/** Domain tags: eight ASCII bytes before the packed fields of everything that is hashed. Source: contracts/common/hashing.tact. */
export const Tag = {
    JobKey: 'CM.job.1',
    Quote: 'CM.qto.1',
    ApproveFull: 'CM.apf.1',
    ApproveSubmitted: 'CM.aps.1',
    ReportData: 'CM.rdt.1',
} as const;

function packedHash(tag: string, ...parts: Uint8Array[]): Buffer {
    return sha256_sync(Buffer.concat([Buffer.from(tag, 'ascii'), ...parts]));
}

function uint(field: string, value: bigint | number, bits: number): Buffer {
    return Buffer.from(
        requireUint(field, value, bits)
            .toString(16)
            .padStart(bits / 4, '0'),
        'hex',
    );
}

function toNumber(hash: Buffer): bigint {
    return BigInt('0x' + hash.toString('hex'));
}

/** Identity of one opening of one job: SHA-256(tag ‖ escrow ‖ termsHash ‖ openedLt). */
export function jobKey(escrow: Address, termsHash: Bits256, openedLt: bigint): bigint {
    requireAddress('escrow', escrow);
    return toNumber(
        packedHash(Tag.JobKey, escrow.hash, toBytes32('termsHash', termsHash), uint('openedLt', openedLt, 64)),
    );
}

/** Fields of a quote before it is signed. */
export interface QuoteFields {
    /** The escrow that the client will post the job to. */
    escrow: Address;
    termsHash: Bits256;
    /** nanoTON; the terms' requiredCollateral. */
    collateral: bigint;
    /** Unix seconds. */
    validUntil: number;
}

/** What the provider's signingKey signs in a quote: SHA-256(tag ‖ escrow ‖ termsHash ‖ collateral ‖ validUntil). */
export function quoteHash(fields: QuoteFields): Buffer {
    requireAddress('escrow', fields.escrow);
    return packedHash(
        Tag.Quote,
        fields.escrow.hash,
        toBytes32('termsHash', fields.termsHash),
        uint('collateral', fields.collateral, 64),
        uint('validUntil', fields.validUntil, 32),
    );
}

/** What clientKey signs to pay the whole price of an accepted job: SHA-256(tag ‖ jobKey). */
export function approveFullHash(key: Bits256): Buffer {
    return packedHash(Tag.ApproveFull, toBytes32('jobKey', key));
}

/** Fields of an approval of a submitted result. */
export interface SubmittedFields {
    jobKey: Bits256;
    resultCommitment: Bits256;
    /** nanoTON; what the provider submitted. */
    amount: bigint;
}

/** What clientKey signs to pay a submitted result: SHA-256(tag ‖ jobKey ‖ resultCommitment ‖ amount). */
export function approveSubmittedHash(fields: SubmittedFields): Buffer {
    return packedHash(
        Tag.ApproveSubmitted,
        toBytes32('jobKey', fields.jobKey),
        toBytes32('resultCommitment', fields.resultCommitment),
        uint('amount', fields.amount, 64),
    );
}

/** The 64 bytes that an enclave's report must carry: SHA-256(tag ‖ stake ‖ signingKey ‖ encryptionKey), then 32 zeros. */
export function reportData(stake: Address, signingKey: Bits256, encryptionKey: Bits256): Buffer {
    requireAddress('stake', stake);
    const hash = packedHash(
        Tag.ReportData,
        stake.hash,
        toBytes32('signingKey', signingKey),
        toBytes32('encryptionKey', encryptionKey),
    );
    return Buffer.concat([hash, Buffer.alloc(32)]);
}

/**
 * Signs a 32-byte hash.
 *
 * @param secretKey - 64 bytes, as `@ton/crypto`'s key pairs have them
 * @returns 64 bytes
 * @throws InputError `malformed-signature` for a secret key of another length
 */
export function signHash(hash: Uint8Array, secretKey: Uint8Array): Buffer {
    if (secretKey.length !== 64) {
        throw new InputError(
            'malformed-signature',
            'secretKey',
            `has ${secretKey.length} bytes; pass the 64-byte Ed25519 secret key of a key pair`,
        );
    }
    return signEd25519(hash, secretKey);
}

/**
 * Whether a signature over a hash is of this key, by the rules of the chain.
 *
 * @throws InputError `weak-key` for a key with which everything would verify
 */
export function verifyHash(hash: Uint8Array, signature: Uint8Array, publicKey: Bits256): boolean {
    requireSigningKey('publicKey', publicKey);
    return verifyEd25519(hash, requireSignature('signature', signature), toBytes32('publicKey', publicKey));
}

/** Signs a quote with the provider's signingKey. Workers do not call this by hand but through `issueQuote`. */
export function signQuote(fields: QuoteFields, secretKey: Uint8Array): Quote {
    return {
        termsHash: toNumber(toBytes32('termsHash', fields.termsHash)),
        validUntil: fields.validUntil,
        signature: signHash(quoteHash(fields), secretKey),
    };
}

/** Signs the payment of the whole price with clientKey. */
export function signApproveFull(key: Bits256, secretKey: Uint8Array): Buffer {
    return signHash(approveFullHash(key), secretKey);
}

/** Signs the payment of a submitted result with clientKey. */
export function signApproveSubmitted(fields: SubmittedFields, secretKey: Uint8Array): Buffer {
    return signHash(approveSubmittedHash(fields), secretKey);
}
