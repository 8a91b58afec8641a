/** The client's own check of an attestation. */
export * from './attestationGuard';
export * from './attestationRefusedError';
export * from './examineQuote';
export * from './policyChecks';
export * from './quoteFacts';
