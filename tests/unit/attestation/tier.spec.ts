import { toNano } from '@ton/core';
import { packQuote } from '../../../protocol/attestation/packQuote';
import { policyChange } from '../../fixtures/attestation/policies';
import { quoteBytes, quoteSpec } from '../../fixtures/attestation/quotes';
import {
    attest,
    attestedUntil,
    certificateOf,
    changePolicy,
    changeProfile,
    FLOOR,
    FMSPC,
    MEASUREMENT_UNTIL,
    openAttestation,
    packed,
    quoteOf,
    useAttestation,
    remember,
    reportDataOf,
    revocationOf,
    revoke,
    SERIALS,
    usualPolicy,
    withPckBody,
} from '../../fixtures/attestation/stage';
import { GENESIS } from '../../helpers/chain';
import { Job } from '../../helpers/jobs';
import { JOB_ACCEPTED } from '../../helpers/layout';
import { openProvider, Provider } from '../../helpers/network';
import { expectTrace, Trace, withoutWallets } from '../../helpers/traces';
import { expectAttested, expectRefused, REFUSED } from './support';

// The chain's side of: changing a key clears the tier; an expired, revoked or copied quote never yields it. The client's is
// tests/flow/tierLost.spec.ts.

const DAY = 86_400;
const SOON = GENESIS + 5 * DAY;
const PLENTY = toNano(3);
const { measurement } = packed(quoteSpec());

const stage = useAttestation();

/** Sends the provider's quote through a certificate that was remembered. */
async function attestWith(changes: Parameters<typeof quoteOf>[1] = {}, to = stage.provider): Promise<Trace> {
    const { quote, facts } = packed(quoteOf(stage.provider, changes));
    const message = { to: certificateOf(stage, facts), value: PLENTY, body: withPckBody(to, quote) };
    return await stage.chain.send(stage.submitter, message);
}

/** The verifier refuses it, and its value returns to the certificate's holder. */
function expectReturned(trace: Trace, exitCode: number): void {
    const { verifier, submitter } = stage;
    expectTrace(trace, [
        { from: submitter, op: 'AttestWithPck' },
        { to: verifier, op: 'AttestRemembered', exitCode },
        { from: verifier, op: 'bounced AttestRemembered' },
        { to: submitter, op: 'Excesses' },
    ]);
}

/** The stake refuses its verdict, whoever brought the quote. */
function expectVerdictRefused(trace: Trace, { stake }: Provider): void {
    const verdicts = withoutWallets(trace).filter(
        ({ inMessage }) => inMessage!.info.dest!.toString() === stake.toString(),
    );
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]!.description).toMatchObject({ computePhase: { exitCode: REFUSED.reportData } });
}

/** Whether an escrow that asks for the tier lets the provider have the job. */
async function getsAttestedJobs(provider: Provider): Promise<boolean> {
    return await stage.chain.rewinding(async () => {
        const job = await Job.prepare(provider, { terms: { tier: 1 } });
        await job.post();
        const accepting = { to: provider.stake, value: PLENTY, body: await job.acceptBody() };
        await stage.chain.send(provider.operator, accepting);
        return (await job.data()).state === JOB_ACCEPTED;
    });
}

describe('Changing a key clears the tier:', () => {
    const changed = async (key: 'signingKey' | 'encryptionKey') =>
        await changeProfile(stage, stage.provider, { [key]: stage.provider.profile[key] ^ 1n });

    it.each(['signingKey', 'encryptionKey'] as const)('%s, and the old quote does not bring it back', async (key) => {
        await remember(stage);
        expect(await getsAttestedJobs(stage.provider)).toBe(true);
        const provider = await changed(key);
        expect(await attestedUntil(stage, provider)).toBe(0);
        expect(await getsAttestedJobs(provider)).toBe(false);
        expectVerdictRefused(await attest(stage, packed(quoteOf(stage.provider))), provider);
        expectVerdictRefused(await attestWith(), provider);
        expect(await attestedUntil(stage, provider)).toBe(0);
        await expectAttested({ ...stage, provider });
        expect(await getsAttestedJobs(provider)).toBe(true);
    });

    it('both at once, swapped: the old quote is not over these', async () => {
        const { signingKey, encryptionKey } = stage.provider.profile;
        await expectAttested(stage);
        const swapped = { signingKey: encryptionKey, encryptionKey: signingKey };
        const provider = await changeProfile(stage, stage.provider, swapped);
        expect(await attestedUntil(stage, provider)).toBe(0);
        expectVerdictRefused(await attest(stage, packed(quoteOf(stage.provider))), provider);
    });

    it('also where the key is changed back: somebody has to show the quote again', async () => {
        await expectAttested(stage);
        const { encryptionKey } = stage.provider.profile;
        const back = await changeProfile(stage, await changed('encryptionKey'), { encryptionKey });
        expect(await attestedUntil(stage, back)).toBe(0);
        await expectAttested(stage);
    });

    it('and nothing else in a profile does', async () => {
        await expectAttested(stage);
        const others = { operator: stage.submitter.address, allowanceCap: 0n, endpoint: Buffer.from('x'), offers: [] };
        await changeProfile(stage, stage.provider, others);
        expect(await attestedUntil(stage, stage.provider)).toBe(FLOOR.validUntil);
    });
});

