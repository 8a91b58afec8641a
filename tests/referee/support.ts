import { RefereeError, type RefereeErrorCode } from '../../worker/engine/referee';

/** A layer as the tests write it down. */
export interface LayerText {
    K: number;
    N: number;
    kind: number;
    weights: ArrayLike<number>;
    bias: ArrayLike<number>;
    multiplier: ArrayLike<number>;
    shift: ArrayLike<number>;
}

/** Writes a model file from section 4, without checking anything: hostile models pass through it too. */
export function writeModel(layers: LayerText[]): Uint8Array {
    const chunks: Buffer[] = [];
    const u32 = (...values: number[]): Buffer => {
        const bytes = Buffer.alloc(4 * values.length);
        values.forEach((value, i) => bytes.writeUInt32LE(value >>> 0, 4 * i));
        return bytes;
    };
    const tensor = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);
    for (const { K, N, kind } of layers) {
        chunks.push(u32(K, N, kind, 0));
    }
    for (const { weights, bias, multiplier, shift } of layers) {
        chunks.push(tensor(Buffer.from(Int8Array.from(weights).buffer)));
        chunks.push(tensor(u32(...Array.from(bias))));
        chunks.push(tensor(u32(...Array.from(multiplier))));
        chunks.push(tensor(u32(...Array.from(shift))));
    }
    const rest = Buffer.concat(chunks);
    const header = Buffer.concat([Buffer.from('TCMMODEL', 'ascii'), u32(1, 1, 1, layers.length, 32 + rest.length, 0)]);
    return new Uint8Array(Buffer.concat([header, rest]));
}

/** The model of section 6, as its table has it. */
export const EXAMPLE_LAYERS: LayerText[] = [
    {
        K: 4,
        N: 3,
        kind: 1,
        weights: [1, -2, 3, -4, -128, 127, -128, 127, 50, 40, 30, -20],
        bias: [100, -7, 25600],
        multiplier: [1073741824, 1610612736, 2000000000],
        shift: [31, 39, 36],
    },
    {
        K: 3,
        N: 2,
        kind: 2,
        weights: [10, -20, 30, 50, 60, -7],
        bias: [5, 600],
        multiplier: [1073741824, 2147483647],
        shift: [30, 31],
    },
];

/** The file of section 6, as its hexadecimal listing has it. */
export const EXAMPLE_FILE: Uint8Array = hex(`
    54 43 4d 4d 4f 44 45 4c 01 00 00 00 01 00 00 00
    01 00 00 00 02 00 00 00 c0 00 00 00 00 00 00 00
    04 00 00 00 03 00 00 00 01 00 00 00 00 00 00 00
    03 00 00 00 02 00 00 00 02 00 00 00 00 00 00 00
    01 fe 03 fc 80 7f 80 7f 32 28 1e ec 00 00 00 00
    64 00 00 00 f9 ff ff ff 00 64 00 00 00 00 00 00
    00 00 00 40 00 00 00 60 00 94 35 77 00 00 00 00
    1f 00 00 00 27 00 00 00 24 00 00 00 00 00 00 00
    0a ec 1e 32 3c f9 00 00 00 00 00 00 00 00 00 00
    05 00 00 00 58 02 00 00 00 00 00 00 00 00 00 00
    00 00 00 40 ff ff ff 7f 00 00 00 00 00 00 00 00
    1e 00 00 00 1f 00 00 00 00 00 00 00 00 00 00 00
`);

/** The input bytes of section 6: two images. */
export const EXAMPLE_IMAGES: Uint8Array = hex('00 ff 80 07 c8 00 0a fa');

/** Bytes from hexadecimal text with any white space. */
export function hex(text: string): Uint8Array {
    return new Uint8Array(Buffer.from(text.replace(/\s+/g, ''), 'hex'));
}

/** A copy of `file` with the `u32` at `offset` replaced. */
export function withU32(file: Uint8Array, offset: number, value: number): Uint8Array {
    const copy = Uint8Array.from(file);
    new DataView(copy.buffer).setUint32(offset, value, true);
    return copy;
}

/** The code of the `RefereeError` that `action` throws; anything else it throws goes through; null if it returns. */
export function refusal(action: () => unknown): RefereeErrorCode | null {
    try {
        action();
    } catch (error) {
        if (error instanceof RefereeError) return error.code;
        throw error;
    }
    return null;
}

/** A small generator of reproducible 32-bit numbers (mulberry32). */
export function generator(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return (t ^ (t >>> 14)) >>> 0;
    };
}
