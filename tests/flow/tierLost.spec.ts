/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { AttestationCheck, AttestationTrust, PayingChannel, RECHECK_SECONDS } from '../../client';
import { EncryptionKeyPair, Kem } from '../../protocol/envelope';
import { Tier } from '../../wrappers';
import { collateral, CollateralSpec } from '../fixtures/attestation/collateral';
import { policyChange } from '../fixtures/attestation/policies';
import { quoteBytes, quoteSpec } from '../fixtures/attestation/quotes';
import {
    attest,
    changePolicy,
    changeProfile,
    FLOOR,
    FMSPC,
    packed,
    quoteOf,
    reportDataOf,
    revoke,
    SERIALS,
} from '../fixtures/attestation/stage';
import { GENESIS, PRICE_SETS } from '../helpers/chain';
import { openProvider } from '../helpers/network';
import {
    attestationOf,
    attested,
    attestedPayer,
    describeAttestedFlow,
    expectRefused,
    failing,
    TRUST,
    watched,
    workerOf,
} from './attestedStage';
import { ask, COST } from './channelStage';
import { Stage } from './stage';

// The client's side of: changing a key clears the tier; an expired, revoked or copied quote never yields it. The chain's is
// tests/unit/attestation/tier.spec.ts. Each refusal is one for a job, for a new channel and for one that is open: nothing is sealed, sent
// or paid.

const DAY = 86_400;
const SOON = GENESIS + 5 * DAY;
const KEYS = ['signingKey', 'encryptionKey'] as const;

/** Another key in the place of the provider's. */
const otherKey = async (stage: Stage, key: (typeof KEYS)[number]) =>
    key === 'encryptionKey'
        ? { encryptionKey: (await EncryptionKeyPair.create(Kem.X25519)).publicKey.name }
        : { signingKey: stage.provider.profile.signingKey ^ 1n };

const intelSays = (spec: CollateralSpec): AttestationTrust => ({
    ...TRUST,
    collateral: () => Promise.resolve(collateral(spec)),
});

/** A channel on which one request was paid; `change` happens, and the next one is refused before anything is paid for it. */
async function expectChannelEnds(
    stage: Stage,
    change: () => Promise<unknown>,
    checks: AttestationCheck[],
): Promise<void> {
    const worker = await workerOf(stage, await attested(stage));
    const { line, sent } = watched(worker);
    const channel = await PayingChannel.open(attestedPayer(stage), line);
    await ask(channel, 0);
    await change();
    stage.chain.pass(RECHECK_SECONDS);
    const [asked, held] = [sent.length, await stage.chain.balance(stage.wallet)];
    stage.take();
    expect(await failing(ask(channel, 1))).toEqual(checks);
    expect(sent.slice(asked)).toEqual(['attestationRequest']);
    expect(channel.state.voucher!.amount).toBe(COST);
    expect(stage.take().transactions).toEqual([]);
    expect(await stage.chain.balance(stage.wallet)).toBe(held);
    if (checks.includes('tier')) {
        // The worker would have refused it, too.
        const offer = { kind: 'channelOffer', requestId: 1n, ...channel.name, tier: Tier.Attested } as const;
        expect(await line.ask(offer, ['channelAccepted:1', 'refusal:1'])).toMatchObject({
            reasons: [{ code: 'tier' }],
        });
    }
}

