import { Address, toNano } from '@ton/core';
import { writeFileSync } from 'node:fs';
import { run as executeProposal } from '../../../scripts/executeProposal';
import { run as proposeParams } from '../../../scripts/proposeParams';
import { run as proposePolicy } from '../../../scripts/proposePolicy';
import { run as revokeCertificate } from '../../../scripts/revokeCertificate';
import { run as submitTcbInfo } from '../../../scripts/submitTcbInfo';
import { collateral } from '../../fixtures/attestation/collateral';
import { EMPTY_POLICY, Policy, policyCell } from '../../fixtures/attestation/policies';
import { AttestationStage, FLOOR, FMSPC, policyOf } from '../../fixtures/attestation/stage';
import { TcbInfoSpec } from '../../fixtures/attestation/tcbInfos';
import { TestAuthority } from '../../fixtures/attestation/testAuthority';
import { verifierInit } from '../../helpers/cells';
import { GENESIS, PRICE_SETS } from '../../helpers/chain';
import { hexNamed, Roles, rolesInNetwork, rolesWithVerifier, useRoles } from './roles';

const DAY = 86_400;
const TIMELOCK = 2 * DAY;
const IMAGE = BigInt(`0x${hexNamed('image')}`);
const ALLOW = ['--allow', hexNamed('image'), '--name', 'worker 1.0', '--valid-until', '2027-06-30T00:00:00Z'];
const UNTIL = Date.UTC(2027, 5, 30) / 1000;

/** The policy in the account's data, read without the wrappers. */
function policyIn({ chain, desk }: Roles): Promise<Policy> {
    const verifier = Address.parse(desk.read().params.verifier);
    return policyOf({ chain, verifier } as AttestationStage);
}

/** Proposes, waits and executes. */
async function enact({ chain, desk, governor, stranger }: Roles, ...change: string[]): Promise<void> {
    await desk.twice(proposePolicy, governor, ...change);
    chain.pass(TIMELOCK);
    const { message } = await desk.twice(executeProposal, stranger);
    expect(message).toBe("The verifier's policy is changed.");
}

describe.each(PRICE_SETS)('the policy of a verifier, prices %s', (prices) => {
    const all = useRoles(() => rolesWithVerifier({ prices }));

    it('allows an image under a name and until a time, and drops it', async () => {
        const { desk, governor } = all();
        await enact(all(), ...ALLOW);
        expect((await policyIn(all())).measurements).toEqual(
            new Map([[IMAGE, { validUntil: UNTIL, name: 'worker 1.0' }]]),
        );
        const { result } = await desk.run(proposePolicy, governor, ...ALLOW);
        expect(result).toMatchObject({ status: 'already', message: 'The policy says so.' });
        await enact(all(), '--drop', hexNamed('image'));
        expect((await policyIn(all())).measurements.size).toBe(0);
    });

    it('takes floors from a file and drops them, and knows the least quoting enclave', async () => {
        const floor = all().desk.write('floor.json', { fmspc: 'B0C06F000000', ...FLOOR });
        await enact(all(), '--floor', floor);
        expect((await policyIn(all())).floors).toEqual(new Map([[FMSPC, FLOOR]]));
        await enact(all(), '--drop-floor', 'b0c06f000000');
        expect((await policyIn(all())).floors.size).toBe(0);
        await enact(all(), '--least-isv-svn', '7');
        expect((await policyIn(all())).leastIsvSvn).toBe(7);
    });

    it('revokes at once, and believes again behind the timelock', async () => {
        const { desk, governor } = all();
        const serial = ['--serial', '3C:16:ED:54:EA:CB:B4:CE:D0:72:BE:72:63:0C:85:78:8C:F4:6E:36'];
        await desk.twice(revokeCertificate, governor, ...serial);
        expect((await policyIn(all())).revocations).toEqual([0xeacbb4ced072be72630c85788cf46e36n]);
        await enact(all(), '--reinstate', '0x3c16ed54eacbb4ced072be72630c85788cf46e36');
        expect((await policyIn(all())).revocations).toEqual([]);
    });
});