describe('Until when it is good', () => {
    it('follows from the earliest of floor, image and certificates', async () => {
        await expectAttested(stage, { pck: { notAfter: SOON } }, SOON);
        await expectAttested(stage, { pck: { caNotAfter: SOON } }, SOON);
        await changePolicy(stage, policyChange.allow(measurement, SOON, 'brief'));
        await expectAttested(stage, {}, SOON);
        expect(MEASUREMENT_UNTIL).toBeGreaterThan(FLOOR.validUntil);
    });
});

describe('An expired quote never yields the tier:', () => {
    it.each([
        ['the PCK', { pck: { notAfter: GENESIS } }],
        ['its issuer', { pck: { caNotAfter: GENESIS } }],
        ['the PCK, not yet begun', { pck: { notBefore: GENESIS + 1 } }],
        ['its issuer, not yet begun', { pck: { caNotBefore: GENESIS + 1 } }],
    ])('%s', async (_, changes) => {
        await expectRefused(stage, changes, REFUSED.dates);
    });

    it('a second earlier, or later, it did', async () => {
        await expectAttested(stage, { pck: { notAfter: GENESIS + 1 } }, GENESIS + 1);
        await expectAttested(stage, { pck: { notBefore: GENESIS, caNotBefore: GENESIS } });
    });

    it('the floor', async () => {
        stage.chain.at(FLOOR.validUntil - 1);
        await expectAttested(stage);
        stage.chain.at(FLOOR.validUntil);
        await expectRefused(stage, {}, REFUSED.floorDates, FLOOR.validUntil);
    });

    it.each([
        ['image', REFUSED.measurement, policyChange.allow(measurement, SOON, 'brief')],
        ['floor', REFUSED.floorDates, policyChange.floor(FMSPC, { ...FLOOR, validUntil: SOON })],
    ] as const)('the %s, by the second', async (_, exitCode, change) => {
        await changePolicy(stage, change);
        stage.chain.at(SOON - 1);
        await stage.chain.rewinding(() => expectAttested(stage, {}, SOON));
        stage.chain.at(SOON);
        await expectRefused(stage, {}, exitCode);
    });

    it('any of them, through a certificate that was remembered in time', async () => {
        const { chain, provider } = stage;
        const brief = { pck: { notAfter: SOON } };
        await remember(stage, quoteOf(provider, brief));
        await remember(stage);
        chain.at(SOON);
        expectReturned(await attestWith(brief), REFUSED.dates);
        chain.at(FLOOR.validUntil);
        expectReturned(await attestWith(), REFUSED.floorDates);
        await stage.rewind();
        await changePolicy(stage, policyChange.allow(measurement, SOON, 'brief'));
        await remember(stage);
        chain.at(SOON);
        expectReturned(await attestWith(), REFUSED.measurement);
    });

    it('a tier that has ended is Open to the escrow', async () => {
        await expectAttested(stage);
        stage.chain.at(FLOOR.validUntil - DAY);
        expect(await getsAttestedJobs(stage.provider)).toBe(true);
        stage.chain.at(FLOOR.validUntil);
        expect(await getsAttestedJobs(stage.provider)).toBe(false);
    });
});

