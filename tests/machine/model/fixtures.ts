// Accounts, costs and messages for the specs of the model. Times count from T, amounts are nanoTON.

import { liabilities } from './invariants';
import { judge, type Account, type Cause, type ChannelAccount, type Costs, type Delivery } from './index';
import type { EscrowAccount, Hashes, JobTerms, Message, NetworkParams, Profile, RegistryAccount } from './index';
import type { Send, Signature, Signed, StakeAccount, TillAccount, Verdict } from './index';

export const T = 1_000_000;
export const DAY = 86_400;
export const CLIENT = '0:c1';
export const PROVIDER = '0:0f';
export const OPERATOR = '0:0e';
export const ARBITER = '0:a4';
export const TREASURY = '0:77';
export const GOVERNOR = '0:90';
export const STRANGER = '0:5e';
export const REGISTRY = '0:4e';
export const CLIENT_KEY = 11n;
export const PROVIDER_KEY = 22n;
export const SIGNING_KEY = 33n;
export const LOCK_ID = 900n;
export const OPENED = 500n;

export const hashes: Hashes = {
    escrow: (client, stake, nonce) => `escrow(${client},${stake},${nonce})`,
    stake: (registry, owner) => `stake(${registry},${owner})`,
    till: (stake) => `till(${stake})`,
    jobKey: (escrow, termsHash, openedLt) => BigInt(escrow.length) * 1_000_000n + termsHash * 1000n + openedLt,
    reportData: (_, signingKey, encryptionKey) => signingKey * 1000n + encryptionKey,
    globalId: -3,
};
export const STAKE = hashes.stake(REGISTRY, PROVIDER);
export const TILL = hashes.till(STAKE);
export const ESCROW = hashes.escrow(CLIENT, STAKE, 1n);

const flat: Partial<Record<keyof Costs, bigint>> = {
    settlingEnd: 70n,
    slashingEnd: 60n,
    cancelling: 20n,
    escrowStep: 30n,
    publishing: 50n,
    dust: 8n,
    redeeming: 25n,
    closing: 45n,
    finalizingChannel: 15n,
    channelStep: 12n,
    stakeStep: 16n,
    stakeRent: 100n,
    accepting: 40n,
    acceptance: 35n,
    tillRent: 90n,
    tillStep: 14n,
    settleGas: 5n,
    severalPayoutsGas: 11n,
    registryStep: 10n,
    executing: 13n,
};
export const costs = new Proxy({} as Costs, {
    get: (_, name: keyof Costs) => {
        if (name === 'demandBond') return (bond: bigint) => (bond > 55n ? bond : 55n);
        if (name === 'posting') return ({ price }: { price: bigint }) => price + 400n;
        if (name === 'openingChannel') return (deposit: bigint) => deposit + 300n;
        return () => flat[name] ?? 0n;
    },
});

export const params: NetworkParams = {
    feeBps: 250,
    minStake: 1000n,
    unbondingPeriod: 10 * DAY,
    timelockDelay: 2 * DAY,
    treasury: TREASURY,
    arbiter: ARBITER,
    verifier: null,
};
export const profile: Profile = {
    operator: OPERATOR,
    allowanceCap: 600n,
    signingKey: SIGNING_KEY,
    encryptionKey: 44n,
    hash: 1n,
};
export const terms: JobTerms = {
    hash: 7n,
    price: 10_001n,
    requiredCollateral: 333n,
    tier: 0,
    acceptBy: T + 1000,
    deliverWithin: 3600,
    challengeWindow: 600,
    responseWindow: 7200,
    arbitrationWindow: DAY,
    challengeBond: 41n,
    lateSlashBps: 1000,
    toClientBps: 4000,
    clientKey: CLIENT_KEY,
    arbiter: ARBITER,
};
/** acceptBy + 3600 + 2 * 600 + 7200 + one day + seven days. */
export const LOCK_UNTIL = T + 1000 + 3600 + 1200 + 7200 + DAY + 7 * DAY;
export const party = { settlement: TILL, operator: OPERATOR, owner: PROVIDER };

