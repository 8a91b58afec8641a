import { beginCell, Cell } from '@ton/core';
import { createHash } from 'node:crypto';
import { Certificate, readCertificate, uint } from '../../../protocol/attestation/certificate';
import { multiply, P256_G, P256_N, P256_P, slopeOf } from '../../../protocol/attestation/p256';
import { packQuote, quoteCell, signedBy } from '../../../protocol/attestation/packQuote';
import { attestationKeyOf, RawQuote, readRawQuote } from '../../../protocol/attestation/rawQuote';
import { shiftHints, storeShiftedSignature } from '../../../protocol/attestation/shiftedSignature';
import { quoteBytes } from '../../fixtures/attestation/quotes';
import { TestAuthority, testKey } from '../../fixtures/attestation/testAuthority';
import {
    attest,
    attestedUntil,
    AttestationStage,
    certificateOf,
    openAttestation,
    quoteOf,
} from '../../fixtures/attestation/stage';
import { explainExitCode } from '../../../wrappers';
import { received, withoutWallets } from '../../helpers/traces';

// Tampered and forged quotes, class by class: after each change everything is packed anew, with the hints that fit it.

interface Forgery {
    quote: Cell;
    chain: Cell;
}

let stage: AttestationStage;
const accepted: string[] = [];
/** class → error → how often */
const table = new Map<string, Map<string, number>>();

beforeAll(async () => {
    stage = await openAttestation();
});

afterAll(() => {
    const rows = [...table].flatMap(([name, errors]) =>
        [...errors].map(([error, count]) => `${name.padEnd(46)} ${error.padEnd(30)} ${String(count).padStart(4)}`),
    );
    const total = [...table.values()].flatMap((errors) => [...errors.values()]).reduce((sum, count) => sum + count, 0);
    process.stdout.write(`${rows.join('\n')}\n${total} forgeries, ${accepted.length} accepted\n`);
    expect(total).toBeGreaterThanOrEqual(500);
});

/** Sends each and says what became of it; at least ten of a class. */
async function refuseAll(name: string, forgeries: Iterable<[what: string, forgery: Forgery]>): Promise<void> {
    const errors = new Map<string, number>();
    let count = 0;
    for (const [what, forgery] of forgeries) {
        count++;
        const [verdict] = withoutWallets(await attest(stage, forgery));
        const { description } = verdict!;
        const phase =
            description.type === 'generic' && description.computePhase.type === 'vm'
                ? description.computePhase
                : undefined;
        const code = phase?.exitCode ?? NaN;
        if (code === 0 || (await attestedUntil(stage, stage.provider)) !== 0) {
            accepted.push(`${name}: ${what}`);
        }
        const error = explainExitCode(code).name;
        errors.set(error, (errors.get(error) ?? 0) + 1);
    }
    table.set(name, errors);
    expect(count).toBeGreaterThanOrEqual(10);
    expect(accepted).toEqual([]);
}

const random = (label: string, length = 32) => createHash('shake256', { outputLength: length }).update(label).digest();
const good = () => quoteBytes(quoteOf(stage.provider));

/** One bit of some bytes flipped. */
function flipped(bytes: Uint8Array, bit: number): Buffer {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 0x80 >> (bit & 7);
    return copy;
}

/** Packs a quote that was taken apart and changed. */
function repacked(raw: RawQuote): Forgery {
    const whole = packQuote(good());
    return { quote: quoteCell(raw, raw.certificates[0]!.key), chain: whole.chain };
}

/** The chain with another leaf, or issuer, as it stands. */
function chainOf(leaf: Certificate, issuer: Certificate, root = stage.authority.root.point): Cell {
    const whole = packQuote(good());
    const [leafTbs, , issuerTbs] = whole.chain.refs;
    return beginCell()
        .storeRef(recut(leafTbs!, leaf.tbs))
        .storeRef(signedBy(issuer.key, leaf.tbs, leaf.signature))
        .storeRef(recut(issuerTbs!, issuer.tbs))
        .storeRef(signedBy(root, issuer.tbs, issuer.signature))
        .endCell();
}

