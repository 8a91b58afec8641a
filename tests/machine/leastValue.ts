import { Id, Message } from './model/types';
import { placeOf } from './places';
import { World } from './world';

const DAY = 86400;

/** nanoTON that a message must bring; null where nothing in particular is asked. */
export function leastValue(message: Message, to: Id, world: World): bigint | null {
    const { costs } = world;
    const account = world.model.get(to) ?? placeOf(to)?.uninit;
    const job = account?.kind === 'JobEscrow' ? account : undefined;
    switch (message.op) {
        case 'OpenNetwork':
            return costs.networkOpening();
        case 'SyncParams':
            return costs.syncing();
        case 'ExecuteProposal':
            return costs.executing();
        case 'ProposeParams':
        case 'ProposeModel':
        case 'CancelProposal':
        case 'Pause':
        case 'ProposeGovernor':
        case 'AcceptGovernor':
            return costs.registryStep();
        case 'OpenStake':
            return message.amount + costs.stakeOpening();
        case 'RetryRegister':
            return costs.retrying();
        case 'TopUpStake':
            return message.amount + costs.stakeStep();
        case 'UpdateProfile':
            return costs.profile();
        case 'AcceptJob':
            return costs.accepting();
        case 'AcceptQuote':
            return costs.acceptance();
        case 'WithdrawUnregistered':
        case 'ResetAllowanceUsed':
        case 'RequestUnbond':
        case 'CancelUnbond':
        case 'WithdrawStake':
        case 'ReleaseStaleLock':
            return costs.stakeStep();
        case 'PostJob': {
            const { terms, quote } = message;
            const end = terms.acceptBy + terms.deliverWithin + 2 * terms.challengeWindow;
            const lockSeconds = end + terms.responseWindow + terms.arbitrationWindow + 7 * DAY - world.now;
            return costs.posting({
                price: terms.price,
                lockSeconds: BigInt(Math.max(0, lockSeconds)),
                quoted: quote !== null,
            });
        }
        case 'SubmitResult':
            return costs.escrowStep();
        case 'DemandResult':
            return costs.demandBond(job?.terms?.challengeBond ?? 0n) + costs.escrowStep();
        case 'Challenge':
            return (job?.terms?.challengeBond ?? 0n) + costs.escrowStep();
        case 'PublishResult':
        case 'PublishStorageId':
            return costs.publishing();
        case 'ApproveFull':
        case 'ApproveSubmitted':
        case 'FinalizeJob':
        case 'ExpireDispute':
            return costs.settlingEnd();
        case 'ExpireJob':
        case 'ExpireDemand':
            return costs.slashingEnd();
        case 'Verdict':
            return message.wrong ? costs.slashingEnd() : costs.settlingEnd();
        case 'CancelJob':
            return costs.cancelling();
        case 'OpenChannel':
            return costs.openingChannel(message.deposit, BigInt(Math.max(0, message.closesAt - world.now)));
        case 'Redeem':
            return costs.redeeming();
        case 'TopUpChannel':
            return message.amount + costs.channelStep();
        case 'RequestClose':
            return costs.channelStep();
        case 'CloseChannel':
            return costs.closing();
        case 'FinalizeChannel':
            return costs.finalizingChannel();
        case 'SetPayees':
            return costs.settingPayees();
        case 'Withdraw':
        case 'FlushFees':
            return costs.tillStep();
        default:
            return null;
    }
}
