import { Cell } from '@ton/core';
import { resultBytes, resultCommitment } from '../protocol';
import { EncryptionKeyPair, jobResult, open } from '../protocol/envelope';
import { MarketError } from '../wrappers';
import { readAnyModel, rootOfModel } from '../worker/engine/referee';
import { isUnreadable } from './providerKey';
import { Order } from './store';

/** A result that the client has computed itself, too. */
export interface CheckedResult {
    readonly cell: Cell;
    /** Hash of the cell: what the provider has to have submitted. */
    readonly commitment: bigint;
    /** What the provider says. */
    readonly bytes: Uint8Array;
    /** Whether the referee says the same, bit for bit. */
    readonly equalsReferee: boolean;
}

/** What computing needs of an order; an arbiter has no more. */
export type Assignment = Pick<Order, 'terms' | 'input'>;

/** Where a result is from. */
export interface ResultSource {
    /** The chain's global id. */
    readonly networkId: number;
    readonly jobKey: bigint;
}

/**
 * Opens a result and re-executes its job. A cell that is no envelope to this order's key, for this very opening, is a wrong result.
 *
 * @param models - files of classifiers and decoders; the terms' model must be among them
 * @throws MarketError `not-found` without the model's file
 */
export async function checkResult(
    order: Order,
    cell: Cell,
    source: ResultSource,
    models: readonly Uint8Array[],
): Promise<CheckedResult> {
    const expected = refereeResult(order, models);
    const bytes = await readResult(order, cell, source);
    return {
        cell,
        commitment: resultCommitment(cell),
        bytes: bytes ?? new Uint8Array(0),
        equalsReferee: bytes !== undefined && expected !== undefined && Buffer.compare(bytes, expected) === 0,
    };
}

/**
 * What the referee computes for a job; undefined for an input that is none of the model's. No result is right for that: a provider
 * must not take such a job, and a worker that is asked for a quote refuses it (`input-unreadable`).
 *
 * @throws MarketError `not-found` without the model's file
 */
export function refereeResult({ terms, input }: Assignment, models: readonly Uint8Array[]): Uint8Array | undefined {
    const root = terms.modelRoot.toString(16).padStart(64, '0');
    const file = models.find((candidate) => rootOfModel(candidate) === root);
    if (!file) {
        throw new MarketError('not-found', `There is no file of the model ${root} here`);
    }
    const model = readAnyModel(file);
    return model.reads(input) ? model.compute(input) : undefined;
}

async function readResult(order: Order, cell: Cell, source: ResultSource): Promise<Uint8Array | undefined> {
    const { escrow, terms, recipientKey } = order;
    const key = await EncryptionKeyPair.fromStored(recipientKey);
    try {
        const binding = jobResult({ ...source, escrow, modelRoot: terms.modelRoot });
        return await open(resultBytes(cell), { key, binding });
    } catch (error) {
        if (isUnreadable(error)) {
            return undefined;
        }
        throw error;
    }
}
