import fc from 'fast-check';
import {
    cellTree,
    decoderRoot,
    generate,
    leafCell,
    merkleProof,
    modelLeaves,
    packRows,
    pathInTree,
    type PlainCell,
    plainCell,
    positionSalt,
    readConfiguration,
    readDecoder,
    recordLeaves,
    recordPlaces,
    reversedLimbs,
    tensorPlaces,
    traceOf,
    traceRoot,
} from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, randomDecoder, randomRequest } from '../../fixtures/decoder';
import { refusal } from '../support';
import { bytesOf, digest, hexOf, openProof, toCell } from './libraryCells';
import { quoted } from './page';

const salt = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

describe('cells and trees (trace.md, section 1)', () => {
    const data = fc.uint8Array({ maxLength: 127 });

    it('hashes as the library does', () => {
        const above = (below: fc.Arbitrary<PlainCell>): fc.Arbitrary<PlainCell> =>
            fc
                .tuple(data, fc.array(below, { maxLength: 4 }))
                .map(([bytes, references]) => plainCell(bytes, references));
        const leaf = data.map((bytes) => plainCell(bytes));
        const tree = above(fc.oneof(leaf, above(fc.oneof(leaf, above(leaf)))));
        fc.assert(
            fc.property(tree, (cell) => {
                const other = toCell(cell);
                expect([hexOf(cell.hash), cell.depth]).toEqual([hexOf(other.hash()), other.depth()]);
            }),
        );
        expect(refusal(() => plainCell(new Uint8Array(128)))).toBe('operand');
        expect(refusal(() => plainCell(new Uint8Array(0), new Array(5).fill(plainCell(new Uint8Array(0)))))).toBe(
            'operand',
        );
    });

    it('puts four under each, and finds each by its digits', () => {
        for (const [count, depth] of [
            [1, 0],
            [2, 1],
            [4, 1],
            [5, 2],
            [15, 2],
            [16, 2],
            [17, 3],
            [64, 3],
            [65, 4],
        ] as const) {
            const cells = Array.from({ length: count }, (_, i) => plainCell(Uint8Array.of(i)));
            const tree = cellTree(cells);
            expect(tree.depth).toBe(depth);
            cells.forEach((cell, i) => {
                const path = pathInTree(i, count);
                expect(path.join('')).toBe(depth === 0 ? '' : i.toString(4).padStart(depth, '0'));
                expect(path.reduce((at, reference) => at.references[reference]!, tree)).toBe(cell);
                expect(hexOf(openProof(merkleProof(tree, path), tree.hash, path).hash())).toBe(hexOf(cell.hash));
            });
        }
        const level = cellTree([0, 1, 2, 3, 4].map((i) => plainCell(Uint8Array.of(i))));
        expect(level.references.map(({ references }) => references.length)).toEqual([4, 1]);
        expect(refusal(() => cellTree([]))).toBe('operand');
        expect(refusal(() => pathInTree(4, 4))).toBe('operand');
        expect(refusal(() => merkleProof(level, [2]))).toBe('operand');
    });

    it('proves nothing of another cell: a proof with another leaf has another root', () => {
        const cells = Array.from({ length: 9 }, (_, i) => plainCell(Uint8Array.of(i)));
        const changed = cells.with(6, plainCell(Uint8Array.of(66)));
        const proof = merkleProof(cellTree(changed), pathInTree(6, 9));
        expect(hexOf(proof.refs[0]!.hash(0))).not.toBe(hexOf(cellTree(cells).hash));
    });
});

describe('modelRoot (trace.md, section 2)', () => {
    it.each(['uneven', 'oneKeyHead'])('has a leaf for each channel and each other row: %s', (name) => {
        const { V, D, F, L, H, G, d, T } = DIMENSIONS[name]!;
        const { file, shape } = randomDecoder(6, DIMENSIONS[name]!);
        const leaves = modelLeaves(file);
        const vocabulary = Buffer.concat(shape.vocabulary).length > 0 ? 1 : 0;
        const layer = 2 + (H + 2 * G) * d + 2 + 2 + 2 + D + 2 + 2 * F + 2 + 2 + D;
        expect(leaves).toHaveLength(T + 3 + vocabulary + V + L * layer + 2 + V);
        expect(new Set(leaves.map(({ tensor, row }) => `${tensor}/${row}`)).size).toBe(leaves.length);
        leaves.forEach(({ tensor, row, cell }) => {
            expect(Buffer.from(cell.data).readUInt32BE(8)).toBe(tensor);
            expect(Buffer.from(cell.data).readUInt32BE(12)).toBe(row);
        });
        const channels = leaves.filter(({ cell }) => Buffer.from(cell.data.subarray(0, 8)).toString() === 'CM.mch.1');
        const numbers = [10, 20, 26, 34].flatMap((place) => Array.from({ length: L }, (_, l) => place + 30 * l));
        expect(new Set(channels.map(({ tensor }) => tensor))).toEqual(new Set([5, ...numbers, 10 + 30 * L]));
    });

    it('binds configuration, tables, weights and scales', () => {
        const { file } = randomDecoder(6, DIMENSIONS.ones!);
        const root = decoderRoot(file);
        const tensors = tensorPlaces(readConfiguration(file)).filter(({ bytes }) => bytes > 0);
        const sine = tensors[0]!.offset + 2; // at position 0: a cosine there has no room above
        const later = tensors.slice(5).map(({ offset }) => offset);
        for (const offset of [64, 112, sine, ...later]) {
            const changed = Uint8Array.from(file);
            changed[offset]! ^= offset === 64 ? 2 : 1; // epsilon is 1
            expect([offset, decoderRoot(changed)]).not.toEqual([offset, root]);
        }
        expect(refusal(() => decoderRoot(file.slice(1)))).toBe('magic');
    });

    it('leaves an empty vocabulary out', () => {
        const { shape, file } = randomDecoder(6, DIMENSIONS.ones!);
        const empty = shape.vocabulary.every((token) => token.length === 0);
        expect(modelLeaves(file).filter(({ tensor }) => tensor === 4)).toHaveLength(empty ? 0 : 1);
    });

    it('has the example’s digest of 32 weights', () => {
        const weights = Int8Array.from({ length: 32 }, (_, i) => i);
        const wanted = quoted('4. Layouts that the example is too small for', /31, 30 is\n`(\w+)`/);
        expect(hexOf(digest(reversedLimbs(weights)))).toBe(wanted);
    });
});

