import * as limits from './gasLimits';
import { Prices } from './prices';

// The arithmetic of contracts/common/fees.tact over a network's prices, rounded as TVM rounds: every function gives the exact
// least value that a contract accepts at these prices. A test evaluates the contracts' own expressions against them.

function shiftUp(value: bigint): bigint {
    return (value + 0xffffn) >> 16n;
}

/** nanoTON for an amount of gas (GETGASFEE). */
export function computeFee(prices: Prices, gas: bigint): bigint {
    const { flatLimit, flatPrice, price } = prices.gas;
    return gas <= flatLimit ? flatPrice : flatPrice + shiftUp((gas - flatLimit) * price);
}

/** nanoTON to forward a message with this much below its root cell (GETFORWARDFEE). */
export function forwardFee(prices: Prices, cells = 0n, bits = 0n): bigint {
    const { lumpPrice, bitPrice, cellPrice } = prices.forward;
    return lumpPrice + shiftUp(bits * bitPrice + cells * cellPrice);
}

/**
 * nanoTON to forward any message of ours with this much in its references, at most: a long body does not fit beside the filled-in
 * header and travels in a cell of its own.
 */
export function messageFee(prices: Prices, cells = 0n, bits = 0n): bigint {
    return forwardFee(prices, cells + 1n, bits + limits.LONGEST_BODY_BITS);
}

/** nanoTON to store this much for so long (GETSTORAGEFEE). */
export function storageFee(prices: Prices, cells: bigint, bits: bigint, seconds: bigint): bigint {
    return shiftUp((bits * prices.storage.bitPrice + cells * prices.storage.cellPrice) * seconds);
}

/** nanoTON below which a share is not sent. */
export function dust(prices: Prices): bigint {
    return 2n * forwardFee(prices);
}

/** nanoTON that JobAccepted carries. */
export function jobAcceptedValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_ESCROW_JOB_ACCEPTED) +
        computeFee(prices, limits.GAS_STAKE_BOUNCE) +
        messageFee(prices)
    );
}

/** nanoTON that an acceptance brings to the stake, without the excess's fee; `gas`: of the handler. */
export function acceptanceValue(prices: Prices, gas: bigint = limits.GAS_STAKE_ACCEPT): bigint {
    return (
        computeFee(prices, gas) +
        storageFee(prices, limits.LOCK_CELLS, limits.LOCK_BITS, limits.LOCK_MAX_SECONDS) +
        messageFee(prices, 1n, limits.PARTY_BITS) +
        jobAcceptedValue(prices)
    );
}

/** nanoTON that AcceptQuote carries. */
export function acceptQuoteValue(prices: Prices): bigint {
    return acceptanceValue(prices) + computeFee(prices, limits.GAS_ESCROW_REFUND) + messageFee(prices) * 2n;
}

/** nanoTON that a Settle carries beyond its amount. */
export function settleValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_TILL_SETTLE) + messageFee(prices);
}

/** nanoTON that ReleaseCollateral carries. */
export function releaseValue(prices: Prices): bigint {
    return computeFee(prices, (limits.GAS_STAKE_RELEASE * 5n) / 4n);
}

/** nanoTON that SlashCollateral carries. */
export function slashValue(prices: Prices): bigint {
    return computeFee(prices, (limits.GAS_STAKE_SLASH * 5n) / 4n);
}

/** Five years' rent of a till. */
export function tillRent(prices: Prices): bigint {
    return storageFee(prices, limits.TILL_CELLS, limits.TILL_BITS, limits.PERPETUAL_RENT_SECONDS);
}

/** Five years' rent of a stake. */
export function stakeRent(prices: Prices): bigint {
    return storageFee(prices, limits.STAKE_CELLS, limits.STAKE_BITS, limits.PERPETUAL_RENT_SECONDS);
}

