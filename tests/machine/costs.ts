import { Prices as WrapperPrices } from '../../wrappers';
import * as fees from '../../wrappers/fees';
import * as limits from '../../wrappers/gasLimits';
import { Prices } from '../helpers/prices';
import { Costs } from './model/types';

/** What the wrappers tell senders to attach: the model holds the contracts to exactly that. */
export function costsAt(prices: Prices): Costs {
    const at: WrapperPrices = {
        gas: { flatLimit: prices.flatGasLimit, flatPrice: prices.flatGasPrice, price: prices.gasPrice },
        forward: { lumpPrice: prices.lumpPrice, bitPrice: prices.bitPrice, cellPrice: prices.cellPrice },
        storage: { bitPrice: prices.storageBitPrice, cellPrice: prices.storageCellPrice },
    };
    return {
        networkOpening: () => fees.networkOpeningValue(at),
        registryStep: () => fees.registryStepValue(at),
        executing: () => fees.executingValue(at),
        syncing: () => fees.syncingValue(at),
        registration: () => fees.registrationValue(at),
        stakeOpening: () => fees.openingValue(at),
        retrying: () => fees.retryingValue(at),
        stakeRent: () => fees.stakeRent(at),
        tillDeployment: () => fees.tillDeploymentValue(at),
        initialiseGas: () => fees.computeFee(at, limits.GAS_STAKE_INITIALISE),
        accepting: () => fees.acceptingValue(at),
        acceptance: () => fees.acceptanceValue(at),
        profile: () => fees.profileValue(at),
        stakeStep: () => fees.stakeStepValue(at),
        posting: ({ price, lockSeconds, quoted }) => fees.postingValue(at, { price, lockSeconds, quoted }),
        escrowStep: () => fees.escrowStepValue(at),
        settlingEnd: () => fees.settlingEndValue(at),
        slashingEnd: () => fees.slashingEndValue(at),
        cancelling: () => fees.cancellingValue(at),
        demandBond: (bond) => fees.demandBond(at, bond),
        publishing: () => fees.publishingValue(at),
        channelRent: (lifetime) => fees.channelRent(at, lifetime),
        openingChannel: (deposit, lifetime) => fees.openingChannelValue(at, deposit, lifetime),
        redeeming: () => fees.redeemingValue(at),
        channelStep: () => fees.channelStepValue(at),
        closing: () => fees.closingValue(at),
        finalizingChannel: () => fees.finalizingChannelValue(at),
        settingPayees: () => fees.settingPayeesValue(at),
        tillStep: () => fees.tillStepValue(at),
        tillRent: () => fees.tillRent(at),
        settleGas: () => fees.computeFee(at, limits.GAS_TILL_SETTLE),
        severalPayoutsGas: () => fees.computeFee(at, limits.GAS_TILL_SETTLE + 4n * limits.GAS_TILL_PAYEE),
        dust: () => fees.dust(at),
    };
}
