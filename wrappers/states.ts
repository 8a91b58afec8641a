/** States of a ProviderStake; docs/states.md. */
export enum StakeState {
    /** Not opened; only `OpenStake` works. */
    Uninit = 0,
    /** The Registry was asked and has not answered. */
    Registering = 1,
    /** The Registry refused, or was not there. */
    Unregistered = 2,
    /** Live. */
    Registered = 3,
}

/** Why a stake is Unregistered. */
export enum RefusalReason {
    BelowMinStake = 1,
    Paused = 2,
    /** `RegisterMe` bounced: no Registry answered. */
    Unreachable = 255,
}

/** States of a JobEscrow. A finished job has no state: its account is gone. */
export enum JobState {
    Uninit = 0,
    /** Posted without a quote: any acceptance of the named provider is good. */
    Open = 1,
    /** Posted with a quote that is on its way to the provider's stake. */
    Quoting = 2,
    /** Collateral is locked; `deadline` is deliverBy. */
    Accepted = 3,
    /** A result is committed; `deadline` is windowEnd. */
    Submitted = 4,
    /** The client asked for the ciphertext on chain; `deadline` is respondBy. */
    Demanded = 5,
    /** The client challenged; `deadline` is arbitrationEnd. */
    Disputed = 6,
}

/** How a job ended. The first six count in the provider's track record. */
export enum JobOutcome {
    /** Approved, or final without a challenge. */
    Settled = 0,
    /** The arbiter found the provider right. */
    DisputeWon = 1,
    /** The arbiter did not answer in time. */
    ArbiterSilent = 2,
    /** Nothing was submitted by deliverBy. */
    Late = 3,
    /** A demand for the ciphertext went unanswered. */
    Undelivered = 4,
    /** The arbiter found the provider wrong. */
    Wrong = 5,
    /** Nobody accepted; told to the client only. */
    Cancelled = 6,
    /** The provider's stake refused the quote; told to the client only. */
    QuoteRefused = 7,
}

/** What a job asks of its provider, and what a stake has. */
export enum Tier {
    /** Anybody who staked. Whoever runs the worker can read every input and result. */
    Open = 0,
    /** The provider's keys live in an attested enclave. */
    Attested = 1,
}

/** Kinds of a proposal that waits for the Registry's timelock. */
export enum ProposalKind {
    Params = 1,
    Model = 2,
    Policy = 3,
}
