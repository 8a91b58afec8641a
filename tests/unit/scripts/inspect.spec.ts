import { Address, beginCell, toNano } from '@ton/core';
import { run as attestProvider } from '../../../scripts/attestProvider';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as deployVerifier } from '../../../scripts/deployVerifier';
import { run as inspectNetwork } from '../../../scripts/inspectNetwork';
import { run as inspectProvider } from '../../../scripts/inspectProvider';
import { run as openStake } from '../../../scripts/openStake';
import { run as proposePolicy } from '../../../scripts/proposePolicy';
import { run as publishLibraries } from '../../../scripts/publishLibraries';
import { run as revokeCertificate } from '../../../scripts/revokeCertificate';
import { readChain } from '../../../scripts/lib/chain';
import { Context } from '../../../scripts/lib/context';
import { loadDeployment } from '../../../scripts/lib/deployments';
import { tierOf } from '../../../scripts/lib/tiers';
import { codeHashes } from '../../../wrappers';
import { reportDataOf } from '../../fixtures/attestation/stage';
import { TestAuthority } from '../../fixtures/attestation/testAuthority';
import { GENESIS } from '../../helpers/chain';
import { MEASUREMENT, providerOf, quoteFile, rolesToAttest } from './attesting';
import { BlueprintShim } from './blueprint';
import { roles, Roles, rolesInNetwork, rolesWithProvider, useRoles } from './roles';

const DAY = 86_400;
const YEAR = 365 * DAY;
const other = { code: beginCell().storeUint(1, 8).endCell(), data: beginCell().endCell(), balance: toNano(1) };

/** What inspectNetwork shows: as JSON, and as people read it. */
async function network({ desk, stranger }: Roles) {
    const json = await desk.run(inspectNetwork, stranger, '--json');
    const text = await desk.run(inspectNetwork, stranger);
    return { json: JSON.parse(json.shim.output[0]!), text: text.shim.output[0]! };
}

