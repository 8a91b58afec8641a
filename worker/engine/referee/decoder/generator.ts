import { createHash } from 'node:crypto';

/** The state of xoshiro128**: four `u32` words, not all 0 (generation.md, section 3.5). */
export type GeneratorState = readonly [number, number, number, number];

const SEED_TAG = 'ton-compute-market/seed/v1';

/**
 * generation.md, section 3.5: the state at the start of a request.
 *
 * @param seed - 64 bits
 */
export function seedGenerator(seed: bigint): GeneratorState {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(seed);
    const digest = createHash('sha256').update(SEED_TAG, 'ascii').update(bytes).digest();
    return startingState([0, 4, 8, 12].map((at) => digest.readUInt32LE(at)));
}

/** Four words as they are, but for the one state that the generator cannot leave. */
export function startingState([s0, s1, s2, s3]: readonly number[]): GeneratorState {
    const none = s0 === 0 && s1 === 0 && s2 === 0 && s3 === 0;
    return [none ? 1 : s0!, s1!, s2!, s3!];
}

/** generation.md, section 3.5: the next number, `u32`, and the state after it. */
export function nextNumber([s0, s1, s2, s3]: GeneratorState): { readonly r: number; readonly state: GeneratorState } {
    const r = Math.imul(rotl(Math.imul(s1, 5), 7), 9) >>> 0;
    const t = s1 << 9;
    const s2a = s2 ^ s0;
    const s3a = s3 ^ s1;
    const s1b = s1 ^ s2a;
    const s0b = s0 ^ s3a;
    const s2b = s2a ^ t;
    const s3b = rotl(s3a, 11);
    return { r, state: [s0b >>> 0, s1b >>> 0, s2b >>> 0, s3b >>> 0] };
}

function rotl(x: number, by: number): number {
    return ((x << by) | (x >>> (32 - by))) >>> 0;
}
