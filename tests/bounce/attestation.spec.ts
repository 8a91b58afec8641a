import { beginCell, toNano } from '@ton/core';
import { bouncedBody, inMasterchain } from '../fixtures/stakes';
import { policyChange } from '../fixtures/attestation/policies';
import {
    attest,
    attestedUntil,
    FLOOR,
    fromRegistry,
    packed,
    quoteOf,
    useAttestation,
    remember,
    withPckBody,
} from '../fixtures/attestation/stage';
import { internal } from '@ton/core';
import { Address, Cell } from '@ton/core';
import { strayAddress } from '../helpers/chain';
import { body } from '../helpers/network';
import { expectTrace, Trace, withoutWallets } from '../helpers/traces';

// Every message of attestation, made to fail: what it leaves, and who has its value then.

const PLENTY = toNano(3);

const stage = useAttestation();

/** A bounce from anybody, as only the network makes them. */
async function bounce(from: Address, to: Address, of: Cell): Promise<Trace> {
    return await stage.chain.blockchain.sendMessage({
        ...internal({ to, value: PLENTY, bounce: false, body: bouncedBody(of) }),
        info: {
            ...internal({ to, value: PLENTY, bounce: false }).info,
            type: 'internal',
            src: from,
            bounced: true,
        },
    } as never);
}

describe('A verdict that bounces', () => {
    it('leaves the stake as it was, and its value with the verifier', async () => {
        const { chain, provider, verifier } = stage;
        const before = { stake: (await chain.data(provider.stake))!, held: await chain.balance(verifier) };
        const trace = await attest(stage, packed(quoteOf(provider, { reportData: Buffer.alloc(64, 1) })));
        expectTrace(trace, [
            { op: 'AttestQuote' },
            { op: 'AttestationVerdict', exitCode: 0x212 },
            { to: stage.submitter, op: 'Excesses' },
            { from: provider.stake, to: verifier, op: 'bounced AttestationVerdict', messagesOut: 0 },
        ]);
        expect(await chain.data(provider.stake)).toEqualCell(before.stake);
        expect(await chain.balance(verifier)).toBeGreaterThan(before.held);
    });

    it('comes back also from where nothing is', async () => {
        const { chain, provider, verifier } = stage;
        const nowhere = { ...provider, stake: strayAddress(0x77) };
        const trace = await attest(stage, packed(quoteOf(provider)), { for: nowhere });
        expectTrace(trace, [
            { op: 'AttestQuote' },
            { to: nowhere.stake, op: 'AttestationVerdict', exitCode: 'skipped', success: false },
            { to: stage.submitter, op: 'Excesses' },
            { from: nowhere.stake, to: verifier, op: 'bounced AttestationVerdict' },
        ]);
        expect(await chain.isActive(nowhere.stake)).toBe(false);
    });
});

describe('A quote through a certificate that is refused', () => {
    it('returns its value to the holder', async () => {
        const { chain, provider, verifier, submitter } = stage;
        const certificate = await remember(stage);
        const { quote } = packed(quoteOf(provider));
        // Cells that a quote does not have: gone before the check of anything.
        for (const broken of [Cell.EMPTY, beginCell().storeBits(quote.bits).endCell(), quote.refs[0]!]) {
            const held = await chain.balance(certificate);
            const wallet = await chain.balance(submitter);
            const trace = await chain.send(submitter, {
                to: certificate,
                value: PLENTY,
                body: withPckBody(provider, broken),
            });
            const [, refused, returned, excess] = withoutWallets(trace);
            expect(refused!.description).toMatchObject({ computePhase: { success: false } });
            expect(returned!.inMessage!.info).toMatchObject({ bounced: true });
            expect(excess!.inMessage!.info.dest).toEqualAddress(submitter.address);
            expect(await chain.balance(certificate)).toBe(held);
            expect(wallet - (await chain.balance(submitter))).toBeLessThan(toNano('0.1'));
        }
        expect(verifier).toEqualAddress(stage.verifier);
        expect(await attestedUntil(stage, provider)).toBe(FLOOR.validUntil);
    });
});

describe('A bounce of anything from anybody', () => {
    it('changes nothing at the verifier, and what it brings stays', async () => {
        const { chain, verifier, provider, network, submitter } = stage;
        const before = (await chain.data(verifier))!;
        for (const from of [provider.stake, network.registry, submitter.address, inMasterchain(network.registry)]) {
            for (const of of [
                fromRegistry.apply(policyChange.leastIsvSvn(0), submitter.address),
                fromRegistry.revoke(1n, submitter.address),
                body('AttestationVerdict').storeUint(0, 200).endCell(),
                body('Excesses').endCell(),
            ]) {
                const trace = withoutWallets(await bounce(from, verifier, of));
                expect(trace).toHaveLength(1);
                expect(trace[0]!.description).toMatchObject({ computePhase: { exitCode: 0 } });
                expect(await chain.data(verifier)).toEqualCell(before);
            }
        }
    });

    it('passes on to the holder what it brings to a certificate, and changes nothing', async () => {
        const { chain, verifier, submitter } = stage;
        const certificate = await remember(stage);
        const before = { data: (await chain.data(certificate))!, held: await chain.balance(certificate) };
        for (const from of [verifier, strayAddress(3), submitter.address]) {
            const trace = withoutWallets(
                await bounce(from, certificate, body('AttestRemembered').storeUint(0, 100).endCell()),
            );
            expect(trace).toHaveLength(2);
            expect(trace[1]!.inMessage!.info.dest).toEqualAddress(submitter.address);
            expect(await chain.data(certificate)).toEqualCell(before.data);
            expect(await chain.balance(certificate)).toBe(before.held);
        }
    });
});

describe('A send that fails', () => {
    it('of what is remembered undoes the verdict too: all of it bounces', async () => {
        const { chain, verifier, provider, submitter } = stage;
        // As much as the plain quote costs, and not what a certificate's rent does.
        const quote = packed(quoteOf(provider));
        const { stackReader } = await chain.blockchain.runGetMethod(verifier, 'quoteValue', [
            { type: 'int', value: 0n },
        ]);
        const trace = await attest(stage, quote, { remember: true, value: stackReader.readBigNumber() });
        expectTrace(trace, [
            { from: submitter, to: verifier, op: 'AttestQuote', exitCode: 0x103 },
            { from: verifier, to: submitter, op: 'bounced AttestQuote' },
        ]);
        expect(await attestedUntil(stage, provider)).toBe(0);
    });
});
