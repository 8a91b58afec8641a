import { RecipientContext, SenderContext } from '@hpke/core';
import { sha512_sync } from '@ton/crypto';
import { Binding } from './binding';
import { EnvelopeError } from './envelopeError';
import { EncryptionKeyPair } from './keyPairs';
import { PublicEncryptionKey } from './publicKeys';
import { Aead, Kem, KEM_SIZES, kemOf, requireAead, requireKem, suiteOf, TAG_BYTES } from './suites';

/** How something is sealed. */
export interface SealOptions {
    recipient: PublicEncryptionKey;
    binding: Binding;
    /** AES-256-GCM by default: every platform has it in native code. */
    aead?: Aead;
    /**
     * 32 secret bytes, fresh for each envelope; the platform's random source by default. Whoever keeps them can show later what an
     * envelope holds ({@link wasSealed}). Two envelopes from one seed break both.
     */
    seed?: Uint8Array;
}

/** Who opens it, and what it has to be for. */
export interface OpenOptions {
    key: EncryptionKeyPair;
    binding: Binding;
}

/** KEM and AEAD in two bytes each. */
const SUITE_BYTES = 4;
const INFO = Buffer.from('ton-compute-market/envelope/v1', 'ascii');
const MORE = 0;
const FINAL = 1;
/** Bytes of a chunk beside what it carries. */
export const CHUNK_OVERHEAD = 1 + TAG_BYTES;

/** Bytes of a stream's header: suite, then the KEM's encapsulation. */
export function headerBytes(kem: Kem): number {
    return SUITE_BYTES + KEM_SIZES[kem].encapsulation;
}

/**
 * Seals chunk after chunk to one recipient. HPKE numbers the chunks by their nonces, and the last is marked: so none can be dropped,
 * moved, doubled or cut off unnoticed (RFC 9180, section 5.2 and 9.7.1).
 */
export class SealingStream {
    private ended = false;

    private constructor(
        private readonly context: SenderContext,
        private readonly binding: Binding,
        /** Goes first. */
        readonly header: Buffer,
    ) {}

    /** @throws EnvelopeError `unknown-suite`, or `bad-key` for a seed of another length */
    static async begin({ recipient, binding, aead = Aead.Aes256Gcm, seed }: SealOptions): Promise<SealingStream> {
        const { kem, bytes } = recipient;
        const recipientPublicKey = await kemOf(kem).deserializePublicKey(Uint8Array.from(bytes));
        const ekm = seed && encapsulationSeed(kem, seed);
        const context = await suiteOf(kem, aead).createSenderContext({ recipientPublicKey, info: INFO, ekm });
        const suite = Buffer.alloc(SUITE_BYTES);
        suite.writeUInt16BE(kem, 0);
        suite.writeUInt16BE(aead, 2);
        return new SealingStream(context, binding, Buffer.concat([suite, Buffer.from(context.enc)]));
    }

    /**
     * Seals the next chunk.
     *
     * @param final - whether it is the last
     * @throws EnvelopeError `finished` after the last
     */
    async seal(chunk: Uint8Array, final: boolean): Promise<Buffer> {
        if (this.ended) {
            throw new EnvelopeError('finished', 'The final chunk was sealed already; begin a new stream');
        }
        this.ended = final;
        const mark = Buffer.of(final ? FINAL : MORE);
        const sealed = await this.context.seal(Uint8Array.from(chunk), associated(this.binding, mark));
        return Buffer.concat([mark, Buffer.from(sealed)]);
    }
}

/** Opens what a {@link SealingStream} sealed, in that order. */
export class OpeningStream {
    private state: 'open' | 'ended' | 'refused' = 'open';

    private constructor(
        private readonly context: RecipientContext,
        private readonly binding: Binding,
    ) {}

    /** @throws EnvelopeError `malformed`, `unknown-suite`, `foreign-key` or `not-authentic` */
    static async begin(header: Uint8Array, { key, binding }: OpenOptions): Promise<OpeningStream> {
        const { kem, aead } = suiteIn(header);
        if (kem !== key.publicKey.kem) {
            throw new EnvelopeError(
                'foreign-key',
                `Sealed by ${Kem[kem]}, but the key is one of ${Kem[key.publicKey.kem]}`,
            );
        }
        if (header.length !== headerBytes(kem)) {
            throw new EnvelopeError('malformed', `A header has ${header.length} bytes instead of ${headerBytes(kem)}`);
        }
        const enc = Uint8Array.from(header.subarray(SUITE_BYTES));
        try {
            const context = await suiteOf(kem, aead).createRecipientContext({
                recipientKey: key.pair,
                enc,
                info: INFO,
            });
            return new OpeningStream(context, binding);
        } catch {
            throw notAuthentic();
        }
    }

    /** Whether the final chunk has come. */
    get ended(): boolean {
        return this.state === 'ended';
    }

    /**
     * Opens the next chunk. After one that is refused nothing more is taken.
     *
     * @throws EnvelopeError `malformed`, `not-authentic` or `finished`
     */
    async open(chunk: Uint8Array): Promise<Buffer> {
        if (this.state !== 'open') {
            const why = this.ended ? 'The final chunk has come already' : 'A chunk was refused';
            throw new EnvelopeError('finished', `${why}; take nothing more of this stream`);
        }
        // Until it is known to be good: calls that overlap must not pass it.
        this.state = 'refused';
        const mark = chunk[0];
        if (chunk.length < CHUNK_OVERHEAD || (mark !== MORE && mark !== FINAL)) {
            throw new EnvelopeError('malformed', `${chunk.length} bytes are no sealed chunk`);
        }
        let opened: ArrayBuffer;
        try {
            opened = await this.context.open(
                Uint8Array.from(chunk.subarray(1)),
                associated(this.binding, Buffer.of(mark)),
            );
        } catch {
            throw notAuthentic();
        }
        this.state = mark === FINAL ? 'ended' : 'open';
        return Buffer.from(opened);
    }

    /**
     * Call it when nothing more comes.
     *
     * @throws EnvelopeError `truncated` unless the final chunk has come
     */
    requireEnded(): void {
        if (!this.ended) {
            throw new EnvelopeError('truncated', 'The final chunk is missing; do not take what came for the whole');
        }
    }
}

/**
 * KEM and AEAD of a header.
 *
 * @throws EnvelopeError `malformed` or `unknown-suite`
 */
export function suiteIn(header: Uint8Array): { kem: Kem; aead: Aead } {
    if (header.length < SUITE_BYTES) {
        throw new EnvelopeError('malformed', `${header.length} bytes are no envelope`);
    }
    const bytes = Buffer.from(header.subarray(0, SUITE_BYTES));
    return { kem: requireKem(bytes.readUInt16BE(0)), aead: requireAead(bytes.readUInt16BE(2)) };
}

function associated({ bytes }: Binding, mark: Buffer): Uint8Array {
    return Uint8Array.from(Buffer.concat([bytes, mark]));
}

/** What the KEM takes instead of randomness: 32 bytes for X25519, 64 for X-Wing. */
function encapsulationSeed(kem: Kem, seed: Uint8Array): Uint8Array {
    if (seed.length !== 32) {
        throw new EnvelopeError('bad-key', `A seed has ${seed.length} bytes; pass exactly 32`);
    }
    return kem === Kem.XWing ? Uint8Array.from(sha512_sync(Buffer.from(seed))) : Uint8Array.from(seed);
}

/** One answer for everything: which check failed is nobody's business. */
function notAuthentic(): EnvelopeError {
    return new EnvelopeError(
        'not-authentic',
        'It cannot be opened: sealed to another key or for another purpose, or changed on its way; do not use it',
    );
}
