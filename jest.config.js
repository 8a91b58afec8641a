/** @type {import('jest').Config} */
module.exports = {
    testEnvironment: 'node',
    transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
    testMatch: ['<rootDir>/tests/**/*.spec.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
};
