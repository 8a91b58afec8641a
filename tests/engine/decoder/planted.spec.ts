/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { EngineDevice } from '../../../worker/engine/device';
import { openTestDevice } from '../support';
import { caseOf } from '../verify/cases';
import { engineOutcome } from '../verify/engineOutcome';
import { compareOutcomes } from '../verify/outcome';
import { refereeOutcome } from '../verify/refereeOutcome';

let device: EngineDevice;
beforeAll(async () => {
    device = await openTestDevice();
});
afterAll(() => device.close());

/** Runs in which every defect below shows, as long as one is enough to see it. */
const CASES = [
    caseOf('plain', 'plausible', 3),
    caseOf('uneven', 'plausible', 4),
    caseOf('plain', 'extremes', 10),
    caseOf('wideResidual', 'anything', 5),
    caseOf('oneKeyHead', 'anything', 11),
];

const EXPECTED = CASES.map(refereeOutcome);

/** The device, with a defect planted in every shader that has the text. */
function defective(from: string, to: string): { readonly on: EngineDevice; planted(): number } {
    let count = 0;
    const { gpuDevice } = device;
    const proxy = new Proxy(gpuDevice, {
        get(target, name) {
            if (name === 'createShaderModule') {
                return ({ label, code }: GPUShaderModuleDescriptor) => {
                    if (code.includes(from)) count++;
                    return target.createShaderModule({ label: label!, code: code.replaceAll(from, to) });
                };
            }
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
    });
    return { on: { ...device, gpuDevice: proxy }, planted: () => count };
}

describe('a defect in a kernel', () => {
    it.each([
        ['embedding', 'rescale(weights[c], scale.x, scale.y)', 'rescale(weights[c], scale.x, scale.y) + 1'],
        ['norm, root', 'candidate * candidate <= value', 'candidate * candidate < value - 200000u'],
        ['norm, rounding', '+ ((x >> vec4u(shift - 1u)) & vec4i(1))', ''],
        ['norm, sign', '(a < 0) != (multiplier < 0)', 'a < 0'],
        ['rescale, half', '1u << (shift - 1u)', '1u << shift'],
        ['rescale, saturation', 'high == (low >> 31u)', 'true'],
        ['rope, halves', 'first * cosine - second * sine', 'first * cosine + second * sine'],
        [
            'rope, saturation',
            'saturate16(rescaled(row, head * shape.headWidth + pair))',
            'rescaled(row, head * shape.headWidth + pair)',
        ],
        ['mask', 't > position.first + row', 't >= position.first + row && t > 0u'],
        ['heads', 'head * shape.keyValueHeads / shape.heads', 'head % shape.keyValueHeads'],
        ['softmax, rounding', '+ sum / 2u', ''],
        ['values', 't <= position.first + row', 't < position.first + row'],
        ['gated, rounding', '+ 16384', ''],
        ['gated, ends of the table', '-2048, 2047', '-100, 100'],
        ['residual, saturation', 'select(sum, (a >> vec4u(31u)) ^ vec4i(2147483647), overflowed)', 'sum'],
        ['products', 'dot(unpack(a), unpack(b))', 'dot(unpack(a), abs(unpack(b)))'],
    ])('is seen: %s', async (_, from, to) => {
        const { on, planted } = defective(from, to);
        let seen = false;
        for (let i = 0; i < CASES.length && !seen; i++) {
            const { mismatches } = compareOutcomes(await engineOutcome(on, CASES[i]!), EXPECTED[i]!);
            seen = mismatches.length > 0;
        }
        expect(planted()).toBeGreaterThan(0);
        expect(seen).toBe(true);
    });

    it('is what is seen: without one all of them agree', async () => {
        for (const run of CASES) {
            const { mismatches } = compareOutcomes(await engineOutcome(device, run), EXPECTED[CASES.indexOf(run)]!);
            expect([run.name, mismatches]).toEqual([run.name, []]);
        }
    });
});

describe('a defect in the referee', () => {
    const OPERATORS = '../../../worker/engine/referee/decoder/operators';

    it.each(['embedding', 'norm', 'rope', 'attention', 'gated', 'add'])('is seen: %s', async (operator) => {
        await jest.isolateModulesAsync(async () => {
            const actual = jest.requireActual<Record<string, (...values: unknown[]) => unknown>>(OPERATORS);
            jest.doMock(OPERATORS, () => ({
                ...actual,
                // The last element of whatever tensor the operator gives is off by one.
                [operator]: (...values: unknown[]) => offByOne(actual[operator]!(...values)),
            }));
            const { refereeOutcome: planted } =
                jest.requireActual<typeof import('../verify/refereeOutcome')>('../verify/refereeOutcome');
            const [run] = CASES;
            const { mismatches } = compareOutcomes(await engineOutcome(device, run!), planted(run!));
            expect(mismatches).not.toEqual([]);
        });
        jest.dontMock(OPERATORS);
    });
});

function offByOne(value: unknown): unknown {
    if (typeof value === 'number') return value === 0 ? 1 : value - 1;
    const tensors = ArrayBuffer.isView(value) ? [value] : Object.values(value as object).filter(ArrayBuffer.isView);
    const last = tensors[tensors.length - 1] as Int8Array | Int32Array;
    last[last.length - 1]! ^= 1;
    return value;
}
