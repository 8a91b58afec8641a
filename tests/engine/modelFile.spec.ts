import fc from 'fast-check';
import { Layer, Model, OutputKind } from '../../worker/engine/model';
import { ModelFileError, ModelFileErrorCode, parseModelFile, serialiseModel } from '../../worker/engine/modelFile';
import { readModel } from '../../worker/engine/referee';
import { unwrap } from '../../worker/engine/result';
import { SeededRandom } from '../../worker/models/digits/random';
import { SPECIFICATION_EXAMPLE } from './specificationExample';
import { randomModel } from './support';

const SEED = 20_261_123;
const { modelFile } = SPECIFICATION_EXAMPLE;

/** The example's file with words of its own in places. */
function patched(...words: [offset: number, value: number][]): Uint8Array {
    const file = modelFile.slice();
    words.forEach(([offset, value]) => new DataView(file.buffer).setUint32(offset, value, true));
    return file;
}

function refereeAccepts(file: Uint8Array): boolean {
    try {
        readModel(file);
        return true;
    } catch {
        return false;
    }
}

/** The two readers were written apart from each other; a file that only one of them takes shows a mistake in one. */
function accepts(file: Uint8Array): boolean {
    const result = parseModelFile(file);
    expect(result.ok).toBe(refereeAccepts(file));
    if (!result.ok) expect(result.error).toBeInstanceOf(ModelFileError);
    return result.ok;
}