describe('a network with a verifier', () => {
    const all = useRoles(rolesToAttest);

    it('is shown with its root and the whole policy', async () => {
        const { desk, governor } = all();
        await desk.run(revokeCertificate, governor, '--serial', '22650cd65a9d3489f383b49552bf501b392706ac');
        const { json, text } = await network(all());
        const { x, y } = new TestAuthority().root.point;
        const hex = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;
        expect(json.attestation).toEqual({
            verifier: desk.read().params.verifier,
            root: 'other',
            rootX: hex(x),
            rootY: hex(y),
            leastIsvSvn: 4,
            images: { [`0x${MEASUREMENT}`]: { name: 'image', validUntil: Date.UTC(2027, 0, 1) / 1000 } },
            floors: {
                B0C06F000000: {
                    issuedAt: GENESIS - 5 * DAY,
                    validUntil: GENESIS + 25 * DAY,
                    evaluation: 17,
                    svns: [2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
                    pceSvn: 11,
                    tdxSvns: [5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                    modules: { 1: 4, 3: 3 },
                },
            },
            revoked: ['5a9d3489f383b49552bf501b392706ac'],
        });
        expect(text).toMatch(/root +NOT Intel's/);
        expect(text).toMatch(/name +image/);
        expect(text).toMatch(/validUntil +2026-11-26T00:00:00Z/);
        expect(text).toMatch(/modules +1: 4, 3: 3/);
        const hashes = await codeHashes();
        expect(json.codeHashes).toMatchObject({
            attestationVerifier: hex(hashes.attestationVerifier),
            pckCertificate: hex(hashes.pckCertificate),
        });
    });

    it.each([
        [['--drop', MEASUREMENT], { drop: `0x${MEASUREMENT}` }],
        [
            ['--allow', MEASUREMENT, '--name', 'next', '--valid-until', '2028-01-01'],
            { allow: `0x${MEASUREMENT}`, name: 'next', validUntil: Date.UTC(2028, 0, 1) / 1000 },
        ],
        [['--least-isv-svn', '7'], { leastIsvSvn: 7 }],
        [['--drop-floor', 'B0C06F000000'], { dropFloor: 'B0C06F000000' }],
    ])('is shown with what is proposed: %j', async (args, shown) => {
        const { chain, desk, governor } = all();
        await desk.run(proposePolicy, governor, ...args);
        expect((await network(all())).json.proposal).toEqual({ executableAt: chain.now + 2 * DAY, ...shown });
    });

    it('shows in words why nobody is attested, if other code is there', async () => {
        const { chain, desk } = all();
        await chain.plant(Address.parse(desk.read().params.verifier), other);
        const { json } = await network(all());
        expect(json.attestation).toEqual({ verifier: null, nobody: expect.stringContaining("AttestationVerifier's") });
    });

    it('has providers that are Open, Attested by a root that is named, and Open again', async () => {
        const { chain, desk, owner, stranger } = all();
        const look = async () => {
            const args = ['--owner', owner.address.toString()];
            const { shim } = await desk.run(inspectProvider, stranger, ...args);
            const json = JSON.parse((await desk.run(inspectProvider, stranger, ...args, '--json')).shim.output[0]!);
            expect(json.profile.reportData).toBe(reportDataOf(providerOf(all())).toString('hex'));
            return [json.provider.tier, /tier +(.*)/.exec(shim.output[0]!)![1]];
        };
        expect(await look()).toEqual(['open', 'Open: its operator can read inputs and results']);
        await desk.run(attestProvider, owner, '--quote', quoteFile(all()));
        expect(await look()).toEqual([
            'attested',
            'Attested until 2026-11-26T00:00:00Z: an allowed image in an Intel TDX machine made its keys known, says a verifier whose ' +
                "root is NOT Intel's: whoever holds the key of this root can call any provider attested. For tests only",
        ]);
        const verifier = Address.parse(desk.read().params.verifier);
        const { blockchain } = chain;
        const before = blockchain.snapshot();
        await chain.plant(verifier, other);
        expect((await look())[1]).toContain('says a verifier that cannot be examined');
        await blockchain.loadFrom(before);
        chain.at(GENESIS + 25 * DAY);
        expect(await look()).toEqual([
            'open',
            'Open, attested until 2026-11-26T00:00:00Z: its operator can read inputs and results',
        ]);
    });
});

describe('a network without a verifier', () => {
    const all = useRoles(rolesWithProvider);

    it('says that every provider is Open', async () => {
        const { json, text } = await network(all());
        expect(json.attestation.verifier).toBeNull();
        expect(text).toMatch(/nobody +This network has no verifier, so every provider is Open; run deployVerifier/);
    });
});

describe("a network whose verifier pins Intel's root", () => {
    const all = useRoles(async () => {
        const intel = await roles();
        const { desk, governor, owner, profileFile } = intel;
        await desk.run(deployNetwork, governor, '--root', 'intel');
        await desk.run(openStake, owner, '--amount', '1000', '--profile', profileFile);
        return intel;
    });

    it('says that it is not deployed, then whose root it has, and does not doubt it', async () => {
        const { chain, desk, stranger } = all();
        expect((await network(all())).json.attestation.nobody).toContain('run deployVerifier');
        await desk.run(deployVerifier, stranger);
        const { json, text } = await network(all());
        expect(json.attestation.root).toBe('intel');
        expect(text).toMatch(/root +Intel's SGX root CA/);

        const connection = new BlueprintShim(chain, stranger);
        const info = await readChain(connection);
        const deployment = loadDeployment(desk.file, info);
        const context = await Context.create(connection, info, deployment, {});
        await context.connect(Address.parse(deployment.registry!));
        const verifier = Address.parse(desk.read().params.verifier);
        expect((await tierOf(context, { attestedUntil: GENESIS + DAY, verifier })).words).toBe(
            'Attested until 2026-11-02T00:00:00Z: an allowed image in an Intel TDX machine made its keys known',
        );
        expect((await tierOf(context, { attestedUntil: GENESIS, verifier })).value).toBe('open');
    });
});

describe('the library with the code of channels', () => {
    const all = useRoles(rolesInNetwork);

    it('is shown with who publishes it and until when it is paid', async () => {
        const { chain, desk, stranger } = all();
        const before = await network(all());
        expect(before.json.codeLibrary).toEqual({
            channels: false,
            publisher: expect.stringMatching(/^Ef/),
            paidUntil: 0,
        });
        expect(before.text).toMatch(/channels +no\n/);
        await desk.run(publishLibraries, stranger, '--until', String(chain.now + YEAR));
        const { publisher, paidUntil } = desk.read().libraries.paymentChannel;
        const { json, text } = await network(all());
        expect(json.codeLibrary).toEqual({ channels: true, publisher, paidUntil });
        expect(text).toMatch(/paidUntil +2027-11-01T/);
        chain.pass(YEAR + 20 * DAY);
        await chain.send(stranger, { to: Address.parse(publisher), value: 1n, bounce: false });
        expect((await network(all())).text).toMatch(/channels +no longer: its rent ran out/);
    });
});
