import { AttestationCheck } from '../../../client/attestation/attestationRefusedError';
import { examineQuote, QuoteExpectation } from '../../../client/attestation/examineQuote';
import { AttestationPolicy } from '../../../wrappers';
import { collateral, rootCertificate } from '../../fixtures/attestation/collateral';
import { der } from '../../fixtures/attestation/derWriter';
import { quoteBytes, quoteSpec } from '../../fixtures/attestation/quotes';
import { FLOOR, FMSPC, MEASUREMENT_UNTIL, usualPolicy } from '../../fixtures/attestation/stage';
import { TcbInfoSpec } from '../../fixtures/attestation/tcbInfos';
import { TestAuthority, testKey } from '../../fixtures/attestation/testAuthority';
import { GENESIS } from '../../helpers/chain';

// The client's check by itself: quotes of the test authority, in Intel's format, against a policy as the chain has it.

const DAY = 86_400;
const usual = usualPolicy();
const POLICY: AttestationPolicy = { ...usual, revocations: new Set(usual.revocations) };
const [MEASUREMENT] = POLICY.measurements.keys();
const GOOD: QuoteExpectation = {
    rootCertificate: rootCertificate(),
    collateral: collateral(),
    root: new TestAuthority().root.point,
    policy: POLICY,
    reportData: quoteSpec().reportData,
    now: GENESIS,
};

const failing = (quote: Uint8Array, changes: Partial<QuoteExpectation> = {}) =>
    examineQuote(quote, { ...GOOD, ...changes }).failed.map(({ check }) => check);
const made = (changes: Parameters<typeof quoteSpec>[0] = {}) => quoteBytes(quoteSpec(changes));
const floor = (changes: Partial<typeof FLOOR>) => ({
    policy: { ...POLICY, floors: new Map([[FMSPC, { ...FLOOR, ...changes }]]) },
});
const modules = (...levels: TcbInfoSpec['modules']) => ({ collateral: collateral({ tcbInfo: { modules: levels } }) });
const raised = (svns: readonly number[], at: number) => svns.map((svn, i) => (i === at ? svn + 9 : svn));

