import { constants } from '@phala/dcap-qvl';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INTEL_ROOT } from '../../../wrappers';

const folder = process.env.TDX_QUOTES_DIR;

/** SHA-256 and key of a certificate, as Node reads them. */
function pinned(certificate: X509Certificate) {
    const { x, y } = certificate.publicKey.export({ format: 'jwk' });
    const number = (base64url: string) => BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex')}`);
    return {
        x: number(x!),
        y: number(y!),
        certificateSha256: createHash('sha256').update(certificate.raw).digest('hex'),
    };
}

describe("Intel's root", () => {
    it('is the one that @phala/dcap-qvl trusts', () => {
        const root = new X509Certificate(Buffer.from(constants.TRUSTED_ROOT_CA_DER));
        expect(pinned(root)).toEqual(INTEL_ROOT);
        expect(root.subject).toContain('CN=Intel SGX Root CA');
        expect(root.verify(root.publicKey)).toBe(true);
    });

    // The name says why it is left out.
    (folder === undefined ? it.skip : it)('is the last certificate of a real quote (TDX_QUOTES_DIR)', () => {
        const quote = readFileSync(join(folder!, 'tdx_quote')).toString('latin1');
        const pems = quote.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)!;
        expect(pems).toHaveLength(3);
        expect(pinned(new X509Certificate(pems[2]!))).toEqual(INTEL_ROOT);
    });
});
