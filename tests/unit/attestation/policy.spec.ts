import { beginCell, BitString, Cell, toNano } from '@ton/core';
import { policyChange } from '../../fixtures/attestation/policies';
import {
    attest,
    attestedUntil,
    FLOOR,
    FMSPC,
    openAttestation,
    packed,
    policyOf,
    quoteOf,
    useAttestation,
    submitTcbInfo,
    tcbInfoBody,
    usualPolicy,
} from '../../fixtures/attestation/stage';
import { tcbInfoJson, TcbInfoSpec, tcbInfoSpec } from '../../fixtures/attestation/tcbInfos';
import { TestAuthority } from '../../fixtures/attestation/testAuthority';
import { readCertificate } from '../../../protocol/attestation/certificate';
import { packTcbInfo } from '../../../protocol/attestation/tcbInfo';
import { GENESIS } from '../../helpers/chain';
import { body, openNetwork } from '../../helpers/network';
import { expectTrace } from '../../helpers/traces';

const DAY = 86_400;
const PLENTY = toNano(3);

const stage = useAttestation();

describe('Intel’s TCB info', () => {
    const signed = (changes: Partial<TcbInfoSpec> = {}, edit = (json: string) => json, authority = stage.authority) =>
        authority.signTcbInfo(edit(tcbInfoJson(tcbInfoSpec(changes))), GENESIS - 100 * DAY, GENESIS + 100 * DAY);

    const expectFloor = async (changes: Partial<TcbInfoSpec>) => {
        const { verifier, submitter } = stage;
        expectTrace(await submitTcbInfo(stage, signed(changes)), [
            { from: submitter, to: verifier, op: 'SubmitTcbInfo' },
            { from: verifier, to: submitter, op: 'Excesses' },
        ]);
        const spec = tcbInfoSpec(changes);
        expect((await policyOf(stage)).floors.get(BigInt(`0x${spec.fmspc}`))).toEqual({
            issuedAt: spec.issueDate,
            validUntil: spec.nextUpdate,
            evaluation: spec.evaluation,
            svns: spec.svns,
            pceSvn: spec.pceSvn,
            tdxSvns: spec.tdxSvns,
            modules: Object.fromEntries(
                spec.modules
                    .filter(([, [first]]) => first![1] === 'UpToDate')
                    .map(([version, [first]]) => [version, first![0]]),
            ),
        });
    };

    const expectRefused = async (
        info: ReturnType<typeof signed>,
        exitCode: number,
        root = stage.authority.root.point,
    ) => {
        const before = (await stage.chain.data(stage.verifier))!;
        expectTrace(await submitTcbInfo(stage, info, root), [
            { op: 'SubmitTcbInfo', exitCode },
            { to: stage.submitter, op: 'bounced SubmitTcbInfo' },
        ]);
        expect(await stage.chain.data(stage.verifier)).toEqualCell(before);
    };

    it('becomes the floor of its platform, known or not', async () => {
        await expectFloor({});
        await expectFloor({ fmspc: '00906ED50000' });
        expect((await policyOf(stage)).floors.size).toBe(2);
    });

    it('is read to the byte in every form that its members can have', async () => {
        await expectFloor({
            fmspc: 'FEDCBA987654',
            evaluation: 1234567,
            pceSvn: 65535,
            svns: [255, 0, 10, 100, 9, 99, 1, 2, 3, 4, 5, 6, 7, 8, 200, 255],
            tdxSvns: [0, 255, 100, 10, 9, 99, 1, 2, 3, 4, 5, 6, 7, 8, 200, 254],
        });
        await expectFloor({ fmspc: '000000000001', modules: [[1, [[7, 'UpToDate']]]] });
        await expectFloor({
            fmspc: '000000000002',
            modules: [
                [
                    5,
                    [
                        [2, 'UpToDate'],
                        [1, 'OutOfDate', []],
                        [0, 'Revoked', ['INTEL-SA-01036']],
                    ],
                ],
                [31, [[255, 'UpToDate']]],
                [
                    3,
                    [
                        [9, 'OutOfDate', ['INTEL-SA-01036']],
                        [3, 'OutOfDate'],
                    ],
                ],
                [1, [[4, 'UpToDate']]],
            ],
        });
    });

    it('lifts and lowers what platforms must have', async () => {
        const { provider } = stage;
        await expectFloor({ svns: [4, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0] });
        const quote = packed(quoteOf(provider));
        expectTrace(await attest(stage, quote), [
            { op: 'AttestQuote', exitCode: 0x614 },
            { op: 'bounced AttestQuote' },
        ]);
        await expectFloor({ issueDate: GENESIS - DAY });
        await attest(stage, quote);
        expect(await attestedUntil(stage, provider)).toBe(tcbInfoSpec().nextUpdate);
    });

    it('that is not newer than what is held, or of a lower evaluation, is refused', async () => {
        await expectFloor({});
        await expectRefused(signed({}), 0x618);
        await expectRefused(signed({ issueDate: tcbInfoSpec().issueDate - 1 }), 0x618);
        await expectRefused(signed({ issueDate: GENESIS - DAY, evaluation: 16 }), 0x618);
        await expectFloor({ issueDate: tcbInfoSpec().issueDate + 1 });
    });

    it('that has expired, or is of tomorrow, is refused', async () => {
        await expectRefused(signed({ nextUpdate: GENESIS }), 0x617);
        await expectRefused(signed({ issueDate: GENESIS + 1 }), 0x617);
        await expectFloor({ issueDate: GENESIS, nextUpdate: GENESIS + 1 });
    });

    it('in cells that end within a byte is refused: braces across their ends would not be seen', async () => {
        const info = signed();
        const { info: honest, ...rest } = packTcbInfo(info, stage.authority.root.point);
        const bits = new BitString(Buffer.from(info.json, 'latin1'), 0, 8 * info.json.length);
        const ends: number[] = [];
        for (let cell: Cell | undefined = honest; cell; cell = cell.refs[0]) {
            ends.push((ends.at(-1) ?? 0) + cell.bits.length);
        }
        const before = (await stage.chain.data(stage.verifier))!;
        const send = async (cuts: readonly number[]) => {
            const cell = cuts.reduceRight<Cell | undefined>((next, end, i) => {
                const part = beginCell().storeBits(bits.substring(cuts[i - 1] ?? 0, end - (cuts[i - 1] ?? 0)));
                return (next ? part.storeRef(next) : part).endCell();
            }, undefined)!;
            const sent = tcbInfoBody({ ...rest, info: cell });
            return await stage.chain.send(stage.submitter, { to: stage.verifier, value: PLENTY, body: sent });
        };
        // From behind the newest module's first level to its last brace: nothing in between would have been read.
        const from = 8 * (info.json.indexOf('"UpToDate"') + 10) + 4;
        const to = 8 * info.json.indexOf(']}],"tcbLevels":[{"tcb":{"sgx') - 4;
        const hiding = Array.from({ length: Math.ceil((to - from) / 1016) }, (_, i) => from + 1016 * i);
        const hidden = [...ends.filter((end) => end < from || end > to), ...hiding, to].sort((a, b) => a - b);
        const shifted = [1, 2, 4, 7].flatMap((by) =>
            ends.slice(0, -1).map((end) => [...ends, end - by].sort((a, b) => a - b)),
        );
        for (const cuts of [hidden, ...shifted]) {
            expectTrace(await send(cuts), [
                { op: 'SubmitTcbInfo', exitCode: 0x615 },
                { to: stage.submitter, op: 'bounced SubmitTcbInfo' },
            ]);
        }
        expect(await stage.chain.data(stage.verifier)).toEqualCell(before);
        expectTrace(await send(ends), [{ op: 'SubmitTcbInfo' }, { op: 'Excesses' }]);
    });

    it('under an expired, revoked, foreign or other certificate is refused', async () => {
        const { authority, network, chain, verifier } = stage;
        const json = tcbInfoJson(tcbInfoSpec());
        await expectRefused(authority.signTcbInfo(json, GENESIS - DAY, GENESIS), 0x611);
        await expectRefused(authority.signTcbInfo(json, GENESIS + 1, GENESIS + DAY), 0x611);
        await expectRefused(signed({}, undefined, new TestAuthority('foreign')), 0x607);
        const other = readCertificate(
            authority.tcbSigningCertificate(GENESIS - DAY, GENESIS + DAY, 'Intel SGX PCK Platform CA'),
        );
        await expectRefused({ ...signed(), certificate: other }, 0x610);
        const { serial } = signed().certificate;
        await chain.send(network.governor, {
            to: network.registry,
            value: PLENTY,
            body: body('RevokeAttestation')
                .storeUint(serial & (2n ** 128n - 1n), 128)
                .endCell(),
        });
        expect((await policyOf(stage)).revocations).toHaveLength(1);
        expect(verifier).toBeDefined();
        await expectRefused(signed(), 0x612);
    });

    it('of which anything was changed after it was signed is refused', async () => {
        const info = signed();
        for (const [from, to] of [
            ['"pcesvn":11', '"pcesvn":10'],
            ['"evaluationDataNumber', '"evaluationDataNumbeR'],
            ['{"svn":5', '{"svn":4'],
            ['2024-03-13', '2024-03-14'],
            ['"isvsvn":3', '"isvsvn":2'],
            ['OutOfDate', 'UpToDate!'],
        ] as const) {
            const json = info.json.replace(from, to);
            if (json !== info.json) {
                await expectRefused({ ...info, json }, 0x616);
            }
        }
        await expectRefused(
            { ...info, signature: info.signature.replace(/^../, (byte) => (byte === '00' ? '01' : '00')) },
            0x616,
        );
    });

    it.each([
        ['of SGX', (json: string) => json.replace('{"id":"TDX"', '{"id":"SGX"')],
        ['of version 2', (json: string) => json.replace('"version":3', '"version":2')],
        ['of another PCE', (json: string) => json.replace('"pceId":"0000"', '"pceId":"0001"')],
        ['with a module of another signer', (json: string) => json.replace('"mrsigner":"0', '"mrsigner":"1')],
        [
            'whose first level is out of date',
            (json: string) =>
                json.replace('"tcbStatus":"UpToDate"},{"tcb":{"sgx', '"tcbStatus":"OutOfDate"},{"tcb":{"sgx'),
        ],
        ['with 15 components', (json: string) => json.replace('{"svn":0},', '')],
        ['with 17 components', (json: string) => json.replace('{"svn":0},', '{"svn":0},{"svn":0},')],
        ['with a component of 256', (json: string) => json.replace('{"svn":5', '{"svn":256')],
        ['with blanks', (json: string) => json.replace('"fmspc":"', '"fmspc": "')],
    ])('%s is refused by the packer or the verifier, though it is signed', async (_, edit) => {
        const info = signed({}, edit);
        expect(info.json).not.toBe(tcbInfoJson(tcbInfoSpec()));
        let packedInfo: ReturnType<typeof packTcbInfo>;
        try {
            packedInfo = packTcbInfo(info, stage.authority.root.point);
        } catch (error) {
            expect(error).toMatchObject({ code: 'malformed-tcb-info' });
            // A sender who does not use the packer cuts as for the usual one.
            const usual = packTcbInfo(signed(), stage.authority.root.point);
            const sizes = (cell: Cell): number[] => [cell.bits.length / 8, ...cell.refs.flatMap(sizes)];
            const bytes = Buffer.from(info.json);
            const cells = (at: number, [size, ...rest]: number[]): Cell => {
                const { beginCell } = jest.requireActual<typeof import('@ton/core')>('@ton/core');
                const builder = beginCell().storeBuffer(
                    bytes.subarray(at, rest.length > 0 ? at + size! : bytes.length),
                );
                return (rest.length > 0 ? builder.storeRef(cells(at + size!, rest)) : builder).endCell();
            };
            const last = sizes(usual.info);
            const { signedBy } = await Promise.resolve(
                jest.requireActual<typeof import('../../../protocol/attestation/packQuote.js')>(
                    '../../../protocol/attestation/packQuote',
                ),
            );
            const raw = Buffer.from(info.signature, 'hex');
            const number = (part: Buffer) => BigInt(`0x${part.toString('hex')}`);
            packedInfo = {
                ...usual,
                info: cells(0, last),
                signed: signedBy(stage.authority.tcbSigning.point, bytes, {
                    r: number(raw.subarray(0, 32)),
                    s: number(raw.subarray(32)),
                }),
            };
        }
        const before = (await stage.chain.data(stage.verifier))!;
        const { info: text, signed: signature, signer } = packedInfo;
        const trace = await stage.chain.send(stage.submitter, {
            to: stage.verifier,
            value: PLENTY,
            body: body('SubmitTcbInfo').storeRef(text).storeRef(signature).storeRef(signer).endCell(),
        });
        expectTrace(trace, [{ op: 'SubmitTcbInfo', exitCode: 0x615 }, { op: 'bounced SubmitTcbInfo' }]);
        expect(await stage.chain.data(stage.verifier)).toEqualCell(before);
    });
});

