import {
    Address,
    Cell,
    Contract,
    contractAddress,
    ContractProvider,
    Dictionary,
    DictionaryValue,
    SimpleLibrary,
    StateInit,
} from '@ton/core';
import { LibraryPublisher as LibraryPublisherCode } from '../build/LibraryPublisher/LibraryPublisher_LibraryPublisher';
import { computeFee, storageFee } from './fees';
import { InputError } from './marketError';
import { MASTERCHAIN_PRICES, Prices } from './prices';
import { TxParams } from './transaction';

/** Whether a library can be used: only while its publisher's account is active. */
export type PublisherState = 'uninit' | 'active' | 'frozen';

/** A publisher's account. */
export interface PublisherInfo {
    state: PublisherState;
    /** nanoTON, less the rent since its newest transaction, which is not collected yet. */
    balance: bigint;
}

const MASTERCHAIN = -1;

/** Gas of a publication, an upper bound that tests measure. */
const GAS_PUBLISH = 2_500n;
/** What the account is beyond the library: an upper bound that tests measure. */
const ACCOUNT_CELLS = 5n;
const ACCOUNT_BITS = 1_300n;
/** nanoTON that an account may owe before it is deleted: masterchain's delete_due_limit, in configuration parameter 20. */
const DELETE_DUE_LIMIT = 1_000_000_000n;

/** `simple_lib$_ public:Bool root:^Cell = SimpleLib`. Source: TON's block.tlb. */
const LIBRARY: DictionaryValue<SimpleLibrary> = {
    serialize: (library, builder) => builder.storeBit(library.public).storeRef(library.root),
    parse: (slice) => ({ public: slice.loadBit(), root: slice.loadRef() }),
};

/**
 * An account of the masterchain that publishes a contract's code as a library, as long as it can pay its rent. Nobody owns it and
 * nothing ever comes out of it; anybody can add to its rent by a plain transfer. Its address follows from the library alone.
 */
export class LibraryPublisher implements Contract {
    private constructor(
        readonly address: Address,
        readonly init: { code: Cell; data: Cell },
        readonly library: Cell,
        /** The masterchain's. */
        readonly prices: Prices,
    ) {}

    /**
     * The publisher of a library.
     *
     * @param prices - the masterchain's; see {@link loadMasterchainPrices}
     */
    static async createFromLibrary(library: Cell, prices: Prices = MASTERCHAIN_PRICES): Promise<LibraryPublisher> {
        const { init } = await LibraryPublisherCode.fromInit(library);
        return new LibraryPublisher(contractAddress(MASTERCHAIN, init!), init!, library, prices);
    }

    /** What the account is stored as, at most. */
    get size(): { cells: bigint; bits: bigint } {
        const seen = new Map<string, number>();
        const visit = (cell: Cell): void => {
            if (!seen.has(cell.hash().toString('hex'))) {
                seen.set(cell.hash().toString('hex'), cell.bits.length);
                cell.refs.forEach(visit);
            }
        };
        visit(this.library);
        const bits = [...seen.values()].reduce((sum, each) => sum + each, 0);
        return { cells: BigInt(seen.size) + ACCOUNT_CELLS, bits: BigInt(bits) + ACCOUNT_BITS };
    }

    /** nanoTON of so many seconds' rent, at most. */
    rent(seconds: bigint): bigint {
        return storageFee(this.prices, this.size.cells, this.size.bits, seconds);
    }

    /**
     * Unix seconds until which a balance lasts.
     *
     * @param since - unix seconds of the account's newest transaction, when rent was collected last
     */
    paidUntil(balance: bigint, since: number): number {
        const aDay = this.rent(86_400n);
        return since + Number((balance * 86_400n) / aDay);
    }

    /**
     * Publishes the library, or adds to its rent, or brings a frozen publisher back: everything by one plain message.
     *
     * @param options - seconds of rent to send, for an account in this state; or the value, nanoTON
     * @throws InputError `zero-amount` if neither is given
     */
    getPublishTxParams(options: { state: PublisherState; seconds?: bigint; value?: bigint }): TxParams {
        const { state, seconds } = options;
        const lacking = computeFee(this.prices, GAS_PUBLISH) + (state === 'frozen' ? DELETE_DUE_LIMIT : 0n);
        const value = options.value ?? (seconds === undefined ? 0n : this.rent(seconds) + lacking);
        if (value <= 0n) {
            throw new InputError('zero-amount', 'value', 'is zero; pass the seconds of rent, or an amount');
        }
        const init = { uninit: this.init, active: undefined, frozen: this.frozenInit }[state];
        return { to: this.address, value, body: new Cell(), init };
    }

    /** The state that a publisher which ran out of rent was frozen with, its library in it: a message that carries it revives it. */
    get frozenInit(): StateInit {
        const libraries = Dictionary.empty(Dictionary.Keys.BigUint(256), LIBRARY);
        libraries.set(BigInt(`0x${this.library.hash().toString('hex')}`), { public: true, root: this.library });
        return { ...this.init, libraries };
    }

    /** The account as the chain has it. */
    async getInfo(provider: ContractProvider): Promise<PublisherInfo> {
        const { state, balance } = await provider.getState();
        return { state: state.type, balance };
    }
}
