import { toNano } from '@ton/core';
import { Rates } from '../../protocol';
import { IMAGE_BYTES } from '../../worker/models/digits/dataset';

// What both children and the parent have agreed on.

/** nanoTON for one image. */
export const IMAGE_COST = toNano('0.01');
/** nanoTON per million tokens; an image is one token of completion. */
export const RATES: Rates = { prompt: 0n, cached: 0n, completion: IMAGE_COST * 1_000_000n, reasoning: 0n };
/** nanoTON: more than any run spends. */
export const DEPOSIT = toNano(10_000);
/** nanoTON that are worth a redemption. */
export const MIN_DUE = IMAGE_COST * 12n;
export const MODEL_TOKENS = (input: Uint8Array) => ({ prompt: 0, completion: input.length / IMAGE_BYTES });
/** Most images of a request. */
export const MOST_IMAGES = 3;

/** Images that a salt decides: the same request can be made again from its plan. */
export function imagesOf(salt: Uint8Array, images: number): Uint8Array {
    return Uint8Array.from({ length: images * IMAGE_BYTES }, (_, index) => salt[index % salt.length]! ^ (index & 0xff));
}
