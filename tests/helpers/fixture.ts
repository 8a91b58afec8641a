import { BlockchainSnapshot } from '@ton/sandbox';
import { Chain, ChainOptions } from './chain';
import { deployNetwork, Network, Provider } from './network';

/** What {@link useNetwork} hands to the tests of a block. */
export interface NetworkFixture {
    readonly chain: Chain;
    readonly network: Network;
    readonly provider: Provider;
}

/** What {@link useChain} hands to the tests of a block. */
export interface ChainFixture {
    readonly chain: Chain;
}

function rewound<T extends ChainFixture>(deploy: () => Promise<T>): () => T {
    let fixture: T | undefined;
    let start: BlockchainSnapshot;
    beforeAll(async () => {
        fixture = await deploy();
        start = fixture.chain.blockchain.snapshot();
    });
    afterEach(async () => {
        fixture!.chain.checks.tamper(undefined);
        await fixture!.chain.blockchain.loadFrom(start);
    });
    return () => {
        if (fixture === undefined) {
            throw new Error('The chain exists within tests only');
        }
        return fixture;
    };
}

/** A network with one provider for the tests of a `describe` block: deployed once, rewound after each test. */
export function useNetwork(options: Parameters<typeof deployNetwork>[0] = {}): NetworkFixture {
    const get = rewound(() => deployNetwork(options));
    return {
        get chain() {
            return get().chain;
        },
        get network() {
            return get().network;
        },
        get provider() {
            return get().provider;
        },
    };
}

/** An empty chain for the tests of a `describe` block, rewound after each test. */
export function useChain(options: ChainOptions = {}): ChainFixture {
    const get = rewound(async () => ({ chain: await Chain.create(options) }));
    return {
        get chain() {
            return get().chain;
        },
    };
}
