import { parseDecoderFile } from '../../../worker/engine/decoder/modelFile';
import { parseRequest, RequestError } from '../../../worker/engine/decoder/request';
import { ModelFileErrorCode } from '../../../worker/engine/modelFile';
import { unwrap } from '../../../worker/engine/result';
import { readDecoder, readRequest } from '../../../worker/engine/referee/decoder';
import { SeededRandom } from '../../../worker/models/digits/random';
import { exampleDecoder } from '../../fixtures/decoderExample';
import { dumpAfter } from './support';

const EXAMPLE = exampleDecoder();
const REQUEST = dumpAfter('## 3. A request');
const WORDS = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    15,
    16,
    17,
    64,
    65,
    256,
    257,
    10_000,
    10_001,
    20_001,
    65_536,
    131_072,
    2 ** 31,
    2 ** 32 - 1,
];

/** The bytes with another word at an offset. */
function withWord(bytes: Uint8Array, offset: number, value: number): Uint8Array {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(offset, value, true);
    return copy;
}

function refuses(action: () => unknown): boolean {
    try {
        action();
        return false;
    } catch {
        return true;
    }
}

/** The file cut, lengthened, with other words in its header, and with single bytes changed anywhere. */
function* changedFiles(): Generator<[what: string, file: Uint8Array]> {
    for (const length of [0, 15, 143, 144, 160, EXAMPLE.length - 1])
        yield [`${length} bytes`, EXAMPLE.slice(0, length)];
    yield ['one byte more', Uint8Array.of(...EXAMPLE, 0)];
    for (let offset = 0; offset < 144; offset += 4) {
        for (const value of WORDS) yield [`word ${offset} = ${value}`, withWord(EXAMPLE, offset, value)];
    }
    const random = new SeededRandom(1);
    for (let i = 0; i < 1_000; i++) {
        const offset = random.nextWord() % EXAMPLE.length;
        const copy = EXAMPLE.slice();
        copy[offset]! ^= 1 << (random.nextWord() % 8);
        yield [`byte ${offset} = ${copy[offset]}`, copy];
    }
    // The highest byte of every word: multipliers, shifts, ends, padding.
    for (let offset = 147; offset < EXAMPLE.length; offset += 4) {
        const copy = EXAMPLE.slice();
        copy[offset] = 0xff;
        yield [`byte ${offset} = 255`, copy];
    }
}

describe('readers', () => {
    it('of model files refuse what the referee refuses, and nothing else', () => {
        const counts = new Map<ModelFileErrorCode | 'accepted', number>();
        for (const [what, file] of changedFiles()) {
            const parsed = parseDecoderFile(file);
            expect([what, parsed.ok]).toEqual([what, !refuses(() => readDecoder(file))]);
            const code = parsed.ok ? 'accepted' : parsed.error.code;
            counts.set(code, (counts.get(code) ?? 0) + 1);
        }
        expect([...counts.keys()].sort()).toEqual([
            'accepted',
            'bad-configuration',
            'bad-end-tokens',
            'bad-length',
            'bad-magic',
            'bad-multiplier',
            'bad-shift',
            'bad-table',
            'bad-vocabulary',
            'nonzero-padding',
            'truncated',
            'unsupported-architecture',
            'unsupported-input-encoding',
            'unsupported-version',
        ]);
    });

    it('of requests refuse what the referee refuses, and nothing else', () => {
        const { shape } = unwrap(parseDecoderFile(EXAMPLE));
        const config = { V: shape.vocabulary, T: shape.contextLimit };
        let [accepted, refused] = [0, 0];
        const check = (bytes: Uint8Array): void => {
            const expected = refuses(() => readRequest(bytes, config));
            if (expected) expect(() => parseRequest(bytes, shape)).toThrow(RequestError);
            else expect([...parseRequest(bytes, shape).prompt]).toEqual([...readRequest(bytes, config).prompt]);
            if (expected) refused++;
            else accepted++;
        };
        for (let length = 0; length <= REQUEST.length; length++) check(REQUEST.slice(0, length));
        check(Uint8Array.of(...REQUEST, 0));
        for (let offset = 0; offset + 4 <= REQUEST.length; offset++) {
            for (const value of WORDS) check(withWord(REQUEST, offset, value));
        }
        expect(accepted).toBeGreaterThan(100);
        expect(refused).toBeGreaterThan(100);
    });
});
