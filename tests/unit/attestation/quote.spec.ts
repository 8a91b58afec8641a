import { toNano } from '@ton/core';
import { policyChange } from '../../fixtures/attestation/policies';
import {
    attest,
    attestedUntil,
    certificateOf,
    FLOOR,
    fromRegistry,
    packed,
    quoteOf,
    useAttestation,
    remember,
    withPckBody,
} from '../../fixtures/attestation/stage';
import { GENESIS } from '../../helpers/chain';
import { pckCertificateInit } from '../../helpers/cells';
import { body } from '../../helpers/network';
import { expectTrace, gasUsed, withoutWallets } from '../../helpers/traces';
import { expectAttested, expectRefused, REFUSED } from './support';

const DAY = 86_400;
const PLENTY = toNano(3);

const stage = useAttestation();

describe('A quote of the test authority is taken', () => {
    it('in version 4', async () => {
        await expectAttested(stage);
    });

    it('in version 5 with a TD 1.0 report', async () => {
        await expectAttested(stage, { version: 5 });
    });

    it('in version 5 with a TD 1.5 report', async () => {
        await expectAttested(stage, { version: 5, bodyType: 3 });
    });

    it('under the processor CA', async () => {
        await expectAttested(stage, { pck: { ca: 'processor' } });
    });

    it('with SVNs and a PCESVN of 128 and more', async () => {
        const svns = [128, 255, 200, 130, 129, 131, 140, 150, 160, 170, 180, 190, 210, 220, 230, 254];
        await expectAttested(stage, { pck: { svns, pceSvn: 128 } });
        await expectAttested(stage, { pck: { svns, pceSvn: 0x7fff } });
        await expectAttested(stage, { pck: { svns, pceSvn: 0x8000 } });
        await expectAttested(stage, { pck: { svns, pceSvn: 0xffff } });
    });

    it.each([1n, 127n, 128n, 2n ** 159n - 1n, 2n ** 160n - 1n, 2n ** 248n - 1n])(
        'with the serial number %s',
        async (serial) => {
            await expectAttested(stage, { pck: { serial } });
        },
    );

    it('with TDX module 0, whose two components are the platform’s to hold', async () => {
        await expectAttested(stage, { tcb: Buffer.from('05000200000000000000000000000000', 'hex') });
    });

    it('with authentication data of another length', async () => {
        await expectAttested(stage, { authData: Buffer.alloc(0) });
        await expectAttested(stage, { authData: Buffer.alloc(63, 7) });
    });

    it('again and again: the newest verdict counts', async () => {
        await expectAttested(stage);
        await expectAttested(stage, { version: 5 });
    });
});

describe('What the policy does not know is refused:', () => {
    it.each([
        ['another MRTD', { mrtd: Buffer.alloc(48, 1) }, REFUSED.measurement],
        ['a TD to debug', { tdAttributes: Buffer.from('0100001000000000', 'hex') }, REFUSED.attributes],
        ['a TD that takes every #VE', { tdAttributes: Buffer.alloc(8) }, REFUSED.attributes],
        ['a TD that may migrate', { tdAttributes: Buffer.from('0000003000000000', 'hex') }, REFUSED.attributes],
        [
            'a TD with a service TD',
            { version: 5 as const, bodyType: 3 as const, mrServiceTd: Buffer.alloc(48, 1) },
            REFUSED.attributes,
        ],
        ['a module of another signer', { mrSignerSeam: Buffer.alloc(48, 1) }, REFUSED.module],
        ['a module with attributes', { seamAttributes: Buffer.from('0000000000000080', 'hex') }, REFUSED.module],
        ['another quoting enclave', { qeMrSigner: Buffer.alloc(32, 1) }, REFUSED.qe],
        ['another product of the same signer', { qeIsvProdId: 1 }, REFUSED.qe],
        ['an older quoting enclave', { qeIsvSvn: 3 }, REFUSED.qe],
        [
            'a quoting enclave to debug',
            { qeAttributes: Buffer.from('1700000000000000e700000000000000', 'hex') },
            REFUSED.qe,
        ],
        ['a quoting enclave with MISCSELECT', { qeMiscSelect: Buffer.from('01000000', 'hex') }, REFUSED.qe],
        ['a platform of unknown kind', { pck: { fmspc: 'b0c06f000001' } }, REFUSED.platform],
        ['an older PCE', { pck: { pceSvn: 10 } }, REFUSED.below],
        ['module 1 below its level', { tcb: Buffer.from('03010200000000000000000000000000', 'hex') }, REFUSED.below],
        ['module 3 below its level', { tcb: Buffer.from('02030200000000000000000000000000', 'hex') }, REFUSED.below],
        [
            'module 2, which has no level',
            { tcb: Buffer.from('ff02ff00000000000000000000000000', 'hex') },
            REFUSED.below,
        ],
        ['module 255', { tcb: Buffer.from('ffffff00000000000000000000000000', 'hex') }, REFUSED.below],
        [
            'module 0 below the platform’s level',
            { tcb: Buffer.from('04000200000000000000000000000000', 'hex') },
            REFUSED.below,
        ],
        ['an older microcode', { tcb: Buffer.from('06010100000000000000000000000000', 'hex') }, REFUSED.below],
    ])('%s', async (_, changes, code) => {
        await expectRefused(stage, changes, code);
    });

    it.each([0, 1, 2, 3, 4, 5, 7])('SVN %i one below the floor', async (index) => {
        const svns = FLOOR.svns.map((svn, i) => (i === index ? svn - 1 : 255));
        await expectRefused(stage, { pck: { svns } }, REFUSED.below);
        await expectAttested(stage, { pck: { svns: svns.map((svn, i) => (i === index ? svn + 1 : svn)) } });
    });

    it.each([0, 1, 2, 3])('RTMR%i', async (index) => {
        const rtmrs = [...quoteOf(stage.provider).rtmrs] as [Buffer, Buffer, Buffer, Buffer];
        rtmrs[index] = Buffer.alloc(48, index);
        await expectRefused(stage, { rtmrs }, REFUSED.measurement);
    });
});

