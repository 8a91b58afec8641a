import { RefereeError } from '../errors';
import type { DecoderConfig } from './configuration';

/** A request (generation.md, section 1). */
export interface DecoderRequest {
    /** The prompt's tokens, 1 … `T` − 1 of them. */
    readonly prompt: readonly number[];
    /** Greatest number of completion tokens, 1 … `T` − `P`. */
    readonly maxTokens: number;
    /** In 1/10,000: 0 … 20,000. */
    readonly temperature: number;
    /** 0 … 131,071; 0 for all tokens. */
    readonly topK: number;
    /** In 1/10,000: 1 … 10,000. */
    readonly topP: number;
    /** Any 64 bits. */
    readonly seed: bigint;
    /** At most 16 sequences of 1 … 64 tokens. */
    readonly tokenStops: readonly (readonly number[])[];
    /** At most 16 sequences of 1 … 256 bytes. */
    readonly byteStops: readonly Uint8Array[];
}

/**
 * generation.md, section 1: reads a request to a model and rejects what has a field outside its range, ends early or goes on.
 *
 * @param bytes - the request's bytes, as `inputCommitment` takes them
 * @param config - of the model that it is for
 * @throws RefereeError `request`
 */
export function readRequest(bytes: Uint8Array, { V, T }: Pick<DecoderConfig, 'V' | 'T'>): DecoderRequest {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    const need = (count: number): void => {
        if (at + count > bytes.length) refuse(`it ends early, with ${bytes.length} bytes`);
    };
    const word = (name: string, least: number, greatest: number): number => {
        need(4);
        const value = view.getUint32(at, true);
        at += 4;
        if (value < least || value > greatest) refuse(`${name} is ${value}, not ${least} … ${greatest}`);
        return value;
    };
    const tokens = (name: string, count: number): number[] =>
        Array.from({ length: count }, () => word(`a token of ${name}`, 0, V - 1));

    const P = word('the number of prompt tokens', 1, T - 1);
    const maxTokens = word('max_tokens', 1, T - P);
    const temperature = word('temperature', 0, 20_000);
    const topK = word('top_k', 0, 131_071);
    const topP = word('top_p', 1, 10_000);
    const tokenStopCount = word('the number of token sequences', 0, 16);
    need(8);
    const seed = view.getBigUint64(at, true);
    at += 8;
    const byteStopCount = word('the number of byte sequences', 0, 16);
    word('the reserved word', 0, 0);
    const prompt = tokens('the prompt', P);
    const tokenStops = Array.from({ length: tokenStopCount }, () =>
        tokens('a sequence', word('the length of a token sequence', 1, 64)),
    );
    const byteStops = Array.from({ length: byteStopCount }, () => {
        const length = word('the length of a byte sequence', 1, 256);
        need(length);
        at += length;
        return Uint8Array.from(bytes.subarray(at - length, at));
    });
    if (at !== bytes.length) refuse(`${bytes.length - at} bytes follow its end`);
    return { prompt, maxTokens, temperature, topK, topP, seed, tokenStops, byteStops };
}

function refuse(why: string): never {
    throw new RefereeError('request', `not a request to this model: ${why}`);
}
