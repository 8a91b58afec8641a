import { Configuration } from './model';
import { EXAMPLE, exampleModel } from './exampleModel';
import { exampleTrace, POSITIONS } from './exampleTrace';
import { openingOf } from './opening';
import { randomModel, randomRecord, squareConfiguration, Stage } from './stage';
import { verdictOn } from './verdict';

/** Operators whose output a linear gives directly. */
function linearOperators({ L }: Configuration): number[] {
    return [
        ...Array.from({ length: L }, (_, layer) => [2, 4, 7].map((operator) => operator + 7 * layer)).flat(),
        2 + 7 * L,
    ];
}

/** First, middle and last element that can be opened. */
function elements({ V, D, L, H, G, d }: Configuration, operator: number): number[] {
    const [first, end] = operator === 2 + 7 * L ? [0, V] : operator % 7 === 2 ? [(H + G) * d, (H + 2 * G) * d] : [0, D];
    return [...new Set([first, (first + end) >> 1, end - 1])];
}

it('accepts every element of position 0 of docs/engine/examples.md that a linear gives', async () => {
    const model = exampleModel();
    const { position, trace } = exampleTrace();
    const subject = { configuration: EXAMPLE, modelRoot: model.root.hash(), traceRoot: trace.hash(0) };
    const opened = linearOperators(EXAMPLE)
        .filter((operator) => operator < 15)
        .flatMap((operator) =>
            Array.from({ length: 8 }, (_, i) => ({ operator, index: operator % 7 === 2 ? 24 + i : i })),
        );
    expect(opened.length).toBe(48);
    for (const element of opened) {
        const { exitCode } = await verdictOn(subject, openingOf(model, trace, POSITIONS, position, element));
        expect({ ...element, exitCode }).toEqual({ ...element, exitCode: 0 });
    }
});

const TINY = { V: 2, D: 1, F: 1, L: 1, H: 1, G: 1, d: 2, T: 2 };

// Lengths around limbs of 30, cells of 120 and 127 and leaves of 4,096 bytes; one and several layers, positions and leaves.
it.each<[string, Partial<Configuration>, number, number]>([
    ['the least of everything', TINY, 0, 1],
    ['a vocabulary', { ...TINY, vocabularyBytes: 5 }, 1, 2],
    ['tied embeddings', { D: 40, tied: true }, 3, 5],
    ['29 and 30 inputs', { D: 29, F: 30 }, 4, 5],
    ['31 and 59 inputs', { D: 31, F: 59 }, 15, 16],
    ['119 and 120 inputs', { D: 119, F: 120, L: 2 }, 0, 4],
    ['121 and 127 inputs', { D: 121, F: 127, L: 3 }, 15, 16],
    ['128 and 149 inputs', { D: 128, F: 149, G: 1, L: 4 }, 3, 4],
    ['150 and 151 inputs', { D: 150, F: 151, G: 4, L: 5 }, 11, 12],
    ['leaves that fill up', { D: 256, F: 768, H: 4, G: 2, d: 64, L: 6 }, 2, 3],
    ['layers that never begin alike', { D: 333, F: 700, H: 3, G: 1, d: 46, L: 7 }, 2, 3],
    ['residuals of two pieces, logits of three', { V: 2400, D: 1100, F: 60, H: 1, G: 1, d: 12, L: 3 }, 63, 64],
    ['residuals of two full pieces', { D: 2048, F: 10, H: 1, G: 1, d: 2, L: 2 }, 64, 65],
    ['inputs that fill a leaf', { V: 3, D: 2, F: 4096, H: 16, G: 4, d: 256, L: 1 }, 0, 1],
])('accepts %s', async (name, others, number, count) => {
    const configuration = squareConfiguration(16, { T: Math.max(16, count), ...others });
    const model = randomModel(configuration, name);
    const stage = new Stage(model, randomRecord(model, name), number, count);
    for (const operator of linearOperators(configuration)) {
        for (const index of elements(configuration, operator)) {
            const { exitCode } = await verdictOn(stage.subject(), stage.open(operator, index));
            expect({ operator, index, exitCode }).toEqual({ operator, index, exitCode: 0 });
        }
    }
});

it('accepts weights and inputs of −128 and 127 alone', async () => {
    const configuration = squareConfiguration(120, { F: 4096 });
    const model = randomModel(configuration, 'extreme', true);
    for (const byte of [0x80, 0x7f]) {
        const record = randomRecord(model, 'extreme', (random) => random.fill(byte));
        const stage = new Stage(model, record, 1, 2);
        for (const operator of linearOperators(configuration)) {
            expect(
                (await verdictOn(stage.subject(), stage.open(operator, elements(configuration, operator)[0]!)))
                    .exitCode,
            ).toBe(0);
        }
    }
});

it.each([2 ** 31 - 1, -(2 ** 31)])('accepts a sum that wraps around with the bias %d', async (bias) => {
    const plain = randomModel(squareConfiguration(16), 'wrap');
    const weights = new Int8Array(16).fill(Math.sign(bias));
    const model = plain.with(40, 0, { bias, weights, multiplier: 1, shift: 0 });
    const record = randomRecord(model, 'wrap', (random) => random.fill(1));
    expect(Buffer.from(record[9]!).readInt32LE()).toBe(bias > 0 ? bias + 16 - 2 ** 32 : bias - 16 + 2 ** 32);
    const stage = new Stage(model, record, 0, 1);
    expect((await verdictOn(stage.subject(), stage.open(9, 0))).exitCode).toBe(0);
});
