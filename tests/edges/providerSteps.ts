import { Cell, toNano } from '@ton/core';
import { DAY, toRegistry, toStake } from '../fixtures/stakes';
import { payeesCell } from '../helpers/cells';
import {
    parseGovernance,
    parseProposal,
    parseRegistryData,
    parseStakeCold,
    parseStakeConfig,
    parseStakeData,
} from '../helpers/layout';
import { body, openStakeBody } from '../helpers/network';
import { OPENING, plain, PLENTY, Sending, Step, step } from './step';
import { WalletName, World } from './world';

// Providers

const opened = [
    'RegisterMe stake registry',
    'Initialise registry stake',
    'TillParams stake till',
    'Excesses till owner',
];
const registered: Step['events'] = [{ op: 'ProviderRegistered', by: 'stake', during: 'Initialise' }];
const staking: Sending = { value: ({ provider }) => provider.amount + OPENING, deploys: true };
const openBody = ({ provider, profile }: World) => openStakeBody(provider.amount, profile);

export const openStake = step('OpenStake', openBody, ['OpenStake owner stake', ...opened], {
    ...staking,
    events: registered,
});
export const openRefused = step(
    'OpenStake below the minimum',
    openBody,
    ['OpenStake owner stake', 'RegisterMe stake registry', 'RegistrationRefused registry stake'],
    staking,
);
export const openNowhere = step(
    'OpenStake without a Registry',
    openBody,
    ['OpenStake owner stake', 'RegisterMe stake registry!', 'bounced RegisterMe registry stake'],
    staking,
);
export const topUpStake = step(
    'TopUpStake',
    () => toStake.topUp(toNano(100)),
    ['TopUpStake stranger stake', 'Excesses stake stranger'],
    { value: () => toNano(101) },
);
export const retry = step('RetryRegister', () => toStake.retry(), ['RetryRegister owner stake', ...opened], {
    value: () => OPENING,
    events: registered,
});
export const withdrawUnregistered = step('WithdrawUnregistered', () => toStake.withdrawUnregistered(), [
    'WithdrawUnregistered owner stake',
    'Excesses stake owner',
]);
export const sync = step(
    'SyncParams',
    ({ provider }) => toRegistry.sync(provider.owner.address),
    [
        'SyncParams stranger registry',
        'UpdateParams registry stake',
        'Excesses registry stranger',
        'TillParams stake till',
        'Excesses till stranger',
    ],
    { value: () => OPENING },
);
export const syncNobody = step(
    'SyncParams for nobody',
    ({ provider }) => toRegistry.sync(provider.owner.address),
    [
        'SyncParams stranger registry',
        'UpdateParams registry stake!',
        'Excesses registry stranger',
        'bounced UpdateParams stake registry',
    ],
    { value: () => OPENING },
);
const ofOwner = (name: string, message: (world: World) => Cell, sending: Sending = {}) =>
    step(name, message, [`${name} owner stake`, 'Excesses stake owner'], sending);
export const updateProfile = ofOwner('UpdateProfile', ({ profile }) => toStake.updateProfile(profile), {
    events: [{ op: 'ProfileUpdated', by: 'stake', during: 'UpdateProfile' }],
});
export const requestUnbond = ofOwner('RequestUnbond', () => toStake.requestUnbond(toNano(300)));
export const withdrawStake = ofOwner('WithdrawStake', () => toStake.withdraw(), {
    time: async ({ chain, provider }) => {
        const stake = parseStakeData((await chain.data(provider.stake))!);
        return parseStakeCold(parseStakeConfig(stake.config).cold).unlockAt;
    },
});
export const resetAllowance = ofOwner('ResetAllowanceUsed', () => toStake.resetAllowance());
export const cancelUnbond = ofOwner('CancelUnbond', () => toStake.cancelUnbond());

// The till

export const transfer = step('A plain transfer', () => new Cell(), ['empty stranger till'], {
    value: () => toNano(10),
});
export const settle = step(
    'Settle by a wallet',
    (world) => body('Settle').storeUint(toNano(10), 64).storeAddress(world.addressOf('stranger')).endCell(),
    ['Settle stranger till', 'Payout till heir', 'Payout till owner'],
    { value: () => toNano(10) + PLENTY },
);
export const withdraw = step('Withdraw', plain('Withdraw'), [
    'Withdraw owner till',
    'Payout till owner',
    'Excesses till owner',
]);
export const setPayees = step(
    'SetPayees',
    (world) =>
        body('SetPayees')
            .storeUint(0, 64)
            .storeMaybeRef(
                payeesCell([
                    { address: world.addressOf('heir'), bps: 5000 },
                    { address: world.addressOf('owner'), bps: 5000 },
                ]),
            )
            .endCell(),
    ['SetPayees owner till', 'Payout till owner', 'Excesses till owner'],
);
export const flush = step('FlushFees', plain('FlushFees'), [
    'FlushFees stranger till',
    'Payout till treasury',
    'Excesses till stranger',
]);

// Governance

const ofRegistry = (name: string, from: WalletName, message: (world: World) => Cell, sending: Sending = {}) =>
    step(name, message, [`${name} ${from} registry`, `Excesses registry ${from}`], sending);
export const openNetwork = ofRegistry('OpenNetwork', 'governor', ({ paramsCell }) => toRegistry.open(paramsCell), {
    value: () => OPENING,
    deploys: true,
});
/** When what is proposed can be executed. */
export const afterTimelock = async ({ chain, network }: World): Promise<number> => {
    const { governance } = parseRegistryData((await chain.data(network.registry))!);
    return parseProposal(parseGovernance(governance!).proposal!).executableAt;
};
export const executeProposal = ofRegistry('ExecuteProposal', 'stranger', () => toRegistry.execute(), {
    time: afterTimelock,
});

export const proposeParams = ofRegistry('ProposeParams', 'governor', ({ paramsCell }) =>
    toRegistry.proposeParams(paramsCell),
);
export const proposeModel = ofRegistry('ProposeModel', 'governor', () => toRegistry.proposeModel(7n, null));
export const cancelProposal = ofRegistry('CancelProposal', 'governor', () => toRegistry.cancel());
export const pause = ofRegistry('Pause', 'governor', ({ chain }) => toRegistry.pause(chain.now + DAY));
export const proposeGovernor = ofRegistry('ProposeGovernor', 'governor', (world) =>
    toRegistry.proposeGovernor(world.addressOf('heir')),
);
export const acceptGovernor = ofRegistry('AcceptGovernor', 'heir', () => toRegistry.acceptGovernor());
