import type { DecoderModel } from './model';
import type { DecoderRequest } from './request';

/** Why a run ended (generation.md, section 4): end token, sequence of tokens, sequence of bytes, `max_tokens`. */
export type StopReason = 1 | 2 | 3 | 4;

/** The end of a run. */
export interface Stop {
    /** The first reason that applies. */
    readonly reason: StopReason;
    /** The visible text is the first so many bytes of the text. */
    readonly visibleBytes: number;
}

/** generation.md, section 4: the text of some tokens, the bytes of each one after another. */
export function textOf(model: Pick<DecoderModel, 'vocabulary'>, tokens: readonly number[]): Uint8Array {
    return Uint8Array.from(tokens.flatMap((token) => Array.from(model.vocabulary[token]!)));
}

/**
 * generation.md, section 4: whether a run ends with its newest completion token, and how.
 *
 * @param model - its end tokens and vocabulary
 * @param request - its stop sequences and `max_tokens`
 * @param completion - the completion's tokens so far, at least one
 * @returns null where the run goes on
 */
export function stopAfter(
    model: Pick<DecoderModel, 'config' | 'vocabulary'>,
    request: Pick<DecoderRequest, 'tokenStops' | 'byteStops' | 'maxTokens'>,
    completion: readonly number[],
): Stop | null {
    const bytesOf = (count: number): number => textOf(model, completion.slice(0, count)).length;
    const newest = completion[completion.length - 1]!;
    if (model.config.endTokens.includes(newest)) return { reason: 1, visibleBytes: bytesOf(completion.length - 1) };

    const ended = request.tokenStops.filter(
        (stop) =>
            stop.length <= completion.length && stop.every((token, i) => token === completion.at(i - stop.length)),
    );
    if (ended.length > 0) {
        const longest = Math.max(...ended.map((stop) => stop.length));
        return { reason: 2, visibleBytes: bytesOf(completion.length - longest) };
    }

    const text = Buffer.from(textOf(model, completion));
    const found = request.byteStops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) return { reason: 3, visibleBytes: Math.min(...found) };

    return completion.length === request.maxTokens ? { reason: 4, visibleBytes: text.length } : null;
}
