import { Address, beginCell, Cell, contractAddress, toNano } from '@ton/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeHashes } from '../../../wrappers/addresses';
import { escrowInit, profileCell, registryInit, stakeInit, tillInit, uint256Of } from '../../helpers/cells';
import { parseStakeData, STAKE_UNREGISTERED, StakeData } from '../../helpers/layout';
import { codeOf, ContractName } from '../../helpers/sources';
import { expectTrace } from '../../helpers/traces';
import { errorCode, PLENTY, stored, toRegistry, toStake, useMarket } from '../../fixtures/stakes';

const BUILD = join(__dirname, '..', '..', '..', 'build');
const compiled = (parent: ContractName, child: ContractName) =>
    Cell.fromBoc(readFileSync(join(BUILD, parent, `${parent}_${child}.code.boc`)))[0]!;

const fresh = (config: Cell): StakeData => ({
    state: 0,
    stake: 0n,
    unbonding: 0n,
    locked: 0n,
    hotLocked: 0n,
    hotSlashed: 0n,
    usedSlots: 0n,
    record: 0n,
    feeBps: 0,
    locks: new Map(),
    config,
});

describe('A forged stake', () => {
    const m = useMarket();
    const identity = (registry: Address, owner: Address) =>
        beginCell().storeAddress(registry).storeAddress(owner).endCell();
    const attacker = () => m.stranger.address;

    const forgeries: [what: string, data: () => StakeData][] = [
        ['a million in it', () => ({ ...fresh(identity(m.registry, attacker())), stake: toNano(1_000_000) })],
        ['a track record', () => ({ ...fresh(identity(m.registry, attacker())), record: 1n << 200n })],
        ['no fee left', () => ({ ...fresh(identity(m.registry, attacker())), feeBps: 1 })],
        ['an allowance used', () => ({ ...fresh(identity(m.registry, attacker())), hotSlashed: 1n })],
    ];

    const open = (data: StakeData) => {
        const init = { code: codeOf('ProviderStake'), data: stored.stake(data) };
        const address = contractAddress(0, init);
        expect(address).not.toEqualAddress(stakeInit({ registry: m.registry, owner: attacker() }).address);
        const body = toStake.open(toNano(100), profileCell(m.provider.profile));
        return { address, sent: m.send(m.stranger, { to: address, value: toNano(110), init, body }) };
    };

    // What no contract can have written does not get past the solvency checker.
    it('with slots taken from the start is at another address, refused, and seen by the checker', async () => {
        const { address, sent } = open({ ...fresh(identity(m.registry, attacker())), usedSlots: 1n });
        await expect(sent).rejects.toThrow('usedSlots is 1, its locks say 0');
        m.chain.checks.takeViolations();
        expect(parseStakeData((await m.chain.data(address))!)).toMatchObject({
            state: STAKE_UNREGISTERED,
            stake: toNano(100),
        });
    });

    it.each(forgeries)('with %s from the start is at another address, which the Registry refuses', async (_, data) => {
        const { address, sent } = open(data());
        const trace = await sent;
        expectTrace(trace, [
            { from: m.stranger, to: address, op: 'OpenStake' },
            { from: address, to: m.registry, op: 'RegisterMe', exitCode: errorCode('WRONG_SENDER') },
            { from: m.registry, to: address, op: 'bounced RegisterMe' },
        ]);
    });

    it('that is Registered from the start fools neither Registry nor escrow', async () => {
        const config = (await m.data()).config;
        const init = {
            code: codeOf('ProviderStake'),
            data: stored.stake({ ...fresh(config), state: 3, stake: toNano(1_000_000) }),
        };
        const address = contractAddress(0, init);
        for (const owner of [m.owner.address, attacker(), m.provider.till]) {
            const body = toRegistry.register(1n, toNano(1_000_000), owner);
            await m.refused(address, { to: m.registry, value: PLENTY, body }, 'WRONG_SENDER');
        }
        const genuine = escrowInit({ client: m.client.address, providerStake: m.stake, nonce: 1n }).address;
        const foreign = escrowInit({ client: m.client.address, providerStake: address, nonce: 1n }).address;
        expect(genuine).not.toEqualAddress(foreign);
    });

    it('of a foreign Registry, with or without that Registry’s word, is nobody here', async () => {
        const foreign = registryInit({ networkId: m.chain.globalId, governor: attacker(), salt: 0n });
        const { address } = stakeInit({ registry: foreign.address, owner: m.owner.address });
        expect(address).not.toEqualAddress(m.stake);
        const body = toRegistry.register(1n, toNano(1000), m.owner.address);
        await m.refused(address, { to: m.registry, value: PLENTY, body }, 'WRONG_SENDER');
    });

    it('of other code is at another address', () => {
        const { data } = m.provider.stakeInit;
        expect(contractAddress(0, { code: codeOf('JobEscrow'), data })).not.toEqualAddress(m.stake);
        expect(contractAddress(0, { code: codeOf('ProviderStake'), data })).toEqualAddress(m.stake);
    });

    it('of the same owner in another network is another stake with another till', () => {
        const here = stakeInit({ registry: m.registry, owner: m.owner.address }).address;
        const there = stakeInit({
            registry: registryInit({ networkId: -239, governor: m.governor.address, salt: 0n }).address,
            owner: m.owner.address,
        }).address;
        expect(there).not.toEqualAddress(here);
        expect(tillInit(there).address).not.toEqualAddress(tillInit(here).address);
    });
});

describe('Code', () => {
    const children: [parent: ContractName, child: ContractName][] = [
        ['ProviderStake', 'JobEscrow'],
        ['ProviderStake', 'PayoutSettlement'],
        ['Registry', 'ProviderStake'],
        ['Registry', 'JobEscrow'],
        ['Registry', 'PayoutSettlement'],
    ];
    it.each(children)('of %s contains %s exactly as it is built alone', (parent, child) => {
        expect(compiled(parent, child)).toEqualCell(compiled(child, child));
        const cells = new Set<string>();
        const visit = (cell: Cell): void => {
            cells.add(cell.hash().toString('hex'));
            cell.refs.forEach(visit);
        };
        visit(compiled(parent, parent));
        const contained = cells.has(compiled(child, child).hash().toString('hex'));
        expect(contained).toBe(true);
    });

    it('of every contract is what the wrappers record', async () => {
        expect(await codeHashes()).toEqual({
            registry: uint256Of(codeOf('Registry').hash()),
            attestationVerifier: uint256Of(codeOf('AttestationVerifier').hash()),
            pckCertificate: uint256Of(codeOf('PckCertificate').hash()),
            providerStake: uint256Of(codeOf('ProviderStake').hash()),
            jobEscrow: uint256Of(codeOf('JobEscrow').hash()),
            payoutSettlement: uint256Of(codeOf('PayoutSettlement').hash()),
            paymentChannel: uint256Of(codeOf('PaymentChannel').hash()),
        });
    });
});
