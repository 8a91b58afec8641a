import { Snapshot } from './compare';
import { COCOON } from './peers';
import { Sizes } from './sizesGate';

/** nanoTON by price set. */
export interface Amount {
    default: number;
    '2026-06': number;
}

/** Numbers of requests that the page shows. */
export const REQUESTS = [1, 100, 10_000, 1_000_000] as const;
/** A provider who does not want to wait redeems once in so many requests. */
export const REDEEMED_EVERY = 10_000;

/** A channel's whole life on chain, with so many requests in it; the contracts alone. */
export interface ChannelCost {
    requests: number;
    /** Opened, closed by agreement. */
    least: Amount;
    /** The same, the code a library. */
    library: Amount;
    /** Opened, redeemed now and then, closed by one side alone. */
    most: Amount;
    redemptions: number;
    /** nanoTON at Cocoon, default prices: one charge and one payout for all. */
    cocoon: number;
}

/** What publishing the channels' code as a library saves, and costs. */
export interface LibraryCost {
    /** nanoTON of an opening that are saved: of the contracts alone, and with all that a wallet v5 pays. */
    saved: { contracts: Amount; wallet: Amount };
    /** nanoTON of a year's rent of the publisher. */
    rent: Amount;
    /** Openings a year from which on it pays. */
    breakEven: { contracts: Amount; wallet: Amount };
    /** nanoTON of a year's rent of a channel, by its code. */
    channelRent: { full: Amount; library: Amount };
}

/** What the page of costs is made of. */
export interface CostFigures {
    channels: ChannelCost[];
    job: { gas: number; fees: Amount };
    library: LibraryCost;
}

/** All figures follow from what was measured and committed. */
export function costFigures(chains: Snapshot, sizes: Sizes): CostFigures {
    const fees = (scenario: string): Amount => chains[scenario]!.fees;
    const end = fees('channel.closeCooperative');
    const channels = REQUESTS.map((requests): ChannelCost => {
        const redemptions = Math.ceil(requests / REDEEMED_EVERY);
        return {
            requests,
            least: sum(fees('channel.open'), end),
            library: sum(fees('channel.openLibrary'), end),
            most: sum(
                fees('channel.open'),
                times(fees('channel.redeemPaidThrough'), redemptions),
                fees('channel.closeUnilateral'),
            ),
            redemptions,
            cocoon: COCOON.payIn.fees + COCOON.charge.fees + COCOON.payOut.fees + COCOON.close.fees,
        };
    });
    const jobSteps = ['job.postQuoted', 'job.approve'];
    const saved = {
        contracts: less(fees('channel.open'), fees('channel.openLibrary')),
        wallet: less(fees('channel.openByWallet'), fees('channel.openLibraryByWallet')),
    };
    const { rent } = sizes.LibraryPublisher!;
    return {
        channels,
        job: {
            gas: jobSteps.reduce((total, scenario) => total + chains[scenario]!.gas, 0),
            fees: sum(...jobSteps.map(fees)),
        },
        library: {
            saved,
            rent,
            breakEven: { contracts: breakEven(rent, saved.contracts), wallet: breakEven(rent, saved.wallet) },
            channelRent: { full: sizes.PaymentChannel!.rent, library: sizes['PaymentChannel, library']!.rent },
        },
    };
}

/** nanoTON that have to be spent so that fixed costs and our share stay below another's share. */
export function worthFrom(fixed: number, ourBps: number, theirBps: number): number {
    return Math.ceil((fixed * 10_000) / (theirBps - ourBps));
}

function each(make: (prices: keyof Amount) => number): Amount {
    return { default: make('default'), '2026-06': make('2026-06') };
}

function sum(...amounts: Amount[]): Amount {
    return each((prices) => amounts.reduce((total, amount) => total + amount[prices], 0));
}

function times(amount: Amount, factor: number): Amount {
    return each((prices) => amount[prices] * factor);
}

function less(a: Amount, b: Amount): Amount {
    return each((prices) => a[prices] - b[prices]);
}

function breakEven(rent: Amount, saved: Amount): Amount {
    return each((prices) => Math.ceil(rent[prices] / saved[prices]));
}
