/** The client of the market. */
export * from './attestation';
export * from './channelSeals';
export * from './checking';
export * from './computeClient';
export * from './connection';
export * from './keys';
export * from './payerOptions';
export * from './payingChannel';
export * from './providerKey';
export * from './published';
export * from './quoteCheck';
export * from './store';
