import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { QuoteCollateral } from '../../../client/attestation/attestationTrust';
import { examineQuote, QuoteExpectation } from '../../../client/attestation/examineQuote';
import { readCertificate } from '../../../protocol/attestation/certificate';
import { AttestationPolicy, revocationKey } from '../../../wrappers';
import { collateral, pem, rootCertificate } from '../../fixtures/attestation/collateral';
import { der, octets, oid, sequence } from '../../fixtures/attestation/derWriter';
import { quoteBytes, quoteSpec } from '../../fixtures/attestation/quotes';
import { usualPolicy } from '../../fixtures/attestation/stage';
import { PckSpec, sign, TestAuthority, TestKey, testKey } from '../../fixtures/attestation/testAuthority';
import { GENESIS } from '../../helpers/chain';

// Paths to the root and revocation lists that are not Intel's. Every signature in here is good under the key of the certificate that stands
// behind it, so what is refused is refused for its names, its place or its time.

const DAY = 86_400;
const FROM = GENESIS - 1000 * DAY;
const UNTIL = GENESIS + 1000 * DAY;
const authority = new TestAuthority();
const usual = quoteSpec();
const stolen = testKey('stolen');
const [pck, ca, root] = authority.pckChain(usual.pck, usual.pckKey);
const policy: AttestationPolicy = { ...usualPolicy(), revocations: new Set() };

const examined = (quote: Uint8Array, changes: Partial<QuoteExpectation> = {}) => {
    const { failed } = examineQuote(quote, {
        rootCertificate: rootCertificate(),
        collateral: collateral(),
        root: authority.root.point,
        policy,
        reportData: usual.reportData,
        now: GENESIS,
        ...changes,
    });
    return failed.map(({ check, text }) => `${check}: ${text}`);
};
const good = quoteBytes(usual);

/** The usual quote with other certificates. */
const withChain = (...certificates: Uint8Array[]) =>
    quoteBytes({ ...usual, authority: { pckChain: () => certificates } as unknown as TestAuthority });

/** A chain that one key issued under the name of the platform CA, or under another. */
function issuedBy(key: TestKey, spec: Partial<PckSpec> = {}): Buffer[] {
    const thief = Object.create(authority, {
        platformCa: { value: key },
        processorCa: { value: key },
    }) as TestAuthority;
    return thief.pckChain({ ...usual.pck, ...spec }, usual.pckKey);
}

/** Collateral that another key signed, with its certificates. */
function signedBy(key: TestKey, ...chain: Uint8Array[]): QuoteCollateral {
    const given = collateral();
    const certificates = chain.map(pem).join('');
    return {
        ...given,
        tcb_info_issuer_chain: certificates,
        qe_identity_issuer_chain: certificates,
        tcb_info_signature: sign(key, Buffer.from(given.tcb_info)).toString('hex'),
        qe_identity_signature: sign(key, Buffer.from(given.qe_identity)).toString('hex'),
    };
}

const [stolenPck] = authority.pckChain({ ...usual.pck, serial: 77n, svns: Array<number>(16).fill(0) }, stolen);
const [forged] = issuedBy(stolen) as [Buffer];
const [other] = new TestAuthority('other').pckChain(usual.pck, usual.pckKey).slice(2) as [Buffer];

