import { RefereeError } from '../errors';

/** Bytes of header and configuration (model-file.md, section 1). */
export const CONFIGURATION_BYTES = 144;

/** The shape of a decoder (decoder.md, section 1) and what else its first 144 bytes say. */
export interface DecoderConfig {
    /** Layers, 1 … 256. */
    readonly L: number;
    /** Tokens of the vocabulary, 2 … 131,071. */
    readonly V: number;
    /** Width of the residual stream, 1 … 8,192. */
    readonly D: number;
    /** Width of the feed-forward part, 1 … 65,535. */
    readonly F: number;
    /** Query heads, 1 … 512. */
    readonly H: number;
    /** Key-value heads, a divisor of `H`. */
    readonly G: number;
    /** Width of a head, even, 2 … 256. */
    readonly d: number;
    /** Context limit in positions, 2 … 65,536. */
    readonly T: number;
    /** Epsilon of the norms, 1 … 2^32 − 1. */
    readonly E: number;
    /** Whether the head uses the embedding's weights. */
    readonly tied: boolean;
    /** At most 8, strictly ascending. */
    readonly endTokens: readonly number[];
    /** Length of the vocabulary in bytes, 0 … 2^24. */
    readonly vocabularyBytes: number;
    /** SHA-256 of the tokenizer's file, or zeros: 32 bytes. */
    readonly tokenizerHash: Uint8Array;
    /** What the header says the whole file has, in bytes; compared with the tensors by the reader. */
    readonly statedLength: number;
}

const MAGIC = 'TCMMODEL';
const MAX_END_TOKENS = 8;

/**
 * model-file.md, section 1: reads the first 144 bytes and rejects what that section does not allow.
 *
 * @param file - the whole model file, or at least its beginning
 * @throws RefereeError `truncated`, `magic`, `version`, `architecture`, `inputEncoding`, `reserved`, `dimension`, `endTokens`
 */
export function readConfiguration(file: Uint8Array): DecoderConfig {
    if (file.length < CONFIGURATION_BYTES) {
        throw new RefereeError(
            'truncated',
            `the file has ${file.length} bytes, its configuration ${CONFIGURATION_BYTES}`,
        );
    }
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const word = (offset: number): number => view.getUint32(offset, true);
    for (let i = 0; i < MAGIC.length; i++) {
        if (file[i] !== MAGIC.charCodeAt(i)) throw new RefereeError('magic', `the file does not begin with ${MAGIC}`);
    }
    if (word(8) !== 1) throw new RefereeError('version', `specification version ${word(8)} is not 1`);
    if (word(12) !== 2) throw new RefereeError('architecture', `architecture ${word(12)} is not 2, a decoder`);
    if (word(16) !== 2) throw new RefereeError('inputEncoding', `input encoding ${word(16)} is not 2, a request`);
    for (const offset of [28, 76]) {
        if (word(offset) !== 0) throw new RefereeError('reserved', `the reserved word at ${offset} is not 0`);
    }

    const dimension = (name: string, offset: number, least: number, greatest: number): number => {
        const value = word(offset);
        if (value < least || value > greatest) {
            throw new RefereeError('dimension', `${name} is ${value}, not ${least} … ${greatest}`);
        }
        return value;
    };
    const L = dimension('L', 20, 1, 256);
    const V = dimension('V', 32, 2, 131_071);
    const D = dimension('D', 36, 1, 8_192);
    const F = dimension('F', 40, 1, 65_535);
    const H = dimension('H', 44, 1, 512);
    const G = dimension('G', 48, 1, 512);
    const d = dimension('d', 52, 2, 256);
    const T = dimension('T', 56, 2, 65_536);
    const tied = dimension('the flag of tied embeddings', 60, 0, 1) === 1;
    const E = dimension('E', 64, 1, 2 ** 32 - 1);
    const endCount = dimension('the number of end tokens', 68, 0, MAX_END_TOKENS);
    const vocabularyBytes = dimension('the length of the vocabulary', 72, 0, 2 ** 24);
    if (H % G !== 0) throw new RefereeError('dimension', `G = ${G} does not divide H = ${H}`);
    if (d % 2 !== 0) throw new RefereeError('dimension', `d = ${d} is odd`);
    if ((H + 2 * G) * d > 131_071) {
        throw new RefereeError('dimension', `(H + 2·G)·d = ${(H + 2 * G) * d} is above 131,071`);
    }

    const endTokens = Array.from({ length: endCount }, (_, i) => word(80 + 4 * i));
    endTokens.forEach((token, i) => {
        if (token >= V) throw new RefereeError('endTokens', `end token ${token} is not below V = ${V}`);
        if (i > 0 && token <= endTokens[i - 1]!) throw new RefereeError('endTokens', 'end tokens do not ascend');
    });
    for (let i = endCount; i < MAX_END_TOKENS; i++) {
        if (word(80 + 4 * i) !== 0) throw new RefereeError('reserved', `the unused end token ${i} is not 0`);
    }
    return {
        ...{ L, V, D, F, H, G, d, T, E, tied, endTokens, vocabularyBytes },
        tokenizerHash: Uint8Array.from(file.subarray(112, 144)),
        statedLength: word(24),
    };
}
