/** What participants keep: channels, jobs and orders, in a file or in memory. It knows neither workers nor clients. */
export * from './channelBook';
export * from './channelStore';
export * from './jobStore';
export * from './memoryStore';
export * from './orderStore';
export * from './sqlStore';
export * from './store';
export * from './storeError';
