import { Address, beginCell } from '@ton/core';
import { policyCell, policyChange } from '../fixtures/attestation/policies';
import { quoteSpec } from '../fixtures/attestation/quotes';
import { packed as packedQuote, usualPolicy } from '../fixtures/attestation/stage';
import { TestAuthority } from '../fixtures/attestation/testAuthority';
import { pckCertificateInit, registryInit, verifierInit } from '../helpers/cells';
import { ALL_ONES, bitsOf, Field, Forgery, longer, packed, REFERENCE, withFields } from './forging';
import { Scene } from './scene';

// What is almost the verifier of this network, or almost a certificate that it remembered.

const { root } = new TestAuthority();
const otherRoot = new TestAuthority('forger').root;
const POLICY = policyCell(usualPolicy());
const LAX = policyCell(usualPolicy({ leastIsvSvn: 0 }));

/** Facts of certificates that nobody verified. */
const otherFacts = [{ serial: 9n }, { notAfter: 2 ** 32 - 1 }, { pceSvn: 99 }, { fmspc: '000000000001' }].map(
    (pck) => packedQuote(quoteSpec({ pck })).facts,
);

export function verifierForgeries({ market }: Scene): Forgery[] {
    const genuine: Field[] = [
        ['registry', 267, bitsOf(market.registry)],
        ['rootX', 256, root.point.x],
        ['rootY', 256, root.point.y],
        ['policy', REFERENCE, POLICY],
    ];
    return [
        ...withFields('AttestationVerifier', genuine, {
            registry: [bitsOf(market.stranger.address), bitsOf(market.governor.address), bitsOf(market.stake)],
            rootX: [otherRoot.point.x, 0n, ALL_ONES(256)],
            rootY: [otherRoot.point.y, 0n, root.point.y ^ 1n],
            policy: [LAX, policyCell(usualPolicy({ floors: new Map() })), policyChange.leastIsvSvn(4)],
        }),
        ...longer('AttestationVerifier', packed(genuine)),
    ];
}

export function certificateForgeries(scene: Scene): Forgery[] {
    const { market, verifier, facts } = scene;
    const fields = (remembered: bigint): Field[] => [
        ['verifier', 267, bitsOf(verifier.address)],
        ['holder', 267, bitsOf(market.client.address)],
        ['remembered', 1, remembered],
        ['facts', REFERENCE, facts],
    ];
    const changes = {
        verifier: [bitsOf(market.stranger.address), bitsOf(market.registry)],
        holder: [bitsOf(market.stranger.address), bitsOf(market.stake)],
        facts: otherFacts,
    };
    return [
        ...withFields('PckCertificate', fields(0n), { ...changes, remembered: [1n] }),
        // Born as if remembered, with facts of its own.
        ...withFields('PckCertificate', fields(1n), changes).map((one) => ({
            ...one,
            what: `${one.what}, remembered`,
        })),
        ...longer('PckCertificate', packed(fields(0n))),
    ];
}

/** Verifiers of other Registries, roots and policies. */
export function verifiersOfOthers({ market, unopenedRegistry }: Scene): [what: string, address: Address][] {
    const { registry, stranger, governor } = market;
    const foreign = registryInit({ networkId: -239, governor: governor.address, salt: 0n }).address;
    const of = (changes: Partial<Parameters<typeof verifierInit>[0]>) =>
        verifierInit({ registry, root: root.point, policy: POLICY, ...changes }).address;
    return [
        ['the verifier of another Registry of this governor', of({ registry: unopenedRegistry.address })],
        ['the verifier of the other network', of({ registry: foreign })],
        ['the verifier of a wallet', of({ registry: stranger.address })],
        ['a verifier that pins another root', of({ root: otherRoot.point })],
        ['a verifier that begins with another policy', of({ policy: LAX })],
        ['a verifier without a policy', of({ policy: beginCell().endCell() })],
    ];
}

/** Certificates of other verifiers and holders, and others of the same. */
export function certificatesOfOthers(scene: Scene): [what: string, address: Address][] {
    const { market, facts } = scene;
    const genuine = { verifier: scene.verifier.address, holder: market.client.address, facts };
    const of = (changes: Partial<typeof genuine>) => pckCertificateInit({ ...genuine, ...changes }).address;
    return [
        ...verifiersOfOthers(scene).map(([what, verifier]): [string, Address] => [
            `a certificate of ${what}`,
            of({ verifier }),
        ]),
        ['a certificate of a wallet', of({ verifier: market.stranger.address })],
        ['another holder’s certificate', of({ holder: market.stranger.address })],
        ['the holder’s certificate with other facts', of({ facts: otherFacts[0] })],
    ];
}
