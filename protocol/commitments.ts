import { beginCell, Cell } from '@ton/core';
import { sha256_sync } from '@ton/crypto';
import { CIPHERTEXT_MAX_BITS } from '../wrappers/gasLimits';
import { InputError } from '../wrappers/marketError';

/** Bytes of every salt. */
export const SALT_BYTES = 32;
/** Most bytes of a result that can be published on chain, in its envelope. */
export const RESULT_MAX_BYTES = Number(CIPHERTEXT_MAX_BITS) / 8;

const BYTES_PER_CELL = 127;

/**
 * A fresh salt from the platform's cryptographic random source. One per commitment, kept until it is opened: without it a
 * short input or result could be guessed from its hash.
 *
 * @returns 32 bytes
 */
export function newSalt(): Buffer {
    return Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}

/** What names a classifier: SHA-256 over a tag and the model file. docs/engine.md, section 5. A decoder has a root of another kind. */
export function modelRoot(modelFile: Uint8Array): bigint {
    return digest('ton-compute-market/model/v1', modelFile);
}

/**
 * What a job's terms say of its input: SHA-256 over a tag, the salt and the input bytes. docs/engine.md, section 5.
 *
 * @throws InputError for a salt that has not 32 bytes
 */
export function inputCommitment(salt: Uint8Array, input: Uint8Array): bigint {
    return digest('ton-compute-market/input/v1', requireSalt(salt), input);
}

/**
 * The engine's own commitment to a plain result: SHA-256 over a tag, the salt and the result bytes. docs/engine.md, section 5.
 * What an escrow stores is another thing: {@link resultCommitment}, the hash of a cell.
 *
 * @throws InputError for a salt that has not 32 bytes
 */
export function resultDigest(salt: Uint8Array, result: Uint8Array): bigint {
    return digest('ton-compute-market/result/v1', requireSalt(salt), result);
}

/** A salt with the bytes that it hides. */
export interface SaltedPayload {
    /** 32 bytes. */
    salt: Buffer;
    bytes: Buffer;
}

/**
 * Salt and bytes in one, ready to be sealed: who opens it can check the commitment.
 *
 * @param salt - 32 bytes; fresh by default
 */
export function saltedPayload(bytes: Uint8Array, salt: Uint8Array = newSalt()): Buffer {
    return Buffer.concat([requireSalt(salt), bytes]);
}

/**
 * The reverse of {@link saltedPayload}.
 *
 * @throws InputError `malformed-cell` for less than 32 bytes
 */
export function openPayload(payload: Uint8Array): SaltedPayload {
    if (payload.length < SALT_BYTES) {
        throw new InputError('malformed-cell', 'payload', `has ${payload.length} bytes; a salted one has at least 32`);
    }
    const whole = Buffer.from(payload);
    return { salt: whole.subarray(0, SALT_BYTES), bytes: whole.subarray(SALT_BYTES) };
}

/**
 * A sealed result as the cell that an escrow commits to: a chain of cells of 127 bytes,
 * the rest in the last.
 *
 * @throws InputError `too-long` for more than 4 KiB, which could not be published on chain
 */
export function resultCell(bytes: Uint8Array): Cell {
    if (bytes.length > RESULT_MAX_BYTES) {
        throw new InputError(
            'too-long',
            'result',
            `has ${bytes.length} bytes; on chain fit ${RESULT_MAX_BYTES}, commit to a digest of a longer one instead`,
        );
    }
    const whole = Buffer.from(bytes);
    let next: Cell | null = null;
    const chunks = Math.max(1, Math.ceil(whole.length / BYTES_PER_CELL));
    for (let i = chunks - 1; i >= 0; i--) {
        const builder = beginCell().storeBuffer(whole.subarray(i * BYTES_PER_CELL, (i + 1) * BYTES_PER_CELL));
        next = (next ? builder.storeRef(next) : builder).endCell();
    }
    return next!;
}

/**
 * Result bytes out of their cell.
 *
 * @throws InputError `malformed-cell` if it is not the one cell that {@link resultCell} makes of them
 */
export function resultBytes(cell: Cell): Buffer {
    const parts: Buffer[] = [];
    let total = 0;
    for (let next: Cell | undefined = cell; next; next = next.refs[0]) {
        const bits: number = next.bits.length;
        total += bits / 8;
        if (next.isExotic || bits % 8 !== 0 || next.refs.length > 1 || total > RESULT_MAX_BYTES) {
            throw new InputError('malformed-cell', 'result', 'is not a chain of at most 4096 whole bytes');
        }
        parts.push(next.beginParse().loadBuffer(bits / 8));
    }
    const bytes = Buffer.concat(parts);
    if (!resultCell(bytes).equals(cell)) {
        throw new InputError('malformed-cell', 'result', 'is cut in another way than 127 bytes a cell');
    }
    return bytes;
}

/** What `SubmitResult` commits to and `PublishResult` must match: the hash of the result's cell. */
export function resultCommitment(cell: Cell): bigint {
    return BigInt('0x' + cell.hash().toString('hex'));
}

function digest(tag: string, ...parts: Uint8Array[]): bigint {
    return BigInt('0x' + sha256_sync(Buffer.concat([Buffer.from(tag, 'ascii'), ...parts])).toString('hex'));
}

function requireSalt(salt: Uint8Array): Uint8Array {
    if (salt.length !== SALT_BYTES) {
        throw new InputError('out-of-range', 'salt', `has ${salt.length} bytes; pass exactly 32, from newSalt()`);
    }
    return salt;
}
