import { beginCell, Cell, toNano } from '@ton/core';
import { approveFullBody, verdictBody } from '../fixtures/jobs';
import { toStake } from '../fixtures/stakes';
import { hashNamed, quoteCell } from '../helpers/cells';
import { parseChannelData, parseStakeData } from '../helpers/layout';
import { body } from '../helpers/network';
import { plain, PLENTY, Sending, step } from './step';
import { World } from './world';

// Jobs

const posting: Sending = { value: ({ job }) => job.terms.price + PLENTY, deploys: true };
const bonding: Sending = { value: ({ job }) => job.terms.challengeBond + PLENTY };
const jobDeadline = async ({ job }: World) => (await job.data()).deadline;
const settled = [
    'Settle escrow till',
    'ReleaseCollateral escrow stake',
    'JobClosed escrow client',
    'Payout till owner',
];
const slashed = [
    'SlashCollateral escrow stake',
    'JobClosed escrow client',
    'SlashShare stake client',
    'SlashShare stake treasury',
];

// The same quote is signed once: a signature takes longer than all that follows from it.
const quotes = new Map<string, Cell>();

function quoteOf({ job, chain, provider }: World, validUntil: number, terms: Cell = job.termsCell): Cell {
    const key = `${job.escrow} ${terms.hash().toString('hex')} ${validUntil} ${chain.priceSet}`;
    let quote = quotes.get(key);
    if (quote === undefined) {
        const collateral = job.terms.requiredCollateral;
        quote = quoteCell({ escrow: job.escrow, terms, collateral, validUntil }, provider.signing);
        quotes.set(key, quote);
    }
    return quote;
}

export const post = step('PostJob', ({ job }) => job.postBody(), ['PostJob client escrow'], posting);
export const postQuoted = step(
    'PostJob with a quote',
    (world) => world.job.postBody(quoteOf(world, world.chain.now + 60)),
    ['PostJob client escrow', 'AcceptQuote escrow stake', 'JobAccepted stake escrow'],
    posting,
);
export const postRefused = step(
    'PostJob with an old quote',
    (world) => world.job.postBody(quoteOf(world, world.chain.now)),
    [
        'PostJob client escrow',
        'AcceptQuote escrow stake!',
        'bounced AcceptQuote stake escrow',
        'JobClosed escrow client',
    ],
    posting,
);
export const postMismatched = step(
    'PostJob with a quote for other terms',
    (world) => world.job.postBody(quoteOf(world, world.chain.now + 60, beginCell().endCell())),
    [
        'PostJob client escrow',
        'AcceptQuote escrow stake',
        'JobAccepted stake escrow!',
        'bounced JobAccepted escrow stake',
    ],
    posting,
);
export const acceptBy = (who: 'operator' | 'owner') =>
    step(`AcceptJob by ${who}`, ({ job }) => job.acceptBody(), [
        `AcceptJob ${who} stake`,
        'JobAccepted stake escrow',
        `Excesses stake ${who}`,
    ]);
