// What @ton/crypto's module of this name exports, on Node's own SHA-256: a third of a test run's time was that module's hashing
// in JavaScript, for every cell that the sandbox reads.
const { hash } = require('node:crypto');

const sha256_sync = (source) => hash('sha256', source, 'buffer');
const sha256 = async (source) => sha256_sync(source);

module.exports = { sha256_sync, sha256, sha256_fallback: sha256 };
