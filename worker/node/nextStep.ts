import { JobState, KnownJob } from '../../wrappers';
import { Opening, ServedJob, Step } from './servedJob';

/** When a worker acts; all in seconds. */
export interface Timing {
    /** So long a worker that has delivered waits for the client's signature before it submits. */
    readonly approvalPatience: number;
    /** So long before deliverBy it submits at the latest. */
    readonly submitMargin: number;
    /** So long a message may take to show on chain before it is sent again. */
    readonly resendAfter: number;
    /** So long after a quote's end a job that is not accepted is forgotten: what was posted in time may arrive late. */
    readonly forgetAfter: number;
}

/** Good for a chain with blocks of a few seconds. */
export const DEFAULT_TIMING: Timing = { approvalPatience: 60, submitMargin: 60, resendAfter: 60, forgetAfter: 600 };

/**
 * What is due for a job: a function of what the worker knows, what the chain says, and the time, so that a worker that slept
 * goes on where the job is, not where it was.
 *
 * @param onChain - the job in its escrow; null if the escrow does not exist or holds other terms
 * @param now - unix seconds
 */
export function nextStep(job: ServedJob, onChain: KnownJob | null, now: number, timing: Timing): Step {
    const step = dueStep(job, onChain, now, timing);
    const { sent } = job;
    return sent && sent.step === step && now < sent.at + timing.resendAfter ? 'wait' : step;
}

function dueStep(job: ServedJob, onChain: KnownJob | null, now: number, timing: Timing): Step {
    // A quote can be spent until its last second, and once more if the client settled and opened the job anew.
    const unaccepted = now < job.quotedUntil + timing.forgetAfter ? 'wait' : 'forget';
    if (!onChain) {
        return unaccepted;
    }
    const opening = job.opening?.jobKey === onChain.jobKey ? job.opening : undefined;
    const late = now >= onChain.deadline;
    switch (onChain.state) {
        case JobState.Accepted:
            return late ? 'wait' : opening ? afterDelivery(opening, onChain.deadline, now, timing) : 'serve';
        case JobState.Submitted:
            return late ? 'finalize' : opening?.approval?.kind === 'approveSubmitted' ? 'redeem' : 'wait';
        case JobState.Demanded:
            return late || !opening ? 'wait' : 'publish';
        case JobState.Disputed:
            return late ? 'expireDispute' : 'wait';
        default:
            return unaccepted;
    }
}

function afterDelivery(opening: Opening, deliverBy: number, now: number, timing: Timing): Step {
    if (opening.approval?.kind === 'approveFull') {
        return 'redeem';
    }
    const patient = now < opening.servedAt + timing.approvalPatience && now < deliverBy - timing.submitMargin;
    return patient ? 'wait' : 'submit';
}
