import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecoderEngine, DecoderOptions } from '../../../worker/engine/decoder/decoderEngine';
import { EngineDevice } from '../../../worker/engine/device';

/** The page of the specification with all numbers of one model. */
export const EXAMPLES = readFileSync(join(__dirname, '../../../docs/engine/examples.md'), 'utf8');

/** Bytes 00 01 02 … 1f: the salt of the specification's example. */
export const EXAMPLE_SALT = Uint8Array.from({ length: 32 }, (_, i) => i);

/** Hexadecimal digits of bytes. */
export function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}

/** Bytes of the specification's dump that begins with a line. */
export function dumpAfter(text: string): Uint8Array {
    const dump = /```\n([0-9a-f \n]+)```/.exec(EXAMPLES.slice(EXAMPLES.indexOf(text)))![1]!;
    return Uint8Array.from(Buffer.from(dump.replace(/^[0-9a-f]{4} /gm, '').replace(/\s/g, ''), 'hex'));
}

/** Loads a decoder for the time of an action. */
export async function withDecoder<T>(
    device: EngineDevice,
    file: Uint8Array,
    use: (engine: DecoderEngine) => Promise<T>,
    options?: DecoderOptions,
): Promise<T> {
    const engine = await DecoderEngine.load(device, file, options);
    try {
        return await use(engine);
    } finally {
        engine.destroy();
    }
}
