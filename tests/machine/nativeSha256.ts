import { createRequire } from 'node:module';

// What jest.config.js does for tests, for programs: hashing in JavaScript takes a third of the time.
const load = createRequire(__filename);
Object.assign(load('@ton/crypto/dist/primitives/sha256') as object, load('../helpers/nativeSha256.js') as object);
