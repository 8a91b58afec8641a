/** The reference provider in Node. */
export * from './channelDesk';
export * from './inference';
export * from './nextStep';
export * from './ownTier';
export * from './providerNode';
export * from './quoteDesk';
export * from './sealedInputs';
export * from './servedJob';