export const submit = step(
    'SubmitResult',
    async ({ job }) =>
        body('SubmitResult')
            .storeUint(job.terms.price, 64)
            .storeUint(await job.jobKey(), 256)
            .storeUint(job.resultCommitment, 256)
            .storeUint(hashNamed('trace'), 256)
            .endCell(),
    ['SubmitResult operator escrow', 'Excesses escrow operator'],
);
export const approveFull = step('ApproveFull', () => approveFullBody(), ['ApproveFull client escrow', ...settled]);
export const approveSubmitted = step(
    'ApproveSubmitted',
    ({ job }) => body('ApproveSubmitted').storeUint(job.terms.price, 64).storeUint(job.resultCommitment, 256).endCell(),
    ['ApproveSubmitted client escrow', ...settled],
);
export const finalize = step('FinalizeJob', plain('FinalizeJob'), ['FinalizeJob stranger escrow', ...settled], {
    time: jobDeadline,
});
export const demand = step(
    'DemandResult',
    plain('DemandResult'),
    ['DemandResult client escrow', 'Excesses escrow client'],
    bonding,
);
export const publish = step('PublishResult', ({ job }) => body('PublishResult').storeRef(job.result).endCell(), [
    'PublishResult stranger escrow',
    'Settle escrow till',
    'Excesses escrow stranger',
    'Payout till owner',
]);
export const publishId = step(
    'PublishStorageId',
    () => body('PublishStorageId').storeRef(beginCell().storeStringTail('an id').endCell()).endCell(),
    ['PublishStorageId operator escrow', 'Settle escrow till', 'Excesses escrow operator', 'Payout till owner'],
);
export const expireDemand = step('ExpireDemand', plain('ExpireDemand'), ['ExpireDemand stranger escrow', ...slashed], {
    time: jobDeadline,
});
export const challenge = step(
    'Challenge',
    plain('Challenge'),
    ['Challenge client escrow', 'Excesses escrow client'],
    bonding,
);
export const wrong = step('Verdict: wrong', () => verdictBody(true, 5000), ['Verdict arbiter escrow', ...slashed]);
export const right = step('Verdict: right', () => verdictBody(false, 0), ['Verdict arbiter escrow', ...settled]);
export const expireDispute = step(
    'ExpireDispute',
    plain('ExpireDispute'),
    ['ExpireDispute stranger escrow', ...settled],
    {
        time: jobDeadline,
    },
);
export const expireJob = step('ExpireJob', plain('ExpireJob'), ['ExpireJob stranger escrow', ...slashed], {
    time: jobDeadline,
});
export const cancel = step('CancelJob', plain('CancelJob'), ['CancelJob client escrow', 'JobClosed escrow client'], {
    time: jobDeadline,
});
/** Frees the only lock. */
export const releaseStale = step(
    'ReleaseStaleLock',
    async ({ chain, provider }) => {
        const [slot] = parseStakeData((await chain.data(provider.stake))!).locks.keys();
        return toStake.releaseStale(slot!);
    },
    ['ReleaseStaleLock stranger stake', 'Excesses stake stranger'],
    { time: async ({ job }) => job.lockUntil },
);
export const expireWithoutLock = step('ExpireJob without its lock', plain('ExpireJob'), [
    'ExpireJob stranger escrow',
    'SlashCollateral escrow stake',
    'JobClosed escrow client',
]);

// Channels

export const openChannel = step(
    'OpenChannel',
    ({ channel }) => channel.openBody(),
    ['OpenChannel client channel', 'Excesses channel client'],
    { value: ({ channel }) => channel.offer.deposit + PLENTY, deploys: true },
);
export const topUpChannel = step(
    'TopUpChannel',
    ({ channel }) => channel.topUpBody(toNano(2)),
    ['TopUpChannel stranger channel', 'Excesses channel stranger'],
    { value: () => toNano(2) + PLENTY },
);
export const redeem = step('Redeem', async ({ channel }) => channel.redeemBody(await channel.voucher(toNano(4))), [
    'Redeem operator channel',
    'Settle channel till',
    'Payout till owner',
]);
export const requestClose = step('RequestClose', ({ channel }) => channel.requestCloseBody(), [
    'RequestClose client channel',
    'Excesses channel client',
]);
export const finalizeChannel = step(
    'FinalizeChannel',
    ({ channel }) => channel.finalizeBody(),
    ['FinalizeChannel stranger channel', 'ChannelClosed channel client'],
    { time: async ({ channel, chain }) => parseChannelData((await chain.data(channel.address))!).closesAt },
);
export const closeChannel = step(
    'CloseChannel',
    async ({ channel }) => channel.closeBody(await channel.agreement(toNano(6))),
    ['CloseChannel client channel', 'Settle channel till', 'ChannelClosed channel client', 'Payout till owner'],
);
