import type { NetworkProvider } from '@ton/blueprint';
import { Contract, OpenedContract } from '@ton/core';
import type { Blockchain } from '@ton/sandbox';
import type { TonClient, TonClient4 } from '@ton/ton';
import * as w from '../../../wrappers';
import { addressOf } from './fixtures';

// Compiles only while all of them are connections.
const connections: [
    (client: TonClient) => w.Connection,
    (client: TonClient4) => w.Connection,
    (provider: NetworkProvider) => w.Connection,
    (chain: Blockchain) => w.Connection,
] = [(client) => client, (client) => client, (provider) => provider, (chain) => chain];

it('opens through whatever a client offers', () => {
    const contract = w.Registry.createFromAddress(addressOf('registry'));
    const opened = { opened: true };
    expect(connections).toHaveLength(4);
    const open = <T extends Contract>(_: T) => opened as unknown as OpenedContract<T>;
    expect(w.openThrough({ open }, contract)).toBe(opened);
    expect(w.openThrough({ openContract: open }, contract)).toBe(opened);
});

it('takes the wallet for the role, unless another address is named, and needs one of the two', () => {
    const wallet = { address: addressOf('wallet'), send: async () => undefined };
    expect(w.addressOfSender(wallet, undefined, 'owner')).toBe(wallet.address);
    const owner = addressOf('owner');
    expect(w.addressOfSender(wallet, owner, 'owner')).toBe(owner);
    expect(() => w.addressOfSender({ send: wallet.send }, undefined, 'owner')).toThrow('pass owner explicitly');
});