/** Five years' rent of a Registry. */
export function registryRent(prices: Prices): bigint {
    return storageFee(prices, limits.REGISTRY_CELLS, limits.REGISTRY_BITS, limits.PERPETUAL_RENT_SECONDS);
}

/** nanoTON that TillParams carries at least: deployment, rent and excess. */
export function tillDeploymentValue(prices: Prices): bigint {
    return (
        messageFee(prices, limits.TILL_DEPLOY_CELLS, limits.TILL_DEPLOY_BITS) +
        computeFee(prices, limits.GAS_TILL_PARAMS) +
        tillRent(prices) +
        messageFee(prices)
    );
}

/** nanoTON that RegisterMe carries. */
export function registrationValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_REGISTRY_REGISTER) +
        messageFee(prices, 1n, limits.PARAMS_BITS) +
        computeFee(prices, limits.GAS_STAKE_INITIALISE) +
        messageFee(prices, limits.EVENT_CELLS, limits.EVENT_BITS) +
        tillDeploymentValue(prices)
    );
}

/** nanoTON that OpenNetwork brings at least. */
export function networkOpeningValue(prices: Prices): bigint {
    return registryRent(prices) + registryStepValue(prices);
}

/** nanoTON that ExecuteProposal brings at least: room for the deepest place in a full catalogue. */
export function executingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_REGISTRY_EXECUTE) + messageFee(prices);
}

/** nanoTON that each further message to the Registry but SyncParams brings at least. */
export function registryStepValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_REGISTRY_STEP) + messageFee(prices);
}

/** nanoTON that SyncParams brings at least. */
export function syncingValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_STAKE_INITIALISE) +
        tillDeploymentValue(prices) +
        messageFee(prices, 1n, limits.PARAMS_BITS) +
        computeFee(prices, limits.GAS_REGISTRY_STEP) +
        messageFee(prices)
    );
}

/** nanoTON that OpenStake brings at least beyond the staked amount. */
export function openingValue(prices: Prices): bigint {
    return (
        stakeRent(prices) + computeFee(prices, limits.GAS_STAKE_OPEN) + messageFee(prices) + registrationValue(prices)
    );
}

/**
 * nanoTON that RetryRegister brings at least, while the stake still has its five years' rent from the opening; with less there
 * the message bounces and the missing rent has to be added.
 */
export function retryingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_STAKE_RETRY) + messageFee(prices) + registrationValue(prices);
}

/** nanoTON that AcceptJob brings at least. */
export function acceptingValue(prices: Prices): bigint {
    return acceptanceValue(prices, limits.GAS_STAKE_ACCEPT_JOB) + messageFee(prices);
}

/** nanoTON that UpdateProfile brings at least. */
export function profileValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_STAKE_PROFILE) +
        messageFee(prices, limits.EVENT_CELLS, limits.EVENT_BITS) +
        messageFee(prices)
    );
}

/** nanoTON that each further message to the stake brings at least (TopUpStake: beyond the amount). */
export function stakeStepValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_STAKE_STEP) + messageFee(prices);
}

/** What the posting of a job costs beyond the job itself depends on these. */
export interface PostingShape {
    /** nanoTON */
    price: bigint;
    /** Seconds from the posting to the end of the provider's lock. */
    lockSeconds: bigint;
    /** Whether a quote goes along. */
    quoted: boolean;
}

/** nanoTON that PostJob brings at least: price, rent, and the reserve for every later step. What is left returns at the end. */
export function postingValue(prices: Prices, shape: PostingShape): bigint {
    const toStake = shape.quoted ? acceptQuoteValue(prices) + messageFee(prices, 1n, limits.QUOTE_BITS) : 0n;
    return shape.price + openingReserve(prices, shape.lockSeconds) + toStake;
}

