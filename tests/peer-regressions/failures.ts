/**
 * Failures of peers that must be impossible here. Each is the name of a suite in the peer's spec file; complete.spec.ts fails for
 * one that is not, so a failure that is entered here has to be attempted.
 */
export const FAILURES = {
    cocoon: {
        payoutBounces: "Telegram's Cocoon 1: a payout that bounces leaves the counter advanced and the earnings gone",
        strandedDeposit: "Telegram's Cocoon 2: a client who closes by force gets nothing from a proxy without stake",
        unlinkedPayout: "Telegram's Cocoon 3: a payout for work that nobody asked for moves another client's deposit",
        absorbedOverspend: "Telegram's Cocoon 4: one client's overspending is paid by the other clients' deposits",
        unenforcedStake: "Telegram's Cocoon 5: no minimum stake is enforced and close delays are not compared",
        instantOwner:
            "Telegram's Cocoon 6: one owner replaces code and parameters at once, and ownership moves in one step",
        nothingAtStake:
            "Telegram's Cocoon 7: a worker has nothing at stake: no escrow, dispute, slashing or reputation",
    },
    livepeer: {
        unbondingEscapes: 'Livepeer: unbonding stake escapes slashing',
        partialBurns: 'Livepeer: a partially paid ticket is burned, so dust is a weapon',
        pauseBlocksExits: 'Livepeer: a pause also blocks withdrawals',
    },
    lilypad: {
        silentClient: 'Lilypad: a provider whose client goes silent is not paid',
        slashToOwner: "Lilypad: slashed funds go to the contract's owner",
        wrongTimeout: 'Lilypad: a late challenge times out at once by the wrong parameter',
        transactionOrigin: 'Lilypad: whoever began the transaction is authorised',
    },
    golem: {
        unsettledNotes: 'Golem: debit notes are accepted and the final invoice never is',
        foreignNetwork: 'Golem: an allocation on testnet is accepted for an invoice on mainnet',
        doubleFee: 'Golem: a deposit pays its fee twice',
    },
    akash: {
        unnoticedExhaustion: 'Akash: exhaustion is noticed on events only, so deployments run free',
    },
    oasis: {
        cancelPaysAll: 'Oasis ROFL: a cancellation after acceptance gives the provider the whole prepaid sum',
    },
    hopr: {
        colludersEntropy: "HOPR: colluding parties control all of a ticket's entropy",
    },
    bittensor: {
        inheritedSlot: "Bittensor: what is keyed by a reusable slot is inherited by the slot's next holder",
    },
    truebit: {
        pricingOverflow: 'Truebit: an overflow in pricing makes a huge order free',
    },
    dstack: {
        noExpiry: 'dstack: a key server that never heard of a de-registration keeps serving',
    },
    teeFail: {
        extractedKeys: 'TEE.fail: extracted attestation keys attest whatever their thief runs',
    },
} as const;
