import { Address } from '@ton/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run as attestProvider } from '../../../scripts/attestProvider';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as deployVerifier } from '../../../scripts/deployVerifier';
import { run as executeProposal } from '../../../scripts/executeProposal';
import { run as forgetCertificate } from '../../../scripts/forgetCertificate';
import { run as inspectQuote } from '../../../scripts/inspectQuote';
import { run as openStake } from '../../../scripts/openStake';
import { run as proposeParams } from '../../../scripts/proposeParams';
import { run as proposePolicy } from '../../../scripts/proposePolicy';
import { run as revokeCertificate } from '../../../scripts/revokeCertificate';
import { run as submitTcbInfo } from '../../../scripts/submitTcbInfo';
import { run as syncParams } from '../../../scripts/syncParams';
import { run as updateProfile } from '../../../scripts/updateProfile';
import { collateral, rootCertificate } from '../../fixtures/attestation/collateral';
import { quoteSpec } from '../../fixtures/attestation/quotes';
import { reportDataOf } from '../../fixtures/attestation/stage';
import { TestAuthority, testKey } from '../../fixtures/attestation/testAuthority';
import { GENESIS, PRICE_SETS } from '../../helpers/chain';
import { codeOf } from '../../helpers/sources';
import { MEASUREMENT, providerOf, quoteFile, rolesToAttest, tierUntil } from './attesting';
import { roles, rolesWithProvider, useRoles } from './roles';

const DAY = 86_400;
const TIMELOCK = 2 * DAY;
const FLOOR_UNTIL = GENESIS + 25 * DAY;
describe.each(PRICE_SETS)('a provider with a TDX machine, prices %s', (prices) => {
    const all = useRoles(() => rolesToAttest({ prices }));

    it('is attested by its quote until the floor ends, by anybody', async () => {
        const { desk, owner, stranger } = all();
        const args = ['--quote', quoteFile(all()), '--owner', owner.address.toString()];
        const { message } = await desk.twice(attestProvider, stranger, ...args);
        expect(message).toBe('The provider is Attested until 2026-11-26T00:00:00Z.');
        expect(await tierUntil(all())).toBe(FLOOR_UNTIL);
    });

    it('has its certificate remembered, renews under it, and has it forgotten', async () => {
        const { chain, desk, owner, stranger } = all();
        const quote = ['--quote', quoteFile(all())];
        const first = await desk.twice(attestProvider, owner, ...quote, '--remember');
        expect(first.message).toContain('the certificate is remembered for you');
        const { address, codeHash } = first.contracts.PckCertificate!;
        expect(codeHash).toBe(`0x${codeOf('PckCertificate').hash().toString('hex')}`);

        const newer = collateral({ tcbInfo: { issueDate: GENESIS, nextUpdate: GENESIS + 40 * DAY } });
        await desk.twice(submitTcbInfo, stranger, '--tcb-info', desk.write('newer.json', newer));
        const second = await desk.twice(attestProvider, owner, ...quote);
        expect(await tierUntil(all())).toBe(GENESIS + 40 * DAY);
        expect(second.sent.map(({ to }) => to.toString())).toEqual([address]);

        await expect(desk.run(forgetCertificate, stranger, '--certificate', address)).rejects.toMatchObject({
            name: 'StateError',
            code: 'wrong-state',
            message: expect.stringContaining('who alone can end it') as string,
        });
        const before = await chain.balance(owner);
        await desk.twice(forgetCertificate, owner, ...quote);
        expect(await chain.isGone(Address.parse(address))).toBe(true);
        expect((await chain.balance(owner)) - before).toBeGreaterThan(0n); // rent, less gas
        const { result } = await desk.run(forgetCertificate, owner, '--certificate', address);
        expect(result).toMatchObject({ status: 'already', message: `Nothing is remembered at ${address}.` });
    });
});

