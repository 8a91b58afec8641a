// What the model of the protocol knows about: accounts, messages, verdicts. Plain data; no cell, no signature, no contract.

/** An account: "0:" and 64 hex digits. The model compares ids and never looks inside. */
export type Id = string;

/** A public key or a hash. */
export type Uint256 = bigint;

/** Why a message is refused: the names of docs/errors.md without `ERROR_`. */
export type Cause =
    | 'WRONG_SENDER'
    | 'WRONG_STATE'
    | 'INSUFFICIENT_VALUE'
    | 'NOT_BASECHAIN'
    | 'ZERO_AMOUNT'
    | 'MALFORMED_CELL'
    | 'JAILED'
    | 'PAUSED'
    | 'INSUFFICIENT_STAKE'
    | 'LOCK_WINDOW'
    | 'NO_FREE_SLOT'
    | 'ALLOWANCE_EXCEEDED'
    | 'BAD_QUOTE_SIGNATURE'
    | 'QUOTE_WINDOW'
    | 'UNBOND_PENDING'
    | 'NOTHING_UNBONDING'
    | 'STILL_UNBONDING'
    | 'NOTHING_WITHDRAWABLE'
    | 'STALE_ATTEMPT'
    | 'LOCK_NOT_FOUND'
    | 'LOCK_NOT_STALE'
    | 'UNBOND_EXCEEDS_STAKE'
    | 'BAD_PROFILE'
    | 'BAD_REPORT_DATA'
    | 'OLD_PARAMS'
    | 'ACCEPT_BY_PASSED'
    | 'ARBITER_IS_CLIENT'
    | 'DELIVER_WITHIN'
    | 'CHALLENGE_WINDOW'
    | 'RESPONSE_WINDOW'
    | 'ARBITRATION_WINDOW'
    | 'LATE_SLASH_BPS'
    | 'TO_CLIENT_BPS'
    | 'JOB_TOO_LONG'
    | 'COLLATERAL_IS_DUST'
    | 'UNKNOWN_TIER'
    | 'JOB_KEY_MISMATCH'
    | 'COLLATERAL_MISMATCH'
    | 'TIER_INSUFFICIENT'
    | 'LOCK_UNTIL_MISMATCH'
    | 'TOO_LATE'
    | 'TOO_EARLY'
    | 'BAD_APPROVAL_SIGNATURE'
    | 'AMOUNT_ABOVE_PRICE'
    | 'RESULT_MISMATCH'
    | 'RESULT_TOO_LARGE'
    | 'ALREADY_DEMANDED'
    | 'SLASH_BPS'
    | 'BAD_VOUCHER_SIGNATURE'
    | 'SIGNED_FOR_ANOTHER'
    | 'NOTHING_DUE'
    | 'CHANNEL_CLOSED'
    | 'CHANNEL_RUNNING'
    | 'CLOSE_DELAY'
    | 'CLOSES_AT'
    | 'BAD_CLIENT_SIGNATURE'
    | 'BAD_PROVIDER_SIGNATURE'
    | 'AGREEMENT_WINDOW'
    | 'FINAL_AMOUNT'
    | 'BAD_PAYEES'
    | 'NOTHING_TO_PAY'
    | 'WRONG_NETWORK'
    | 'FEE_BPS'
    | 'MIN_STAKE'
    | 'UNBONDING_PERIOD'
    | 'TIMELOCK_DELAY'
    | 'PROPOSAL_PENDING'
    | 'NO_PROPOSAL'
    | 'TIMELOCK_RUNNING'
    | 'PROPOSAL_EXPIRED'
    | 'PAUSE_WINDOW'
    | 'PAUSE_COOLDOWN'
    | 'CATALOGUE_FULL'
    | 'UNKNOWN_MODEL'
    /** The contract has no receiver for it. */
    | 'UNKNOWN_MESSAGE'
    /** Nothing runs at that address, and the message brings no StateInit. */
    | 'NO_CONTRACT';

// --- What is signed -------------------------------------------------------------------------------------------------

export type Signed =
    | {
          readonly tag: 'quote';
          readonly escrow: Id;
          readonly termsHash: Uint256;
          readonly collateral: bigint;
          readonly validUntil: number;
      }
    | { readonly tag: 'approveFull'; readonly jobKey: Uint256 }
    | {
          readonly tag: 'approveSubmitted';
          readonly jobKey: Uint256;
          readonly resultCommitment: Uint256;
          readonly amount: bigint;
      }
    | { readonly tag: 'requestClose'; readonly channel: Id; readonly openedLt: bigint }
    | {
          readonly tag: 'voucher';
          readonly channel: Id;
          readonly openedLt: bigint;
          readonly amount: bigint;
          readonly receiptHead: Uint256;
      }
    | {
          readonly tag: 'closeAgreement';
          readonly channel: Id;
          readonly openedLt: bigint;
          readonly finalAmount: bigint;
          readonly validUntil: number;
      };

