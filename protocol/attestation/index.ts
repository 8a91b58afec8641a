/** Quotes and collateral for the chain: packed, with hints, and verified by nobody here. */
export * from './attestationError';
export * from './certificate';
export * from './packQuote';
export * from './rawQuote';
export * from './shiftedSignature';
export * from './tcbInfo';
