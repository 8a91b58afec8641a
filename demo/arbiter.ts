import { Sender } from '@ton/core';
import { checkResult, Order } from '../client';
import { inputCommitment, resultCommitment } from '../protocol';
import { Market, StateError } from '../wrappers';

/** Who ends disputes: computes the job itself and says whether the provider was right. */
export class Arbiter {
    constructor(
        private readonly market: Market,
        private readonly wallet: Sender,
        private readonly models: readonly Uint8Array[],
    ) {}

    /**
     * Judges by what a party shows. Nobody is believed: salt and input must open the commitment in the terms, and the result
     * must be the one that was submitted.
     *
     * @returns whether the provider was wrong
     */
    async judge(shown: Order): Promise<boolean> {
        const job = await this.market.job(shown);
        const opens =
            job?.terms?.inputCommitment === inputCommitment(shown.salt, shown.input) &&
            shown.result !== undefined &&
            job.submission?.resultCommitment === resultCommitment(shown.result);
        if (!job || !opens) {
            throw new StateError('not-found', 'What was shown does not open what is on chain; show the originals');
        }
        const { equalsReferee } = checkResult({ terms: job.terms!, input: shown.input }, shown.result!, this.models);
        await this.market.giveVerdict(this.wallet, shown, { wrong: !equalsReferee });
        return !equalsReferee;
    }
}