/** Good for `over` under public key `by`, and for nothing else. */
export interface Signature {
    readonly by: Uint256;
    readonly over: Signed;
}

// --- Parameters and terms -------------------------------------------------------------------------------------------

export interface NetworkParams {
    readonly feeBps: number;
    readonly minStake: bigint;
    readonly unbondingPeriod: number;
    readonly timelockDelay: number;
    readonly treasury: Id;
    readonly arbiter: Id;
    readonly verifier: Id | null;
}

/** Offers and endpoint matter to nobody on chain; `hash` names the whole cell. */
export interface Profile {
    readonly operator: Id;
    readonly allowanceCap: bigint;
    readonly signingKey: Uint256;
    readonly encryptionKey: Uint256;
    readonly hash: Uint256;
}

export interface JobTerms {
    readonly hash: Uint256;
    readonly price: bigint;
    readonly requiredCollateral: bigint;
    readonly tier: number;
    readonly acceptBy: number;
    readonly deliverWithin: number;
    readonly challengeWindow: number;
    readonly responseWindow: number;
    readonly arbitrationWindow: number;
    readonly challengeBond: bigint;
    readonly lateSlashBps: number;
    readonly toClientBps: number;
    readonly clientKey: Uint256;
    readonly arbiter: Id;
}

export interface Quote {
    readonly termsHash: Uint256;
    readonly validUntil: number;
    readonly signature: Signature;
}

export interface Party {
    readonly settlement: Id;
    readonly operator: Id;
    readonly owner: Id;
}

export interface Payee {
    readonly address: Id;
    readonly bps: number;
}

// --- Messages: the names and fields of schemas/*.tlb ------------------------------------------------------------------

type M<Op extends string, Fields = unknown> = { readonly op: Op; readonly queryId: bigint } & Readonly<Fields>;

export type Message =
    // Registry
    | M<'OpenNetwork', { params: NetworkParams }>
    | M<'RegisterMe', { amount: bigint; owner: Id }>
    | M<'SyncParams', { owner: Id }>
    | M<'ProposeParams', { params: NetworkParams }>
    | M<'ProposeModel', { modelRoot: Uint256; descriptor: string | null }>
    | M<'ExecuteProposal'>
    | M<'CancelProposal'>
    | M<'Pause', { pausedUntil: number }>
    | M<'ProposeGovernor', { governor: Id }>
    | M<'AcceptGovernor'>
    // ProviderStake
    | M<'OpenStake', { amount: bigint; profile: Profile }>
    | M<'Initialise', { version: number; pausedUntil: number; params: NetworkParams }>
    | M<'RegistrationRefused', { reason: number }>
    | M<'UpdateParams', { version: number; pausedUntil: number; excessesTo: Id; params: NetworkParams }>
    | M<'RetryRegister'>
    | M<'WithdrawUnregistered'>
    | M<'TopUpStake', { amount: bigint }>
    | M<'UpdateProfile', { profile: Profile }>
    | M<'ResetAllowanceUsed'>
    | M<'RequestUnbond', { amount: bigint }>
    | M<'CancelUnbond'>
    | M<'WithdrawStake'>
    | M<'AcceptJob', { collateral: bigint; client: Id; nonce: bigint; jobKey: Uint256; lockUntil: number }>
    | M<'AcceptQuote', { collateral: bigint; client: Id; nonce: bigint; lockUntil: number; quote: Quote }>
    | M<'ReleaseCollateral', { slot: number; paid: bigint; outcome: number }>
    | M<'SlashCollateral', { slot: number; amount: bigint; client: Id; toClientBps: number; reason: number }>
    | M<'ReleaseStaleLock', { slot: number }>
    /** `reportData`: the first half; the second half is zero. */
    | M<'AttestationVerdict', { measurement: Uint256; validUntil: number; reportData: Uint256 }>
    // JobEscrow
    | M<'PostJob', { terms: JobTerms; quote: Quote | null }>
    | M<
          'JobAccepted',
          {
              slot: number;
              jobKey: Uint256;
              collateral: bigint;
              lockUntil: number;
              tier: number;
              attestedUntil: number;
              party: Party;
          }
      >
    | M<'ApproveFull', { signature: Signature | null }>
    | M<'ApproveSubmitted', { amount: bigint; resultCommitment: Uint256; signature: Signature | null }>
    | M<'SubmitResult', { amount: bigint; jobKey: Uint256; resultCommitment: Uint256; traceRoot: Uint256 }>
    | M<'FinalizeJob'>
    | M<'ExpireJob'>
    | M<'CancelJob'>
    | M<'DemandResult'>
    /** `hash` of the ciphertext's cell; `tooLarge`: above 4 KiB. */
    | M<'PublishResult', { hash: Uint256; tooLarge: boolean }>
    | M<'PublishStorageId', { bytes: number }>
    | M<'ExpireDemand'>
    | M<'Challenge'>
    | M<'Verdict', { wrong: boolean; slashBps: number }>
    | M<'ExpireDispute'>
    // PaymentChannel
    | M<
          'OpenChannel',
          { deposit: bigint; closesAt: number; closeDelay: number; clientKey: Uint256; providerKey: Uint256 }
      >
    /** What the voucher says, and who signed what: of an honest one `signature.over` equals `voucher`. */
    | M<'Redeem', { voucher: Signed; signature: Signature }>
    | M<'TopUpChannel', { amount: bigint }>
    | M<'CloseChannel', { agreement: Signed; clientSignature: Signature; providerSignature: Signature }>
    | M<'RequestClose', { signature: Signature | null }>
    | M<'FinalizeChannel'>
    // PayoutSettlement
    | M<'TillParams', { version: number; feeBps: number; owner: Id; treasury: Id; excessesTo: Id }>
    | M<'Settle', { amount: bigint; source: Id }>
    | M<'Withdraw'>
    | M<'SetPayees', { threshold: bigint; payees: readonly Payee[] }>
    | M<'FlushFees'>
    // To wallets
    | M<'Excesses'>
    | M<'JobClosed', { outcome: number }>
    | M<'ChannelClosed'>
    | M<'Payout'>
    | M<'SlashShare'>
    /** A plain transfer without a body. */
    | M<'Empty'>
    /** An opcode that nobody knows. */
    | M<'Unknown'>;