/** Sizes of the parts of a chain of cells, in bytes. */
function sizesOf(chain: Cell): number[] {
    return [chain.bits.length / 8, ...(chain.refs[0] ? sizesOf(chain.refs[0]) : [])];
}

/** Other bytes, cut as a chain of cells is cut. */
function recut(pattern: Cell, bytes: Buffer): Cell {
    return cells(bytes, sizesOf(pattern));
}

function cells(bytes: Buffer, sizes: readonly number[]): Cell {
    const [size, ...others] = sizes;
    const builder = beginCell().storeBuffer(bytes.subarray(0, size!));
    return (others.length > 0 ? builder.storeRef(cells(bytes.subarray(size!), others)) : builder).endCell();
}

const bytesOf = (chain: Cell): Buffer => {
    const slice = chain.beginParse();
    const own = slice.loadBuffer(slice.remainingBits / 8);
    return chain.refs[0] ? Buffer.concat([own, bytesOf(chain.refs[0])]) : own;
};

/** A cell with one of its references replaced. */
function withRef(cell: Cell, index: number, ref: Cell): Cell {
    const builder = beginCell().storeBits(cell.bits);
    cell.refs.forEach((old, i) => builder.storeRef(i === index ? ref : old));
    return builder.endCell();
}

// Fields of header and report of version 4, in bytes.
const FIELDS: [string, number, number][] = [
    ['version, key type, TEE type', 2, 6],
    ['vendor', 12, 16],
    ['user data', 28, 20],
    ['TEE_TCB_SVN', 48, 16],
    ['MRSEAM', 64, 48],
    ['MRSIGNERSEAM', 112, 48],
    ['SEAMATTRIBUTES', 160, 8],
    ['TDATTRIBUTES', 168, 8],
    ['XFAM', 176, 8],
    ['MRTD', 184, 48],
    ['MRCONFIGID, MROWNER, MROWNERCONFIG', 232, 144],
    ['RTMR0 to RTMR3', 376, 192],
    ['REPORTDATA', 568, 64],
];

describe('Nothing of a signed report can be changed:', () => {
    it.each(FIELDS)('%s', async (name, start, length) => {
        const raw = readRawQuote(good());
        const step = Math.max(1, Math.floor((8 * length) / 12));
        const bits = Array.from({ length: 12 }, (_, i) => (8 * start + i * step) % (8 * (start + length)));
        await refuseAll(
            `report: ${name}`,
            bits.map((bit) => [`bit ${bit}`, repacked({ ...raw, report: flipped(raw.report, bit) })]),
        );
    });

    it('nor of the quoting enclave’s', async () => {
        const raw = readRawQuote(good());
        await refuseAll(
            'QE report',
            Array.from({ length: 48 }, (_, i) => 64 * i + ((7 * i) % 64)).map((bit) => [
                `bit ${bit}`,
                repacked({ ...raw, qeReport: flipped(raw.qeReport, bit) }),
            ]),
        );
    });

    it('nor the attestation key, nor what is bound with it', async () => {
        const raw = readRawQuote(good());
        const keys = Array.from({ length: 10 }, (_, i) => testKey(`other ${i}`));
        const bytes = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
        await refuseAll('attestation key swapped', [
            ...keys.map(({ point }, i): [string, Forgery] => [
                `key ${i}`,
                repacked({ ...raw, attestationKey: Buffer.concat([bytes(point.x), bytes(point.y)]) }),
            ]),
        ]);
        await refuseAll(
            'authentication data',
            Array.from({ length: 12 }, (_, i) => [
                `${i}`,
                repacked({ ...raw, authData: flipped(raw.authData, 21 * i) }),
            ]),
        );
        await refuseAll(
            'authentication data of another length',
            Array.from({ length: 12 }, (_, i) => [`${i}`, repacked({ ...raw, authData: raw.authData.subarray(0, i) })]),
        );
    });
});