describe('the policy', () => {
    const all = useRoles(rolesWithVerifier);

    it('is the governor’s alone to change', async () => {
        const { desk, stranger } = all();
        const refusal = { code: 'refused', message: expect.stringContaining('ERROR_WRONG_SENDER') as string };
        await expect(desk.run(proposePolicy, stranger, ...ALLOW)).rejects.toMatchObject(refusal);
        await expect(desk.run(revokeCertificate, stranger, '--serial', '01')).rejects.toMatchObject(refusal);
        expect((await policyIn(all())).revocations).toEqual([]);
    });

    it('changes one thing at a time', async () => {
        const { desk, governor } = all();
        await desk.twice(proposePolicy, governor, ...ALLOW);
        await expect(desk.run(proposePolicy, governor, '--least-isv-svn', '7')).rejects.toMatchObject({
            name: 'StateError',
            code: 'wrong-state',
        });
    });

    const wrong: [string, string[], string, string][] = [
        ['nothing', [], 'missing-argument', 'One change at a time'],
        ['two changes', ['--drop', hexNamed('image'), '--least-isv-svn', '7'], 'missing-argument', 'One change'],
        ['an image without a name', [...ALLOW.slice(0, 2), ...ALLOW.slice(4)], 'missing-argument', 'belong together'],
        ['a name alone', ['--drop', hexNamed('image'), '--name', 'x'], 'missing-argument', 'belong together'],
        ['an image for a day', [...ALLOW.slice(0, 5), String(GENESIS + DAY)], 'bad-argument', 'It would end at'],
        ['a short measurement', ['--drop', 'ab'], 'bad-argument', '--drop: "ab" is not 32 bytes'],
        ['a short FMSPC', ['--drop-floor', 'b0c0'], 'bad-argument', '--drop-floor: "b0c0" is not an FMSPC'],
        ['a long serial', ['--reinstate', 'ab'.repeat(21)], 'bad-argument', 'at most 40 hexadecimal digits'],
    ];
    it.each(wrong)('is not changed by %s', async (_, args, code, message) => {
        const { desk, governor } = all();
        await expect(desk.run(proposePolicy, governor, ...args)).rejects.toMatchObject({
            name: 'ScriptError',
            code,
            message: expect.stringContaining(message),
        });
    });

    it.each([
        ['15 components', { svns: FLOOR.svns.slice(1) }, 'InputError', 'svns'],
        ['a module of version 32', { modules: { 32: 1 } }, 'InputError', 'modules'],
        ['an unknown field', { colour: 'red' }, 'ScriptError', 'colour is no field here'],
        ['no modules', { modules: undefined }, 'ScriptError', 'modules: nothing is not an object'],
        ['its end before its beginning', { validUntil: GENESIS + DAY }, 'ScriptError', 'It would end at'],
    ])('takes no floor with %s', async (_, change, name, message) => {
        const { desk, governor } = all();
        const file = desk.write('floor.json', { fmspc: 'B0C06F000000', ...FLOOR, ...change });
        await expect(desk.run(proposePolicy, governor, '--floor', file)).rejects.toMatchObject({
            name,
            message: expect.stringContaining(message),
        });
    });

    it('that the verifier refuses to change is reported, not called done', async () => {
        const { chain, desk, governor, stranger } = all();
        await desk.twice(proposePolicy, governor, ...ALLOW);
        chain.pass(TIMELOCK);
        const { registry, params } = desk.read();
        const image = { validUntil: UNTIL, name: 'one of many' };
        const { init } = verifierInit({
            registry: Address.parse(registry),
            root: new TestAuthority().root.point,
            policy: policyCell({
                ...EMPTY_POLICY,
                measurements: new Map(Array.from({ length: 64 }, (_, i) => [BigInt(i), image])),
            }),
        });
        await chain.plant(Address.parse(params.verifier), { ...init, balance: toNano(5) });
        await expect(desk.run(executeProposal, stranger)).rejects.toMatchObject({
            code: 'refused',
            message: expect.stringContaining('ERROR_POLICY_FULL'),
        });
        expect((await policyIn(all())).measurements.has(IMAGE)).toBe(false);
        expect((await desk.run(executeProposal, stranger)).result).toMatchObject({ status: 'already' });
    });

    it('is nobody’s in a network without a verifier', async () => {
        const none = await rolesInNetwork();
        const { desk, governor } = none;
        for (const [script, ...args] of [
            [proposePolicy, ...ALLOW],
            [revokeCertificate, '--serial', '01'],
        ] as const) {
            await expect(desk.run(script, governor, ...args)).rejects.toMatchObject({
                name: 'StateError',
                code: 'not-found',
                message: expect.stringContaining('run deployVerifier'),
            });
        }
        expect((await desk.run(proposeParams, governor, '--verifier', 'none')).result.status).toBe('already');
    });
});

