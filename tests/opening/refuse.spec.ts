import { beginCell, Cell } from '@ton/core';
import { cellOf, follow, proofOf, prunedBranch, replaced } from './cells';
import { nameOf } from './exitCodes';
import { reversedLimbs } from './model';
import { chainOf, cut, leafChain, Opening, weightsChain } from './opening';
import { randomModel, randomRecord, squareConfiguration, Stage } from './stage';
import { Position, traceCell } from './trace';
import { Subject, verdictOn } from './verdict';

// Openings that are right in all but one thing. The element: 33 of the down projection of layer 1.
const [OPERATOR, ELEMENT, TENSOR] = [14, 33, 64];
const [POSITION, COUNT] = [5, 16];
/** Of the output projection, whose channels have the same numbers. */
const OTHER_TENSOR = 50;

const configuration = squareConfiguration(256, { L: 2, V: 20 });
const model = randomModel(configuration, 'refuse');
const record = randomRecord(model, 'refuse');
const stage = new Stage(model, record, POSITION, COUNT);
const { position, trace, positions } = stage;
const subject = stage.subject();
const opening = stage.open(OPERATOR, ELEMENT);
const otherPosition = new Position(configuration, stage.salt, POSITION + 1, randomRecord(model, 'other'));

const whole = (cell: Cell): Cell => proofOf(cell, [[]]);
const channelPath = model.path(TENSOR, ELEMENT);
const leafPath = (leaf: number): number[] => position.path(leaf, COUNT);
/** Rows of the inputs, the residual and the outputs. */
const [inputs, residual, outputs] = [13, 11, 14].map((operator) => position.pieces[operator]![0]!);
const [inputChain, outputChain, residualChain] = opening.leaves as [Cell, Cell, Cell];
const leafOf = ({ leaf }: { leaf: number }): Buffer => position.leaves[leaf]!;

async function verdict(altered: Partial<Opening>, judge: Subject = subject): Promise<string> {
    return nameOf((await verdictOn(judge, { ...opening, ...altered })).exitCode);
}

type Refusals = readonly (readonly [string, string, Partial<Opening>])[];

it('accepts the opening, pruned or not', async () => {
    expect(await verdict({})).toBe('accepted');
    expect(await verdict({ model: whole(model.root), trace: whole(trace) })).toBe('accepted');
    expect([inputs!.leaf, residual!.leaf, outputs!.leaf, position.leaves.length]).toEqual([1, 1, 2, 4]);
});

describe('refuses what is of another place:', () => {
    const all = { model: whole(model.root), trace: whole(trace) };
    const withOther = traceCell(model.root.hash(), positions.with(POSITION + 1, otherPosition.cell));
    const cutFor = (operator: number): Cell => {
        const { leaf, at, bytes } = position.pieces[operator]![0]!;
        return leafChain(position.leaves[leaf]!, at, bytes);
    };
    const refusals: Refusals = [
        ['an element that was not opened', 'PRUNED', { element: ELEMENT + 1 }],
        ['another element', 'BYTES', { ...all, element: ELEMENT + 1 }],
        ['weights of another channel', 'BYTES', { weights: stage.open(OPERATOR, ELEMENT + 1).weights }],
        ['weights of another linear', 'BYTES', { weights: stage.open(11, ELEMENT).weights }],
        ['an operator that was not opened', 'PRUNED', { operator: 11 }],
        ['another operator', 'BYTES', { ...all, operator: 11 }],
        ['another layer', 'BYTES', { ...all, operator: OPERATOR - 7 }],
        ['rows of another layer', 'BYTES', { leaves: stage.open(OPERATOR - 7, ELEMENT).leaves }],
        ['outputs in the place of inputs', 'BYTES', { leaves: [outputChain, outputChain, residualChain] }],
        ['inputs in the place of outputs', 'BYTES', { leaves: [inputChain, inputChain, residualChain] }],
        ['outputs in the place of the residual', 'BYTES', { leaves: [inputChain, outputChain, outputChain] }],
        ['another row of the leaf for the inputs', 'CUT', { leaves: [cutFor(12), outputChain, residualChain] }],
        ['another row of the leaf for the residual', 'CUT', { leaves: [inputChain, outputChain, cutFor(7)] }],
        ['a position after the last', 'PLACE', { position: COUNT }],
        ['an element after the last', 'PLACE', { element: 256 }],
        ['no residual', '9', { leaves: [inputChain, outputChain] }],
    ];
    it.each(refusals)('%s (%s)', async (_, expected, altered) => {
        expect(await verdict(altered)).toBe(expected);
    });

    it('another step', async () => {
        const judge = stage.subject(model.root, withOther);
        const pruned = proofOf(withOther, [leafPath(1), leafPath(2)]);
        expect(await verdict({ trace: pruned }, judge)).toBe('accepted');
        expect(await verdict({ trace: pruned, position: POSITION + 1 }, judge)).toBe('PRUNED');
        expect(await verdict({ trace: whole(withOther), position: POSITION + 1 }, judge)).toBe('BYTES');
        const leaves = [inputs!, outputs!, residual!].map(({ leaf, at, bytes }) =>
            leafChain(otherPosition.leaves[leaf]!, at, bytes),
        );
        expect(await verdict({ trace: whole(withOther), leaves }, judge)).toBe('BYTES');
        expect(await verdict({ trace: whole(withOther), leaves, position: POSITION + 1 }, judge)).toBe('accepted');
    });

    // Norms, rotated heads, attention and gated product are no linears; nor are operators before the first and after the last.
    it.each([0, 1, 3, 5, 6, 8, 10, 12, 13, 15, 17, 18, 21, 2 ** 32 - 1])('operator %d', async (operator) => {
        expect(await verdict({ operator })).toBe('PLACE');
    });

    it.each([0, 255, 256, 383])('channel %d of queries and keys', async (element) => {
        expect(await verdict({ operator: 2, element })).toBe('PLACE');
    });

    it('inputs of more than a leaf', async () => {
        const long = squareConfiguration(8, { F: 4097 });
        const longModel = randomModel(long, 'long');
        const longStage = new Stage(longModel, randomRecord(longModel, 'long'), 0, 1);
        expect(nameOf((await verdictOn(longStage.subject(), longStage.open(7, 0))).exitCode)).toBe('PLACE');
    });
});

