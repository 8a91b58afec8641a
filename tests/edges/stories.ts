import { toNano } from '@ton/core';
import {
    attest,
    attestBadly,
    attestOthers,
    attestWithPck,
    executeImpossible,
    executePolicy,
    forgetPck,
    payRent,
    proposeImpossible,
    proposePolicy,
    remember,
    revokeAttestation,
    submitTcbInfo,
} from './attestationSteps';
import {
    post,
    postQuoted,
    postRefused,
    postMismatched,
    acceptBy,
    submit,
    approveFull,
    approveSubmitted,
    finalize,
    demand,
    publish,
    publishId,
    expireDemand,
    challenge,
    wrong,
    right,
    expireDispute,
    expireJob,
    cancel,
    releaseStale,
    expireWithoutLock,
    openChannel,
    topUpChannel,
    redeem,
    requestClose,
    finalizeChannel,
    closeChannel,
} from './jobSteps';
import {
    openStake,
    openRefused,
    openNowhere,
    topUpStake,
    retry,
    withdrawUnregistered,
    sync,
    syncNobody,
    updateProfile,
    requestUnbond,
    withdrawStake,
    resetAllowance,
    cancelUnbond,
    transfer,
    settle,
    withdraw,
    setPayees,
    flush,
    openNetwork,
    executeProposal,
    proposeParams,
    proposeModel,
    cancelProposal,
    pause,
    proposeGovernor,
    acceptGovernor,
} from './providerSteps';
import { Step } from './step';
import { Base } from './world';

/** A flow from its beginning to an end where everybody has what is his. */
export interface Story {
    name: string;
    base: Base;
    /** nanoTON staked; default: 1000 TON. */
    amount?: bigint;
    steps: Step[];
}

const submitted = [post, acceptBy('operator'), submit];

/** Between them they take every edge of docs/flows.md. */
export const STORIES: readonly Story[] = [
    { name: 'a quoted job', base: 'registered', steps: [postQuoted, approveFull] },
    { name: 'an open job', base: 'registered', steps: [...submitted, approveSubmitted] },
    { name: 'a finalized job', base: 'registered', steps: [...submitted, finalize] },
    { name: 'a published result', base: 'registered', steps: [...submitted, demand, publish, finalize] },
    { name: 'a stored result', base: 'registered', steps: [...submitted, demand, publishId, finalize] },
    { name: 'an ignored demand', base: 'registered', steps: [...submitted, demand, expireDemand] },
    { name: 'a lost dispute', base: 'registered', steps: [...submitted, challenge, wrong] },
    { name: 'a won dispute', base: 'registered', steps: [...submitted, challenge, right] },
    { name: 'a silent arbiter', base: 'registered', steps: [...submitted, challenge, expireDispute] },
    { name: 'a late provider', base: 'registered', steps: [post, acceptBy('operator'), expireJob] },
    { name: 'a late owner', base: 'registered', steps: [post, acceptBy('owner'), expireJob] },
    { name: 'a job taken back', base: 'registered', steps: [post, cancel] },
    { name: 'a refused quote', base: 'registered', steps: [postRefused] },
    { name: 'a refused acceptance', base: 'registered', steps: [postMismatched, cancel] },
    {
        name: 'a stale lock',
        base: 'registered',
        steps: [post, acceptBy('operator'), releaseStale, expireWithoutLock],
    },
    {
        name: 'a channel',
        base: 'registered',
        steps: [openChannel, topUpChannel, redeem, requestClose, finalizeChannel],
    },
    { name: 'a channel closed by both', base: 'registered', steps: [openChannel, closeChannel] },
    { name: 'a stake', base: 'network', steps: [openStake] },
    { name: 'a stake taken back', base: 'network', amount: toNano(50), steps: [openRefused, withdrawUnregistered] },
    {
        name: 'a stake refused at first',
        base: 'network',
        amount: toNano(50),
        steps: [openRefused, topUpStake, retry],
    },
    { name: 'a stake without a Registry', base: 'empty', steps: [openNowhere, withdrawUnregistered] },
    { name: 'a sync', base: 'registered', steps: [sync] },
    { name: 'a sync for nobody', base: 'network', steps: [syncNobody] },
    {
        name: 'the owner’s messages',
        base: 'registered',
        steps: [topUpStake, updateProfile, resetAllowance, requestUnbond, cancelUnbond, requestUnbond, withdrawStake],
    },
    { name: 'a verifier', base: 'network', steps: [payRent] },
    { name: 'an attestation', base: 'registered', steps: [attest, attestOthers, submitTcbInfo] },
    {
        name: 'a certificate that is remembered',
        base: 'registered',
        steps: [remember, attestWithPck, attestBadly, forgetPck],
    },
    {
        name: 'the verifier’s policy',
        base: 'network',
        steps: [proposePolicy, executePolicy, proposeImpossible, executeImpossible, revokeAttestation],
    },
    { name: 'the till', base: 'registered', steps: [transfer, withdraw, transfer, setPayees, settle, flush] },
    {
        name: 'governance',
        base: 'empty',
        steps: [
            openNetwork,
            proposeParams,
            executeProposal,
            proposeModel,
            cancelProposal,
            pause,
            proposeGovernor,
            acceptGovernor,
        ],
    },
];
