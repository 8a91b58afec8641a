import { X509Certificate } from 'node:crypto';
import { AttestationError, readCertificate } from '../../protocol/attestation';
import { INTEL_ROOT } from '../../wrappers';
import { ChainInfo, MAINNET_GLOBAL_ID } from './chain';
import { ScriptError } from './errors';
import { contentOf, Flag } from './flags';

/** The key of a root that a verifier pins. */
export interface RootKey {
    readonly x: bigint;
    readonly y: bigint;
}

const INTEL = 'intel';

/** The root that a verifier pins: the word `intel`, or a file with the certificate of another, DER or PEM. */
export function rootFlag(about: string): Flag<RootKey> {
    return {
        form: `${INTEL}|file`,
        about,
        parse: (value) => (value === INTEL ? INTEL_ROOT : rootKeyOf(String(value))),
    };
}

/** Whether quotes of real machines lead up to this root. */
export function isIntels({ x, y }: RootKey): boolean {
    return x === INTEL_ROOT.x && y === INTEL_ROOT.y;
}

/** Whose root it is, in words. */
export function rootInWords(root: RootKey): string {
    return isIntels(root)
        ? "Intel's SGX root CA"
        : "NOT Intel's: whoever holds the key of this root can call any provider attested. For tests only";
}

/**
 * A root of somebody else's makes everybody attested whom he likes: not where money is real.
 *
 * @throws ScriptError `mainnet-refused`
 */
export function requireRootFit(root: RootKey, { globalId }: ChainInfo): void {
    if (globalId === MAINNET_GLOBAL_ID && !isIntels(root)) {
        throw new ScriptError(
            'mainnet-refused',
            "The root is not Intel's, so its holder could call any provider attested; on mainnet leave --root out",
        );
    }
}

function rootKeyOf(path: string): RootKey {
    const content = contentOf(path);
    let certificate: X509Certificate;
    try {
        certificate = new X509Certificate(content);
    } catch {
        throw new ScriptError('bad-argument', 'is no certificate; pass DER or PEM, or the word intel');
    }
    if (!certificate.checkIssued(certificate) || !certificate.verify(certificate.publicKey)) {
        throw new ScriptError('bad-argument', 'is not the certificate of a root: it did not sign itself');
    }
    try {
        return readCertificate(certificate.raw).key;
    } catch (error) {
        throw error instanceof AttestationError ? new ScriptError('bad-argument', error.message) : error;
    }
}
