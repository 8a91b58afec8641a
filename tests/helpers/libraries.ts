import { Address, beginCell, Cell, Dictionary } from '@ton/core';
import { Chain } from './chain';

/**
 * Lets the chain serve exactly these cells as libraries. The emulator keeps those of before where it is given none, so an empty cell is
 * always among them.
 */
export function serveLibraries(chain: Chain, ...libraries: Cell[]): void {
    const served = Dictionary.empty(Dictionary.Keys.Buffer(32), Dictionary.Values.Cell());
    [new Cell(), ...libraries].forEach((library) => served.set(library.hash(), library));
    chain.blockchain.libs = beginCell().storeDictDirect(served).endCell();
}

/** Public libraries of an account: those of one that is not active, or outside the masterchain, serve nobody. */
export async function librariesAt(chain: Chain, account: Address): Promise<Cell[]> {
    const { accountState } = await chain.blockchain.getContract(account);
    if (accountState?.type !== 'active' || account.workChain !== -1) {
        return [];
    }
    return [...(accountState.state.libraries?.values() ?? [])]
        .filter((library) => library.public)
        .map(({ root }) => root);
}

/** Does what each block of the masterchain does, and the sandbox does not: serves what these accounts publish, and nothing else. */
export async function servePublished(chain: Chain, ...publishers: Address[]): Promise<void> {
    const published = await Promise.all(publishers.map((publisher) => librariesAt(chain, publisher)));
    serveLibraries(chain, ...published.flat());
}