describe('A remembered certificate', () => {
    const attestWith = async (changes: Parameters<typeof quoteOf>[1] = {}, from = stage.submitter) => {
        const { chain, provider } = stage;
        const { quote, facts } = packed(quoteOf(provider, changes));
        return await chain.send(from, {
            to: certificateOf(stage, facts),
            value: PLENTY,
            body: withPckBody(provider, quote),
        });
    };

    it('makes a later quote cheaper', async () => {
        const { provider, verifier, submitter } = stage;
        const certificate = await remember(stage);
        const trace = await attestWith({ version: 5 });
        expectTrace(trace, [
            { from: submitter, to: certificate, op: 'AttestWithPck' },
            { from: certificate, to: verifier, op: 'AttestRemembered' },
            { from: verifier, to: provider.stake, op: 'AttestationVerdict' },
            { from: verifier, to: submitter, op: 'Excesses' },
            { from: provider.stake, to: verifier, op: 'Excesses' },
        ]);
        expect(gasUsed(withoutWallets(trace)[1]!)).toBeLessThan(50_000n);
        expect(await attestedUntil(stage, provider)).toBe(FLOOR.validUntil);
    });

    it('returns the value of a bad quote to its holder', async () => {
        const { chain, verifier, submitter, provider } = stage;
        const certificate = await remember(stage);
        const [before, held] = [await chain.data(verifier), await chain.balance(certificate)];
        expectTrace(await attestWith({ tdAttributes: Buffer.from('0100001000000000', 'hex') }), [
            { from: submitter, to: certificate, op: 'AttestWithPck' },
            { from: certificate, to: verifier, op: 'AttestRemembered', exitCode: REFUSED.attributes },
            { from: verifier, to: certificate, op: 'bounced AttestRemembered' },
            { from: certificate, to: submitter, op: 'Excesses' },
        ]);
        expect(await chain.data(verifier)).toEqualCell(before!);
        expect(await chain.balance(certificate)).toBe(held);
        expect(await attestedUntil(stage, provider)).toBe(FLOOR.validUntil);
    });

    it('is held against expiry and revocation at every use', async () => {
        const { chain, network } = stage;
        const soon = GENESIS + 3 * DAY;
        await remember(stage, quoteOf(stage.provider, { pck: { notAfter: soon } }));
        chain.at(soon - 1);
        expect(withoutWallets(await attestWith({ pck: { notAfter: soon } }))[1]!.description).toMatchObject({
            computePhase: { exitCode: 0 },
        });
        chain.at(soon);
        expect(withoutWallets(await attestWith({ pck: { notAfter: soon } }))[1]!.description).toMatchObject({
            computePhase: { exitCode: REFUSED.dates },
        });
        chain.at(GENESIS + 4 * DAY);
        await remember(stage);
        for (const serial of [
            0x3c16ed54eacbb4ced072be72630c85788cf46e36n,
            0x956f5dcdbd1be1e94049c9d4f433ce01570bde54n,
        ]) {
            await chain.rewinding(async () => {
                await chain.send(network.governor, {
                    to: network.registry,
                    value: PLENTY,
                    body: body('RevokeAttestation')
                        .storeUint(serial & (2n ** 128n - 1n), 128)
                        .endCell(),
                });
                expect(withoutWallets(await attestWith())[1]!.description).toMatchObject({
                    computePhase: { exitCode: REFUSED.revoked },
                });
            });
        }
    });

    it('is its holder’s alone', async () => {
        const { chain, provider, verifier } = stage;
        const certificate = await remember(stage);
        const stranger = await chain.wallet('stranger');
        expectTrace(await attestWith({}, stranger), [
            { from: stranger, to: certificate, op: 'AttestWithPck', exitCode: 0x101 },
            { from: certificate, to: stranger, op: 'bounced AttestWithPck' },
        ]);
        for (const op of ['ForgetPck', 'RememberPck']) {
            expectTrace(await chain.send(stranger, { to: certificate, value: PLENTY, body: body(op).endCell() }), [
                { from: stranger, to: certificate, op, exitCode: 0x101 },
                { from: certificate, to: stranger, op: `bounced ${op}` },
            ]);
        }
        // Whoever speaks to the verifier like a certificate is none.
        const { quote, facts } = packed(quoteOf(provider));
        const spoken = body('AttestRemembered')
            .storeUint(0, 256)
            .storeAddress(stranger.address)
            .storeRef(facts)
            .storeRef(quote)
            .endCell();
        expectTrace(await chain.send(stranger, { to: verifier, value: PLENTY, body: spoken }), [
            { from: stranger, to: verifier, op: 'AttestRemembered', exitCode: 0x101 },
            { from: verifier, to: stranger, op: 'bounced AttestRemembered' },
        ]);
    });

    it('that a stranger put in place does nothing until the verifier speaks', async () => {
        const { chain, provider, submitter } = stage;
        const { quote, facts } = packed(quoteOf(provider));
        const { address, init } = pckCertificateInit({ verifier: stage.verifier, holder: submitter.address, facts });
        const sending = { to: address, value: PLENTY, init };
        for (const sent of [withPckBody(provider, quote), body('ForgetPck').endCell()]) {
            const trace = await chain.send(submitter, { ...sending, body: sent });
            expect(withoutWallets(trace)[0]!.description).toMatchObject({ computePhase: { exitCode: 0x102 } });
            expect(withoutWallets(trace)).toHaveLength(2);
        }
        await chain.send(submitter, { ...sending, bounce: false });
        expect(await remember(stage)).toEqualAddress(address);
    });

    it('ends at its holder’s word, with all that it has', async () => {
        const { chain, submitter } = stage;
        const certificate = await remember(stage);
        expectTrace(
            await chain.send(submitter, { to: certificate, value: PLENTY, body: body('ForgetPck').endCell() }),
            [
                { from: submitter, to: certificate, op: 'ForgetPck', destroyed: true },
                { from: certificate, to: submitter, op: 'Excesses' },
            ],
        );
        expect(await chain.isGone(certificate)).toBe(true);
        expect(await remember(stage)).toEqualAddress(certificate);
        expect(await remember(stage)).toEqualAddress(certificate);
    });

    it('needs five years’ rent only once: remembered again it returns it', async () => {
        const { chain } = stage;
        const certificate = await remember(stage);
        const held = await chain.balance(certificate);
        await remember(stage);
        expect(await chain.balance(certificate)).toBe(held);
    });
});

