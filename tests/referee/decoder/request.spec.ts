import fc from 'fast-check';
import { readRequest } from '../../../worker/engine/referee/decoder';
import { DIMENSIONS, randomDecoder, randomRequest } from '../../fixtures/decoder';
import { type RequestFields, words, writeRequest } from '../../fixtures/decoderFile';
import { refusal, withU32 } from '../support';

const { shape } = randomDecoder(1, DIMENSIONS.plain!);
const { V, T } = shape;

/** Offsets in it: prompt 40, token sequences 52 (length), 56; byte sequences 64 (length), 68. */
const fields: RequestFields = {
    ...{ prompt: [0, 1, V - 1], maxTokens: 6, temperature: 8_000, topK: 10, topP: 9_500, seed: 2n ** 64n - 1n },
    ...{ tokenStops: [[3, 4]], byteStops: [Uint8Array.of(1, 2)] },
};
const request = writeRequest(fields);
const asked = (bytes: Uint8Array) => refusal(() => readRequest(bytes, shape));
const withFields = (change: Partial<RequestFields>): Uint8Array => writeRequest({ ...fields, ...change });
const tokens = (count: number): number[] => new Array<number>(count).fill(1);

describe('a request (generation.md, section 1)', () => {
    it('is read as it was written, from any offset of a buffer', () => {
        expect(readRequest(request, shape)).toEqual(fields);
        const buffer = Buffer.concat([Buffer.alloc(3), request, Buffer.alloc(2)]);
        const read = readRequest(buffer.subarray(3, 3 + request.length), shape);
        buffer.fill(0xff);
        expect(read).toEqual(fields);
    });

    it('is read and written back, whatever it asks', () => {
        fc.assert(
            fc.property(fc.nat(), (seed) => {
                const bytes = randomRequest(seed, shape);
                expect(writeRequest(readRequest(bytes, shape))).toEqual(bytes);
            }),
        );
    });

    const limits: [what: string, bytes: Uint8Array][] = [
        ['one token of a prompt', withFields({ prompt: [0], maxTokens: T - 1 })],
        ['the longest prompt', withFields({ prompt: tokens(T - 1), maxTokens: 1 })],
        ['the most completion tokens', withFields({ maxTokens: T - 3 })],
        ['temperature 0', withFields({ temperature: 0 })],
        ['the highest temperature', withFields({ temperature: 20_000 })],
        ['all tokens', withFields({ topK: 0 })],
        ['the greatest top_k, above V', withFields({ topK: 131_071 })],
        ['the least top_p', withFields({ topP: 1 })],
        ['the greatest top_p', withFields({ topP: 10_000 })],
        ['seed 0', withFields({ seed: 0n })],
        ['no stop sequences', withFields({ tokenStops: [], byteStops: [] })],
        [
            'the most stop sequences',
            withFields({ tokenStops: new Array(16).fill([1]), byteStops: new Array(16).fill(Uint8Array.of(0)) }),
        ],
        ['the longest stop sequences', withFields({ tokenStops: [tokens(64)], byteStops: [new Uint8Array(256)] })],
    ];

    it.each(limits)('may have %s', (_what, bytes) => {
        expect(asked(bytes)).toBeNull();
    });

    const invalid: [what: string, bytes: Uint8Array][] = [
        ['no bytes', new Uint8Array(0)],
        ['no prompt', withFields({ prompt: [] })],
        ['a prompt of T tokens', withFields({ prompt: tokens(T), maxTokens: 1 })],
        ['a number of prompt tokens beyond its bytes', withU32(request, 0, 40)],
        ['a number of prompt tokens that is huge', withU32(request, 0, 2 ** 32 - 1)],
        ['no completion tokens', withFields({ maxTokens: 0 })],
        ['completion tokens beyond the context', withFields({ maxTokens: T - 2 })],
        ['a temperature above 20,000', withFields({ temperature: 20_001 })],
        ['top_k above 131,071', withFields({ topK: 131_072 })],
        ['top_p 0', withFields({ topP: 0 })],
        ['top_p 0 at temperature 0 too', withFields({ topP: 0, temperature: 0 })],
        ['top_p above 10,000', withFields({ topP: 10_001 })],
        ['17 token sequences', withFields({ tokenStops: new Array(17).fill([1]) })],
        ['17 byte sequences', withFields({ byteStops: new Array(17).fill(Uint8Array.of(0)) })],
        ['a reserved word', withU32(request, 36, 1)],
        ['a prompt token not below V', withFields({ prompt: [V] })],
        ['a stop token not below V', withFields({ tokenStops: [[0, V]] })],
        ['an empty token sequence', withFields({ tokenStops: [[]] })],
        ['a token sequence of 65', withFields({ tokenStops: [tokens(65)] })],
        ['an empty byte sequence', withFields({ byteStops: [new Uint8Array(0)] })],
        ['a byte sequence of 257', withFields({ byteStops: [new Uint8Array(257)] })],
        ['a byte sequence beyond the end', withU32(request, 64, 3)],
        ['a byte sequence that ends before the end', withU32(request, 64, 1)],
        ['a word after the end', Uint8Array.from([...request, ...words(0)])],
        ['a byte after the end', Uint8Array.from([...request, 0])],
    ];

    it.each(invalid)('must not have %s', (_what, bytes) => {
        expect(asked(bytes)).toBe('request');
    });

    it('must not end early, wherever', () => {
        for (let length = 0; length < request.length; length++) {
            expect([length, asked(request.subarray(0, length))]).toEqual([length, 'request']);
        }
    });
});
