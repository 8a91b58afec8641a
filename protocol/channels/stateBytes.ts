import { Address } from '@ton/core';
import { ByteReader, ByteWriter } from '../wireBytes';
import { AgreedClose } from './agreedClose';
import { BookTerms, keepTerms } from './bookTerms';
import { ChannelError, refuseIf } from './channelErrors';

const TERMS_FIELDS = [
    ['openedLt', 8],
    ['clientKey', 32],
    ['providerKey', 32],
    ['totalDeposited', 8],
    ['claimed', 8],
    ['closesAt', 4],
    ['closeDelay', 4],
] as const;

/** Writes terms: account id, then the fields of {@link ChannelTerms} in their order. */
export function writeTerms(writer: ByteWriter, terms: BookTerms): ByteWriter {
    writer.fixed(Address.parse(terms.channel).hash, 32);
    return TERMS_FIELDS.reduce((written, [field, bytes]) => written.uint(terms[field], bytes), writer);
}

/** Reads and checks terms. */
export function readTerms(reader: ByteReader): BookTerms {
    return keepTerms({
        channel: new Address(0, reader.fixed(32)),
        openedLt: reader.uint(8),
        clientKey: reader.uint(32),
        providerKey: reader.uint(32),
        totalDeposited: reader.uint(8),
        claimed: reader.uint(8),
        closesAt: Number(reader.uint(4)),
        closeDelay: Number(reader.uint(4)),
    });
}

/** Writes what may be missing behind one byte that says whether it is there. */
export function writeOptional<T>(writer: ByteWriter, value: T | null, write: (value: T) => ByteWriter): ByteWriter {
    writer.uint(value === null ? 0 : 1, 1);
    return value === null ? writer : write(value);
}

/** The reverse of {@link writeOptional}. */
export function readOptional<T>(reader: ByteReader, read: () => T): T | null {
    return readFlag(reader) ? read() : null;
}

/** One byte, 0 or 1. */
export function readFlag(reader: ByteReader): boolean {
    const flag = reader.uint(1);
    refuseIf(flag > 1n, 'malformed-state', `A mark is ${flag} instead of 0 or 1`);
    return flag === 1n;
}

/** Writes an agreement. */
export function writeAgreed(writer: ByteWriter, agreed: AgreedClose | null): ByteWriter {
    return writeOptional(writer, agreed, ({ finalAmount, validUntil }) =>
        writer.uint(finalAmount, 8).uint(validUntil, 4),
    );
}

/** Reads an agreement. */
export function readAgreed(reader: ByteReader): AgreedClose | null {
    return readOptional(reader, () => ({ finalAmount: reader.uint(8), validUntil: Number(reader.uint(4)) }));
}

/**
 * Reads a whole state: side, version, fields, nothing behind them. Whatever goes wrong comes out as `malformed-state`.
 */
export function readState<T>(bytes: Uint8Array, head: string, read: (reader: ByteReader) => T): T {
    try {
        const reader = new ByteReader(bytes);
        const found = reader.fixed(head.length).toString('latin1');
        refuseIf(found !== head, 'malformed-state', 'The state is of the other side, or of another version');
        const state = read(reader);
        reader.end();
        return state;
    } catch (error) {
        if (error instanceof ChannelError) {
            throw error;
        }
        throw new ChannelError('malformed-state', `The state cannot be read: ${(error as Error).message}`);
    }
}
