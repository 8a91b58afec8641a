import { toNano } from '@ton/core';
import { DAY, PLENTY, toStake } from '../../fixtures/stakes';
import { packedHash, profileCell, uint256Of } from '../../helpers/cells';
import { Scene } from '../scene';
import { attemptLt, Case, escrow, owner, ownerOrOperator, registry, toStakeOf, verifier } from './case';

const unbond = async ({ market }: Scene) =>
    await market.stepped(market.owner, { to: market.stake, value: PLENTY, body: toStake.requestUnbond(toNano(1)) });

const slashBody = async ({ job, market }: Scene) => {
    const { lockId, slot } = await job.data();
    const client = market.client.address;
    return toStake.slash(lockId, slot, { amount: toNano(20), client, toClientBps: 5000 });
};

export const stakeCases: Case[] = [
    {
        name: 'OpenStake',
        contract: 'ProviderStake',
        at: 'network',
        senders: owner,
        message: ({ market: { stake: to, provider } }) => ({
            to,
            init: provider.stakeInit,
            value: provider.amount + PLENTY,
            body: toStake.open(provider.amount, profileCell(provider.profile)),
        }),
    },
    toStakeOf('AcceptQuote', 'quoting', escrow, async ({ job, market }) =>
        toStake.acceptQuote({
            openedLt: (await job.data()).openedLt,
            collateral: job.terms.requiredCollateral,
            client: market.client.address,
            nonce: job.nonce,
            lockUntil: job.lockUntil,
            quote: job.quote(),
        }),
    ),
    toStakeOf('AcceptJob', 'open', ownerOrOperator, ({ job }) => job.acceptBody()),
    toStakeOf(
        'ReleaseCollateral',
        'accepted',
        escrow,
        async ({ job }) => {
            const { lockId, slot } = await job.data();
            return toStake.release(lockId, slot, toNano(10), 0);
        },
        { refusal: 'ignored' },
    ),
    toStakeOf('SlashCollateral', 'accepted', escrow, slashBody, { refusal: 'ignored' }),
    toStakeOf(
        'ReleaseStaleLock',
        'accepted',
        'anyone',
        async ({ job }) => toStake.releaseStale((await job.data()).slot),
        {
            prepare: async ({ job, market }) => await Promise.resolve(market.chain.at(job.lockUntil)),
        },
    ),
    toStakeOf('TopUpStake', 'registered', 'anyone', () => toStake.topUp(toNano(1))),
    toStakeOf('UpdateProfile', 'registered', owner, ({ market }) =>
        toStake.updateProfile(market.profile({ allowanceCap: 1n })),
    ),
    toStakeOf('ResetAllowanceUsed', 'accepted', owner, toStake.resetAllowance, {
        prepare: async (scene) =>
            await scene.market.send(scene.job.escrow, {
                to: scene.market.stake,
                value: PLENTY,
                body: await slashBody(scene),
            }),
    }),
    toStakeOf('RequestUnbond', 'registered', owner, () => toStake.requestUnbond(toNano(1))),
    toStakeOf('CancelUnbond', 'registered', owner, toStake.cancelUnbond, { prepare: unbond }),
    toStakeOf('WithdrawStake', 'registered', owner, toStake.withdraw, {
        prepare: async (scene) => {
            await unbond(scene);
            scene.market.chain.pass(14 * DAY);
        },
    }),
    toStakeOf('RetryRegister', 'unregistered', owner, toStake.retry),
    toStakeOf('WithdrawUnregistered', 'unregistered', owner, toStake.withdrawUnregistered),
    toStakeOf('Initialise', 'registering', registry, async (scene) =>
        toStake.initialise(await attemptLt(scene), scene.market.network.params),
    ),
    toStakeOf(
        'RegistrationRefused',
        'registering',
        registry,
        async (scene) => toStake.refuse(await attemptLt(scene), 2),
        { refusal: 'ignored' },
    ),
    toStakeOf('UpdateParams', 'registered', registry, ({ market }) =>
        toStake.updateParams({ ...market.network.params, feeBps: 100 }, 9, market.stranger.address),
    ),
    toStakeOf('AttestationVerdict', 'registered', verifier, ({ market: { provider, stake: to, now } }) => {
        const { signingKey, encryptionKey } = provider.profile;
        const keys: [bigint, number][] = [
            [signingKey, 256],
            [encryptionKey, 256],
        ];
        const report = packedHash('reportData', [uint256Of(to.hash), 256], ...keys);
        return toStake.verdict(Buffer.concat([report, Buffer.alloc(32)]), now + DAY);
    }),
];
