import type { DecoderModel, Projection, Scale } from '../../../worker/engine/referee/decoder';
import { add, attention, type Factor, gated, norm, rescale, rope, to16, to8 } from './formulas';

type Row = readonly bigint[];

const big = (values: ArrayLike<number>): bigint[] => Array.from(values, BigInt);
const factorsOf = ({ multiplier, shift }: Scale): Factor[] =>
    Array.from(multiplier, (value, n) => [BigInt(value), BigInt(shift[n]!)] as const);

/** engine.md, 2.2, of one row. */
function linear(x: Row, { weights, bias }: Projection): bigint[] {
    const K = x.length;
    return Array.from(bias, (b, n) => {
        const sum = x.reduce((total, value, k) => total + value * BigInt(weights[n * K + k]!), BigInt(b));
        return BigInt.asIntN(32, sum);
    });
}

/**
 * decoder.md, section 3, a second time for tests: all positions of some tokens on unbounded integers, without a cache.
 *
 * @returns for each position the numbered outputs, logits included
 */
export function wholeGraph(model: DecoderModel, tokens: readonly number[]): bigint[][][] {
    const { D, F, H, G, d, E } = model.config;
    const record: bigint[][][] = tokens.map(() => []);
    const embedding = factorsOf(model.embedding);
    let R = tokens.map((token) =>
        big(model.embedding.weights.slice(token * D, (token + 1) * D)).map((w) => rescale(w, embedding[token]!)),
    );
    const note = (rows: readonly bigint[][]): void => rows.forEach((row, p) => record[p]!.push(row));
    const residual = (x: readonly bigint[][], by: Projection): bigint[][] => {
        const factors = factorsOf(by);
        return x.map((row, p) => linear(row, by).map((a, k) => add(R[p]![k]!, rescale(a, factors[k]!))));
    };
    const normed = (by: Scale): bigint[][] => R.map((row) => norm(row, BigInt(E), factorsOf(by)));
    note(R);
    for (const layer of model.layers) {
        const N = normed(layer.firstNorm);
        note(N);
        const [projected, rotation, score, output] = [layer.qkv, layer.rope, layer.score, layer.attention].map(
            factorsOf,
        );
        const heads = N.map((row, p) => {
            const A = linear(row, layer.qkv);
            const C = big(model.rope.slice(p * d, (p + 1) * d));
            return Array.from({ length: H + 2 * G }, (_, head) => {
                const channels = Array.from({ length: d }, (_, j) => head * d + j);
                if (head >= H + G) return channels.map((n) => to8(A[n]!, projected![n]!));
                return rope(
                    channels.map((n) => to16(A[n]!, projected![n]!)),
                    C,
                    rotation![head]!,
                );
            });
        });
        note(heads.map((row) => row.flat()));
        const Y = heads.map((row, p) =>
            Array.from({ length: H }, (_, h) => {
                const g = Number((BigInt(h) * BigInt(G)) / BigInt(H));
                const seen = heads.slice(0, p + 1);
                return attention(
                    ...([row[h]!, seen.map((at) => at[H + g]!), seen.map((at) => at[H + G + g]!)] as const),
                    ...([(i: bigint) => BigInt(model.exp[Number(i)]!), score![h]!] as const),
                    output!.slice(h * d, (h + 1) * d),
                );
            }).flat(),
        );
        note(Y);
        R = residual(Y, layer.o);
        note(R);
        const N2 = normed(layer.secondNorm);
        note(N2);
        const [wide, index, product] = [layer.gateUp, layer.index, layer.product].map(factorsOf);
        const U = N2.map((row) => {
            const z = linear(row, layer.gateUp).map((a, n) => to16(a, wide![n]!));
            const sigmoid = (i: bigint): bigint => BigInt(model.sigmoid[Number(i)]!);
            return Array.from({ length: F }, (_, k) => gated(z[k]!, z[F + k]!, sigmoid, index![0]!, product![k]!));
        });
        note(U);
        R = residual(U, layer.down);
        note(R);
    }
    const last = normed(model.lastNorm);
    note(last);
    const head = factorsOf(model.head);
    note(last.map((row) => linear(row, model.head).map((a, v) => rescale(a, head[v]!))));
    return record;
}
