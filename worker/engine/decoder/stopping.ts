import { DecoderModel, tokenBytes } from './model';
import { GenerationRequest } from './request';

/** Why a run ended; the numbers are those of the result (docs/engine/generation.md, section 4). */
export const StopReason = { EndToken: 1, StopTokens: 2, StopBytes: 3, MaxTokens: 4 } as const;

/** One of the values of {@link StopReason}. */
export type StopReason = (typeof StopReason)[keyof typeof StopReason];

/** How a run ended. */
export interface Ending {
    readonly reason: StopReason;
    /** Bytes of the text that are visible. */
    readonly visibleBytes: number;
}

/** The tokens and the text of a completion, and whether it is over. */
export class Completion {
    private readonly chosen: number[] = [];
    private buffer = new Uint8Array(256);
    private length = 0;
    /** Where the text ended before the newest token. */
    private before = 0;
    /** Where in the text each token begins. */
    private readonly starts: number[] = [];

    constructor(
        private readonly model: DecoderModel,
        private readonly request: Pick<GenerationRequest, 'maxTokens' | 'stopTokens' | 'stopBytes'>,
    ) {}

    /** All tokens so far. */
    get tokens(): readonly number[] {
        return this.chosen;
    }

    /** The bytes of all tokens so far; not to be changed. */
    get text(): Uint8Array {
        return this.buffer.subarray(0, this.length);
    }

    /** Adds a token, and says how the run ends if it does. */
    add(token: number): Ending | undefined {
        this.starts.push(this.length);
        this.chosen.push(token);
        this.before = this.length;
        this.append(tokenBytes(this.model, token));
        return this.ending();
    }

    /**
     * How many bytes of the text no later token can hide: the text less what could be the beginning of a stop sequence of bytes or of
     * tokens. For a run that is not over.
     */
    settledBytes(): number {
        const tail = Math.max(0, ...this.request.stopBytes.map((sequence) => this.beginningAtEnd(sequence)));
        return Math.min(
            this.length - tail,
            ...this.request.stopTokens.map((sequence) => this.startOfBeginning(sequence)),
        );
    }

    private ending(): Ending | undefined {
        const { chosen, request, model } = this;
        if (model.endTokens.includes(chosen[chosen.length - 1]!)) {
            return { reason: StopReason.EndToken, visibleBytes: this.before };
        }
        const stopped = request.stopTokens.filter((sequence) => endsWith(chosen, sequence)).map(({ length }) => length);
        if (stopped.length > 0) {
            const first = chosen.length - Math.max(...stopped);
            return { reason: StopReason.StopTokens, visibleBytes: this.starts[first]! };
        }
        const found = request.stopBytes.map((sequence) => this.occurrence(sequence)).filter((at) => at >= 0);
        if (found.length > 0) return { reason: StopReason.StopBytes, visibleBytes: Math.min(...found) };
        if (chosen.length === request.maxTokens) return { reason: StopReason.MaxTokens, visibleBytes: this.length };
        return undefined;
    }

    /** Where the first occurrence starts that ends in the newest token's bytes; −1 for none. */
    private occurrence(sequence: Uint8Array): number {
        const { text } = this;
        for (let at = Math.max(0, this.before - sequence.length + 1); at + sequence.length <= text.length; at++) {
            if (sequence.every((byte, i) => text[at + i] === byte)) return at;
        }
        return -1;
    }

    /** The length of the longest proper beginning of a sequence that the text ends with. */
    private beginningAtEnd(sequence: Uint8Array): number {
        const { text } = this;
        for (let length = Math.min(sequence.length - 1, text.length); length > 0; length--) {
            const start = text.length - length;
            if (sequence.subarray(0, length).every((byte, i) => text[start + i] === byte)) return length;
        }
        return 0;
    }

    /** Where in the text the longest proper beginning of a sequence of tokens starts that the completion ends with. */
    private startOfBeginning(sequence: Uint32Array): number {
        for (let length = Math.min(sequence.length - 1, this.chosen.length); length > 0; length--) {
            if (endsWith(this.chosen, sequence.subarray(0, length))) return this.starts[this.chosen.length - length]!;
        }
        return this.length;
    }

    private append(bytes: Uint8Array): void {
        if (this.length + bytes.length > this.buffer.length) {
            const larger = new Uint8Array(2 * (this.length + bytes.length));
            larger.set(this.text);
            this.buffer = larger;
        }
        this.buffer.set(bytes, this.length);
        this.length += bytes.length;
    }
}

function endsWith(tokens: readonly number[], sequence: Uint32Array): boolean {
    const start = tokens.length - sequence.length;
    return start >= 0 && sequence.every((token, i) => tokens[start + i] === token);
}

/** The bytes of a result (docs/engine/generation.md, section 5): what `resultCommitment` takes. */
export function serialiseResult({ reason, visibleBytes }: Ending, tokens: ArrayLike<number>): Uint8Array {
    const words = Uint32Array.from([reason, tokens.length, visibleBytes, 0, ...Array.from(tokens)]);
    // WebGPU exists on little-endian machines only, so memory has the byte order of the result.
    return new Uint8Array(words.buffer);
}
