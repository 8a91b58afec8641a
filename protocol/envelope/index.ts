/** Inputs and results sealed end to end: HPKE (RFC 9180) with X25519 or X-Wing. */
export * from './binding';
export * from './envelopeError';
export * from './envelopes';
export * from './keyPairs';
export * from './publicKeys';
export * from './requestPayload';
export * from './streams';
export { Aead, Kem } from './suites';
