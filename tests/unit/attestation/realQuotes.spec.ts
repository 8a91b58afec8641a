import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuoteCollateral } from '../../../client/attestation/attestationTrust';
import { examineQuote } from '../../../client/attestation/examineQuote';
import { certificatesOfPem } from '../../../protocol/attestation/certificate';
import { packQuote } from '../../../protocol/attestation/packQuote';
import { AttestationVerifier } from '../../../wrappers';
import { EMPTY_POLICY } from '../../fixtures/attestation/policies';
import {
    attest,
    AttestationStage,
    certificateOf,
    FMSPC,
    openAttestation,
    policyOf,
    submitTcbInfo,
    withPckBody,
} from '../../fixtures/attestation/stage';
import { expectTrace, gasUsed, withoutWallets } from '../../helpers/traces';

// Quotes that real machines made, and what Intel said of them: they expired on 2025-07-19, so the chain stands at an earlier day. They are
// over keys of nobody here, so the stake refuses the verdict; the verifier takes them.

const folder = process.env.TDX_QUOTES_DIR;
const AT = Date.UTC(2025, 6, 1) / 1000;

/** Key of Intel's SGX root CA. */
const INTEL = {
    x: 0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5n,
    y: 0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394n,
};

/** Where a quote of version 4 has the report data. */
const REPORT_DATA = { from: 568, to: 632 };

