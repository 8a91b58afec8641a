import { Address, Cell, Contract, ContractProvider } from '@ton/core';
import { EscrowOp } from '../wrappers';

/** So many of an escrow's last transactions are searched; an answered demand is followed by two at most. */
const SEARCHED_TRANSACTIONS = 16;

/** What was published at an escrow: the answer to a demand lies in the transactions of its account, not in its state. */
export class PublishedResults implements Contract {
    constructor(
        readonly address: Address,
        readonly init: undefined = undefined,
    ) {}

    /** The cell of the last PublishResult that the escrow accepted; null if there is none. */
    async getCiphertext(provider: ContractProvider): Promise<Cell | null> {
        const { last } = await provider.getState();
        if (!last) {
            return null;
        }
        const recent = await provider.getTransactions(this.address, last.lt, last.hash, SEARCHED_TRANSACTIONS);
        for (const { inMessage, description } of recent) {
            const accepted =
                description.type === 'generic' && !description.aborted && inMessage?.info.type === 'internal';
            const slice = inMessage?.body.beginParse();
            if (accepted && slice && slice.remainingBits >= 32 && slice.loadUint(32) === EscrowOp.PublishResult) {
                return slice.loadRef();
            }
        }
        return null;
    }
}