describe('No signature can be changed:', () => {
    it('one bit of r or s', async () => {
        const raw = readRawQuote(good());
        const numbers = (bit: number) => ({
            r: raw.signature.r ^ (bit < 8 ? 1n << BigInt(29 * bit) : 0n),
            s: raw.signature.s ^ (bit < 8 ? 0n : 1n << BigInt(29 * (bit - 8))),
        });
        await refuseAll(
            'quote signature',
            Array.from({ length: 16 }, (_, i) => [`${i}`, repacked({ ...raw, signature: numbers(i) })]),
        );
        const qe = (bit: number) => ({
            r: raw.qeSignature.r ^ (bit < 8 ? 1n << BigInt(29 * bit) : 0n),
            s: raw.qeSignature.s ^ (bit < 8 ? 0n : 1n << BigInt(29 * (bit - 8))),
        });
        await refuseAll(
            'QE signature',
            Array.from({ length: 16 }, (_, i) => [`${i}`, repacked({ ...raw, qeSignature: qe(i) })]),
        );
    });

    it('nor swapped with another', async () => {
        const raw = readRawQuote(good());
        const signatures = [raw.signature, raw.qeSignature, ...raw.certificates.map(({ signature }) => signature)];
        const swaps = signatures
            .slice(1)
            .map((signature, i): [string, Forgery] => [`quote ← ${i}`, repacked({ ...raw, signature })]);
        const qeSwaps = [signatures[0]!, ...signatures.slice(2)].map((qeSignature, i): [string, Forgery] => [
            `QE ← ${i}`,
            repacked({ ...raw, qeSignature }),
        ]);
        const [leaf, issuer] = raw.certificates as [Certificate, Certificate];
        const whole = packQuote(good());
        const chains = signatures.slice(0, 2).flatMap((signature, i): [string, Forgery][] => [
            [`PCK ← ${i}`, { quote: whole.quote, chain: chainOf({ ...leaf, signature }, issuer) }],
            [`CA ← ${i}`, { quote: whole.quote, chain: chainOf(leaf, { ...issuer, signature }) }],
        ]);
        await refuseAll('signatures swapped', [...swaps, ...qeSwaps, ...chains]);
    });
});