describe('Governance of the policy', () => {
    const govern = async (message: Cell, from = stage.network.governor) =>
        await stage.chain.send(from, { to: stage.network.registry, value: PLENTY, body: message });
    const propose = (change: Cell) => govern(body('ProposePolicy').storeRef(change).endCell());
    const execute = async (from = stage.submitter) => await govern(body('ExecuteProposal').endCell(), from);
    const revoke = (serial: bigint, from = stage.network.governor) =>
        govern(body('RevokeAttestation').storeUint(serial, 128).endCell(), from);

    const change = async (cell: Cell) => {
        const { chain, network, verifier, submitter } = stage;
        expectTrace(await propose(cell), [
            { from: network.governor, to: network.registry, op: 'ProposePolicy' },
            { from: network.registry, to: network.governor, op: 'Excesses' },
        ]);
        chain.pass(network.params.timelockDelay);
        expectTrace(await execute(), [
            { from: submitter, to: network.registry, op: 'ExecuteProposal' },
            { from: network.registry, to: verifier, op: 'ApplyPolicy' },
            { from: network.registry, to: submitter, op: 'Excesses' },
            { from: verifier, to: submitter, op: 'Excesses' },
        ]);
    };

    it('waits for the timelock', async () => {
        const { chain, network } = stage;
        await propose(policyChange.leastIsvSvn(5));
        chain.pass(network.params.timelockDelay - 1);
        expectTrace(await execute(), [{ op: 'ExecuteProposal', exitCode: 0x708 }, { op: 'bounced ExecuteProposal' }]);
        expect((await policyOf(stage)).leastIsvSvn).toBe(4);
        chain.pass(1);
        await execute();
        expect((await policyOf(stage)).leastIsvSvn).toBe(5);
        expectTrace(await attest(stage, packed(quoteOf(stage.provider))), [
            { op: 'AttestQuote', exitCode: 0x60b },
            { op: 'bounced AttestQuote' },
        ]);
    });

    it('allows images and drops them', async () => {
        const { provider } = stage;
        const quote = packed(quoteOf(provider, { mrtd: Buffer.alloc(48, 3) }));
        expectTrace(await attest(stage, quote), [
            { op: 'AttestQuote', exitCode: 0x60e },
            { op: 'bounced AttestQuote' },
        ]);
        await change(policyChange.allow(quote.measurement, GENESIS + 9 * DAY, 'new image'));
        await attest(stage, quote);
        expect(await attestedUntil(stage, provider)).toBe(GENESIS + 9 * DAY);
        await change(policyChange.dropMeasurement(quote.measurement));
        expect((await policyOf(stage)).measurements).toEqual(usualPolicy().measurements);
        expectTrace(await attest(stage, quote), [
            { op: 'AttestQuote', exitCode: 0x60e },
            { op: 'bounced AttestQuote' },
        ]);
    });

    it('sets floors and drops them', async () => {
        await change(policyChange.floor(7n, { ...FLOOR, modules: { 31: 1 } }));
        expect((await policyOf(stage)).floors.get(7n)).toEqual({ ...FLOOR, modules: { 31: 1 } });
        await change(policyChange.floor(FMSPC, { ...FLOOR, validUntil: 0 }));
        expect([...(await policyOf(stage)).floors.keys()]).toEqual([7n]);
    });

    it('revokes at once, and takes it back behind the timelock', async () => {
        const { network, verifier } = stage;
        expectTrace(await revoke(9n), [
            { from: network.governor, to: network.registry, op: 'RevokeAttestation' },
            { from: network.registry, to: verifier, op: 'RevokeCertificate' },
            { from: network.registry, to: network.governor, op: 'Excesses' },
            { from: verifier, to: network.governor, op: 'Excesses' },
        ]);
        await revoke(9n);
        expect((await policyOf(stage)).revocations).toEqual([9n]);
        await change(policyChange.reinstate(9n));
        expect((await policyOf(stage)).revocations).toEqual([]);
    });

    it('is the governor’s alone', async () => {
        const { submitter } = stage;
        expectTrace(await govern(body('ProposePolicy').storeRef(policyChange.leastIsvSvn(5)).endCell(), submitter), [
            { op: 'ProposePolicy', exitCode: 0x101 },
            { op: 'bounced ProposePolicy' },
        ]);
        expectTrace(await revoke(9n, submitter), [
            { op: 'RevokeAttestation', exitCode: 0x101 },
            { op: 'bounced RevokeAttestation' },
        ]);
    });

    it('does not propose what no verifier would understand', async () => {
        const { beginCell } = jest.requireActual<typeof import('@ton/core')>('@ton/core');
        const good = policyChange.allow(1n, 2, 'n');
        const malformed: Cell[] = [
            beginCell().storeUint(0, 8).endCell(),
            beginCell().storeUint(5, 8).storeUint(0, 128).endCell(),
            beginCell().storeUint(3, 8).storeUint(0, 15).endCell(),
            beginCell().storeUint(3, 8).storeUint(0, 16).storeRef(Cell.EMPTY).endCell(),
            beginCell().storeUint(4, 8).storeUint(0, 129).endCell(),
            beginCell().storeUint(2, 8).storeUint(0, 48).endCell(),
            beginCell().storeSlice(good.beginParse()).storeBit(false).endCell(),
            beginCell().storeSlice(good.beginParse()).storeRef(Cell.EMPTY).endCell(),
            beginCell().storeUint(1, 8).storeUint(1, 256).storeUint(0, 32).storeMaybeRef(Cell.EMPTY).endCell(),
            beginCell().storeUint(1, 8).storeUint(1, 256).storeUint(1, 32).storeMaybeRef(null).endCell(),
        ];
        for (const cell of malformed) {
            expectTrace(await propose(cell), [
                { op: 'ProposePolicy', exitCode: 0x619 },
                { op: 'bounced ProposePolicy' },
            ]);
        }
        const nameless = beginCell()
            .storeUint(1, 8)
            .storeUint(1, 256)
            .storeUint(1, 32)
            .storeMaybeRef(Cell.EMPTY)
            .endCell();
        expectTrace(await propose(nameless), [
            { op: 'ProposePolicy', exitCode: 0x106 },
            { op: 'bounced ProposePolicy' },
        ]);
    });

    it('of what cannot be done bounces to the Registry, and the policy is as it was', async () => {
        const { chain, network, verifier, submitter } = stage;
        for (const [cell, exitCode] of [
            [policyChange.dropMeasurement(1n), 0x60e],
            [policyChange.floor(1n, { ...FLOOR, validUntil: 0 }), 0x613],
            [policyChange.reinstate(1n), 0x619],
        ] as const) {
            const before = (await chain.data(verifier))!;
            await propose(cell);
            chain.pass(network.params.timelockDelay);
            expectTrace(await execute(), [
                { from: submitter, to: network.registry, op: 'ExecuteProposal' },
                { from: network.registry, to: verifier, op: 'ApplyPolicy', exitCode },
                { from: network.registry, to: submitter, op: 'Excesses' },
                { from: verifier, to: network.registry, op: 'bounced ApplyPolicy' },
            ]);
            expect(await chain.data(verifier)).toEqualCell(before);
        }
    });

    it('needs a verifier', async () => {
        const { chain } = stage;
        const network = await openNetwork(chain, { salt: 5n });
        const to = network.registry;
        const tell = (message: Cell) => chain.send(network.governor, { to, value: PLENTY, body: message });
        expectTrace(await tell(body('RevokeAttestation').storeUint(1, 128).endCell()), [
            { op: 'RevokeAttestation', exitCode: 0x70e },
            { op: 'bounced RevokeAttestation' },
        ]);
        await tell(body('ProposePolicy').storeRef(policyChange.leastIsvSvn(5)).endCell());
        chain.pass(3 * DAY);
        expectTrace(await tell(body('ExecuteProposal').endCell()), [
            { op: 'ExecuteProposal', exitCode: 0x70e },
            { op: 'bounced ExecuteProposal' },
        ]);
    });

    it('is bounded: 64 images, 128 platforms, 512 revocations', async () => {
        const image = { validUntil: GENESIS + DAY, name: 'x' };
        const range = (count: number) => Array.from({ length: count }, (_, i) => BigInt(i + 1));
        Object.assign(
            stage,
            await openAttestation({
                policy: usualPolicy({
                    measurements: new Map(range(64).map((each) => [each, image])),
                    floors: new Map(range(128).map((each) => [each, FLOOR])),
                    revocations: range(512),
                }),
            }),
        );
        const { chain, network, authority } = stage;
        for (const cell of [policyChange.allow(99n, 2, 'n'), policyChange.floor(999n, FLOOR)]) {
            await propose(cell);
            chain.pass(network.params.timelockDelay);
            const trace = await execute();
            expectTrace(trace, [{}, { op: 'ApplyPolicy', exitCode: 0x61a }, {}, { op: 'bounced ApplyPolicy' }]);
        }
        expectTrace(await revoke(999n), [
            {},
            { op: 'RevokeCertificate', exitCode: 0x61a },
            {},
            { op: 'bounced RevokeCertificate' },
        ]);
        const info = authority.signTcbInfo(tcbInfoJson(tcbInfoSpec()), GENESIS - DAY, GENESIS + 100 * DAY);
        expectTrace(await submitTcbInfo(stage, info), [
            { op: 'SubmitTcbInfo', exitCode: 0x61a },
            { op: 'bounced SubmitTcbInfo' },
        ]);
        // What is there already can be changed.
        await change(policyChange.allow(7n, 2, 'n'));
        await change(policyChange.floor(7n, FLOOR));
        await revoke(7n);
        expect((await policyOf(stage)).revocations).toHaveLength(512);
    });
});
