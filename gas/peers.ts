/** One step at Telegram's Cocoon. */
export interface PeerStep {
    gas: number;
    /** nanoTON: all fees of the contracts at the sandbox's default prices, wallets left out. */
    fees: number;
}

/**
 * Cocoon's Tolk contracts, run in the sandbox 0.41 at its default prices in November 2026 and counted as `npm run gas` counts ours.
 * They may have changed.
 */
export const COCOON = {
    /** Client contract deployed with a top-up, one message. */
    payIn: { gas: 17_869, fees: 28_284_400 },
    /** Client top-up. */
    payInMore: { gas: 17_869, fees: 10_831_200 },
    /** The client's contract is charged by a signed voucher. */
    charge: { gas: 11_549, fees: 8_955_600 },
    /** Worker's payout by a signed voucher, paid through to the owner. */
    payOut: { gas: 17_982, fees: 12_069_600 },
    /** Cooperative close with refund. */
    close: { gas: 21_683, fees: 13_694_000 },
    /** Unilateral close, start and force. */
    closeAlone: { gas: 42_160, fees: 25_326_380 },
} as const satisfies Record<string, PeerStep>;

/** What others keep of each payment, in basis points, as published in November 2026. */
export const FEE_SHARES: readonly { who: string; bps: number; what: string }[] = [
    { who: 'OpenRouter', bps: 550, what: 'reseller of models, on credits bought' },
    { who: 'Akash', bps: 0, what: 'market of machines' },
    { who: 'Nosana', bps: 0, what: 'market of GPUs' },
];
