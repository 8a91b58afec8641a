/** Off-chain rules of the market, without any input or output: what a worker takes, what a client commits to, what it costs. */
export * from './channels';
export * from './commitments';
export * from './evidence';
export * from './jobPolicy';
export * from './pricing';
export * from './quotes';