describe('parseModelFile', () => {
    it('reads the example of the specification', () => {
        expect(unwrap(parseModelFile(modelFile)).layers).toEqual([
            {
                inputs: 4,
                outputs: 3,
                outputKind: OutputKind.Int8Relu,
                weights: Int8Array.of(1, -2, 3, -4, -128, 127, -128, 127, 50, 40, 30, -20),
                bias: Int32Array.of(100, -7, 25600),
                multiplier: Int32Array.of(1073741824, 1610612736, 2000000000),
                shift: Uint32Array.of(31, 39, 36),
            },
            {
                inputs: 3,
                outputs: 2,
                outputKind: OutputKind.Int32,
                weights: Int8Array.of(10, -20, 30, 50, 60, -7),
                bias: Int32Array.of(5, 600),
                multiplier: Int32Array.of(1073741824, 2147483647),
                shift: Uint32Array.of(30, 31),
            },
        ]);
    });

    it('shares no memory with the file, wherever in its buffer the file lies', () => {
        const surroundings = Buffer.alloc(modelFile.length + 3);
        const file = surroundings.subarray(3);
        file.set(modelFile);
        const model = unwrap(parseModelFile(file));
        surroundings.fill(0xff);
        expect(serialiseModel(model)).toEqual(modelFile);
    });

    const LENGTH = modelFile.length;
    const hostile: [name: string, code: ModelFileErrorCode, file: Uint8Array][] = [
        ['nothing', 'truncated', new Uint8Array(0)],
        ['half a header', 'truncated', modelFile.slice(0, 31)],
        ['a header alone', 'truncated', modelFile.slice(0, 32)],
        ['half a layer table', 'truncated', modelFile.slice(0, 63)],
        ['one byte less', 'truncated', modelFile.slice(0, LENGTH - 1)],
        ['one byte more', 'bad-length', Uint8Array.of(...modelFile, 0)],
        ['another magic', 'bad-magic', patched([4, 0])],
        ['version 0', 'unsupported-version', patched([8, 0])],
        ['version 2', 'unsupported-version', patched([8, 2])],
        ['another architecture', 'unsupported-architecture', patched([12, 2])],
        ['another input encoding', 'unsupported-input-encoding', patched([16, 0])],
        ['no layers', 'bad-layer-count', patched([20, 0])],
        ['65 layers', 'bad-layer-count', patched([20, 65])],
        ['four billion layers', 'bad-layer-count', patched([20, 0xffff_ffff])],
        ['a wrong length in the header', 'bad-length', patched([24, LENGTH + 16])],
        ['a reserved word in the header', 'nonzero-padding', patched([28, 1])],
        ['no inputs', 'bad-layer-shape', patched([32, 0])],
        ['too many inputs', 'bad-layer-shape', patched([32, 131_072])],
        ['no outputs', 'bad-layer-shape', patched([36, 0])],
        ['too many outputs', 'bad-layer-shape', patched([36, 0xffff_ffff])],
        ['too many classes', 'bad-layer-shape', patched([52, 257])],
        ['an unknown output kind', 'bad-output-kind', patched([40, 3])],
        ['logits in the middle', 'bad-output-kind', patched([40, 2])],
        ['no logits at the end', 'bad-output-kind', patched([56, 0])],
        ['a reserved word in the table', 'nonzero-padding', patched([44, 1])],
        ['layers that do not follow each other', 'layers-do-not-match', patched([36, 5])],
        ['layers far larger than the file', 'bad-length', patched([36, 131_071], [48, 131_071])],
        ['a model beyond 2 GiB', 'bad-length', patched([32, 131_071], [36, 131_071], [48, 131_071])],
        ['bytes in the padding', 'nonzero-padding', patched([LENGTH - 4, 1 << 24])],
        ['a negative multiplier', 'bad-multiplier', patched([0x60, 0x8000_0000])],
        ['a shift of 63', 'bad-shift', patched([0xb0, 63])],
    ];
    it.each(hostile)('refuses %s', (_name, code, file) => {
        const result = parseModelFile(file);
        expect(result).toMatchObject({ ok: false, error: { name: 'ModelFileError', code } });
        expect(refereeAccepts(file)).toBe(false);
    });

    it('agrees with the referee on files with any bytes changed', () => {
        const changes = fc.array(fc.tuple(fc.nat(modelFile.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
        let accepted = 0;
        fc.assert(
            fc.property(changes, (bytes) => {
                const file = modelFile.slice();
                bytes.forEach(([offset, byte]) => (file[offset] = byte));
                if (accepts(file)) accepted++;
            }),
            { seed: SEED, numRuns: 3000 },
        );
        // Changed weights and biases make another valid model: both outcomes were tried.
        expect(accepted).toBeGreaterThan(100);
        expect(accepted).toBeLessThan(2900);
    });

    it('agrees with the referee on words at their limits', () => {
        const interesting = [
            0, 1, 2, 3, 62, 63, 64, 65, 256, 257, 131_071, 131_072, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
        ];
        const words = fc.array(fc.tuple(fc.nat(15), fc.constantFrom(...interesting)), { minLength: 1, maxLength: 3 });
        fc.assert(
            fc.property(words, (values) => {
                accepts(patched(...values.map(([word, value]): [number, number] => [word * 4, value])));
            }),
            { seed: SEED, numRuns: 2000 },
        );
    });

    it('agrees with the referee on files of any bytes and any length', () => {
        fc.assert(
            fc.property(fc.nat(modelFile.length), fc.uint8Array({ maxLength: 64 }), (kept, rest) => {
                accepts(Uint8Array.of(...modelFile.subarray(0, kept), ...rest));
            }),
            { seed: SEED, numRuns: 1000 },
        );
    });
});

describe('serialiseModel', () => {
    it('is the inverse of parseModelFile, byte for byte', () => {
        expect(serialiseModel(unwrap(parseModelFile(modelFile)))).toEqual(modelFile);
        for (let seed = 0; seed < 50; seed++) {
            const model = randomModel(new SeededRandom(seed));
            const file = serialiseModel(model);
            expect(unwrap(parseModelFile(file))).toEqual(model);
            expect(refereeAccepts(file)).toBe(true);
        }
    });

    const [first, last] = unwrap(parseModelFile(modelFile)).layers as [Layer, Layer];
    const invalid: [name: string, code: ModelFileErrorCode, model: Model][] = [
        ['no layers', 'bad-layer-count', { layers: [] }],
        ['too many layers', 'bad-layer-count', { layers: Array.from({ length: 65 }, () => last) }],
        ['a fractional shape', 'bad-layer-shape', { layers: [{ ...last, inputs: 1.5 }] }],
        ['a last layer without logits', 'bad-output-kind', { layers: [first] }],
        ['layers in the wrong order', 'bad-output-kind', { layers: [last, first] }],
        ['layers that do not follow each other', 'layers-do-not-match', { layers: [first, { ...last, inputs: 6 }] }],
        ['missing weights', 'bad-tensor-length', { layers: [{ ...last, weights: new Int8Array(5) }] }],
        ['a missing bias', 'bad-tensor-length', { layers: [{ ...last, bias: new Int32Array(1) }] }],
        ['a negative multiplier', 'bad-multiplier', { layers: [{ ...last, multiplier: Int32Array.of(1, -1) }] }],
        ['a shift of 63', 'bad-shift', { layers: [{ ...last, shift: Uint32Array.of(0, 63) }] }],
    ];
    it.each(invalid)('refuses %s', (_name, code, model) => {
        expect(() => serialiseModel(model)).toThrow(expect.objectContaining({ name: 'ModelFileError', code }));
    });
});
