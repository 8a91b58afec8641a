import { rootCertificate } from '../../fixtures/attestation/collateral';
import { createChain, ChainOptions } from '../../helpers/chain';
import { hashNamed } from '../../helpers/cells';
import { run as deployNetwork } from '../../../scripts/deployNetwork';
import { run as deployVerifier } from '../../../scripts/deployVerifier';
import { run as openStake } from '../../../scripts/openStake';
import { Desk } from './blueprint';

/** 32 bytes in hexadecimal, made of a name. */
export const hexNamed = (name: string) => hashNamed(name).toString(16).padStart(64, '0');

/** Everybody who runs scripts, on an empty chain. */
export async function roles(options: ChainOptions = {}) {
    const chain = await createChain(options);
    const [governor, owner, operator, client, arbiter, treasury, stranger] = await Promise.all(
        ['governor', 'provider.owner', 'provider.operator', 'client', 'arbiter', 'treasury', 'stranger'].map((name) =>
            chain.wallet(name),
        ),
    );
    const desk = new Desk(chain);
    const profile = {
        operator: operator!.address.toString(),
        allowanceCap: '500',
        signingKey: hexNamed('provider.signing'),
        encryptionKey: hexNamed('provider.encryption'),
        endpoint: 'https://provider.example/v1',
        offers: [
            {
                modelRoot: hexNamed('model'),
                prompt: '0.1',
                cached: '0.02',
                completion: '0.4',
                reasoning: '0.4',
            },
        ],
    };
    const terms = {
        price: '10',
        requiredCollateral: '20',
        challengeBond: '2',
        acceptWithin: '1h',
        deliverWithin: '2h',
        challengeWindow: '1d',
        clientKey: hexNamed('client.key'),
        modelRoot: hexNamed('model'),
        inputCommitment: hexNamed('input'),
        resultRecipientKey: hexNamed('recipient'),
    };
    return {
        chain,
        desk,
        governor: governor!,
        owner: owner!,
        operator: operator!,
        client: client!,
        arbiter: arbiter!,
        treasury: treasury!,
        stranger: stranger!,
        profile,
        profileFile: desk.write('profile.json', profile),
        terms,
        termsFile: desk.write('terms.json', terms),
    };
}

export type Roles = Awaited<ReturnType<typeof roles>>;

/** With an open network. */
export async function rolesInNetwork(options: ChainOptions = {}): Promise<Roles> {
    const all = await roles(options);
    const { desk, governor, treasury, arbiter } = all;
    await desk.run(
        deployNetwork,
        governor,
        ...['--treasury', treasury.address.toString(), '--arbiter', arbiter.address.toString()],
    );
    return all;
}

/** With an open network and a registered provider of 1000 TON. */
export async function rolesWithProvider(options: ChainOptions = {}): Promise<Roles> {
    const all = await rolesInNetwork(options);
    await all.desk.run(openStake, all.owner, '--amount', '1000', '--profile', all.profileFile);
    return all;
}

/** With an open network whose verifier pins the test authority's root, and a registered provider of 1000 TON. */
export async function rolesWithVerifier(options: ChainOptions = {}): Promise<Roles> {
    const all = await roles(options);
    const { desk, governor, stranger, owner, profileFile } = all;
    const root = ['--root', desk.write('root.der', rootCertificate())];
    await desk.run(deployNetwork, governor, ...root);
    await desk.run(deployVerifier, stranger, ...root);
    await desk.run(openStake, owner, '--amount', '1000', '--profile', profileFile);
    return all;
}

/** What `prepare` makes for the tests of a `describe` block: once; chain and deployment file are rewound after each test. */
export function useRoles<T extends Roles>(prepare: () => Promise<T>): () => T {
    let all: T;
    let rewind: () => Promise<void>;
    beforeAll(async () => {
        all = await prepare();
        rewind = all.desk.keep();
    });
    afterEach(() => rewind());
    afterAll(() => all.desk.close());
    return () => all;
}
