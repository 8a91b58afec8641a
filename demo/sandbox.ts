import { Blockchain } from '@ton/sandbox';

/**
 * Lets a contract provider find transactions in the sandbox, as it does on a network. The sandbox compares the hash that a search
 * starts from by identity, so that it never matches, and turns its own list around with every search.
 */
export function mendTransactionSearch(blockchain: Blockchain): void {
    const search = blockchain.getTransactions.bind(blockchain);
    blockchain.getTransactions = async (address, options) => {
        const found = await search(address);
        const from = options?.lt === undefined ? undefined : BigInt(options.lt);
        return found
            .filter(({ lt }) => from === undefined || lt <= from)
            .sort((a, b) => (a.lt < b.lt ? 1 : -1))
            .slice(0, options?.limit);
    };
}
