/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { EngineDevice } from '../../worker/engine/device';
import * as referee from '../../worker/engine/referee/decoder';
import { openTestDevice } from '../engine/support';
import { DIMENSIONS, randomDecoder, randomRequest } from '../fixtures/decoder';
import { DecoderShape } from '../fixtures/decoderFile';
import { EngineRun } from './engineRun';
import { nameOf } from './exitCodes';
import { Configuration } from './model';
import { linearOf } from './opening';
import { Subject, verdictOn } from './verdict';

// What the engine opens of its own runs, before a contract that knows the referee's roots alone.

const SALT = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

function configurationOf({ vocabulary, ...shape }: DecoderShape): Configuration {
    return { ...shape, vocabularyBytes: Buffer.concat(vocabulary).length };
}

/** Operators that a linear gives directly, each with its first, a middle and its last such element. */
function elementsOf({ V, D, L, H, G, d }: Configuration): { operator: number; index: number }[] {
    const range = (operator: number): [number, number] =>
        operator === 2 + 7 * L ? [0, V] : operator % 7 === 2 ? [(H + G) * d, (H + 2 * G) * d] : [0, D];
    const operators = Array.from({ length: L }, (_, layer) => [2, 4, 7].map((own) => own + 7 * layer)).flat();
    return [...operators, 2 + 7 * L].flatMap((operator) => {
        const [first, end] = range(operator);
        return [...new Set([first, (first + end) >> 1, end - 1])].map((index) => ({ operator, index }));
    });
}

/** A run of a random model and what it is judged by: the roots that the referee computes. */
async function run(name: string): Promise<{ made: EngineRun; subject: Subject; configuration: Configuration }> {
    const { shape, file } = randomDecoder(11, DIMENSIONS[name]!);
    const request = randomRequest(2, shape, { prompt: [3, 1, 2, 0, 1], maxTokens: 3, tokenStops: [], byteStops: [] });
    const model = referee.readDecoder(file);
    const modelRoot = referee.decoderRoot(file);
    const { records } = referee.generate(model, request);
    const traceRoot = referee.traceRoot(referee.traceOf(model.config, modelRoot, SALT, records));
    const configuration = configurationOf(shape);
    const subject = {
        configuration,
        modelRoot: Buffer.from(modelRoot, 'hex'),
        traceRoot: Buffer.from(traceRoot, 'hex'),
    };
    return { made: await EngineRun.of(device, file, request, SALT), subject, configuration };
}

// Tied and untied heads; odd widths; logits, and residuals, of two leaves.
it.each(['plain', 'larger', 'uneven', 'wideHead', 'wideResidual'])(
    'a contract accepts what the engine opens of its runs: %s',
    async (name) => {
        const { made, subject, configuration } = await run(name);
        const head = 2 + 7 * configuration.L;
        const last = made.records.length - 1;
        const verdicts: string[] = [];
        for (const position of [0, 4, last]) {
            for (const element of elementsOf(configuration)) {
                // Only where the next token was sampled are there logits.
                if (element.operator === head && position < 4) continue;
                const { exitCode } = await verdictOn(subject, made.open(configuration, position, element));
                verdicts.push(`${position}/${element.operator}/${element.index} ${nameOf(exitCode)}`);
            }
        }
        expect(last).toBeGreaterThanOrEqual(4);
        expect(verdicts.length).toBeGreaterThan(20);
        expect(verdicts.filter((verdict) => !verdict.endsWith(' accepted'))).toEqual([]);
    },
);

it('refuses each part of an opening that is of another element or position', async () => {
    const { made, subject, configuration } = await run('plain');
    const element = { operator: 14, index: 7 };
    const opening = made.open(configuration, 4, element);
    const elsewhere = made.open(configuration, 3, element);
    const next = made.open(configuration, 4, { operator: 14, index: 8 });
    const verdict = async (altered: object): Promise<string> =>
        nameOf((await verdictOn(subject, { ...opening, ...altered })).exitCode);
    expect(await verdict({})).toBe('accepted');
    expect(await verdict({ position: 3 })).toBe('PRUNED');
    expect(await verdict({ trace: elsewhere.trace })).toBe('PRUNED');
    expect(await verdict({ leaves: elsewhere.leaves })).toBe('BYTES');
    expect(await verdict({ model: next.model })).toBe('PRUNED');
    expect(await verdict({ weights: next.weights })).toBe('BYTES');
});

it('convicts a provider whose trace has one bit of one element altered, and not by its other elements', async () => {
    const { made, subject, configuration } = await run('plain');
    for (const element of elementsOf(configuration)) {
        const { operator, index } = element;
        const lie = await made.lying(4, operator, linearOf(configuration, operator).bytes * index);
        const accused = { ...subject, traceRoot: Buffer.from(lie.trace.root()) };
        const verdict = async (judged: Subject, index: number): Promise<string> =>
            nameOf((await verdictOn(judged, lie.open(configuration, 4, { operator, index }))).exitCode);
        const other = index % 2 === 0 ? index + 1 : index - 1;
        expect([element, await verdict(accused, index)]).toEqual([element, 'ELEMENT']);
        expect([element, await verdict(accused, other)]).toEqual([element, 'accepted']);
        expect([element, await verdict(subject, index)]).toEqual([element, 'ROOT']);
    }
});