export type Op = Message['op'];

// --- Accounts -------------------------------------------------------------------------------------------------------

export interface RegistryAccount {
    readonly kind: 'Registry';
    readonly networkId: number;
    readonly governor: Id;
    readonly salt: bigint;
    /** 0: Uninit. */
    readonly version: number;
    readonly pausedUntil: number;
    readonly pausableFrom: number;
    /** Null only while Uninit. */
    readonly params: NetworkParams | null;
    readonly pendingGovernor: Id | null;
    readonly proposal: {
        readonly executableAt: number;
        readonly change:
            | { readonly kind: 'params'; readonly params: NetworkParams }
            | { readonly kind: 'model'; readonly modelRoot: Uint256; readonly descriptor: string | null };
    } | null;
    /** Descriptors by model root. */
    readonly models: ReadonlyMap<Uint256, string>;
}

export interface Lock {
    readonly lockId: bigint;
    readonly escrow: Id;
    readonly collateral: bigint;
    readonly lockUntil: number;
    readonly byHot: boolean;
}

export interface StakeAccount {
    readonly kind: 'ProviderStake';
    readonly registry: Id;
    readonly owner: Id;
    readonly state: 'Uninit' | 'Registering' | 'Unregistered' | 'Registered';
    readonly stake: bigint;
    readonly unbonding: bigint;
    readonly unlockAt: number;
    readonly locks: ReadonlyMap<number, Lock>;
    /** What slashes took of hot locks since the last reset. */
    readonly hotSlashed: bigint;
    /** Counts by outcome, and what was paid, weighted by the fee: see schemas/staking.tlb. */
    readonly record: bigint;
    readonly attemptLt: bigint;
    readonly refusal: number;
    readonly profile: Profile | null;
    readonly attestedUntil: number;
    /** What it knows of the network: from Registered on. */
    readonly params: NetworkParams | null;
    readonly version: number;
    readonly pausedUntil: number;
}

export interface EscrowAccount {
    readonly kind: 'JobEscrow';
    readonly client: Id;
    readonly providerStake: Id;
    readonly nonce: bigint;
    readonly state: 'Uninit' | 'Open' | 'Quoting' | 'Accepted' | 'Submitted' | 'Demanded' | 'Disputed';
    readonly openedLt: bigint;
    readonly lockId: bigint;
    readonly slot: number;
    readonly deadline: number;
    readonly lockUntil: number;
    readonly terms: JobTerms | null;
    readonly party: Party | null;
    readonly submission: {
        readonly amount: bigint;
        readonly bond: bigint;
        readonly demanded: boolean;
        readonly resultCommitment: Uint256;
        readonly traceRoot: Uint256;
    } | null;
}

