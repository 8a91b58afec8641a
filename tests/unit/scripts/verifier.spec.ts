import { Address, toNano } from '@ton/core';
import { constants } from '@phala/dcap-qvl';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as deployVerifier } from '../../../scripts/deployVerifier';
import { run as executeProposal } from '../../../scripts/executeProposal';
import { run as proposeParams } from '../../../scripts/proposeParams';
import { AttestationVerifier, INTEL_ROOT, registryAddress } from '../../../wrappers';
import { pem, rootCertificate } from '../../fixtures/attestation/collateral';
import { GENESIS, PRICE_SETS } from '../../helpers/chain';
import { quoteSpec } from '../../fixtures/attestation/quotes';
import { TestAuthority } from '../../fixtures/attestation/testAuthority';
import { codeOf } from '../../helpers/sources';
import { roles, Roles, rolesInNetwork, useRoles } from './roles';

const DAY = 86_400;

/** The root of the verifier at an address, from the chain. */
async function rootAt({ chain }: Roles, address: string) {
    const verifier = AttestationVerifier.createFromAddress(Address.parse(address));
    const { root, registry, policy } = await chain.blockchain.openContract(verifier).getVerifier();
    return { root, registry: registry.toString(), policy };
}

describe.each(PRICE_SETS)('a verifier for a network that has none, prices %s', (prices) => {
    const all = useRoles(() => rolesInNetwork({ prices }));

    it("is deployed by anybody, with Intel's root, and believed once the parameters name it", async () => {
        const { chain, desk, governor, stranger } = all();
        const deployed = await desk.twice(deployVerifier, stranger);
        const { address, codeHash } = deployed.contracts.AttestationVerifier!;
        expect(codeHash).toBe(`0x${codeOf('AttestationVerifier').hash().toString('hex')}`);
        expect(deployed.message).toBe(
            "The verifier is deployed; its root is Intel's SGX root CA. " +
                `The network does not believe it yet: run proposeParams --verifier ${address}.`,
        );
        const { x, y } = INTEL_ROOT;
        expect(await rootAt(all(), address)).toMatchObject({ root: { x, y }, registry: desk.read().registry });

        await desk.twice(proposeParams, governor, '--verifier', address);
        chain.pass(2 * DAY);
        await desk.twice(executeProposal, stranger);
        const again = await desk.run(deployVerifier, stranger);
        expect(again.result).toMatchObject({
            status: 'already',
            message: expect.stringContaining('parameters name it') as string,
        });
    });
});

describe('a verifier', () => {
    const all = useRoles(rolesInNetwork);
    const write = (name: string, content: Buffer | string) => all().desk.write(name, Buffer.from(content));

    it.each([
        ['DER', () => rootCertificate()],
        ['PEM', () => Buffer.from(pem(rootCertificate()))],
    ])("takes a test's root from a file in %s, and says loudly that it is not Intel's", async (_, content) => {
        const { desk, stranger } = all();
        const { message, contracts } = await desk.twice(deployVerifier, stranger, '--root', write('root', content()));
        expect(message).toContain("NOT Intel's");
        expect(message).toContain('For tests only');
        const { root } = await rootAt(all(), contracts.AttestationVerifier!.address);
        expect(root).toEqual(new TestAuthority().root.point);
    });

    it("knows Intel's root in a file, too", async () => {
        const { desk, stranger } = all();
        const byWord = await desk.twice(deployVerifier, stranger);
        const file = write('intel.pem', pem(constants.TRUSTED_ROOT_CA_DER));
        expect((await desk.run(deployVerifier, stranger, '--root', file)).result).toMatchObject({
            status: 'already',
            message: byWord.message,
        });
    });

    const { pck, pckKey } = quoteSpec();
    const [leaf, issuer] = new TestAuthority().pckChain(pck, pckKey);
    it.each([
        ['no file', () => '/nowhere/root.pem', '--root: cannot be read'],
        ['no certificate', () => write('root', 'root'), '--root: is no certificate'],
        ['a PCK certificate', () => write('leaf', leaf), '--root: is not the certificate of a root'],
        ["an intermediate CA's", () => write('ca', issuer), '--root: is not the certificate of a root'],
        [
            'a root whose signature is broken',
            () => {
                const broken = Buffer.from(rootCertificate());
                broken[broken.length - 1]! ^= 1;
                return write('broken', broken);
            },
            '--root: is not the certificate of a root',
        ],
    ])('takes %s for no root', async (_, path, message) => {
        const { desk, stranger } = all();
        await expect(desk.run(deployVerifier, stranger, '--root', path())).rejects.toMatchObject({
            name: 'ScriptError',
            code: 'bad-argument',
            message: expect.stringContaining(message),
        });
    });

    it('that does not exist, or is none, or obeys another network, is not proposed', async () => {
        const { chain, desk, governor, owner, stranger } = all();
        const propose = (address: string) => desk.run(proposeParams, governor, '--verifier', address);
        await expect(propose(owner.address.toString())).rejects.toMatchObject({ code: 'wrong-code' });
        await expect(propose(new Address(0, Buffer.alloc(32, 7)).toString())).rejects.toMatchObject({
            name: 'StateError',
            code: 'not-found',
        });
        const registry = await registryAddress({ networkId: -3, governor: governor.address, salt: 5n });
        const foreign = await AttestationVerifier.createFromConfig({ registry, root: INTEL_ROOT });
        await chain.send(stranger, foreign.getDeployTxParams({ value: toNano(5) }));
        await expect(propose(foreign.address.toString())).rejects.toMatchObject({ code: 'wrong-deployment' });
        expect((await desk.run(proposeParams, governor, '--verifier', 'none')).result.status).toBe('already');
    });

    it('with a test’s root is refused on mainnet', async () => {
        const mainnet = await roles({ globalId: -239 });
        const { desk, governor } = mainnet;
        const root = ['--root', desk.write('root', rootCertificate()), '--mainnet'];
        await expect(desk.run(deployNetwork, governor, ...root)).rejects.toMatchObject({ code: 'mainnet-refused' });
        await desk.twice(deployNetwork, governor, '--root', 'intel', '--mainnet');
        await expect(desk.run(deployVerifier, governor, ...root)).rejects.toMatchObject({ code: 'mainnet-refused' });
        await desk.twice(deployVerifier, governor, '--mainnet');
    });
});

describe('a network with a verifier from the start', () => {
    const all = useRoles(roles);

    it('names it in its first parameters', async () => {
        const { chain, desk, governor, stranger } = all();
        const root = ['--root', desk.write('root.der', rootCertificate())];
        const opened = await desk.twice(deployNetwork, governor, ...root);
        expect(opened.message).toContain('Run deployVerifier with the same root');
        const { verifier } = desk.read().params;
        expect(await chain.isActive(Address.parse(verifier))).toBe(false);
        const deployed = await desk.twice(deployVerifier, stranger, ...root);
        expect(deployed.contracts.AttestationVerifier!.address).toBe(verifier);
        expect(deployed.message).toContain("The network's parameters name it.");
        expect((await desk.run(deployVerifier, stranger, '--json')).result.contracts).not.toEqual(deployed.contracts);
        expect(chain.now).toBe(GENESIS);
    });

    it('has one or the other', async () => {
        const { desk, governor, owner } = all();
        const both = ['--root', 'intel', '--verifier', owner.address.toString()];
        await expect(desk.run(deployNetwork, governor, ...both)).rejects.toMatchObject({ code: 'bad-argument' });
    });
});
