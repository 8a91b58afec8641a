import { toNano } from '@ton/core';
import { GENESIS } from '../../helpers/chain';
import { expectTrace, Trace } from '../../helpers/traces';
import { gasUsed, withoutWallets } from '../../helpers/traces';
import { packQuote } from '../../../protocol/attestation/packQuote';
import {
    attest,
    attestedUntil,
    AttestationStage,
    FLOOR,
    MEASUREMENT_UNTIL,
    openAttestation,
    packed,
    quoteOf,
    remember,
    reportDataOf,
    usualPolicy,
    withPckBody,
} from '../../fixtures/attestation/stage';
import { quoteBytes } from '../../fixtures/attestation/quotes';

const DAY = 86_400;

it('works', async () => {
    const stage = await openAttestation();
    const t = await attest(stage, packed(quoteOf(stage.provider)));
    console.log(withoutWallets(t).map((x) => [x.inMessage!.body.beginParse().remainingBits, gasUsed(x)]));
    expect(await attestedUntil(stage, stage.provider)).toBe(FLOOR.validUntil);
    await remember(stage);
});
