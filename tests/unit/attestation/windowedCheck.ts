import { examineQuote } from '../../../client/attestation/examineQuote';
import { collateral, rootCertificate } from '../../fixtures/attestation/collateral';
import { quoteBytes, quoteSpec } from '../../fixtures/attestation/quotes';
import { usualPolicy } from '../../fixtures/attestation/stage';
import { TestAuthority } from '../../fixtures/attestation/testAuthority';
import { GENESIS } from '../../helpers/chain';

// Looks at a good quote and at one whose PCK has expired. Run in a process with a global `window`, as browsers, Electron and jsdom have one:
// the library looks for it when it is loaded, and takes a certificate class of its own then, which has no dates.

if (!('window' in globalThis)) {
    throw new Error('There is no window here; define one before this is loaded');
}
const expected = {
    rootCertificate: rootCertificate(),
    collateral: collateral(),
    root: new TestAuthority().root.point,
    policy: { ...usualPolicy(), revocations: new Set<bigint>() },
    reportData: quoteSpec().reportData,
    now: GENESIS,
};
const quotes = [quoteSpec(), quoteSpec({ pck: { notAfter: GENESIS - 1 } })];
const checks = quotes.map((spec) => examineQuote(quoteBytes(spec), expected).failed.map(({ check }) => check));
process.stdout.write(JSON.stringify(checks));
