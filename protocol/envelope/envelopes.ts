import { EnvelopeError } from './envelopeError';
import {
    CHUNK_OVERHEAD,
    headerBytes,
    OpeningStream,
    OpenOptions,
    SealingStream,
    SealOptions,
    suiteIn,
} from './streams';
import { Kem } from './suites';

/** Bytes that an envelope adds to what it holds. */
export function envelopeOverhead(kem: Kem): number {
    return headerBytes(kem) + CHUNK_OVERHEAD;
}

/**
 * Seals bytes to a key, for one purpose: a stream of one final chunk.
 *
 * @throws EnvelopeError `unknown-suite`, or `bad-key` for a seed of another length
 */
export async function seal(content: Uint8Array, options: SealOptions): Promise<Buffer> {
    const stream = await SealingStream.begin(options);
    return Buffer.concat([stream.header, await stream.seal(content, true)]);
}

/**
 * Opens an envelope.
 *
 * @throws EnvelopeError `malformed`, `unknown-suite`, `foreign-key`, `not-authentic`, or `truncated` for a part of a stream
 */
export async function open(envelope: Uint8Array, options: OpenOptions): Promise<Buffer> {
    const { kem } = suiteIn(envelope);
    if (envelope.length < envelopeOverhead(kem)) {
        throw new EnvelopeError('malformed', `${envelope.length} bytes are too few for an envelope`);
    }
    const stream = await OpeningStream.begin(envelope.subarray(0, headerBytes(kem)), options);
    const content = await stream.open(envelope.subarray(headerBytes(kem)));
    stream.requireEnded();
    return content;
}

/**
 * Whether an envelope holds exactly this content: what a sender can show to somebody who has no key. It is sealed once more from
 * the seed, and of one seed, recipient, purpose and content there is one envelope.
 *
 * @param options - with the seed that it was sealed from
 */
export async function wasSealed(
    envelope: Uint8Array,
    content: Uint8Array,
    options: SealOptions & { seed: Uint8Array },
): Promise<boolean> {
    const { aead } = suiteIn(envelope);
    return Buffer.compare(await seal(content, { ...options, aead }), envelope) === 0;
}
