import { Cell } from '@ton/core';
import { cellOf, follow, proofOf, replaced } from './cells';
import { nameOf } from './exitCodes';
import { leafChain, Opening, weightsChain } from './opening';
import { randomModel, randomRecord, squareConfiguration, Stage } from './stage';
import { traceCell } from './trace';
import { Subject, verdictOn } from './verdict';

/** A thousand transactions beside other suites. */
const MINUTES = 60_000;

/** What becomes of openings, by index: runs of the same verdict. */
async function verdicts(count: number, of: (i: number) => [Subject, Opening]): Promise<string[]> {
    const runs: { name: string; first: number; last: number }[] = [];
    for (let i = 0; i < count; i++) {
        const name = nameOf((await verdictOn(...of(i))).exitCode);
        if (runs.at(-1)?.name === name) {
            runs.at(-1)!.last = i;
        } else {
            runs.push({ name, first: i, last: i });
        }
    }
    return runs.map(({ name, first, last }) => `${first}–${last}: ${name}`);
}

/** The bytes with one bit of a byte flipped. */
function flipped<T extends Uint8Array | Int8Array>(bytes: T, i: number): T {
    return bytes.map((byte, j) => (j === i ? byte ^ (1 << (i % 8)) : byte)) as T;
}

describe('1,024 inputs: every byte, shown otherwise than it was committed', () => {
    const model = randomModel(squareConfiguration(1024, { H: 1, G: 1 }), 'bytes');
    const stage = new Stage(model, randomRecord(model, 'bytes'), 2, 3);
    const [channel, subject] = [767, stage.subject()];
    const opening = stage.open(2, channel);
    const { leaves, pieces } = stage.position;
    const [input, output] = [pieces[1]![0]!, pieces[2]![0]!];

    it('is accepted as committed', async () => {
        expect(await verdicts(1, () => [subject, opening])).toEqual(['0–0: accepted']);
        expect([input.bytes, output.bytes]).toEqual([1024, 768]);
    });

    it(
        'of the weights is refused',
        async () => {
            const { weights } = model.channel(10, channel);
            const altered = (i: number): Cell => weightsChain(flipped(weights, i));
            expect(await verdicts(1024, (i) => [subject, { ...opening, weights: altered(i) }])).toEqual([
                '0–1023: BYTES',
            ]);
        },
        5 * MINUTES,
    );

    it.each([
        ['inputs', 0, input],
        ['outputs', 1, output],
    ])(
        'of the %s is refused',
        async (_, which, { leaf, at, bytes }) => {
            const altered = (i: number): Cell => leafChain(flipped(leaves[leaf]!, at + i), at, bytes);
            const all = (i: number): Cell[] => opening.leaves.map((chain, j) => (j === which ? altered(i) : chain));
            expect(await verdicts(bytes, (i) => [subject, { ...opening, leaves: all(i) }])).toEqual([
                `0–${bytes - 1}: BYTES`,
            ]);
        },
        5 * MINUTES,
    );
});