describe('A revoked quote never yields the tier:', () => {
    it.each(SERIALS)('%s, from the first second on', async (_, serial) => {
        const revocations = [1n, revocationOf(serial), 2n ** 128n - 1n];
        const revoking = await openAttestation({ policy: usualPolicy({ revocations }) });
        await expectRefused(revoking, {}, REFUSED.revoked);
        await expectAttested(revoking, { pck: { serial: 5n, caSerial: 6n } });
    });

    it.each(SERIALS)('%s, once the governor says so: with its certificates, and remembered', async (_, serial) => {
        await remember(stage);
        await stage.chain.rewinding(() => attestWith());
        await revoke(stage, serial);
        await expectRefused(stage, {}, REFUSED.revoked, FLOOR.validUntil);
        expectReturned(await attestWith(), REFUSED.revoked);
        const other = await openProvider(stage.network, { name: 'other' });
        await expectRefused({ ...stage, provider: other }, {}, REFUSED.revoked);
        await expectAttested(stage, { pck: { serial: 5n, caSerial: 6n } });
    });

    it.each(SERIALS)('%s, and remembering it does not help', async (_, serial) => {
        await revoke(stage, serial);
        const quote = packed(quoteOf(stage.provider));
        const certificate = certificateOf(stage, quote.facts);
        expectTrace(await attest(stage, quote, { remember: true }), [
            { op: 'AttestQuote', exitCode: REFUSED.revoked },
            { op: 'bounced AttestQuote' },
        ]);
        expect(await stage.chain.isActive(certificate)).toBe(false);
        expect(await attestedUntil(stage, stage.provider)).toBe(0);
    });
});

describe('A copied quote never yields the tier:', () => {
    it('another provider’s stake refuses it, and is as it was', async () => {
        const { chain, network, provider, verifier, submitter } = stage;
        const other = await openProvider(network, { name: 'copier' });
        const before = (await chain.data(other.stake))!.hash();
        for (const from of [submitter, other.owner, provider.owner]) {
            expectTrace(await attest(stage, packed(quoteOf(provider)), { for: other, from }), [
                { from, to: verifier, op: 'AttestQuote' },
                { from: verifier, to: other.stake, op: 'AttestationVerdict', exitCode: REFUSED.reportData },
                { from: verifier, to: from, op: 'Excesses' },
                { from: other.stake, to: verifier, op: 'bounced AttestationVerdict' },
            ]);
        }
        expect((await chain.data(other.stake))!.hash()).toEqual(before);
        expect(await attestedUntil(stage, other)).toBe(0);
        expect(await getsAttestedJobs(other)).toBe(false);
    });

    it('nor does one through a certificate that was remembered for its owner', async () => {
        const other = await openProvider(stage.network, { name: 'copier' });
        await remember(stage);
        expectVerdictRefused(await attestWith({}, other), other);
        expect(await attestedUntil(stage, other)).toBe(0);
    });

    it('nor for another stake with the very same keys', async () => {
        const { signingKey, encryptionKey } = stage.provider.profile;
        const other = await openProvider(stage.network, { name: 'copier', profile: { signingKey, encryptionKey } });
        expectVerdictRefused(await attest(stage, packed(quoteOf(stage.provider)), { for: other }), other);
        expect(await attestedUntil(stage, other)).toBe(0);
    });

    it('nor one with the copier’s report data written into it, and fresh hints', async () => {
        const { verifier, provider, submitter } = stage;
        const other = await openProvider(stage.network, { name: 'copier' });
        const bytes = quoteBytes(quoteOf(provider));
        bytes.set(reportDataOf(other), bytes.indexOf(reportDataOf(provider)));
        const written = packQuote(bytes);
        expect(written.reportData).toEqual(reportDataOf(other));
        expectTrace(await attest(stage, written, { for: other }), [
            { from: submitter, to: verifier, op: 'AttestQuote', exitCode: REFUSED.signature },
            { from: verifier, to: submitter, op: 'bounced AttestQuote' },
        ]);
        expect(await attestedUntil(stage, other)).toBe(0);
    });

    it('nor does one over the same keys in another network', async () => {
        const { provider } = stage;
        const reportData = Buffer.from(reportDataOf(provider));
        reportData[40] = 1;
        for (const foreign of [reportData, reportDataOf({ ...provider, stake: stage.verifier })]) {
            const trace = await attest(stage, packed(quoteOf(provider, { reportData: foreign })));
            expectVerdictRefused(trace, provider);
        }
        expect(await attestedUntil(stage, provider)).toBe(0);
    });
});
