/**
 * A second reading of docs/engine/decoder.md: its formulas on unbounded integers, one element at a time, for tests. It has no code in
 * common with the referee, and finds by search what the referee computes in closed form.
 */

/** One use of `rescale`. */
export type Factor = readonly [multiplier: bigint, shift: bigint];

const MAX32 = 2n ** 31n - 1n;

export const clamp = (x: bigint, least: bigint, greatest: bigint): bigint =>
    x < least ? least : x > greatest ? greatest : x;

/** engine.md, 2.3: to the nearest, ties up, by comparing twice the remainder. Shifting a negative `bigint` rounds down. */
export function rescale(a: bigint, [multiplier, shift]: Factor): bigint {
    const P = a * multiplier;
    const floor = P >> shift;
    const rest = P - (floor << shift);
    return clamp(2n * rest >= 1n << shift && shift > 0n ? floor + 1n : floor, -MAX32 - 1n, MAX32);
}

export const to8 = (a: bigint, factor: Factor): bigint => clamp(rescale(a, factor), -128n, 127n);
export const to16 = (a: bigint, factor: Factor): bigint => clamp(rescale(a, factor), -32_768n, 32_767n);

/** 2.2 */
export function norm(X: readonly bigint[], E: bigint, factors: readonly Factor[]): bigint[] {
    const m = X.reduce(
        (most, value) => (value < 0n ? (-value > most ? -value : most) : value > most ? value : most),
        0n,
    );
    let b = 0n;
    while (m >> b >= 2n ** 14n) b++;
    const x = X.map((value) => rescale(value, [1n, b]));
    const S = x.reduce((sum, value) => sum + value ** 2n, 0n) + E / 4n ** b;
    // S / 4^e with numerator and denominator, so that e may be negative
    const scaled = (e: bigint): bigint => (e < 0n ? S * 4n ** -e : S / 4n ** e);
    let e = -15n;
    while (scaled(e) >= 2n ** 32n) e++;
    const s = scaled(e);
    let [r, above] = [0n, 2n ** 16n]; // r^2 ≤ s < above^2
    while (above - r > 1n) {
        const middle = (r + above) / 2n;
        if (middle * middle <= s) r = middle;
        else above = middle;
    }
    const u = 2n ** 31n / r;
    return x.map((value, k) => to8(value * u, [factors[k]![0], factors[k]![1] + e]));
}

/** 2.3 */
export function rope(X: readonly bigint[], C: readonly bigint[], factor: Factor): bigint[] {
    const half = X.length / 2;
    return X.map((value, j) => {
        const [c, n] = [C[j % half]!, C[half + (j % half)]!];
        return to8(j < half ? value * c - X[j + half]! * n : value * c + X[j - half]! * n, factor);
    });
}

/** 2.4, with `K` and `V` as rows of positions. */
export function attention(
    q: readonly bigint[],
    K: readonly (readonly bigint[])[],
    V: readonly (readonly bigint[])[],
    exp: (i: bigint) => bigint,
    score: Factor,
    output: readonly Factor[],
): bigint[] {
    const a = K.map((key) => key.reduce((sum, value, j) => sum + q[j]! * value, 0n));
    const z = a.reduce((most, value) => (value > most ? value : most));
    const w = a.map((value) => exp(clamp(rescale(z - value, score), 0n, 4_095n)));
    const W = w.reduce((sum, value) => sum + value, 0n);
    const P = w.map((value) => (value * 65_536n + W / 2n) / W);
    return q.map((_, j) =>
        to8(
            V.reduce((sum, row, t) => sum + P[t]! * row[j]!, 0n),
            output[j]!,
        ),
    );
}

/** 2.5, for one channel. */
export function gated(gate: bigint, up: bigint, sigmoid: (i: bigint) => bigint, index: Factor, output: Factor): bigint {
    const i = clamp(rescale(gate, index), -2_048n, 2_047n) + 2_048n;
    return to8(rescale(gate * sigmoid(i), [1n, 15n]) * up, output);
}

/** 2.6 */
export const add = (R: bigint, x: bigint): bigint => clamp(R + x, -MAX32 - 1n, MAX32);
