import type { Scale } from '../../../worker/engine/referee/decoder';

/** Multipliers and shifts, a pair for each channel. */
export function scaleOf(factors: readonly (readonly [number, number])[]): Scale {
    return {
        multiplier: Int32Array.from(factors, ([multiplier]) => multiplier),
        shift: Uint32Array.from(factors, ([, shift]) => shift),
    };
}

/** The same pair for `n` channels. */
export function rep(multiplier: number, shift: number, n: number): Scale {
    return scaleOf(Array.from({ length: n }, () => [multiplier, shift]));
}