describe('A message from the wrong side', () => {
    it.each([
        ['ApplyPolicy', fromRegistry.apply],
        [
            'RevokeCertificate',
            (_: unknown, to: Parameters<typeof fromRegistry.apply>[1]) => fromRegistry.revoke(1n, to),
        ],
    ] as const)('%s is the Registry’s alone', async (op, make) => {
        const { chain, verifier, network } = stage;
        for (const from of [await chain.wallet('stranger'), network.governor, stage.provider.owner]) {
            const sent = make(policyChange.leastIsvSvn(0), from.address);
            expectTrace(await chain.send(from, { to: verifier, value: PLENTY, body: sent }), [
                { from, to: verifier, op, exitCode: 0x101 },
                { from: verifier, to: from, op: `bounced ${op}` },
            ]);
        }
    });

    it('with too little value is refused', async () => {
        const { provider } = stage;
        const quote = packed(quoteOf(provider));
        const { blockchain } = stage.chain;
        for (const remembers of [false, true]) {
            const { stackReader } = await blockchain.runGetMethod(stage.verifier, 'quoteValue', [
                { type: 'int', value: remembers ? -1n : 0n },
            ]);
            const least = stackReader.readBigNumber();
            expectTrace(await attest(stage, quote, { remember: remembers, value: least - 1n }), [
                { op: 'AttestQuote', exitCode: 0x103 },
                { op: 'bounced AttestQuote' },
            ]);
            const enough = withoutWallets(await attest(stage, quote, { remember: remembers, value: least }));
            expect(enough.map(({ description }) => description.type === 'generic' && description.aborted)).toEqual(
                Array(remembers ? 6 : 4).fill(false),
            );
            expect(enough[0]!.description).toMatchObject({
                computePhase: { exitCode: 0 },
                actionPhase: { resultCode: 0 },
            });
        }
    });
});
