import {
    attest,
    AttestationStage,
    certificateOf,
    openAttestation,
    packed,
    quoteOf,
    remember,
    submitTcbInfo,
    withPckBody,
} from '../tests/fixtures/attestation/stage';
import { tcbInfoJson, tcbInfoSpec } from '../tests/fixtures/attestation/tcbInfos';
import { GENESIS, PriceSet } from '../tests/helpers/chain';
import { expectTrace } from '../tests/helpers/traces';
import { Cost, costOf } from './measure';

const DAY = 86_400;
const PLENTY = 5_000_000_000n;

/** The scenarios of attestation, with quotes and TCB info of the test authority, on a network of their own. */
export async function measureAttestations(
    prices: PriceSet,
    enter: (scenario: string, cost: Cost) => void,
): Promise<void> {
    const stage: AttestationStage = await openAttestation({ prices });
    const { chain, verifier, provider, submitter, authority } = stage;
    const quote = packed(quoteOf(provider));
    const certificate = certificateOf(stage, quote.facts);

    // What the stake does with the verdict is the same in both, and is left out: a ceiling is on the verification.
    await chain.rewinding(async () => {
        const trace = await attest(stage, quote);
        expectTrace(trace, [
            { op: 'AttestQuote' },
            { op: 'AttestationVerdict' },
            { op: 'Excesses' },
            { op: 'Excesses' },
        ]);
        enter('attest.full', costOf({ transactions: trace.transactions.slice(0, 2) }, [verifier]));
    });
    await chain.rewinding(async () => {
        await remember(stage);
        const body = withPckBody(provider, quote.quote);
        const trace = await chain.send(submitter, { to: certificate, value: PLENTY, body });
        expectTrace(trace, [
            { op: 'AttestWithPck' },
            { op: 'AttestRemembered' },
            { op: 'AttestationVerdict' },
            { op: 'Excesses' },
            { op: 'Excesses' },
        ]);
        enter('attest.cachedPck', costOf({ transactions: trace.transactions.slice(0, 3) }, [verifier]));
        enter('attest.cachedPck.certificate', costOf(trace, [certificate]));
    });
    await chain.rewinding(async () => {
        const info = authority.signTcbInfo(tcbInfoJson(tcbInfoSpec()), GENESIS - DAY, GENESIS + DAY);
        const trace = await submitTcbInfo(stage, info);
        expectTrace(trace, [{ op: 'SubmitTcbInfo' }, { op: 'Excesses' }]);
        enter('attest.tcbInfo', costOf(trace, [verifier]));
    });
}
