import { Address, Cell, contractAddress } from '@ton/core';
import { sha256_sync } from '@ton/crypto';
import { AttestationVerifier } from '../../../build/AttestationVerifier/AttestationVerifier_AttestationVerifier';
import { JobEscrow } from '../../../build/JobEscrow/JobEscrow_JobEscrow';
import { PaymentChannel } from '../../../build/PaymentChannel/PaymentChannel_PaymentChannel';
import { PayoutSettlement } from '../../../build/PayoutSettlement/PayoutSettlement_PayoutSettlement';
import { PckCertificate } from '../../../build/PckCertificate/PckCertificate_PckCertificate';
import { ProviderStake } from '../../../build/ProviderStake/ProviderStake_ProviderStake';
import { Registry } from '../../../build/Registry/Registry_Registry';
import {
    deriveChannel,
    deriveEscrow,
    derivePckCertificate,
    deriveRegistry,
    deriveSettlement,
    deriveStake,
    deriveVerifier,
} from '../../../wrappers';
import * as helpers from '../../helpers/cells';
import { useNetwork } from '../../helpers/fixture';
import { Job } from '../../helpers/jobs';
import { codeOf, CONTRACT_NAMES } from '../../helpers/sources';
import { expectTrace } from '../../helpers/traces';
import { addressOf, digits, idOf, ID_A, ID_B, ID_C, raw, std } from './raw';

const A = addressOf(ID_A);
const B = addressOf(ID_B);
const C = addressOf(ID_C);
const zeros = (bits: number) => `b${'0'.repeat(bits)}`;

/** StateInit$_ fixed_prefix_length:nothing special:nothing code:just data:just library:nothing, by its five bits. */
function addressOfInit(code: Cell, data: Cell): Address {
    return new Address(0, raw('b00110', code, data).hash());
}

/** state, deadline and lock; who and for whom; price, openedLt and lockUntil; the nonce. */
function uninitEscrow(stake: string, client: string, nonce: string): Cell {
    return raw(`${zeros(4 + 32 + 72)} ${std(stake)} ${std(client)} ${zeros(64 + 64 + 32)} x${nonce}`);
}

interface Golden {
    name: (typeof CONTRACT_NAMES)[number];
    data: Cell;
    binding: () => Promise<{ address: Address; init?: { code: Cell; data: Cell } }>;
    wrapper: () => Promise<{ address: Address; init: { code: Cell; data: Cell } }>;
    helper: () => helpers.Deployable;
}

const policyRaw = raw('x0004 b0 b0 b0 x0000 x00 x00');

const goldens: Golden[] = [
    {
        name: 'AttestationVerifier',
        data: raw(`${std(ID_A)} x${'0b'.repeat(32)} x${'67'.repeat(32)}`, policyRaw),
        binding: () =>
            AttestationVerifier.fromInit(A, BigInt(`0x${'0b'.repeat(32)}`), BigInt(`0x${'67'.repeat(32)}`), policyRaw),
        wrapper: () =>
            deriveVerifier({
                registry: A,
                root: { x: BigInt(`0x${'0b'.repeat(32)}`), y: BigInt(`0x${'67'.repeat(32)}`) },
            }),
        helper: () =>
            helpers.verifierInit({
                registry: A,
                root: { x: BigInt(`0x${'0b'.repeat(32)}`), y: BigInt(`0x${'67'.repeat(32)}`) },
                policy: policyRaw,
            }),
    },
    {
        name: 'PckCertificate',
        data: raw(`${std(ID_A)} ${std(ID_B)} b0`, raw('xcc04')),
        binding: () => PckCertificate.fromInit(A, B, false, raw('xcc04')),
        wrapper: () => derivePckCertificate({ verifier: A, holder: B, facts: raw('xcc04') }),
        helper: () => helpers.pckCertificateInit({ verifier: A, holder: B, facts: raw('xcc04') }),
    },
    {
        name: 'Registry',
        data: raw(`xfffffffd ${std(ID_A)} x0000000000000007 ${zeros(32 + 32 + 32)} b0 b0`),
        binding: () => Registry.fromInit(-3n, A, 7n, 0n, 0n, 0n, null, null),
        wrapper: () => deriveRegistry({ networkId: -3, governor: A, salt: 7n }),
        helper: () => helpers.registryInit({ networkId: -3, governor: A, salt: 7n }),
    },
    {
        name: 'ProviderStake',
        data: raw(
            `b0 ${zeros(256 + 64 + 64 + 256)} ${zeros(16)} ${zeros(2)} ${zeros(3 * 64)}`,
            raw(`${std(ID_A)} ${std(ID_B)}`),
        ),
        binding: () =>
            ProviderStake.fromInit(
                null,
                0n,
                0n,
                0n,
                0n,
                raw(`${zeros(16 + 2 + 3 * 64)}`, raw(`${std(ID_A)} ${std(ID_B)}`)).asSlice(),
            ),
        wrapper: () => deriveStake({ registry: A, owner: B }),
        helper: () => helpers.stakeInit({ registry: A, owner: B }),
    },
    {
        name: 'JobEscrow',
        data: uninitEscrow(ID_B, ID_A, 'fedcba9876543210'),
        binding: () => JobEscrow.fromInit(uninitEscrow(ID_B, ID_A, 'fedcba9876543210').asSlice()),
        wrapper: () => deriveEscrow({ client: A, stake: B, nonce: 0xfedcba9876543210n }),
        helper: () => helpers.escrowInit({ client: A, providerStake: B, nonce: 0xfedcba9876543210n }),
    },
    {
        name: 'PayoutSettlement',
        data: raw(`${zeros(64 + 32 + 16 + 64)} b0 ${std(ID_C)}`),
        binding: () => PayoutSettlement.fromInit(0n, raw(`${zeros(32 + 16 + 64)} b0 ${std(ID_C)}`).beginParse()),
        wrapper: () => deriveSettlement(C),
        helper: () => helpers.tillInit(C),
    },
    {
        name: 'PaymentChannel',
        data: raw(`${zeros(64 + 64 + 32)} ${std(ID_A)} ${std(ID_B)} xfedcba9876543210`),
        binding: () =>
            PaymentChannel.fromInit(0n, 0n, 0n, raw(`${std(ID_A)} ${std(ID_B)} xfedcba9876543210`).beginParse()),
        wrapper: () => deriveChannel({ client: A, settlement: B, nonce: 0xfedcba9876543210n }),
        helper: () => helpers.channelInit({ client: A, settlement: B, nonce: 0xfedcba9876543210n }),
    },
];

