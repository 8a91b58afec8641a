import { Cell, toNano } from '@ton/core';
import { createHash } from 'node:crypto';
import { policyChange } from '../fixtures/attestation/policies';
import { quoteBytes } from '../fixtures/attestation/quotes';
import {
    attest,
    AttestationStage,
    certificateOf,
    FLOOR,
    FMSPC,
    openAttestation,
    packed,
    quoteOf,
    submitTcbInfo,
    usualPolicy,
    withPckBody,
} from '../fixtures/attestation/stage';
import { tcbInfoJson, tcbInfoSpec } from '../fixtures/attestation/tcbInfos';
import { GENESIS, PRICE_SETS } from '../helpers/chain';
import { body } from '../helpers/network';
import { codeOf, tactConstant, tactConstants, tactSources } from '../helpers/sources';
import { gasUsed, withoutWallets } from '../helpers/traces';
import { packQuote } from '../../protocol/attestation/packQuote';
import { Gauge } from './gauge';

// The constants of contracts/common/fees.tact that attestation pays with, at a policy that is full: 64 images, 128 platforms, 511
// revocations.

const PLENTY = toNano(5);
const DAY = 86_400;

const key = (label: string, bits: number) =>
    BigInt(`0x${createHash('sha256').update(label).digest('hex')}`) >> BigInt(256 - bits);
const keys = (label: string, bits: number, count: number) =>
    Array.from({ length: count }, (_, i) => key(`${label} ${i}`, bits));

const LONGEST = 'n'.repeat(127);

function fullPolicy() {
    const { measurement } = packQuote(quoteBytes(quoteOf0()));
    const image = { validUntil: GENESIS + 60 * DAY, name: LONGEST };
    return usualPolicy({
        measurements: new Map([measurement, ...keys('image', 256, 63)].map((each) => [each, image])),
        floors: new Map([FMSPC, ...keys('platform', 48, 127)].map((each) => [each, FLOOR])),
        revocations: keys('serial', 128, 511),
    });
}

/** The usual quote of nobody in particular. */
const quoteOf0 = () =>
    quoteOf({ stake: { hash: Buffer.alloc(32) }, profile: { signingKey: 0n, encryptionKey: 0n } } as never);

/** A quote that takes the longest way: TD 1.5, every SVN in two bytes. */
const DEAREST = {
    version: 5,
    bodyType: 3,
    pck: { svns: Array<number>(16).fill(255), pceSvn: 0xffff, serial: 2n ** 160n - 1n },
} as const;

/** Cells and bits below the root of a tree, each cell once. */
function sizeOf(root: Cell, seen = new Map<string, number>()): { cells: bigint; bits: bigint } {
    const visit = (cell: Cell) => {
        const hash = cell.hash().toString('hex');
        if (!seen.has(hash)) {
            seen.set(hash, cell.bits.length);
            cell.refs.forEach(visit);
        }
    };
    visit(root);
    return { cells: BigInt(seen.size), bits: [...seen.values()].reduce((sum, bits) => sum + BigInt(bits), 0n) };
}