describe('No hint can be changed:', () => {
    /** Where the four signatures are: cells of quote and chain. */
    const places: [string, (f: Forgery, cell: (old: Cell) => Cell) => Forgery][] = [
        ['quote', (f, cell) => ({ ...f, quote: withRef(f.quote, 1, cell(f.quote.refs[1]!)) })],
        ['QE', (f, cell) => ({ ...f, quote: withRef(f.quote, 3, cell(f.quote.refs[3]!)) })],
        ['PCK', (f, cell) => ({ ...f, chain: withRef(f.chain, 1, cell(f.chain.refs[1]!)) })],
        ['CA', (f, cell) => ({ ...f, chain: withRef(f.chain, 3, cell(f.chain.refs[3]!)) })],
    ];
    const read = (signed: Cell) => {
        const slice = signed.beginParse();
        const [r, s, delta] = [slice.loadUintBig(256), slice.loadUintBig(256), slice.loadUintBig(256)];
        const inner = slice.loadRef().beginParse();
        const [x, y, slope] = [inner.loadUintBig(256), inner.loadUintBig(256), inner.loadUintBig(256)];
        return { signature: { r, s }, hints: { delta, shift: { x, y }, slope } };
    };

    it.each(places)('of the signature of the %s', async (name, place) => {
        const whole = packQuote(good());
        const one = (
            change: (hints: ReturnType<typeof read>['hints'], flip: bigint) => ReturnType<typeof read>['hints'],
            flip: bigint,
        ) =>
            place(whole, (old) => {
                const { signature, hints } = read(old);
                return storeShiftedSignature(signature, change(hints, flip));
            });
        const changes: [string, Parameters<typeof one>[0]][] = [
            ['delta', (hints, flip) => ({ ...hints, delta: hints.delta ^ flip })],
            ['shift.x', (hints, flip) => ({ ...hints, shift: { ...hints.shift, x: hints.shift.x ^ flip } })],
            ['shift.y', (hints, flip) => ({ ...hints, shift: { ...hints.shift, y: hints.shift.y ^ flip } })],
            ['slope', (hints, flip) => ({ ...hints, slope: hints.slope ^ flip })],
            ['shift mirrored', (hints) => ({ ...hints, shift: { ...hints.shift, y: P256_P - hints.shift.y } })],
        ];
        await refuseAll(
            `hints of the ${name} signature`,
            changes.flatMap(([what, change]) =>
                [0n, 100n, 255n].map((bit): [string, Forgery] => [what, one(change, 1n << bit)]),
            ),
        );
    });

    it('for a quote of the forger’s own: shifts on the minus branch, to any point, to another key', async () => {
        const forger = testKey('forger');
        const raw = readRawQuote(quoteBytes({ ...quoteOf(stage.provider), reportSigner: forger }));
        const key = attestationKeyOf(raw);
        const digest = uint(createHash('sha256').update(raw.report).digest());
        const hints = shiftHints(digest, key, raw.signature);
        const invert = (a: bigint) => {
            let [result, base, exponent] = [1n, a % P256_N, P256_N - 2n];
            for (; exponent > 0n; exponent >>= 1n, base = (base * base) % P256_N) {
                result = exponent & 1n ? (result * base) % P256_N : result;
            }
            return result;
        };
        const operandDigest = (operand: number) =>
            uint(createHash('sha256').update(Buffer.alloc(32).fill(operand, 31)).digest());
        const scalars = [
            ...[1, 2].map(
                (operand) => P256_N - ((hints.delta + 2n * operandDigest(operand) * invert(P256_G.x)) % P256_N),
            ),
            P256_N - hints.delta,
            ...Array.from({ length: 12 }, (_, i) => uint(random(`scalar ${i}`))),
        ];
        const whole = packQuote(good());
        await refuseAll('shift to another point', [
            ...scalars.map((scalar, i): [string, Forgery] => {
                const shift = multiply(scalar, P256_G)!;
                const signed = storeShiftedSignature(raw.signature, { ...hints, shift, slope: slopeOf(key, shift) });
                return [`${i}`, { quote: withRef(whole.quote, 1, signed), chain: whole.chain }];
            }),
        ]);
        // A key K under which anything verifies, and D = K − Q by its own slope: D is no delta · G that anybody knows.
        await refuseAll(
            'shift to a key of the forger’s',
            Array.from({ length: 10 }, (_, i): [string, Forgery] => {
                const delta = uint(random(`delta ${i}`)) % P256_N;
                const shift = multiply(delta, P256_G)!;
                const signed = storeShiftedSignature(raw.signature, { delta, shift, slope: slopeOf(key, shift) });
                return [`${i}`, { quote: withRef(whole.quote, 1, signed), chain: whole.chain }];
            }),
        );
    });
});