export interface ChannelAccount {
    readonly kind: 'PaymentChannel';
    readonly client: Id;
    readonly settlement: Id;
    readonly nonce: bigint;
    readonly state: 'Uninit' | 'Open';
    readonly openedLt: bigint;
    readonly clientKey: Uint256;
    readonly providerKey: Uint256;
    readonly totalDeposited: bigint;
    readonly claimed: bigint;
    readonly closesAt: number;
    readonly closeDelay: number;
}

export interface TillAccount {
    readonly kind: 'PayoutSettlement';
    readonly providerStake: Id;
    /** 0: Uninit. */
    readonly version: number;
    readonly feeBps: number;
    readonly feesDue: bigint;
    readonly threshold: bigint;
    readonly owner: Id | null;
    readonly treasury: Id | null;
    /** Empty: the owner alone. */
    readonly payees: readonly Payee[];
}

export type Account = RegistryAccount | StakeAccount | EscrowAccount | ChannelAccount | TillAccount;

// --- One delivery -----------------------------------------------------------------------------------------------------

/** The exact least values of docs/fees.md, at the prices of the moment. */
export interface Costs {
    networkOpening(): bigint;
    registryStep(): bigint;
    executing(): bigint;
    syncing(): bigint;
    registration(): bigint;
    /** Beyond the amount, in balance. */
    stakeOpening(): bigint;
    /** With the message. */
    retrying(): bigint;
    stakeRent(): bigint;
    tillDeployment(): bigint;
    /** Of Initialise and of UpdateParams, without the till's part. */
    initialiseGas(): bigint;
    accepting(): bigint;
    /** Of AcceptQuote, without the way there. */
    acceptance(): bigint;
    profile(): bigint;
    stakeStep(): bigint;
    posting(shape: { price: bigint; lockSeconds: bigint; quoted: boolean }): bigint;
    escrowStep(): bigint;
    settlingEnd(): bigint;
    slashingEnd(): bigint;
    cancelling(): bigint;
    demandBond(challengeBond: bigint): bigint;
    publishing(): bigint;
    channelRent(lifetime: bigint): bigint;
    openingChannel(deposit: bigint, lifetime: bigint): bigint;
    redeeming(): bigint;
    channelStep(): bigint;
    /** The parts of CloseChannel and FinalizeChannel that must be there: see docs/fees.md. */
    closing(): bigint;
    finalizingChannel(): bigint;
    settingPayees(): bigint;
    tillStep(): bigint;
    tillRent(): bigint;
    /** Gas of Settle's handler without the message. */
    settleGas(): bigint;
    /** Gas of Settle's handler and of four payouts. */
    severalPayoutsGas(): bigint;
    dust(): bigint;
}

/** A message as it arrives. */
export interface Delivery {
    readonly from: Id;
    readonly to: Id;
    readonly message: Message;
    /** It is `message` coming back from `from`. */
    readonly bounced: boolean;
    /** It brings the StateInit that `to` follows from. */
    readonly deploys: boolean;
    readonly value: bigint;
    /** Of the account, rent paid, with `value`. */
    readonly balance: bigint;
    readonly now: number;
    /** Logical time of the transaction. */
    readonly lt: bigint;
}

/** What the model cannot compute without cells. */
export interface Hashes {
    escrow(client: Id, stake: Id, nonce: bigint): Id;
    stake(registry: Id, owner: Id): Id;
    till(stake: Id): Id;
    jobKey(escrow: Id, termsHash: Uint256, openedLt: bigint): Uint256;
    reportData(stake: Id, signingKey: Uint256, encryptionKey: Uint256): Uint256;
    /** This chain's. */
    readonly globalId: number;
}

/** A message that an accepted one sends. */
export interface Send {
    readonly to: Id;
    readonly message: Message;
    /** What is owed in it to its receiver: amounts, bonds, shares, refunds; gas not counted. The real value is never less. */
    readonly owed: bigint;
    readonly bounceable: boolean;
    /** What happens to the accepted message if this one cannot leave. */
    readonly onFailure: 'bounce' | 'rollback' | 'ignore';
    /** Whether it brings the receiver's StateInit. */
    readonly deploys: boolean;
}

export type Verdict =
    /** `next` is what the account is from now on; null: gone. `sends` in the order of sending; a send that is only made if enough is left has `onFailure: 'ignore'`. */
    | { readonly outcome: 'accepted'; readonly next: Account | null; readonly sends: readonly Send[] }
    /** Taken and without effect: an answer, release or bounce that is not for this opening. */
    | { readonly outcome: 'ignored' }
    /** Every cause that holds; the contract may name any of them. */
    | { readonly outcome: 'refused'; readonly causes: readonly Cause[] };