describe.each(PRICE_SETS)('Attestation at %s prices', (prices) => {
    const gauge = new Gauge();
    let stage: AttestationStage;

    beforeAll(async () => {
        stage = await openAttestation({ prices, policy: fullPolicy() });
    });

    it('is measured', async () => {
        const { chain, provider, verifier, submitter, network, authority } = stage;
        const quote = packed(quoteOf(provider, DEAREST));
        const plain = withoutWallets(await attest(stage, quote, { value: PLENTY }));
        const remembering = withoutWallets(await attest(stage, quote, { value: PLENTY, remember: true }));
        gauge.record('AttestQuote', gasUsed(plain[0]!));
        gauge.record('remember', gasUsed(remembering[0]!) - gasUsed(plain[0]!));
        const certificate = certificateOf(stage, quote.facts);
        const toCertificate = async (message: Cell) =>
            withoutWallets(await chain.send(submitter, { to: certificate, value: PLENTY, body: message }));
        gauge.take({ transactions: remembering });
        const cached = await toCertificate(withPckBody(provider, quote.quote));
        gauge.take({ transactions: cached });
        const refused = packed(quoteOf(provider, { ...DEAREST, mrtd: Buffer.alloc(48) }));
        gauge.take({ transactions: await toCertificate(withPckBody(provider, refused.quote)) });
        await chain.rewinding(async () =>
            gauge.take({ transactions: await toCertificate(body('ForgetPck').endCell()) }),
        );

        const modules = [1, 3, 5, 7].map(
            (version) =>
                [
                    version,
                    [
                        [4, 'UpToDate'],
                        [2, 'OutOfDate', ['INTEL-SA-01036', 'INTEL-SA-01099']],
                    ],
                ] as const,
        );
        const info = tcbInfoJson(
            tcbInfoSpec({
                modules: modules as never,
                svns: Array<number>(16).fill(255),
                tdxSvns: Array<number>(16).fill(255),
            }),
        );
        const signed = authority.signTcbInfo(info, GENESIS - DAY, GENESIS + DAY);
        const submitted = withoutWallets(await submitTcbInfo(stage, signed));
        expect(submitted[0]!.description).toMatchObject({ computePhase: { exitCode: 0 } });
        gauge.take({ transactions: submitted });

        const govern = async (to: typeof verifier, message: Cell) => {
            const trace = withoutWallets(await chain.send(network.governor, { to, value: PLENTY, body: message }));
            expect(trace.map(({ description }) => description)).not.toContainEqual(
                expect.objectContaining({ aborted: true }),
            );
            gauge.take({ transactions: trace });
        };
        const longest = policyChange.allow(key('image 7', 256), GENESIS + DAY, LONGEST.replace('n', 'm'));
        for (const change of [
            longest,
            policyChange.dropMeasurement(key('image 8', 256)),
            policyChange.floor(key('platform 9', 48), { ...FLOOR, pceSvn: 1 }),
            policyChange.floor(key('platform 9', 48), { ...FLOOR, validUntil: 0 }),
            policyChange.reinstate(key('serial 10', 128)),
            policyChange.leastIsvSvn(9),
        ]) {
            await chain.rewinding(async () => {
                await govern(network.registry, body('ProposePolicy').storeRef(change).endCell());
                chain.pass(3 * DAY);
                await govern(network.registry, body('ExecuteProposal').endCell());
            });
        }
        await govern(network.registry, body('RevokeAttestation').storeUint(key('serial 600', 128), 128).endCell());

        const verdict = plain[1]!.inMessage!;
        gauge.record('VERDICT_BITS', BigInt(verdict.body.bits.length));
        gauge.record('POLICY_CHANGE_BITS', sizeOf(longest).bits);
        const remembered = remembering.find(({ inMessage }) => inMessage?.init)!.inMessage!;
        const deployed = sizeOf(remembered.body, new Map());
        const { init } = remembered;
        const seen = new Map<string, number>();
        sizeOf(init!.code!, seen);
        const withData = sizeOf(init!.data!, seen);
        gauge.record('PCK_DEPLOY_CELLS', withData.cells + deployed.cells);
        gauge.record('PCK_DEPLOY_BITS', withData.bits + deployed.bits);
        // The account: code and data, as storage counts them.
        gauge.record('PCK_CELLS', withData.cells + 1n);
        gauge.record('PCK_BITS', withData.bits + 400n);
        const own = new Map<string, number>();
        sizeOf(codeOf('AttestationVerifier'), own);
        const account = sizeOf((await chain.data(verifier))!, own);
        gauge.record('VERIFIER_CELLS', account.cells + 1n);
        gauge.record('VERIFIER_BITS', account.bits + 400n);
        const forwarded = cached[1]!.inMessage!.body;
        const below = forwarded.refs
            .map((ref) => sizeOf(ref))
            .reduce((sum, each) => ({ cells: sum.cells + each.cells, bits: sum.bits + each.bits }));
        gauge.record('TDX_QUOTE_CELLS', below.cells);
        gauge.record('TDX_QUOTE_BITS', below.bits);
    });

    const PAYS_FOR: Record<string, readonly string[]> = {
        GAS_ATTEST_QUOTE: ['AttestQuote'],
        GAS_ATTEST_REMEMBER: ['remember'],
        GAS_ATTEST_REMEMBERED: ['AttestRemembered'],
        GAS_ATTEST_EXCESSES: ['Excesses'],
        GAS_ATTEST_TCB_INFO: ['SubmitTcbInfo'],
        GAS_ATTEST_POLICY: ['ApplyPolicy', 'RevokeCertificate'],
        GAS_PCK_STEP: ['RememberPck', 'AttestWithPck', 'bounced AttestRemembered', 'ForgetPck'],
        GAS_REGISTRY_STEP: ['ProposePolicy', 'RevokeAttestation'],
    };
    const SIZES = [
        'VERIFIER_CELLS',
        'VERIFIER_BITS',
        'PCK_CELLS',
        'PCK_BITS',
        'PCK_DEPLOY_CELLS',
        'PCK_DEPLOY_BITS',
        'TDX_QUOTE_CELLS',
        'TDX_QUOTE_BITS',
        'VERDICT_BITS',
        'POLICY_CHANGE_BITS',
    ];

    it.each(Object.keys(PAYS_FOR).filter((name) => name !== 'GAS_REGISTRY_STEP'))(
        '%s covers its dearest message and is at most 1.6 times that',
        (name) => {
            gauge.expectHonest(name, tactConstant(name), PAYS_FOR[name]!);
        },
    );

    it.each(SIZES)('%s covers the largest case and is at most 1.6 times that', (name) => {
        gauge.expectHonest(name, tactConstant(name), [name]);
    });

    it('GAS_REGISTRY_STEP and GAS_REGISTRY_EXECUTE cover the Registry’s part', () => {
        expect(gauge.most(PAYS_FOR.GAS_REGISTRY_STEP!)).toBeLessThan(tactConstant('GAS_REGISTRY_STEP'));
        expect(gauge.most(['ExecuteProposal'])).toBeLessThan(tactConstant('GAS_REGISTRY_EXECUTE'));
    });

    it('leaves no constant of attestation untested', () => {
        const text = tactSources().find(({ path }) => path.endsWith('common/fees.tact'))!.text;
        const section = text.slice(
            text.indexOf('// AttestationVerifier and PckCertificate'),
            text.indexOf('// Publishing a ciphertext'),
        );
        const declared = [...section.matchAll(/^const (\w+): Int/gm)].map(([, name]) => name!);
        expect(declared.length).toBeGreaterThan(10);
        expect([...declared].sort()).toEqual(
            [...Object.keys(PAYS_FOR).filter((name) => name !== 'GAS_REGISTRY_STEP'), ...SIZES].sort(),
        );
        expect([...tactConstants().keys()]).toEqual(expect.arrayContaining(declared));
    });
});