export const registry: RegistryAccount = {
    kind: 'Registry',
    networkId: -3,
    governor: GOVERNOR,
    salt: 0n,
    version: 4,
    pausedUntil: 0,
    pausableFrom: 0,
    params,
    pendingGovernor: null,
    proposal: null,
    models: new Map(),
};
export const stake: StakeAccount = {
    kind: 'ProviderStake',
    registry: REGISTRY,
    owner: PROVIDER,
    state: 'Registered',
    stake: 1500n,
    unbonding: 0n,
    unlockAt: 0,
    locks: new Map(),
    hotSlashed: 0n,
    record: 0n,
    attemptLt: 0n,
    refusal: 0,
    profile,
    attestedUntil: 0,
    params,
    version: 4,
    pausedUntil: 0,
};
export const uninitEscrow: EscrowAccount = {
    kind: 'JobEscrow',
    client: CLIENT,
    providerStake: STAKE,
    nonce: 1n,
    state: 'Uninit',
    openedLt: 0n,
    lockId: 0n,
    slot: 0,
    deadline: 0,
    lockUntil: 0,
    terms: null,
    party: null,
    submission: null,
};
export const accepted: EscrowAccount = {
    ...uninitEscrow,
    state: 'Accepted',
    openedLt: OPENED,
    lockId: LOCK_ID,
    slot: 3,
    deadline: T + 3600,
    lockUntil: LOCK_UNTIL,
    terms,
    party,
};
export const submission = { amount: 9000n, bond: 0n, demanded: false, resultCommitment: 88n, traceRoot: 99n };
export const submitted: EscrowAccount = { ...accepted, state: 'Submitted', deadline: T + 600, submission };
export const channel: ChannelAccount = {
    kind: 'PaymentChannel',
    client: CLIENT,
    settlement: TILL,
    nonce: 2n,
    state: 'Open',
    openedLt: OPENED,
    clientKey: CLIENT_KEY,
    providerKey: PROVIDER_KEY,
    totalDeposited: 1000n,
    claimed: 200n,
    closesAt: T + DAY,
    closeDelay: 3600,
};
export const till: TillAccount = {
    kind: 'PayoutSettlement',
    providerStake: STAKE,
    version: 4,
    feeBps: 250,
    feesDue: 60n,
    threshold: 0n,
    owner: PROVIDER,
    treasury: TREASURY,
    payees: [],
};

export const addressOf: Record<Account['kind'], string> = {
    Registry: REGISTRY,
    ProviderStake: STAKE,
    JobEscrow: ESCROW,
    PaymentChannel: '0:cc',
    PayoutSettlement: TILL,
};

/** A message to `account` that pays its way out of a balance of `owed` + 1000. */
export function delivered(account: Account, from: string, message: Message, how: Partial<Delivery> = {}): Delivery {
    const value = how.value ?? 1000n;
    return {
        from,
        to: addressOf[account.kind],
        message,
        bounced: false,
        deploys: false,
        balance: liabilities(account) + value,
        now: T,
        lt: LOCK_ID,
        ...how,
        value,
    };
}

export function verdict(account: Account, from: string, message: Message, how: Partial<Delivery> = {}): Verdict {
    return judge(account, delivered(account, from, message, how), costs, hashes);
}

export function causes(given: Verdict): readonly Cause[] {
    return given.outcome === 'refused' ? [...given.causes].sort() : [];
}

export function taken<A extends Account>(_: A, given: Verdict): { next: A; sends: readonly Send[] } {
    if (given.outcome !== 'accepted' || given.next === null) throw new Error(`Not taken: ${causes(given).join()}`);
    return { next: given.next as A, sends: given.sends };
}

export function sent(given: Verdict): { to: string; message: Message; owed: bigint }[] {
    if (given.outcome !== 'accepted') throw new Error(`Not accepted: ${causes(given).join()}`);
    return given.sends.map(({ to, message, owed }) => ({ to, message, owed }));
}

export const q = { queryId: 1n };
export const signed = (by: bigint, over: Signed): Signature => ({ by, over });
