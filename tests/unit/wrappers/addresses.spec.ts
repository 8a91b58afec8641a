import '@ton/test-utils';
import { Address, beginCell, Cell, contractAddress } from '@ton/core';
import { JobEscrow as EscrowInStake } from '../../../build/ProviderStake/ProviderStake_JobEscrow';
import { PayoutSettlement as TillInStake } from '../../../build/ProviderStake/ProviderStake_PayoutSettlement';
import { JobEscrow as EscrowInRegistry } from '../../../build/Registry/Registry_JobEscrow';
import { ProviderStake as StakeInRegistry } from '../../../build/Registry/Registry_ProviderStake';
import * as w from '../../../wrappers';
import { addressOf } from './fixtures';

const registry = addressOf('registry');
const owner = addressOf('owner');
const client = addressOf('client');
const stake = addressOf('stake');

it('takes the same code that the parents embed', async () => {
    const escrow = await w.deriveEscrow({ client, stake, nonce: 5n });
    const till = await w.deriveSettlement(stake);
    const inStake = await EscrowInStake.fromInit(escrow.init.data.asSlice());
    const inRegistry = await EscrowInRegistry.fromInit(escrow.init.data.asSlice());
    expect(inStake.address).toEqualAddress(escrow.address);
    expect(inRegistry.address).toEqualAddress(escrow.address);
    const uninit = beginCell().storeUint(0, 113).storeAddress(stake).asSlice();
    expect((await TillInStake.fromInit(0n, uninit)).address).toEqualAddress(till.address);
    const config = beginCell().storeAddress(registry).storeAddress(owner).endCell();
    const account = beginCell().storeUint(0, 210).storeRef(config).asSlice();
    const provider = await StakeInRegistry.fromInit(null, 0n, 0n, 0n, 0n, account);
    expect(provider.address).toEqualAddress(await w.stakeAddress(registry, owner));
});

it('gives an address that follows from code and data, the identity among zeros', async () => {
    const { address, init } = await w.deriveEscrow({ client, stake, nonce: 5n });
    expect(contractAddress(0, init)).toEqualAddress(address);
    const data = init.data.beginParse();
    expect(data.loadUintBig(4 + 32 + 72)).toBe(0n);
    expect(data.loadAddress()).toEqualAddress(stake);
    expect(data.loadAddress()).toEqualAddress(client);
    expect(data.loadUintBig(64 + 64 + 32)).toBe(0n);
    expect(data.loadUintBig(64)).toBe(5n);
    expect(data.remainingBits).toBe(0);
    expect(data.remainingRefs).toBe(0);
    expect((await w.codeHashes()).jobEscrow).toBe(w.toUint256('code', init.code.hash()));
});

it('gives every identity its own address', async () => {
    const all = [
        await w.registryAddress({ networkId: -3, governor: owner, salt: 0n }),
        await w.registryAddress({ networkId: -239, governor: owner, salt: 0n }),
        await w.registryAddress({ networkId: -3, governor: owner, salt: 1n }),
        await w.registryAddress({ networkId: -3, governor: client, salt: 0n }),
        await w.stakeAddress(registry, owner),
        await w.stakeAddress(registry, client),
        await w.stakeAddress(stake, owner),
        await w.settlementAddress(stake),
        await w.settlementAddress(registry),
        await w.escrowAddress(client, stake, 0n),
        await w.escrowAddress(client, stake, 1n),
        await w.escrowAddress(owner, stake, 0n),
        await w.escrowAddress(client, registry, 0n),
        await w.channelAddress(client, stake, 0n),
        await w.channelAddress(client, stake, 1n),
        await w.channelAddress(owner, stake, 0n),
        await w.channelAddress(client, registry, 0n),
        await w.channelAddress(stake, client, 0n),
    ].map((address) => address.toRawString());
    expect(new Set(all).size).toBe(all.length);
});

it('refuses identities that no contract would accept, and addresses that do not follow', async () => {
    const masterchain = new Address(-1, Buffer.alloc(32));
    await expect(w.stakeAddress(masterchain, owner)).rejects.toMatchObject({
        code: 'wrong-workchain',
        field: 'registry',
    });
    await expect(w.escrowAddress(client, stake, 1n << 64n)).rejects.toMatchObject({
        code: 'out-of-range',
        field: 'nonce',
    });
    await expect(w.escrowAddress(client, stake, -1n)).rejects.toMatchObject({ code: 'negative-amount' });
    await expect(w.channelAddress(client, masterchain, 1n)).rejects.toMatchObject({
        code: 'wrong-workchain',
        field: 'settlement',
    });
    await expect(w.channelAddress(masterchain, stake, 1n)).rejects.toMatchObject({
        code: 'wrong-workchain',
        field: 'client',
    });
    await expect(w.channelAddress(client, stake, 1n << 64n)).rejects.toMatchObject({
        code: 'out-of-range',
        field: 'nonce',
    });
    await expect(w.registryAddress({ networkId: 2 ** 31, governor: owner, salt: 0n })).rejects.toMatchObject({
        code: 'out-of-range',
        field: 'networkId',
    });
    expect(w.requireDerived('stake', stake, stake)).toBe(stake);
    expect(() => w.requireDerived('stake', registry, stake)).toThrow(w.ForeignAddressError);
    expect(() => w.requireDerived('stake', null as unknown as Address, stake)).toThrow(w.ForeignAddressError);
});

it('opens wrappers at those addresses', async () => {
    const wrapper = await w.ProviderStake.createFromConfig({ registry, owner });
    expect(wrapper.address).toEqualAddress(await w.stakeAddress(registry, owner));
    expect(wrapper.init!.code).toBeInstanceOf(Cell);
    expect(w.ProviderStake.createFromAddress(wrapper.address).init).toBeUndefined();
    const channel = await w.PaymentChannel.createFromConfig({ client, settlement: stake, nonce: 7n });
    expect(channel.address).toEqualAddress(await w.channelAddress(client, stake, 7n));
    expect((await w.codeHashes()).paymentChannel).toBe(w.toUint256('code', channel.init!.code.hash()));
    expect(w.PaymentChannel.createFromAddress(channel.address).init).toBeUndefined();
});
