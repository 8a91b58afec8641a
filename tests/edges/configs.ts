import { beginCell, Cell, Dictionary } from '@ton/core';
import { computeFee, readPrices } from '../helpers/prices';

const PARAM_GAS_PRICES = 21;

/** Validator sets and lists of addresses are most of a configuration, and no contract of the basechain looks at them. */
const LARGEST_PARAM_BYTES = 1000;

function paramsOf(config: string): Dictionary<number, Cell> {
    return Cell.fromBase64(config).beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
}

function textOf(params: Dictionary<number, Cell>): string {
    return beginCell().storeDictDirect(params).endCell().toBoc({ idx: false }).toString('base64');
}

/** The configuration without its large parameters: the emulator parses it anew whenever it changes. */
export function lightConfig(config: string): string {
    const params = paramsOf(config);
    for (const [id, cell] of params) {
        if (cell.toBoc().length > LARGEST_PARAM_BYTES) {
            params.delete(id);
        }
    }
    return textOf(params);
}

/** nanoTON are what they were; `limit`: gas that one transaction gets; `flat`: gas whose price any handler pays. */
export type GasChange = { limit: bigint } | { flat: bigint };

/** The configuration with another basechain gas limit, or with one price for any amount of gas. */
export function withGas(config: string, change: GasChange): string {
    const params = paramsOf(config);
    // gas_flat_pfx#d1 flat_gas_limit:uint64 flat_gas_price:uint64 other:(gas_prices_ext#de gas_price:uint64 gas_limit:uint64
    // special_gas_limit:uint64 …)
    const gas = params.get(PARAM_GAS_PRICES)!.beginParse();
    const flatTag = gas.loadUint(8);
    const flatLimit = gas.loadUintBig(64);
    const flatPrice = gas.loadUintBig(64);
    const tag = gas.loadUint(8);
    const price = gas.loadUintBig(64);
    const limit = gas.loadUintBig(64);
    gas.skip(64);
    const flat = 'flat' in change ? computeFee(readPrices(Cell.fromBase64(config)), change.flat) : undefined;
    const granted = 'limit' in change ? change.limit : limit;
    params.set(
        PARAM_GAS_PRICES,
        beginCell()
            .storeUint(flatTag, 8)
            .storeUint(flat === undefined ? flatLimit : limit, 64)
            .storeUint(flat ?? flatPrice, 64)
            .storeUint(tag, 8)
            .storeUint(price, 64)
            .storeUint(granted, 64)
            .storeUint(granted, 64)
            .storeSlice(gas)
            .endCell(),
    );
    return textOf(params);
}
