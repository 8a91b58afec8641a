import { DecoderShape } from './shape';

/** What a client asks of a decoder (docs/engine/generation.md, section 1). */
export interface GenerationRequest {
    /** 1 … `T` − 1 tokens, each below `V`. */
    readonly prompt: Uint32Array;
    /** Greatest number of completion tokens, 1 … `T` − the prompt's. */
    readonly maxTokens: number;
    /** In 1/10,000, 0 … 20,000; 0 takes the greatest logit. */
    readonly temperature: number;
    /** Tokens to choose from, 0 … 131,071; 0 for all. */
    readonly topK: number;
    /** In 1/10,000, 1 … 10,000. */
    readonly topP: number;
    /** 0 … 2^64 − 1. */
    readonly seed: bigint;
    /** At most 16, each of 1 … 64 tokens. */
    readonly stopTokens: readonly Uint32Array[];
    /** At most 16, each of 1 … 256 bytes. */
    readonly stopBytes: readonly Uint8Array[];
}

/** A request breaks the specification or does not fit the model; the message says where. */
export class RequestError extends Error {
    override readonly name = 'RequestError';

    constructor(
        /** `malformed`: its bytes are not those of a request; `out-of-range`: a field is outside its range. */
        readonly code: 'malformed' | 'out-of-range',
        message: string,
    ) {
        super(message);
    }
}

const FIXED_BYTES = 40;
const MAX_SEQUENCES = 16;
const MAX_STOP_TOKENS = 64;
const MAX_STOP_BYTES = 256;

/** Whether {@link parseRequest} takes these bytes. */
export function isRequest(bytes: Uint8Array, shape: DecoderShape): boolean {
    try {
        parseRequest(bytes, shape);
        return true;
    } catch (error) {
        if (error instanceof RequestError) return false;
        throw error;
    }
}

/**
 * Reads the bytes of a request for a model.
 *
 * @throws {@link RequestError}
 */
export function parseRequest(bytes: Uint8Array, shape: DecoderShape): GenerationRequest {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 0;
    const take = (length: number): number => {
        if (offset + length > bytes.length)
            throw new RequestError('malformed', `The request ends at byte ${bytes.length}`);
        offset += length;
        return offset - length;
    };
    const word = (): number => view.getUint32(take(4), true);
    const tokens = (count: number): Uint32Array => {
        const start = take(4 * count);
        return Uint32Array.from({ length: count }, (_, i) => view.getUint32(start + 4 * i, true));
    };
    const sequences = <T>(count: number, greatest: number, read: (length: number) => T): T[] => {
        if (count > MAX_SEQUENCES)
            throw new RequestError('out-of-range', `There are ${count} stop sequences, not 0 … 16`);
        return Array.from({ length: count }, () => {
            const length = word();
            requireRange('The length of a stop sequence', length, 1, greatest);
            return read(length);
        });
    };

    take(FIXED_BYTES);
    offset = 0;
    const [promptLength, maxTokens, temperature, topK, topP, tokenSequences] = Array.from({ length: 6 }, word) as [
        number,
        number,
        number,
        number,
        number,
        number,
    ];
    const seed = view.getBigUint64(take(8), true);
    const byteSequences = word();
    if (word() !== 0) throw new RequestError('out-of-range', 'The reserved word of the request is not zero');
    // Before a length is believed: no request makes the reader take more memory than the request itself.
    requireRange("The prompt's length", promptLength, 1, shape.contextLimit - 1);
    const prompt = tokens(promptLength);
    const stopTokens = sequences(tokenSequences, MAX_STOP_TOKENS, tokens);
    const stopBytes = sequences(byteSequences, MAX_STOP_BYTES, (length) => {
        const start = take(length);
        return bytes.slice(start, start + length);
    });
    if (offset !== bytes.length)
        throw new RequestError('malformed', `${bytes.length - offset} bytes follow the request`);
    const request = { prompt, maxTokens, temperature, topK, topP, seed, stopTokens, stopBytes };
    checkRequest(request, shape);
    return request;
}

/**
 * The bytes of a request: the inverse of {@link parseRequest}, and what `inputCommitment` takes. Ranges that depend on no model are not
 * checked here; {@link checkRequest} does.
 */
export function serialiseRequest(request: GenerationRequest): Uint8Array {
    const { prompt, stopTokens, stopBytes } = request;
    const sequences = [...stopTokens.map((sequence) => 4 * sequence.length), ...stopBytes.map(({ length }) => length)];
    const length = FIXED_BYTES + 4 * prompt.length + sequences.reduce((sum, bytes) => sum + 4 + bytes, 0);
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    let offset = 0;
    const word = (value: number): void => {
        view.setUint32(offset, value, true);
        offset += 4;
    };
    [prompt.length, request.maxTokens, request.temperature, request.topK, request.topP, stopTokens.length].forEach(
        word,
    );
    view.setBigUint64(offset, request.seed, true);
    offset += 8;
    [stopBytes.length, 0].forEach(word);
    prompt.forEach(word);
    for (const sequence of stopTokens) [sequence.length, ...sequence].forEach(word);
    for (const sequence of stopBytes) {
        word(sequence.length);
        bytes.set(sequence, offset);
        offset += sequence.length;
    }
    return bytes;
}

/**
 * Checks every range of docs/engine/generation.md, section 1.
 *
 * @throws {@link RequestError} `out-of-range`
 */
export function checkRequest(request: GenerationRequest, { vocabulary, contextLimit }: DecoderShape): void {
    const { prompt, stopTokens, stopBytes } = request;
    requireRange("The prompt's length", prompt.length, 1, contextLimit - 1);
    requireRange('The greatest number of completion tokens', request.maxTokens, 1, contextLimit - prompt.length);
    requireRange('The temperature', request.temperature, 0, 20_000);
    requireRange('top-k', request.topK, 0, 131_071);
    requireRange('top-p', request.topP, 1, 10_000);
    requireRange('The number of stop sequences of tokens', stopTokens.length, 0, MAX_SEQUENCES);
    requireRange('The number of stop sequences of bytes', stopBytes.length, 0, MAX_SEQUENCES);
    if (request.seed < 0n || request.seed >= 2n ** 64n) {
        throw new RequestError('out-of-range', `The seed is ${request.seed}, not 0 … 2^64 − 1`);
    }
    stopTokens.forEach(({ length }) => requireRange('The length of a stop sequence', length, 1, MAX_STOP_TOKENS));
    stopBytes.forEach(({ length }) => requireRange('The length of a stop sequence', length, 1, MAX_STOP_BYTES));
    for (const token of [prompt, ...stopTokens].flatMap((tokens) => [...tokens])) {
        if (token >= vocabulary) throw new RequestError('out-of-range', `Token ${token} is not below ${vocabulary}`);
    }
}

function requireRange(name: string, value: number, least: number, greatest: number): void {
    if (!Number.isInteger(value) || value < least || value > greatest) {
        throw new RequestError('out-of-range', `${name} is ${value}, not ${least} … ${greatest}`);
    }
}
