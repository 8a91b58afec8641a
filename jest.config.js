/** @type {import('jest').Config} */
module.exports = {
    testEnvironment: 'node',
    transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
    moduleNameMapper: { '/primitives/sha256$': '<rootDir>/tests/helpers/nativeSha256.js' },
    setupFiles: ['<rootDir>/tests/helpers/cellMemory.ts'],
    testMatch: ['<rootDir>/tests/**/*.spec.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default', '<rootDir>/tests/helpers/edgeReporter.js'],
};
