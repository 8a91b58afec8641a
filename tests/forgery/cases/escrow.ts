import { beginCell } from '@ton/core';
import { sign } from '@ton/crypto';
import { approveFullBody, verdictBody } from '../../fixtures/jobs';
import { PLENTY } from '../../fixtures/stakes';
import { hashNamed, packedHash } from '../../helpers/cells';
import { body } from '../../helpers/network';
import { Scene } from '../scene';
import { arbiter, bare, bytes, Case, client, ownerOrOperator, stake, toEscrowOf } from './case';

const timeOfJob = async ({ job, market }: Scene) => market.chain.at((await job.data()).deadline);

const signed = async (scene: Scene, tag: 'approveFull' | 'approveSubmitted') => {
    const { job } = scene;
    const key: [bigint, number] = [await job.jobKey(), 256];
    const submitted: [bigint, number][] = [
        [job.resultCommitment, 256],
        [job.terms.price, 64],
    ];
    return sign(packedHash(tag, key, ...(tag === 'approveFull' ? [] : submitted)), job.clientKey.secretKey);
};
const approveSubmitted = ({ job }: Scene, signature: Buffer = Buffer.alloc(0)) =>
    body('ApproveSubmitted')
        .storeUint(job.terms.price, 64)
        .storeUint(job.resultCommitment, 256)
        .storeBuffer(signature)
        .endCell();

export const escrowCases: Case[] = [
    ...[false, true].map((quoted) => ({
        name: 'PostJob',
        variant: quoted ? 'with a quote' : undefined,
        contract: 'JobEscrow' as const,
        at: 'channel' as const,
        senders: client,
        message: ({ job }: Scene) => ({
            to: job.escrow,
            init: job.init,
            value: job.terms.price + PLENTY,
            body: job.postBody(quoted ? job.quote() : null),
        }),
    })),
    toEscrowOf('JobAccepted', 'open', stake, async ({ job, market: { provider } }) =>
        body('JobAccepted', 77n)
            .storeUint(5, 8)
            .storeUint(await job.jobKey(), 256)
            .storeUint(job.terms.requiredCollateral, 64)
            .storeUint(job.lockUntil, 32)
            .storeUint(0, 8 + 32)
            .storeRef(
                beginCell()
                    .storeAddress(provider.till)
                    .storeAddress(provider.operator.address)
                    .storeAddress(provider.owner.address)
                    .endCell(),
            )
            .endCell(),
    ),
    toEscrowOf('ApproveFull', 'accepted', client, () => approveFullBody()),
    toEscrowOf(
        'ApproveFull',
        'accepted',
        'anyone',
        async (scene) => approveFullBody(await signed(scene, 'approveFull')),
        {
            variant: 'signed',
        },
    ),
    toEscrowOf('ApproveSubmitted', 'submitted', client, (scene) => approveSubmitted(scene)),
    toEscrowOf(
        'ApproveSubmitted',
        'submitted',
        'anyone',
        async (scene) => approveSubmitted(scene, await signed(scene, 'approveSubmitted')),
        { variant: 'signed' },
    ),
    toEscrowOf('SubmitResult', 'accepted', ownerOrOperator, async ({ job }) =>
        body('SubmitResult')
            .storeUint(job.terms.price, 64)
            .storeUint(await job.jobKey(), 256)
            .storeUint(job.resultCommitment, 256)
            .storeUint(hashNamed('trace'), 256)
            .endCell(),
    ),
    toEscrowOf('FinalizeJob', 'submitted', 'anyone', bare('FinalizeJob'), { prepare: timeOfJob }),
    toEscrowOf('ExpireJob', 'accepted', 'anyone', bare('ExpireJob'), { prepare: timeOfJob }),
    toEscrowOf('CancelJob', 'open', client, bare('CancelJob')),
    toEscrowOf('DemandResult', 'submitted', client, bare('DemandResult')),
    toEscrowOf('PublishResult', 'demanded', 'anyone', ({ job }) =>
        body('PublishResult').storeRef(job.result).endCell(),
    ),
    toEscrowOf('PublishStorageId', 'demanded', ownerOrOperator, () =>
        body('PublishStorageId').storeRef(bytes('here')).endCell(),
    ),
    toEscrowOf('ExpireDemand', 'demanded', 'anyone', bare('ExpireDemand'), { prepare: timeOfJob }),
    toEscrowOf('Challenge', 'submitted', client, bare('Challenge')),
    ...[true, false].map((wrong) =>
        toEscrowOf('Verdict', 'disputed', arbiter, () => verdictBody(wrong, 10000), {
            variant: wrong ? 'wrong' : 'right',
        }),
    ),
    toEscrowOf('ExpireDispute', 'disputed', 'anyone', bare('ExpireDispute'), { prepare: timeOfJob }),
];
