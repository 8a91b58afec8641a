import { Cell } from '@ton/core';
import { AcceptedTerms } from '../../protocol';
import { ByteTransport } from '../../protocol/transport';
import { FullApproval, SubmittedApproval } from '../../protocol/wire';

/** A job that this worker signed a quote for, whether or not its client ever posts it. */
export interface ServedJob {
    readonly accepted: AcceptedTerms;
    /** Unix seconds: until then the client may post the job, also a second time. */
    quotedUntil: number;
    /** Where the client asked, and where its result goes. */
    client: ByteTransport;
    /** The opening that was accepted on chain; undefined before, and again after its end. */
    opening?: Opening;
    /** The last message that was sent to the chain for this job. */
    sent?: { readonly step: Step; readonly at: number };
}

/** One acceptance of a job on chain, and what became of it here. */
export interface Opening {
    readonly jobKey: bigint;
    /** Unix seconds of the computation's end. */
    readonly servedAt: number;
    /** The cell that is committed to. */
    readonly result: Cell;
    readonly commitment: bigint;
    /** The client's signature, once it is here and good. */
    approval?: FullApproval | SubmittedApproval;
}

/** What a worker can do for a job; each but the first three is one transaction. */
export type Step =
    | 'wait'
    | 'forget'
    /** Compute, and deliver to the client. */
    | 'serve'
    /** Turn the client's signature into money. */
    | 'redeem'
    | 'submit'
    | 'finalize'
    /** Answer a demand on chain. */
    | 'publish'
    /** End a dispute that the arbiter did not. */
    | 'expireDispute';