if (folder === undefined) {
    // The test's name says why it is left out.
    it.skip('real quotes: TDX_QUOTES_DIR names no folder with them', () => undefined);
} else {
    describe('Real quotes', () => {
        const file = (name: string) => readFileSync(join(folder, name));
        const quotes = {
            tdx_quote: file('tdx_quote'),
            'tdx-quote.hex': Buffer.from(file('tdx-quote.hex').toString().trim().replace(/^0x/, ''), 'hex'),
        };
        const collateral = JSON.parse(file('tdx_quote_collateral.json').toString()) as QuoteCollateral;
        const tcbInfo = {
            json: collateral.tcb_info,
            signature: collateral.tcb_info_signature as string,
            certificate: certificatesOfPem(collateral.tcb_info_issuer_chain)[0]!,
        };
        let stage: AttestationStage;

        beforeAll(async () => {
            const measurements = new Map(
                Object.entries(quotes).map(([name, bytes]) => [
                    packQuote(bytes).measurement,
                    { validUntil: AT + 100 * 86_400, name },
                ]),
            );
            stage = await openAttestation({ now: AT, root: INTEL, policy: { ...EMPTY_POLICY, measurements } });
        });

        it('set no floor by themselves: Intel’s word comes first', async () => {
            const trace = await attest(stage, packQuote(quotes.tdx_quote));
            expectTrace(trace, [{ op: 'AttestQuote', exitCode: 0x613 }, { op: 'bounced AttestQuote' }]);
        });

        it('Intel’s TCB info becomes the floor, to the byte', async () => {
            const trace = await submitTcbInfo(stage, tcbInfo, INTEL);
            expectTrace(trace, [{ op: 'SubmitTcbInfo' }, { op: 'Excesses' }]);
            expect((await policyOf(stage)).floors.get(FMSPC)).toEqual({
                issuedAt: Date.UTC(2025, 5, 19, 10, 16, 3) / 1000,
                validUntil: Date.UTC(2025, 6, 19, 10, 16, 3) / 1000,
                evaluation: 17,
                svns: [2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
                pceSvn: 11,
                tdxSvns: [5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                modules: { 1: 4, 3: 3 },
            });
            expectTrace(await submitTcbInfo(stage, tcbInfo, INTEL), [
                { op: 'SubmitTcbInfo', exitCode: 0x618 },
                { op: 'bounced SubmitTcbInfo' },
            ]);
        });

        const expectVerified = async (at: AttestationStage, bytes: Buffer) => {
            const { chain, provider, submitter } = at;
            const quote = packQuote(bytes);
            const [full] = withoutWallets(await attest(at, quote, { remember: true }));
            expect(full!.description).toMatchObject({ computePhase: { exitCode: 0 }, actionPhase: { resultCode: 0 } });
            expect(gasUsed(full!)).toBeLessThan(115_000n);
            const trace = await chain.send(submitter, {
                to: certificateOf(at, quote.facts),
                value: 3_000_000_000n,
                body: withPckBody(provider, quote.quote),
            });
            const cached = withoutWallets(trace)[1]!;
            expect(cached.description).toMatchObject({ computePhase: { exitCode: 0 } });
            expect(gasUsed(cached)).toBeLessThan(50_000n);
        };

        it('the one of a machine that is up to date is verified, with its chain and without', async () => {
            await expectVerified(stage, quotes.tdx_quote);
        });

        it('the one of an older SEAM loader (component 8: 3 instead of 5) is below Intel’s floor, and good above a lower one', async () => {
            const trace = await attest(stage, packQuote(quotes['tdx-quote.hex']));
            expectTrace(trace, [{ op: 'AttestQuote', exitCode: 0x614 }, { op: 'bounced AttestQuote' }]);
            const { measurements, floors } = await policyOf(stage);
            const [floor] = floors.values();
            const svns = floor!.svns.map((svn, i) => (i === 7 ? 3 : svn));
            const lower = new Map([[FMSPC, { ...floor!, svns }]]);
            const policy = { ...EMPTY_POLICY, measurements, floors: lower };
            await expectVerified(await openAttestation({ now: AT, root: INTEL, policy }), quotes['tdx-quote.hex']);
        });

        /** What a client finds, by chain and Intel's own root. */
        const examined = async (bytes: Buffer) => {
            const { chain, verifier } = stage;
            const opened = chain.blockchain.openContract(AttestationVerifier.createFromAddress(verifier));
            const { root, policy } = await opened.getVerifier();
            const reportData = bytes.subarray(REPORT_DATA.from, REPORT_DATA.to);
            return examineQuote(bytes, { collateral, root, policy, reportData, now: chain.now });
        };

        it('a client finds the one of a machine that is up to date good, too, until Intel’s word ends', async () => {
            const until = Date.UTC(2025, 6, 19, 10, 16, 3) / 1000;
            expect(await examined(quotes.tdx_quote)).toEqual({ failed: [], until });
        });

        it('a client refuses the one of an older SEAM loader by the floor on chain, and by the library', async () => {
            const { failed } = await examined(quotes['tdx-quote.hex']);
            expect(failed.map(({ check }) => check)).toEqual(['platform', 'library']);
            // Each of Intel's levels asks for 5 of component 8, those that are out of date, too.
            expect(failed[1]!.text).toBe('No matching TCB level found');
        });

        it('a client refuses one of which any bit of the report is another', async () => {
            for (let bit = 8 * 48; bit < 8 * REPORT_DATA.to; bit += 97) {
                const tampered = Buffer.from(quotes.tdx_quote);
                tampered[bit >> 3]! ^= 1 << (bit & 7);
                const checks = (await examined(tampered)).failed.map(({ check }) => check);
                expect([bit, checks.includes('library')]).toEqual([bit, true]);
            }
        });

        it('of which one bit is another are not', async () => {
            for (const [name, bytes] of Object.entries(quotes)) {
                for (let bit = 3; bit < 8 * 632; bit += 500) {
                    const tampered = Buffer.from(bytes);
                    tampered[bit >> 3]! ^= 1 << (bit & 7);
                    // The version is the packer's to refuse.
                    if (bit >= 16) {
                        const [refused] = withoutWallets(await attest(stage, packQuote(tampered)));
                        const { computePhase } = refused!.description as { computePhase: { exitCode: number } };
                        expect([name, bit, computePhase.exitCode > 0x600]).toEqual([name, bit, true]);
                    }
                }
            }
        });

        it('nor do they outlive Intel’s word', async () => {
            stage.chain.at(Date.UTC(2025, 6, 19, 10, 16, 3) / 1000);
            const trace = await attest(stage, packQuote(quotes.tdx_quote));
            expectTrace(trace, [{ op: 'AttestQuote', exitCode: 0x617 }, { op: 'bounced AttestQuote' }]);
        });
    });
}
