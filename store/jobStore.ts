import { Address, Cell } from '@ton/core';
import { FullApproval, SubmittedApproval } from '../protocol/wire';
import { ByteReader, ByteWriter } from '../protocol/wireBytes';
import { JobTerms, packJobTerms, parseJobTerms, termsHashOf } from '../wrappers/terms';
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

/** What names a job at its provider: two live quotes for one escrow are two jobs. */
export interface JobId {
    readonly escrow: Address;
    /** Hash of the cell of the terms. */
    readonly termsHash: bigint;
}

/** One acceptance of a job on chain, and what came of it. */
export interface OpeningRecord {
    readonly jobKey: bigint;
    /** Unix seconds of the computation's end. */
    readonly servedAt: number;
    /** The cell that is committed to, an envelope to the client: without it no demand can be answered. */
    readonly result: Cell;
    /** 32 bytes from which, with the worker's encryption key, follows what the result was sealed from; nothing without that key. */
    readonly sealSalt: Uint8Array;
    /** The client's signature, once it is here and good. */
    readonly approval?: FullApproval | SubmittedApproval;
}

/** All that a worker has to know of a job after a restart. Nothing of it tells what was asked or answered to who has no key. */
export interface JobRecord {
    readonly stake: Address;
    readonly escrow: Address;
    readonly client: Address;
    readonly nonce: bigint;
    readonly terms: JobTerms;
    /** As it came: envelope to the terms' encryptionKey with salt and input. */
    readonly sealedInput: Uint8Array;
    /** The key itself that the terms name as resultRecipientKey. */
    readonly recipientKey: Uint8Array;
    /** Unix seconds: until then the client may post the job, also a second time. */
    readonly quotedUntil: number;
    readonly opening?: OpeningRecord;
    /** 1 for the first record of a job, one more with each commit. */
    readonly revision: number;
}

/**
 * Where a worker keeps the jobs that it signed quotes for. Its rows are committed before a quote or a result leaves, and before an
 * approval is confirmed. Workers that share a store share its jobs; the revision keeps them from overwriting each other's results.
 */
export interface JobStore {
    /**
     * The job as it was committed last; what is returned is durable.
     *
     * @throws StoreError `corrupt`, `locked`, `io` or `closed`
     */
    load(job: JobId): Promise<JobRecord | null>;
    /**
     * Writes a job; it is durable when this resolves. When it rejects with anything but `conflict` it may be stored or not: load
     * it again.
     *
     * @throws StoreError `conflict`, and nothing has changed, unless the revision is the stored one + 1
     * @throws StoreError `locked`, `io` or `closed`
     */
    commit(job: JobRecord): Promise<void>;
    /**
     * All jobs of a stake.
     *
     * @throws StoreError `corrupt` if one of them cannot be read: a worker that goes on without it loses its collateral
     */
    list(stake: Address): Promise<JobRecord[]>;
    /**
     * Forgets a job; one that is not stored is forgotten already.
     *
     * @throws StoreError `conflict` if the stored revision is another
     */
    remove(job: JobId & { readonly revision: number }): Promise<void>;
    /** Closes the store, and whatever else lies in the same file. Closing twice is no error. */
    close(): Promise<void>;
}

/** The job that a record is of. */
export function jobIdOf({ escrow, terms }: JobRecord): JobId {
    return { escrow, termsHash: termsHashOf(terms) };
}

/** A job in the messages of errors, and the key of a map. */
export function jobName({ escrow, termsHash }: JobId): string {
    return `${escrow.toRawString()}/${termsHash.toString(16).padStart(64, '0')}`;
}

/** Number of the layout below; another layout has another number. */
const JOB_LAYOUT = 3;
const SALT_BYTES = 32;
const APPROVED_FULL = 0n;
const APPROVED_SUBMITTED = 1n;

/**
 * A job in bytes, all but its revision.
 *
 * @throws WireError or InputError for a value that does not fit its field
 */
export function encodeJob(job: JobRecord): Uint8Array {
    return writeRow(JOB_LAYOUT, (writer) => {
        writeAddress(writer, 'stake', job.stake);
        writeAddress(writer, 'escrow', job.escrow);
        writeAddress(writer, 'client', job.client);
        writer
            .uint(job.nonce, 8)
            .cell(packJobTerms(job.terms), ROW_MAX_BYTES)
            .variable(job.sealedInput, ROW_MAX_BYTES)
            .variable(job.recipientKey, ROW_MAX_BYTES)
            .uint(job.quotedUntil, 4);
        writeOptional(writer, job.opening, writeOpening);
    });
}

/**
 * The reverse of {@link encodeJob}.
 *
 * @param name - its {@link jobName}, under which the row is stored
 * @throws StoreError `corrupt` for anything but exactly that job
 */
export function decodeJob(name: string, bytes: Uint8Array, revision: number): JobRecord {
    const fields = readRow(`The job ${name}`, JOB_LAYOUT, bytes, (reader) => ({
        stake: readAddress(reader),
        escrow: readAddress(reader),
        client: readAddress(reader),
        nonce: reader.uint(8),
        terms: parseJobTerms(reader.cell(ROW_MAX_BYTES)),
        sealedInput: reader.variable(ROW_MAX_BYTES),
        recipientKey: reader.variable(ROW_MAX_BYTES),
        quotedUntil: Number(reader.uint(4)),
        opening: readOptional(reader, readOpening),
    }));
    const job = { ...fields, revision };
    if (jobName(jobIdOf(job)) !== name) {
        throw corruptRow(`The job ${name}`, `it holds ${jobName(jobIdOf(job))}`);
    }
    return job;
}

function writeOpening(writer: ByteWriter, { jobKey, servedAt, result, sealSalt, approval }: OpeningRecord): void {
    writer.uint(jobKey, 32).uint(servedAt, 4).cell(result, ROW_MAX_BYTES).fixed(sealSalt, SALT_BYTES);
    writeOptional(writer, approval, writeApproval);
}

function readOpening(reader: ByteReader): OpeningRecord {
    const jobKey = reader.uint(32);
    return {
        jobKey,
        servedAt: Number(reader.uint(4)),
        result: reader.cell(ROW_MAX_BYTES),
        sealSalt: reader.fixed(SALT_BYTES),
        approval: readOptional(reader, () => readApproval(reader, jobKey)),
    };
}

function writeApproval(writer: ByteWriter, approval: FullApproval | SubmittedApproval): void {
    if (approval.kind === 'approveFull') {
        writer.uint(APPROVED_FULL, 1);
    } else {
        writer.uint(APPROVED_SUBMITTED, 1).uint(approval.resultCommitment, 32).uint(approval.amount, 8);
    }
    writer.fixed(approval.signature, 64);
}

function readApproval(reader: ByteReader, jobKey: bigint): FullApproval | SubmittedApproval {
    const kind = reader.uint(1);
    switch (kind) {
        case APPROVED_FULL:
            return { kind: 'approveFull', jobKey, signature: reader.fixed(64) };
        case APPROVED_SUBMITTED:
            return {
                kind: 'approveSubmitted',
                jobKey,
                resultCommitment: reader.uint(32),
                amount: reader.uint(8),
                signature: reader.fixed(64),
            };
        default:
            throw new RangeError(`There is no approval of kind ${kind}`);
    }
}
