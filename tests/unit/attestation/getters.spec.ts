import { packQuote } from '../../../protocol/attestation/packQuote';
import { AttestationVerifier, PckCertificate } from '../../../wrappers';
import { quoteBytes } from '../../fixtures/attestation/quotes';
import { openAttestation, quoteOf, remember, usualPolicy } from '../../fixtures/attestation/stage';

// What the wrappers read of the accounts, against what was put in.

const half = (serial: bigint) => serial & ((1n << 128n) - 1n);

describe('Getters of attestation', () => {
    it('return the verifier with root and policy', async () => {
        const policy = usualPolicy({ revocations: [1n, 9n], leastIsvSvn: 3 });
        const { chain, network, verifier, authority } = await openAttestation({ policy });
        const opened = chain.blockchain.openContract(AttestationVerifier.createFromAddress(verifier));
        const info = await opened.getVerifier();
        expect(info.registry.equals(network.registry)).toBe(true);
        expect(info.root).toEqual(authority.root.point);
        expect(info.policy).toEqual({ ...policy, revocations: new Set([1n, 9n]) });
    });

    it('return a remembered certificate, and where it is', async () => {
        const stage = await openAttestation();
        const { chain, verifier, submitter } = stage;
        const spec = quoteOf(stage.provider);
        const address = await remember(stage, spec);
        const opened = chain.blockchain.openContract(PckCertificate.createFromAddress(address));
        const { verifier: from, holder, ...facts } = await opened.getCertificate();
        expect([from, holder].map(String)).toEqual([verifier, submitter.address].map(String));
        const { serial, caSerial, fmspc, svns, pceSvn, notAfter } = spec.pck;
        expect(facts).toEqual({
            remembered: true,
            notAfter,
            serial: half(serial),
            issuerSerial: half(caSerial),
            key: spec.pckKey.point,
            fmspc: BigInt(`0x${fmspc}`),
            svns: BigInt(`0x${Buffer.from(svns).toString('hex')}`),
            pceSvn,
        });
        const known = chain.blockchain.openContract(AttestationVerifier.createFromAddress(verifier));
        const { facts: cell } = packQuote(quoteBytes(spec));
        expect((await known.getCertificateAddress(submitter.address, cell)).equals(address)).toBe(true);
    });
});
