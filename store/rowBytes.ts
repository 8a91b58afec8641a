import { Address } from '@ton/core';
import { ByteReader, ByteWriter } from '../protocol/wireBytes';
import { requireAddress } from '../wrappers/checks';
import { StoreError } from './storeError';

/** Most bytes of one part of a row: far above every input, far below what SQLite holds. */
export const ROW_MAX_BYTES = 64 * 1024 * 1024;

/** A row behind the number of its layout. */
export function writeRow(layout: number, write: (writer: ByteWriter) => void): Uint8Array {
    const writer = new ByteWriter().uint(layout, 1);
    write(writer);
    return writer.bytes();
}

/**
 * Reads a row to its last byte.
 *
 * @param name - the row, for the error
 * @throws StoreError `corrupt` for whatever is not exactly one row of this layout
 */
export function readRow<T>(name: string, layout: number, bytes: Uint8Array, read: (reader: ByteReader) => T): T {
    try {
        const reader = new ByteReader(bytes);
        const found = reader.uint(1);
        if (found !== BigInt(layout)) {
            throw new RangeError(`Layout ${found} is not known here, only ${layout}`);
        }
        const fields = read(reader);
        reader.end();
        return fields;
    } catch (error) {
        throw corruptRow(name, (error as Error).message, error);
    }
}

/** The error for a row that cannot be what was written. */
export function corruptRow(name: string, why: string, cause?: unknown): StoreError {
    const what = 'Do not go on without it: keep a copy of the file, then repair the row or restore the file';
    return new StoreError('corrupt', `${name} cannot be read: ${why}. ${what}`, { cause });
}

/** @throws InputError for an address outside the basechain */
export function writeAddress(writer: ByteWriter, field: string, address: Address): void {
    writer.fixed(requireAddress(field, address).hash, 32);
}

/** The counterpart of {@link writeAddress}. */
export function readAddress(reader: ByteReader): Address {
    return new Address(0, reader.fixed(32));
}

/** A part that may be missing, behind a byte that says so. */
export function writeOptional<T>(
    writer: ByteWriter,
    value: T | undefined,
    write: (writer: ByteWriter, value: T) => void,
): void {
    writer.uint(value === undefined ? 0 : 1, 1);
    if (value !== undefined) {
        write(writer, value);
    }
}

/** The counterpart of {@link writeOptional}. */
export function readOptional<T>(reader: ByteReader, read: (reader: ByteReader) => T): T | undefined {
    const present = reader.uint(1);
    if (present > 1n) {
        throw new RangeError(`A part is neither there nor missing, but ${present}`);
    }
    return present === 1n ? read(reader) : undefined;
}