describe('No certificate can be changed:', () => {
    it.each([
        ['PCK', 0, 40],
        ['CA', 2, 24],
    ])('%s: one bit of its TBSCertificate', async (name, index, count) => {
        const whole = packQuote(good());
        const [leaf, issuer] = readRawQuote(good()).certificates as [Certificate, Certificate];
        const tbs = index === 0 ? leaf.tbs : issuer.tbs;
        const step = Math.floor((8 * tbs.length) / count);
        await refuseAll(
            `${name}: TBSCertificate`,
            Array.from({ length: count }, (_, i): [string, Forgery] => {
                const changed = flipped(tbs, i * step + (i % 8));
                const chain =
                    index === 0
                        ? chainOf({ ...leaf, tbs: changed }, issuer)
                        : chainOf(leaf, { ...issuer, tbs: changed });
                return [`bit ${i * step + (i % 8)}`, { quote: whole.quote, chain }];
            }),
        );
    });

    it('nor come from another authority, nor be signed by the wrong key of the right one', async () => {
        const { provider, authority } = stage;
        const forgeries = Array.from({ length: 10 }, (_, i): [string, Forgery] => {
            const foreign = new TestAuthority(`foreign ${i}`);
            return [
                `authority ${i}`,
                packQuote(quoteBytes(quoteOf(provider, { authority: foreign })), authority.root.point),
            ];
        });
        // Foreign below the genuine CA's certificate.
        const genuine = readRawQuote(good()).certificates[1]!;
        const mixed = Array.from({ length: 10 }, (_, i): [string, Forgery] => {
            const bytes = quoteBytes(quoteOf(provider, { authority: new TestAuthority(`foreign ${i}`) }));
            const [leaf] = readRawQuote(bytes).certificates as [Certificate];
            return [`leaf ${i}`, { quote: packQuote(bytes).quote, chain: chainOf(leaf, genuine) }];
        });
        await refuseAll('another authority', forgeries);
        await refuseAll('another authority’s PCK below the CA', mixed);
        const wrong = (['reportSigner', 'qeSigner'] as const).flatMap((signer) =>
            [
                authority.root,
                authority.platformCa,
                authority.processorCa,
                authority.tcbSigning,
                testKey('pck'),
                testKey('attestation'),
                testKey('x'),
            ]
                .filter(
                    (key) => key.point.x !== (signer === 'qeSigner' ? testKey('pck') : testKey('attestation')).point.x,
                )
                .map((key, i): [string, Forgery] => [
                    `${signer} ${i}`,
                    packQuote(quoteBytes(quoteOf(provider, { [signer]: key }))),
                ]),
        );
        await refuseAll('signed by the wrong key', wrong);
    });

    it('nor stand in the place of another', async () => {
        const { provider, authority } = stage;
        const whole = packQuote(good());
        const certificates = readRawQuote(good()).certificates as [Certificate, Certificate, Certificate];
        const processor = readRawQuote(quoteBytes(quoteOf(provider, { pck: { ca: 'processor' } }))).certificates[1]!;
        const signing = readCertificate(authority.tcbSigningCertificate(1_700_000_000, 2_000_000_000));
        const all = [...certificates, processor, signing];
        const rows = all.flatMap((leaf, i) =>
            all
                .map((issuer, k): [string, Forgery] | undefined =>
                    leaf === certificates[0] && issuer === certificates[1]
                        ? undefined
                        : [`${i} under ${k}`, { quote: whole.quote, chain: chainOf(leaf, issuer) }],
                )
                .filter((row) => row !== undefined),
        );
        await refuseAll('certificates in each other’s place', rows);
    });
});

describe('Quotes cannot be mixed:', () => {
    it('parts of one with parts of another', async () => {
        const { provider } = stage;
        const one = readRawQuote(good());
        const rows = Array.from({ length: 6 }, (_, i) => {
            const other = readRawQuote(
                quoteBytes(
                    quoteOf(provider, {
                        attestationKey: testKey(`attestation ${i}`),
                        pckKey: testKey(`pck ${i}`),
                        tcb: Buffer.from('07010300000000000000000000000000', 'hex'),
                    }),
                ),
            );
            const mixes: [string, RawQuote][] = [
                ['report', { ...one, report: other.report }],
                ['report and signature', { ...one, report: other.report, signature: other.signature }],
                ['key', { ...one, attestationKey: other.attestationKey }],
                [
                    'report, signature, key',
                    { ...other, qeReport: one.qeReport, qeSignature: one.qeSignature, certificates: one.certificates },
                ],
                ['QE report', { ...one, qeReport: other.qeReport }],
                ['QE report and signature', { ...one, qeReport: other.qeReport, qeSignature: other.qeSignature }],
                ['all but the certificates', { ...other, certificates: one.certificates }],
            ];
            return mixes.map(([what, raw]): [string, Forgery] => [`${what} ${i}`, repacked(raw)]);
        });
        await refuseAll('parts of two quotes', rows.flat());
    });
});

