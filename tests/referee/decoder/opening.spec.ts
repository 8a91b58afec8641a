import fc from 'fast-check';
import {
    cellChain,
    generate,
    merkleProof,
    modelCell,
    modelLeaves,
    openedParts,
    pathInTree,
    positionSalt,
    productByLimbs,
    readDecoder,
    recordLeaves,
    recordPlaces,
    rescaleSigned,
    traceOf,
    weightParts,
} from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, randomDecoder, randomRequest } from '../../fixtures/decoder';
import { refusal } from '../support';
import { digest, hexOf, joined, openProof, toCell } from './libraryCells';

const salt = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

describe('opening an element (trace.md, section 4)', () => {
    it('computes the product from limbs', () => {
        const rows = fc.integer({ min: 1, max: 130 }).chain((K) => {
            const row = fc.array(fc.oneof(fc.integer({ min: -128, max: 127 }), fc.constantFrom(-128, 127)), {
                minLength: K,
                maxLength: K,
            });
            return fc.tuple(row, row);
        });
        fc.assert(
            fc.property(rows, ([x, w]) => {
                const wanted = x.reduce((sum, value, k) => sum + value * w[k]!, 0);
                expect(productByLimbs(Int8Array.from(x), Int8Array.from(w))).toBe(wanted);
            }),
        );
        const [least, most] = [new Int8Array(4_096).fill(-128), new Int8Array(4_096).fill(127)];
        expect([productByLimbs(least, least), productByLimbs(most, least)]).toEqual([
            4_096 * 2 ** 14,
            -4_096 * 127 * 128,
        ]);
    });

    it('lays an opened leaf out in three parts', () => {
        const leaf = Uint8Array.from({ length: 1_000 }, (_, i) => i & 0xff);
        const sizes = (start: number, length: number): number[] =>
            openedParts(leaf, start, length).map((part) => part.length);
        expect(sizes(300, 250)).toEqual([127, 127, 46, 120, 120, 10, 127, 127, 127, 69]);
        expect(sizes(0, 240)).toEqual([120, 120, 127, 127, 127, 127, 127, 125]);
        expect(sizes(873, 127)).toEqual([127, 127, 127, 127, 127, 127, 111, 120, 7]);
        expect(sizes(0, 1_000)).toEqual([120, 120, 120, 120, 120, 120, 120, 120, 40]);
        expect(joined(toCell(cellChain(openedParts(leaf, 300, 250)))).equals(leaf)).toBe(true);
        expect(refusal(() => openedParts(leaf, 900, 101))).toBe('bound');
        expect(weightParts(new Int8Array(250)).map((part) => part.length)).toEqual([120, 120, 10]);
        expect(refusal(() => cellChain([]))).toBe('operand');
    });

    // What a contract would do, with nothing but the roots, the proofs and the chains.
    it.each(['uneven', 'wideResidual'])('opens one element of each linear and recomputes it: %s', (name) => {
        const { shape, file } = randomDecoder(8, DIMENSIONS[name]!);
        const model = readDecoder(file);
        const { D, H, G, d, F, V } = model.config;
        const leaves = modelLeaves(file);
        const modelRoot = modelCell(file, leaves);
        const { records } = generate(model, randomRequest(2, shape, { prompt: [1, 2, 3], maxTokens: 2 }));
        const trace = traceOf(model.config, hexOf(modelRoot.hash), salt, records);
        const p = 2;

        /** The bytes of an operator's row, from the proof of its leaves alone. */
        const openRow = (operator: number): Buffer => {
            const places = recordPlaces(model.config, true).filter((place) => place.operator === operator);
            return Buffer.concat(
                places.map(({ leaf, start, bytes }) => {
                    const path = [0, ...pathInTree(p, records.length), ...pathInTree(leaf, trace.leaves[p]!.length)];
                    const cell = openProof(merkleProof(trace.root, path), trace.root.hash, path).beginParse();
                    expect(cell.loadBuffer(8).toString()).toBe('CM.trl.1');
                    expect(hexOf(cell.loadBuffer(32))).toBe(hexOf(positionSalt(salt, p)));
                    expect([cell.loadUint(32), cell.loadUint(32)]).toEqual([p, leaf]);
                    const chain = cellChain(openedParts(recordLeaves(model.config, records[p]!)[leaf]!, start, bytes));
                    const opened = joined(toCell(chain));
                    expect(hexOf(digest(opened))).toBe(hexOf(cell.loadBuffer(32)));
                    return opened.subarray(start, start + bytes);
                }),
            );
        };
        /** `rescale(linear)` of one channel, from the proof of its cell and the chain of its weights alone. */
        const recompute = (tensor: number, row: number, input: Buffer, weights: Int8Array): number => {
            const index = leaves.findIndex((leaf) => leaf.tensor === tensor && leaf.row === row);
            const path = [0, ...pathInTree(index, leaves.length)];
            const cell = openProof(merkleProof(modelRoot, path), modelRoot.hash, path).beginParse();
            expect(cell.loadBuffer(8).toString()).toBe('CM.mch.1');
            expect([cell.loadUint(32), cell.loadUint(32)]).toEqual([tensor, row]);
            const [bias, multiplier, shift, sum] = [
                cell.loadInt(32),
                cell.loadInt(32),
                cell.loadUint(32),
                cell.loadInt(32),
            ];
            expect(sum).toBe(weights.reduce((total, weight) => total + weight, 0));
            const chain = joined(toCell(cellChain(weightParts(weights))));
            expect(hexOf(digest(chain))).toBe(hexOf(cell.loadBuffer(32)));
            const A = Number(BigInt.asIntN(32, BigInt(productByLimbs(Int8Array.from(input), weights) + bias)));
            return rescaleSigned(A, multiplier, shift);
        };
        const rowOf = (weights: Int8Array, K: number, n: number): Int8Array => weights.slice(n * K, (n + 1) * K);
        const word = (bytes: Buffer, i: number): number => bytes.readInt32LE(4 * i);
        const layer = model.layers[0]!;
        const last = 7 * model.config.L;

        const value = (H + G) * d + 1;
        const V1 = recompute(10, value, openRow(1), rowOf(layer.qkv.weights, D, value));
        expect(openRow(2).readInt8(value)).toBe(Math.max(-128, Math.min(127, V1)));
        for (const k of [0, D - 1]) {
            const o = recompute(20, k, openRow(3), rowOf(layer.o.weights, H * d, k));
            expect(word(openRow(4), k)).toBe(word(openRow(0), k) + o);
            const down = recompute(34, k, openRow(6), rowOf(layer.down.weights, F, k));
            expect(word(openRow(7), k)).toBe(word(openRow(4), k) + down);
        }
        const logit = recompute(
            10 + 30 * model.config.L,
            V - 1,
            openRow(1 + last),
            rowOf(model.head.weights, D, V - 1),
        );
        expect(word(openRow(2 + last), V - 1)).toBe(logit);
    });
});
