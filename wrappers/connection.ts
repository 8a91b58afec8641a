import { Address, Cell, Contract, ContractProvider, OpenedContract, Sender } from '@ton/core';
import { requireAddress } from './checks';
import { InputError } from './marketError';

/**
 * The least that the market needs of a client: to open contracts. `TonClient`, `TonClient4` and Blueprint's `NetworkProvider`
 * have `open`; the sandbox's `Blockchain` has `openContract`, which also runs what was sent.
 */
export type Connection =
    | { open<T extends Contract>(contract: T): OpenedContract<T> }
    | { openContract<T extends Contract>(contract: T): unknown };

/** Opens a contract through whatever client there is. */
export function openThrough<T extends Contract>(connection: Connection, contract: T): OpenedContract<T> {
    return 'openContract' in connection
        ? (connection.openContract(contract) as OpenedContract<T>)
        : connection.open(contract);
}

/** The address of a wallet that is about to send, or the one that was named instead. */
export function addressOfSender(via: Sender, named: Address | undefined, field: string): Address {
    const address = named ?? via.address;
    if (!address) {
        throw new InputError('missing-address', field, `is not known to this sender; pass ${field} explicitly`);
    }
    return requireAddress(field, address);
}

/** A contract that only shows what its account holds. */
export class Account implements Contract {
    constructor(
        readonly address: Address,
        readonly init: undefined = undefined,
    ) {}

    /** Hash of the account's code; null while there is no account. */
    async getCodeHash(provider: ContractProvider): Promise<bigint | null> {
        const { state } = await provider.getState();
        if (state.type !== 'active' || !state.code) {
            return null;
        }
        return BigInt('0x' + Cell.fromBoc(state.code)[0]!.hash().toString('hex'));
    }
}
