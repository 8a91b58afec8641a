import fc from 'fast-check';
import { Kem, open, OpeningStream, SealingStream } from '../../../protocol/envelope';
import { BINDING, codeOf, keyPair, OTHER_BINDINGS } from './support';

const options = async () => {
    const key = await keyPair(Kem.X25519);
    return { key, recipient: key.publicKey, binding: BINDING };
};

async function sealed(texts: readonly string[]): Promise<{ header: Buffer; chunks: Buffer[] }> {
    const stream = await SealingStream.begin(await options());
    const chunks: Buffer[] = [];
    for (const [index, text] of texts.entries()) {
        chunks.push(await stream.seal(Buffer.from(text), index === texts.length - 1));
    }
    return { header: stream.header, chunks };
}

/** What comes out of a stream before its first error, and that error; the end counts as read by whoever reads. */
async function received(header: Buffer, chunks: readonly Buffer[]): Promise<[string[], string | undefined]> {
    const stream = await OpeningStream.begin(header, await options());
    const texts: string[] = [];
    const code = await codeOf(
        (async () => {
            for (const chunk of chunks) {
                texts.push((await stream.open(chunk)).toString());
            }
            stream.requireEnded();
        })(),
    );
    return [texts, code];
}

const TEXTS = ['a', '', 'token', ' stream', '.'];

describe('a stream', () => {
    it('arrives as it was sent', async () => {
        const { header, chunks } = await sealed(TEXTS);
        expect(await received(header, chunks)).toEqual([TEXTS, undefined]);
    });

    it.each([
        ['without its last chunk', (c: Buffer[]) => c.slice(0, -1), 4, 'truncated'],
        ['without any chunk', () => [], 0, 'truncated'],
        ['with a chunk dropped', (c: Buffer[]) => c.filter((_, i) => i !== 2), 2, 'not-authentic'],
        ['with the first dropped', (c: Buffer[]) => c.slice(1), 0, 'not-authentic'],
        ['with two exchanged', (c: Buffer[]) => [c[0]!, c[2]!, c[1]!, c[3]!, c[4]!], 1, 'not-authentic'],
        ['with a chunk twice', (c: Buffer[]) => [c[0]!, c[0]!, ...c.slice(1)], 1, 'not-authentic'],
        ['with the last twice', (c: Buffer[]) => [...c, c[4]!], 5, 'finished'],
        ['cut off by a mark', (c: Buffer[]) => [c[0]!, marked(c[1]!, 1)], 1, 'not-authentic'],
        ['whose last is said to be none', (c: Buffer[]) => [...c.slice(0, 4), marked(c[4]!, 0)], 4, 'not-authentic'],
        ['with a mark that there is not', (c: Buffer[]) => [marked(c[0]!, 2)], 0, 'malformed'],
        ['with a chunk that is none', () => [Buffer.alloc(16)], 0, 'malformed'],
    ] as const)('%s is noticed', async (_, change, count, code) => {
        const { header, chunks } = await sealed(TEXTS);
        expect(await received(header, change(chunks))).toEqual([TEXTS.slice(0, count), code]);
    });

    it('is never taken for another sequence of chunks, whichever that is', async () => {
        const { header, chunks } = await sealed(TEXTS);
        const other = await sealed(TEXTS);
        const pool = [...chunks, ...other.chunks];
        const orders = fc.array(fc.nat(pool.length - 1), { maxLength: 8 });
        await fc.assert(
            fc.asyncProperty(orders, async (order) => {
                const [texts, code] = await received(
                    header,
                    order.map((index) => pool[index]!),
                );
                const right = order.findIndex((index, at) => index !== at);
                const good = right === -1 ? order.length : right;
                expect(texts).toEqual(TEXTS.slice(0, Math.min(good, TEXTS.length)));
                expect(code === undefined).toBe(order.length === TEXTS.length && right === -1);
            }),
            { numRuns: 60, seed: 2, examples: [[[0, 1, 2, 3, 4]], [[0, 1, 2, 3, 9]]] },
        );
    });

    it('takes nothing more once a chunk was refused, not even the right one, nor two at a time', async () => {
        const { header, chunks } = await sealed(TEXTS);
        const stream = await OpeningStream.begin(header, await options());
        expect(await codeOf(stream.open(chunks[1]!))).toBe('not-authentic');
        expect(await codeOf(stream.open(chunks[0]!))).toBe('finished');
        const hasty = await OpeningStream.begin(header, await options());
        const both = [hasty.open(chunks[0]!), hasty.open(chunks[1]!)];
        expect(await Promise.all(both.map(codeOf))).toEqual([undefined, 'finished']);
    });

    it('is not for another purpose, and no part of it is an envelope', async () => {
        const { header, chunks } = await sealed(TEXTS);
        const { key } = await options();
        const elsewhere = await OpeningStream.begin(header, { key, binding: OTHER_BINDINGS[0]![1] });
        expect(await codeOf(elsewhere.open(chunks[0]!))).toBe('not-authentic');
        expect(await codeOf(open(Buffer.concat([header, chunks[0]!]), { key, binding: BINDING }))).toBe('truncated');
        expect(await codeOf(OpeningStream.begin(header.subarray(0, 9), { key, binding: BINDING }))).toBe('malformed');
    });

    it('takes nothing after its final chunk', async () => {
        const stream = await SealingStream.begin(await options());
        await stream.seal(Buffer.of(1), true);
        expect(await codeOf(stream.seal(Buffer.of(2), true))).toBe('finished');
    });
});

function marked(chunk: Buffer, mark: number): Buffer {
    return Buffer.concat([Buffer.of(mark), chunk.subarray(1)]);
}