describe('certificates in a quote', () => {
    it.each<[string, Uint8Array, ...string[]]>([
        [
            'a PCK that a PCK issued',
            withChain(forged, stolenPck, ca, root),
            'certificates: the quote has 4 certificates, not PCK, CA and root',
            "collateral: the revocation list of the PCK's issuer names another issuer",
        ],
        [
            'the same without the root',
            withChain(forged, stolenPck, ca),
            'certificates: a chain does not end in the root',
            "collateral: the revocation list of the PCK's issuer names another issuer",
        ],
        [
            'a PCK that the signer of TCB infos issued',
            withChain(issuedBy(authority.tcbSigning)[0]!, authority.tcbSigningCertificate(FROM, UNTIL), root),
            'certificates: the second certificate is neither the platform nor the processor CA',
            "collateral: the revocation list of the PCK's issuer names another issuer",
        ],
        [
            'a CA by name that is no authority',
            withChain(
                issuedBy(authority.tcbSigning)[0]!,
                authority.tcbSigningCertificate(FROM, UNTIL, 'Intel SGX PCK Platform CA'),
                root,
            ),
            "certificates: the PCK's issuer is no authority",
            "collateral: the revocation list of the PCK's issuer was not signed by its issuer",
        ],
        [
            'a certificate that is no PCK by name',
            withChain(...issuedBy(authority.platformCa, { subject: 'Intel SGX TCB Signing' })),
            'certificates: the first certificate is no PCK',
        ],
        [
            'a PCK that names the other CA',
            withChain(issuedBy(authority.platformCa, { ca: 'processor' })[0]!, ca, root),
            'certificates: the PCK names another issuer',
        ],
        [
            'another root of the same name behind it',
            withChain(pck, ca, other),
            'certificates: a chain ends in another root',
            'library: ',
        ],
        [
            'a PCK that is not good yet',
            withChain(...issuedBy(authority.platformCa, { notBefore: GENESIS + 1 })),
            'certificates: the PCK is good from',
            'library: ',
        ],
        [
            'a CA whose time is over',
            withChain(...issuedBy(authority.platformCa, { caNotAfter: GENESIS - 1 })),
            "certificates: the PCK's issuer is good from",
            'library: ',
        ],
    ])('refused: %s', (_, quote, ...failed) => {
        expect(examined(quote)).toEqual(failed.map((text) => expect.stringContaining(text) as string));
    });

    it('good: of the processor CA, with its list', () => {
        const quote = quoteBytes(quoteSpec({ pck: { ca: 'processor' } }));
        expect(examined(quote, { collateral: collateral({ ca: 'processor' }) })).toEqual([]);
    });

    it('refused where the collateral shows others: the library would judge those, and the policy these', () => {
        const real = authority.pckChain({ ...usual.pck, serial: 99n, pceSvn: 11 }, usual.pckKey);
        const shown = authority.pckChain(usual.pck, testKey('another machine'));
        const changed = { ...collateral(), pck_certificate_chain: real.map(pem).join('') };
        expect(examined(withChain(...shown), { collateral: changed })).toEqual([
            'library: Signature is invalid for qe_report in quote',
        ]);
    });

    it('refused after their time where there is a global window, in which the library looks at no dates', async () => {
        const script = join(__dirname, 'windowedCheck.ts');
        const windowed = ['--import', 'data:text/javascript,globalThis.window={}'];
        const { stdout } = await promisify(execFile)(process.execPath, [...windowed, '--import', 'tsx', script]);
        expect(JSON.parse(stdout)).toEqual([[], ['certificates']]);
    }, 60_000);
});

