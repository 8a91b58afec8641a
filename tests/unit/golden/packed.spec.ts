import { sha256_sync } from '@ton/crypto';
import { closeRequestHash } from '../../../protocol';
import { approveFullHash, approveSubmittedHash, jobKey, quoteHash, reportData } from '../../../wrappers';
import { jobKeyOf, packedHash } from '../../helpers/cells';
import { addressOf, ED25519, HASH_1, HASH_2, ID_A, raw, X25519_ALICE } from './raw';

// SHA-256 over literal bytes, field by field as schemas/common.tlb lists them.
const hash = (...parts: string[]) => sha256_sync(Buffer.from(parts.join(''), 'hex')).toString('hex');
const number = (hex: string) => BigInt(`0x${hex}`);

describe('packed bytes hashed by hand equal the wrappers', () => {
    it('JobKeyData', () => {
        const terms = raw(`x${HASH_1}`);
        const termsHash = terms.hash().toString('hex');
        const expected = hash('434d2e6a6f622e31', ID_A, termsHash, '00000000075bcd15');
        expect(jobKey(addressOf(ID_A), terms.hash(), 123_456_789n)).toBe(number(expected));
        expect(jobKeyOf(addressOf(ID_A), terms, 123_456_789n)).toBe(number(expected));
    });

    it('QuoteSignedData', () => {
        const expected = hash('434d2e71746f2e31', ID_A, HASH_1, '00000004a817c800', '69000000');
        expect(
            quoteHash({
                escrow: addressOf(ID_A),
                termsHash: number(HASH_1),
                collateral: 20_000_000_000n,
                validUntil: 0x69000000,
            }).toString('hex'),
        ).toBe(expected);
    });

    it('ApproveFullSignedData', () => {
        const expected = hash('434d2e6170662e31', HASH_1);
        expect(approveFullHash(number(HASH_1)).toString('hex')).toBe(expected);
        expect(packedHash('approveFull', [number(HASH_1), 256]).toString('hex')).toBe(expected);
    });

    it('ApproveSubmittedSignedData', () => {
        const expected = hash('434d2e6170732e31', HASH_1, HASH_2, '00000001a13b8600');
        expect(
            approveSubmittedHash({
                jobKey: number(HASH_1),
                resultCommitment: number(HASH_2),
                amount: 7_000_000_000n,
            }).toString('hex'),
        ).toBe(expected);
    });

    it('RequestCloseSignedData', () => {
        const expected = hash('434d2e72636c2e31', ID_A, '00000000075bcd15');
        const channel = BigInt(`0x${ID_A}`);
        expect(packedHash('requestClose', [channel, 256], [123_456_789n, 64]).toString('hex')).toBe(expected);
        expect(closeRequestHash({ channel: addressOf(ID_A), openedLt: 123_456_789n }).toString('hex')).toBe(expected);
    });

    it('ReportData', () => {
        const expected = hash('434d2e7264742e31', ID_A, ED25519, X25519_ALICE) + '00'.repeat(32);
        expect(reportData(addressOf(ID_A), number(ED25519), number(X25519_ALICE)).toString('hex')).toBe(expected);
    });
});
