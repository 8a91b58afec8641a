import { argmax, linear, requantise, rescale } from '../operators';
import type { DecoderModel, Projection } from './model';
import { type Scale, within } from './numbers';
import { add, attention, embedding, gated, norm, requantise16, rope } from './operators';

/** What the decoder computes at one position. */
export interface PositionRecord {
    /** The token at the position. */
    readonly token: number;
    /** The position, from 0; it is the step of a trace. */
    readonly position: number;
    /** Outputs of the operators by their number: `1 + 7·L` of them, with logits `3 + 7·L`. */
    readonly operators: readonly (Int32Array | Int8Array)[];
    /** `A` of every `linear`: qkv, o, gate and up, down of each layer, then the head's where there are logits. */
    readonly accumulators: readonly Int32Array[];
    /** i32 `[V]` where the next token is sampled, else null. */
    readonly logits: Int32Array | null;
}

/** Number of the qkv operator of layer `l`: what the cache holds is a part of its output. */
const qkvOperator = (l: number): number => 2 + 7 * l;

/**
 * decoder.md, section 3: computes the positions of some tokens at once, layer by layer, after those computed before.
 *
 * The records before are the cache: keys and values of an earlier position are a part of its record.
 *
 * @param model - what `readDecoder` gave
 * @param before - the records of positions 0 … `before.length − 1`
 * @param tokens - of the next positions, at least one; a token not below `V` is refused before anything is computed (`operand`)
 * @param logitsFrom - the first position whose logits are wanted; those before it stop after the last layer
 */
export function computePositions(
    model: DecoderModel,
    before: readonly PositionRecord[],
    tokens: ArrayLike<number>,
    logitsFrom: number,
): PositionRecord[] {
    const { config } = model;
    const { D, F, H, G, d, E } = config;
    const M = within('the number of tokens', tokens.length, 1, config.T - before.length);
    const outputs: (Int32Array | Int8Array)[][] = Array.from({ length: M }, () => []);
    const accumulators: Int32Array[][] = Array.from({ length: M }, () => []);

    /** `linear` of all rows at once: prefill is `M` rows, a decoding step is one. */
    const project = (rows: readonly Int8Array[], by: Projection, which: readonly number[]): Int32Array[] => {
        const K = rows[0]!.length;
        const N = by.bias.length;
        const A = linear(concatenate(rows), by.weights, by.bias, { M: rows.length, K, N });
        return rows.map((_, m) => {
            const row = A.slice(m * N, (m + 1) * N);
            accumulators[which[m]!]!.push(row);
            return row;
        });
    };
    const all = Array.from({ length: M }, (_, m) => m);

    let R = Array.from(tokens, (token) => embedding(token, model.embedding.weights, model.embedding));
    R.forEach((row, m) => outputs[m]!.push(row));
    model.layers.forEach((layer, l) => {
        const N1 = R.map((row) => norm(row, E, layer.firstNorm).Y);
        const QKV = project(N1, layer.qkv, all).map((A, m) => {
            const C = model.rope.subarray((before.length + m) * d, (before.length + m + 1) * d);
            const rotated = (H + G) * d;
            const z = requantise16(A.subarray(0, rotated), part(layer.qkv, 0, rotated));
            const heads = Array.from({ length: H + G }, (_, h) => {
                const { multiplier, shift } = layer.rope;
                return rope(z.subarray(h * d, (h + 1) * d), C, multiplier[h]!, shift[h]!).Y;
            });
            const values = part(layer.qkv, rotated, A.length);
            const V = requantise(A.subarray(rotated), values.multiplier, values.shift, { M: 1, N: G * d });
            return concatenate([...heads, V]);
        });
        const cache = [...before.map((record) => record.operators[qkvOperator(l)] as Int8Array), ...QKV];
        const Y = QKV.map((own, m) => {
            const seen = cache.slice(0, before.length + m + 1); // the causal mask
            const heads = Array.from({ length: H }, (_, h) => {
                const g = Math.floor((h * G) / H);
                const K = concatenate(seen.map((row) => row.subarray((H + g) * d, (H + g + 1) * d)));
                const V = concatenate(seen.map((row) => row.subarray((H + G + g) * d, (H + G + g + 1) * d)));
                const q = own.subarray(h * d, (h + 1) * d);
                const output = part(layer.attention, h * d, (h + 1) * d);
                return attention(q, K, V, model.exp, part(layer.score, h, h + 1), output).Y;
            });
            return concatenate(heads);
        });
        const R1 = project(Y, layer.o, all).map((A, m) => add(R[m]!, rescale(A, ...scaleOf(layer.o, D))));
        const N2 = R1.map((row) => norm(row, E, layer.secondNorm).Y);
        const U = project(N2, layer.gateUp, all).map((A) => {
            const both = requantise16(A, layer.gateUp);
            return gated(both.subarray(0, F), both.subarray(F), model.sigmoid, layer.index, layer.product).Y;
        });
        R = project(U, layer.down, all).map((A, m) => add(R1[m]!, rescale(A, ...scaleOf(layer.down, D))));
        all.forEach((m) => outputs[m]!.push(N1[m]!, QKV[m]!, Y[m]!, R1[m]!, N2[m]!, U[m]!, R[m]!));
    });

    const sampled = all.filter((m) => before.length + m >= logitsFrom);
    const logits = new Map<number, Int32Array>();
    if (sampled.length > 0) {
        const N = sampled.map((m) => norm(R[m]!, E, model.lastNorm).Y);
        project(N, model.head, sampled).forEach((A, i) => {
            const m = sampled[i]!;
            const row = rescale(A, ...scaleOf(model.head, config.V));
            outputs[m]!.push(N[i]!, row);
            logits.set(m, row);
        });
    }
    return all.map((m) => ({
        token: tokens[m]!,
        position: before.length + m,
        operators: outputs[m]!,
        accumulators: accumulators[m]!,
        logits: logits.get(m) ?? null,
    }));
}

/** The record without last norm and logits, as a position has it whose next token is not sampled. */
export function withoutLogits({ L }: { readonly L: number }, record: PositionRecord): PositionRecord {
    return {
        ...record,
        operators: record.operators.slice(0, 1 + 7 * L),
        accumulators: record.accumulators.slice(0, 4 * L),
        logits: null,
    };
}

/** engine.md, section 2.6, of one row. */
export function greatestLogit(logits: Int32Array): number {
    return argmax(logits, { M: 1, N: logits.length })[0]!;
}

/** Rows one after another. */
function concatenate(rows: readonly Int8Array[]): Int8Array {
    const all = new Int8Array(rows.reduce((sum, row) => sum + row.length, 0));
    let at = 0;
    for (const row of rows) {
        all.set(row, at);
        at += row.length;
    }
    return all;
}

/** Multipliers and shifts of channels `from` … `to − 1`. */
function part(scale: Scale, from: number, to: number): Scale {
    return { multiplier: scale.multiplier.subarray(from, to), shift: scale.shift.subarray(from, to) };
}

/** The last three operands of `rescale`, for one row of `N` channels. */
function scaleOf({ multiplier, shift }: Scale, N: number): [Int32Array, Uint32Array, { M: number; N: number }] {
    return [multiplier, shift, { M: 1, N }];
}
