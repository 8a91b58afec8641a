/** The client's own check of an attestation. */
export * from './attestationGuard';
export * from './attestationRefusedError';
export * from './attestationTrust';
export * from './examineQuote';
export * from './intelCertificates';
export * from './policyChecks';
export * from './quoteFacts';
export * from './tdxModule';
