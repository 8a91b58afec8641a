import { Address, beginCell, Cell } from '@ton/core';
import { requireAddress, requireBps, requirePositive, requireSeconds, requireUint } from './checks';
import { InputError } from './marketError';

/** Bounds that no governor can pass. Source: contracts/registry/params.tact. */
export const NETWORK_BOUNDS = {
    FEE_MAX_BPS: 500,
    UNBONDING_MIN_SECONDS: 86_400,
    UNBONDING_MAX_SECONDS: 5_184_000,
    TIMELOCK_MIN_SECONDS: 86_400,
    TIMELOCK_MAX_SECONDS: 2_592_000,
} as const;

/** The parameters of a network: bounded, and changed by its governor behind a timelock only. */
export interface NetworkParams {
    /** Basis points of every settled amount; at most 500. */
    feeBps: number;
    /** nanoTON below which a provider is jailed. */
    minStake: bigint;
    /** Seconds from `RequestUnbond` to `WithdrawStake`; 1 to 60 days. */
    unbondingPeriod: number;
    /** Seconds that a proposal waits; 1 to 30 days. */
    timelockDelay: number;
    treasury: Address;
    /** The arbiter that clients name unless they know better. */
    arbiter: Address;
    /** The AttestationVerifier, once the network has one. */
    verifier: Address | null;
}

const BITS_WITHOUT_VERIFIER = 680;
const BITS_WITH_VERIFIER = 945;

/**
 * Packs parameters within the field widths only; what the Registry would refuse passes. For tests and simulations.
 *
 * @throws InputError if a value does not fit its field
 */
export function packNetworkParams(params: NetworkParams): Cell {
    return beginCell()
        .storeUint(requireUint('feeBps', params.feeBps, 16), 16)
        .storeUint(requireUint('minStake', params.minStake, 64), 64)
        .storeUint(requireUint('unbondingPeriod', params.unbondingPeriod, 32), 32)
        .storeUint(requireUint('timelockDelay', params.timelockDelay, 32), 32)
        .storeAddress(params.treasury)
        .storeAddress(params.arbiter)
        .storeAddress(params.verifier)
        .endCell();
}

/**
 * Packs parameters that the Registry accepts.
 *
 * @throws InputError for a value outside {@link NETWORK_BOUNDS}, a zero minStake or an address outside the basechain
 */
export function createNetworkParamsCell(params: NetworkParams): Cell {
    requireBps('feeBps', params.feeBps, NETWORK_BOUNDS.FEE_MAX_BPS);
    requirePositive('minStake', params.minStake);
    if (params.minStake >= 1n << 63n) {
        throw new InputError('out-of-range', 'minStake', 'is 2^63 nanoTON or more; pass less');
    }
    requireSeconds(
        'unbondingPeriod',
        params.unbondingPeriod,
        NETWORK_BOUNDS.UNBONDING_MIN_SECONDS,
        NETWORK_BOUNDS.UNBONDING_MAX_SECONDS,
    );
    requireSeconds(
        'timelockDelay',
        params.timelockDelay,
        NETWORK_BOUNDS.TIMELOCK_MIN_SECONDS,
        NETWORK_BOUNDS.TIMELOCK_MAX_SECONDS,
    );
    requireAddress('treasury', params.treasury);
    requireAddress('arbiter', params.arbiter);
    if (params.verifier) {
        requireAddress('verifier', params.verifier);
    }
    return packNetworkParams(params);
}

/**
 * Reads parameters to the last bit.
 *
 * @throws InputError `malformed-cell`
 */
export function parseNetworkParams(cell: Cell): NetworkParams {
    const bits = cell.bits.length;
    if (cell.refs.length !== 0 || (bits !== BITS_WITHOUT_VERIFIER && bits !== BITS_WITH_VERIFIER)) {
        throw new InputError('malformed-cell', 'params', 'is not a cell of network parameters');
    }
    const slice = cell.beginParse();
    const params = {
        feeBps: slice.loadUint(16),
        minStake: slice.loadUintBig(64),
        unbondingPeriod: slice.loadUint(32),
        timelockDelay: slice.loadUint(32),
        treasury: slice.loadAddress(),
        arbiter: slice.loadAddress(),
        verifier: slice.loadMaybeAddress(),
    };
    slice.endParse();
    return params;
}