describe("a client's own check of a quote", () => {
    it.each([
        ['version 4', made()],
        ['version 5, TDX 1.0', made({ version: 5 })],
        ['version 5, TD 1.5', made({ version: 5, bodyType: 3 })],
    ])('passes what is good: %s', (_, quote) => {
        expect(examineQuote(quote, GOOD)).toEqual({ failed: [], until: Math.min(FLOOR.validUntil, MEASUREMENT_UNTIL) });
    });

    const { serial, caSerial } = quoteSpec().pck;
    const revoking = (number: bigint) => ({
        policy: { ...POLICY, revocations: new Set([number & ((1n << 128n) - 1n)]) },
    });
    const rows: [name: string, checks: AttestationCheck[], quote: Uint8Array, changes?: Partial<QuoteExpectation>][] = [
        ['bytes that are no quote', ['quote'], Buffer.from('no quote at all')],
        ['a serial number of 7,168 bytes', ['quote'], made({ authority: withSerial(Buffer.alloc(7_168, 0x7f)) })],
        ['a quote that is cut off', ['quote'], made().subarray(0, 1200)],
        ['a report that another key signed', ['library'], made({ reportSigner: testKey('thief') })],
        ["a quoting enclave's report that another key signed", ['library'], made({ qeSigner: testKey('thief') })],
        ['a key that the quoting enclave does not name', ['library'], made({ qeReportData: Buffer.alloc(64) })],
        [
            'another authority',
            ['certificates', 'collateral', 'library'],
            made({ authority: new TestAuthority('other') }),
        ],
        ["a root that is not the network's", ['root'], made(), { root: testKey('other').point }],
        [
            "Intel's root by default",
            ['root', 'certificates', 'collateral', 'library'],
            made(),
            { rootCertificate: undefined },
        ],
        ['a TD that may be debugged', ['trust-domain', 'library'], made({ tdAttributes: bytes('0100001000000000') })],
        ['a TD that may migrate', ['trust-domain', 'library'], made({ tdAttributes: bytes('0000003000000000') })],
        ['a module of another signer', ['trust-domain'], made({ mrSignerSeam: Buffer.alloc(48, 1) })],
        ['a module with attributes', ['trust-domain'], made({ seamAttributes: Buffer.alloc(8, 1) })],
        ['another image', ['measurement'], made({ mrtd: Buffer.alloc(48, 7) })],
        [
            'an image whose time is over',
            ['measurement'],
            made(),
            { policy: { ...POLICY, measurements: new Map([[MEASUREMENT!, { validUntil: GENESIS, name: 'old' }]]) } },
        ],
        ['an image that the client does not accept', ['measurement'], made(), { images: new Set([5n]) }],
        ['a platform without a floor', ['platform'], made(), { policy: { ...POLICY, floors: new Map() } }],
        ['a floor whose time is over', ['platform'], made(), floor({ validUntil: GENESIS })],
        ...FLOOR.svns.map(
            (_, at) =>
                [`component ${at} below the floor`, ['platform'], made(), floor({ svns: raised(FLOOR.svns, at) })] as [
                    string,
                    AttestationCheck[],
                    Uint8Array,
                    Partial<QuoteExpectation>,
                ],
        ),
        [
            'components below the floor, whatever CPUSVN says',
            ['platform'],
            made({
                pck: {
                    svns: raised(quoteSpec().pck.svns, 0).map((svn) => svn && svn - 3),
                    cpuSvn: quoteSpec().pck.svns,
                },
            }),
        ],
        ['a PCESVN below the floor', ['platform'], made(), floor({ pceSvn: 12 })],
        [
            'a module that Intel calls out of date',
            ['tdx-module'],
            made(),
            modules([
                1,
                [
                    [7, 'UpToDate'],
                    [2, 'OutOfDate'],
                ],
            ]),
        ],
        [
            'a module that Intel calls revoked',
            ['tdx-module'],
            made(),
            modules([
                1,
                [
                    [7, 'UpToDate'],
                    [2, 'Revoked'],
                ],
            ]),
        ],
        ['a module below all of Intel’s levels', ['tdx-module'], made(), modules([1, [[7, 'UpToDate']]])],
        ['a version of the module that Intel does not know', ['tdx-module'], made(), modules([3, [[3, 'UpToDate']]])],
        [
            'TCB info that is no JSON',
            ['library', 'tdx-module'],
            made(),
            { collateral: { ...collateral(), tcb_info: '{' } },
        ],
        ['a module below the floor', ['platform'], made(), floor({ modules: { 1: 7 } })],
        ['a version of the module that no floor has', ['platform'], made(), floor({ modules: { 3: 3 } })],
        ['byte 2 of TEE_TCB_SVN below', ['platform'], made(), floor({ tdxSvns: raised(FLOOR.tdxSvns, 2) })],
        ['a quoting enclave below the policy', ['quoting-enclave'], made(), { policy: { ...POLICY, leastIsvSvn: 5 } }],
        ['a PCK that the network has revoked', ['revocation'], made(), revoking(serial)],
        ['a CA that the network has revoked', ['revocation'], made(), revoking(caSerial)],
        ["another provider's quote", ['report-data'], made(), { reportData: Buffer.alloc(64, 3) }],
        [
            'a quote that somebody copied and wrote other keys into',
            ['library', 'report-data'],
            overwritten(made(), 48 + 520, 9),
        ],
        [
            'a PCK on the CA’s list',
            ['collateral', 'library'],
            made(),
            { collateral: collateral({ revokedPck: [serial] }) },
        ],
        [
            'a CA on the root’s list',
            ['collateral', 'library'],
            made(),
            { collateral: collateral({ revokedCa: [caSerial] }) },
        ],
        [
            'TCB info that has expired',
            ['library'],
            made(),
            { collateral: collateral({ tcbInfo: { nextUpdate: GENESIS - 1 } }) },
        ],
        [
            'an identity of the quoting enclave that has expired',
            ['library'],
            made(),
            { collateral: collateral({ qeNextUpdate: GENESIS - 1 }) },
        ],
        [
            'a platform that Intel calls out of date',
            ['library'],
            made(),
            { collateral: collateral({ tcbInfo: { status: 'OutOfDate' } }) },
        ],
        [
            'a quoting enclave that Intel calls too old',
            ['library'],
            made(),
            { collateral: collateral({ qeIsvSvn: 5 }) },
        ],
        [
            'TCB info of another authority',
            ['collateral', 'library'],
            made(),
            { collateral: collateral({ authority: new TestAuthority('other') }) },
        ],
        ['a PCK whose time is over', ['certificates', 'library'], made({ pck: { notAfter: GENESIS - DAY } })],
    ];
    it.each(rows)('refuses %s', (...[, checks, quote, changes]) => {
        expect(failing(quote, changes)).toEqual(checks);
    });

    it('compares the first bytes of TEE_TCB_SVN with the floor where the module has no version', () => {
        const tcb = bytes('05000200000000000000000000000000');
        expect(failing(made({ tcb }), floor({ modules: {} }))).toEqual([]);
        expect(failing(made({ tcb }), floor({ tdxSvns: raised(FLOOR.tdxSvns, 0) }))).toEqual(['platform']);
    });

    it('takes the highest of Intel’s levels that the module reaches, wherever it stands', () => {
        const newestLast = modules([
            1,
            [
                [2, 'OutOfDate'],
                [6, 'UpToDate'],
            ],
        ]);
        expect(failing(made(), newestLast)).toEqual([]);
    });

    it('takes one of the network’s images that the client accepts', () => {
        expect(failing(made(), { images: new Set([5n, MEASUREMENT!]) })).toEqual([]);
    });

    it('names every check that fails, not the first alone', () => {
        const quote = made({ mrtd: Buffer.alloc(48, 7), reportSigner: testKey('thief') });
        const changes = { root: testKey('other').point, reportData: Buffer.alloc(64), ...revoking(serial) };
        expect(failing(quote, changes)).toEqual(['measurement', 'revocation', 'root', 'library', 'report-data']);
    });
});

function bytes(hex: string): Buffer {
    return Buffer.from(hex, 'hex');
}

function overwritten(quote: Buffer, at: number, value: number): Buffer {
    const copy = Buffer.from(quote);
    copy[at] = value;
    return copy;
}

/** An authority whose PCK has this serial number instead, content of an INTEGER; its signature does not hold then. */
function withSerial(serial: Buffer): TestAuthority {
    const [pck, ...others] = new TestAuthority().pckChain(quoteSpec().pck, testKey('pck'));
    const tbs = pck.subarray(8, 8 + pck.readUInt16BE(6));
    const body = Buffer.concat([tbs.subarray(0, 5), der(0x02, serial), tbs.subarray(7 + tbs[6]!)]);
    const changed = der(0x30, der(0x30, body), pck.subarray(8 + tbs.length));
    return { pckChain: () => [changed, ...others] } as unknown as TestAuthority;
}
