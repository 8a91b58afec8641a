import { Sender } from '@ton/core';
import { refereeResult } from '../client';
import { Evidence, openEvidence } from '../protocol';
import { JobName, Market, StateError } from '../wrappers';

/** Who ends disputes: computes the job itself and says whether the provider was right. */
export class Arbiter {
    constructor(
        private readonly market: Market,
        private readonly wallet: Sender,
        private readonly models: readonly Uint8Array[],
    ) {}

    /**
     * Judges by what a party shows; either can, and neither is believed.
     *
     * @returns whether the provider was wrong
     * @throws MarketError `not-found` if it does not open what is on chain
     */
    async judge(name: JobName, evidence: Evidence): Promise<boolean> {
        const job = await this.market.job(name);
        if (!job?.terms || !job.submission) {
            throw new StateError('not-found', 'There is no result of that job on chain');
        }
        const { terms, jobKey, escrow, submission } = job;
        const { resultCommitment } = submission;
        const networkId = await this.market.networkId();
        const output = await openEvidence(evidence, { networkId, escrow, jobKey, terms, resultCommitment });
        const right = refereeResult({ terms, input: evidence.input }, this.models);
        const wrong = output === null || right === undefined || !output.equals(right);
        await this.market.giveVerdict(this.wallet, name, { wrong });
        return wrong;
    }
}
