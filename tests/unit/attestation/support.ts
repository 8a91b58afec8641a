import { attest, attestedUntil, AttestationStage, FLOOR, packed, quoteOf } from '../../fixtures/attestation/stage';
import { expectTrace } from '../../helpers/traces';

/** Code of an attestation that was refused. */
export const REFUSED = {
    signature: 0x604,
    dates: 0x611,
    revoked: 0x612,
    measurement: 0x60e,
    platform: 0x613,
    below: 0x614,
    floorDates: 0x617,
    attributes: 0x60c,
    module: 0x60d,
    qe: 0x60b,
    reportData: 0x212,
} as const;

type Changes = Parameters<typeof quoteOf>[1];

/** The quote is verified and the stake believes it. */
export async function expectAttested(
    at: AttestationStage,
    changes: Changes = {},
    until = FLOOR.validUntil,
): Promise<void> {
    const { provider, verifier, submitter } = at;
    const quote = packed(quoteOf(provider, changes));
    expectTrace(await attest(at, quote), [
        { from: submitter, to: verifier, op: 'AttestQuote' },
        { from: verifier, to: provider.stake, op: 'AttestationVerdict' },
        { from: verifier, to: submitter, op: 'Excesses' },
        { from: provider.stake, to: verifier, op: 'Excesses' },
    ]);
    expect(await attestedUntil(at, provider)).toBe(until);
}

/** The verifier throws, the value bounces, nothing is stored; the tier, if there was none, is Open. */
export async function expectRefused(
    at: AttestationStage,
    changes: Changes,
    exitCode: number,
    until = 0,
): Promise<void> {
    const { chain, provider, verifier, submitter } = at;
    const data = async () =>
        [await chain.data(verifier), await chain.data(provider.stake)].map((cell) => cell!.hash().toString('hex'));
    const before = await data();
    expectTrace(await attest(at, packed(quoteOf(provider, changes))), [
        { from: submitter, to: verifier, op: 'AttestQuote', exitCode },
        { from: verifier, to: submitter, op: 'bounced AttestQuote' },
    ]);
    expect(await data()).toEqual(before);
    expect(await attestedUntil(at, provider)).toBe(until);
}