describeAttestedFlow(
    'A client',
    (play) => {
        describe('Changing a key clears the tier, and the client refuses', () => {
            it.each(KEYS)('the old quote after a change of %s', (key) =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    const provider = await changeProfile(stage, stage.provider, await otherKey(stage, key));
                    await expectRefused({ ...stage, provider }, quote, ['tier', 'report-data']);
                }),
            );

            it.each(KEYS)('a quote over the new %s that the chain was not shown', (key) =>
                play(async (stage) => {
                    await attested(stage);
                    const provider = await changeProfile(stage, stage.provider, await otherKey(stage, key));
                    await expectRefused({ ...stage, provider }, quoteBytes(quoteOf(provider)), ['tier']);
                }),
            );

            it.each([
                ['signingKey', ['tier', 'report-data']],
                // The channel goes on sealing to the key that it was opened with, which the quote is over.
                ['encryptionKey', ['tier']],
            ] as const)('to go on with a channel after a change of %s', (key, checks) =>
                play(async (stage) => {
                    const change = async () => changeProfile(stage, stage.provider, await otherKey(stage, key));
                    await expectChannelEnds(stage, change, [...checks]);
                }),
            );
        });

        describe('An expired quote never yields the tier: the client refuses', () => {
            it('what was attested until its floor ended', () =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    stage.chain.at(FLOOR.validUntil);
                    await expectRefused(stage, quote, ['tier', 'platform']);
                }));

            it.each([
                ['the PCK', { notAfter: SOON }],
                ['its issuer', { caNotAfter: SOON }],
            ])('what was attested until %s ended', (_, pck) =>
                play(async (stage) => {
                    const spec = quoteOf(stage.provider, { pck });
                    await attest(await attestationOf(stage), packed(spec));
                    stage.chain.at(SOON);
                    await stage.chain.rewinding(() => expectRefused(stage, quoteBytes(spec), ['tier']));
                    // RFC 5280 counts the last second in; the chain does not.
                    stage.chain.at(SOON + 1);
                    await expectRefused(stage, quoteBytes(spec), ['tier', 'certificates', 'library']);
                }),
            );

            const { measurement } = packed(quoteSpec());
            it.each([
                ['image', 'measurement', policyChange.allow(measurement, SOON, 'brief')],
                ['floor', 'platform', policyChange.floor(FMSPC, { ...FLOOR, validUntil: SOON })],
            ] as const)(
                'by itself where governance ended the %s early, and the tier on chain goes on',
                (_, check, change) =>
                    play(async (stage) => {
                        const quote = await attested(stage);
                        await changePolicy(stage, change);
                        stage.chain.at(SOON);
                        await expectRefused(stage, quote, [check]);
                    }),
            );

            it.each([
                ['TCB info', { tcbInfo: { nextUpdate: GENESIS + 1 } }],
                ['word on the quoting enclave', { qeNextUpdate: GENESIS + 1 }],
            ])('by itself where Intel’s %s has expired, and the tier on chain goes on', (_, spec) =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    stage.chain.at(GENESIS + DAY);
                    await expectRefused(stage, quote, ['library'], intelSays(spec));
                }),
            );

            it('to go on with a channel', () =>
                play(async (stage) => {
                    const end = () => Promise.resolve(stage.chain.at(FLOOR.validUntil));
                    await expectChannelEnds(stage, end, ['tier', 'platform']);
                }));
        });

        describe('A revoked quote never yields the tier: the client refuses', () => {
            it.each(SERIALS)('it where governance revoked %s after it was attested', (_, serial) =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    await revoke(stage, serial);
                    await expectRefused(stage, quote, ['revocation']);
                }),
            );

            it.each(SERIALS)('it where governance revoked %s before, and the chain did too', (_, serial) =>
                play(async (stage) => {
                    await revoke(stage, serial);
                    const spec = quoteOf(stage.provider);
                    await attest(await attestationOf(stage), packed(spec));
                    await expectRefused(stage, quoteBytes(spec), ['tier', 'revocation']);
                }),
            );

            it.each([
                ['the PCK', { revokedPck: [SERIALS[0][1]] }],
                ['its issuer', { revokedCa: [SERIALS[1][1]] }],
            ])('it where Intel’s list names %s, and the chain does not', (_, spec) =>
                play(async (stage) => {
                    await expectRefused(stage, await attested(stage), ['collateral', 'library'], intelSays(spec));
                }),
            );

            it.each(SERIALS)('to go on with a channel after %s was revoked', (_, serial) =>
                play(async (stage) => expectChannelEnds(stage, () => revoke(stage, serial), ['revocation'])),
            );
        });

        describe('A copied quote never yields the tier: the client refuses', () => {
            it('an attested provider that shows another’s', () =>
                play(async (stage) => {
                    await attested(stage);
                    const other = await openProvider(stage.network, { name: 'other' });
                    await expectRefused(stage, quoteBytes(quoteOf(other)), ['report-data']);
                }));

            it('a provider that shows an attested one’s, to the chain and to the client', () =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    const copier = await openProvider(stage.network, { name: 'copier' });
                    await attest(await attestationOf(stage), packed(quoteOf(stage.provider)), { for: copier });
                    await expectRefused({ ...stage, provider: copier }, await workerOf(stage, quote), [
                        'tier',
                        'report-data',
                    ]);
                }));

            it('a provider with the very keys of an attested one: a quote is for one stake', () =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    const { signingKey, encryptionKey } = stage.provider.profile;
                    const copier = await openProvider(stage.network, {
                        name: 'copier',
                        profile: { signingKey, encryptionKey },
                    });
                    await attest(await attestationOf(stage), packed(quoteOf(stage.provider)), { for: copier });
                    await expectRefused({ ...stage, provider: copier }, await workerOf(stage, quote), [
                        'tier',
                        'report-data',
                    ]);
                }));

            it('one into which other keys were written', () =>
                play(async (stage) => {
                    const quote = await attested(stage);
                    const copier = await openProvider(stage.network, { name: 'copier' });
                    const copy = Buffer.from(quote);
                    copy.set(reportDataOf(copier), copy.indexOf(reportDataOf(stage.provider)));
                    await expectRefused({ ...stage, provider: copier }, await workerOf(stage, copy), [
                        'tier',
                        'library',
                    ]);
                }));
        });
    },
    PRICE_SETS.slice(0, 1),
);