/** nanoTON that PostJob keeps in the escrow beyond the price. */
export function openingReserve(prices: Prices, lockSeconds: bigint): bigint {
    return (
        storageFee(prices, limits.ESCROW_CELLS, limits.ESCROW_BITS, lockSeconds + limits.YEAR_SECONDS) +
        computeFee(prices, limits.GAS_ESCROW_POST) +
        settleValue(prices) +
        slashValue(prices) +
        computeFee(prices, limits.GAS_ESCROW_TERMINAL) +
        3n * messageFee(prices)
    );
}

/** nanoTON that the messages which leave a job alive bring at least (demand and challenge: beyond the bond). */
export function escrowStepValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_ESCROW_STEP) + messageFee(prices);
}

/**
 * nanoTON with which an end that pays the provider always succeeds: approvals, FinalizeJob, ExpireDispute and a verdict for the
 * provider. What the opening left over usually covers it; then it comes back to the client with the rest.
 */
export function settlingEndValue(prices: Prices): bigint {
    return (
        settleValue(prices) +
        releaseValue(prices) +
        computeFee(prices, limits.GAS_ESCROW_TERMINAL) +
        3n * messageFee(prices)
    );
}

/** nanoTON with which an end that slashes always succeeds: ExpireJob, ExpireDemand and a verdict against the provider. */
export function slashingEndValue(prices: Prices): bigint {
    return slashValue(prices) + computeFee(prices, limits.GAS_ESCROW_TERMINAL) + 2n * messageFee(prices);
}

/** nanoTON with which CancelJob always succeeds. */
export function cancellingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_ESCROW_REFUND) + messageFee(prices);
}

/** nanoTON that answering a demand with 4 KiB of ciphertext costs: what a demand's bond is at least. */
export function publishingCost(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_ESCROW_PUBLISH) +
        messageFee(prices, limits.CIPHERTEXT_MAX_CELLS, limits.CIPHERTEXT_MAX_BITS) +
        settleValue(prices) +
        2n * messageFee(prices)
    );
}

/** nanoTON that a demand holds as its bond. */
export function demandBond(prices: Prices, challengeBond: bigint): bigint {
    const least = publishingCost(prices);
    return challengeBond > least ? challengeBond : least;
}

/** nanoTON that DemandResult brings at least. */
export function demandingValue(prices: Prices, challengeBond: bigint): bigint {
    return demandBond(prices, challengeBond) + escrowStepValue(prices);
}

/** nanoTON that Challenge brings at least. */
export function challengingValue(prices: Prices, challengeBond: bigint): bigint {
    return challengeBond + escrowStepValue(prices);
}

/** nanoTON that PublishResult and PublishStorageId bring at least. */
export function publishingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_ESCROW_PUBLISH) + settleValue(prices) + 2n * messageFee(prices);
}

/** nanoTON that a channel keeps for rent until a year after closesAt. */
export function channelRent(prices: Prices, lifetime: bigint): bigint {
    return storageFee(prices, limits.CHANNEL_CELLS, limits.CHANNEL_BITS, lifetime + limits.YEAR_SECONDS);
}

/**
 * nanoTON that OpenChannel brings at least.
 *
 * @param lifetime - seconds to closesAt
 */
export function openingChannelValue(prices: Prices, deposit: bigint, lifetime: bigint): bigint {
    return deposit + channelRent(prices, lifetime) + computeFee(prices, limits.GAS_CHANNEL_OPEN) + messageFee(prices);
}

/** nanoTON that Redeem brings at least: its handler and the till's; more where rent ate into the deposit. */
export function redeemingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_CHANNEL_REDEEM) + settleValue(prices) + messageFee(prices);
}

/** nanoTON that TopUpChannel (besides the amount) and RequestClose bring at least. */
export function channelStepValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_CHANNEL_STEP) + messageFee(prices);
}

/** nanoTON that CloseChannel brings at most, whatever is left of the rent; more where rent ate into the deposit. */
export function closingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_CHANNEL_CLOSE) + settleValue(prices) + 2n * messageFee(prices);
}

