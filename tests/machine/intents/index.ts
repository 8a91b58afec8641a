import { Chance } from '../chance';
import { Memory } from '../memory';
import { Account, Op } from '../model/types';
import { Place } from '../places';
import { World } from '../world';
import { CHANNEL } from './channel';
import { ESCROW } from './escrow';
import { REGISTRY } from './registry';
import { anybody, Intent, Makers, plain } from './scene';
import { STAKE } from './stake';
import { TILL } from './till';

// What anybody could send to a place now, and who should.

export type { Intent } from './scene';

/** The messages that a kind of contract knows, and two that none should. */
export const RECEIVED = {
    Registry: [
        ...(['OpenNetwork', 'RegisterMe', 'SyncParams', 'ProposeParams', 'ProposeModel', 'ExecuteProposal'] as const),
        ...(['CancelProposal', 'Pause', 'ProposeGovernor', 'AcceptGovernor', 'Empty', 'Unknown'] as const),
    ],
    ProviderStake: [
        ...(['OpenStake', 'Initialise', 'RegistrationRefused', 'UpdateParams', 'RetryRegister'] as const),
        ...(['WithdrawUnregistered', 'TopUpStake', 'UpdateProfile', 'ResetAllowanceUsed', 'RequestUnbond'] as const),
        ...(['CancelUnbond', 'WithdrawStake', 'AcceptJob', 'AcceptQuote', 'ReleaseCollateral'] as const),
        ...(['SlashCollateral', 'ReleaseStaleLock', 'AttestationVerdict', 'Empty', 'Unknown'] as const),
    ],
    JobEscrow: [
        ...(['PostJob', 'JobAccepted', 'ApproveFull', 'ApproveSubmitted', 'SubmitResult', 'FinalizeJob'] as const),
        ...(['ExpireJob', 'CancelJob', 'DemandResult', 'PublishResult', 'PublishStorageId', 'ExpireDemand'] as const),
        ...(['Challenge', 'Verdict', 'ExpireDispute', 'Empty', 'Unknown'] as const),
    ],
    PaymentChannel: [
        ...(['OpenChannel', 'Redeem', 'TopUpChannel', 'CloseChannel', 'RequestClose', 'FinalizeChannel'] as const),
        ...(['Empty', 'Unknown'] as const),
    ],
    PayoutSettlement: ['TillParams', 'Settle', 'Withdraw', 'SetPayees', 'FlushFees', 'Empty', 'Unknown'],
} as const satisfies Record<Account['kind'], readonly Op[]>;

const MAKERS = {
    Registry: REGISTRY,
    ProviderStake: STAKE,
    JobEscrow: ESCROW,
    PaymentChannel: CHANNEL,
    PayoutSettlement: TILL,
};

/** One message of that kind for that place. */
export function intentFor(op: Op, place: Place, world: World, memory: Memory, chance: Chance, wild: boolean): Intent {
    const account = world.model.get(place.id) ?? place.uninit;
    const makers = MAKERS[account.kind] as Makers<Account>;
    const maker = makers[op];
    return maker
        ? maker({ world, memory, chance, place, account, wild })
        : { message: plain(op), from: anybody(chance) };
}