describe('collateral', () => {
    const list = (changes: Partial<Record<'pck_crl' | 'root_ca_crl', string | number[]>>): [QuoteCollateral] => [
        { ...collateral(), ...changes },
    ];
    const made = (...args: Parameters<TestAuthority['revocationList']>) =>
        authority.revocationList(...args).toString('hex');
    const byStranger = (issuer: 'root' | 'platform') =>
        new TestAuthority('stranger').revocationList(issuer, [], FROM, UNTIL).toString('hex');
    const [platform, all] = ["the revocation list of the PCK's issuer", "the root's revocation list"];
    const deltaIndicator = sequence(oid('551d1b'), der(0x01, Buffer.from([0xff])), octets(der(0x02, Buffer.from([1]))));
    const tcbSerial = readCertificate(authority.tcbSigningCertificate(FROM, UNTIL)).serial;
    const shortLived = authority.tcbSigningCertificate(FROM, GENESIS - 1);
    const renamed = authority.tcbSigningCertificate(FROM, UNTIL, 'Intel SGX Something Else');

    it.each<[string, QuoteCollateral, ...string[]]>([
        [
            'TCB info that a PCK signed',
            signedBy(stolen, stolenPck, ca, root),
            'a chain has 3 certificates, not signer and root',
        ],
        ['the same without the root', signedBy(stolen, stolenPck, ca), 'a chain does not end in the root'],
        [
            'TCB info by another of the root',
            signedBy(authority.tcbSigning, renamed, rootCertificate()),
            'it was signed by another than Intel SGX TCB Signing',
        ],
        [
            'an identity by another of the root',
            { ...collateral(), qe_identity_issuer_chain: pem(renamed) + pem(rootCertificate()) },
            'it was signed by another than Intel SGX TCB Signing',
        ],
        ['no list of PCKs', ...list({ pck_crl: '' }), `${platform} cannot be read`],
        ['no list of CAs', ...list({ root_ca_crl: [] }), `${all} cannot be read`],
        [
            'a list that is none',
            ...list({ pck_crl: Buffer.from('no list').toString('hex') }),
            `${platform} cannot be read`,
        ],
        [
            'an old list of PCKs',
            ...list({ pck_crl: made('platform', [], FROM, GENESIS - 1) }),
            `${platform} is good from`,
        ],
        ['an old list of CAs', ...list({ root_ca_crl: made('root', [], FROM, GENESIS - 1) }), `${all} is good from`],
        [
            'a list that is not good yet',
            ...list({ pck_crl: made('platform', [], GENESIS + 1, UNTIL) }),
            `${platform} is good from`,
        ],
        [
            'a list that does not say until when it is good',
            ...list({ pck_crl: made('platform', [], FROM, null) }),
            'it does not say until when it is good',
        ],
        [
            'a part of a list',
            ...list({ pck_crl: made('platform', [], FROM, UNTIL, [deltaIndicator]) }),
            'its critical extension 2.5.29.27 is not understood',
        ],
        [
            'the list of the root for that of PCKs',
            ...list({ pck_crl: made('root', [], FROM, UNTIL) }),
            `${platform} names another issuer`,
        ],
        ['the list of the other CA', collateral({ ca: 'processor' }), `${platform} names another issuer`],
        [
            'the list of a CA for that of the root',
            ...list({ root_ca_crl: made('platform', [], FROM, UNTIL) }),
            `${all} names another issuer`,
        ],
        [
            'a list of PCKs by a stranger',
            ...list({ pck_crl: byStranger('platform') }),
            `${platform} was not signed by its issuer`,
        ],
        [
            'a list of CAs by a stranger',
            ...list({ root_ca_crl: byStranger('root') }),
            `${all} was not signed by its issuer`,
        ],
    ])('refused: %s', (_, given, text) => {
        expect(examined(good, { collateral: given })).toEqual([expect.stringContaining(`collateral: `)]);
        expect(examined(good, { collateral: given })[0]).toContain(text);
    });

    it.each<[string, QuoteCollateral, string]>([
        ['a signer whose time is over', signedBy(authority.tcbSigning, shortLived, root), 'the signer is good from'],
        ['a PCK that is revoked', collateral({ revokedPck: [5n, usual.pck.serial] }), 'the PCK is revoked'],
        ['a CA that is revoked', collateral({ revokedCa: [usual.pck.caSerial] }), "the PCK's issuer is revoked"],
        ['a signer that is revoked', collateral({ revokedCa: [tcbSerial] }), 'a signer of the collateral is revoked'],
    ])('refused, by the library too: %s', (_, given, text) => {
        expect(examined(good, { collateral: given })).toEqual([
            expect.stringContaining(`collateral: ${text}`),
            expect.stringContaining('library: '),
        ]);
    });

    it('refused if the network has revoked who signed it', () => {
        const { serial } = readCertificate(authority.tcbSigningCertificate(FROM, UNTIL));
        const revoking = { ...policy, revocations: new Set([revocationKey(serial)]) };
        expect(examined(good, { policy: revoking })).toEqual([
            'collateral: the network has revoked a signer of the collateral',
        ]);
    });

    // As JSON, an object can pose as the bytes that were signed, and hold other fields for who reads them.
    const posing = (signed: string, forged: string) =>
        ({ ...(JSON.parse(forged) as object), type: 'Buffer', data: [...Buffer.from(signed)] }) as unknown as string;
    const ofCache = (value: QuoteCollateral) => JSON.parse(JSON.stringify(value)) as QuoteCollateral;

    it('refused where an object poses as a signed text', () => {
        const given = collateral({ qeIsvSvn: 9, qeNextUpdate: GENESIS - 1 });
        const lax = collateral();
        const [strict, usualInfo] = [collateral({ tcbInfo: { svns: Array<number>(16).fill(9) } }), lax.tcb_info];
        for (const [text, posed] of [
            ['qe_identity', { ...given, qe_identity: posing(given.qe_identity, lax.qe_identity) }],
            ['tcb_info', { ...strict, tcb_info: posing(strict.tcb_info, usualInfo) }],
        ] as const) {
            expect(examined(good, { collateral: ofCache(posed) })).toEqual([`collateral: ${text} is no string`]);
        }
    });

    it('refused where it is none, or holds other things than bytes', () => {
        const given = collateral();
        const list = [...Buffer.from(given.pck_crl as string, 'hex')];
        for (const [brought, text] of [
            [null, 'it is no object'],
            [undefined, 'it is no object'],
            [{ ...given, pck_crl: [...list.slice(0, -1), 256] }, 'pck_crl is neither hexadecimal digits nor bytes'],
            [{ ...given, root_ca_crl: { length: 0 } }, 'root_ca_crl is neither hexadecimal digits nor bytes'],
        ] as const) {
            expect(examined(good, { collateral: brought as unknown as QuoteCollateral })).toEqual([
                `collateral: ${text}`,
            ]);
        }
    });

    it('good: a list of five thousand certificates, and still found there', () => {
        const many = Array.from({ length: 5_000 }, (_, i) => (1n << 150n) + BigInt(i));
        expect(examined(good, { collateral: collateral({ revokedPck: many }) })).toEqual([]);
        const revoked = collateral({ revokedPck: [...many, usual.pck.serial] });
        expect(examined(good, { collateral: revoked })).toContain('collateral: the PCK is revoked');
    });

    it('refused where it lacks everything', () => {
        const checks = examined(good, { collateral: {} as QuoteCollateral }).map((text) => text.split(':')[0]);
        expect(checks).toEqual(['collateral']);
    });

    it('good: lists in bytes, and with revoked certificates of others', () => {
        const { pck_crl, root_ca_crl } = collateral({ revokedPck: [5n], revokedCa: [6n] });
        const bytes = (hex: number[] | string) => [...Buffer.from(hex as string, 'hex')];
        const [given] = list({ pck_crl: bytes(pck_crl), root_ca_crl: bytes(root_ca_crl) });
        expect(examined(good, { collateral: given })).toEqual([]);
    });
});
