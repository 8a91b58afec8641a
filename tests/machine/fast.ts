import { hash } from 'node:crypto';
import { createRequire } from 'node:module';

// Outside jest, whose configuration does the same: the JavaScript SHA-256 of @ton/crypto takes a third of the time.
const load = createRequire(__filename);
const sha256 = load('@ton/crypto/dist/primitives/sha256') as { sha256_sync: (source: Buffer | string) => Buffer };
sha256.sha256_sync = (source) => hash('sha256', source, 'buffer');
