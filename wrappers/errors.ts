/** What an exit code means, and what to do about it. */
export interface ExitCodeExplanation {
    /** Name in contracts/common/errors.tact, or TVM's. */
    name: string;
    meaning: string;
    remedy: string;
}

type Row = readonly [name: string, meaning: string, remedy: string];

/**
 * Exit codes of the contracts, in bands: 0x1xx common, 0x2xx staking, 0x3xx escrow, 0x4xx channel, 0x5xx settlement, 0x6xx attestation,
 * 0x7xx registry.
 */
export const CONTRACT_ERRORS: Readonly<Record<number, Row>> = {
    0x101: [
        'ERROR_WRONG_SENDER',
        'The sender may not do this.',
        'Send it from the role that the operation names (owner, operator, client, arbiter, governor), or with its signature.',
    ],
    0x102: [
        'ERROR_WRONG_STATE',
        'The contract is in a state in which this message means nothing.',
        'Read the state (getJob, getStake, getTill, getRegistry) and send what fits it.',
    ],
    0x103: [
        'ERROR_INSUFFICIENT_VALUE',
        'The message brought less than the operation can cost.',
        "Send the wrapper's default value, reckoned with the prices of this network (loadPrices).",
    ],
    0x104: [
        'ERROR_NOT_BASECHAIN',
        'An address is missing, or not a standard one of the basechain.',
        'Pass a standard address of workchain 0.',
    ],
    0x105: ['ERROR_ZERO_AMOUNT', 'An amount is zero that must not be.', 'Pass at least one nanoTON.'],
    0x106: [
        'ERROR_MALFORMED_CELL',
        'A cell has not exactly the layout that its message asks for.',
        "Build it with the wrapper's create…Cell function.",
    ],
    0x201: [
        'ERROR_JAILED',
        "The stake is below the network's minimum, so it accepts nothing.",
        'Top up the stake, or take another provider.',
    ],
    0x202: [
        'ERROR_PAUSED',
        'The network is paused for new acceptances.',
        'Wait until pausedUntil, at most seven days.',
    ],
    0x203: [
        'ERROR_INSUFFICIENT_STAKE',
        'What is not locked of the stake is less than the collateral.',
        'Top up the stake, wait for a lock to end, or ask for less collateral.',
    ],
    0x204: [
        'ERROR_LOCK_WINDOW',
        'The lock would end in less than 8 or more than 120 days.',
        'Choose acceptBy and the windows so that lockUntilOf(terms) lies between.',
    ],
    0x205: [
        'ERROR_NO_FREE_SLOT',
        'All slots for locks are taken: 224 by hot keys, 256 in all.',
        'Wait for a job to end, or release a stale lock.',
    ],
    0x206: [
        'ERROR_ALLOWANCE_EXCEEDED',
        "The collateral does not fit in what the owner allows the worker's keys to risk.",
        'The owner raises allowanceCap or resets what slashes took of it, or accepts the job himself.',
    ],
    0x207: [
        'ERROR_BAD_QUOTE_SIGNATURE',
        'The quote was not signed by the signingKey for this escrow, these terms and this collateral.',
        'Ask the provider for a quote over exactly the terms and the escrow that are posted.',
    ],
    0x208: [
        'ERROR_QUOTE_WINDOW',
        'The quote has expired, or is valid for more than 120 seconds.',
        'Ask for a fresh quote and post at once.',
    ],
    0x209: [
        'ERROR_UNBOND_PENDING',
        'Something is unbonding already.',
        'Withdraw it, or cancel it and request the new sum.',
    ],
    0x20a: ['ERROR_NOTHING_UNBONDING', 'Nothing is unbonding.', 'Request it first (RequestUnbond).'],
    0x20b: ['ERROR_STILL_UNBONDING', 'The unbonding period runs.', 'Wait until unlockAt.'],
    0x20c: [
        'ERROR_NOTHING_WITHDRAWABLE',
        'Open jobs need all that has unbonded.',
        'Wait for their locks to end, or top up the stake.',
    ],
    0x20d: [
        'ERROR_STALE_ATTEMPT',
        'The answer belongs to an earlier registration attempt.',
        'Nothing: the current attempt gets its own answer.',
    ],
    0x20e: ['ERROR_LOCK_NOT_FOUND', 'No lock is in this slot.', 'Look the slot up (getLocks).'],
    0x20f: ['ERROR_LOCK_NOT_STALE', 'The lock has not ended.', 'Wait until its lockUntil.'],
    0x210: [
        'ERROR_UNBOND_EXCEEDS_STAKE',
        'More was requested than is staked.',
        'Request at most the stake (getStake).',
    ],
    0x211: [
        'ERROR_BAD_PROFILE',
        'The profile has not the layout, more than 16 offers, or an endpoint of more than 127 bytes.',
        'Build it with createProfileCell.',
    ],
    0x212: [
        'ERROR_BAD_REPORT_DATA',
        "The attested report is not over this stake's keys.",
        'Let the enclave report reportData(stake, signingKey, encryptionKey).',
    ],
    0x213: [
        'ERROR_OLD_PARAMS',
        'The stake has newer parameters than these.',
        'Nothing: a later sync has overtaken this one.',
    ],
    0x301: ['ERROR_ACCEPT_BY_PASSED', 'acceptBy is not in the future.', 'Post with a later acceptBy.'],
    0x302: [
        'ERROR_ARBITER_IS_CLIENT',
        'The arbiter is the client.',
        "Name somebody whom the provider can trust too, by default the network's arbiter.",
    ],
    0x303: ['ERROR_DELIVER_WITHIN', 'deliverWithin is out of bounds.', 'Choose 2 minutes to 30 days.'],
    0x304: ['ERROR_CHALLENGE_WINDOW', 'challengeWindow is out of bounds.', 'Choose 10 minutes to 14 days.'],
    0x305: ['ERROR_RESPONSE_WINDOW', 'responseWindow is out of bounds.', 'Choose 1 hour to 14 days.'],
    0x306: ['ERROR_ARBITRATION_WINDOW', 'arbitrationWindow is out of bounds.', 'Choose 1 to 30 days.'],
    0x307: ['ERROR_LATE_SLASH_BPS', 'lateSlashBps is above its bound.', 'Choose at most 2500 basis points.'],
    0x308: ['ERROR_TO_CLIENT_BPS', 'toClientBps is above its bound.', 'Choose at most 5000 basis points.'],
    0x309: [
        'ERROR_JOB_TOO_LONG',
        'The lock would last more than 120 days.',
        'Choose an earlier acceptBy or shorter windows.',
    ],
    0x30a: [
        'ERROR_COLLATERAL_IS_DUST',
        'The collateral is less than it costs to send it.',
        'Ask for none, or at least twice the forward fee (dust).',
    ],
    0x30b: ['ERROR_UNKNOWN_TIER', 'The tier does not exist.', 'Choose Tier.Open or Tier.Attested.'],
    0x30c: [
        'ERROR_JOB_KEY_MISMATCH',
        'The jobKey is of another job, other terms or another opening.',
        'Read the job and use its jobKey.',
    ],
    0x30d: [
        'ERROR_COLLATERAL_MISMATCH',
        'The locked collateral is not what the terms ask for.',
        "Accept with the terms' requiredCollateral.",
    ],
    0x30e: [
        'ERROR_TIER_INSUFFICIENT',
        "The provider's attestation is missing, or does not last past deliverBy.",
        'Renew the attestation, or take another provider.',
    ],
    0x30f: [
        'ERROR_LOCK_UNTIL_MISMATCH',
        'The lock does not end when the terms say.',
        'Accept with lockUntilOf(terms).',
    ],
    0x310: ['ERROR_TOO_LATE', "The state's deadline has passed.", 'Send the time-out that is due instead.'],
    0x311: ['ERROR_TOO_EARLY', "The state's deadline has not come.", 'Wait until the deadline (getJob).'],
    0x312: [
        'ERROR_BAD_APPROVAL_SIGNATURE',
        'The approval was not signed by clientKey for this very opening, result and amount.',
        'Sign with signApproveFull or signApproveSubmitted over the values of getJob.',
    ],
    0x313: ['ERROR_AMOUNT_ABOVE_PRICE', 'More was submitted than the price.', 'Submit at most the price of the terms.'],
    0x314: [
        'ERROR_RESULT_MISMATCH',
        'Result or amount are not what was submitted.',
        'Take resultCommitment and amount from getJob; publish the very cell that was committed to.',
    ],
    0x315: [
        'ERROR_RESULT_TOO_LARGE',
        'The ciphertext has more than 4 KiB or 40 cells.',
        'Publish a storage id instead (PublishStorageId).',
    ],
    0x316: ['ERROR_ALREADY_DEMANDED', 'The result was demanded once already.', 'Challenge instead.'],
    0x317: [
        'ERROR_SLASH_BPS',
        'More than the whole collateral was to be slashed.',
        'Choose at most 10000 basis points.',
    ],
    0x401: [
        'ERROR_BAD_VOUCHER_SIGNATURE',
        'The signature is not clientKey’s over this voucher of this channel.',
        'Redeem the voucher, at its own channel, with the signature that came with it.',
    ],
    0x402: [
        'ERROR_SIGNED_FOR_ANOTHER',
        'What was signed is for another opening, of this channel or another.',
        'Use what was signed for this channel since openedLt (getChannel).',
    ],
    0x403: [
        'ERROR_NOTHING_DUE',
        'The voucher is worth no more than what was claimed already.',
        'Redeem a newer voucher, or top up the channel if the deposit is used up.',
    ],
    0x404: ['ERROR_CHANNEL_CLOSED', 'closesAt has passed.', 'Finalize it, and open another channel.'],
    0x405: ['ERROR_CHANNEL_RUNNING', 'closesAt has not come.', 'Wait until closesAt, or request the close.'],
    0x406: ['ERROR_CLOSE_DELAY', 'closeDelay is out of bounds.', 'Choose 1 hour to 30 days.'],
    0x407: [
        'ERROR_CLOSES_AT',
        'closesAt is nearer than closeDelay, or more than a year ahead.',
        'Choose a moment between now + closeDelay and a year from now.',
    ],
    0x408: [
        'ERROR_BAD_CLIENT_SIGNATURE',
        'The signature is not clientKey’s over this, for this channel.',
        'Sign it with the key that the channel was opened with.',
    ],
    0x409: [
        'ERROR_BAD_PROVIDER_SIGNATURE',
        'The signature is not providerKey’s over this agreement.',
        'Ask the provider to sign this very agreement.',
    ],
    0x40a: [
        'ERROR_AGREEMENT_WINDOW',
        'The agreement has expired, or is good for more than ten minutes.',
        'Agree again, with validUntil at most ten minutes ahead.',
    ],
    0x40b: [
        'ERROR_FINAL_AMOUNT',
        'The agreed sum is below what was claimed or above the deposit.',
        'Agree on a sum between the two (getChannel).',
    ],
    0x501: [
        'ERROR_BAD_PAYEES',
        'The list of payees has more than four entries, a zero share, or shares that do not add up to 10000.',
        'Build it with createPayeesCell.',
    ],
    0x502: ['ERROR_NOTHING_TO_PAY', 'What is due is not worth sending.', 'Wait for more earnings or fees.'],
    0x601: [
        'ERROR_KEY_SHIFT',
        'The hints of a signature do not prove the shifted key.',
        'Pack the quote, certificates or TCB info anew with packQuote or packTcbInfo.',
    ],
    0x602: [
        'ERROR_SIGNATURE_RANGE',
        'A signature has an r or s outside of [1, n).',
        'Take the signature as it was made.',
    ],
    0x603: [
        'ERROR_OFF_CURVE',
        'A key or shift is not a point of P-256.',
        'Take the key from its certificate or quote, and pack it anew.',
    ],
    0x604: [
        'ERROR_QUOTE_SIGNATURE',
        'The attestation key did not sign this report.',
        'Take the quote as the platform made it.',
    ],
    0x605: [
        'ERROR_QE_SIGNATURE',
        'The PCK did not sign the report of the quoting enclave.',
        'Send the certificates that the quote came with.',
    ],
    0x606: [
        'ERROR_PCK_SIGNATURE',
        'The issuer did not sign this PCK certificate.',
        'Send the certificates that the quote came with.',
    ],
    0x607: [
        'ERROR_CA_SIGNATURE',
        'The root that the verifier pins did not sign this certificate.',
        'Send certificates of Intel; pack them for the key of that root.',
    ],
    0x608: [
        'ERROR_QUOTE_HEADER',
        'It is not a TDX quote of version 4 or 5 by an ECDSA-P256 key.',
        'Make the quote with DCAP 1.19 or newer.',
    ],
    0x609: [
        'ERROR_QUOTE_LAYOUT',
        'A report is cut in other places than the schema says.',
        'Pack the quote with packQuote.',
    ],
    0x60a: [
        'ERROR_QUOTE_KEY',
        'The quoting enclave’s report is over another attestation key.',
        'Take the quote as the platform made it.',
    ],
    0x60b: [
        'ERROR_QE_IDENTITY',
        'The quoting enclave is not Intel’s, is in debug mode, or is older than the policy allows.',
        'Update the platform’s DCAP packages and make a new quote.',
    ],
    0x60c: [
        'ERROR_TD_ATTRIBUTES',
        'The TD can be debugged or migrated, or has other attributes than SEPT_VE_DISABLE alone.',
        'Start the TD with exactly these attributes.',
    ],
    0x60d: [
        'ERROR_TDX_MODULE',
        'The TDX module is not signed by Intel, or has attributes.',
        'Run Intel’s production module.',
    ],
    0x60e: [
        'ERROR_UNKNOWN_MEASUREMENT',
        'The policy does not allow this image, or no longer.',
        'Run an image of the policy (getVerifier), or propose this one.',
    ],
    0x60f: [
        'ERROR_MALFORMED_CERTIFICATE',
        'A certificate is not as Intel issues them, or is cut in other places than the schema says.',
        'Pack the certificates with packQuote.',
    ],
    0x610: [
        'ERROR_CERTIFICATE_NAME',
        'A certificate is not of the kind that belongs in its place.',
        'Send PCK and platform or processor CA; with TCB info the TCB signing certificate.',
    ],
    0x611: [
        'ERROR_CERTIFICATE_DATES',
        'A certificate has expired, or is not valid yet.',
        'Fetch the certificates anew, and make a new quote.',
    ],
    0x612: [
        'ERROR_CERTIFICATE_REVOKED',
        'A certificate was revoked.',
        'Update the platform and fetch a new PCK certificate.',
    ],
    0x613: [
        'ERROR_UNKNOWN_PLATFORM',
        'The policy has no TCB floor for this kind of platform (FMSPC).',
        'Submit Intel’s TCB info for it first (SubmitTcbInfo).',
    ],
    0x614: [
        'ERROR_TCB_BELOW_FLOOR',
        'The platform is not up to date.',
        'Update firmware, microcode and TDX module, and make a new quote.',
    ],
    0x615: [
        'ERROR_TCB_INFO_LAYOUT',
        'The TCB info is not of version 3 for TDX with an up-to-date first level, or is cut in a place that is read.',
        'Pack it with packTcbInfo, unchanged.',
    ],
    0x616: [
        'ERROR_TCB_INFO_SIGNATURE',
        'The TCB signing key did not sign this TCB info.',
        'Take JSON, signature and certificates as Intel sends them.',
    ],
    0x617: [
        'ERROR_TCB_INFO_DATES',
        'The TCB info, or the floor that it set, has expired or is not valid yet.',
        'Submit the TCB info of now.',
    ],
    0x618: [
        'ERROR_TCB_INFO_OLD',
        'The verifier has a TCB info as new as this one, or a newer one.',
        'Nothing: what it has is good, or submit a newer one.',
    ],
    0x619: [
        'ERROR_BAD_POLICY',
        'The change of the policy has another layout than the schema says, or changes nothing.',
        'Build it with createPolicyChangeCell.',
    ],
    0x61a: [
        'ERROR_POLICY_FULL',
        'The policy holds as many images, platforms or revocations as it can.',
        'Drop one first.',
    ],
    0x701: [
        'ERROR_WRONG_NETWORK',
        "networkId is not the chain's global id.",
        'Deploy with -239 on mainnet, -3 on testnet.',
    ],
    0x702: ['ERROR_FEE_BPS', 'feeBps is above its bound.', 'Choose at most 500 basis points.'],
    0x703: [
        'ERROR_MIN_STAKE',
        'minStake is zero, too large, or more than twice what it is now.',
        'Raise it in steps of at most a factor of two.',
    ],
    0x704: ['ERROR_UNBONDING_PERIOD', 'unbondingPeriod is out of bounds.', 'Choose 1 to 60 days.'],
    0x705: ['ERROR_TIMELOCK_DELAY', 'timelockDelay is out of bounds.', 'Choose 1 to 30 days.'],
    0x706: ['ERROR_PROPOSAL_PENDING', 'A proposal is waiting already.', 'Execute it, cancel it, or let it expire.'],
    0x707: ['ERROR_NO_PROPOSAL', 'Nothing is proposed.', 'Propose it first.'],
    0x708: ['ERROR_TIMELOCK_RUNNING', 'The timelock of the proposal runs.', 'Wait until executableAt.'],
    0x709: ['ERROR_PROPOSAL_EXPIRED', 'The proposal is more than 14 days past its timelock.', 'Propose it again.'],
    0x70a: ['ERROR_PAUSE_WINDOW', 'A pause ends in the past or more than 7 days ahead.', 'Choose at most 7 days.'],
    0x70b: [
        'ERROR_PAUSE_COOLDOWN',
        'A pause runs, or the cool-down after the last one.',
        'Wait until pausableFrom (getRegistry).',
    ],
    0x70c: ['ERROR_CATALOGUE_FULL', 'The catalogue holds as many models as it can.', 'Remove a model first.'],
    0x70d: ['ERROR_UNKNOWN_MODEL', 'The model to remove is not listed.', 'Look it up (getRegistry).'],
    0x70e: ['ERROR_NO_VERIFIER', 'The network has no AttestationVerifier.', 'Propose parameters that name one first.'],
};

