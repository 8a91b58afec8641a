import { Address, Cell } from '@ton/core';
import { MarketError } from '../wrappers/marketError';
import { JobTerms } from '../wrappers/terms';
import { inputCommitment, resultBytes, resultCommitment } from './commitments';
import { EncryptionKeyPair, EnvelopeError, jobResult, open, publicKeyNamed, wasSealed } from './envelope';

/** What opens a sealed result to an arbiter: the client's key for this one job, or what the provider sealed and from which seed. */
export type ResultOpening =
    | {
          /** Stored form of the key pair that the terms name as resultRecipientKey. */
          readonly recipientKey: Uint8Array;
      }
    | {
          /** The public key that the terms name. */
          readonly recipient: Uint8Array;
          /** 32 bytes that the result was sealed from. */
          readonly seed: Uint8Array;
          readonly output: Uint8Array;
      };

/** What a party shows of a job: it opens what is on chain, for whoever sees it. */
export interface Evidence {
    /** 32 bytes; opens the terms' inputCommitment together with `input`. */
    readonly salt: Uint8Array;
    readonly input: Uint8Array;
    /** The cell that was committed to. */
    readonly result: Cell;
    readonly opening: ResultOpening;
}

/** What the chain knows of a job that is disputed. */
export interface DisputedJob {
    readonly networkId: number;
    readonly escrow: Address;
    readonly jobKey: bigint;
    readonly terms: JobTerms;
    readonly resultCommitment: bigint;
}

/**
 * The output that a disputed result holds. Nobody is believed: salt and input open the commitment in the terms, the cell is the one
 * on chain, and of one cell and one recipient's key there is one output.
 *
 * @returns null if it holds none: the very key that the terms name does not open it
 * @throws MarketError `not-found` if anything that was shown is not what the chain names
 */
export async function openEvidence(evidence: Evidence, job: DisputedJob): Promise<Buffer | null> {
    const { salt, input, result, opening } = evidence;
    const { terms } = job;
    refuseIf(salt.length !== 32 || inputCommitment(salt, input) !== terms.inputCommitment, 'The input');
    refuseIf(resultCommitment(result) !== job.resultCommitment, 'The result');
    const binding = jobResult({ ...job, modelRoot: terms.modelRoot });
    if ('seed' in opening) {
        const { recipient, seed, output } = opening;
        const sealed = await ifSound(async () => {
            const named = await publicKeyNamed(terms.resultRecipientKey, recipient);
            return await wasSealed(resultBytes(result), output, { recipient: named, binding, seed });
        });
        refuseIf(sealed !== true, 'The output');
        return Buffer.from(output);
    }
    const key = await ifSound(() => EncryptionKeyPair.fromStored(opening.recipientKey));
    if (key?.publicKey.name !== terms.resultRecipientKey) {
        throw notShown('The key');
    }
    return await ifSound(() => open(resultBytes(result), { key, binding }));
}

/** null for what is no envelope, no key or no cell of a result. */
async function ifSound<T>(read: () => Promise<T>): Promise<T | null> {
    try {
        return await read();
    } catch (error) {
        if (error instanceof EnvelopeError || error instanceof MarketError) {
            return null;
        }
        throw error;
    }
}

function refuseIf(wrong: boolean, what: string): void {
    if (wrong) {
        throw notShown(what);
    }
}

function notShown(what: string): MarketError {
    return new MarketError('not-found', `${what} that was shown is not the one on chain; show the original`);
}