describe('a quote', () => {
    const all = useRoles(rolesToAttest);

    it('may be in hexadecimal', async () => {
        const { desk, owner } = all();
        const bytes = readFileSync(quoteFile(all()));
        const hex = desk.write('quote.hex', Buffer.from(`0x${bytes.toString('hex')}\n`));
        await desk.twice(attestProvider, owner, '--quote', hex);
    });

    it('is shown with what it says, and whether the verifier would take it', async () => {
        const { desk, owner, stranger } = all();
        const args = ['--quote', quoteFile(all()), '--owner', owner.address.toString()];
        const { shim } = await desk.run(inspectQuote, stranger, ...args, '--json');
        expect(JSON.parse(shim.output[0]!)).toEqual({
            quote: {
                measurement: `0x${MEASUREMENT}`,
                fmspc: 'B0C06F000000',
                svns: [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
                pceSvn: 11,
                tdxSvns: [6, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                qeIsvSvn: 4,
                reportData: reportDataOf(providerOf(all())).toString('hex'),
                serials: [
                    '3c16ed54eacbb4ced072be72630c85788cf46e36',
                    '956f5dcdbd1be1e94049c9d4f433ce01570bde54',
                    '22650cd65a9d3489f383b49552bf501b392706ac',
                ],
                certificatesUntil: GENESIS + 2000 * DAY,
            },
            verifier: { image: 'image', keys: true, refused: null, attestedUntil: FLOOR_UNTIL },
        });
        const other = await desk.run(
            inspectQuote,
            stranger,
            '--quote',
            quoteFile(all(), { tdAttributes: Buffer.alloc(8, 1) }),
        );
        expect(other.shim.output[0]).toMatch(/keys +–/);
        expect(other.shim.output[0]).toMatch(/refused +its attributes are not SEPT_VE_DISABLE alone/);
        expect(other.shim.output[0]).toMatch(/attestedUntil +–/);
    });

    const before: [string, Parameters<typeof quoteSpec>[0], string][] = [
        ['another image', { mrtd: Buffer.alloc(48, 7) }, 'the network does not allow the image'],
        ['another platform', { pck: { fmspc: '00906ed50000' } }, 'no TCB floor for the platform 906ed50000'],
        ['an old platform', { pck: { pceSvn: 10 } }, "below the network's TCB floor"],
        ['other keys', { reportData: Buffer.alloc(64, 1) }, 'it is over other keys'],
        ['a certificate that has ended', { pck: { notAfter: GENESIS } }, 'its certificates are good from'],
        [
            'a certificate that has not begun',
            { pck: { notBefore: GENESIS + 3 * DAY } },
            'its certificates are good from',
        ],
        ['another root', { authority: new TestAuthority('other') }, 'lead up to another root'],
    ];
    it.each(before)('with %s is refused before anything is sent', async (_, changes, message) => {
        const { desk, owner } = all();
        await expect(desk.run(attestProvider, owner, '--quote', quoteFile(all(), changes))).rejects.toMatchObject({
            name: 'StateError',
            code: 'wrong-state',
            message: expect.stringContaining(message),
        });
        expect(await tierUntil(all())).toBe(0);
    });

    it.each([
        ['with its certificates', 'ERROR_QUOTE_SIGNATURE', false],
        ['under a remembered certificate', 'ERROR_QUOTE_SIGNATURE', true],
    ])('that somebody else signed is refused by the chain, %s', async (_, error, remembered) => {
        const { desk, stranger, owner } = all();
        const args = ['--owner', owner.address.toString()];
        if (remembered) {
            await desk.run(attestProvider, stranger, ...args, '--quote', quoteFile(all()), '--remember');
            const file = desk.write('changed.json', { ...all().profile, signingKey: 'ab'.repeat(32) });
            await desk.run(updateProfile, owner, '--profile', file);
        }
        const profile = remembered ? { signingKey: BigInt(`0x${'ab'.repeat(32)}`) } : {};
        const provider = providerOf(all());
        const reportData = reportDataOf({ ...provider, profile: { ...provider.profile, ...profile } });
        const forged = quoteFile(all(), { reportData, reportSigner: testKey('thief') });
        await expect(desk.run(attestProvider, stranger, ...args, '--quote', forged)).rejects.toMatchObject({
            name: 'ScriptError',
            code: 'refused',
            message: expect.stringContaining(error),
        });
        expect(await tierUntil(all())).toBe(0);
    });

    it('of a revoked machine is refused, and one of bytes that are none', async () => {
        const { desk, governor, owner } = all();
        await desk.twice(revokeCertificate, governor, '--serial', '3c16ed54eacbb4ced072be72630c85788cf46e36');
        await expect(desk.run(attestProvider, owner, '--quote', quoteFile(all()))).rejects.toMatchObject({
            message: expect.stringContaining('the network has revoked one of its certificates') as string,
        });
        const none = ['--quote', desk.write('none', Buffer.from('no quote'))];
        for (const script of [attestProvider, forgetCertificate, inspectQuote]) {
            await expect(desk.run<object>(script, owner, ...none)).rejects.toMatchObject({ name: 'AttestationError' });
        }
        const both = [...none, '--certificate', owner.address.toString()];
        await expect(desk.run(forgetCertificate, owner, ...both)).rejects.toMatchObject({ code: 'missing-argument' });
        await expect(desk.run(forgetCertificate, owner)).rejects.toMatchObject({ code: 'missing-argument' });
        await expect(desk.run(forgetCertificate, owner, ...both.slice(2))).rejects.toMatchObject({
            code: 'wrong-code',
        });
    });

    it('needs a provider', async () => {
        const { desk, stranger } = all();
        await expect(desk.run(attestProvider, stranger, '--quote', quoteFile(all()))).rejects.toMatchObject({
            code: 'not-found',
            message: expect.stringContaining('has no stake') as string,
        });
    });
});

it('a stake that does not know the verifier yet is told to sync first', async () => {
    const all = await rolesWithProvider();
    const { chain, desk, governor, owner, stranger } = all;
    const root = ['--root', desk.write('root', rootCertificate())];
    const { contracts } = (await desk.run(deployVerifier, stranger, ...root)).result;
    await desk.run(proposeParams, governor, '--verifier', contracts.AttestationVerifier!.address);
    chain.pass(TIMELOCK);
    await desk.run(executeProposal, stranger);
    const attest = () => desk.run(attestProvider, owner, '--quote', quoteFile(all));
    await expect(attest()).rejects.toMatchObject({
        message: expect.stringContaining('run syncParams first') as string,
    });
    await desk.run(syncParams, stranger, '--owner', owner.address.toString());
    await expect(attest()).rejects.toMatchObject({ message: expect.stringContaining('not allow the image') as string });
    desk.close();
});

const folder = process.env.TDX_QUOTES_DIR;

// The name says why it is left out.
(folder === undefined ? it.skip : it)('a real quote passes all but the keys (TDX_QUOTES_DIR)', async () => {
    const now = Date.UTC(2025, 6, 1) / 1000;
    const all = await roles({ now });
    const { chain, desk, governor, owner, stranger, profileFile } = all;
    await desk.run(deployNetwork, governor, '--root', 'intel');
    await desk.run(deployVerifier, stranger);
    await desk.run(openStake, owner, '--amount', '1000', '--profile', profileFile);
    const quote = ['--quote', join(folder!, 'tdx_quote')];
    const seen = (await desk.run(inspectQuote, stranger, ...quote)).result as { quote: { measurement: string } };
    const image = ['--name', 'real', '--valid-until', '2025-12-31'];
    await desk.twice(proposePolicy, governor, '--allow', seen.quote.measurement, ...image);
    chain.pass(TIMELOCK);
    await desk.twice(executeProposal, stranger);
    await desk.twice(submitTcbInfo, stranger, '--tcb-info', join(folder!, 'tdx_quote_collateral.json'));
    const { verifier } = (await desk.run(inspectQuote, stranger, ...quote, '--json')).result as {
        verifier: { refused: unknown; image: string };
    };
    expect(verifier).toMatchObject({ refused: null, image: 'real' });
    const old = ['--quote', join(folder!, 'tdx-quote.hex')];
    expect((await desk.run(inspectQuote, stranger, ...old)).shim.output[0]).toContain("below the network's TCB floor");
    await expect(desk.run(attestProvider, owner, ...quote)).rejects.toMatchObject({
        message:
            "The chain would not take this quote: it is over other keys than those of the profile, or another provider's",
    });
    desk.close();
});
