/**
 * Opcodes of every message, by contract. They begin with two ASCII letters of the contract's name: `RG`, `ST`, `JE`, `PS`, `PC`, `AV`, `PK`.
 * Source: the messages.tact beside each contract.
 */

/** Messages of the Registry. */
export const RegistryOp = {
    OpenNetwork: 0x52470001,
    RegisterMe: 0x52470002,
    SyncParams: 0x52470003,
    ProposeParams: 0x52470004,
    ProposeModel: 0x52470005,
    ExecuteProposal: 0x52470006,
    CancelProposal: 0x52470007,
    Pause: 0x52470008,
    ProposeGovernor: 0x52470009,
    AcceptGovernor: 0x5247000a,
    ProposePolicy: 0x5247000b,
    RevokeAttestation: 0x5247000c,
} as const;

/** Messages of the ProviderStake, with its two events and what it pays out of a slash. */
export const StakeOp = {
    OpenStake: 0x53540001,
    AcceptQuote: 0x53540002,
    AcceptJob: 0x53540003,
    ReleaseCollateral: 0x53540004,
    SlashCollateral: 0x53540005,
    ReleaseStaleLock: 0x53540006,
    TopUpStake: 0x53540007,
    UpdateProfile: 0x53540008,
    ResetAllowanceUsed: 0x53540009,
    RequestUnbond: 0x5354000a,
    CancelUnbond: 0x5354000b,
    WithdrawStake: 0x5354000c,
    RetryRegister: 0x5354000d,
    WithdrawUnregistered: 0x5354000e,
    Initialise: 0x5354000f,
    RegistrationRefused: 0x53540010,
    UpdateParams: 0x53540011,
    AttestationVerdict: 0x53540012,
    ProviderRegistered: 0x53540013,
    ProfileUpdated: 0x53540014,
    SlashShare: 0x53540015,
} as const;

/** Messages of the JobEscrow, with what it sends its client at the end. */
export const EscrowOp = {
    PostJob: 0x4a450001,
    JobAccepted: 0x4a450002,
    ApproveFull: 0x4a450003,
    ApproveSubmitted: 0x4a450004,
    SubmitResult: 0x4a450005,
    FinalizeJob: 0x4a450006,
    ExpireJob: 0x4a450007,
    CancelJob: 0x4a450008,
    DemandResult: 0x4a450009,
    PublishResult: 0x4a45000a,
    PublishStorageId: 0x4a45000b,
    ExpireDemand: 0x4a45000c,
    Challenge: 0x4a45000d,
    Verdict: 0x4a45000e,
    ExpireDispute: 0x4a45000f,
    JobClosed: 0x4a450010,
} as const;

/** Messages of the PayoutSettlement, the till, with what it pays out. */
export const SettlementOp = {
    Settle: 0x50530001,
    TillParams: 0x50530002,
    Withdraw: 0x50530003,
    SetPayees: 0x50530004,
    FlushFees: 0x50530005,
    Payout: 0x50530006,
} as const;

/** Messages of the PaymentChannel, with what it sends its client at the end. */
export const ChannelOp = {
    Redeem: 0x50430001,
    TopUpChannel: 0x50430002,
    CloseChannel: 0x50430003,
    RequestClose: 0x50430004,
    FinalizeChannel: 0x50430005,
    OpenChannel: 0x50430006,
    ChannelClosed: 0x50430007,
} as const;

/** Messages of the AttestationVerifier. */
export const VerifierOp = {
    AttestQuote: 0x41560001,
    AttestRemembered: 0x41560002,
    SubmitTcbInfo: 0x41560003,
    ApplyPolicy: 0x41560004,
    RevokeCertificate: 0x41560005,
} as const;

/** Messages of the PckCertificate. */
export const PckOp = {
    RememberPck: 0x504b0001,
    AttestWithPck: 0x504b0002,
    ForgetPck: 0x504b0003,
} as const;

/** Messages shared by all contracts. */
export const CommonOp = {
    /** What is left of a message's value, back to its sender (TEP-74's opcode). */
    Excesses: 0xd53276db,
} as const;
