import { Address } from '@ton/core';
import { Blockchain } from '@ton/sandbox';
import { Journal } from './journal';

/** nanoTON by account, in raw form of its address. */
export type Balances = ReadonlyMap<string, bigint>;

/** The sum that must come out even. */
export interface Statement {
    /** nanoTON that the demo gave to wallets before the first message. */
    readonly outside: bigint;
    /** nanoTON of every account that ever was. */
    readonly held: bigint;
    /** nanoTON that went to validators. */
    readonly fees: bigint;
    /** `outside − held − fees`: 0, or nanoTON were lost or made. */
    readonly difference: bigint;
    readonly conserved: boolean;
}

/**
 * Adds up the whole chain. It knows what came in before the first message, and reads the rest from two sources that know nothing
 * of each other: the balances from the accounts, the fees from the transactions.
 */
export class Accounting {
    private constructor(
        private readonly blockchain: Blockchain,
        private readonly journal: Journal,
        private readonly given: Balances,
    ) {}

    /** Begins with the wallets that exist and a journal without entries. */
    static async open(blockchain: Blockchain, journal: Journal, wallets: readonly Address[]): Promise<Accounting> {
        if (journal.entries.length > 0) {
            throw new Error('Money that moved before the books were opened cannot be accounted for');
        }
        return new Accounting(blockchain, journal, await balancesOf(blockchain, wallets));
    }

    /** Balances of every account that was given money or ever had a transaction. */
    async balances(): Promise<Balances> {
        const accounts = new Set(this.given.keys());
        this.journal.entries.forEach(({ account }) => accounts.add(account.toRawString()));
        return await balancesOf(this.blockchain, [...accounts].map(Address.parseRaw));
    }

    /** The sum as it stands now. */
    async statement(): Promise<Statement> {
        const outside = sumOf(this.given);
        const held = sumOf(await this.balances());
        const { fees } = this.journal;
        const difference = outside - held - fees;
        return { outside, held, fees, difference, conserved: difference === 0n };
    }
}

async function balancesOf(blockchain: Blockchain, accounts: readonly Address[]): Promise<Balances> {
    const balances = new Map<string, bigint>();
    for (const account of accounts) {
        balances.set(account.toRawString(), (await blockchain.getContract(account)).balance);
    }
    return balances;
}

function sumOf(balances: Balances): bigint {
    return [...balances.values()].reduce((sum, balance) => sum + balance, 0n);
}