describe.each(goldens)('the StateInit of $name, built by hand', ({ name, data, binding, wrapper, helper }) => {
    const address = addressOfInit(codeOf(name), data);

    it('equals the bindings', async () => {
        const contract = await binding();
        expect(contract.init!.data.toString()).toBe(data.toString());
        expect(contract.init!.code.equals(codeOf(name))).toBe(true);
        expect(contract.address.equals(address)).toBe(true);
    });

    it('equals the wrappers', async () => {
        const derived = await wrapper();
        expect(derived.init.data.toString()).toBe(data.toString());
        expect(derived.address.equals(address)).toBe(true);
    });

    it('equals the helpers of the tests', () => {
        expect(helper().init.data.toString()).toBe(data.toString());
        expect(helper().address.equals(address)).toBe(true);
        expect(contractAddress(0, helper().init).equals(address)).toBe(true);
    });
});

describe('children', () => {
    const fixture = useNetwork();

    it('are where the chain puts them', () => {
        const { network, provider } = fixture;
        const registry = addressOfInit(
            codeOf('Registry'),
            raw(`xfffffffd ${std(idOf(network.governor.address))} x0000000000000000 ${zeros(96)} b0 b0`),
        );
        const stake = addressOfInit(
            codeOf('ProviderStake'),
            raw(
                `b0 ${zeros(256 + 128 + 256 + 16 + 2 + 192)}`,
                raw(`${std(idOf(registry))} ${std(idOf(provider.owner.address))}`),
            ),
        );
        const till = addressOfInit(codeOf('PayoutSettlement'), raw(`${zeros(176)} b0 ${std(idOf(stake))}`));
        expect(network.registry.equals(registry)).toBe(true);
        expect(provider.stake.equals(stake)).toBe(true);
        expect(provider.till.equals(till)).toBe(true);
    });

    // ProviderStake computes the escrow's address from hashes alone, without a cell; only a real acceptance shows it.
    it.each([0n, 1n, 2n ** 63n, 2n ** 64n - 1n])(
        'an accepted escrow with nonce %d is the one built by hand',
        async (nonce) => {
            const { chain, provider } = fixture;
            const job = await Job.prepare(provider, { nonce });
            const client = idOf(job.client.address);
            const data = uninitEscrow(idOf(provider.stake), client, digits(nonce, 64));
            expect(data.bits.length).toBe(866);
            const escrow = addressOfInit(codeOf('JobEscrow'), data);
            expect(job.escrow.equals(escrow)).toBe(true);
            await job.post();
            await job.accept();
            const quoted = await Job.prepare(provider, { nonce, client: 'another client' });
            await quoted.postQuoted();
            expect(await chain.isActive(escrow)).toBe(true);
        },
    );

    it('the hashes of the derivation are those of the whitepaper', () => {
        const data = uninitEscrow(ID_A, ID_B, 'fedcba9876543210');
        // d1 0: no references, level 0. d2 217: 108 whole bytes and a part. 866 bits and the padding 100000.
        const padded = raw(`x00d9 ${zeros(108)} ${std(ID_A)} ${std(ID_B)} ${zeros(160)} xfedcba9876543210 b100000`);
        expect(padded.bits.length).toBe(16 + 872);
        const bytes = (cell: Cell) => cell.beginParse().loadBuffer(cell.bits.length / 8);
        expect(sha256_sync(bytes(padded))).toEqual(data.hash());
        const code = codeOf('JobEscrow');
        const init = raw(
            `x020134 x${digits(code.depth(), 16)} x0000 x${code.hash().toString('hex')} x${data.hash().toString('hex')}`,
        );
        expect(sha256_sync(bytes(init))).toEqual(addressOfInit(code, data).hash);
    });

    it('nobody but the derived escrow is accepted for', async () => {
        const { chain, provider } = fixture;
        const job = await Job.prepare(provider);
        const stranger = await chain.wallet('stranger');
        const body = raw(
            `x53540002 x0000000000000001 x${digits(job.terms.requiredCollateral, 64)}
             ${std(idOf(job.client.address))} x${digits(job.nonce, 64)} x${digits(job.lockUntil, 32)}`,
            job.quote(),
        );
        const trace = await chain.send(stranger, { to: provider.stake, value: 1_000_000_000n, body });
        expectTrace(trace, [
            { from: stranger, to: provider.stake, op: 'AcceptQuote', exitCode: 0x101 },
            { to: stranger, op: 'bounced AcceptQuote' },
        ]);
    });
});
