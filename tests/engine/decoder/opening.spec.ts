/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { Cell } from '@ton/core';
import { createHash } from 'node:crypto';
import { openedBytes, openedWeights, proveModelLeaf, proveTraceLeaves } from '../../../worker/engine/decoder/opening';
import { parseRequest } from '../../../worker/engine/decoder/request';
import { Trace } from '../../../worker/engine/decoder/trace';
import { EngineDevice } from '../../../worker/engine/device';
import * as referee from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, randomDecoder, randomRequest } from '../../fixtures/decoder';
import { openTestDevice } from '../support';
import { EXAMPLE_SALT, withDecoder } from './support';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

const hashOf = (cell: Cell): string => cell.hash(0).toString('hex');

/** The data of all cells of a chain, one after another. */
function dataOf(chain: Cell): Buffer {
    const parts: Buffer[] = [];
    for (let cell: Cell | undefined = chain; cell; cell = cell.refs[0]) {
        parts.push(cell.beginParse().loadBuffer(cell.bits.length / 8));
    }
    return Buffer.concat(parts);
}

describe('openings', () => {
    it.each(['plain', 'wideHead', 'oneKeyHead'])("of a trace are the referee's, for %s", async (name) => {
        const { shape, file } = randomDecoder(3, DIMENSIONS[name]!);
        const request = randomRequest(5, shape, {
            prompt: [1, 2, 3, 0],
            maxTokens: 3,
            temperature: 0,
            tokenStops: [],
            byteStops: [],
        });
        let trace: Trace | undefined;
        await withDecoder(device, file, (engine) => {
            const options = { traceSalt: EXAMPLE_SALT, onTrace: (made: Trace): Trace => (trace = made) };
            return engine.generate(parseRequest(request, engine.model.shape), options).result;
        });
        const model = referee.readDecoder(file);
        const { records } = referee.generate(model, request);
        const expected = referee.traceOf(model.config, referee.decoderRoot(file), EXAMPLE_SALT, records);
        expect(trace!.length).toBe(records.length);
        expected.leaves.forEach((leaves, position) => {
            const last = leaves.length - 1;
            for (const chosen of [...leaves.keys()]
                .map((leaf) => [leaf])
                .concat([[0, last, 0]], [[...leaves.keys()]])) {
                const paths = chosen.map((leaf) => [
                    0,
                    ...referee.pathInTree(position, records.length),
                    ...referee.pathInTree(leaf, leaves.length),
                ]);
                const proof = proveTraceLeaves(trace!, position, chosen);
                expect(proof.toBoc()).toEqual(referee.merkleProof(expected.root, ...paths).toBoc());
                expect(hashOf(proof.refs[0]!)).toBe(referee.traceRoot(expected));
            }
            for (const none of [[last + 1], [0, -1], []]) {
                expect(() => proveTraceLeaves(trace!, position, none)).toThrow(RangeError);
            }
        });
        for (const none of [-1, records.length]) expect(() => proveTraceLeaves(trace!, none, [0])).toThrow(RangeError);
    });

    it.each(['plain', 'larger'])("of a model are the referee's, for %s", async (name) => {
        const { file } = randomDecoder(4, DIMENSIONS[name]!);
        await withDecoder(device, file, async (engine) => {
            const tree = engine.modelTree();
            const leaves = referee.modelLeaves(file);
            const places = leaves.map(({ tensor, row }) => [tensor, row] as const);
            const root = referee.modelCell(file, leaves);
            for (let i = 0; i < places.length; i += 17) {
                const proof = proveModelLeaf(tree, ...places[i]!);
                const path = [0, ...referee.pathInTree(i, places.length)];
                expect(proof.toBoc()).toEqual(referee.merkleProof(root, path).toBoc());
            }
            expect(() => proveModelLeaf(tree, 6, 0)).toThrow('no leaf');
            expect(() => proveModelLeaf(tree, 5, 100_000)).toThrow('no leaf');
        });
    });

    it("of bytes and weights are the referee's, and have their digests", () => {
        const bytes = Uint8Array.from({ length: 700 }, (_, i) => i * 7);
        for (const [start, length] of [
            [0, 700],
            [127, 240],
            [130, 31],
            [699, 1],
            [0, 1],
            [300, 0],
        ] as const) {
            const opened = openedBytes(bytes, start, length);
            expect(hashOf(opened)).toBe(hexOf(referee.cellChain(referee.openedParts(bytes, start, length)).hash));
            expect(dataOf(opened)).toEqual(Buffer.from(bytes));
        }
        expect(() => openedBytes(bytes, 699, 2)).toThrow(RangeError);
        for (const count of [1, 29, 30, 31, 32, 120, 121, 256]) {
            const weights = Int8Array.from({ length: count }, (_, i) => i);
            const opened = openedWeights(weights);
            expect(hashOf(opened)).toBe(hexOf(referee.cellChain(referee.weightParts(weights)).hash));
            // docs/engine/examples.md, section 4, has the digest of 32 weights.
            if (count === 32) {
                const digest = createHash('sha256').update(dataOf(opened)).digest('hex');
                expect(digest).toBe('524979fb24dbc1ae8feab1ec052bf9366d4000f9c90d03b99a606f1ace1eb2b8');
            }
        }
    });
});

function hexOf(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}