/** nanoTON that FinalizeChannel brings at most, whatever is left of the rent. */
export function finalizingChannelValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_CHANNEL_CLOSE) + messageFee(prices);
}

/** nanoTON that SetPayees brings at least. */
export function settingPayeesValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_TILL_SET_PAYEES) + messageFee(prices);
}

/** nanoTON that Withdraw and FlushFees bring at least. */
export function tillStepValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_TILL_STEP) + messageFee(prices);
}

/** nanoTON that a Settle brings at least so that all of `amount` counts. */
export function settlingValue(prices: Prices, amount: bigint): bigint {
    return amount + settleValue(prices);
}

/** Five years' rent of a verifier at its largest. */
export function verifierRent(prices: Prices): bigint {
    return storageFee(prices, limits.VERIFIER_CELLS, limits.VERIFIER_BITS, limits.PERPETUAL_RENT_SECONDS);
}

/** nanoTON that deploy a verifier with five years' rent: what takes them is as short as what takes a verdict's excess. */
export function verifierDeploymentValue(prices: Prices): bigint {
    return verifierRent(prices) + computeFee(prices, limits.GAS_ATTEST_EXCESSES);
}

/** Five years' rent of a remembered certificate. */
export function pckRent(prices: Prices): bigint {
    return storageFee(prices, limits.PCK_CELLS, limits.PCK_BITS, limits.PERPETUAL_RENT_SECONDS);
}

/** nanoTON that AttestationVerdict carries. */
export function verdictValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_STAKE_STEP) + computeFee(prices, limits.GAS_ATTEST_EXCESSES) + messageFee(prices)
    );
}

/** nanoTON that RememberPck carries. */
export function rememberingValue(prices: Prices): bigint {
    return pckStepValue(prices) + pckRent(prices);
}

/** nanoTON that AttestQuote brings at least; `remember`: and has its certificate remembered. */
export function attestingValue(prices: Prices, remember: boolean): bigint {
    const value =
        computeFee(prices, limits.GAS_ATTEST_QUOTE) +
        verdictValue(prices) +
        messageFee(prices, 1n, limits.VERDICT_BITS) +
        messageFee(prices);
    return remember
        ? value +
              computeFee(prices, limits.GAS_ATTEST_REMEMBER) +
              messageFee(prices, limits.PCK_DEPLOY_CELLS, limits.PCK_DEPLOY_BITS) +
              rememberingValue(prices)
        : value;
}

/** nanoTON that AttestWithPck brings at least. */
export function withPckValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_PCK_STEP) +
        messageFee(prices, limits.TDX_QUOTE_CELLS, limits.TDX_QUOTE_BITS) +
        computeFee(prices, limits.GAS_ATTEST_REMEMBERED) +
        verdictValue(prices) +
        messageFee(prices, 1n, limits.VERDICT_BITS) +
        messageFee(prices)
    );
}

/** nanoTON that each further message to a remembered certificate brings. */
export function pckStepValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_PCK_STEP) + messageFee(prices);
}

/** nanoTON that SubmitTcbInfo brings at least. */
export function tcbInfoValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_ATTEST_TCB_INFO) + messageFee(prices);
}

/** nanoTON that a change of the policy costs beyond the Registry's gas: the verifier's, and the way there. */
export function policyValue(prices: Prices): bigint {
    return (
        computeFee(prices, limits.GAS_ATTEST_POLICY) +
        messageFee(prices) +
        messageFee(prices, 2n, limits.POLICY_CHANGE_BITS) +
        messageFee(prices)
    );
}

/** nanoTON that ExecuteProposal brings at least for a policy. */
export function executingPolicyValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_REGISTRY_EXECUTE) + policyValue(prices);
}

/** nanoTON that RevokeAttestation brings at least. */
export function revokingValue(prices: Prices): bigint {
    return computeFee(prices, limits.GAS_REGISTRY_STEP) + policyValue(prices);
}
