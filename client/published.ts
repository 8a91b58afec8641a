import { Address, Cell, Contract, ContractProvider } from '@ton/core';
import { EscrowOp, toBytes32 } from '../wrappers';

const TRANSACTIONS_PER_CALL = 32;

/** What was published. */
export interface PublishedResult {
    /** The cell of the last PublishResult that the escrow accepted. */
    readonly ciphertext: Cell;
    /** Logical time of the opening that it was published in: decides the jobKey. */
    readonly openedLt: bigint;
}

/** What was published at an escrow: the answer to a demand lies in the transactions of its account, not in its state. */
export class PublishedResults implements Contract {
    constructor(
        readonly address: Address,
        readonly init: undefined = undefined,
    ) {}

    /** The last result that was published; null if there is none. */
    async getPublished(provider: ContractProvider): Promise<PublishedResult | null> {
        const { last } = await provider.getState();
        let ciphertext: Cell | null = null;
        // To the account's first transaction: however many messages were refused since, none of them hides the answer.
        for (let from = last; from;) {
            const page = await provider.getTransactions(this.address, from.lt, from.hash, TRANSACTIONS_PER_CALL);
            for (const { inMessage, description, lt } of page) {
                const accepted =
                    description.type === 'generic' && !description.aborted && inMessage?.info.type === 'internal';
                const slice = inMessage?.body.beginParse();
                if (!accepted || !slice || slice.remainingBits < 32) {
                    continue;
                }
                const op = slice.loadUint(32);
                if (op === EscrowOp.PublishResult) {
                    ciphertext ??= slice.loadRef();
                } else if (op === EscrowOp.PostJob && ciphertext) {
                    return { ciphertext, openedLt: lt };
                }
            }
            const oldest = page.at(-1);
            from = oldest?.prevTransactionLt
                ? { lt: oldest.prevTransactionLt, hash: toBytes32('prevTransactionHash', oldest.prevTransactionHash) }
                : null;
        }
        return null;
    }
}