describe('traceRoot (trace.md, section 3)', () => {
    it('packs rows without a gap, in order, and none longer than a leaf', () => {
        const rows = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 12 });
        fc.assert(
            fc.property(rows, fc.nat(12), (lengths, lastNorm) => {
                const places = packRows(lengths, lastNorm);
                lengths.forEach((length, operator) => {
                    const parts = places.filter((place) => place.operator === operator);
                    expect(parts.map(({ from }) => from)).toEqual(parts.map((_, i) => 4_096 * i));
                    expect(parts.map(({ bytes }) => bytes)).toEqual(
                        parts.map((_, i) => Math.min(4_096, length - 4_096 * i)),
                    );
                });
                places.forEach((place, i) => {
                    const { leaf, start, bytes, operator, from } = place;
                    const before = places[i - 1];
                    const end = before === undefined ? 0 : before.start + before.bytes;
                    const begins = end + bytes > 4_096 || (operator === lastNorm && from === 0 && i > 0);
                    expect([leaf, start]).toEqual(begins ? [before!.leaf + 1, 0] : [before?.leaf ?? 0, end]);
                    expect(start + bytes).toBeLessThanOrEqual(4_096);
                });
            }),
        );
    });

    it.each(['wideHead', 'wideResidual', 'ones'])('has leaves of every output, once: %s', (name) => {
        const { shape, file } = randomDecoder(8, DIMENSIONS[name]!);
        const model = readDecoder(file);
        const { records } = generate(model, randomRequest(2, shape));
        for (const record of records) {
            const leaves = recordLeaves(model.config, record);
            const bytes = record.operators.map((row) => Buffer.from(row.slice().buffer)); // little-endian, as here
            expect(hexOf(Buffer.concat(leaves))).toBe(hexOf(Buffer.concat(bytes)));
            const places = recordPlaces(model.config, record.logits !== null);
            expect(places.at(-1)!.leaf).toBe(leaves.length - 1);
            for (const { operator, from, bytes: length, leaf, start } of places) {
                const part = bytes[operator]!.subarray(from, from + length);
                expect(hexOf(leaves[leaf]!.subarray(start, start + length))).toBe(hexOf(part));
            }
        }
    });

    it('is the same whatever a prefix cache held', () => {
        const { shape, file } = randomDecoder(8, DIMENSIONS.uneven!);
        const model = readDecoder(file);
        const request = randomRequest(2, shape, { prompt: [1, 2, 3, 4], maxTokens: 3 });
        const plain = generate(model, request);
        const earlier = generate(model, randomRequest(5, shape, { prompt: [1, 2], maxTokens: 2 })).records;
        const cached = generate(model, request, earlier);
        expect(cached.counts.cached).toBe(2); // one of them was sampled in the earlier run, and has a second leaf there
        const [a, b] = [plain, cached].map(({ records }) =>
            traceRoot(traceOf(model.config, decoderRoot(file), salt, records)),
        );
        expect(b).toBe(a);
    });

    it('binds salt, model, number of positions and every output', () => {
        const { shape, file } = randomDecoder(8, DIMENSIONS.ones!);
        const model = readDecoder(file);
        const root = decoderRoot(file);
        const { records } = generate(model, randomRequest(2, shape));
        const trace = traceOf(model.config, root, salt, records);
        const plain = traceRoot(trace);
        const count = Buffer.from([0, 0, 0, records.length]);
        expect(hexOf(trace.root.data)).toBe(
            hexOf(Buffer.concat([bytesOf('CM.trc.1'), Buffer.from(root, 'hex'), count])),
        );
        const others = [
            traceOf(model.config, root, salt.with(31, 7), records),
            traceOf(model.config, '00'.repeat(32), salt, records),
        ];
        records[0]!.operators.forEach((row, i) => {
            const changed = row.slice();
            changed[0]! ^= 1;
            const operators = records[0]!.operators.with(i, changed);
            others.push(traceOf(model.config, root, salt, [{ ...records[0]!, operators }, ...records.slice(1)]));
        });
        const roots = others.map(traceRoot);
        expect(new Set([plain, ...roots]).size).toBe(1 + others.length);
        expect(positionSalt(salt, 258)).toEqual(
            digest(bytesOf('ton-compute-market/trace/v1'), salt, Uint8Array.of(2, 1, 0, 0)),
        );
        expect(refusal(() => leafCell(salt.slice(1), 0, 0, new Uint8Array(0)))).toBe('salt');
    });
});