describe('refuses what is of another model or run:', () => {
    const otherModel = randomModel(configuration, 'another');
    const sameRun = new Stage(otherModel, record, POSITION, COUNT);
    const otherRun = new Stage(model, record, POSITION, COUNT, Buffer.alloc(32));

    it("another model's channel, trace and both", async () => {
        const other = sameRun.open(OPERATOR, ELEMENT);
        expect(await verdict({ model: other.model })).toBe('ROOT');
        expect(await verdict({ model: other.model, weights: other.weights })).toBe('ROOT');
        expect(await verdict({ trace: other.trace })).toBe('ROOT');
        expect(await verdict({ ...other })).toBe('ROOT');
        expect(await verdict({ model: opening.trace, trace: opening.model })).toBe('ROOT');
    });

    it('a trace that names another model, whichever the contract has', async () => {
        const other = sameRun.open(OPERATOR, ELEMENT);
        expect(await verdict({ trace: other.trace }, stage.subject(model.root, sameRun.trace))).toBe('MODEL');
        expect(await verdict({ model: other.model }, stage.subject(otherModel.root))).toBe('MODEL');
    });

    it('the same rows in another run', async () => {
        expect(await verdict({ trace: otherRun.open(OPERATOR, ELEMENT).trace })).toBe('ROOT');
    });
});

describe('refuses trees in which a leaf has another place:', () => {
    const swapped = (root: Cell, a: readonly number[], b: readonly number[]): Cell =>
        replaced(replaced(root, a, follow(root, b)), b, follow(root, a));
    const channelAt = (cell: Cell): Cell => replaced(model.root, channelPath, cell);

    it.each([
        ['neighbouring channels', swapped(model.root, channelPath, model.path(TENSOR, ELEMENT + 1))],
        ['channels of two linears', swapped(model.root, channelPath, model.path(OTHER_TENSOR, ELEMENT))],
        ['a plain row', channelAt(model.leaf(TENSOR - 2, 0))],
    ])('%s', async (_, root) => {
        const anew = traceCell(root.hash(), positions);
        expect(await verdict({ model: whole(root), trace: whole(anew) }, stage.subject(root, anew))).toBe('PLACE');
    });

    const other = positions.with(POSITION + 1, otherPosition.cell);
    const byLeaf = (number: number, cell: Cell): Cell => replaced(trace, leafPath(number), cell);
    it.each([
        ['leaves of the position', swapped(trace, leafPath(1), leafPath(2))],
        [
            'positions',
            traceCell(
                model.root.hash(),
                other.with(POSITION, other[POSITION + 1]!).with(POSITION + 1, other[POSITION]!),
            ),
        ],
        ["another position's leaf", byLeaf(1, otherPosition.cell.refs[1]!)],
    ])('%s', async (_, root) => {
        expect(await verdict({ trace: whole(root) }, stage.subject(model.root, root))).toBe('PLACE');
    });

    it("a leaf in its position's place", async () => {
        // Of layer 1, a value head: inputs and outputs are in leaf 1.
        const heads = stage.open(9, 511);
        const root = traceCell(model.root.hash(), positions.with(POSITION, position.cell.refs[1]!));
        expect(await verdict({ ...heads, trace: whole(root) }, stage.subject(model.root, root))).toBe('PLACE');
        expect(await verdict({ ...heads })).toBe('accepted');
    });

    it('a position after the number that the root tells', async () => {
        const data = Buffer.from(trace.bits.subbuffer(0, trace.bits.length)!);
        data.writeUInt32BE(POSITION, 40);
        const root = cellOf(data, trace.refs);
        expect(await verdict({ trace: whole(root) }, stage.subject(model.root, root))).toBe('PLACE');
    });
});

