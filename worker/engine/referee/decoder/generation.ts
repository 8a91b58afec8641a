import { nextNumber, seedGenerator } from './generator';
import { computePositions, type PositionRecord, withoutLogits } from './graph';
import type { DecoderModel } from './model';
import { readRequest } from './request';
import { nextToken } from './sampling';
import { type Stop, stopAfter, type StopReason, textOf } from './stopping';

/** Counts of tokens by class (generation.md, section 6). */
export interface TokenCounts {
    /** `P − c`. */
    readonly prompt: number;
    /** `c`: leading positions taken from a prefix cache. */
    readonly cached: number;
    /** Completion tokens, with the one that ended the run. */
    readonly completion: number;
    /** 0 in version 1. */
    readonly reasoning: number;
}

/** A run of a decoder. */
export interface Generation {
    /** The result's bytes, as `resultCommitment` takes them (section 5). */
    readonly result: Uint8Array;
    /** Why it ended. */
    readonly reason: StopReason;
    /** The completion's tokens. */
    readonly tokens: readonly number[];
    /** The visible text. */
    readonly visible: Uint8Array;
    /** Records of the `N` computed positions, for a trace, and for the prefix of a later run. */
    readonly records: readonly PositionRecord[];
    /** Tokens by class. */
    readonly counts: TokenCounts;
}

/**
 * generation.md: runs a request.
 *
 * @param model - what `readDecoder` gave
 * @param request - the request's bytes
 * @param earlier - records of an earlier run of the same model: what it has in common with the prompt, but for the prompt's last token, is
 * taken from there (decoder.md, section 4)
 * @throws RefereeError `request`
 */
export function generate(
    model: DecoderModel,
    request: Uint8Array,
    earlier: readonly PositionRecord[] = [],
): Generation {
    const asked = readRequest(request, model.config);
    const P = asked.prompt.length;
    let cached = 0;
    while (cached < P - 1 && earlier[cached]?.token === asked.prompt[cached]) cached++;

    const prefix = earlier.slice(0, cached).map((record) => withoutLogits(model.config, record));
    const records = [...prefix, ...computePositions(model, prefix, asked.prompt.slice(cached), P - 1)];
    const tokens: number[] = [];
    let state = seedGenerator(asked.seed);
    let stop: Stop | null = null;
    while (stop === null) {
        const drawn = nextNumber(state);
        state = drawn.state;
        const token = nextToken(records[records.length - 1]!.logits!, asked, model.exp, drawn.r);
        tokens.push(token);
        stop = stopAfter(model, asked, tokens);
        if (stop === null) records.push(...computePositions(model, records, [token], records.length));
    }
    return {
        result: resultBytes(stop, tokens),
        reason: stop.reason,
        tokens,
        visible: textOf(model, tokens).slice(0, stop.visibleBytes),
        records,
        counts: { prompt: P - cached, cached, completion: tokens.length, reasoning: 0 },
    };
}

/** generation.md, section 5. */
export function resultBytes({ reason, visibleBytes }: Stop, tokens: readonly number[]): Uint8Array {
    const bytes = new Uint8Array(16 + 4 * tokens.length);
    const view = new DataView(bytes.buffer);
    [reason, tokens.length, visibleBytes, 0, ...tokens].forEach((word, i) => view.setUint32(4 * i, word, true));
    return bytes;
}
