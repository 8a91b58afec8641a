import { Address, beginCell, Cell } from '@ton/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputCommitment } from '../../../protocol';
import { ChannelRow, createMemoryStore, JobRecord, openStore, Order, Store } from '../../../store';
import { lockUntilOf, termsHashOf } from '../../../wrappers';
import { addressOf, NOW, termsWith } from '../wrappers/fixtures';

/** What has to behave alike. */
export const STORES: readonly (readonly [string, (folder: string) => Promise<Store>])[] = [
    ['in memory', async () => createMemoryStore()],
    ['SQL in memory', () => openStore(':memory:')],
    ['SQL in a file', (folder) => openStore(join(folder, 'store.db'))],
];

/** A folder of the test's own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'store-'));
    try {
        await test(folder);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

export const channel = addressOf('channel');

export function rowWith(change: Partial<ChannelRow> = {}): ChannelRow {
    return { channel, side: 'provider', openedLt: 5n, revision: 1, state: Buffer.from('book'), ...change };
}

/** The code of the StoreError or InputError that a promise rejects with; undefined if it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
    return await promise.then(
        () => undefined,
        (error: { code?: string }) => error.code ?? String(error),
    );
}

const salt = Buffer.alloc(32, 3);
const input = Buffer.from('the input');
const terms = termsWith({ inputCommitment: inputCommitment(salt, input) });
const cell = beginCell().storeUint(7, 32).storeRef(beginCell().storeUint(8, 8).endCell()).endCell();
const signature = Buffer.alloc(64, 9);

export function jobWith(change: Partial<JobRecord> = {}): JobRecord {
    return {
        stake: addressOf('stake'),
        escrow: addressOf('escrow'),
        client: addressOf('client'),
        nonce: (1n << 64n) - 1n,
        terms,
        sealedInput: Buffer.from('a sealed input'),
        recipientKey: Buffer.alloc(32, 4),
        quotedUntil: NOW,
        opening: undefined,
        revision: 1,
        ...change,
    };
}

const jobKey = (1n << 256n) - 1n;
const opening = { jobKey, servedAt: NOW, result: cell, sealSalt: Buffer.alloc(32, 6), approval: undefined };

/** A job in every shape that it can have. */
export const JOBS: readonly (readonly [string, JobRecord])[] = [
    ['quoted', jobWith()],
    ['served', jobWith({ opening })],
    ['approved in full', jobWith({ opening: { ...opening, approval: { kind: 'approveFull', jobKey, signature } } })],
    [
        'approved as submitted',
        jobWith({
            opening: {
                ...opening,
                approval: { kind: 'approveSubmitted', jobKey, resultCommitment: 5n, amount: 6n, signature },
            },
        }),
    ],
];

export function orderWith(change: Partial<Order> = {}): Order {
    return {
        client: addressOf('client'),
        provider: addressOf('owner'),
        nonce: 7n,
        stake: addressOf('stake'),
        escrow: addressOf('escrow'),
        terms,
        termsHash: termsHashOf(terms),
        lockUntil: lockUntilOf(terms),
        salt,
        input,
        recipientKey: Buffer.alloc(34, 5),
        quote: undefined,
        result: undefined,
        ...change,
    };
}

/** An order in every shape that it can have. */
export const ORDERS: readonly (readonly [string, Order])[] = [
    ['fresh', orderWith()],
    ['quoted', orderWith({ quote: { termsHash: termsHashOf(terms), validUntil: NOW, signature } })],
    ['delivered', orderWith({ result: cell, input: Buffer.alloc(0) })],
];

/** A value as text: bytes, cells and addresses by what they hold, so that two of them compare. */
export function plain(value: unknown): string {
    return JSON.stringify(value, function (this: Record<string, unknown>, key) {
        const part = this[key];
        if (typeof part === 'bigint') {
            return `${part}n`;
        }
        if (part instanceof Uint8Array) {
            return Buffer.from(part).toString('hex');
        }
        if (part instanceof Cell || Address.isAddress(part)) {
            return part.toString();
        }
        const isRecord = typeof part === 'object' && part !== null && !Array.isArray(part);
        return isRecord ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
    });
}
