import { Cell, Dictionary, Slice } from '@ton/core';
import { InputError } from './marketError';

/** The price parameters of a workchain, the basechain's unless it says otherwise; all in nanoTON, those per unit as TON stores them, in 2^-16 nanoTON. */
export interface Prices {
    /** Configuration parameter 18. */
    storage: {
        /** Per bit and second, in 2^-16 nanoTON. */
        bitPrice: bigint;
        /** Per cell and second, in 2^-16 nanoTON. */
        cellPrice: bigint;
    };
    /** Configuration parameter 21; of the masterchain 20. */
    gas: {
        /** Gas units that {@link Prices.gas.flatPrice} pays for. */
        flatLimit: bigint;
        /** nanoTON for everything up to flatLimit. */
        flatPrice: bigint;
        /** Per further gas unit, in 2^-16 nanoTON. */
        price: bigint;
    };
    /** Configuration parameter 25; of the masterchain 24. */
    forward: {
        /** nanoTON for any message. */
        lumpPrice: bigint;
        /** Per bit below the root cell, in 2^-16 nanoTON. */
        bitPrice: bigint;
        /** Per cell below the root cell, in 2^-16 nanoTON. */
        cellPrice: bigint;
    };
}

/** Prices of mainnet since April 2026. */
export const MAINNET_PRICES: Prices = {
    storage: { bitPrice: 0n, cellPrice: 135n },
    gas: { flatLimit: 100n, flatPrice: 6_667n, price: 4_369_067n },
    forward: { lumpPrice: 66_667n, bitPrice: 4_369_067n, cellPrice: 436_906_667n },
};

/** Prices of mainnet's masterchain, which the cut of April 2026 left as they were. */
export const MASTERCHAIN_PRICES: Prices = {
    storage: { bitPrice: 1_000n, cellPrice: 500_000n },
    gas: { flatLimit: 100n, flatPrice: 1_000_000n, price: 655_360_000n },
    forward: { lumpPrice: 10_000_000n, bitPrice: 655_360_000n, cellPrice: 65_536_000_000n },
};

/** Percent of {@link MAINNET_PRICES} that {@link DEFAULT_PRICES} ask for. */
export const DEFAULT_MARGIN_PERCENT = 150n;

/**
 * What wrappers reckon with where no configuration was loaded: mainnet's prices and half as much again, so that a small rise
 * stops nobody. What is too much comes back as excess. On a network with other prices load them: {@link loadPrices}.
 */
export const DEFAULT_PRICES: Prices = scalePrices(MAINNET_PRICES, DEFAULT_MARGIN_PERCENT);

/** Every price × percent / 100, rounded up; gas units stay. */
export function scalePrices(prices: Prices, percent: bigint): Prices {
    const scale = (price: bigint) => (price * percent + 99n) / 100n;
    return {
        storage: { bitPrice: scale(prices.storage.bitPrice), cellPrice: scale(prices.storage.cellPrice) },
        gas: {
            flatLimit: prices.gas.flatLimit,
            flatPrice: scale(prices.gas.flatPrice),
            price: scale(prices.gas.price),
        },
        forward: {
            lumpPrice: scale(prices.forward.lumpPrice),
            bitPrice: scale(prices.forward.bitPrice),
            cellPrice: scale(prices.forward.cellPrice),
        },
    };
}

/** A configuration: the root cell of its dictionary, or parameter number → cell as loaded by `@ton/core`. */
export type ChainConfig = Cell | ReadonlyMap<number, Cell> | Dictionary<number, Cell>;

/**
 * Reads the basechain's prices from a configuration.
 *
 * @param config - the dictionary of all parameters
 * @param now - unix seconds that choose among the storage prices; the newest by default
 * @throws InputError `malformed-config` if a parameter is missing or of an unknown form
 */
export function loadPrices(config: ChainConfig, now?: number): Prices {
    const params = paramsOf(config);
    return {
        storage: loadStoragePrices(param(params, 18), now).basechain,
        gas: loadGasPrices(params, 21),
        forward: loadForwardPrices(params, 25),
    };
}

/**
 * Reads the masterchain's prices from a configuration; parameters and errors as of {@link loadPrices}.
 *
 * @throws InputError `malformed-config`
 */
export function loadMasterchainPrices(config: ChainConfig, now?: number): Prices {
    const params = paramsOf(config);
    return {
        storage: loadStoragePrices(param(params, 18), now).masterchain,
        gas: loadGasPrices(params, 20),
        forward: loadForwardPrices(params, 24),
    };
}

type Params = ReadonlyMap<number, Cell> | Dictionary<number, Cell>;

function paramsOf(config: ChainConfig): Params {
    return config instanceof Cell
        ? Dictionary.loadDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell(), config)
        : config;
}

function param(params: Params, id: number): Cell {
    const cell = params.get(id);
    if (!cell) {
        throw new InputError('malformed-config', 'config', `has no parameter ${id}; pass the network's configuration`);
    }
    return cell;
}

function expectTag(slice: Slice, tag: number, id: number): void {
    const found = slice.loadUint(8);
    if (found !== tag) {
        throw new InputError('malformed-config', 'config', `parameter ${id} begins with 0x${found.toString(16)}`);
    }
}

function loadStoragePrices(cell: Cell, now?: number): Record<'basechain' | 'masterchain', Prices['storage']> {
    const entries = Dictionary.loadDirect(
        Dictionary.Keys.Uint(32),
        {
            serialize: () => undefined,
            parse: (slice: Slice) => {
                expectTag(slice, 0xcc, 18);
                const since = slice.loadUint(32);
                const prices = () => ({ bitPrice: slice.loadUintBig(64), cellPrice: slice.loadUintBig(64) });
                return { since, basechain: prices(), masterchain: prices() };
            },
        },
        cell,
    ).values();
    const valid = entries.filter((entry) => now === undefined || entry.since <= now);
    const newest = valid.reduce((best, entry) => (best && best.since >= entry.since ? best : entry), valid[0]);
    if (!newest) {
        throw new InputError('malformed-config', 'config', 'parameter 18 has no storage prices for this time');
    }
    return newest;
}

function loadGasPrices(params: Params, id: number): Prices['gas'] {
    const slice = param(params, id).beginParse();
    expectTag(slice, 0xd1, id);
    const flatLimit = slice.loadUintBig(64);
    const flatPrice = slice.loadUintBig(64);
    const tag = slice.loadUint(8);
    if (tag !== 0xde && tag !== 0xdd) {
        throw new InputError('malformed-config', 'config', `parameter ${id} holds gas prices 0x${tag.toString(16)}`);
    }
    return { flatLimit, flatPrice, price: slice.loadUintBig(64) };
}

function loadForwardPrices(params: Params, id: number): Prices['forward'] {
    const slice = param(params, id).beginParse();
    expectTag(slice, 0xea, id);
    return {
        lumpPrice: slice.loadUintBig(64),
        bitPrice: slice.loadUintBig(64),
        cellPrice: slice.loadUintBig(64),
    };
}
