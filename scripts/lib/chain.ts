import type { NetworkProvider } from '@ton/blueprint';
import { Address, Cell, Dictionary } from '@ton/core';
import { DEFAULT_PRICES, loadMasterchainPrices, loadPrices, MASTERCHAIN_PRICES, Prices } from '../../wrappers';
import { ScriptError } from './errors';

/** Global id of the chain where money is real. */
export const MAINNET_GLOBAL_ID = -239;

// For a chain whose configuration cannot be read; a custom network has no name to go by.
const GLOBAL_ID_BY_NAME: Readonly<Record<string, number>> = {
    mainnet: MAINNET_GLOBAL_ID,
    testnet: -3,
    tetra: 662387,
};

const CONFIG_ACCOUNT = new Address(-1, Buffer.alloc(32, 0x55));
const GLOBAL_VERSION_PARAM = 8;
const GLOBAL_ID_PARAM = 19;

/** Global version that the contracts need: its TVM reads a message's value from a register. */
const NEEDED_VERSION = 11;

/** The chain that Blueprint is connected to. */
export interface ChainInfo {
    /** Blueprint's name of the network. */
    network: string;
    globalId: number;
    /** What its TVM knows; unknown where its configuration cannot be read. */
    globalVersion?: number;
    /** What values are reckoned with: the chain's own prices, or the default ones if it does not show them. */
    prices: Prices;
    /** Of the masterchain, likewise; only libraries are there. */
    masterchainPrices: Prices;
}

/**
 * Reads global id and prices from the configuration's account, which every API shows: Blueprint's own `getConfig()` leaves the
 * global id out. If the account is not there, the global id follows from the network's name (mainnet −239, testnet −3, tetra
 * 662387) and the prices are the wrappers' default ones.
 *
 * @throws ScriptError `unknown-chain` for a custom network without a configuration
 */
export async function readChain(provider: NetworkProvider): Promise<ChainInfo> {
    const network = provider.network();
    const { state } = await provider.getContractState(CONFIG_ACCOUNT);
    const config = state.type === 'active' && state.data ? Cell.fromBoc(state.data)[0]!.refs[0] : undefined;
    const params = config && Dictionary.loadDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell(), config);
    const globalId = params?.get(GLOBAL_ID_PARAM)?.beginParse().loadInt(32) ?? GLOBAL_ID_BY_NAME[network];
    if (globalId === undefined) {
        throw new ScriptError(
            'unknown-chain',
            'This custom network shows no configuration, so its global id is unknown; name it with --custom-type mainnet or testnet',
        );
    }
    return {
        network,
        globalId,
        globalVersion: params && loadGlobalVersion(params.get(GLOBAL_VERSION_PARAM)),
        prices: params ? loadPrices(params) : DEFAULT_PRICES,
        masterchainPrices: params ? loadMasterchainPrices(params) : MASTERCHAIN_PRICES,
    };
}

// capabilities#c4 version:uint32 capabilities:uint64
function loadGlobalVersion(param: Cell | undefined): number {
    return param ? param.beginParse().skip(8).loadUint(32) : 0;
}

/**
 * A network is opened only where its contracts run; an unknown version is left to the Registry, which refuses the message.
 *
 * @throws ScriptError `old-chain`
 */
export function requireNeededVersion({ globalVersion }: ChainInfo): void {
    if (globalVersion !== undefined && globalVersion < NEEDED_VERSION) {
        throw new ScriptError(
            'old-chain',
            `This chain has the global version ${globalVersion} (config parameter 8), the contracts need ${NEEDED_VERSION}; wait for its upgrade, or take another`,
        );
    }
}

/**
 * Mainnet is entered on purpose only.
 *
 * @throws ScriptError `mainnet-refused`
 */
export function requireMeant(chain: ChainInfo, mainnet: boolean): void {
    if (chain.globalId === MAINNET_GLOBAL_ID && !mainnet) {
        throw new ScriptError(
            'mainnet-refused',
            'This is mainnet (global id -239) and the money is real; say that you mean it with --mainnet after the two dashes',
        );
    }
}
