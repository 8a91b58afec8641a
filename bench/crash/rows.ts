import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Address, beginCell, Cell } from '@ton/core';
import { openStore } from '../../store';
import { readReceipt, SeenReceipt } from './signed';

/** What a client's file says. */
export interface ClientRow {
    /** nanoTON; 0 before the first voucher. */
    readonly promised: bigint;
    readonly seq: bigint;
    readonly head: bigint;
}

/** What a worker's file says. */
export interface WorkerRow {
    /** The newest voucher; null before the first. */
    readonly voucher: { readonly amount: bigint; readonly receiptHead: bigint; readonly signature: Buffer } | null;
    readonly receipt: SeenReceipt | null;
}

/** Reads the client's row; null if it has none yet. */
export async function readClientRow(folder: string, channel: Address): Promise<ClientRow | null> {
    const fields = await rowFields(folder, channel, 'client');
    if (!fields) {
        return null;
    }
    const voucher = fields.optional(() => readVoucherPart(fields));
    return { promised: voucher?.amount ?? 0n, seq: fields.uint(8), head: fields.uint(32) };
}

/** Reads the worker's row; null if it has none yet. */
export async function readWorkerRow(folder: string, channel: Address): Promise<WorkerRow | null> {
    const fields = await rowFields(folder, channel, 'provider');
    if (!fields) {
        return null;
    }
    fields.bytes(4 + 8);
    const voucher = fields.optional(() => readVoucherPart(fields));
    const receipt = fields.optional(() => readReceipt(receiptCell(fields)));
    return { voucher, receipt };
}

function readVoucherPart(fields: Fields) {
    return { amount: fields.uint(8), receiptHead: fields.uint(32), signature: fields.bytes(64) };
}

/** The receipt as it was signed: schemas/channel.tlb. */
function receiptCell(fields: Fields): Cell {
    const [seq, amount, previous] = [fields.uint(8), fields.uint(8), fields.uint(32)];
    const hashes = fields.bytes(3 * 32);
    const usage = beginCell().storeBuffer(fields.bytes(4 * 4));
    const trace = fields.optional(() => fields.bytes(32));
    const counted = trace ? usage.storeBit(true).storeBuffer(trace) : usage.storeBit(false);
    return beginCell()
        .storeBuffer(Buffer.from('CM.rcp.1', 'ascii'))
        .storeBuffer(fields.channel)
        .storeUint(fields.openedLt, 64)
        .storeUint(seq, 64)
        .storeUint(amount, 64)
        .storeUint(previous, 256)
        .storeRef(beginCell().storeBuffer(hashes).storeRef(counted.endCell()).endCell())
        .endCell();
}

/** A book's bytes, read by hand: side and version, 128 bytes of terms, then the rest. */
class Fields {
    readonly channel: Buffer;
    readonly openedLt: bigint;
    private at = 0;

    constructor(
        private readonly state: Buffer,
        head: string,
    ) {
        if (this.bytes(2).toString('latin1') !== head) {
            throw new Error(`A book does not begin with ${JSON.stringify(head)}`);
        }
        this.channel = this.bytes(32);
        this.openedLt = this.uint(8);
        this.bytes(128 - 40);
    }

    bytes(length: number): Buffer {
        this.at += length;
        return this.state.subarray(this.at - length, this.at);
    }

    uint(length: number): bigint {
        return BigInt(`0x${this.bytes(length).toString('hex')}`);
    }

    optional<T>(read: () => T): T | null {
        return this.uint(1) === 1n ? read() : null;
    }
}

/** Reads a copy: the file's own recovery is left to the process that goes on with it. */
async function rowFields(folder: string, channel: Address, side: 'client' | 'provider'): Promise<Fields | null> {
    const [file, copy] = [join(folder, 'books.db'), join(folder, 'copy.db')];
    if (!existsSync(file)) {
        return null;
    }
    ['', '-wal', '-shm'].forEach((part) => rmSync(copy + part, { force: true }));
    ['', '-wal'].filter((part) => existsSync(file + part)).forEach((part) => copyFileSync(file + part, copy + part));
    const store = await openStore(copy);
    try {
        const row = await store.channels.load(channel, side);
        return row && new Fields(Buffer.from(row.state), side === 'client' ? 'C\x02' : 'P\x01');
    } finally {
        await store.close();
    }
}
