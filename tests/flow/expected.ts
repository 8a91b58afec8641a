import { Order } from '../../client';
import { dust, forwardFee, settleValue } from '../../wrappers/fees';
import { Expected, transactionsAt, Trace } from '../helpers/traces';
import { COLLATERAL, Stage } from './stage';

// Rows of traces that many flows have in common. The wallets' own transactions are checked, but not listed.

/** A posting with a quote that the stake accepts: one transaction of the client. */
export function posted({ wallet, provider }: Stage, { escrow }: Order): Expected[] {
    return [
        { from: wallet, to: escrow, op: 'PostJob' },
        { from: escrow, to: provider.stake, op: 'AcceptQuote' },
        { from: provider.stake, to: escrow, op: 'JobAccepted' },
    ];
}

/** A message that leaves the job alive: it and its excess. */
export function step(by: Stage['wallet'], { escrow }: Order, op: string): Expected[] {
    return [
        { from: by, to: escrow, op },
        { from: escrow, to: by, op: 'Excesses' },
    ];
}

/** An end that pays the till exactly `amount`, and with it its owner. */
export function settled(stage: Stage, { escrow }: Order, by: Stage['wallet'], op: string, amount: bigint): Expected[] {
    const { wallet, provider, prices } = stage;
    return [
        { from: by, to: escrow, op, destroyed: true },
        { from: escrow, to: provider.till, op: 'Settle', value: amount + settleValue(prices) },
        { from: escrow, to: provider.stake, op: 'ReleaseCollateral' },
        { from: escrow, to: wallet, op: 'JobClosed' },
        { from: provider.till, to: provider.owner, op: 'Payout' },
    ];
}

/** An end that slashes exactly so much, half to the client. */
export function slashed(stage: Stage, { escrow }: Order, by: Stage['wallet'], op: string, amount: bigint): Expected[] {
    const { wallet, provider, network, prices } = stage;
    const share = amount / 2n - forwardFee(prices);
    return [
        { from: by, to: escrow, op, destroyed: true },
        { from: escrow, to: provider.stake, op: 'SlashCollateral' },
        { from: escrow, to: wallet, op: 'JobClosed' },
        { from: provider.stake, to: wallet, op: 'SlashShare', value: share },
        { from: provider.stake, to: network.treasury, op: 'SlashShare', value: share },
    ];
}

/** The bonds of the tests are above all costs, and the slashes above dust, whatever the prices are. */
export function requireSubstance({ prices }: Stage): void {
    expect(COLLATERAL / 10n).toBeGreaterThan(dust(prices));
}

/** How many messages a wallet sent. */
export function walletTransactions(trace: Trace, wallet: Stage['wallet']): number {
    return transactionsAt(trace, wallet).filter(({ inMessage }) => inMessage?.info.type === 'external-in').length;
}
