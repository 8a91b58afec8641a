import { beginCell, Cell } from '@ton/core';

/** Why bytes are no message, or a message cannot become bytes. */
export type WireErrorCode =
    | 'truncated'
    | 'trailing-bytes'
    | 'too-long'
    | 'out-of-range'
    | 'unknown-version'
    | 'unknown-type'
    | 'malformed-cell'
    | 'malformed-text';

/** Bytes that are no message; {@link WireError.code} is for programs. */
export class WireError extends Error {
    override readonly name = 'WireError';

    constructor(
        readonly code: WireErrorCode,
        message: string,
    ) {
        super(message);
    }
}

/** Writes fields one after another: numbers big-endian, everything of variable length behind its length in four bytes. */
export class ByteWriter {
    private readonly parts: Buffer[] = [];

    /** An unsigned number in so many bytes. */
    uint(value: bigint | number, bytes: number): this {
        const whole = BigInt(value);
        if (whole < 0n || whole >= 1n << BigInt(8 * bytes)) {
            throw new WireError('out-of-range', `${whole} does not fit in ${bytes} bytes`);
        }
        this.parts.push(Buffer.from(whole.toString(16).padStart(2 * bytes, '0'), 'hex'));
        return this;
    }

    /** Bytes of a length that both sides know. */
    fixed(bytes: Uint8Array, length: number): this {
        if (bytes.length !== length) {
            throw new WireError('out-of-range', `There are ${bytes.length} bytes instead of ${length}`);
        }
        this.parts.push(Buffer.from(bytes));
        return this;
    }

    /** Bytes behind their length. */
    variable(bytes: Uint8Array, most: number): this {
        this.uint(requireLength(bytes.length, most), 4);
        this.parts.push(Buffer.from(bytes));
        return this;
    }

    /** UTF-8 behind its length. */
    text(text: string, most: number): this {
        return this.variable(Buffer.from(text, 'utf8'), most);
    }

    /** A tree of cells as a bag of cells behind its length. */
    cell(cell: Cell, most: number): this {
        return this.variable(cell.toBoc(), most);
    }

    bytes(): Uint8Array {
        return Buffer.concat(this.parts);
    }
}

/** The counterpart: never reads past the end, and never takes more memory than the bytes that are there. */
export class ByteReader {
    private offset = 0;
    private readonly source: Buffer;

    constructor(bytes: Uint8Array) {
        this.source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    /** A cell without references that holds these bytes. */
    static cellOf(bytes: Uint8Array): Cell {
        return beginCell().storeBuffer(Buffer.from(bytes)).endCell();
    }

    uint(bytes: number): bigint {
        return BigInt(`0x${this.fixed(bytes).toString('hex')}`);
    }

    /** A copy, so that what is kept of a message does not keep the message. */
    fixed(length: number): Buffer {
        if (this.source.length - this.offset < length) {
            throw new WireError('truncated', `The message ends ${length} bytes after ${this.offset} at the latest`);
        }
        this.offset += length;
        return Buffer.from(this.source.subarray(this.offset - length, this.offset));
    }

    variable(most: number): Buffer {
        return this.fixed(requireLength(Number(this.uint(4)), most));
    }

    text(most: number): string {
        try {
            return new TextDecoder('utf-8', { fatal: true }).decode(this.variable(most));
        } catch (error) {
            throw error instanceof WireError ? error : new WireError('malformed-text', 'A text is not UTF-8');
        }
    }

    cell(most: number): Cell {
        const boc = this.variable(most);
        let roots: Cell[];
        try {
            roots = Cell.fromBoc(boc);
        } catch (error) {
            throw new WireError('malformed-cell', `A bag of cells cannot be read: ${(error as Error).message}`);
        }
        const [root] = roots;
        if (roots.length !== 1 || root === undefined) {
            throw new WireError('malformed-cell', `A bag of cells has ${roots.length} roots instead of one`);
        }
        return root;
    }

    /** Nothing may follow. */
    end(): void {
        if (this.offset !== this.source.length) {
            throw new WireError('trailing-bytes', `${this.source.length - this.offset} bytes follow the message`);
        }
    }
}

function requireLength(length: number, most: number): number {
    if (length > most) {
        throw new WireError('too-long', `A part of ${length} bytes is above the limit of ${most}`);
    }
    return length;
}