/** Exit codes of TVM and of the action phase, and those that Tact's own checks use. */
export const TVM_ERRORS: Readonly<Record<number, Row>> = {
    0: ['SUCCESS', 'No error.', 'Nothing.'],
    1: ['ALTERNATIVE_SUCCESS', 'No error.', 'Nothing.'],
    2: ['STACK_UNDERFLOW', 'A getter was called with too few arguments.', 'Use the wrapper of the same version.'],
    3: ['STACK_OVERFLOW', 'TVM ran out of stack.', 'Report it: no message should do that.'],
    4: ['INTEGER_OVERFLOW', 'A number left its range.', 'Report it: the bounds of the inputs exclude it.'],
    5: ['INTEGER_OUT_OF_RANGE', 'A number does not fit its field.', 'Check the amounts.'],
    6: ['INVALID_OPCODE', 'The code uses an instruction that the chain does not know.', 'Use a current network.'],
    7: ['TYPE_CHECK', 'A value has the wrong type.', 'Use the wrapper of the same version.'],
    8: ['CELL_OVERFLOW', 'Too much for one cell.', 'Send less.'],
    9: [
        'CELL_UNDERFLOW',
        "The message ends before its last field, or the account's code is a library that is not published.",
        "Build it with the wrapper's createXBody; run publishLibraries.",
    ],
    10: ['DICTIONARY', 'A dictionary is malformed.', 'Report it.'],
    11: ['UNKNOWN_METHOD', 'The contract has no such getter.', 'Use the wrapper of the same version.'],
    13: ['OUT_OF_GAS', 'The message did not pay for enough gas.', "Send the wrapper's default value."],
    [-14]: ['OUT_OF_GAS', 'The message did not pay for enough gas.', "Send the wrapper's default value."],
    32: ['ACTION_LIST_INVALID', 'The list of actions is malformed.', 'Report it.'],
    33: ['ACTION_LIST_TOO_LONG', 'More than 255 actions.', 'Report it.'],
    34: ['ACTION_INVALID', 'An action is invalid or not supported.', 'Report it.'],
    35: ['INVALID_SOURCE', 'A message has a wrong source address.', 'Report it.'],
    36: ['INVALID_DESTINATION', 'A message has a destination that does not exist.', 'Check the addresses.'],
    37: ['NOT_ENOUGH_TONCOIN', 'The balance does not cover what was to be sent.', 'Send more value.'],
    38: ['NOT_ENOUGH_EXTRA_CURRENCIES', 'Extra currencies are not used here.', 'Send Toncoin.'],
    39: ['MESSAGE_TOO_LARGE', 'A message does not fit in a cell.', 'Report it.'],
    40: [
        'CANNOT_PROCESS_MESSAGE',
        'Not enough value for a message, or a message that is too large.',
        'Send more value.',
    ],
    41: ['NULL_LIBRARY', 'A library reference is missing.', 'Report it.'],
    42: ['LIBRARY_CHANGE', 'A library could not be changed.', 'Report it.'],
    43: ['LIBRARY_LIMIT', 'A library has too many cells.', 'Report it.'],
    50: ['ACCOUNT_STATE_TOO_LARGE', 'The account would grow beyond its limit.', 'Report it.'],
    128: ['NULL_REFERENCE', 'Something is missing that must be there.', 'Report it.'],
    129: ['INVALID_PREFIX', 'A message or cell begins with the wrong prefix.', "Use the wrapper's createXBody."],
    130: ['UNKNOWN_MESSAGE', 'The contract does not know this message.', 'Check opcode and recipient.'],
    131: ['CONSTRAINTS', "The compiler's own check failed.", 'Report it.'],
    132: ['ACCESS_DENIED', 'The sender may not do this.', 'Send it from the role that the operation names.'],
    133: ['CONTRACT_STOPPED', 'The contract is stopped.', 'Report it: none of these contracts can be.'],
    134: ['INVALID_ARGUMENT', 'An argument is out of its domain.', 'Check the inputs.'],
    135: ['CODE_NOT_FOUND', "A child's code is missing.", 'Report it.'],
    136: ['INVALID_ADDRESS', 'An address is malformed.', 'Pass a standard address of workchain 0.'],
    137: ['MASTERCHAIN_DISABLED', 'Addresses of the masterchain are not supported.', 'Pass an address of workchain 0.'],
};

/**
 * Turns an exit code of a compute phase, or a result code of an action phase, into name, meaning and remedy.
 *
 * @param code - a number as block explorers and emulators show it
 * @returns an explanation in any case; an unknown code is named `UNKNOWN_<code>`
 */
export function explainExitCode(code: number): ExitCodeExplanation {
    const row = CONTRACT_ERRORS[code] ?? TVM_ERRORS[code];
    if (!row) {
        return {
            name: `UNKNOWN_${code}`,
            meaning: `No contract of this market uses exit code ${code}.`,
            remedy: 'Check that the recipient is a contract of this market and of this version.',
        };
    }
    const [name, meaning, remedy] = row;
    return { name, meaning, remedy };
}
