import { greatestLogit } from './graph';
import { within } from './numbers';
import type { DecoderRequest } from './request';

/** Every value of one sampling with a temperature (generation.md, sections 3.1 to 3.4). */
export interface Sampling {
    /** What top-k kept, greatest logit first: `c_0, c_1, …`. */
    readonly candidates: readonly number[];
    /** `δ` of each, 0 … 2^32 − 1. */
    readonly differences: readonly number[];
    /** Index into the exp table of each, 0 … 4095. */
    readonly indices: readonly number[];
    /** Weight of each, 0 … 32,768. */
    readonly weights: readonly number[];
    /** Their sum, below 2^32. */
    readonly S: number;
    /** `⌈top_p·S / 10,000⌉`. */
    readonly threshold: number;
    /** How many top-p kept. */
    readonly m: number;
    /** The sum of their weights. */
    readonly kept: number;
    /** `⌊r·S' / 2^32⌋`. */
    readonly x: number;
    /** The next token. */
    readonly token: number;
}

/**
 * generation.md, section 3: the next token.
 *
 * @param logits - i32 `[V]`
 * @param request - its temperature, top-k and top-p
 * @param exp - the model's table
 * @param r - the generator's next number; without effect at temperature 0
 */
export function nextToken(
    logits: Int32Array,
    request: Pick<DecoderRequest, 'temperature' | 'topK' | 'topP'>,
    exp: Uint16Array,
    r: number,
): number {
    return request.temperature === 0 ? greatestLogit(logits) : sample(logits, request, exp, r).token;
}

/**
 * generation.md, sections 3.1 to 3.4, with every value in between.
 *
 * @param logits - i32 `[V]`
 * @param request - its temperature, 1 … 20,000, top-k and top-p
 * @param exp - the model's table
 * @param r - the generator's next number, `u32`
 */
export function sample(
    logits: Int32Array,
    { temperature, topK, topP }: Pick<DecoderRequest, 'temperature' | 'topK' | 'topP'>,
    exp: Uint16Array,
    r: number,
): Sampling {
    const tau = within('temperature', temperature, 1, 20_000);
    within('r', r, 0, 2 ** 32 - 1);
    const sorted = Array.from(logits.keys()).sort((v, w) => logits[w]! - logits[v]! || v - w);
    const candidates = topK === 0 ? sorted : sorted.slice(0, topK);
    const z = logits[candidates[0]!]!;

    const differences = candidates.map((v) => within('δ', z - logits[v]!, 0, 2 ** 32 - 1));
    const indices = differences.map((delta) => {
        const dividend = within('the dividend', Math.min(delta, 2 ** 21) * 625 + 8 * tau, 0, 2 ** 31 - 1);
        return Math.min(4_095, Math.floor(dividend / (16 * tau)));
    });
    const weights = indices.map((i) => exp[i]!);
    const S = within('S', sum(weights), 1, 2 ** 32 - 1);
    const threshold = within('the threshold', Math.ceil((topP * S) / 10_000), 1, S); // below 2^46: a double is exact

    let m = 0;
    let kept = 0;
    while (kept < threshold) kept += weights[m++]!;
    const x = within('x', Number((BigInt(r) * BigInt(kept)) >> 32n), 0, kept - 1);
    let j = 0;
    for (let reached = weights[0]!; reached <= x; reached += weights[j]!) j++;
    return { candidates, differences, indices, weights, S, threshold, m, kept, x, token: candidates[j]! };
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
}