describe('refuses short proofs:', () => {
    const prunedAt = (root: Cell, path: readonly number[]): Cell => {
        const cell = follow(root, path);
        return whole(replaced(root, path, prunedBranch(cell.hash(), cell.depth())));
    };
    const library = (cell: Cell): Cell =>
        beginCell().storeUint(2, 8).storeBuffer(cell.hash()).endCell({ exotic: true });

    it('pruned anywhere on the way to the channel or to a leaf', async () => {
        const ways: (readonly ['model' | 'trace', Cell, number[]])[] = [
            ['model', model.root, channelPath],
            ['trace', trace, leafPath(1)],
            ['trace', trace, leafPath(2)],
        ];
        for (const [which, root, path] of ways) {
            expect(path.length).toBeGreaterThan(3);
            for (let depth = 0; depth <= path.length; depth++) {
                expect(await verdict({ [which]: prunedAt(root, path.slice(0, depth)) })).toBe('PRUNED');
            }
        }
    });

    it('along another path', async () => {
        expect(await verdict({ model: proofOf(model.root, [model.path(TENSOR, ELEMENT + 1)]) })).toBe('PRUNED');
        expect(await verdict({ trace: proofOf(trace, [leafPath(0), leafPath(2)]) })).toBe('PRUNED');
        expect(await verdict({ trace: proofOf(trace, [leafPath(1), leafPath(0)]) })).toBe('PRUNED');
    });

    it('committed with a library in the place of a cell', async () => {
        for (const path of [leafPath(1), leafPath(1).slice(0, 2)]) {
            const root = replaced(trace, path, library(follow(trace, path)));
            expect(await verdict({ trace: whole(root) }, stage.subject(model.root, root))).toBe('PRUNED');
        }
    });
});

describe('refuses bytes that are cut elsewhere:', () => {
    const { weights } = model.channel(TENSOR, ELEMENT);
    const { at, bytes } = inputs!;
    const leaf = leafOf(inputs!);
    const before = cut(at, 127);
    const after = cut(leaf.length - at - bytes, 127);
    const withInputs = (lengths: readonly number[]): Partial<Opening> => ({
        leaves: [chainOf(leaf, lengths), outputChain, residualChain],
    });
    const withWeights = (lengths: readonly number[]): Partial<Opening> => ({
        weights: chainOf(reversedLimbs(weights), lengths),
    });
    const refusals: Refusals = [
        ['a leaf in full cells', 'CUT', withInputs(cut(leaf.length, 127))],
        [
            'a byte before the row',
            'CUT',
            withInputs([...before.with(-1, before.at(-1)! - 1), 1, 120, 120, 16, ...after]),
        ],
        ['a byte after its first', 'CUT', withInputs([...before.with(-1, before.at(-1)! + 1), 119, 120, 16, ...after])],
        ['inputs of three limbs a cell', '9', withInputs([...before, 90, 90, 76, ...after])],
        ['inputs of a byte more a cell', 'CUT', withInputs([...before, 121, 120, 15, ...after])],
        ['weights in full cells', 'CUT', withWeights(cut(weights.length, 127))],
        ['weights of three limbs a cell', '9', withWeights(cut(weights.length, 90))],
        ['weights without the last cell', 'BYTES', { weights: weightsChain(weights.slice(0, 240)) }],
        ['a weight more', 'BYTES', { weights: weightsChain(Int8Array.from([...weights, 0])) }],
        [
            'a leaf without its last byte',
            'BYTES',
            { leaves: [leafChain(leaf.subarray(0, -1), at, bytes - 1), outputChain, residualChain] },
        ],
        [
            'a leaf with a byte more',
            'BYTES',
            { leaves: [leafChain(Buffer.concat([leaf, Buffer.of(0)]), at, bytes), outputChain, residualChain] },
        ],
    ];
    it.each(refusals)('%s (%s)', async (_, expected, altered) => {
        expect(await verdict(altered)).toBe(expected);
    });
});
