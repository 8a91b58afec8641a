import { Sha256 } from './sha256';

const SEED_TAG = 'ton-compute-market/seed/v1';
/** Differences of logits above this have the last index of the exp table at every temperature. */
const GREATEST_DIFFERENCE = 2 ** 21;
const LAST_INDEX = 4095;
const ONE = 10_000;

/** xoshiro128** 1.1 by Blackman and Vigna (docs/engine/generation.md, section 3.5). */
export class Generator {
    private readonly state: Uint32Array;

    /** @param state - four words, not all of them 0. */
    constructor(state: ArrayLike<number>) {
        this.state = Uint32Array.from(state);
    }

    /** The generator of a request: its state is the beginning of the hash of the seed. */
    static ofSeed(seed: bigint, sha256: Sha256): Generator {
        const bytes = new Uint8Array(SEED_TAG.length + 8);
        bytes.set(new TextEncoder().encode(SEED_TAG));
        new DataView(bytes.buffer).setBigUint64(SEED_TAG.length, seed, true);
        const digest = sha256(bytes);
        const view = new DataView(digest.buffer, digest.byteOffset);
        const state: number[] = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
        if (!state.some((word) => word > 0)) state[0] = 1;
        return new Generator(state);
    }

    /** The next number, 0 … 2^32 − 1. */
    next(): number {
        const s = this.state;
        const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
        const shifted = s[1]! << 9;
        s[2]! ^= s[0]!;
        s[3]! ^= s[1]!;
        s[1]! ^= s[2]!;
        s[0]! ^= s[3]!;
        s[2]! ^= shifted;
        s[3] = rotateLeft(s[3]!, 11);
        return result;
    }
}

/** How to choose a token; the fields are those of a request. */
export interface SamplingRule {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
}

/**
 * Chooses the next token (docs/engine/generation.md, section 3) and takes one number from the generator if the temperature is not 0.
 * Every intermediate is below 2^53, so plain numbers are exact.
 *
 * @param logits - `[V]`, int32.
 * @param exp - the model's table.
 */
export function sample(logits: Int32Array, exp: Uint16Array, rule: SamplingRule, generator: Generator): number {
    const { temperature, topK, topP } = rule;
    if (temperature === 0) return argmax(logits);

    const kept = greatest(logits, topK === 0 ? logits.length : Math.min(topK, logits.length));
    const highest = logits[kept[0]!]!;
    const weights = Uint16Array.from(kept, (token) => {
        const difference = Math.min(highest - logits[token]!, GREATEST_DIFFERENCE);
        return exp[Math.min(LAST_INDEX, Math.floor((difference * 625 + 8 * temperature) / (16 * temperature)))]!;
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const threshold = topP * Math.floor(sum / ONE) + Math.ceil((topP * (sum % ONE)) / ONE);
    let count = 0;
    let reached = 0;
    while (reached < threshold) reached += weights[count++]!;

    const drawn = multiplyHigh(generator.next(), reached);
    let passed = weights[0]!;
    let choice = 0;
    while (passed <= drawn) passed += weights[++choice]!;
    return kept[choice]!;
}

/** The least index of the greatest value (docs/engine.md, section 2.6). */
export function argmax(values: Int32Array): number {
    let winner = 0;
    for (let i = 1; i < values.length; i++) if (values[i]! > values[winner]!) winner = i;
    return winner;
}

/** The indices of so many greatest values, greatest first, of equal ones the lower index first. */
function greatest(values: Int32Array, count: number): Uint32Array {
    // One key orders by value and then by index: at most 2^32 · 2^17, exact in a double.
    const keys = Float64Array.from(values, (value, index) => (2 ** 31 - 1 - value) * 2 ** 17 + index).sort();
    return Uint32Array.from(keys.subarray(0, count), (key) => key % 2 ** 17);
}

/** `⌊a·b / 2^32⌋` of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
    const low = (a % 65_536) * b;
    const high = Math.floor(a / 65_536) * b;
    return Math.floor((high + Math.floor(low / 65_536)) / 65_536);
}

function rotateLeft(word: number, bits: number): number {
    return (word << bits) | (word >>> (32 - bits));
}