describe('an operator that hides nothing: every byte, committed otherwise than it was computed', () => {
    // Multipliers of 1 and no shift: the least change of any number shows in the 32 bits of the element.
    const configuration = squareConfiguration(8, { D: 130, F: 2, H: 1, G: 1, d: 2, V: 3 });
    const [head, tensor, row] = [9, 40, 1];
    const random = randomModel(configuration, 'plain');
    const model = random.with(tensor, row, {
        bias: 1000,
        multiplier: 1,
        shift: 0,
        weights: random.channel(tensor, row).weights.map((weight) => weight || 1),
    });
    const record = randomRecord(model, 'plain', (random) => random.map((byte) => byte || 1));
    const stageOf = (of = model, rows = record): Stage => new Stage(of, rows, 0, 2);
    const judged = (stage: Stage): [Subject, Opening] => [stage.subject(), stage.open(head, row)];
    const withRow = (operator: number, bytes: Uint8Array): Uint8Array[] => record.with(operator, bytes);

    it('is accepted as computed', async () => {
        expect(await verdicts(1, () => judged(stageOf()))).toEqual(['0–0: accepted']);
    });

    it('of the inputs is refused', async () => {
        expect(await verdicts(130, (i) => judged(stageOf(model, withRow(8, flipped(record[8]!, i)))))).toEqual([
            '0–129: ELEMENT',
        ]);
    });

    it('of the weights is refused', async () => {
        const { weights } = model.channel(tensor, row);
        expect(
            await verdicts(130, (i) => judged(stageOf(model.with(tensor, row, { weights: flipped(weights, i) })))),
        ).toEqual(['0–129: ELEMENT']);
    });

    it('of the output is refused in the element, and does not matter elsewhere', async () => {
        expect(await verdicts(12, (i) => judged(stageOf(model, withRow(9, flipped(record[9]!, i)))))).toEqual([
            '0–3: accepted',
            '4–7: ELEMENT',
            '8–11: accepted',
        ]);
    });

    it('of the bias, the multiplier and the shift is refused', async () => {
        const bit = (i: number): number => 2 ** i;
        const judgedWith = (parts: object): [Subject, Opening] => judged(stageOf(model.with(tensor, row, parts)));
        expect(await verdicts(31, (i) => judgedWith({ bias: 1000 ^ bit(i) }))).toEqual(['0–30: ELEMENT']);
        expect(await verdicts(30, (i) => judgedWith({ multiplier: 1 + bit(i) }))).toEqual(['0–29: ELEMENT']);
        expect(await verdicts(62, (i) => judgedWith({ shift: 1 + i }))).toEqual(['0–61: ELEMENT']);
    });

    // The trees are opened whole, so that nothing but the altered cell stands in the way.
    const whole = (cell: Cell): Cell => proofOf(cell, [[]]);
    const altered = (cell: Cell, i: number): Cell =>
        cellOf(flipped(cell.bits.subbuffer(0, cell.bits.length)!, i), cell.refs);
    const { trace, positions, position } = stageOf();
    const opening = { ...stageOf().open(head, row), model: whole(model.root), trace: whole(trace) };

    it('of the channel cell is refused', async () => {
        const path = model.path(tensor, row);
        const rootOf = (i: number): Cell => replaced(model.root, path, altered(follow(model.root, path), i));
        const committed = (i: number): [Subject, Opening] => {
            const root = rootOf(i);
            const anew = traceCell(root.hash(), positions);
            return [stageOf().subject(root, anew), { ...opening, model: whole(root), trace: whole(anew) }];
        };
        expect(await verdicts(64, committed)).toEqual([
            '0–15: PLACE', // tag, tensor and row
            '16–23: ELEMENT', // bias and multiplier
            '24–26: 5', // a shift above 256
            '27–27: ELEMENT', // a shift of 8
            '28–28: accepted', // 2^28 more in the sum of the weights: 128 times that is 0 modulo 2^32
            '29–31: ELEMENT', // the sum of the weights
            '32–63: BYTES',
        ]);
        expect(await verdicts(64, (i) => [stageOf().subject(), { ...opening, model: whole(rootOf(i)) }])).toEqual([
            '0–63: ROOT',
        ]);
    });

    it('of the leaf cell is refused, but for the salt', async () => {
        const path = position.path(1, 2);
        const traceOf = (i: number): Cell => replaced(trace, path, altered(follow(trace, path), i));
        const committed = (i: number): [Subject, Opening] => [
            stageOf().subject(model.root, traceOf(i)),
            { ...opening, trace: whole(traceOf(i)) },
        ];
        expect(await verdicts(80, committed)).toEqual([
            '0–7: PLACE', // tag
            '8–39: accepted', // another salt makes another trace, which says the same
            '40–47: PLACE', // position and leaf
            '48–79: BYTES',
        ]);
        expect(await verdicts(80, (i) => [stageOf().subject(), { ...opening, trace: whole(traceOf(i)) }])).toEqual([
            '0–79: ROOT',
        ]);
    });

    it('of the two root cells is refused, but for the digest of the file, which no opening shows', async () => {
        const modelOf = (i: number): Cell => altered(model.root, i);
        const traceOf = (i: number): Cell => altered(trace, i);
        const anew = (i: number): Cell => traceCell(modelOf(i).hash(), positions);
        expect(
            await verdicts(40, (i) => [
                stageOf().subject(modelOf(i), anew(i)),
                { ...opening, model: whole(modelOf(i)), trace: whole(anew(i)) },
            ]),
        ).toEqual(['0–7: PLACE', '8–39: accepted']);
        expect(
            await verdicts(44, (i) => [
                stageOf().subject(model.root, traceOf(i)),
                { ...opening, trace: whole(traceOf(i)) },
            ]),
        ).toEqual([
            '0–7: PLACE', // tag
            '8–39: MODEL',
            '40–42: 9', // a number of positions whose tree would have more levels
            '43–43: PLACE',
        ]);
    });
});
