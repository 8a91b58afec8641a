import { beginCell, Cell, Dictionary } from '@ton/core';
import june2026 from './prices-2026-06.json';

/** `default`: the sandbox's own, older and dearer prices; `2026-06`: mainnet after the cut of April 2026. */
export type PriceSet = 'default' | '2026-06';

export const PRICE_SETS: readonly PriceSet[] = ['default', '2026-06'];

/** Basechain prices of a configuration. All `…Price` values of gas, bits and cells are nanoTON times 2^16. */
export interface Prices {
    readonly gasPrice: bigint;
    /** Gas that `flatGasPrice` nanoTON pay for. */
    readonly flatGasLimit: bigint;
    readonly flatGasPrice: bigint;
    /** nanoTON that every message pays. */
    readonly lumpPrice: bigint;
    readonly bitPrice: bigint;
    readonly cellPrice: bigint;
    /** Per second. */
    readonly storageBitPrice: bigint;
    readonly storageCellPrice: bigint;
}

const PARAM_GLOBAL_VERSION = 8;
const PARAM_GLOBAL_ID = 19;
const PARAM_STORAGE_PRICES = 18;
const PARAM_GAS_PRICES = 21;
const PARAM_FORWARD_PRICES = 25;

function paramsOf(config: Cell): Dictionary<number, Cell> {
    return config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
}

/**
 * The configuration with another global id and, if asked, the prices of 2026 (parameters 18, 20, 21, 24, 25) and another global version
 * (parameter 8), which says what TVM knows.
 */
export function configWith(
    config: Cell,
    options: { globalId: number; prices: PriceSet; globalVersion?: number },
): Cell {
    const params = paramsOf(config);
    if (options.globalVersion !== undefined) {
        // capabilities#c4 version:uint32 capabilities:uint64
        const capabilities = params
            .get(PARAM_GLOBAL_VERSION)!
            .beginParse()
            .skip(8 + 32)
            .loadUintBig(64);
        const version = beginCell().storeUint(0xc4, 8).storeUint(options.globalVersion, 32);
        params.set(PARAM_GLOBAL_VERSION, version.storeUint(capabilities, 64).endCell());
    }
    params.set(PARAM_GLOBAL_ID, beginCell().storeInt(options.globalId, 32).endCell());
    if (options.prices === '2026-06') {
        for (const [id, boc] of Object.entries(june2026.params)) {
            params.set(Number(id), Cell.fromBase64(boc));
        }
    }
    return beginCell().storeDictDirect(params).endCell();
}

/** Reads the basechain's prices out of a configuration. */
export function readPrices(config: Cell): Prices {
    const params = paramsOf(config);
    const param = (id: number) => {
        const cell = params.get(id);
        if (cell === undefined) {
            throw new Error(`The configuration has no parameter ${id}`);
        }
        return cell;
    };

    // _ (Hashmap 32 StoragePrices): the entry with the latest utime_since applies.
    const storage = param(PARAM_STORAGE_PRICES)
        .beginParse()
        .loadDictDirect(Dictionary.Keys.Uint(32), {
            serialize: () => {
                throw new Error('read only');
            },
            parse: (slice) => {
                slice.skip(8 + 32);
                return { bit: slice.loadUintBig(64), cell: slice.loadUintBig(64) };
            },
        });
    const latest = storage.get(Math.max(...storage.keys()))!;

    // gas_flat_pfx#d1 flat_gas_limit:uint64 flat_gas_price:uint64 other:GasLimitsPrices
    const gas = param(PARAM_GAS_PRICES).beginParse();
    gas.skip(8);
    const flatGasLimit = gas.loadUintBig(64);
    const flatGasPrice = gas.loadUintBig(64);
    gas.skip(8);
    const gasPrice = gas.loadUintBig(64);

    // msg_forward_prices#ea lump_price:uint64 bit_price:uint64 cell_price:uint64 …
    const forward = param(PARAM_FORWARD_PRICES).beginParse();
    forward.skip(8);
    return {
        gasPrice,
        flatGasLimit,
        flatGasPrice,
        lumpPrice: forward.loadUintBig(64),
        bitPrice: forward.loadUintBig(64),
        cellPrice: forward.loadUintBig(64),
        storageBitPrice: latest.bit,
        storageCellPrice: latest.cell,
    };
}

const ceilShift16 = (value: bigint) => (value + 0xffffn) >> 16n;

/** nanoTON of so much gas in the basechain, as GETGASFEE computes it. */
export function computeFee(prices: Prices, gas: bigint): bigint {
    return gas <= prices.flatGasLimit
        ? prices.flatGasPrice
        : prices.flatGasPrice + ceilShift16((gas - prices.flatGasLimit) * prices.gasPrice);
}

/** nanoTON of forwarding a message with so many cells and bits below its root, as GETFORWARDFEE computes it. */
export function forwardFee(prices: Prices, cells = 0n, bits = 0n): bigint {
    return prices.lumpPrice + ceilShift16(bits * prices.bitPrice + cells * prices.cellPrice);
}

/** nanoTON of keeping so many cells and bits, as GETSTORAGEFEE computes it. */
export function storageFee(prices: Prices, cells: bigint, bits: bigint, seconds: bigint): bigint {
    return ceilShift16((cells * prices.storageCellPrice + bits * prices.storageBitPrice) * seconds);
}