describe('Another cut of the same bytes', () => {
    it.each([
        [
            'the report',
            (f: Forgery) => f.quote.refs[0]!,
            (f: Forgery, cell: Cell) => ({ ...f, quote: withRef(f.quote, 0, cell) }),
        ],
        [
            'the QE report',
            (f: Forgery) => f.quote.refs[2]!,
            (f: Forgery, cell: Cell) => ({ ...f, quote: withRef(f.quote, 2, cell) }),
        ],
    ])('moves no field of %s: a boundary a byte earlier or later is refused', async (name, of, put) => {
        const whole = packQuote(good());
        const sizes = sizesOf(of(whole));
        const bytes = bytesOf(of(whole));
        expect(cells(bytes, sizes)).toEqualCell(of(whole));
        const moved = sizes
            .slice(0, -1)
            .flatMap((_, at) =>
                [1, -1, 2, -2, 8].map((by) =>
                    sizes.map((size, i) => (i === at ? size + by : i === at + 1 ? size - by : size)),
                ),
            );
        const possible = moved.filter((each) => each.every((size) => size > 0 && size <= 127));
        const rows = possible.map((each): [string, Forgery] => [each.join(), put(whole, cells(bytes, each))]);
        await refuseAll(`cut: ${name}`, rows);
    });

    it('of the PCK is refused, or changes nothing of what is read', async () => {
        const { chain, provider } = stage;
        const whole = packQuote(good());
        const certificate = certificateOf(stage, whole.facts);
        const sizes = sizesOf(whole.chain.refs[0]!);
        const bytes = bytesOf(whole.chain.refs[0]!);
        const moved = sizes
            .slice(0, -1)
            .flatMap((_, at) =>
                [1, -1, 2, -2, 18, -18].map((by) =>
                    sizes.map((size, i) => (i === at ? size + by : i === at + 1 ? size - by : size)),
                ),
            );
        const outcomes = { refused: 0, same: 0 };
        for (const each of moved.filter((candidate) => candidate.every((size) => size > 0 && size <= 127))) {
            await chain.rewinding(async () => {
                const recutChain = withRef(whole.chain, 0, cells(bytes, each));
                const trace = await attest(stage, { ...whole, chain: recutChain }, { remember: true });
                const taken = (await attestedUntil(stage, provider)) !== 0;
                outcomes[taken ? 'same' : 'refused']++;
                // The address follows from everything that was read.
                expect(received(trace, certificate, 'RememberPck') > 0n).toBe(taken);
            });
        }
        expect(outcomes.refused).toBeGreaterThan(20);
        // In what is only skipped a cell may end anywhere.
        expect(outcomes.same).toBeGreaterThan(0);
    });

    it('with a cell more, or one less, is refused', async () => {
        const whole = packQuote(good());
        const rows = [0, 2].flatMap((index) => {
            const sizes = sizesOf(whole.quote.refs[index]!);
            const bytes = bytesOf(whole.quote.refs[index]!);
            return sizes.flatMap((size, at): [string, Forgery][] => [
                [
                    `split ${at}`,
                    {
                        ...whole,
                        quote: withRef(
                            whole.quote,
                            index,
                            cells(bytes, [...sizes.slice(0, at), size - 8, 8, ...sizes.slice(at + 1)]),
                        ),
                    },
                ],
                [
                    `short ${at}`,
                    {
                        ...whole,
                        quote: withRef(
                            whole.quote,
                            index,
                            cells(
                                bytes.subarray(0, bytes.length - at - 1),
                                sizes.map((each, i) => (i === sizes.length - 1 ? each - at - 1 : each)),
                            ),
                        ),
                    },
                ],
            ]);
        });
        await refuseAll('cut: a cell more or less', rows);
    });
});
