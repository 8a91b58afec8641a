import { Cell } from '@ton/core';
import { modelRoot, openPayload, resultBytes, resultCommitment } from '../protocol';
import { MarketError } from '../wrappers';
import { readModel, refereeRun } from '../worker/engine/referee';
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

/** What checking needs of an order; an arbiter has no more. */
export type Assignment = Pick<Order, 'terms' | 'input'>;

/**
 * Re-executes a job. A cell that is no result at all is a wrong result.
 *
 * @param models - model files; the terms' model must be among them
 * @throws MarketError `not-found` without the model's file
 */
export function checkResult(job: Assignment, cell: Cell, models: readonly Uint8Array[]): CheckedResult {
    const expected = refereeResult(job, models);
    const bytes = readResult(cell);
    return {
        cell,
        commitment: resultCommitment(cell),
        bytes: bytes ?? new Uint8Array(0),
        equalsReferee: bytes !== undefined && Buffer.compare(bytes, expected) === 0,
    };
}

/**
 * What the referee computes for a job.
 *
 * @throws MarketError `not-found` without the model's file
 */
export function refereeResult({ terms, input }: Assignment, models: readonly Uint8Array[]): Uint8Array {
    const file = models.find((candidate) => modelRoot(candidate) === terms.modelRoot);
    if (!file) {
        throw new MarketError('not-found', `There is no file of the model ${terms.modelRoot.toString(16)} here`);
    }
    return refereeRun(file, input, input.length / readModel(file).inputSize).classes;
}

function readResult(cell: Cell): Uint8Array | undefined {
    try {
        return openPayload(resultBytes(cell)).bytes;
    } catch (error) {
        if (error instanceof MarketError) {
            return undefined;
        }
        throw error;
    }
}