describe('Intel’s word on a platform', () => {
    const all = useRoles(rolesWithVerifier);

    /** Writes a file as Intel's service answers, and the header beside it as HTTP carries it. */
    const answer = (changes: Partial<TcbInfoSpec> = {}, authority = new TestAuthority()) => {
        const { tcb_info, tcb_info_signature, tcb_info_issuer_chain } = collateral({ tcbInfo: changes, authority });
        const { desk } = all();
        const [body, chain] = [`${desk.folder}/tcb.json`, `${desk.folder}/chain.pem`];
        writeFileSync(body, `{"tcbInfo":${tcb_info},"signature":"${tcb_info_signature as string}"}`);
        writeFileSync(chain, encodeURIComponent(tcb_info_issuer_chain));
        return ['--tcb-info', body, '--issuer-chain', chain];
    };

    it('becomes the floor, from the answer of the service', async () => {
        const { desk, stranger } = all();
        const { message } = await desk.twice(submitTcbInfo, stranger, ...answer());
        expect(message).toBe('Platforms B0C06F000000 have this floor until 2026-11-26T00:00:00Z.');
        const { modules, svns, pceSvn, tdxSvns } = FLOOR;
        expect((await policyIn(all())).floors).toEqual(
            new Map([
                [
                    FMSPC,
                    {
                        issuedAt: GENESIS - 5 * DAY,
                        validUntil: GENESIS + 25 * DAY,
                        evaluation: 17,
                        ...{ modules, svns, pceSvn, tdxSvns },
                    },
                ],
            ]),
        );
    });

    it('or from collateral, then is replaced by a newer one and by no older', async () => {
        const { desk, stranger } = all();
        await desk.twice(submitTcbInfo, stranger, '--tcb-info', desk.write('collateral.json', collateral()));
        await expect(
            desk.run(submitTcbInfo, stranger, ...answer({ issueDate: GENESIS - 6 * DAY })),
        ).rejects.toMatchObject({
            name: 'StateError',
            code: 'wrong-state',
            message: expect.stringContaining('The floor of B0C06F000000 is newer'),
        });
        await expect(
            desk.run(submitTcbInfo, stranger, ...answer({ issueDate: GENESIS - DAY, evaluation: 16 })),
        ).rejects.toMatchObject({ code: 'wrong-state' });
        await desk.twice(submitTcbInfo, stranger, ...answer({ issueDate: GENESIS - DAY }));
        expect((await policyIn(all())).floors.get(FMSPC)!.issuedAt).toBe(GENESIS - DAY);
    });

    it('is refused once it has expired, before anything is sent; a forged one by the chain', async () => {
        const { desk, stranger } = all();
        await expect(desk.run(submitTcbInfo, stranger, ...answer({ nextUpdate: GENESIS }))).rejects.toMatchObject({
            code: 'wrong-state',
            message: expect.stringContaining('expired') as string,
        });
        await expect(
            desk.run(submitTcbInfo, stranger, ...answer({}, new TestAuthority('other'))),
        ).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('ERROR_CA_SIGNATURE') as string });
        expect((await policyIn(all())).floors.size).toBe(0);
    });

    it('is read from nothing else', async () => {
        const { desk, stranger } = all();
        const [, body, , chain] = answer();
        const refused = (code: string, message: string, ...args: string[]) =>
            expect(desk.run(submitTcbInfo, stranger, '--tcb-info', ...args)).rejects.toMatchObject({
                code,
                message: expect.stringContaining(message),
            });
        await refused('missing-argument', 'pass that as --issuer-chain', body!);
        await refused('bad-argument', '--issuer-chain: holds no certificate', body!, '--issuer-chain', body!);
        await refused('bad-argument', '--tcb-info: is no TCB info', chain!);
        await refused('bad-argument', '--tcb-info: is no TCB info', desk.write('no.json', { tcb_info: 'null' }));
        const other = desk.write('other.json', { ...collateral(), tcb_info: '{"fmspc":"B0C06F000000"}' });
        await refused('bad-argument', '--tcb-info: issueDate', other);
    });
});
