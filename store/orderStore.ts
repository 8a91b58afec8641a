import { Address, Cell } from '@ton/core';
import { SALT_BYTES } from '../protocol/commitments';
import { STORED_KEY_BYTES } from '../protocol/envelope';
import { ByteReader } from '../protocol/wireBytes';
import { JobDraft } from '../wrappers/Market';
import { createQuoteCell, parseQuote, Quote } from '../wrappers/quote';
import { lockUntilOf, packJobTerms, parseJobTerms, termsHashOf } from '../wrappers/terms';
import {
    corruptRow,
    readAddress,
    readOptional,
    readRow,
    ROW_MAX_BYTES,
    writeAddress,
    writeOptional,
    writeRow,
} from './rowBytes';

/**
 * One job as its client knows it, in the open. Losing it means losing the salt, and with it every proof of what was asked, and the
 * only key that opens the result; so it is stored before anything is sent.
 */
export interface Order extends JobDraft {
    /** 32 bytes; opens the terms' inputCommitment. */
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
    /** Stored form of the key pair that this job's result is sealed to, and no other job's: it can be shown to an arbiter. */
    readonly recipientKey: Uint8Array;
    /** The provider's, once it was verified. */
    readonly quote?: Quote;
    /** The cell that the worker delivered or published: an envelope. */
    readonly result?: Cell;
}

/** Where a client keeps its orders. What was saved must be durable when `save` returns. */
export interface OrderStore {
    save(order: Order): Promise<void>;
    find(escrow: Address): Promise<Order | undefined>;
    all(): Promise<readonly Order[]>;
    /** Forgets an order, with its input and its key; one that is not stored is forgotten already. */
    remove(escrow: Address): Promise<void>;
}

/** Number of the layout below; another layout has another number. */
const ORDER_LAYOUT = 2;
const QUOTE_BYTES = 100;

/**
 * An order in bytes.
 *
 * @throws WireError or InputError for a value that does not fit its field
 */
export function encodeOrder(order: Order): Uint8Array {
    return writeRow(ORDER_LAYOUT, (writer) => {
        writeAddress(writer, 'client', order.client);
        writeAddress(writer, 'provider', order.provider);
        writeAddress(writer, 'stake', order.stake);
        writeAddress(writer, 'escrow', order.escrow);
        writer
            .uint(order.nonce, 8)
            .cell(packJobTerms(order.terms), ROW_MAX_BYTES)
            .fixed(order.salt, SALT_BYTES)
            .variable(order.input, ROW_MAX_BYTES)
            .fixed(order.recipientKey, STORED_KEY_BYTES);
        writeOptional(writer, order.quote, (_, quote) =>
            writer.fixed(createQuoteCell(quote).beginParse().loadBuffer(QUOTE_BYTES), QUOTE_BYTES),
        );
        writeOptional(writer, order.result, (_, result) => writer.cell(result, ROW_MAX_BYTES));
    });
}

/**
 * The reverse of {@link encodeOrder}.
 *
 * @param name - the escrow's raw address, under which the row is stored
 * @throws StoreError `corrupt` for anything but exactly the order of that escrow
 */
export function decodeOrder(name: string, bytes: Uint8Array): Order {
    const order = readRow(`The order ${name}`, ORDER_LAYOUT, bytes, (reader) => ({
        client: readAddress(reader),
        provider: readAddress(reader),
        stake: readAddress(reader),
        escrow: readAddress(reader),
        nonce: reader.uint(8),
        ...readTerms(reader.cell(ROW_MAX_BYTES)),
        salt: reader.fixed(SALT_BYTES),
        input: reader.variable(ROW_MAX_BYTES),
        recipientKey: reader.fixed(STORED_KEY_BYTES),
        quote: readOptional(reader, () => parseQuote(ByteReader.cellOf(reader.fixed(QUOTE_BYTES)))),
        result: readOptional(reader, () => reader.cell(ROW_MAX_BYTES)),
    }));
    if (order.escrow.toRawString() !== name) {
        throw corruptRow(`The order ${name}`, `it holds ${order.escrow.toRawString()}`);
    }
    return order;
}

function readTerms(cell: Cell): Pick<Order, 'terms' | 'termsHash' | 'lockUntil'> {
    const terms = parseJobTerms(cell);
    return { terms, termsHash: termsHashOf(cell), lockUntil: lockUntilOf(terms) };
}
