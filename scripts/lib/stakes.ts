import { fromNano } from '@ton/core';
import { dust, Prices, RefusalReason, StakeInfo, StakeState, StateError, TillInfo } from '../../wrappers';
import type { Context } from './context';

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
    [RefusalReason.BelowMinStake]: "it is below the network's minimum; run topUpStake, then retryRegister",
    [RefusalReason.Paused]: 'the network is paused; run retryRegister once the pause has ended',
    [RefusalReason.Unreachable]: 'no Registry answered; check --registry, or take everything back with withdrawStake',
};

/**
 * How the registration of the wallet's stake stands: in words if it is registered, null while it is not.
 *
 * @throws StateError if the Registry refused the attempt of this run, or an earlier attempt has no answer yet
 */
export async function registration(context: Context): Promise<string | null> {
    const { stake } = await context.provider();
    const attempt = stake?.attemptLt ?? 0n;
    const fresh = attempt !== context.atStart('attempt', attempt);
    switch (stake?.state) {
        case StakeState.Registered:
            return `The stake is registered with ${fromNano(stake.stake)} TON.`;
        case StakeState.Registering:
            if (!context.hasSent) {
                throw new StateError('wrong-state', 'The Registry was asked and has not answered yet; look again soon');
            }
            return null;
        case StakeState.Unregistered:
            if (fresh) {
                throw new StateError('wrong-state', `The stake was refused: ${reasonOf(stake)}`);
            }
            return null;
        default:
            return null;
    }
}

/** Why a stake is not registered, and what to do. */
export function reasonOf({ refusal }: StakeInfo): string {
    return refusal === null ? 'the reason is not known; run retryRegister' : REFUSALS[refusal];
}

/** nanoTON that WithdrawStake would pay now. */
export function withdrawableOf({ stake, unbonding, locked }: StakeInfo): bigint {
    const free = stake + unbonding - locked;
    return unbonding < free ? unbonding : free;
}

/** Whether Withdraw would send anything: shares below dust stay in the till. */
export function isWorthPaying({ withdrawable, payees }: TillInfo, prices: Prices): boolean {
    const others = payees.slice(1).map(({ bps }) => (withdrawable * BigInt(bps)) / 10_000n);
    const first = withdrawable - others.reduce((sum, share) => sum + share, 0n);
    return [first, ...others].some((share) => share >= dust(prices));
}
