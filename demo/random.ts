import { createHash } from 'node:crypto';

/** Gives the next so many bytes. */
export type RandomBytes = (length: number) => Buffer;

/**
 * Bytes that look random and are the same in every run with the same seed. For the demo only: whoever knows the seed knows every
 * key and salt.
 *
 * @param label - separates what must not be related
 */
export function seededBytes(seed: number, label: string): RandomBytes {
    let counter = 0;
    return (length) => {
        const parts: Buffer[] = [];
        for (let have = 0; have < length; have += 32) {
            parts.push(createHash('sha256').update(`demo/${seed}/${label}/${counter++}`).digest());
        }
        return Buffer.concat(parts).subarray(0, length);
    };
}
