import { Address } from '@ton/core';
import { AttestationTrust } from '../client';
import { packQuote, PackedTcbInfo, packTcbInfo } from '../protocol/attestation';
import { collateral, rootCertificate } from '../tests/fixtures/attestation/collateral';
import { quoteBytes, quoteSpec } from '../tests/fixtures/attestation/quotes';
import { tcbInfoJson, tcbInfoSpec } from '../tests/fixtures/attestation/tcbInfos';
import { TestAuthority } from '../tests/fixtures/attestation/testAuthority';
import { AttestationVerifier, Prices, reportData } from '../wrappers';
import { Provider } from './provider';

// There is no TDX here. Quotes, certificates and TCB info are in Intel's format, but of a test authority whose keys anybody can
// compute: they show how attestation goes, and say nothing of any machine. A network for real money pins Intel's root.

const YEAR = 365 * 86_400;
const { issueDate } = tcbInfoSpec();
const authority = new TestAuthority();

/** What a client of the demo believes about machines. */
export const TEST_TRUST: AttestationTrust = {
    rootCertificate: rootCertificate(authority),
    collateral: () => Promise.resolve(collateral({ authority })),
};

/** The image that the network allows. */
export const TEST_IMAGE = 'demo worker';

/** A verifier that pins the test authority's root and allows one image; of platforms it knows nothing yet. */
export async function verifierOf(registry: Address, prices: Prices): Promise<AttestationVerifier> {
    const { measurement } = packQuote(quoteBytes(quoteSpec({ authority })));
    const policy = {
        leastIsvSvn: 4,
        revocations: new Set<bigint>(),
        measurements: new Map([[measurement, { name: TEST_IMAGE, validUntil: issueDate + YEAR }]]),
        floors: new Map(),
    };
    return await AttestationVerifier.createFromConfig({ registry, root: authority.root.point, policy }, prices);
}

/** What the quoting library would return in this provider's trust domain. */
export function quoteOf({ stake, signing, encryption }: Provider): Buffer {
    const keys = reportData(stake, signing.publicKey, encryption.publicKey.name);
    return quoteBytes(quoteSpec({ authority, reportData: keys }));
}

/** The same quote as the chain takes it. */
export function packedQuoteOf(provider: Provider): ReturnType<typeof packQuote> {
    return packQuote(quoteOf(provider), authority.root.point);
}

/** What is said of the platform's firmware, as the chain takes it. */
export function packedTcbInfo(): PackedTcbInfo {
    const info = authority.signTcbInfo(tcbInfoJson(tcbInfoSpec()), issueDate - YEAR, issueDate + YEAR);
    return packTcbInfo(info, authority.root.point);
}
